"""The job that writes a run's pruned model: into a folder of one's own, or packed for a visitor to fetch."""

import dataclasses
import tempfile
import zipfile
from pathlib import Path

from components.environment import shared_server
from components.i18n import words
from components.jobs.kind import Kind, Request, Result, Workplace
from components.jobs.pruned import size_of, write_model
from components.scratch import room
from mwanda_core.errors import InputError
from mwanda_core.files import replacing
from mwanda_core.progress import Monitor
from mwanda_core.run.jobs import JobView

CHUNK = 2**20
UNITS = 20.0
"""Work of packing the ZIP file, in units of one of the steps before it."""


@dataclasses.dataclass(frozen=True)
class ModelWritten(Result):
    """Where the model of a run lies: a ZIP file of so many bytes on the shelf, or (`size` 0) a folder that was named."""

    run: str
    path: str
    size: int = 0

    def sentence(self, view: JobView) -> str:
        """Its size, or its place."""
        time = words.seconds(view.elapsed)
        if self.size:
            return words.TAKE_EXPORTED.format(time=time, size=words.take_size(self.size))
        return words.TAKE_EXPORTED_TO.format(time=time, folder=self.path)


def work(request: Request, monitor: Monitor, place: Workplace) -> ModelWritten:
    """Write the model, and pack it unless the request names a folder.

    Raises InputError when it cannot be made, or finds no room.
    """
    run = str(request["run"])
    report = place.store.load(run)
    monitor.plan(3.0 + UNITS)
    if given := str(request.get("folder") or ""):
        folder = own_folder(given)
        room(folder, size_of(report))
        write_model(run, folder, monitor, place)
        return ModelWritten(run, str(folder))

    def packed(target: Path) -> None:
        with tempfile.TemporaryDirectory(prefix=".", dir=target.parent) as around:
            pack(write_model(run, Path(around) / f"{report.id}-model", monitor, place), target, monitor)

    # The folder and the packed copy of it are there together for a moment.
    target = place.scratch.put("models", run, f"{report.id}-model.zip", 2 * size_of(report), packed)
    return ModelWritten(run, str(target), target.stat().st_size)


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


def pack(folder: Path, target: Path, monitor: Monitor) -> None:
    """A folder as a ZIP file, whole or not at all; cancelled between two pieces."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    total = max(1, sum(file.stat().st_size for file in files))
    monitor.begin(words.TAKE_STAGE_ZIP)
    # Level 1: zeros pack well at any level, and the others hardly at all.
    with replacing(target) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for file in files:
            info = zipfile.ZipInfo.from_file(file, f"{folder.name}/{file.relative_to(folder).as_posix()}")
            info.compress_type = zipfile.ZIP_DEFLATED
            with file.open("rb") as source, archive.open(info, "w") as packed:
                while chunk := source.read(CHUNK):
                    packed.write(chunk)
                    monitor.advance(UNITS * len(chunk) / total)


KIND = Kind("export", lambda request: words.TAKE_JOB["export"].format(run=request["run"]), work, lambda request: 90)
