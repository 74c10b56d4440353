"""What a part of a recipe may want measured beside the sums of squares of every input, each with its scope, cost and words.

    scope    where it is measured and how long it is kept; a walk says which scopes it can carry (`engine.plan.CARRIED`)
    sample   which of the calibration tokens it is measured on
    passes   work on those tokens in passes through one block, for a model of n blocks, beside passes made anyway
    memory   bytes while it is kept, from shapes alone
    field    where formulas find it: of `InputStats` (scope input), else of `LinearEvidence` or `BlockEvidence`
    words    what is measured, as the end of "it needs ..."

Plan, estimate, progress and refusals read these. A method with a new need changes four files: its own, this one (a member),
`parts/evidence.py` (the field), and the file that measures, which says by the need's scope in a table of its own:

    input        `parts/statistics.py`    InputStats, Accumulator
    block        `engine/meters.py`       METERS
    sequences    `engine/gradients.py`    BY_BLOCK
    model        `engine/dense.py`        BY_MODEL

A need is a string too ("gram"): the name that texts, files and the API use.
"""

import dataclasses
import enum
from collections.abc import Callable


class Scope(enum.Enum):
    """Where something is measured, and for how long it is kept."""

    INPUT = "sums over tokens at each linear input: added up freely, kept for all blocks, measured in any pass"
    BLOCK = "measured in the pass of all tokens through one block, and dropped after it: too large to keep for all"
    SEQUENCES = "measured on a few sequences that go through the blocks one by one, and dropped after each block"
    MODEL = "measured on the whole dense model before the first cut"


class Sample(enum.Enum):
    """Which calibration tokens are looked at."""

    ALL = "all calibration tokens"
    FEW = "about 32 whole sequences, the same number of every language"
    OPENING = "the first 128 tokens of every language, and at least one sequence"


@dataclasses.dataclass(frozen=True)
class Shapes:
    """What memory depends on: widths of the distinct inputs of a block, weights of a block and of all, bytes of a weight."""

    inputs: tuple[int, ...]
    block: float
    prunable: int
    bytes_per_weight: int


HEAD_PASSES = 2.0
"""The output head's work on a token, in blocks; only for the progress bar."""

LOSS_ROUNDS = 6
"""How often languages are weighed by their losses, equal weights among them."""

Passes = Callable[[int], float]
Memory = Callable[[Shapes], float]


def _nothing(_: object) -> float:
    return 0.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Measured:
    """What a need says of itself (see above). step: name of its line in an estimate; "" where it costs no passes."""

    scope: Scope
    words: str
    field: str = ""
    sample: Sample = Sample.ALL
    step: str = ""
    passes: Passes = _nothing
    memory: Memory = _nothing


