"""The plain result of a run: what was asked, what came out, tables. It knows how to write and read itself; no torch."""

import dataclasses
import datetime
import importlib.metadata
import json
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from mwanda_core.errors import RunError

FORMAT = 1
REPORT_FILE = "report.json"

TABLES = ("languages", "layers", "allocation", "activations", "similarity", "texts", "choices")
"""languages: see `evaluation.compare`. layers: one row a linear. allocation: one row a block. activations: language x block
x input. similarity: language x language. texts and choices: one row a scored text or item, dense and pruned."""


def _nothing(folder: Path) -> None:
    return None


@dataclasses.dataclass(frozen=True)
class RunReport:
    """`facts` is JSON: settings, recipe, model, calibration, summary, timings, versions, notes. `tables` by name."""

    facts: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]

    @property
    def id(self) -> str:
        """The run's name: its folder and its `?run=` link."""
        return str(self.facts["id"])

    @property
    def title(self) -> str:
        """For menus and headings."""
        facts = self.facts
        model = facts["model"]["source"]
        return f"{facts['recipe']['title']}, {facts['settings']['sparsity']:.0%}, {model}"

    def save(self, folder: Path, more: Callable[[Path], None] = _nothing) -> Path:
        """Write report.json and one Parquet file a table, whole or not at all: a temporary folder, then a rename.

        `more` is called with that temporary folder and may write other files of the run there.

        Raises RunError when the folder already holds something else.
        """
        folder = Path(folder)
        if folder.is_file() or (folder.exists() and any(folder.iterdir()) and not (folder / REPORT_FILE).is_file()):
            raise RunError(f"{str(folder)!r} is not empty and holds no run: choose another folder.")
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        built, before = scratch / "run", scratch / "before"
        try:
            built.mkdir()
            self.write_files(built)
            more(built)
            if folder.exists():
                folder.rename(before)
            try:
                built.rename(folder)
            except OSError:
                if before.exists():
                    before.rename(folder)
                raise
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return folder

    def write_files(self, folder: Path) -> None:
        """The files of the report, into a folder that exists."""
        for name, table in self.tables.items():
            table.to_parquet(folder / f"{name}.parquet", index=False)
        text = json.dumps({**self.facts, "format": FORMAT, "tables": list(self.tables)}, indent=1, ensure_ascii=False)
        (folder / REPORT_FILE).write_text(text, encoding="utf-8")


def load_report(folder: Path) -> RunReport:
    """A run that `RunReport.save` wrote.

    Raises RunError in one sentence when it is missing, damaged, or of a newer format.
    """
    folder = Path(folder)
    try:
        facts = json.loads((folder / REPORT_FILE).read_text(encoding="utf-8"))
        if facts["format"] != FORMAT:
            raise RunError(f"The run in {str(folder)!r} has format {facts['format']}; this version reads format {FORMAT}.")
        # Names come from the file: only names of our own table list may become paths.
        names = [name for name in TABLES if name in facts["tables"]]
        tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in names}
        report = RunReport(facts, tables)
        _ = report.id, report.title, tables["languages"], tables["layers"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, RunError):
            raise
        raise RunError(
            f"The run in {str(folder)!r} is missing or damaged and cannot be read ({type(error).__name__})."
        ) from error
    return report


def new_id(slug: str) -> str:
    """A run id that sorts by time: 20261123-101502-m-wanda-50-1a2b. It becomes a folder's name, so only plain letters stay."""
    plain = re.sub(r"[^a-z0-9]+", "-", slug.lower()).strip("-")[:60]
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%d-%H%M%S")
    return f"{stamp}-{plain}-{os.urandom(2).hex()}"


def versions() -> dict[str, str]:
    """Versions of what decides the figures."""
    found = {"python": platform.python_version(), "platform": platform.system()}
    for name in ("mwanda-explorer", "torch", "transformers", "tokenizers", "safetensors", "numpy", "pandas", "scipy"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
