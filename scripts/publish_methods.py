"""Put the comparison of methods where the page reads it: benchmarks/results/methods.json -> assets/methods.json.

    python scripts/publish_methods.py                     take the finished results
    python scripts/publish_methods.py --partial           take the rows of a benchmark that is still running, and say so

Only the columns that the page shows are kept.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from components.worth import METHODS_FILE, NEEDED

RESULTS = Path(__file__).resolve().parent.parent / "benchmarks" / "results"


def finished(folder: Path) -> dict[str, Any]:
    """What `python -m benchmarks.methods` wrote at its end."""
    found: dict[str, Any] = json.loads((folder / "methods.json").read_text(encoding="utf-8"))
    return found


def unfinished(folder: Path) -> dict[str, Any]:
    """The rows so far."""
    lines = (folder / "methods.partial.jsonl").read_text(encoding="utf-8").splitlines()
    return {"facts": {"command": "python -m benchmarks.methods", "partial": True}, "rows": [json.loads(line) for line in lines]}


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
    print(f"{len(rows)} rows in {given.out}")


if __name__ == "__main__":
    main()
