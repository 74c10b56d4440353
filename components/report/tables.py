"""Tables as a visitor reads them: names instead of column codes, per cent instead of shares, few digits; and CSV files."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from components.figures import achieved_by_block, has_accuracy, ordered
from components.figures.activation import of_block
from components.figures.languages import informative
from components.i18n import words
from components.i18n.names import renamed
from components.scratch import Files, Scratch
from mwanda_core import spreadsheet
from mwanda_core.store.report import RunReport

SHARES = (
    "allocated", "achieved", "uniform", "sparsity", "preview", "dense_accuracy", "dense_low", "dense_high",
    "pruned_accuracy", "accuracy_change", "change_low", "change_high",
)  # fmt: skip
LOSS = ("name", "dense_perplexity", "pruned_perplexity", "perplexity_ratio", "ratio_interval")
ACCURACY = ("name", "dense_accuracy", "pruned_accuracy", "accuracy_change", "change_interval", "informative")


def readable(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The columns named, for a person."""
    shown = table[[c for c in columns if c in table]].copy()
    for column in shown:
        if column in SHARES:
            shown[column] = (100 * shown[column]).round(1 if column.endswith(("accuracy", "change")) else 2)
        elif column == "informative":
            shown[column] = shown[column].map({True: words.YES, False: words.NO})
        elif column == "role":
            shown[column] = shown[column].map(words.ROLES)
        elif pd.api.types.is_float_dtype(shown[column]):
            shown[column] = shown[column].map(lambda v: float(f"{v:.4g}"))
    return shown.rename(columns=words.COLUMNS)


def loss(report: RunReport) -> pd.DataFrame:
    """Perplexity and bits per byte of every language."""
    table = ordered(report)
    return readable(table.assign(ratio_interval=_intervals(table["ratio_low"], table["ratio_high"], ".2f")), LOSS)


def accuracy(report: RunReport) -> pd.DataFrame:
    """Choice accuracy of every language; empty when it was not measured."""
    if not has_accuracy(report):
        return pd.DataFrame(columns=[words.COLUMNS["name"]])
    table = ordered(report)
    change = _intervals(100 * table["change_low"], 100 * table["change_high"], "+.0f")
    return readable(table.assign(informative=informative(table), change_interval=change), ACCURACY)


def _intervals(low: pd.Series, high: pd.Series, form: str) -> list[str]:
    return [words.SPAN.format(low=f"{a:{form}}", high=f"{b:{form}}") for a, b in zip(low, high, strict=True)]


def activations(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the activation heat-map."""
    return readable(table, ("name", "block", "deviation", "rms"))


def similarity(report: RunReport) -> pd.DataFrame:
    """Every pair of different languages once."""
    table = renamed(report.tables["similarity"])
    order = {code: i for i, code in enumerate(dict.fromkeys(table["language"]))}
    upper = table["language"].map(order) < table["other"].map(order)
    return readable(table[upper].sort_values("correlation", ascending=False), ("name", "other_name", "correlation"))


def experts(report: RunReport, block: int) -> pd.DataFrame:
    """Which language's tokens one block's router sends to which expert."""
    table = of_block(report, block)
    columns = {
        "name": words.COLUMNS["name"],
        "expert": words.AXIS_EXPERT,
        "tokens": words.COLUMNS["tokens"],
        "share": words.BAR_EXPERTS,
    }
    return table.assign(share=(100 * table["share"]).round(2))[list(columns)].rename(columns=columns)


def layers(report: RunReport) -> pd.DataFrame:
    """Every weight matrix."""
    return readable(report.tables["layers"], ("block", "module", "allocated", "achieved", "weights"))


def allocation(report: RunReport, preview: Sequence[float]) -> pd.DataFrame:
    """Every block: importance, sparsity as allocated and achieved, uniform, and at the previewed target."""
    table = report.tables["allocation"].merge(achieved_by_block(report), on="block").assign(preview=list(preview))
    return readable(table, ("block", "preview", "sparsity", "achieved", "importance"))


ARCHIVE = "zip"
"""Names the archive among the files of a run."""


def run_files(scratch: Scratch, report: RunReport) -> Files:
    """Table name -> CSV path, and `ARCHIVE` -> path of everything. The files hold the report's own columns at full precision."""

    def write(folder: Path) -> Files:
        csv = write_csv(report, folder)
        return {**csv, ARCHIVE: write_zip(report, csv, folder)}

    return scratch.files(("run", report.id), write)


def write_csv(report: RunReport, folder: Path) -> dict[str, str]:
    """Table name -> path of `<run>-<name>.csv`."""
    paths = {}
    for name, table in report.tables.items():
        path = folder / f"{report.id}-{name}.csv"
        spreadsheet.write_csv(table, path)
        paths[name] = str(path)
    return paths


def write_zip(report: RunReport, csv: Mapping[str, str], folder: Path) -> str:
    """Everything in one file: report.json, Parquet tables, and the same tables as CSV."""
    content = folder / "run"
    content.mkdir()
    report.write_files(content)
    target = folder / f"{report.id}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(content.iterdir()):
            archive.write(path, path.name)
        for name, file in csv.items():
            archive.write(file, f"csv/{name}.csv")
    return str(target)
