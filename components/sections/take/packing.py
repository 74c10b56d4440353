"""The smaller files of a run: tables, the run itself, figures, the reproducibility card. Made when asked for."""

import shutil
from collections.abc import Callable
from pathlib import Path

from components.engine import importing
from components.i18n import words
from components.report import figure_files
from components.report.tables import Files
from components.sections.take import shelf
from components.store import RunStore
from mwanda_core.errors import InputError
from mwanda_core.store import archive, run_store as kept
from mwanda_core.store.report import RunReport

FIGURES = 16 * 2**20
"""Bytes that a page of figures, or a ZIP of pictures, may come to."""


def make(kind: str, report: RunReport, run: str, store: RunStore, files: Files) -> Path:
    """A file of one of `words.TAKE_FILE_KINDS`; its path.

    Raises InputError in one sentence when it cannot be made.
    """
    makers: dict[str, Callable[[], Path]] = {
        "tables": lambda: Path(files.of(report)[1]),
        "run": lambda: whole_run(report, run, store),
        "html": lambda: _put(run, f"{report.id}-figures.html", FIGURES, lambda path: _web_page(report, path)),
        "png": lambda: _pictures(report, run, "png"),
        "svg": lambda: _pictures(report, run, "svg"),
        "card": lambda: card(report, run, store),
    }
    if kind not in makers:
        raise InputError(words.TAKE_UNKNOWN_FILE.format(given=repr(kind), known=", ".join(makers)))
    return makers[kind]()


def whole_run(report: RunReport, run: str, store: RunStore) -> Path:
    """The run as a ZIP file that `mwanda runs import` takes in."""
    folder = store.path(run)
    size = sum(file.stat().st_size for file in folder.iterdir() if file.is_file())

    def write(path: Path) -> None:
        # The example lies in a folder of its own; any folder that holds a run's folder is a store.
        archive.export_zip(kept.RunStore(folder.parent), folder.name, path)

    return _put(run, f"{report.id}-run.zip", size, write)


def card(report: RunReport, run: str, store: RunStore) -> Path:
    """The reproducibility card as a file."""
    with importing():
        from mwanda_core.after.repeat import card as written
    text = written(report, store.path(run))
    return _put(run, f"{report.id}-card.md", len(text), lambda path: path.write_text(text, encoding="utf-8"))


def _pictures(report: RunReport, run: str, form: str) -> Path:
    return _put(run, f"{report.id}-{form}.zip", FIGURES, lambda path: figure_files.pictures(report, form, path))


def _web_page(report: RunReport, path: Path) -> None:
    path.write_text(figure_files.web_page(report), encoding="utf-8")


def _put(run: str, name: str, size: int, write: Callable[[Path], object]) -> Path:
    place = shelf.FILES.new(run, size)
    try:
        write(place / name)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return place / name
