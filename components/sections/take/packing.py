"""The smaller files of a run: tables, the run itself, figures, the reproducibility card. Made when asked for."""

from collections.abc import Callable
from pathlib import Path

from components.cards import export
from components.context import PageContext
from components.engine import importing
from components.i18n import words
from components.report.tables import ARCHIVE, run_files
from components.scratch import Scratch
from components.store import RunStore
from mwanda_core.errors import InputError
from mwanda_core.store import archive, run_store
from mwanda_core.store.report import RunReport

FIGURES = 16 * 2**20
"""Bytes that a page of figures, or a ZIP of pictures, may come to."""


def make(context: PageContext, kind: str, run: str) -> Path:
    """A file of one of `words.TAKE_FILE_KINDS`; its path.

    Raises InputError in one sentence when it cannot be made.
    """
    report, scratch, store = context.store.load(run), context.scratch, context.store

    def put(ending: str, write: Callable[[Path], object]) -> Path:
        return scratch.put("files", run, f"{report.id}-{ending}", FIGURES, write)

    def page(path: Path) -> None:
        path.write_text(export.web_page(report, context.cards), encoding="utf-8")

    makers: dict[str, Callable[[], Path]] = {
        "tables": lambda: Path(run_files(scratch, report)[ARCHIVE]),
        "run": lambda: whole_run(report, run, store, scratch),
        "html": lambda: put("figures.html", page),
        "png": lambda: put("png.zip", lambda path: export.pictures(report, context.cards, "png", path)),
        "svg": lambda: put("svg.zip", lambda path: export.pictures(report, context.cards, "svg", path)),
        "card": lambda: put("card.md", lambda path: path.write_text(card(report, store.path(run)), encoding="utf-8")),
    }
    if kind not in makers:
        raise InputError(words.TAKE_UNKNOWN_FILE.format(given=repr(kind), known=", ".join(makers)))
    return makers[kind]()


def whole_run(report: RunReport, run: str, store: RunStore, scratch: Scratch) -> Path:
    """The run as a ZIP file that `mwanda runs import` takes in."""
    folder = store.path(run)
    size = sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
    # The example lies in a folder of its own; any folder that holds a run's folder is a store.
    lies_in = run_store.RunStore(folder.parent)
    return scratch.put("files", run, f"{report.id}-run.zip", size, lambda path: archive.export_zip(lies_in, folder.name, path))


def card(report: RunReport, folder: Path) -> str:
    """The reproducibility card."""
    with importing():
        from mwanda_core.after.repeat import card as written
    return written(report, folder)
