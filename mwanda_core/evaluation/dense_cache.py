"""Results of the dense model, which never change, kept by a hash of the weights, their configuration, and what was scored."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import torch

from mwanda_core.files import replacing
from mwanda_core.models import LanguageModel, cache_folder


def entry(model: LanguageModel, scorer: str, digest: str) -> Path:
    """The file of a result. `scorer` names how it was computed and changes whenever that changes a figure."""
    # The configuration holds what the weights do not (scales, windows, rotary bases), and transformers' version.
    how = f"{model.configuration}|{torch.__version__}|{model.dtype}|{model.device.type}"
    key = f"{scorer}|{model.fingerprint}|{how}|{digest}"
    return cache_folder() / "dense" / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"


def read(path: Path, columns: Mapping[str, list[str]]) -> dict[str, pd.DataFrame] | None:
    """The tables of an entry; None where there is none, or one that is damaged or of another form."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        found = {name: pd.DataFrame(**data[name]) for name in columns}
        return found if all(list(found[name]) == wanted for name, wanted in columns.items()) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(path: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Atomically; a cache that cannot be written (read-only disk) is only slower."""
    data = {name: table.to_dict(orient="split", index=False) for name, table in tables.items()}
    try:
        with replacing(path) as part:
            part.write_text(json.dumps(data), encoding="utf-8")
    except OSError:
        return
