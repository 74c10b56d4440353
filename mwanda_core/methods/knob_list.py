"""The knobs of every part, without torch: a page draws its sliders before the formulas are read.

`knobs.json` is made from the parts themselves by `scripts/write_settings.py`; a test keeps it equal to them. Where other packages add
parts (entry points of the group `mwanda_explorer`), which no file here can know, all knobs are read from the parts.
"""

import functools
import json
from importlib.metadata import entry_points
from importlib.resources import files
from typing import Any

from mwanda_core.parts.knobs import Knob

FILE = "methods/knobs.json"
GROUP = "mwanda_explorer"

Knobs = dict[tuple[str, str], tuple[Knob, ...]]
"""(choice, part) -> its knobs."""


@functools.cache
def knob_list() -> Knobs:
    """The knobs of every part, in the order of choices, parts and fields."""
    own = json.loads(files("mwanda_core").joinpath(*FILE.split("/")).read_text(encoding="utf-8"))
    if any(entry.name.partition(".")[0] in own for entry in entry_points(group=GROUP)):
        from mwanda_core.methods import catalogue  # With torch: only where others' parts are installed.

        return read(catalogue.knob_list())
    return read(own)


def read(data: dict[str, dict[str, list[dict[str, Any]]]]) -> Knobs:
    """The knobs in `methods.catalogue.knob_list`'s plain data."""
    return {
        (choice, part): tuple(_knob(entry) for entry in knobs)
        for choice, parts in data.items()
        for part, knobs in parts.items()
    }


def _knob(entry: dict[str, Any]) -> Knob:
    # JSON has lists where a knob has tuples.
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
    return Knob(**values)
