"""Make the example run that the page shows before anything is computed: assets/example-run.

    python scripts/make_example.py                  run the default settings on the built-in model (about 2 minutes)
    python scripts/make_example.py --run FOLDER     take a run that was saved before

Only the report and its tables are kept; the masks are left out.
"""

import argparse
from pathlib import Path

from mwanda_core.report import RunReport, load_report

TARGET = Path(__file__).resolve().parent.parent / "assets" / "example-run"
MOST_BYTES = 500_000


def compute() -> RunReport:
    """The default job with the default held-out languages."""
    from mwanda_core.experiment import DEFAULT_LANGUAGES, Settings, Workbench, default_held_out
    from mwanda_core.settings import STUDIES

    settings = Settings(held_out=default_held_out(DEFAULT_LANGUAGES), studies=tuple(STUDIES))
    return Workbench().run(settings).report


def main() -> None:
    """Compute or read the run, and write it small."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--run", type=Path, help="folder of a saved run; without it the run is computed")
    given = parser.parse_args()
    report = load_report(given.run) if given.run else compute()
    report.save(TARGET)
    size = sum(file.stat().st_size for file in TARGET.iterdir())
    if size > MOST_BYTES:
        raise SystemExit(f"{TARGET} has {size} bytes; the example must stay under {MOST_BYTES}.")
    print(f"{report.title}: {size / 1000:.0f} kB in {TARGET}")


if __name__ == "__main__":
    main()
