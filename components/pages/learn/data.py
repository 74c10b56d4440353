"""What `scripts/make_lesson.py` measured, read once and checked while reading. Plain JSON and Python numbers.

increase    loss after pruning minus loss before on the same texts, nats per token, with a 95 % interval over texts
rms         root mean square of one input channel over the tokens of one language, in the model's own units
damage      mean over the calibration languages of the increase when one block alone is pruned, nats per token
"""

import dataclasses
import functools
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from components.environment import ASSETS
from mwanda_core.errors import RunError

FOLDER = ASSETS / "lesson"
FORMAT = 1
FILES = ("facts", "runs", "weights", "channels", "blocks", "small")


@dataclasses.dataclass(frozen=True)
class Loss:
    """Increase of one language with its interval, nats per token."""

    increase: float
    low: float
    high: float

    @property
    def ratio(self) -> float:
        """Perplexity after pruning divided by perplexity before."""
        return math.exp(self.increase)


@dataclasses.dataclass(frozen=True)
class StoredRun:
    """One run: how it pruned, what it calibrated on, and what every language lost."""

    method: str
    calibration: str
    sparsity: float
    achieved: float
    languages: Mapping[str, Loss]

    @property
    def mean(self) -> float:
        """Mean increase over all languages measured."""
        return self.mean_of(tuple(self.languages))

    @property
    def worst(self) -> str:
        """The language that lost most."""
        return max(self.languages, key=lambda code: self.languages[code].increase)

    def mean_of(self, codes: Sequence[str]) -> float:
        """Mean increase over some of the languages."""
        return sum(self.languages[code].increase for code in codes) / len(codes)


@dataclasses.dataclass(frozen=True)
class WeightCounts:
    """One matrix: how its weights are spread, and what goes at each share removed (in per cent, smallest first).

    counts[i] weights lie between edges[i] and edges[i + 1]; `outside` lie beyond the ends; `zeros` are exactly zero before any
    pruning. When shares[k] per cent go, gone[k][i] of counts[i] do; none is farther from zero than thresholds[k], and squares[k]
    is their share of the sum of squared weights.
    """

    block: int
    matrix: str
    count: int
    zeros: int
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    outside: int
    gone: tuple[tuple[int, ...], ...]
    shares: tuple[int, ...]
    thresholds: tuple[float, ...]
    squares: tuple[float, ...]


@dataclasses.dataclass(frozen=True)
class Channels:
    """One input of one block: the strength of every channel in every language.

    disagreement["de|en"]: of the weights that the block keeps at `sparsity` when calibrated on one of the two languages
    alone, the share that it loses when calibrated on the other alone (Wanda; the same both ways, as equally many are kept).
    """

    block: int
    input: str
    tokens: int
    sparsity: float
    rms: Mapping[str, tuple[float, ...]]
    disagreement: Mapping[str, float]

    def disagree(self, one: str, other: str) -> float:
        """Share of kept weights on which two languages disagree; 0 for a language and itself."""
        return 0.0 if one == other else self.disagreement["|".join(sorted((one, other)))]


@dataclasses.dataclass(frozen=True)
class Blocks:
    """Damage of each block pruned alone at `sparsity`, and the sparsity that each allocation gives it."""

    sparsity: float
    tokens: int
    damage: tuple[float, ...]
    allocations: Mapping[str, tuple[float, ...]]


@dataclasses.dataclass(frozen=True)
class Small:
    """The model's weights in bytes: whole, and with its vocabulary trimmed to some languages, as `command` measured it.

    embedding, layers, other: weights of the table of tokens, of the matrices that pruning cuts, and of what is left (norms), each
    `bits` wide. trimmed: bytes with `tokens` tokens; rounded: their Q8_0, where 32 weights of a matrix share a 16-bit scale and
    norms have 32 bits. worst, increase: the language whose bits per byte rose most on unseen texts, and by what share.
    """

    command: str
    date: str
    bits: int
    vocabulary: int
    embedding: int
    layers: int
    other: int
    languages: tuple[str, ...]
    tokens: int
    trimmed: int
    rounded: int
    rounded_embedding: int
    worst: str
    increase: float
    decode_ratio: float

    def sizes(self, sparsity: float) -> dict[str, tuple[float, float]]:
        """Way of storing -> bytes of the table of tokens, bytes of everything else, with so much of the layers' weights zero.

        A mask takes one bit a weight; as `mwanda_core.shrink.packing` does, it is left out where it would save nothing.
        """
        width = self.bits / 8
        table, rest = self.embedding * width, (self.layers + self.other) * width
        trimmed = self.tokens * table / self.vocabulary
        return {
            "dense": (table, rest),
            "zeros": (table, rest),
            "packed": (table, rest - self.layers * max(0.0, sparsity * width - 1 / 8)),
            "trimmed": (trimmed, self.trimmed - trimmed),
            "rounded": (self.rounded_embedding, self.rounded - self.rounded_embedding),
        }


@dataclasses.dataclass(frozen=True)
class Lesson:
    """All of it. `calibrations` name lists of language codes; `scored` are the languages every run measured."""

    facts: Mapping[str, Any]
    scored: tuple[str, ...]
    calibrations: Mapping[str, tuple[str, ...]]
    sweep: tuple[float, ...]
    runs: tuple[StoredRun, ...]
    weights: WeightCounts
    channels: Channels
    blocks: Blocks
    small: Small

    def run(self, method: str, calibration: str, sparsity: float) -> StoredRun:
        """The run asked for; `plan` in scripts/make_lesson.py says which there are."""
        for found in self.runs:
            if (found.method, found.calibration, round(100 * found.sparsity)) == (method, calibration, round(100 * sparsity)):
                return found
        raise RunError(f"The lesson holds no run of {method} on {calibration} at {sparsity:.0%}: make its data again.")


@functools.cache
def lesson(folder: Path = FOLDER) -> Lesson:
    """The lesson's data.

    Raises RunError in one sentence when files are missing or damaged.
    """
    try:
        found = {name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in FILES}
        facts = found["facts"]
        if facts["format"] != FORMAT:
            raise RunError(f"The lesson's data has format {facts['format']}; this version reads format {FORMAT}.")
        return Lesson(
            facts=facts,
            scored=tuple(facts["scored"]),
            calibrations={name: tuple(codes) for name, codes in facts["calibrations"].items()},
            sweep=tuple(facts["sweep"]),
            runs=tuple(_run(entry) for entry in found["runs"]),
            weights=WeightCounts(**_tuples(found["weights"]) | {"gone": tuple(map(tuple, found["weights"]["gone"]))}),
            channels=Channels(**found["channels"] | {"rms": _tuples(found["channels"]["rms"])}),
            blocks=Blocks(**_tuples(found["blocks"]) | {"allocations": _tuples(found["blocks"]["allocations"])}),
            small=Small(**_tuples(found["small"])),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, RunError):
            raise
        raise RunError(f"The lesson's data in {str(folder)!r} is missing or damaged ({type(error).__name__}).") from error


def _run(entry: Mapping[str, Any]) -> StoredRun:
    losses = {code: Loss(*values) for code, values in entry["languages"].items()}
    return StoredRun(entry["method"], entry["calibration"], entry["sparsity"], entry["achieved"], losses)


def _tuples(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
