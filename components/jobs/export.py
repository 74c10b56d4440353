"""The jobs behind the tab: they put a run's masks on the dense model again, on the workbench that all jobs share, and write the
model, upload it, or measure what it costs. A result is JSON, so that nobody takes it for the name of a run."""

import contextlib
import dataclasses
import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components.engine import importing
from components.form.form import is_local, shared_server
from components.i18n import words
from components.sections.take import shelf
from components.sections.take.tokens import VAULT
from components.store import EXAMPLE, RunStore
from mwanda_core.errors import InputError
from mwanda_core.progress import Monitor
from mwanda_core.store.format import MASKS
from mwanda_core.store.report import RunReport

if TYPE_CHECKING:
    from mwanda_core.after.reapply import Applied
    from mwanda_core.models import LanguageModel
    from mwanda_core.run.experiment import Workbench

Request = Mapping[str, Any]

LARGEST_SHARED = 3 * 2**30
"""Bytes of a model that a shared server packs for a visitor."""
BYTES = {"float64": 8, "float32": 4, "bfloat16": 2, "float16": 2}
CHUNK = 2**20
UNITS = 20.0
"""Work of packing the ZIP file, in units of one of the steps before it."""


def size_of(report: RunReport) -> int:
    """Bytes of the weights of a run's model."""
    facts = report.facts["model"]
    return int(facts.get("parameters", 0)) * BYTES.get(str(facts.get("dtype")), 4)


def why_not(report: RunReport, run: str, store: RunStore) -> str:
    """Why the model of a run cannot be made from it, in one sentence; "" when it can."""
    if not (store.path(run) / MASKS).is_file():
        return words.TAKE_NO_MASKS_EXAMPLE if run == EXAMPLE else words.TAKE_NO_MASKS
    if shared_server() and is_local(str(report.facts["model"]["source"])):
        return words.SHARED_FOLDER
    if shared_server() and size_of(report) > LARGEST_SHARED:
        return words.TAKE_TOO_LARGE.format(size=words.take_size(size_of(report)), most=words.take_size(LARGEST_SHARED))
    return ""


def export(request: Request, monitor: Monitor, bench: "Workbench", store: RunStore) -> str:
    """{"folder"} where the request names one, else {"file", "bytes"} of a ZIP file on the shelf."""
    run = str(request["run"])
    report = store.load(run)
    monitor.plan(3.0 + UNITS)
    if given := str(request.get("folder") or ""):
        folder = own_folder(given)
        shelf.room(folder, size_of(report))
        _write(run, folder, monitor, bench, store)
        return json.dumps({"folder": str(folder), "run": run})
    # The folder and the packed copy of it are there together for a moment.
    place = shelf.MODELS.new(run, 2 * size_of(report))
    try:
        with tempfile.TemporaryDirectory(prefix=".", dir=place) as scratch:
            folder = _write(run, Path(scratch) / f"{report.id}-model", monitor, bench, store)
            target = _pack(folder, place / f"{folder.name}.zip", monitor)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return json.dumps({"file": str(target), "bytes": target.stat().st_size, "run": run})


def push(request: Request, monitor: Monitor, bench: "Workbench", store: RunStore) -> str:
    """{"address"} of the uploaded model. The request holds a ticket of the vault, never the token."""
    run, ticket = str(request["run"]), str(request["ticket"])
    try:
        place = shelf.MODELS.new(run, size_of(store.load(run)))
        monitor.plan(4.0)
        try:
            folder = _write(run, place / ".model", monitor, bench, store)
            monitor.begin(words.TAKE_STAGE_PUSH)
            with importing():
                from mwanda_core.after.hub import push_model
            address = push_model(folder, str(request["name"]), VAULT.take(ticket), private=bool(request["private"]))
        finally:
            shutil.rmtree(place, ignore_errors=True)
        return json.dumps({"address": address, "run": run})
    finally:
        VAULT.forget(ticket)


