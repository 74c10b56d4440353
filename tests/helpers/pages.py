"""The page without a browser: a place to compute that plays given views, and a drawn page with another place, store or scratch."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from components.app.page import Page, bound, build
from components.jobs.compute import Compute
from components.store import RunStore
from mwanda_core.errors import InputError
from mwanda_core.run.jobs import JobView


class Script(Compute):
    """A place to compute that plays given views."""

    outlives_page = True

    def __init__(self, *views: JobView) -> None:
        self.played, self.requests, self.cancelled, self.running = views, [], [], ""  # type: ignore[var-annotated]

    def submit(self, request: Any) -> str:
        self.requests.append(request)
        return "job-1"

    async def views(self, id: str) -> AsyncIterator[JobView]:
        if id != "job-1":
            raise InputError("This run is not known here any more.")
        for view in self.played:
            yield view

    def cancel(self, id: str) -> None:
        self.cancelled.append(id)

    def knows(self, id: str) -> bool:
        return id == "job-1"

    def active(self) -> str:
        return self.running

    def close(self) -> None:
        return None


def drawn_page(store: Path = Path("nowhere")) -> Page:
    """The page, drawn once. Close it afterwards."""

    async def draw() -> Page:
        return build(Script(), RunStore(store))

    # Inside a running loop: without one, Gradio makes loops of its own and leaves them to the garbage collector, which warns.
    return asyncio.run(draw())


def with_(page: Page, **changes: Any) -> Page:
    """The same page on other runs, or with another place to compute."""
    drawn: Any = {name: (None, section.widgets) for name, section in page.sections.items()}
    return bound(dataclasses.replace(page.context, **changes), drawn, page.translator)


def everywhere(page: Page, run: str, preview: float = 50) -> dict[Any, Any]:
    """What every section would draw of a run, and what is said of it above them."""
    updates: dict[Any, Any] = {}
    for section in page.sections.values():
        updates |= page.runs.fill(section, run, *([preview] if section.kept() else []))
    return updates | page.runs.show(run)
