"""Make the two example runs that the page shows before anything is computed: assets/example-run and example-baseline-run.

    python scripts/make_example.py                     run them on the built-in model, with benchmarks from the Hub
    python scripts/make_example.py --task-texts FOLDER    where there is no network: the same published sets from a folder (docs/tasks.md)

The first is the default job with every study that belongs to one run; the second prunes by English texts alone and is measured on the same
texts, so that comparing them tells what the project is about. Of masks and statistics those of one block's attention are kept, to look at.
"""

import argparse
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from mwanda_core.store.format import BASELINE, EXAMPLE, MASKS, STATISTICS
from mwanda_core.store.tensors import SOME

if TYPE_CHECKING:
    from mwanda_core.run.experiment import Run, Settings

ASSETS = Path(__file__).resolve().parent.parent / "assets"
MOST_BYTES = 1_000_000
"""Of one example."""
BLOCK, KEPT = 9, "self_attn."
"""The matrices whose masks are kept: a block in the middle, of them the smaller ones."""

TASKS = ("multiblimp", "bmlama", "xcopa")
"""Benchmarks on which the built-in model is better than guessing in some languages (benchmarks/results/tasks.md)."""


def plan(task_texts: str) -> "dict[str, Settings]":
    """Name of the example -> its settings."""
    from mwanda_core.run.experiment import DEFAULT_LANGUAGES, Settings, default_held_out

    seen = default_held_out(DEFAULT_LANGUAGES)
    first = Settings(
        held_out=seen,
        studies=("overlap", "neurons", "predictors", "generation", "profile"),
        tasks=TASKS,
        task_texts=task_texts,
        task_items=60,
    )
    english = dataclasses.replace(
        first, languages=("en",), held_out=(*(code for code in DEFAULT_LANGUAGES if code != "en"), *seen), method="wanda",
        tokens_per_language=first.tokens_per_language * len(DEFAULT_LANGUAGES), studies=("generation",),
    )  # fmt: skip
    return {EXAMPLE: first, BASELINE: english}


def keep(run: "Run", folder: Path) -> None:
    """Write a run with the masks and statistics of a few matrices. Benchmarks read from a folder are those of the Hub, and a repetition
    should take them there."""
    from safetensors.torch import save_file

    from mwanda_core.store.statistics_file import save_stats

    report = run.report
    facts = {**report.facts, "settings": {**report.facts["settings"], "task_texts": "hub"}}
    fingerprint = str(facts["model"]["fingerprint"])
    masks = {name: mask for name, mask in run.result.masks.items() if f".{BLOCK}.{KEPT}" in name}
    stats = [
        {module: found for module, found in by_name.items() if block == BLOCK and module.startswith(KEPT)}
        for block, by_name in enumerate(run.stats)
    ]

    def more(built: Path) -> None:
        save_file(masks, built / MASKS, metadata={"fingerprint": fingerprint, **SOME})
        save_stats(built / STATISTICS, stats, fingerprint)

    dataclasses.replace(report, facts=facts).save(folder, more)
    size = sum(file.stat().st_size for file in folder.iterdir())
    if size > MOST_BYTES:
        raise SystemExit(f"{folder} has {size} bytes; an example must stay under {MOST_BYTES}.")
    print(f"{report.title}: {size / 1000:.0f} kB in {folder}", flush=True)


def main() -> None:
    """Compute the runs, and write them small."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--task-texts", default="hub", help="where the benchmarks come from")
    parser.add_argument("--try", dest="tiny", type=Path, help="few texts, no benchmarks, written to this folder")
    given = parser.parse_args()
    from mwanda_core.run.experiment import Workbench

    bench = Workbench()
    for name, wanted in plan(given.task_texts).items():
        settings = wanted
        if given.tiny:
            settings = dataclasses.replace(
                settings, eval_texts=2, tokens_per_language=256, choices=False, studies=("generation",), tasks=()
            )
        keep(bench.run(settings), (given.tiny or ASSETS) / f"{name}-run")


if __name__ == "__main__":
    main()
