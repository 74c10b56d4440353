"""What each method costs and what it is worth, from the comparison that ships with the page; it belongs to no run."""

import dataclasses

import gradio as gr

from components import figures
from components.context import LATEST, Opening, Section, Updates
from components.i18n import words
from components.sections.methods import table

WIDTHS = (180, 75, 105, 65, 105, 85, 80, 120, 80, 65)
"""Pixels of the columns of `words.WORTH_COLUMNS`: all of them fit beside the left column of a usual screen."""


@dataclasses.dataclass(frozen=True)
class Widgets:
    """What the tab is made of."""

    setting: gr.Radio
    measure: gr.Radio
    plot: gr.Plot
    table: gr.Dataframe
    case: gr.Dropdown
    guards: gr.Plot


class Methods(Section):
    """Every method of the catalogue side by side."""

    id, title = "methods", "TAB_WORTH"
    widgets: Widgets

    @classmethod
    def draw(cls) -> Widgets:
        """Draw the tab where the caller stands, filled: the comparison is part of the installation."""
        facts, rows = table.read(table.METHODS_FILE)
        settings = table.settings_of(rows)
        there = bool(settings)
        gr.Markdown(words.WORTH_HEADING)
        gr.Markdown(words.WORTH_HELP if there else words.WORTH_ABSENT, elem_id="worth-help")
        gr.Markdown(words.WORTH_PARTIAL, visible=bool(facts.get("partial")))
        first = settings[0] if there else None
        with gr.Row(visible=there):
            setting = gr.Radio(
                [(words.WORTH_SETTINGS.get(name, name), name) for name in settings], value=first, label=words.WORTH_SETTING,
                elem_id="worth-setting", min_width=260,
            )  # fmt: skip
            measure = gr.Radio(
                [(text, name) for name, text in words.WORTH_MEASURES.items()], value="mean", label=words.WORTH_MEASURE,
                elem_id="worth-measure", min_width=260,
            )  # fmt: skip
        part = table.at(rows, first)
        figure = gr.Plot(
            figures.worth_scatter(part), label=words.plot_description(words.WORTH_HEADING.strip("# ")), show_label=False, container=False,
            visible=there, elem_id="plot-worth",
        )  # fmt: skip
        gr.Markdown(words.WORTH_FIGURE_HELP, visible=there)
        numbers = gr.Dataframe(
            table.readable(part), interactive=False, max_height=620, show_label=False, label=words.WORTH_TABLE, visible=there,
            column_widths=list(WIDTHS), elem_id="table-worth", elem_classes=["mw-table"],
        )  # fmt: skip
        gr.Markdown(words.worth_facts(facts), visible=there, elem_id="worth-facts")
        return Widgets(setting, measure, figure, numbers, *_draw_guards())

    def connect(self, opening: Opening) -> None:
        """Both controls draw the figure and the table again; so does another language."""
        ours = self.widgets
        controls, shown = [ours.setting, ours.measure], [ours.plot, ours.table]
        gr.on([ours.setting.input, ours.measure.input], self.change, controls, shown, **LATEST)
        self.context.redrawn.events.append((self.change, controls, shown))
        ours.case.input(self.guard, ours.case, ours.guards, **LATEST)
        self.context.redrawn.events.append((self.guard, [ours.case], [ours.guards]))

    def guard(self, case: str | None) -> Updates:
        """Another case of the curve of guards."""
        return {self.widgets.guards: figures.guard_curve(table.case_of(table.read_guards()[1], case))}

    def change(self, setting: str | None, measure: str) -> Updates:
        """Another setting, or another judge."""
        _, rows = table.read(table.METHODS_FILE)
        part = table.at(rows, setting)
        return {self.widgets.plot: figures.worth_scatter(part, measure), self.widgets.table: table.readable(part)}


def _draw_guards() -> tuple[gr.Dropdown, gr.Plot]:
    facts, rows = table.read_guards()
    cases = table.cases(rows)
    gr.Markdown(f"{words.GUARD_HEADING}\n{words.GUARD_HELP if cases else words.GUARD_ABSENT}", elem_id="guard-help")
    first = cases[0][1] if cases else None
    case = gr.Dropdown(cases, value=first, label=words.GUARD_SHOW, visible=bool(cases), elem_id="guard-case")
    plot = gr.Plot(
        figures.guard_curve(table.case_of(rows, first)), label=words.plot_description(words.GUARD_HEADING.strip("# ")), show_label=False,
        container=False, visible=bool(cases), elem_id="plot-guards",
    )  # fmt: skip
    gr.Markdown(words.GUARD_FACTS.format(command=facts.get("command", "")), visible=bool(cases))
    return case, plot
