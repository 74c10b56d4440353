"""Make the example run that the page shows before anything is computed: assets/example-run.

    python scripts/make_example.py                     run the default settings on the built-in model, with benchmarks from the Hub
    python scripts/make_example.py --task-texts FOLDER    with benchmarks from a folder of published sets (docs/tasks.md)
    python scripts/make_example.py --run FOLDER        take a run that was saved before

Only the report and its tables are kept; the masks are left out.
"""

import argparse
from pathlib import Path

from mwanda_core.store.report import RunReport, load_report

TARGET = Path(__file__).resolve().parent.parent / "assets" / "example-run"
MOST_BYTES = 500_000


TASKS = ("multiblimp", "bmlama", "xcopa")
"""Benchmarks on which the built-in model is better than guessing in some languages (benchmarks/results/tasks.md)."""


def compute(task_texts: str) -> RunReport:
    """The default job with the default held-out languages, every study, and benchmarks."""
    from mwanda_core.run.experiment import DEFAULT_LANGUAGES, Settings, Workbench, default_held_out
    from mwanda_core.studies import STUDIES

    settings = Settings(
        held_out=default_held_out(DEFAULT_LANGUAGES), studies=tuple(STUDIES), tasks=TASKS, task_texts=task_texts, task_items=60
    )
    return Workbench().run(settings).report


def main() -> None:
    """Compute or read the run, and write it small."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--run", type=Path, help="folder of a saved run; without it the run is computed")
    parser.add_argument("--task-texts", default="hub", help="where the benchmarks come from")
    given = parser.parse_args()
    report = load_report(given.run) if given.run else compute(given.task_texts)
    report.save(TARGET)
    size = sum(file.stat().st_size for file in TARGET.iterdir())
    if size > MOST_BYTES:
        raise SystemExit(f"{TARGET} has {size} bytes; the example must stay under {MOST_BYTES}.")
    print(f"{report.title}: {size / 1000:.0f} kB in {TARGET}")


if __name__ == "__main__":
    main()
