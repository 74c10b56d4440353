"""The address names what is seen, the run and the section, so that it can be sent on, reloaded, and gone back to.

All of it happens in the browser, which alone knows its address: `SCRIPT` opens the section that an address names and writes down the one
that is opened, `SHOWN` writes down the run that is shown. Going back to another run is asked for in an unseen box.
"""

import json

import gradio as gr

from components.app.sections import GROUPS
from components.context import PRIVATE, PageContext
from components.store import EXAMPLE

_SCRIPT = """() => {
  const paths = __PATHS__, first = Object.keys(paths)[0];
  const query = () => new URLSearchParams(location.search);
  const button = (id) => [...document.querySelectorAll(`[id="${id}-button"]`)].find((one) => one.offsetParent);
  let moving = 0, shown = '';
  const open = async (section) => {
    moving++;
    for (const id of paths[section] ?? []) {
      for (let wait = 0; wait < 200 && !button(id); wait++) await new Promise((go) => setTimeout(go, 50));
      if (button(id)?.getAttribute('aria-selected') === 'false') button(id).click();
    }
    moving--;
  };
  const write = (changes, replace) => {
    const now = query();
    for (const [name, value] of Object.entries(changes)) value ? now.set(name, value) : now.delete(name);
    const next = location.pathname + (now.size ? '?' + now.toString().replace(/%2C/g, ',') : '') + location.hash;
    if (next !== location.pathname + location.search + location.hash) history[replace ? 'replaceState' : 'pushState'](null, '', next);
  };
  const asked = () => query().get('section') ?? (query().has('compare') ? 'compare' : first);
  window.mwShown = (run) => { shown = run; write({ run }); };
  window.addEventListener('popstate', () => {
    open(asked());
    const run = query().get('run') ?? '', box = document.querySelector('#asked-run textarea, #asked-run input');
    if (!box || run === shown) return;
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(box), 'value').set.call(box, run);
    box.dispatchEvent(new Event('input', { bubbles: true }));
  });
  document.addEventListener('click', (event) => {
    const tab = event.target.closest?.('[role="tab"]');
    if (moving || !tab || !/^(group|section)-/.test(tab.id)) return;
    setTimeout(() => {
      const selected = (kind) => [...document.querySelectorAll(`[role="tab"][id^="${kind}-"][aria-selected="true"]`)].find((one) => one.offsetParent);
      const ids = [selected('group'), selected('section')].filter(Boolean).map((one) => one.id.replace(/-button$/, ''));
      const section = Object.keys(paths).find((name) => paths[name].join() === ids.join());
      if (section) write({ section: section === first && !query().has('compare') ? '' : section });
    }, 60);
  });
  if (asked() !== first) open(asked());
}"""

SHOWN = f"(run) => {{ window.mwShown?.(run === '{EXAMPLE}' ? '' : run); return []; }}"


def script() -> str:
    """What the page does as it opens: paths are the ids of the tabs that lead to each section."""
    paths = {
        section.id: [f"group-{group.id}", *([f"section-{section.id}"] if len(group.sections) > 1 else [])]
        for group in GROUPS
        for section in group.sections
    }
    return _SCRIPT.replace("__PATHS__", json.dumps(paths))


def connect(context: PageContext) -> None:
    """Write down the run that is shown, and show the one that the visitor goes back to. Called inside the Blocks."""
    box = gr.Textbox(visible="hidden", elem_id="asked-run")
    context.shown.change(None, context.shown, None, js=SHOWN, **PRIVATE)
    box.input(lambda run: run or (EXAMPLE if context.store.has_example() else ""), box, context.shown, **PRIVATE)
