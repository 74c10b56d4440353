// Each control asks for its step again; answers that were opened are remembered, and counted.
const pages = JSON.parse(document.getElementById('data').textContent);
const kept = new Map();
for (const section of document.querySelectorAll('section[data-step]')) {
  const step = section.dataset.step, box = section.querySelector('.figure'), reply = section.querySelector('.reply');
  show(box, pages.figures[step]);
  const at = () => {
    const range = section.querySelector('input[type=range]');
    if (range) return Math.round((range.value - range.min) / range.step);
    const radio = [...section.querySelectorAll('input[type=radio]')];
    if (radio.length) return radio.findIndex((one) => one.checked);
    const [one, other] = section.querySelectorAll('select');
    return one.selectedIndex * other.length + other.selectedIndex;
  };
  let newest = 0;
  section.addEventListener('input', async (event) => {
    const output = section.querySelector('output');
    if (output) output.textContent = event.target.value;
    const turn = ++newest, address = `learn/step?step=${step}&at=${at()}&lang=${document.documentElement.lang}`;
    if (!kept.has(address)) kept.set(address, fetch(address).then((answer) => (answer.ok ? answer.json() : Promise.reject(answer))));
    try {
      const found = await kept.get(address);
      if (turn !== newest) return;
      show(box, found.figure);
      reply.innerHTML = found.reply;
    } catch {
      kept.delete(address);
      if (turn === newest) reply.textContent = pages.unreachable;
    }
  });
}

const ANSWERED = 'mwanda-lesson', answered = new Set();
const store = (change) => { try { return change(localStorage); } catch { return null; } };
for (const key of (store((all) => all.getItem(ANSWERED)) ?? '').split(',').filter(Boolean)) answered.add(key);
const count = () => {
  document.getElementById('progress').value = answered.size;
  document.getElementById('count').textContent = pages.counts[answered.size] ?? '';
  for (const link of document.querySelectorAll('nav.steps a')) link.classList.toggle('done', answered.has(link.dataset.step));
};
for (const details of document.querySelectorAll('details.answer')) {
  details.addEventListener('toggle', () => {
    if (!details.open) return;
    answered.add(details.closest('section').dataset.step);
    store((all) => all.setItem(ANSWERED, [...answered].join()));
    count();
  });
}
count();
const here = new IntersectionObserver((entries) => entries.forEach(({ target, isIntersecting }) => {
  const link = document.querySelector(`nav.steps a[data-step="${target.dataset.step}"]`);
  if (isIntersecting) {
    document.querySelectorAll('nav.steps a').forEach((one) => one.removeAttribute('aria-current'));
    link.setAttribute('aria-current', 'step');
  }
}), { rootMargin: '-30% 0px -60% 0px' });
document.querySelectorAll('section[data-step]').forEach((one) => here.observe(one));
document.getElementById('print').addEventListener('click', () => window.print());
