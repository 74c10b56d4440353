"""The tab that asks studies of a model by themselves. It knows none of them: menu, knobs, job, figures and tables follow from the
table of studies (`mwanda_core.studies`), other packages' included."""

import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import gradio as gr
import pandas as pd

from components.context import LATEST, UNCHECKED, Opening, Section, Updates
from components.engine import importing
from components.figures import described
from components.form.form import make_request, to_settings
from components.i18n import words
from components.i18n.names import renamed
from components.jobs.panel import JobPanel, buttons
from components.jobs.study import KIND, StudyAsked
from components.sections.labs import forget, sentences
from components.widgets.inputs import FigureAndTable, figure_and_table, filled
from mwanda_core.parts.knobs import Knob
from mwanda_core.studies import STUDIES, TableSpec, study, study_with
from mwanda_core.studies.base import describe

MOST_TABLES = 10
"""Cards kept ready for the tables of a study; a test checks that every study fits."""


@dataclasses.dataclass(frozen=True)
class Card:
    """One table of a study: what it is and what its columns hold, its figure, itself, its file."""

    body: gr.Column
    text: gr.Markdown
    shown: FigureAndTable


@dataclasses.dataclass(frozen=True)
class Widgets:
    """What the tab is made of. knobs: study -> the column of its knobs, and the widget of each by its name."""

    which: gr.Dropdown
    about: gr.Markdown
    knobs: dict[str, tuple[gr.Column, dict[str, Any]]]
    job: JobPanel
    notes: gr.Markdown
    cards: tuple[Card, ...]
    forget: forget.ForgetCard
    sentences: sentences.SentenceCard


def _knob(study_name: str, knob: Knob) -> Any:
    place: dict[str, Any] = {
        "label": words.knob_label(knob.name, knob.unit),
        "info": words.library(knob.help),
        "elem_id": f"lab-{study_name}-{knob.name}",
    }
    if knob.choices:
        return gr.Dropdown([(words.choice_label(name), name) for name in knob.choices], value=knob.default, **place)
    if knob.low is None or knob.high is None:
        return gr.Textbox(str(knob.default), max_lines=1, **place)
    return gr.Slider(knob.low, knob.high, value=knob.default, step=knob.step, **place)


def _about(name: str) -> str:
    """What a study says of itself."""
    entry = describe(STUDIES[name])
    source = words.LABS_SOURCE.format(source=entry.source, cost=words.library(entry.cost))
    return f"**{words.library(entry.question)}** {words.library(entry.summary)}\n\n{source}"


