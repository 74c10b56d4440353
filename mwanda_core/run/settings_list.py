"""The settings of a run as lists: plain data for programs, and docs/settings.md."""

import dataclasses
from typing import Any

from mwanda_core.run.settings import Setting, all_settings


def setting_entries() -> list[dict[str, Any]]:
    """Every setting as plain data: its knob (name, default, range, step, unit, choices, help), kind and option."""
    return [
        {**dataclasses.asdict(setting.knob), "kind": setting.knob.kind, "option": option_of(setting)}
        for setting in all_settings().values()
    ]


def option_of(setting: Setting) -> str:
    """How the command line of `mwanda prune` names it: the model stands without a name."""
    return "MODEL" if setting.widget == "model" else f"--{setting.option}"


def settings_page() -> str:
    """docs/settings.md."""
    rows = [
        f"| `{setting.name}` | `{option_of(setting)}` | {_code(setting.knob.default)} | {setting.knob.allowed.replace('|', 'or')} | {setting.knob.help} |"
        for setting in all_settings().values()
    ]
    return "\n".join(
        [
            "# The settings of a run",
            "",
            "Everything that decides a run's figures. The same names stand in `mwanda_core.Settings`, in the API's `settings`, in a run's",
            "report.json, and as options of `mwanda prune` (lists are separated by commas there). This page is written by",
            "`python scripts/write_settings.py` from the fields of `mwanda_core/run/settings.py`.",
            "",
            "| setting | option | default | may be | meaning |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _code(value: Any) -> str:
    shown = ",".join(value) if isinstance(value, tuple) else str(value)
    return f"`{shown}`" if shown else "empty"
