"""Names of the pictures and sentences there are, without torch."""

import functools
import importlib.resources
import json
from typing import Any


@functools.cache
def words(name: str) -> Any:
    """`captions` or `sentences`, as written."""
    return json.loads(importlib.resources.files("mwanda_core.studies.memory").joinpath(f"{name}.json").read_text("utf-8"))


def picture_names() -> tuple[str, ...]:
    """The memorised pictures."""
    return tuple(entry["name"] for entry in words("captions")["memorised"])


def sentence_names() -> tuple[str, ...]:
    """The sentences known verbatim, then the injected ones."""
    return tuple(entry["name"] for entry in words("sentences"))
