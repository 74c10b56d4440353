"""Write what is told about tasks and studies in docs/ from the tasks and studies themselves: `python scripts/write_tables.py`."""

import re
from pathlib import Path

from mwanda_core.studies import described as studies
from mwanda_core.tasks import described as tasks

DOCS = Path(__file__).resolve().parents[1] / "docs"
SETS = re.compile(r"(?<=## Sets\n\n).*?(?=\n\n)", re.DOTALL)


def texts() -> dict[str, str]:
    """File in docs/ -> what is to stand in it."""
    told = (DOCS / "tasks.md").read_text(encoding="utf-8")
    return {"tasks.md": SETS.sub(lambda _: tasks.markdown().rstrip("\n"), told, count=1), "studies.md": studies.markdown()}


if __name__ == "__main__":
    for name, text in texts().items():
        (DOCS / name).write_text(text, encoding="utf-8")
