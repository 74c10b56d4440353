"""Measure what the first screen shows: assets/landing.json.

    python scripts/make_landing.py --scratch FOLDER    about 12 minutes of one core; what the folder already holds is not measured again

One model, four recipes, five sparsities: the loss of every language of the lesson, on the same texts, tokens and seed as the lesson's
runs, and what the model writes after the opening of one passage a language that nothing was calibrated on, greedily.
"""

import argparse
import dataclasses
import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from make_lesson import CALIBRATIONS, MODEL, SCORED, SEED, SEQUENCE, TEXTS, TOTAL_TOKENS, short

TARGET = Path(__file__).resolve().parent.parent / "assets" / "landing.json"
COMMAND = "python scripts/make_landing.py --scratch FOLDER"
FORMAT = 1
SPARSITIES = (0.2, 0.3, 0.4, 0.5, 0.6)
WORDS, NEW_TOKENS = 8, 24
"""Of every opening, and of what the model adds to it."""
MOST_BYTES = 120_000


@dataclasses.dataclass(frozen=True)
class Planned:
    """One run: how it prunes, and what it calibrates on."""

    recipe: str
    sparsity: float

    @property
    def name(self) -> str:
        """Its file in the scratch folder."""
        return f"{self.recipe}-{round(100 * self.sparsity)}.json"

    @property
    def languages(self) -> tuple[str, ...]:
        """What it calibrates on."""
        return CALIBRATIONS["english" if self.recipe == "english" else "eight"]


def recipes() -> dict[str, Any]:
    """Recipe of the page -> method. The last is the best that is made within a minute (benchmarks/results/methods.md)."""
    from mwanda_core.methods.recipes import recipe
    from mwanda_core.methods.solvers import SparseGPT

    return {
        "english": "wanda",
        "eight": "wanda",
        "m-wanda": "m-wanda",
        "repaired": recipe("m-wanda", solver=SparseGPT()).to_dict(),
    }


def measure(scratch: Path, languages: tuple[str, ...], texts: int, sparsities: tuple[float, ...]) -> dict[str, Any]:
    """Make the runs that are not in the scratch folder yet, and put all of them together."""
    import torch

    from mwanda_core.insight.generation import GenerationSettings, builtin_prompts, generate
    from mwanda_core.progress import Monitor
    from mwanda_core.run.experiment import Settings, Workbench, model_facts
    from mwanda_core.store.report import versions

    torch.set_num_threads(1)
    scratch.mkdir(parents=True, exist_ok=True)
    bench, methods, written = Workbench(), recipes(), GenerationSettings(max_new_tokens=NEW_TOKENS)
    prompts = builtin_prompts(languages, 1, WORDS)
    model = bench.model(MODEL)

    def writes() -> dict[str, str]:
        return {found.prompt.language: found.text for found in generate(model, prompts, written, Monitor()).items}

    dense = _kept(
        scratch / "dense.json",
        lambda: {"texts": writes(), "model": model_facts(model, model.fingerprint), "versions": versions()},
    )
    runs = []
    for planned in (Planned(name, sparsity) for sparsity in sparsities for name in methods):

        def one(entry: Planned = planned) -> dict[str, Any]:
            settings = Settings(
                model=MODEL, languages=entry.languages, held_out=tuple(code for code in languages if code not in entry.languages),
                method=methods[entry.recipe], sparsity=entry.sparsity, tokens_per_language=TOTAL_TOKENS // len(entry.languages),
                sequence_length=SEQUENCE, eval_texts=texts, seed=SEED, choices=False,
            )  # fmt: skip
            with bench.pruned(settings, Monitor()) as run:
                table = run.report.tables["languages"].set_index("language")
                names = ("increase", "increase_low", "increase_high")
                found = {code: [short(table.loc[code, name]) for name in names] for code in languages}
                return {
                    "recipe": entry.recipe, "sparsity": entry.sparsity, "achieved": short(run.report.facts["summary"]["achieved_sparsity"], 6),
                    "languages": found, "texts": writes(),
                }  # fmt: skip

        runs.append(_kept(scratch / planned.name, one))
        print(planned.name, {code: found[0] for code, found in runs[-1]["languages"].items()}, flush=True)
    return {
        "format": FORMAT,
        "command": COMMAND,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "model": dense["model"],
        "versions": dense["versions"],
        "settings": {
            "tokens": TOTAL_TOKENS,
            "sequence_length": SEQUENCE,
            "eval_texts": texts,
            "seed": SEED,
            "new_tokens": NEW_TOKENS,
        },
        "languages": list(languages),
        "calibrated": {name: list(Planned(name, 0.5).languages) for name in methods},
        "sparsities": list(sparsities),
        "prompts": {prompt.language: prompt.text for prompt in prompts},
        "dense": dense["texts"],
        "runs": runs,
    }


def _kept(file: Path, make: Any) -> dict[str, Any]:
    """What a file holds; made, and written to it, where it is not there."""
    if not file.is_file():
        file.write_text(json.dumps(make(), ensure_ascii=False), encoding="utf-8")
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def write(found: Mapping[str, Any]) -> None:
    """The file, which is part of the first screen and so must stay small."""
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"
    if len(text.encode()) > MOST_BYTES:
        raise SystemExit(f"{TARGET} would have {len(text.encode())} bytes; it must stay under {MOST_BYTES}.")
    TARGET.write_text(text, encoding="utf-8")
    print(f"{len(found['runs'])} runs, {len(text.encode()) / 1000:.0f} kB in {TARGET}")


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--scratch", type=Path, required=True, help="folder that keeps the runs between calls")
    parser.add_argument(
        "--try", dest="tiny", action="store_true", help="two languages, two texts, one sparsity, nothing written"
    )
    given = parser.parse_args()
    if given.tiny:
        print(json.dumps(measure(given.scratch, ("en", "ta"), 2, (0.5,)), ensure_ascii=False, indent=1))
    else:
        write(measure(given.scratch, SCORED, TEXTS, SPARSITIES))


if __name__ == "__main__":
    main()
