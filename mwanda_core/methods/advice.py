"""Fast, balanced, best: which method to take for so many languages and tokens, and what it is expected to give. No torch, so that a
page or `--help` can say it at once.

A level names methods, the one it would take first. What each is worth stands in `advice.json`, the cells of `benchmarks.recommend` that
`python -m benchmarks.recommend --summary` writes: a method that lost to Wanda beyond chance (Holm's correction over its cells) in the
nearest cell of any text, among languages seen or unseen, gives way to the next. The last of a level is Wanda's own mask.
"""

import dataclasses
import functools
import json
import math
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from mwanda_core.errors import UnknownName

FILE = "advice.json"


@dataclasses.dataclass(frozen=True)
class Level:
    """methods: in the order in which they are taken; n_to_m: the same under N:M, where layers cannot differ. time: what it takes beside the
    pass over the calibration text, for the built-in model on two cores."""

    name: str
    time: str
    methods: tuple[str, ...]
    n_to_m: tuple[str, ...]


LEVELS: dict[str, Level] = {
    level.name: level
    for level in (
        Level("fast", "seconds", ("m-wanda", "wanda"), ("wanda",)),
        Level("balanced", "minutes", ("measured-swaps", "m-wanda", "wanda"), ("swaps", "wanda")),
        Level(
            "best", "half an hour", ("measured-swaps-repair-distil", "measured-swaps-repair", "measured-swaps", "wanda"),
            ("swaps-repair-distil", "swaps-repair", "swaps", "wanda"),
        ),
    )
}  # fmt: skip

NEEDS_SEVERAL = ("m-wanda", "m-wanda-steady")
"""Methods of which nothing but Wanda is left with one language: there is no spread and no correlation between languages."""

ONE_LANGUAGE = (
    "With one language there is nothing to compare languages by, so M-Wanda is Wanda with the same sparsity in every block."
)


@dataclasses.dataclass(frozen=True)
class Worth:
    """Change of the loss increase against Wanda's, in per cent of it, with 95 % intervals, measured in the cell named (`setting`: "50%",
    "2:4"); NaN where nothing was measured."""

    text: str
    setting: str
    languages: int
    tokens: int
    seen: float
    seen_low: float
    seen_high: float
    unseen: float
    unseen_low: float
    unseen_high: float
    worst: float
    worse: bool

    @property
    def sentence(self) -> str:
        """The same in words."""
        said = f"{self.seen:+.0f} % ({self.seen_low:+.0f} to {self.seen_high:+.0f}) in the languages chosen"
        if not math.isnan(self.unseen):
            said += f", {self.unseen:+.0f} % ({self.unseen_low:+.0f} to {self.unseen_high:+.0f}) in others"
        some = "1 language" if self.languages == 1 else f"{self.languages} languages"
        return f"{said} ({self.text} texts, {some} of {self.tokens} tokens, {self.setting})"


@dataclasses.dataclass(frozen=True)
class Advice:
    """level: its name. worth: one a text, empty where nothing was measured. reason: a sentence where it is not the level's first method."""

    level: str
    method: str
    time: str
    worth: tuple[Worth, ...]
    reason: str

    @property
    def sentence(self) -> str:
        """What is taken, why, and what it is expected to give."""
        gives = "; ".join(worth.sentence for worth in self.worth)
        expected = (
            f" Expected loss increase against Wanda's: {gives}."
            if gives
            else " What it gives was not measured for such a setting."
        )
        expected = "" if self.method == "wanda" else expected
        return f"{self.level}: {self.method}, {self.time} beside the pass over the text.{f' {self.reason}' if self.reason else ''}{expected}"


@functools.cache
def measured() -> tuple[Mapping[str, Any], ...]:
    """The cells of `advice.json`."""
    return tuple(json.loads((files("mwanda_core.methods") / FILE).read_text("utf-8"))["cells"])


def setting_of(sparsity: float, pattern: str = "unstructured") -> str:
    """The setting measured that is nearest to a sparsity; "2:4" for every N:M."""
    if ":" in pattern:
        return "2:4"
    known = sorted({int(cell["setting"][:-1]) for cell in measured() if cell["setting"].endswith("%")}) or [50]
    return f"{min(known, key=lambda per_cent: abs(per_cent - 100 * sparsity))}%"


def worth_of(method: str, languages: int, tokens: int, setting: str = "50%") -> tuple[Worth, ...]:
    """What a method gave in the nearest cell of each text: nearest in languages, then in tokens, both by ratio."""
    found = []
    mine = [cell for cell in measured() if cell["method"] == method and cell["setting"] == setting]
    for text in dict.fromkeys(cell["text"] for cell in mine):

        def distance(cell: Mapping[str, Any]) -> tuple[float, float]:
            return abs(math.log(cell["languages"] / languages)), abs(math.log(cell["tokens"] / tokens))

        cell = min((cell for cell in mine if cell["text"] == text), key=distance)
        found.append(Worth(**{field.name: _known(cell[field.name]) for field in dataclasses.fields(Worth)}))
    return tuple(found)


def _known(value: Any) -> Any:
    return math.nan if value is None else value


def advise(level: str, languages: int, tokens: int, sparsity: float = 0.5, pattern: str = "unstructured") -> Advice:
    """The method of a level for so many calibration languages and tokens of each.

    Raises UnknownName for a level that does not exist.
    """
    if level not in LEVELS:
        raise UnknownName("level", level, LEVELS)
    found, setting, reasons = LEVELS[level], setting_of(sparsity, pattern), []
    methods = found.n_to_m if ":" in pattern else found.methods
    for method in methods:
        worth = worth_of(method, max(1, languages), max(1, tokens), setting)
        if method in NEEDS_SEVERAL and languages < 2:
            reasons.append(ONE_LANGUAGE)
        elif any(one.worse for one in worth) and method != methods[-1]:
            reasons.append(f"{method} lost to Wanda with about so many languages and tokens.")
        else:
            return Advice(level, method, found.time, worth, " ".join(reasons))
    raise AssertionError("the last method of a level is always taken")


def levels(languages: int, tokens: int, sparsity: float = 0.5, pattern: str = "unstructured") -> list[dict[str, Any]]:
    """Every level as plain data: name, method, time, reason, sentence, and worth (a list of what `Worth` holds)."""
    found = [advise(name, languages, tokens, sparsity, pattern) for name in LEVELS]
    return [{**dataclasses.asdict(one), "sentence": one.sentence} for one in found]
