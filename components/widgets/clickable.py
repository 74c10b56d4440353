"""A figure whose cells can be clicked: Gradio's own plot tells nobody where it was clicked.

The widget is an HTML element with a few lines of script. It draws with the plotly.js that comes with the installed plotly package,
served from this machine and fetched when the first such figure becomes visible; Gradio keeps its own copy for all others. The
value is the figure and what is said of it, as JSON. A click is the event `select`, whose data are the `x`, `y` and `custom` data of the cell.
"""

import functools
import json
from pathlib import Path
from typing import Any

import gradio as gr
import plotly

from components.i18n import words

LIBRARY = Path(plotly.__file__).resolve().parent / "package_data" / "plotly.min.js"

_TEMPLATE = '<div class="mw-click" role="group"></div>'

_SCRIPT = """
const source = new URL('gradio_api/file=__LIBRARY__', (window.gradio_config?.root ?? document.baseURI).replace(/[/]*$/, '/')).href;
const library = () => window.mwPlotly ??= new Promise((done, failed) => {
  const before = window.Plotly, script = document.createElement('script');
  script.onload = () => { const own = window.Plotly; if (before) window.Plotly = before; done(own); };
  script.onerror = failed;
  script.src = source;
  document.head.appendChild(script);
});
let shown = null;
const place = () => element.querySelector('.mw-click');
const draw = async () => {
  const home = place(), text = props.value;
  if (!home || !home.offsetWidth || !text || (text === shown && home.data)) return;
  shown = text;
  const { figure, described, failed } = JSON.parse(text);
  home.setAttribute('aria-label', described);
  home.style.height = figure.layout.height + 'px';
  let own;
  try { own = await library(); } catch { home.textContent = failed; home.style.height = 'auto'; return; }
  if (shown !== text || !home.isConnected) return;
  await own.react(home, figure.data, figure.layout, { responsive: false, displaylogo: false, displayModeBar: false });
  if (home.mwListens) return;
  home.mwListens = true;
  home.on('plotly_click', event => {
    const point = event.points[0];
    trigger('select', { x: point.x, y: point.y, custom: point.customdata ?? null });
  });
};
let width = 0;
new ResizeObserver(async () => {
  const home = place();
  if (!home || !home.offsetWidth || home.offsetWidth === width) return;
  width = home.offsetWidth;
  await draw();
  if (home.data) (await library()).Plots.resize(home);
}).observe(element);
watch('value', draw);
draw();
"""


def clickable(name: str, label: str) -> gr.HTML:
    """An empty clickable figure where the caller stands."""
    _serve()
    script = _SCRIPT.replace("__LIBRARY__", LIBRARY.as_posix())
    return gr.HTML("", html_template=_TEMPLATE, js_on_load=script, elem_id=f"plot-{name}", label=label)


@functools.cache
def _serve() -> None:
    gr.set_static_paths([LIBRARY])


def value_of(figure: Any, described: str) -> str:
    """A plotly figure as the widget's value. `described`: what it shows, and what does the same without a mouse."""
    return json.dumps({"figure": json.loads(figure.to_json()), "described": described, "failed": words.CLICK_FAILED})
