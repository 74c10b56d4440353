"""What a section of the page may know: the runs, the places where work is done, the form, and which run is shown. It knows no section.

A section is one tab: a class that says its name, draws itself, and, made with a context and what it drew, connects its events. Its
methods are the callbacks; tests call them without a browser.
"""

import abc
import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, ClassVar

import gradio as gr

from components.cards.spec import Item
from components.environment import shared_server
from components.form.panel import FormPanel
from components.form.run_panel import RunPanel
from components.i18n import words
from components.jobs.compute import Compute
from components.jobs.kind import RunSaved
from components.jobs.panel import JobPanel
from components.scratch import Scratch
from components.store import RunStore
from mwanda_core.errors import InputError
from mwanda_core.store.report import RunReport

Updates = dict[Any, Any]
"""Widget -> its new value or `gr.update`; widgets that are not named stay as they are."""

PRIVATE: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
UNCHECKED: dict[str, Any] = {**PRIVATE, "preprocess": False}
"""For events on menus and sliders that other events fill: a value that was right when it was sent may lie outside a menu when it arrives.
Values are taken as they are, and what cannot be read is said."""
LATEST: dict[str, Any] = {**PRIVATE, "trigger_mode": "always_last"}


@dataclasses.dataclass(frozen=True)
class Redrawn:
    """What must be done anew when the visitor reads another language, noted while sections are connected.

    events: callback, inputs, outputs. menus: what a callback reads, and the callback, which goes with the page's own texts.
    """

    events: list[tuple[Callable[..., Any], Any, Any]] = dataclasses.field(default_factory=list)
    menus: list[tuple[Sequence[Any], Callable[[Updates], Updates]]] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class PageContext:
    """The page without its sections.

    compute: where models are pruned, one job at a time. quick: a worker for what reads files only, so that nobody's run waits for
    it. button: what starts a run of the form, and says what it would cost. run: its job. shown: the run whose figures are asked for. drawn: the same, once they are there: what takes longer
    begins with it. cards: every card of the page. previews: the sections that draw a run before it is finished.
    """

    demo: gr.Blocks
    form: FormPanel
    button: RunPanel
    run: JobPanel
    banner: gr.Markdown
    earlier: gr.Dropdown
    shown: gr.State
    drawn: gr.State
    store: RunStore
    compute: Compute
    quick: Compute
    scratch: Scratch
    cards: tuple[Item, ...] = ()
    previews: "dict[str, Section]" = dataclasses.field(default_factory=dict)
    redrawn: Redrawn = dataclasses.field(default_factory=Redrawn)

    @property
    def nothing(self) -> Updates:
        """Changes nothing: an empty answer is none that Gradio takes."""
        return {self.banner: gr.skip()}

    def report(self, run_id: str) -> RunReport | None:
        """A run; None, and a warning to the visitor, when it cannot be read."""
        try:
            return self.store.load(run_id)
        except InputError as error:
            # The error names a folder of this machine, which is no stranger's business.
            gr.Warning(words.RUN_UNREADABLE.format(name=run_id[:80]) if shared_server() else words.library(error))
            return None

    def quiet_report(self, run_id: str) -> RunReport | None:
        """A run; None where it cannot be read, which another event of the same change says aloud."""
        try:
            return self.store.load(run_id) if run_id else None
        except InputError:
            return None

    def of_shown(self, draw: Callable[..., Updates]) -> Callable[..., Updates]:
        """A callback on the run that is shown: `draw(report, ...)`."""

        def callback(run_id: str, *values: Any) -> Updates:
            report = self.report(run_id) if run_id else None
            # A run may not have what the control belongs to.
            return self.nothing if report is None else draw(report, *values) or self.nothing

        return callback

    def list_earlier(self, run_id: str) -> Updates:
        """The runs kept on this machine. On a shared server a run opens only through its link."""
        if shared_server():
            return {self.earlier: gr.update(visible=False)}
        choices = self.store.choices()
        known = run_id if run_id in {value for _, value in choices} else None
        return {self.earlier: gr.update(choices=choices, value=known, visible=True)}

    async def watch(self, job: str, run_id: str = "") -> AsyncIterator[Updates]:
        """Follow the form's job until it ends, and show its run; what is known of it before in the sections that draw that. The job does not
        need this: it goes on when the page is closed. run_id: the run shown, which comes back where the job does not end well."""
        drawn_of = ""
        async for updates, view in self.run.looks(self.compute, job):
            drawn: Updates = {}
            if view is not None and view.state == "done":
                drawn = {self.shown: view.result.run} if isinstance(view.result, RunSaved) else {}
            elif view is not None and not view.finished and isinstance(view.found, RunReport) and view.found.id != drawn_of:
                drawn = await asyncio.to_thread(self.preview, view.found)
                drawn_of = view.found.id
            elif drawn_of and (view is None or view.finished) and (report := self.quiet_report(run_id)) is not None:
                drawn = await asyncio.to_thread(self.preview, report, run_id)
            yield updates | drawn

    def preview(self, report: RunReport, run_id: str = "") -> Updates:
        """A run that is still being measured, or that is shown again."""
        return {
            widget: update for section in self.previews.values() for widget, update in section.preview(report, run_id).items()
        }

    @property
    def watched(self) -> list[Any]:
        """What `watch` updates."""
        drawn = [widget for section in self.previews.values() for widget in section.filled()]
        return [*self.run.shown, self.shown, self.banner, *drawn]

    def redraw(self, event: Any, callback: Callable[..., Any], inputs: Any, outputs: Any, **settings: Any) -> Any:
        """Connect a callback to an event, and to a change of language: it draws what is shown. Gives the event to go on from."""
        self.redrawn.events.append((callback, inputs, outputs))
        return event(callback, inputs, outputs, **settings)


class Opening:
    """What opens a section: its tab, and its group's where it is the first of the group."""

    def __init__(self, *tabs: gr.Tab) -> None:
        self.events = [tab.select for tab in tabs]

    def select(self, callback: Callable[..., Any], inputs: Any, outputs: Any, **settings: Any) -> Any:
        """Connect a callback; gives the event to go on from."""
        return gr.on(self.events, callback, inputs, outputs, **settings)


class Section(abc.ABC):
    """One part of the page. id: its name in addresses. title: the key of its heading. widgets: what `draw` drew."""

    id: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, context: PageContext, widgets: Any) -> None:
        self.context, self.widgets = context, widgets

    @classmethod
    @abc.abstractmethod
    def draw(cls) -> Any:
        """Draw the section where the caller stands, inside its tab."""

    @classmethod
    def heading(cls) -> str:
        """What stands on the tab."""
        return str(getattr(words, cls.title))

    @abc.abstractmethod
    def connect(self, opening: Opening) -> None:
        """Say which event calls which method, inside the page's Blocks."""

    def filled(self) -> list[Any]:
        """The widgets that `fill` changes."""
        return []

    def kept(self) -> list[Any]:
        """The widgets whose values `fill` is given."""
        return []

    def fill(self, report: RunReport, *kept: Any) -> Updates:
        """What is drawn at once when another run is shown: all sections in one event."""
        return {}

    def preview(self, report: RunReport, run_id: str = "") -> Updates:
        """What is drawn of a run that is still being measured, or, with its name, of one that is shown again (`PageContext.previews`)."""
        return {}
