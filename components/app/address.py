"""The address names what is seen, the run and the section, so that it can be sent on, reloaded, and gone back to.

All of it happens in the browser, which alone knows its address: `SCRIPT` opens the section that an address names and writes down the one
that is opened, an unseen element writes down the run that is shown,
and asks for the one that the visitor goes back to.
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
  let moving = 0;
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
  window.mwShown = () => write({ run: window.mwRun });
  window.addEventListener('popstate', () => {
    open(asked());
    const run = query().get('run') ?? '';
    if (run !== window.mwRun) window.mwAsk?.(run);
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

_RUN = """
const told = () => { window.mwRun = props.value === '__EXAMPLE__' ? '' : props.value || ''; window.mwShown?.(); };
window.mwAsk = (run) => trigger('select', { run });
watch('value', told);
told();
"""


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
    # A state alone never reaches the browser, and an element without a script hears nothing from it.
    told = gr.HTML(
        "", html_template="<span></span>", js_on_load=_RUN.replace("__EXAMPLE__", EXAMPLE), visible="hidden", elem_id="told-run"
    )

    def asked(event: gr.EventData) -> str:
        return str(event.run) or (EXAMPLE if context.store.has_example() else "")

    context.shown.change(lambda run: run, context.shown, told, **PRIVATE)
    told.select(asked, None, context.shown, **PRIVATE)
