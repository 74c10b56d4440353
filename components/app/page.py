"""The page: the form on the left, the sections on the right."""

import contextlib
import dataclasses
import gc
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import gradio as gr

from components.app import address, api
from components.app.connections import be_patient
from components.app.doors import OWNER, Doors
from components.app.guard import guard
from components.app.language_menu import (
    CSS as LANGUAGE_CSS,
    HEAD,
    LanguageMenu,
    Translator,
    connect as connect_language,
    draw as draw_language,
)
from components.app.rules import Rules, open_to, rules
from components.app.runs import Runs
from components.app.sections import GROUPS, SECTIONS, Group, cards
from components.app.sessions import Sessions
from components.app.theme import CSS, KEYS, theme
from components.context import LATEST, PRIVATE, UNCHECKED, Opening, PageContext, Section
from components.environment import opened, shared_server
from components.form import again, fields, memory, panel, run_panel, wiring
from components.i18n import locale, words
from components.jobs.compute import Compute, Local, make_compute
from components.jobs.panel import JobPanel
from components.jobs.table import work_in
from components.pages.front import Front
from components.scratch import Scratch
from components.sections.sparsity import Sparsity
from components.store import RunStore
from components.widgets.debounce import without_progress
from components.widgets.harmless import say_no_more
from mwanda_core.holding import ends_at_a_signal

MOST_UPLOAD = 8 * 2**30
"""Bytes of an uploaded run."""
MOST_WAITING = 512
"""Events that wait for one function of the page."""

SectionKind = TypeVar("SectionKind", bound=Section)


@dataclasses.dataclass(frozen=True)
class Drawn:
    """Everything that a visitor sees. sections: what opens each, and its widgets, by its name."""

    form: panel.FormPanel
    button: run_panel.RunPanel
    language: LanguageMenu
    banner: gr.Markdown
    earlier: gr.Dropdown
    sections: Mapping[str, tuple[Opening, Any]]


@dataclasses.dataclass(frozen=True)
class Page:
    """The page, connected."""

    context: PageContext
    sections: Mapping[str, Section]
    runs: Runs
    translator: Translator

    @property
    def demo(self) -> gr.Blocks:
        """What Gradio serves."""
        return self.context.demo

    def section(self, kind: type[SectionKind]) -> SectionKind:
        """The section of a kind."""
        return cast(SectionKind, self.sections[kind.id])

    def close(self) -> None:
        """End what is running, and remove every file."""
        self.context.compute.close()
        self.context.quick.close()
        self.context.scratch.close()


def build(compute: Compute | None = None, store: RunStore | None = None) -> Page:
    """Draw the page and connect it. Imports neither torch nor transformers.

    compute, store: where jobs run and runs are kept; the real ones when not given.
    """
    store, scratch = store or RunStore(), Scratch()
    with gr.Blocks(title=words.TITLE, analytics_enabled=False, fill_width=True, delete_cache=(3600, 86400)) as demo:
        job = gr.BrowserState("", storage_key="mwanda-explorer-job", secret="mwanda-explorer")
        shown, ready = gr.State(""), gr.State("")
        before = len(demo.blocks)
        drawn = draw()
        # Before anything is connected: a connection may add widgets of its own.
        translator = Translator(demo, before, draw)
        button = drawn.button
        context = PageContext(
            demo=demo,
            form=drawn.form,
            button=button,
            run=JobPanel(job, (button.prune,), button.cancel, button.status, button.log, enough=button.enough),
            banner=drawn.banner,
            earlier=drawn.earlier,
            shown=shown,
            drawn=ready,
            store=store,
            compute=compute or make_compute(store, scratch),
            quick=Local(work_in(store, scratch)),
            scratch=scratch,
            cards=cards(),
        )
        page = bound(context, drawn.sections, translator)
        _connect(page, drawn)
        without_progress(demo)
        say_no_more(demo)
    guard(demo)
    demo.queue(default_concurrency_limit=16, max_size=MOST_WAITING)
    demo._queue.ANALYTICS_MAX_EVENTS = (
        1  # Gradio counts the times of its last 10,000 events anew at each, for a page that is closed here.
    )
    return page


def bound(context: PageContext, drawn: Mapping[str, tuple[Opening, Any]], translator: Translator) -> Page:
    """A page of a context, and of what its sections drew."""
    sections = {section.id: section(context, drawn[section.id][1]) for section in SECTIONS}
    return Page(context, sections, Runs(context, sections, {name: opening for name, (opening, _) in drawn.items()}), translator)


def draw() -> Drawn:
    """Draw everything, in the language that counts here."""
    with gr.Row(elem_classes=["mw-head"]):
        with gr.Column(scale=5, min_width=200):
            home = f"[M-Wanda Explorer](./?lang={locale.current()})"
            gr.Markdown(words.INTRO.replace("M-Wanda Explorer", home, 1))
        language = draw_language()
    with gr.Row(elem_classes=["mw-bench"]):
        with gr.Column(scale=2, min_width=320, elem_classes=["mw-left"]):
            with gr.Column(elem_classes=["mw-form"]):
                form, details = panel.draw(), run_panel.draw_details()
            button = run_panel.draw(*details)
        with gr.Column(scale=5, min_width=320, elem_classes=["mw-right"]):
            with gr.Row(elem_classes=["mw-shown"]):
                banner = gr.Markdown(words.NO_RUN, elem_id="banner")
                earlier = gr.Dropdown([], label=words.EARLIER, container=False, elem_id="earlier", min_width=240)
            sections: dict[str, tuple[Opening, Any]] = {}
            with gr.Tabs(overflow_behavior="wrap", elem_classes=["mw-groups"]):
                for group in GROUPS:
                    with gr.Tab(group.heading(), id=group.id, elem_id=f"group-{group.id}") as tab:
                        sections |= _draw_group(group, tab)
    return Drawn(form, button, language, banner, earlier, sections)


