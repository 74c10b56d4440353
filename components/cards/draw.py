"""The widgets of a specification of cards, and what they show of a run."""

from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from components.cards.spec import Card, Control, Fold, Group, Heading, Item, Note, Row, Slide, Tabs, inside
from components.i18n import words
from components.widgets.inputs import absent, figure_and_table, plot
from mwanda_core.store.report import RunReport

Widgets = dict[str, Any]
"""The id of an element -> its widget."""
Updates = dict[Any, Any]


def draw(items: Sequence[Item]) -> Widgets:
    """Draw items where the caller stands, one below the other."""
    found: Widgets = {}
    for item in items:
        found |= _drawn(item)
    return found


def _drawn(item: Item) -> Widgets:
    if isinstance(item, Heading):
        gr.Markdown(item.mark + "\n".join(getattr(words, key) for key in item.keys))
        return {}
    if isinstance(item, Row):
        with gr.Row():
            return draw(item.items)
    if isinstance(item, Fold):
        with gr.Accordion(getattr(words, item.title), open=False):
            return draw(item.items)
    if isinstance(item, Tabs):
        return _tabs(item)
    if isinstance(item, Group):
        with absent(item.id, item.absent()) as place:
            found = draw(item.items)
        return {f"absent-{item.id}": place.absent, f"part-of-{item.id}": place.body, **found}
    if isinstance(item, Note):
        return {item.id: _note(item)}
    return _card(item) if isinstance(item, Card) else {item.id: _control(item)}


def _tabs(item: Tabs) -> Widgets:
    found: Widgets = {}
    with gr.Tabs(overflow_behavior="wrap", elem_classes=["mw-sections"]):
        for title, items in item.tabs:
            with gr.Tab(title()):
                found |= draw(items)
    return found


def _note(item: Note) -> Any:
    if item.kind == "html":
        return gr.HTML(item.empty(), elem_id=item.id)
    if item.kind == "python":
        label = getattr(words, item.label)
        return gr.Code(language="python", interactive=False, show_label=False, label=label, elem_id=item.id)
    return gr.Markdown(item.empty(), elem_id=item.id)


def _control(item: Control | Slide) -> Any:
    label = getattr(words, item.label)
    if isinstance(item, Slide):
        info = getattr(words, item.info)
        return gr.Slider(item.low, item.high, value=item.start, step=item.step, label=label, info=info, elem_id=item.id)
    kind = gr.Dropdown if item.menu else gr.Radio
    return kind(item.offered(None), value=item.first(None), label=label, elem_id=item.id, min_width=220)


def _card(card: Card) -> Widgets:
    if card.table is None:
        return {f"plot-{card.id}": plot(card.id, card.name)}
    shown = figure_and_table(card.id, card.name)
    return {f"plot-{card.id}": shown.plot, f"table-{card.id}": shown.table, f"csv-{card.id}": shown.download}


def controls(items: Sequence[Item], report: RunReport | None = None) -> list[Control | Slide]:
    """Every control of items."""
    return [item for item in inside(items, report) if isinstance(item, Control | Slide)]


def show(
    items: Sequence[Item], widgets: Widgets, report: RunReport, files: Mapping[str, str], kept: Mapping[str, Any]
) -> Updates:
    """Everything for a run. files: table -> its CSV file. kept: id of a slider -> where it stands."""
    updates: Updates = {}
    values = dict(kept)
    for group in (item for item in inside(items, report) if isinstance(item, Group)):
        there = group.there(report)
        updates[widgets[f"absent-{group.id}"]] = gr.update(visible=not there and bool(group.absent()))
        updates[widgets[f"part-of-{group.id}"]] = gr.update(visible=there)
    for control in controls(items, report):
        if isinstance(control, Control):
            values[control.id] = control.first(report)
            known: dict[str, Any] = {} if isinstance(control.choices, str) else {"choices": control.offered(report)}
            updates[widgets[control.id]] = gr.update(value=values[control.id], **known)
    for item in inside(items, report):
        updates |= redraw(item, widgets, report, values, True)
        if isinstance(item, Card) and item.csv:
            path = files.get(item.csv if isinstance(item.csv, str) else item.csv(report))
            updates[widgets[f"csv-{item.id}"]] = gr.update(value=path, interactive=path is not None)
    return updates


def redraw(item: Item, widgets: Widgets, report: RunReport, values: Mapping[str, Any], whole: bool = False) -> Updates:
    """One card or note at these values of its controls. whole: also a table that does not follow them."""
    if not isinstance(item, Card | Note) or (isinstance(item, Card) and not item.there(report)):
        return {}
    chosen = [values[name] for name in item.reads]
    if isinstance(item, Note):
        return {widgets[item.id]: item.write(report, *chosen)}
    updates = {widgets[f"plot-{item.id}"]: item.figure(report, *chosen)}
    if item.table is not None and (whole or item.table_reads):
        updates[widgets[f"table-{item.id}"]] = item.table(report, *(chosen if item.table_reads else ()))
    return updates


def follows(items: Sequence[Item], control: str) -> list[Card | Note]:
    """What reads a control."""
    return [item for item in inside(items) if isinstance(item, Card | Note) and control in item.reads]


def targets(items: Sequence[Card | Note], widgets: Widgets) -> list[Any]:
    """The widgets that redrawing items changes."""
    found = []
    for item in items:
        if isinstance(item, Note):
            found.append(widgets[item.id])
        else:
            found.append(widgets[f"plot-{item.id}"])
            found += [widgets[f"table-{item.id}"]] if item.table_reads else []
    return found