class Labs(Section):
    """One study at a time, on the model and the texts of the form."""

    id, title = "labs", "TAB_LABS"
    widgets: Widgets

    @classmethod
    def draw(cls) -> Widgets:
        """Draw the tab where the caller stands."""
        gr.Markdown(words.LABS_HELP)
        first = next(iter(STUDIES))
        which = gr.Dropdown(
            [(words.library(STUDIES[name].title), name) for name in STUDIES],
            value=first,
            label=words.LABS_STUDY,
            elem_id="lab-study",
        )
        about = gr.Markdown(_about(first), elem_id="lab-about")
        knobs = {}
        for name, kind in STUDIES.items():
            with gr.Column(visible=name == first) as column:
                knobs[name] = column, {knob.name: _knob(name, knob) for knob in describe(kind).knobs}
        job = buttons("lab", words.LABS_START, log=words.LOG)
        notes = gr.Markdown(visible=False, elem_id="lab-notes")
        cards = tuple(_draw_card(number) for number in range(MOST_TABLES))
        return Widgets(which, about, knobs, job, notes, cards, forget.draw(), sentences.draw())

    def connect(self, opening: Opening) -> None:
        """The menu shows a study's knobs; the button asks it."""
        ours, context = self.widgets, self.context
        forget.connect(ours.forget, context)
        sentences.connect(ours.sentences, context)
        columns = [column for column, _ in ours.knobs.values()]
        bodies = [card.body for card in ours.cards]
        chosen = [ours.about, ours.notes, *columns, *bodies]
        ours.which.input(self.choose, ours.which, chosen, **LATEST)
        context.redrawn.events.append((lambda name: {ours.about: _about(name)}, ours.which, [ours.about]))
        values = {*context.form.inputs, ours.which, *(widget for _, own in ours.knobs.values() for widget in own.values())}
        results = [ours.notes, *bodies, *(widget for card in ours.cards for widget in _of_card(card))]
        ours.job.starts[0].click(self.start, values, ours.job.outputs, **UNCHECKED).then(
            self.follow, [ours.job.job, ours.which], [*ours.job.shown, *results], concurrency_limit=None, **UNCHECKED
        )
        ours.job.cancel.click(lambda job: ours.job.stop(context.compute, job), ours.job.job, ours.job.cancel, **UNCHECKED)

    def choose(self, name: str) -> Updates:
        """Another study: its knobs and its words; what the one before it found goes."""
        ours = self.widgets
        return {
            ours.about: _about(name),
            ours.notes: gr.update(visible=False),
            **{column: gr.update(visible=key == name) for key, (column, _) in ours.knobs.items()},
            **{card.body: gr.update(visible=False) for card in ours.cards},
        }

    def start(self, values: Updates) -> Updates:
        """Ask the study, or say why it cannot be asked."""
        ours = self.widgets

        def request() -> dict[str, Any]:
            name = values[ours.which]
            asked = study_with(name, [f"{knob}={values[widget]}" for knob, widget in ours.knobs[name][1].items()])
            settings = to_settings(make_request(self.context.form.read(values)))
            with importing():
                asked.check(settings)
            from mwanda_core.studies import text_of

            return {"kind": KIND.name, "study": text_of(asked), "settings": settings.to_dict()}

        return ours.job.begin(self.context.compute, request)

    async def follow(self, job: str, name: str) -> AsyncIterator[Updates]:
        """Until the job ends; then what was found, unless another study is looked at by now."""

        def done(result: StudyAsked) -> Updates:
            return self.show(result) if result.name == name else {}

        async for updates in self.widgets.job.follow(self.context.compute, job, done):
            yield updates

    def show(self, result: StudyAsked) -> Updates:
        """A card for each table that was found, in the order in which the study names them."""
        ours, tables = self.widgets, result.found.tables
        specs = [spec for spec in study(result.name).tables if spec.name in tables]
        notes = "\n".join(f"- {words.library(note)}" for note in result.found.notes)
        updates: Updates = {ours.notes: gr.update(value=notes, visible=bool(notes))}
        for number, card in enumerate(ours.cards):
            if number < len(specs):
                updates |= self._fill(card, result.name, specs[number], tables[specs[number].name])
            else:
                updates[card.body] = gr.update(visible=False)
        return updates

    def _fill(self, card: Card, name: str, spec: TableSpec, table: pd.DataFrame) -> Updates:
        drawn = spec.drawn != "table"
        columns = "\n".join(f"- `{column}`: {words.library(meaning)}" for column, meaning in spec.columns.items())
        figure = described(spec, table) if drawn else None
        file = self.context.scratch.csv(f"{name}-{spec.name}", table)
        return {
            card.body: gr.update(visible=True),
            card.text: f"### {words.library(spec.title)}\n{columns}",
            **filled(card.shown, gr.update(value=figure, visible=drawn), readable(table), file),
        }


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """The table with four significant digits; the file has them all."""
    found = renamed(table).copy()
    for column in found.select_dtypes("float"):
        found[column] = found[column].map(lambda value: float(f"{value:.4g}"))
    return found


def _draw_card(number: int) -> Card:
    with gr.Column(visible=False, elem_id=f"lab-card-{number}") as body:
        text = gr.Markdown()
        return Card(body, text, figure_and_table(f"lab-{number}", words.TAB_LABS))


def _of_card(card: Card) -> list[Any]:
    return [card.text, card.shown.plot, card.shown.table, card.shown.download]
