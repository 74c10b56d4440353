"""The Python lines that repeat a run, from its settings as plain data. No torch: a page shows them at once."""

import pprint
from collections.abc import Mapping
from typing import Any


def python_lines(settings: Mapping[str, Any]) -> str:
    """Lines that make these settings and run them; what a recipe says of itself is left out."""
    data = dict(settings)
    if isinstance(data["method"], Mapping):
        data["method"] = {key: value for key, value in data["method"].items() if key not in ("title", "summary")}
    lines = [f"    {name}={_literal(value)}," for name, value in data.items()]
    return "\n".join(
        ["import mwanda_core as mw", "", "settings = mw.Settings(", *lines, ")", "run = mw.Workbench().run(settings)"]
    )


def _literal(value: Any) -> str:
    text = pprint.pformat(tuple(value) if isinstance(value, list) else value, width=90, sort_dicts=False)
    return text.replace("\n", "\n    ")
