// Slider, switch and menu: the dots move, the axis stays.
const told = JSON.parse(document.getElementById('data').textContent);
const [slider, menu] = ['sparsity', 'language'].map((id) => document.getElementById(id));
const all = Object.values(told.times).flatMap((one) => Object.values(one).flat());
const span = [Math.log10(Math.min(0.9, ...all) * 0.97), Math.log10(Math.max(...all) * 1.15)];
const ticks = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 1e4, 1e5].filter((one) => Math.log10(one) < span[1]);
const rows = told.rows.map((_, at) => at);

function update() {
  const percent = slider.value, recipe = document.querySelector('input[name=recipe]:checked').value, code = menu.value;
  const chosen = told.times[recipe][percent], { colour } = told.recipes[recipe];
  const stems = rows.map((row) => ({ type: 'scatter', mode: 'lines', x: [1, chosen[row]], y: [row, row], line: { color: colour, width: 2 }, showlegend: false }));
  const dots = Object.entries(told.recipes).sort(([one]) => (one === recipe ? 1 : -1)).map(([name, look]) => ({
    type: 'scatter', mode: 'markers', x: told.times[name][percent], y: rows, name: look.label, text: told.rows,
    marker: { color: look.colour, symbol: look.symbol, size: name === recipe ? 13 : 9, opacity: name === recipe ? 1 : 0.6 },
    hovertemplate: '%{text}: %{x:.3g}<extra>' + look.label + '</extra>',
  }));
  show(document.getElementById('figure'), {
    data: [...stems, ...dots],
    layout: {
      height: rows.length * (innerWidth > 800 ? 42 : 25) + 80, showlegend: false, separators: told.separators,
      xaxis: { type: 'log', range: span, tickvals: ticks, ticktext: ticks.map((one) => said(one, ',g', told.separators)), title: { text: told.axis } },
      yaxis: { tickvals: rows, ticktext: told.rows, range: [rows.length - 0.4, -0.6], title: { text: ' ' } },
      shapes: [{ type: 'line', x0: 1, x1: 1, y0: 0, y1: 1, yref: 'y domain', line: { color: '#9ca3af', width: 1, dash: 'dot' } }],
    },
  });
  document.querySelector('output').textContent = told.percent[percent];
  slider.setAttribute('aria-valuetext', told.percent[percent]);
  document.querySelector('.reply').textContent = told.sentences[recipe][percent];
  const texts = { opening: `${told.prompts[code]} …`, 'dense span': told.dense[code], 'pruned span': told.texts[recipe][percent][code] };
  for (const [place, text] of Object.entries(texts)) {
    const part = document.querySelector(`.writing .${place}`);
    part.lang = code;
    part.textContent = text;
  }
}
document.querySelector('main').addEventListener('input', update);
update();
