"""What `scripts/make_landing.py` measured, read once and checked while reading.

increase   loss after pruning minus loss before on the same texts, nats per token, with a 95 % interval over texts
"""

import dataclasses
import functools
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from components.environment import ASSETS
from mwanda_core.errors import RunError

FILE = ASSETS / "landing.json"
FORMAT = 1


@dataclasses.dataclass(frozen=True)
class Measured:
    """One run: increase, low and high of every language, and how the model went on with its opening."""

    recipe: str
    sparsity: float
    languages: Mapping[str, tuple[float, float, float]]
    texts: Mapping[str, str]

    def times(self, code: str) -> float:
        """Perplexity after pruning divided by perplexity before."""
        return math.exp(self.languages[code][0])

    @property
    def worst(self) -> str:
        """The language that lost most."""
        return max(self.languages, key=self.times)


@dataclasses.dataclass(frozen=True)
class Landing:
    """All runs. calibrated: recipe -> languages. dense: what the whole model wrote after each of the prompts."""

    facts: Mapping[str, Any]
    languages: tuple[str, ...]
    sparsities: tuple[float, ...]
    calibrated: Mapping[str, tuple[str, ...]]
    prompts: Mapping[str, str]
    dense: Mapping[str, str]
    runs: Mapping[tuple[str, float], Measured]


@functools.cache
def landing(file: Path = FILE) -> Landing:
    """The data of the first screen.

    Raises RunError in one sentence when the file is missing or damaged.
    """
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        if found["format"] != FORMAT:
            raise RunError(f"The data of the first screen has format {found['format']}; this version reads format {FORMAT}.")
        calibrated = {name: tuple(codes) for name, codes in found["calibrated"].items()}
        runs = [
            Measured(
                run["recipe"], run["sparsity"],
                {code: tuple(run["languages"][code]) for code in found["languages"]},
                {code: run["texts"][code] for code in found["languages"]},
            )
            for run in found["runs"]
        ]  # fmt: skip
        by_place = {(run.recipe, run.sparsity): run for run in runs}
        sparsities = tuple(found["sparsities"])
        for place in ((name, sparsity) for name in calibrated for sparsity in sparsities):
            by_place[place]
        facts = {name: found[name] for name in ("command", "date", "model", "settings", "versions")}
        return Landing(facts, tuple(found["languages"]), sparsities, calibrated, found["prompts"], found["dense"], by_place)
    except (OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, RunError):
            raise
        raise RunError(
            f"The data of the first screen in {str(file)!r} is missing or damaged ({type(error).__name__})."
        ) from error