def _draw_group(group: Group, tab: gr.Tab) -> dict[str, tuple[Opening, Any]]:
    """The sections of a group, a tab each where there are several; the first is opened with the group."""
    if len(group.sections) == 1:
        (section,) = group.sections
        return {section.id: (Opening(tab), section.draw())}
    found: dict[str, tuple[Opening, Any]] = {}
    with gr.Tabs(overflow_behavior="wrap", elem_classes=["mw-sections"]):
        for section in group.sections:
            with gr.Tab(section.heading(), id=section.id, elem_id=f"section-{section.id}") as own:
                found[section.id] = Opening(own, *([] if found else [tab])), section.draw()
    return found


def _connect(page: Page, drawn: Drawn) -> None:
    context, form = page.context, page.context.form
    api.connect(context)  # First: its endpoints have their names to themselves.
    wiring.connect(form, context.demo, page.runs.foresee, page.runs.foreseen, context.scratch.folder)
    memory.connect(form, context.button.memory, **UNCHECKED)
    _connect_sparsity(page)
    if opened():
        _connect_owner(page)
    page.runs.connect()
    address.connect(context)
    for name, section in page.sections.items():
        section.connect(drawn.sections[name][0])
    everything = set(form.inputs)
    context.redrawn.events[:0] = [
        (lambda values: again.method_again(form, values), everything, [form.method.method, *form.method.drawn]),
        (again.models_again, [], [form["model"]]),
        (page.runs.foresee, everything, page.runs.foreseen),
    ]
    context.redrawn.menus.append((again.menus(form), lambda values: again.menus_again(form, values)))
    connect_language(drawn.language, page.translator, context.redrawn)


def _connect_owner(page: Page) -> None:
    """Where strangers come the page is drawn for them; for its owner, sources may be folders again."""
    menus = [field for field in page.context.form.fields.values() if field.box is not None]

    def offer() -> Any:
        return gr.skip() if shared_server() else {field.widget: fields.offer(field.setting) for field in menus}

    page.context.demo.load(offer, None, [field.widget for field in menus], **PRIVATE)


def _connect_sparsity(page: Page) -> None:
    """The preview follows the form's slider; looking at other sparsities changes nothing of the next run."""
    asked, preview = page.context.form["sparsity"], page.section(Sparsity).widgets["preview"]
    asked.change(None, asked, preview, js="(percent) => percent", **LATEST)  # In the browser: the server has nothing to add.


def launch(host: str = "127.0.0.1", port: int | None = None, share: bool = False, root_path: str = "", **doors: Any) -> None:
    """Serve the page until the program is stopped.

    root_path: the path below which a proxy shows the page. doors: what `rules.rules` takes of who may come in.
    Raises InputError as it does.
    """
    found = rules(host, share, **doors)
    open_to(found)
    door = Doors(None, found)

    @contextlib.asynccontextmanager
    async def behind_the_door(app: Any) -> AsyncIterator[None]:
        # Around everything that Gradio put around its application: what it adds before the start would stand outside of ours.
        app.state_holder = sessions = Sessions(page.demo)
        door.app, app.middleware_stack = sessions.watching(Front(app.middleware_stack)), door
        yield

    # Forwarded headers are the door's to believe; uvicorn would take them from every process of this machine.
    os.environ["FORWARDED_ALLOW_IPS"] = ""
    page = build()
    ends_at_a_signal()
    gc.freeze()
    gc.enable()
    try:
        page.demo.launch(
            server_name=host,
            server_port=port,
            share=share,
            root_path=root_path or None,
            ssr_mode=False,
            run_history=False,
            enable_monitoring=False,
            max_file_size=MOST_UPLOAD,
            footer_links=["gradio", "settings"],
            theme=theme(),
            head=HEAD,
            css=CSS + LANGUAGE_CSS,
            js=f"() => {{ ({KEYS})(); ({address.script()})(); }}",
            show_error=True,
            quiet=True,
            prevent_thread_lock=True,
            app_kwargs={"lifespan": behind_the_door},
        )
        be_patient(page.demo.server.config, counting=not found.proxies)
        if page.demo.share_url:
            door.names.add(urlsplit(page.demo.share_url).hostname or "")
        print("\n".join(welcome(found, str(page.demo.local_url), page.demo.share_url or "")), flush=True)
        page.demo.block_thread()
    finally:
        page.close()


def welcome(found: Rules, local: str, shared: str) -> Iterator[str]:
    """What is printed at the start: the address, and the owner's link where strangers may come, too."""
    yield f"M-Wanda Explorer: {local}"
    if not found.shared:
        return
    if found.token and not found.given:  # A token that was given is known, and stays out of logs.
        yield from (f"The owner's link: {place.rstrip('/')}/?token={found.token}" for place in (local, shared) if place)
    elif found.token:
        yield "The owner's link is this address with ?token= and the token that was given."
    if found.login:
        yield f"The owner signs in at {(shared or local).rstrip('/')}{OWNER}"
    yield "Visitors without it are strangers: they reach no files of this machine, and runs only through their links (SECURITY.md)."
