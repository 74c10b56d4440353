"""Replications: the claims of papers that are built here, tried in small on the built-in model.

    python -m benchmarks.replicate --calibrate NTREX --evaluate FLORES [--only prompts] [--stages choose,report]
    python -m benchmarks.replicate --draw

NTREX and FLORES stand for folders with one <code>.txt per language, or for a source on the Hub. Settings are chosen on NTREX, figures are
of FLORES. Every section is a module of `benchmarks/replications/`; a stage that was measured is not measured again unless its name is
given. `--draw` measures nothing: it writes `results/replications.md` from `results/replications/*.json`.
"""

import argparse
import importlib
import json
import shlex
from typing import Any

import pandas as pd

from benchmarks.common import RESULTS, provenance, table_of
from benchmarks.defaults import calibrate_name
from benchmarks.replications import SECTIONS
from benchmarks.replications.section import Section, Sources, Tables

FOLDER = RESULTS / "replications"


def section(name: str) -> Section:
    """The section of a module."""
    found: Section = importlib.import_module(f"benchmarks.replications.{name}").SECTION
    return found


def stored(name: str) -> dict[str, Any]:
    """What was measured so far: stage -> {"facts", "tables"}."""
    path = FOLDER / f"{name}.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def tables_of(data: dict[str, Any]) -> Tables:
    """The tables of all stages."""
    return {name: pd.DataFrame(rows) for stage in data.values() for name, rows in stage["tables"].items()}


def measure(name: str, sources: Sources, stages: list[str], command: str) -> None:
    """Measure the stages of a section that are missing, or that are named; keep each as it is finished."""
    found, data = section(name), stored(name)
    for stage, work in found.stages.items():
        if (stage in data and stage not in stages) or (stages and stage not in stages):
            continue
        made = work(sources, tables_of(data))
        rows = {key: json.loads(table.to_json(orient="records")) for key, table in made.items()}
        data[stage] = {"facts": provenance(command), "tables": rows}
        data = {key: data[key] for key in found.stages if key in data}
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / f"{name}.json").write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", "utf-8")


def draw() -> None:
    """The report of everything measured."""
    parts = [
        "# Replications in small",
        "",
        "Gemma 3 270M (4-bit file expanded to bfloat16), no training beyond what a method itself does.",
        "",
    ]
    for name in SECTIONS:
        data = stored(name)
        if data:
            parts += lines_of(section(name), data)
    (RESULTS / "replications.md").write_text("\n".join(parts).rstrip() + "\n", "utf-8")


def lines_of(found: Section, data: dict[str, Any]) -> list[str]:
    """One section as Markdown."""
    tables = tables_of(data)
    tables |= found.derived(tables)
    lines = [f"## {found.title}", "", f"**Paper.** {found.paper}", "", f"**Claim.** {found.claim}", ""]
    lines += [f"**Published.** {found.published}", "", f"**Controls.** {found.controls}", ""]
    if set(found.most or found.stages) <= set(data):
        lines += ["**Verdict.** " + " ".join(found.verdict(tables)), ""]
    if missing := [stage for stage in found.stages if stage not in data]:
        lines += [f"Not measured yet: {', '.join(missing)}.", ""]
    for name in found.shown:
        if name in tables:
            lines += [f"{name}", "", table_of(tables[name]), ""]
    made = {
        f"`{stage['facts']['command']}` ({stage['facts']['date']}, commit {stage['facts']['commit']})"
        for stage in data.values()
    }
    return [*lines, "Made by " + "; ".join(sorted(made)) + ".", ""]


def main() -> None:
    """See the module docstring."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--calibrate", default="")
    parser.add_argument("--evaluate", default="")
    parser.add_argument("--only", default=",".join(SECTIONS))
    parser.add_argument("--stages", default="")
    parser.add_argument("--draw", action="store_true")
    given = parser.parse_args()
    if not given.draw:
        stages = [word for word in given.stages.split(",") if word]
        for name in given.only.split(","):
            options = f" --only {name}" + (f" --stages {shlex.quote(given.stages)}" if stages else "")
            texts = f"--calibrate {calibrate_name(given.calibrate)} --evaluate {calibrate_name(given.evaluate)}"
            measure(name, Sources(given.calibrate, given.evaluate), stages, f"python -m benchmarks.replicate {texts}{options}")
    draw()


if __name__ == "__main__":
    main()
