"""Put the comparison of methods where it is read: benchmarks/results/methods.json -> assets/methods.json, and README's table.

    python scripts/publish_methods.py                     take the finished results
    python scripts/publish_methods.py --partial           take the rows of a benchmark that is still running, and say so

Only the columns that the page shows are kept. README gets the mean and the worst language of a few methods, between its markers; a
test compares the two.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from components.sections.methods.table import METHODS_FILE, NEEDED

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
README = ROOT / "README.md"
START, END = "<!-- methods: start -->\n", "<!-- methods: end -->\n"
IN_README = (
    "Magnitude", "Wanda", "RIA", "OWL", "SparseGPT", "SparseFW", "Wanda with swaps", "Wanda++", "M-Wanda", "M-Wanda on RIA",
    "M-Wanda, measured", "Measured + swaps", "Measured for the worst language + swaps",
)  # fmt: skip


def finished(folder: Path) -> dict[str, Any]:
    """What `python -m benchmarks.methods` wrote at its end."""
    found: dict[str, Any] = json.loads((folder / "methods.json").read_text(encoding="utf-8"))
    return found


def unfinished(folder: Path) -> dict[str, Any]:
    """The rows so far."""
    lines = (folder / "methods.partial.jsonl").read_text(encoding="utf-8").splitlines()
    return {"facts": {"command": "python -m benchmarks.methods", "partial": True}, "rows": [json.loads(line) for line in lines]}


def readme_table(rows: list[dict[str, Any]]) -> str:
    """Markdown: a method a line, a setting a column, mean and worst-language increase in nats per token."""
    settings = sorted(dict.fromkeys(row["setting"] for row in rows), key=lambda text: (":" in text, text))
    found = {(row["method"], row["setting"]): row for row in rows}

    def cell(method: str, setting: str) -> str:
        row = found.get((method, setting))
        return f"{row['flores_mean_increase']:.2f} / {row['flores_worst_increase']:.2f}" if row else ""

    lines = [f"| mean / worst | {' | '.join(settings)} |", "|---|" + "---|" * len(settings)]
    lines += [f"| {method} | {' | '.join(cell(method, setting) for setting in settings)} |" for method in IN_README]
    return "\n".join(lines) + "\n"


def write_readme(rows: list[dict[str, Any]], readme: Path = README) -> None:
    """Replace what stands between the markers."""
    before, rest = readme.read_text(encoding="utf-8").split(START)
    readme.write_text(before + START + readme_table(rows) + END + rest.split(END)[1], encoding="utf-8")


def main() -> None:
    """See the module docstring."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--partial", action="store_true", help="take unfinished rows")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the results")
    parser.add_argument("--out", type=Path, default=METHODS_FILE)
    given = parser.parse_args()
    data = unfinished(given.results) if given.partial else finished(given.results)
    rows = [{name: row[name] for name in NEEDED} for row in data["rows"] if set(NEEDED) <= set(row)]
    if not rows:
        raise SystemExit(f"{given.results} holds no row with all of: {', '.join(NEEDED)}.")
    given.out.write_text(
        json.dumps({"facts": data["facts"], "rows": rows}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    if not given.partial:
        write_readme(rows)
    print(f"{len(rows)} rows in {given.out}")


if __name__ == "__main__":
    main()
