"""A comparison as files."""

import json
import zipfile
from pathlib import Path

import pandas as pd

from components.jobs.masks import MasksCompared
from components.scratch import Files
from components.sections.compare.tables import Compared
from mwanda_core.spreadsheet import write_csv


def write(compared: Compared, masks: MasksCompared | None, folder: Path) -> Files:
    """CSV files, and one archive with them, the same tables as Parquet, and what was compared as JSON."""
    tables: dict[str, pd.DataFrame] = compared.tables()
    if masks is not None:
        tables |= {"masks": masks.whole, "mask_layers": masks.layers}
    facts = {
        "baseline": compared.found.baseline,
        "runs": dict(zip(compared.labels, compared.found.runs, strict=True)),
        "notes": [*compared.found.notes, *(masks.notes if masks is not None else ())],
    }
    paths: dict[str, str] = {"zip": str(folder / "comparison.zip")}
    with zipfile.ZipFile(paths["zip"], "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("comparison.json", json.dumps(facts, ensure_ascii=False, indent=1))
        for name, table in tables.items():
            paths[name] = str(folder / f"comparison-{name}.csv")
            write_csv(table, paths[name])
            archive.write(paths[name], f"csv/{name}.csv")
            archive.writestr(f"parquet/{name}.parquet", table.to_parquet(index=False))
    return paths
