"""Tables for spreadsheet programs: a cell that such a program would take for a formula is a text.

A run may come from anywhere, and `=HYPERLINK(...)` in a CSV file is carried out by whoever opens it. The Parquet files keep every text
as it is.
"""

from pathlib import Path
from typing import Any

import pandas as pd

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a formula begins with."""


def to_csv(table: pd.DataFrame) -> str:
    """A table as CSV, without its index; an apostrophe stands before texts that begin as formulas do."""
    texts = [name for name in table.columns if not pd.api.types.is_numeric_dtype(table[name])]
    harmless = table.assign(**{str(name): table[name].map(_text) for name in texts}) if texts else table
    return harmless.rename(columns=_text).to_csv(index=False)


def write_csv(table: pd.DataFrame, path: Path | str) -> None:
    """The same, written to a file."""
    Path(path).write_text(to_csv(table), encoding="utf-8", newline="")


def _text(cell: Any) -> Any:
    if not isinstance(cell, str):
        return cell
    # A bare carriage return is not quoted by the writer, and would begin a row of its own.
    text = cell.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if text.startswith(FORMULAS) else text
