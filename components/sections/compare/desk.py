"""What comparisons need beside the page: a worker of their own, the masks compared lately, and files to download.

The worker is not the one that prunes: comparing masks takes seconds and needs no model, so nobody's run waits for it, and it waits
for nobody's.
"""

import json
import shutil
import tempfile
import threading
import weakref
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from components.jobs import masks as masks_job
from components.jobs.compute import Local
from components.jobs.kinds import work_in
from components.sections.compare.tables import Compared
from components.store import RunStore

KEPT = 16
Files = dict[str, str]


class Desk:
    """Made once for the page. Folders of files go when the program ends; the last few are kept."""

    def __init__(self, store: RunStore) -> None:
        self.compute = Local(work_in(store))
        self._lock = threading.Lock()
        self._scratch: Path | None = None
        self._files: dict[tuple[Any, ...], Files] = {}
        self._masks: dict[tuple[str, ...], dict[str, Any]] = {}
        self._asked: dict[str, tuple[str, ...]] = {}

    def start(self, ids: tuple[str, ...]) -> str:
        """Compare the masks of these runs; the name of the job.

        Raises InputError when too many wait already.
        """
        job = self.compute.submit({"kind": masks_job.KIND, "runs": list(ids)})
        with self._lock:
            _bounded(self._asked, job, ids)
        return job

    def asked(self, job: str) -> tuple[str, ...]:
        """The runs of a job."""
        with self._lock:
            return self._asked.get(job, ())

    def keep(self, ids: tuple[str, ...], result: str) -> dict[str, Any]:
        """Remember what a job found."""
        found = masks_job.read(result)
        with self._lock:
            _bounded(self._masks, ids, found)
        return found

    def masks(self, ids: tuple[str, ...]) -> dict[str, Any] | None:
        """What was found for these runs, if it is still known."""
        with self._lock:
            return self._masks.get(ids)

    def files(self, compared: Compared, masks: Mapping[str, Any] | None) -> Files:
        """Table name -> path of its CSV, and "zip" -> path of everything."""
        key = (compared.chosen.ids, compared.baseline, masks is not None)
        with self._lock:
            if key not in self._files:
                old = _bounded(self._files, key, write(compared, masks, self._folder()))
                if old:
                    shutil.rmtree(Path(old["zip"]).parent, ignore_errors=True)
            return self._files[key]

    def _folder(self) -> Path:
        if self._scratch is None:
            self._scratch = Path(tempfile.mkdtemp(prefix="mwanda-comparisons-"))
            weakref.finalize(self, shutil.rmtree, self._scratch, ignore_errors=True)
        return Path(tempfile.mkdtemp(dir=self._scratch))

    def close(self) -> None:
        """End the worker."""
        self.compute.close()


def _bounded(table: dict[Any, Any], key: Any, value: Any) -> Any:
    """Put a value in, and take the oldest one out where there are too many: what was taken out."""
    table[key] = value
    return table.pop(next(iter(table))) if len(table) > KEPT else None


def write(compared: Compared, masks: Mapping[str, Any] | None, folder: Path) -> Files:
    """CSV files, and one archive with them, the same tables as Parquet, and what was compared as JSON."""
    tables: dict[str, pd.DataFrame] = compared.tables()
    if masks is not None:
        tables |= {"masks": masks["whole"], "mask_layers": masks["layers"]}
    facts = {
        "baseline": compared.found.baseline,
        "runs": dict(zip(compared.labels, compared.found.runs, strict=True)),
        "notes": [*compared.found.notes, *(masks["notes"] if masks is not None else ())],
    }
    found: Files = {"zip": str(folder / "comparison.zip")}
    with zipfile.ZipFile(found["zip"], "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("comparison.json", json.dumps(facts, ensure_ascii=False, indent=1))
        for name, table in tables.items():
            found[name] = str(folder / f"comparison-{name}.csv")
            table.to_csv(found[name], index=False)
            archive.write(found[name], f"csv/{name}.csv")
            archive.writestr(f"parquet/{name}.parquet", table.to_parquet(index=False))
    return found
