"""Writes what is made from the fields of settings and parts: docs/settings.md, and mwanda_core/methods/knobs.json for the page.

    python scripts/write_settings.py

Tests compare both files with what this would write.
"""

import json
from pathlib import Path

from mwanda_core.methods.catalogue import knob_list
from mwanda_core.methods.knob_list import FILE
from mwanda_core.run.settings_list import settings_page

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Write both files."""
    (ROOT / "docs" / "settings.md").write_text(settings_page(), encoding="utf-8")
    (ROOT / "mwanda_core" / FILE).write_text(json.dumps(knob_list(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
