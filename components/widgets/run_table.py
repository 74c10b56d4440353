"""The table of runs: an HTML element with a few lines of script. Filtering and ordering happen in the browser; ticking, opening and writing a
name, tags or a note are the events `select`, `click` and `submit`, whose data are `chosen`, `run`, and `run`, `field`, `text`.

The value is JSON: what the columns are called, and a row for each run. Texts become text nodes, never markup.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

_TEMPLATE = '<div class="mw-runs"></div>'

_SCRIPT = """
const make = (tag, given = {}, ...inner) => { const one = Object.assign(document.createElement(tag), given); one.append(...inner); return one; };
const state = { filter: '', order: '', down: false };
const draw = () => {
  const home = element.querySelector('.mw-runs');
  if (!home || !props.value) return;
  const { columns, texts, rows, chosen, colours, shown, editable } = JSON.parse(props.value);
  const held = document.activeElement?.closest?.('.mw-runs-filter') ? document.activeElement.selectionStart : -1;
  const words = state.filter.toLowerCase().split(/\\s+/).filter(Boolean);
  const seen = rows.filter((row) => words.every((word) => row.search.includes(word)));
  if (state.order) seen.sort((a, b) => {
    const [x, y] = [a.sort[state.order] ?? a.cells[state.order], b.sort[state.order] ?? b.cells[state.order]];
    return (x < y ? -1 : x > y ? 1 : 0) * (state.down ? -1 : 1);
  });
  const alike = (key) => seen.length > 1 && seen.every((row) => row.cells[key] === seen[0].cells[key]);
  const head = make('tr', {}, make('th', { scope: 'col' }, make('span', { className: 'mw-unseen', textContent: texts.choose })));
  for (const [key, title] of Object.entries(columns)) {
    const button = make('button', { textContent: title, type: 'button', onclick: () => {
      state.down = state.order === key && !state.down; state.order = key; draw();
    } });
    head.append(make('th', { scope: 'col', ariaSort: state.order === key ? (state.down ? 'descending' : 'ascending') : 'none' }, button));
  }
  const body = make('tbody');
  for (const row of seen) {
    const place = chosen.indexOf(row.id);
    const box = make('input', { type: 'checkbox', checked: place >= 0, disabled: place < 0 && chosen.length >= colours.length,
      ariaLabel: `${texts.choose}: ${row.cells.title}`, onchange: () => trigger('select', {
        chosen: box.checked ? [...chosen, row.id] : chosen.filter((id) => id !== row.id) }) });
    const line = make('tr', { className: row.id === shown ? 'mw-here' : '' }, make('td', {}, box));
    for (const key of Object.keys(columns)) {
      const cell = make('td', { className: alike(key) ? 'mw-alike' : '' });
      if (key === 'title') {
        const dot = make('span', { className: 'mw-dot', ariaHidden: 'true' });
        if (place >= 0) dot.style.background = colours[place];
        cell.append(dot, make('button', { className: 'mw-open-run', type: 'button', textContent: row.cells.title, title: texts.open,
          onclick: () => trigger('click', { run: row.id }) }));
      } else if (editable && row.own && ['name', 'tags', 'note'].includes(key)) {
        const field = make('input', { value: row.cells[key] ?? '', ariaLabel: `${columns[key]}: ${row.cells.title}`,
          onchange: () => trigger('submit', { run: row.id, field: key, text: field.value }) });
        cell.append(field);
      } else if (key === 'made' && row.cells.made) {
        const at = new Date(row.cells.made);
        cell.textContent = isNaN(at) ? '' : at.toLocaleString(document.documentElement.lang || 'en', { dateStyle: 'short', timeStyle: 'short' });
      } else cell.textContent = row.cells[key] ?? '';
      line.append(cell);
    }
    body.append(line);
  }
  const filter = make('input', { type: 'search', className: 'mw-runs-filter', placeholder: texts.filter, ariaLabel: texts.filter, value: state.filter,
    oninput: () => { state.filter = filter.value; draw(); } });
  const none = seen.length ? [] : [make('p', { textContent: texts.none })];
  const table = make('div', { className: 'mw-runs-scroll', tabIndex: 0, role: 'group', ariaLabel: texts.table }, make('table', {}, make('thead', {}, head), body));
  home.replaceChildren(filter, table, ...none);
  if (held >= 0) { filter.focus(); filter.setSelectionRange(held, held); }
};
watch('value', draw);
draw();
"""


def run_table(name: str, label: str) -> gr.HTML:
    """An empty table of runs where the caller stands."""
    return gr.HTML("", html_template=_TEMPLATE, js_on_load=_SCRIPT, elem_id=name, label=label)


def value_of(
    columns: Mapping[str, str],
    rows: Sequence[Mapping[str, Any]],
    texts: Mapping[str, str],
    colours: Sequence[str],
    chosen: Sequence[str] = (),
    shown: str = "",
    editable: bool = False,
) -> str:
    """The widget's value. columns: key -> heading. rows: each with its `id`, `cells` by column, `sort` values where a cell's text does not
    order, and whether it is the visitor's `own` to write on. colours: of the chosen, in their order, and how many may be."""
    found = [{**row, "sort": row.get("sort", {}), "search": " ".join(map(str, row["cells"].values())).lower()} for row in rows]
    given = {"columns": columns, "texts": texts, "rows": found, "chosen": chosen, "colours": colours, "shown": shown}
    return json.dumps({**given, "editable": editable}, ensure_ascii=False)