class Need(enum.StrEnum):
    """Something measured. Members stand in the order in which they are measured: sensitivity may read gradients."""

    scope: Scope
    words: str
    field: str
    sample: Sample
    step: str
    passes: Passes
    memory: Memory

    def __new__(cls, value: str, said: Measured) -> "Need":
        self = str.__new__(cls, value)
        self._value_ = value
        for field in dataclasses.fields(said):
            setattr(self, field.name, getattr(said, field.name))
        return self

    POSITIVE = "positive", Measured(scope=Scope.INPUT, field="positive", words="how often each input channel is positive")
    MEAN = "mean", Measured(scope=Scope.INPUT, field="total", words="the mean of each input channel")
    GRAM = (
        "gram",
        Measured(
            scope=Scope.BLOCK,
            field="gram",
            words="the products of all pairs of input channels",
            memory=lambda shapes: 4 * sum(width * width for width in shapes.inputs),
        ),
    )
    SAMPLES = (
        "samples",
        Measured(scope=Scope.BLOCK, field="samples", words="the inputs at the last token of every sequence"),
    )
    REGIONAL_GRADIENT = (
        "regional_gradient",
        Measured(
            scope=Scope.SEQUENCES,
            field="regional",
            words="the gradient through the block",
            sample=Sample.FEW,
            step="regional gradients",
            passes=lambda blocks: 2.0 * blocks,
            memory=lambda shapes: 8 * shapes.block,
        ),
    )
    SEQUENCES = (
        "sequences",
        Measured(
            scope=Scope.SEQUENCES,
            words="single sequences to repair each block on",
            sample=Sample.FEW,
            # A block's weights, gradients and RMSprop's memory, float32.
            memory=lambda shapes: 12 * shapes.block,
        ),
    )
    FULL_GRADIENT = (
        "full_gradient",
        Measured(
            scope=Scope.MODEL,
            field="gradient",
            words="the gradient of the loss",
            sample=Sample.FEW,
            step="full gradients",
            # The way back costs twice the way forward.
            passes=lambda blocks: 3.0 * blocks,
            # A gradient in the model's type beside its squares in float32.
            memory=lambda shapes: shapes.prunable * (4 + shapes.bytes_per_weight),
        ),
    )
    RELEVANCE = (
        "relevance",
        Measured(
            scope=Scope.MODEL,
            field="relevance",
            words="the derivative under LRP rules",
            sample=Sample.FEW,
            step="relevance",
            passes=lambda blocks: 3.0 * blocks,
            memory=lambda shapes: shapes.prunable * (4 + shapes.bytes_per_weight),
        ),
    )
    SEPARABILITY = (
        "separability",
        Measured(
            scope=Scope.MODEL,
            field="separability",
            words="how far true and false statements lie apart after each block",
            # Some 2600 tokens a language, whatever the calibration: counted as the opening ones, of which there are fewer.
            sample=Sample.OPENING,
            step="separability",
            passes=lambda blocks: 20.0 * blocks,
        ),
    )
    GAMMA = (
        "gamma",
        Measured(
            scope=Scope.MODEL,
            field="gamma",
            words="the state of its walk over calibration samples",
            sample=Sample.FEW,
            step="walk over samples",
            passes=lambda blocks: 3.0 * blocks,
            # `engine.mirror` at its most: states, weights, AdamW's two averages and the summed gradient in float32, a copy and a gradient.
            memory=lambda shapes: shapes.prunable * (20 + 2 * shapes.bytes_per_weight),
        ),
    )
    GATES = (
        "gates",
        Measured(
            scope=Scope.MODEL,
            field="gates",
            words="gates that are learned on the loss",
            sample=Sample.FEW,
            step="learning gates",
            # Once for the start, then two rounds, forth and back.
            passes=lambda blocks: 7.0 * blocks,
            # phi and Adam's averages in float32, a copy and a gradient.
            memory=lambda shapes: shapes.prunable * (12 + 2 * shapes.bytes_per_weight),
        ),
    )
    LANGUAGE_LOSSES = (
        "language_losses",
        Measured(
            scope=Scope.MODEL,
            words="what each language loses when the whole model is cut",
            sample=Sample.OPENING,
            step="weighing languages",
            # The dense model once, then a cut model a round.
            passes=lambda blocks: (LOSS_ROUNDS + 1) * (blocks + HEAD_PASSES),
        ),
    )
    SENSITIVITY = (
        "sensitivity",
        Measured(
            scope=Scope.MODEL,
            field="sensitivity",
            words="the loss when each block alone is pruned",
            sample=Sample.OPENING,
            step="sensitivity",
            # For block k of n, tokens go through the n - k blocks from it on and the head; and once through all blocks on the way.
            passes=lambda blocks: blocks * (blocks + 1) / 2 + blocks * (1 + HEAD_PASSES),
        ),
    )


def within(*scopes: Scope) -> frozenset[Need]:
    """All needs of these scopes."""
    return frozenset(need for need in Need if need.scope in scopes)


SUMS = within(Scope.INPUT)
"""What statistics that are kept hold beside sums of squares."""


def listed(needs: frozenset[Need]) -> str:
    """Names for a sentence, in alphabetical order."""
    return ", ".join(sorted(needs))