def cost(request: Request, monitor: Monitor, bench: "Workbench", store: RunStore) -> str:
    """Every measured figure of `mwanda_core.after.costs`, and the same in sentences."""
    folder = store.path(str(request["run"]))
    monitor.begin(words.TAKE_STAGE_LOAD)
    with importing():
        from mwanda_core.after import costs
    found = costs.cost(
        dense(bench, folder, store), folder, tokens=int(request["tokens"]), repeats=int(request["repeats"]), monitor=monitor
    )
    return json.dumps({**dataclasses.asdict(found), "words": found.words, "run": str(request["run"])})


def title(request: Request) -> str:
    """One line for the job."""
    return words.TAKE_JOB[str(request["kind"])].format(run=request["run"])


def seconds(request: Request) -> int:
    """Seconds to ask for where a GPU is lent."""
    return 90


def own_folder(given: str) -> Path:
    """The folder on this machine that a visitor named.

    Raises InputError on a shared server, and for a path that depends on where the program was started.
    """
    if shared_server():
        raise InputError(words.TAKE_SHARED_FOLDER)
    folder = Path(given.strip()).expanduser()
    if not folder.is_absolute():
        raise InputError(words.TAKE_FOLDER_RELATIVE.format(given=repr(given[:100])))
    return folder


def dense(bench: "Workbench", folder: Path, store: RunStore) -> "LanguageModel":
    """The dense model of a run in the run's number type, the one in hand where it fits.

    Raises ModelError when the model cannot be had.
    """
    with importing():
        from mwanda_core.models import choose_device, choose_dtype
        from mwanda_core.store.report import read_facts
    facts = read_facts(folder)
    source, dtype = str(facts["model"]["source"]), str(facts["model"].get("dtype", "auto"))
    if shared_server() and is_local(source):
        raise InputError(words.SHARED_FOLDER)
    asked = facts["settings"].get("device", "auto"), facts["settings"].get("dtype", "auto")
    try:
        fits = str(choose_dtype(asked[1], choose_device(asked[0]))).removeprefix("torch.") == dtype
    except InputError:  # The run was made on a device that this machine does not have.
        fits = False
    return bench.model(source, *(asked if fits else ("auto", dtype)))


@contextlib.contextmanager
def _pruned(run: str, bench: "Workbench", store: RunStore, monitor: Monitor) -> "Iterator[tuple[LanguageModel, Applied]]":
    """The model, pruned as the run was inside the `with` and dense again afterwards."""
    monitor.begin(words.TAKE_STAGE_LOAD)
    with importing():
        from mwanda_core.after.reapply import apply_masks
    folder = store.path(run)
    model = dense(bench, folder, store)
    monitor.advance(1.0)
    monitor.begin(words.TAKE_STAGE_APPLY)
    with apply_masks(model, folder) as applied:
        monitor.advance(1.0)
        yield model, applied


def _write(run: str, folder: Path, monitor: Monitor, bench: "Workbench", store: RunStore) -> Path:
    """The pruned model as a folder, with its card."""
    if problem := why_not(store.load(run), run, store):
        raise InputError(problem)
    with _pruned(run, bench, store, monitor) as (model, applied):
        with importing():
            from mwanda_core.after.export import export_model
            from mwanda_core.after.hub import licence_of
        monitor.begin(words.TAKE_STAGE_WRITE)
        export_model(model, applied, applied.report, folder, licence_of(model.source))
        monitor.advance(1.0)
    return folder


def _pack(folder: Path, target: Path, monitor: Monitor) -> Path:
    """A folder as a ZIP file, whole or not at all; cancelled between two pieces."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    total = max(1, sum(file.stat().st_size for file in files))
    monitor.begin(words.TAKE_STAGE_ZIP)
    part = target.with_name(f".{target.name}.part")
    # Level 1: zeros pack well at any level, and the others hardly at all.
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for file in files:
            info = zipfile.ZipInfo.from_file(file, f"{folder.name}/{file.relative_to(folder).as_posix()}")
            info.compress_type = zipfile.ZIP_DEFLATED
            with file.open("rb") as source, archive.open(info, "w") as packed:
                while chunk := source.read(CHUNK):
                    packed.write(chunk)
                    monitor.advance(UNITS * len(chunk) / total)
    part.replace(target)
    return target
