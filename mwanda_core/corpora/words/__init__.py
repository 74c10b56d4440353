"""Word lists and sentence frames in many languages, written for this project (CC0 1.0). One file a list, the same order in each
language, so that the same question can be asked in all of them."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


@functools.cache
def words(name: str) -> Mapping[str, Any]:
    """Language code -> content of one list, for example `words("capitals")["de"]`."""
    read: dict[str, Any] = json.loads((Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8"))
    return {key: value for key, value in read.items() if key != "about"}
