"""The plain result of a run: what was asked, what came out, tables. It knows how to write and read itself; no torch."""

import dataclasses
import datetime
import importlib.metadata
import json
import os
import platform
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from mwanda_core.errors import RunError
from mwanda_core.store.format import REPORT_FILE, TABLE_NAME, table_file
from mwanda_core.store.integrity import (
    check_files,
    finite,
    read_json,
    refuse_special,
    refuse_unsayable,
)
from mwanda_core.store.leftovers import recover
from mwanda_core.store.whole import save_whole

FORMAT = 1

TABLES = (
    "languages", "layers", "allocation", "activations", "similarity", "texts", "choices", "tasks", "task_means", "task_items",
)  # fmt: skip
"""languages: see `evaluation.compare`. layers: one row a linear. allocation: one row a block. activations: language x block
x input. similarity: language x language. texts and choices: one row a scored text or item, dense and pruned. tasks: where benchmarks
were asked for (`tasks.compare_tasks`). Studies have tables of their own (`studies.tables_of`)."""

MOST_ROWS = 20_000_000
LARGEST_TABLE = 2**30
"""Rows and bytes of a table that is read at all: a few bytes of Parquet can promise more than any memory holds."""


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
        """Write report.json, one Parquet file a table and a manifest of hashes, whole or not at all.

        `more` is called with the temporary folder and may write other files of the run there; it must not make folders.

        Raises RunError when the folder already holds something else.
        """

        def write(built: Path) -> None:
            self.write_files(built)
            more(built)

        return save_whole(Path(folder), REPORT_FILE, "run", write)

    def write_files(self, folder: Path) -> None:
        """The files of the report, into a folder that exists."""
        for name, table in self.tables.items():
            table.to_parquet(folder / table_file(name), index=False)
        text = json.dumps({**self.facts, "format": FORMAT, "tables": list(self.tables)}, indent=1, ensure_ascii=False)
        (folder / REPORT_FILE).write_text(text, encoding="utf-8")


def load_report(folder: Path) -> RunReport:
    """A run that `RunReport.save` wrote.

    Raises RunError in one sentence when it is missing, damaged, or of a newer format.
    """
    folder = Path(folder)
    facts = read_facts(folder)
    # Names come from the file: only plain words may become paths.
    names = [name for name in dict.fromkeys(facts["tables"]) if TABLE_NAME.fullmatch(name)]
    check_files(folder, [REPORT_FILE, *(table_file(name) for name in names)])
    report = RunReport(facts, {name: read_table(folder / table_file(name)) for name in names})
    missing = [name for name in ("languages", "layers") if name not in report.tables]
    if missing:
        raise RunError(f"The run in {str(folder)!r} is missing or damaged and cannot be read: it has no table {missing[0]!r}.")
    return report


def read_facts(folder: Path) -> dict[str, Any]:
    """The description of a run without its tables, checked for what every reader relies on; hashes are not looked at.

    Raises RunError in one sentence.
    """
    folder = Path(folder)
    try:
        if not (folder / REPORT_FILE).exists():
            recover(folder)
        facts = read_json(folder / REPORT_FILE)
        if facts["format"] != FORMAT:
            raise RunError(f"The run in {str(folder)!r} has format {facts['format']}; this version reads format {FORMAT}.")
        _check_facts(facts)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        if isinstance(error, RunError):
            raise
        raise RunError(
            f"The run in {str(folder)!r} is missing or damaged and cannot be read ({type(error).__name__})."
        ) from error
    return facts


def _check_facts(facts: Mapping[str, Any]) -> None:
    """Raises ValueError, KeyError or TypeError for a description that no run has."""
    refuse_unsayable(facts)
    kinds: dict[str, type] = {
        "tables": list, "settings": dict, "recipe": dict, "model": dict, "summary": dict, "timings": dict, "versions": dict,
        "notes": list, "calibration": dict,
    }  # fmt: skip
    for name, kind in kinds.items():
        if not isinstance(facts.get(name, kind()), kind):
            raise TypeError(name)
    texts = [facts["id"], facts["recipe"]["title"], facts["model"]["source"], *facts["tables"], *facts.get("notes", [])]
    if not all(isinstance(text, str) for text in texts) or not facts["id"]:
        raise TypeError("a text")
    if not 0.0 <= finite(facts["settings"]["sparsity"]) <= 1.0:
        raise ValueError("sparsity")
    for name in ("languages", "held_out"):
        if not all(isinstance(code, str) for code in facts["settings"].get(name, [])):
            raise TypeError(name)


def read_table(path: Path) -> pd.DataFrame:
    """A Parquet table of a run.

    Raises RunError when it is missing, damaged, or larger than any table of a run.
    """
    refuse_special(path, LARGEST_TABLE)
    try:
        import pyarrow.parquet as pq

        found = pq.read_metadata(path)
        size = sum(found.row_group(i).total_byte_size for i in range(found.num_row_groups))
        if found.num_rows > MOST_ROWS or size > LARGEST_TABLE or found.num_columns > 1000:
            raise RunError(f"The table {path.name!r} in {str(path.parent)!r} is damaged: it claims {found.num_rows} rows.")
        return pd.read_parquet(path)
    except RunError:
        raise
    except Exception as error:  # Arrow and pandas fail on damaged files in every way: Arrow's own errors, KeyError, IndexError.
        raise RunError(
            f"The table {path.name!r} in {str(path.parent)!r} is missing or damaged and cannot be read ({type(error).__name__})."
        ) from error


def new_id(slug: str) -> str:
    """A run id that sorts by time: 20261123-101502-m-wanda-50-1a2b3c4d5e6f7a8b. It becomes a folder's name, so only plain letters
    stay. Where strangers share a server, knowing it is leave to see the run: 64 bits of it are random."""
    plain = re.sub(r"[^a-z0-9]+", "-", slug.lower()).strip("-")[:60]
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%d-%H%M%S")
    return f"{stamp}-{plain}-{os.urandom(8).hex()}"


def versions() -> dict[str, str]:
    """Versions of what decides the figures."""
    found = {"python": platform.python_version(), "platform": platform.system()}
    for name in ("mwanda-explorer", "torch", "transformers", "tokenizers", "safetensors", "numpy", "pandas", "scipy"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
