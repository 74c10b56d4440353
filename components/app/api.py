"""The page's API for programs: typed endpoints for the `gradio_client` package, beside a page whose own events are private.

A mistake is one sentence, as on the page. Whoever knows the id of a job or run may see it; ids are not listed where strangers share
the server. docs/api.md shows how to call them.
"""

import contextlib
import dataclasses
import functools
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import gradio as gr
from gradio.events import api

from components.context import PageContext
from components.engine import importing
from components.environment import shared_server, without_paths
from components.form import cost
from components.form.choices import builtin_codes
from components.i18n import words
from components.jobs import settings_run
from components.jobs.kind import RunSaved
from components.report.tables import ARCHIVE, run_files
from mwanda_core.errors import InputError
from mwanda_core.languages import LANGUAGES
from mwanda_core.run.jobs import JobView
from mwanda_core.run.settings_list import setting_entries

F = TypeVar("F", bound=Callable[..., Any])
Json = dict[str, Any]


def plainly(endpoint: F) -> F:
    """A mistake becomes the one sentence that the caller reads; the log stays quiet, for nothing is wrong here."""

    @functools.wraps(endpoint)
    def answered(*given: Any, **named: Any) -> Any:
        try:
            return endpoint(*given, **named)
        except InputError as error:
            raise gr.Error(without_paths(str(error)), print_exception=False) from error

    return answered  # type: ignore[return-value]


@dataclasses.dataclass(frozen=True)
class Endpoints:
    """What can be called. The docstrings are the API's documentation."""

    context: PageContext

    def list_methods(self) -> list[dict[str, Any]]:
        """Every named method: name, title, summary, what it is for, and what it needs beside activation statistics."""
        with importing():
            from mwanda_core.methods.catalogue import by_purpose
        return [
            {
                "name": found.name,
                "title": found.title,
                "summary": found.summary,
                "purpose": purpose,
                "needs": sorted(found.needs),
            }
            for purpose, found in by_purpose()
        ]

    def list_languages(self) -> list[dict[str, Any]]:
        """Every language: code, name, script, region, and whether there are built-in texts in it."""
        builtin = set(builtin_codes())
        return [{**dataclasses.asdict(found), "built_in": code in builtin} for code, found in LANGUAGES.items()]

    def list_settings(self) -> list[dict[str, Any]]:
        """Every setting of a run: name, kind, default, range, step, unit, choices, what it means, and its option on the command
        line."""
        return [plain(entry) for entry in setting_entries()]

    def estimate(self, settings: dict[str, Any]) -> dict[str, Any]:
        """What a run would cost, without starting it: seconds by stage and bytes at the worst moment (null where the model's sizes are
        not known yet). Settings as in `mwanda_core.Settings`; what is left out has its default."""
        found = settings_run.settings_of(settings)
        with importing():
            from mwanda_core.methods.recipes import recipe
            from mwanda_core.models import choose_device, choose_dtype
            from mwanda_core.run import estimate
        device = choose_device(found.device)
        earlier = self.context.store.recent(cost.RECENT)
        sizes = cost.sizes_of(found.model, self.context.store, earlier, choose_dtype(found.dtype, device).itemsize)
        if sizes is None:
            return {"seconds": None, "stages": {}, "peak_bytes": None, "measured_on_runs": 0}
        method = recipe(found.method)
        told = estimate.cost(method, found, sizes, estimate.rate_of(earlier, method, device.type, sizes))
        stages = {stage: round(value, 1) for stage, value in told.seconds.items()}
        return {
            "seconds": round(told.total, 1), "stages": stages, "peak_bytes": told.peak or None, "measured_on_runs": told.rate.runs,
        }  # fmt: skip

    def start(self, settings: dict[str, Any]) -> str:
        """Start a run; the id of its job. Settings as in `mwanda_core.Settings`; what is left out has its default."""
        if not self.context.compute.outlives_page:
            raise InputError(words.API_NO_JOBS)
        settings_run.settings_of(settings)
        return self.context.compute.submit({"kind": "settings", "settings": settings})

    async def status(self, job: str) -> dict[str, Any]:
        """A job: its state (queued, running, done, cancelled, failed), progress, seconds, log, the error if any, and the id of the run
        once it is done."""
        return await self._view(job)

    async def cancel(self, job: str) -> dict[str, Any]:
        """Ask a job to stop, at its next step; its status."""
        await self._view(job)
        self.context.compute.cancel(job)
        return await self._view(job)

    def results(self, run_id: str, tables: list[str] | None = None) -> dict[str, Any]:
        """A run: its facts (settings, recipe, model, summary, versions, notes) and its tables as records, all of them or those
        named."""
        report = self.context.store.load(run_id)
        unknown = sorted(set(tables or ()) - set(report.tables))
        if unknown:
            raise InputError(words.API_NO_TABLE.format(given=", ".join(unknown)[:100], known=", ".join(report.tables)))
        wanted = {name: table for name, table in report.tables.items() if tables is None or name in tables}
        return plain(
            {"id": report.id, "facts": report.facts, "tables": {k: t.to_dict(orient="records") for k, t in wanted.items()}}
        )

    def runs(self) -> list[dict[str, Any]]:
        """The runs kept on this machine, newest first. Not on a shared server, where a run opens only through its link."""
        if shared_server():
            raise InputError(words.API_NO_RUNS)
        return [plain(dataclasses.asdict(entry)) for entry in self.context.store.kept.entries()]

    def tables_zip(self, run_id: str) -> dict[str, Any]:
        """All tables of a run as CSV and Parquet in a ZIP file, which the client downloads."""
        path = run_files(self.context.scratch, self.context.store.load(run_id))[ARCHIVE]
        return gr.FileData(path=path, orig_name=Path(path).name).model_dump()

    async def _view(self, job: str) -> Json:
        if not self.context.compute.outlives_page:
            raise InputError(words.API_NO_JOBS)
        async with contextlib.aclosing(self.context.compute.views(job)) as views:  # type: ignore[type-var]
            async for view in views:
                return told(view)
        raise InputError(words.LOST_JOB)


def told(view: JobView) -> Json:
    """A snapshot as plain data."""
    data = plain(dataclasses.asdict(dataclasses.replace(view, result=None, found=None)))
    data["log"] = [without_paths(line["text"]) for line in data["log"]]
    data["error"] = without_paths(data["error"])
    del data["result"], data["found"]
    return {**data, "run": view.result.run if isinstance(view.result, RunSaved) else None}


def plain(value: Any) -> Any:
    """Data that JSON has words for: a number that does not exist is null."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)


def connect(context: PageContext) -> None:
    """Offer the endpoints, inside the page's Blocks."""
    found = Endpoints(context)
    lists = (found.list_methods, found.list_languages, found.list_settings, found.runs)
    quick = (*lists, found.estimate, found.start, found.results, found.tables_zip)
    for endpoint in quick:
        api(plainly(endpoint), api_name=endpoint.__name__, concurrency_limit=4)
    for answer in (found.status, found.cancel):
        api(_plainly_later(answer), api_name=answer.__name__, concurrency_limit=None)


def _plainly_later(endpoint: F) -> F:
    """As `plainly`, for an endpoint that waits."""

    @functools.wraps(endpoint)
    async def answered(*given: Any, **named: Any) -> Any:
        try:
            return await endpoint(*given, **named)
        except InputError as error:
            raise gr.Error(without_paths(str(error)), print_exception=False) from error

    return answered  # type: ignore[return-value]
