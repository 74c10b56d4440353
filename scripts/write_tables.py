"""Write what stands about tasks, studies and families in docs/ from the tasks, the studies and the results: `python scripts/write_tables.py`."""

import json
import re
from pathlib import Path

from mwanda_core.studies import described as studies
from mwanda_core.tasks import described as tasks

DOCS = Path(__file__).resolve().parents[1] / "docs"
FAMILIES = DOCS.parent / "benchmarks" / "results" / "families.json"
SETS = re.compile(r"(?<=## Sets\n\n).*?(?=\n\n)", re.DOTALL)


def texts() -> dict[str, str]:
    """File in docs/ -> what is to stand in it."""
    told = (DOCS / "tasks.md").read_text(encoding="utf-8")
    return {
        "tasks.md": SETS.sub(lambda _: tasks.markdown().rstrip("\n"), told, count=1),
        "studies.md": studies.markdown(),
        "models.md": models(),
    }


def models() -> str:
    """Which families of transformers are pruned, and what is said of the others."""
    results = json.loads(FAMILIES.read_text(encoding="utf-8"))
    rows, facts = results["rows"], results["facts"]
    right = ", ".join(f"`{row['family']}`" for row in rows if row["verdict"] == "right")
    others = "\n".join(
        f"| `{row['family']}` | {row['verdict']} | {row['said'].splitlines()[0]} |" for row in rows if row["verdict"] != "right"
    )
    memory = "".join(
        f"- `{row['family']}`: {row['said'].partition('From disk: ')[2]}\n" for row in rows if "From disk: " in row["said"]
    )
    versions = facts["versions"]
    # Said where there are such rows only.
    meanings = {
        "not built": ' "Not built": a tiny model could not be made of this family, so nothing is known.',
        "not done": ' "Not done": no answer within the time limit.',
    }
    unknown = "".join(said for verdict, said in meanings.items() if verdict in facts["counts"])
    return f"""# Models

Every family that transformers registers as a causal language model, or as one that reads pictures and writes text (of which the part that reads and
writes text is pruned), tried as a tiny random model: loaded, run with texts and choices, pruned by three methods in each walk that carries it, and
from disk, undone, pruned again, exported and read back, each step judged by plain torch
(`{facts["command"]}`, {facts["date"]}, transformers {versions["transformers"]}). A random model shows that figures and files are right, not that a
trained one keeps its abilities.

## Right ({facts["counts"]["right"]})

{right}.

Experts that lie together in one parameter are pruned like any linear layer, each by the tokens routed to it, in every walk.

{"Right in memory, refused from disk:" + chr(10) * 2 + memory + chr(10) if memory else ""}## Others

"Refused" is one sentence before anything is cut.{unknown}

| family | verdict | why |
|---|---|---|
{others}
"""


if __name__ == "__main__":
    for name, text in texts().items():
        (DOCS / name).write_text(text, encoding="utf-8")
