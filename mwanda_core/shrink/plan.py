"""What will be cut, as data: the same plan on the same model gives the same files, now or from its JSON later."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mwanda_core.errors import InputError
from mwanda_core.files import read_whole
from mwanda_core.shrink.folders import TOKENIZER, ModelFolder

FORMAT = 1
FILE = "shrink.json"
MB = 10**6


@dataclasses.dataclass(frozen=True)
class Wishes:
    """What a person asks for. `vocabulary` in tokens, `coverage` and `neurons` as shares, `layers`, `heads` (query heads), `groups` (key and
    value heads) and `experts` left, `at_most` bytes on disk.

    With `at_most`, what is not given is chosen by measured trade-off; without it, what is not given is not cut.
    """

    languages: tuple[str, ...]
    vocabulary: int | None = None
    coverage: float | None = None
    neurons: float | None = None
    layers: int | None = None
    at_most: int | None = None
    method: str = "obs"
    repair: bool = True
    step: int = 64
    """Widths are multiples of this."""
    expected_by_model: bool = True
    """Ask the model what else each language may use; without it, the letters and the table's order say."""
    tokens: int = 1280
    """Calibration tokens per language for cutting neurons, heads and experts."""
    heads: int | None = None
    groups: int | None = None
    experts: int | None = None
    expert_method: str = "fair"
    merge: bool = False
    """Merge removed experts into those that stay."""
    rounds: int = 3
    """Times that heads and neurons are cut, each with more weight on the languages that lost most; the kindest to the worst-off decides."""


@dataclasses.dataclass(frozen=True)
class Step:
    """One step as a row of a table. `cost`: estimated change of the worst language's bits per byte, as a share, measured by
    this step alone on calibration text held back from it; `language`: which language that is."""

    step: str
    setting: str
    megabytes_before: float
    megabytes_after: float
    language: str
    cost: float
    coverage: float | None = None
    longer: float | None = None
    """Tokens per character of the worst language beside what it needs now, as a share more."""

    @property
    def saved(self) -> float:
        """Megabytes."""
        return self.megabytes_before - self.megabytes_after


@dataclasses.dataclass(frozen=True)
class Plan:
    """`vocabulary`: ids that stay (empty: all), `gone`: blocks that go, `width`: neurons left in each block (None: all), `heads` and `groups`
    likewise, `experts`: those that stay, by the number of their block before any went, with `masses` of all where others are merged into
    them; `weights`: what each language counts in second moments (empty: all the same)."""

    source: str
    digest: str
    languages: tuple[str, ...]
    texts: str
    vocabulary: tuple[int, ...]
    gone: tuple[int, ...]
    width: int | None
    method: str
    repair: bool
    tokens: int
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()
    heads: int | None = None
    groups: int | None = None
    experts: Mapping[int, tuple[int, ...]] = dataclasses.field(default_factory=dict)
    masses: Mapping[int, tuple[float, ...]] = dataclasses.field(default_factory=dict)
    weights: tuple[float, ...] = ()

    @property
    def by_language(self) -> dict[str, float]:
        """What each language counts."""
        count = len(self.languages)
        return dict(zip(self.languages, self.weights or (1 / count,) * count, strict=True))

    @property
    def cost(self) -> float:
        """Estimated change of the worst language's bits per byte: the sum of the steps', each measured alone."""
        return sum(step.cost for step in self.steps)

    @property
    def megabytes(self) -> float:
        """Of the folder that will be written."""
        return self.steps[-1].megabytes_after if self.steps else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"format": FORMAT, **dataclasses.asdict(self)}

    def save(self, file: Path) -> None:
        """As JSON."""
        file.write_text(json.dumps(self.to_dict(), ensure_ascii=False) + "\n", encoding="utf-8")


_NEEDED = {f.name for f in dataclasses.fields(Plan) if f.default is f.default_factory}
"""Fields without a default."""


def plan_from(data: Mapping[str, Any]) -> Plan:
    """A plan from its JSON.

    Raises InputError for data that is no plan of this format.
    """
    try:
        if data["format"] != FORMAT:
            raise InputError(f"The plan has format {data['format']!r}, and this program reads {FORMAT}: plan again.")
        # Plans written before there were heads and experts have no word for them.
        fields = {f.name: data[f.name] for f in dataclasses.fields(Plan) if f.name in data or f.name in _NEEDED}
        for name in ("languages", "notes"):
            fields[name] = tuple(str(value) for value in fields.get(name, ()))
        for name in ("vocabulary", "gone"):
            fields[name] = tuple(int(value) for value in fields[name])
        for name, kind in (("experts", int), ("masses", float)):
            fields[name] = {int(block): tuple(kind(v) for v in values) for block, values in fields.get(name, {}).items()}
        fields["weights"] = tuple(float(value) for value in fields.get("weights", ()))
        fields["steps"] = tuple(Step(**step) for step in fields["steps"])
        found = Plan(**fields)
        _ = found.by_language  # As many weights as languages.
        return found
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"This is no plan for making a model small ({error}): give a file that `mwanda shrink` wrote."
        ) from None


MOST_BYTES = 256 * 2**20
"""Of a plan: it lists the tokens of a vocabulary."""


def read_plan(file: Path) -> Plan:
    """A plan from a file. Raises InputError as `plan_from`."""
    try:
        data = json.loads(read_whole(file, MOST_BYTES))
    except (ValueError, RecursionError):
        raise InputError(
            f"{str(file)!r} is no plan for making a model small: give a file that `mwanda shrink` wrote."
        ) from None
    if not isinstance(data, dict):
        raise InputError(f"{str(file)!r} is no plan for making a model small: give a file that `mwanda shrink` wrote.")
    return plan_from(data)


def digest_of(folder: ModelFolder) -> str:
    """What tells this model from another without reading its weights whole: configuration, tokenizer, the tensors' names and
    shapes, and the first bytes of each."""
    found = hashlib.sha256(json.dumps(folder.config, sort_keys=True).encode())
    file = folder.path / TOKENIZER
    if file.is_file():
        found.update(file.read_bytes())
    for name, one in sorted(folder.tensors.items()):
        with one.file.open("rb") as stream:
            stream.seek(one.start)
            found.update(f"{name} {one.dtype} {one.shape}".encode() + stream.read(min(64, one.num_bytes)))
    return found.hexdigest()
