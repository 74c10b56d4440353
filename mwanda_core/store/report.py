"""The plain result of a run: what was asked, what came out, tables. It knows how to write and read itself; no torch.

Writing goes through a scratch folder beside the run, `.<name>-<random>/`: the new run is built whole in `run/`, a run that it
replaces steps aside to `before/`, and the new one takes its place. A process killed at any moment leaves the old run, the new
run, or (between the last two renames) both in the scratch folder, from where `leftovers.recover` puts the new one in its place.
"""

import dataclasses
import datetime
import importlib.metadata
import json
import os
import platform
import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from mwanda_core.errors import RunError
from mwanda_core.store.integrity import (
    OWNER,
    check_files,
    finite,
    owner,
    read_json,
    refuse_special,
    write_atomically,
    write_manifest,
)
from mwanda_core.store.leftovers import discard, recover

FORMAT = 1
REPORT_FILE = "report.json"

TABLES = (
    "languages", "layers", "allocation", "activations", "similarity", "texts", "choices", "tasks", "task_means", "task_items",
    "overlap", "overlap_modules", "overlap_blocks", "neurons", "neuron_blocks", "neuron_drift", "predictors", "correlations",
    "generated_texts", "generated_languages", "profile_layers", "profile_ranking", "profile_energy", "profile_positions",
)  # fmt: skip
"""languages: see `evaluation.compare`. layers: one row a linear. allocation: one row a block. activations: language x block
x input. similarity: language x language. texts and choices: one row a scored text or item, dense and pruned. The others
are there when they were asked for: benchmarks (`tasks.compare_tasks`), and what `insight` finds (see `studies`)."""


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
        folder = Path(folder)
        if folder.is_file() or (folder.exists() and any(folder.iterdir()) and not (folder / REPORT_FILE).is_file()):
            raise RunError(f"{str(folder)!r} is not empty and holds no run: choose another folder.")
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        built, before = scratch / "run", scratch / "before"
        try:
            write_atomically(scratch / OWNER, json.dumps(owner()))
            built.mkdir()
            self.write_files(built)
            more(built)
            write_manifest(built)
            if folder.exists():
                folder.rename(before)
            try:
                built.rename(folder)
            except OSError:
                if before.exists():
                    before.rename(folder)
                raise
        finally:
            discard(scratch)
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
    facts = read_facts(folder)
    # Names come from the file: only names of our own table list may become paths.
    names = [name for name in TABLES if name in facts["tables"]]
    check_files(folder, [REPORT_FILE, *(f"{name}.parquet" for name in names)])
    report = RunReport(facts, {name: read_table(folder / f"{name}.parquet") for name in names})
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
    json.dumps(facts, ensure_ascii=False).encode()  # Half a surrogate pair is a str that nothing can print.
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
