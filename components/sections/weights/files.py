"""CSV files of what was computed while looking, in a folder that goes when the program ends; the last few stay."""

import collections
import itertools
import tempfile
import threading
from pathlib import Path

import pandas as pd

KEPT = 64

_lock = threading.Lock()
_number = itertools.count()
_made: "collections.deque[Path]" = collections.deque()
_folder: "list[tempfile.TemporaryDirectory[str]]" = []


def csv_file(name: str, table: pd.DataFrame) -> str:
    """The path of `<name>.csv` with every digit of a table."""
    with _lock:
        if not _folder:
            _folder.append(tempfile.TemporaryDirectory(prefix="mwanda-weights-", ignore_cleanup_errors=True))
        place = Path(_folder[0].name) / str(next(_number))
        place.mkdir()
        path = place / f"{name}.csv"
        _made.append(path)
        if len(_made) > KEPT:
            _made.popleft().unlink(missing_ok=True)
    table.to_csv(path, index=False)
    return str(path)
