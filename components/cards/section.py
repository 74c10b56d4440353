"""A section that is nothing but cards: drawing, showing a run, and answering controls follow from its list."""

from collections.abc import Callable
from typing import Any, ClassVar

import gradio as gr

from components.cards import draw
from components.cards.spec import Control, Item, Slide, inside
from components.context import LATEST, Opening, Section, Updates
from components.report.tables import run_files
from mwanda_core.store.report import RunReport


class CardSection(Section):
    """A section is made of it by saying its id, its title and its items; `around` draws them, by default one below the other."""

    items: ClassVar[tuple[Item, ...]]

    @classmethod
    def draw(cls) -> draw.Widgets:
        """Draw the items where the caller stands."""
        return draw.draw(cls.items)

    def filled(self) -> list[Any]:
        """Every widget but the sliders, which stay where they are."""
        sliders = {item.id for item in inside(self.items) if isinstance(item, Slide)}
        return [widget for name, widget in self.widgets.items() if name not in sliders]

    def kept(self) -> list[Any]:
        """The sliders, whose values `fill` is given."""
        return [self.widgets[item.id] for item in inside(self.items) if isinstance(item, Slide)]

    def fill(self, report: RunReport, *kept: Any) -> Updates:
        """Everything for a run."""
        sliders = [item.id for item in inside(self.items) if isinstance(item, Slide)]
        files = run_files(self.context.scratch, report)
        return draw.show(self.items, self.widgets, report, files, dict(zip(sliders, kept, strict=True)))

    def connect(self, opening: Opening) -> None:
        """Each control redraws what reads it."""
        known = draw.controls(self.items)
        inputs = [self.context.shown, *(self.widgets[control.id] for control in known)]
        for control in known:
            widget = self.widgets[control.id]
            event = widget.input if isinstance(control, Control) else widget.change
            outputs = [self.context.banner, *draw.targets(draw.follows(self.items, control.id), self.widgets)]
            gr.on([event], self.context.of_shown(self.change(control.id)), inputs, outputs, **LATEST)

    def change(self, control: str) -> Callable[..., Updates]:
        """What answers a control: a function of the run and of the values of all controls of the section."""
        names = [known.id for known in draw.controls(self.items)]

        def changed(report: RunReport, *values: Any) -> Updates:
            # A menu that was emptied means the first of its choices.
            given = dict(zip(names, values, strict=True))
            first = {c.id: c.first(report) for c in draw.controls(self.items, report) if isinstance(c, Control)}
            stand = first | {name: value for name, value in given.items() if value is not None}
            readers = draw.follows(self.items, control)
            there = [item for item in inside(self.items, report) if item in readers]
            updates: Updates = {}
            for item in there:
                updates |= draw.redraw(item, self.widgets, report, stand)
            return updates

        return changed
