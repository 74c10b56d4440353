"""What a study on its own found: facts, tables, notes; in a folder, whole or not at all, with the hashes that runs have.

study.json          facts, notes, and the names of the tables
<table>.parquet     one file a table
manifest.json       sizes and SHA-256
"""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from mwanda_core.errors import RunError
from mwanda_core.store.format import STUDY_FILE, TABLE_NAME, table_file
from mwanda_core.store.integrity import check_files, read_json
from mwanda_core.store.leftovers import recover
from mwanda_core.store.report import read_table, versions
from mwanda_core.store.whole import save_whole

FORMAT = 1


@dataclasses.dataclass(frozen=True)
class StudyResult:
    """tables: by name, as the study declares them. facts: plain data for JSON (study, knobs, settings, model, timings). notes: sentences."""

    tables: Mapping[str, pd.DataFrame]
    facts: Mapping[str, Any]
    notes: tuple[str, ...] = ()

    def save(self, folder: Path) -> Path:
        """Write it, whole or not at all.

        Raises RunError when the folder already holds something else.
        """
        return save_whole(Path(folder), STUDY_FILE, "study", self._write)

    def _write(self, folder: Path) -> None:
        wrong = [name for name in self.tables if not TABLE_NAME.fullmatch(name)]
        assert not wrong, wrong
        for name, table in self.tables.items():
            table.to_parquet(folder / table_file(name), index=False)
        facts = {**self.facts, "format": FORMAT, "tables": list(self.tables), "notes": list(self.notes), "versions": versions()}
        (folder / STUDY_FILE).write_text(json.dumps(facts, indent=1, ensure_ascii=False), encoding="utf-8")


def load_study(folder: Path) -> StudyResult:
    """What `StudyResult.save` wrote.

    Raises RunError in one sentence when it is missing, damaged, or of a newer format.
    """
    folder = Path(folder)
    try:
        if not (folder / STUDY_FILE).exists():
            recover(folder)
        facts = read_json(folder / STUDY_FILE)
        if facts["format"] != FORMAT:
            raise RunError(f"The study in {str(folder)!r} has format {facts['format']}; this version reads format {FORMAT}.")
        names = [name for name in dict.fromkeys(facts["tables"]) if TABLE_NAME.fullmatch(name)]
        notes = tuple(str(note) for note in facts["notes"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, RunError):
            raise
        raise RunError(
            f"The study in {str(folder)!r} is missing or damaged and cannot be read ({type(error).__name__})."
        ) from error
    check_files(folder, [STUDY_FILE, *(table_file(name) for name in names)])
    plain = {key: value for key, value in facts.items() if key not in ("format", "tables", "notes")}
    return StudyResult({name: read_table(folder / table_file(name)) for name in names}, plain, notes)
