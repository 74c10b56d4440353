"""What the formulas see of a model: one record per linear, one per block. No module, no tokenizer, no text."""

import dataclasses
from collections.abc import Mapping

from jaxtyping import Float
from torch import Tensor

from mwanda_core.errors import InputError
from mwanda_core.parts.statistics import InputStats


@dataclasses.dataclass(frozen=True)
class LinearEvidence:
    """One linear layer: its weight and what was measured at its input.

    `weight` is oriented [out, in] whatever the module stores. `channels` is the importance c_j that the recipe's
    activation made of `stats` (languages to one number per input channel). The optional fields are measured only when
    a part of the recipe names them in `needs`:

    gram      [in, in]  G = sum_l w_l G_l with G_l = X_l X_l^T / tokens_l, float32
    gradient  [out, in] root mean square of the loss gradient over calibration sequences, float32
    regional  [out, in] root mean square of the gradient of the block output's norm (Wanda++), float32
    relevance [out, in] mean over calibration sequences of the derivative of their log-probability under LRP rules, signed, float32
    samples   [in, n]   inputs at the last token of n calibration sequences (TRIM), float32
    gamma     [out, in] UniPruning's state after its walk over the calibration sequences, float32
    gates     [out, in] how open the gates are that were learned on the loss (LEAP), float32

    `language_weights` are the weights w_l of G, which sum to 1, for formulas that mix the rows of `stats` in the same way
    (None: by tokens).
    """

    name: str
    weight: Float[Tensor, "out in"]
    stats: InputStats
    channels: Float[Tensor, " in"]
    gram: Float[Tensor, "in in"] | None = None
    gradient: Float[Tensor, "out in"] | None = None
    regional: Float[Tensor, "out in"] | None = None
    samples: Float[Tensor, "in n"] | None = None
    relevance: Float[Tensor, "out in"] | None = None
    gamma: Float[Tensor, "out in"] | None = None
    gates: Float[Tensor, "out in"] | None = None
    language_weights: Float[Tensor, " languages"] | None = None

    @property
    def width(self) -> int:
        """Number of inputs."""
        return self.weight.shape[1]

    def need(self, field: str) -> Tensor:
        """An optional field that a formula requires.

        Raises InputError when it was not measured.
        """
        value = getattr(self, field)
        if value is None:
            raise InputError(f"{self.name}: this method needs {field!r}, which was not measured.")
        return value


@dataclasses.dataclass(frozen=True)
class BlockEvidence:
    """One decoder block: its linears by name and, when measured, the loss increase when it alone is pruned (by language), and how far
    true and false statements lie apart after it ("<language>/<set>" -> kind -> v, see `engine.separability`)."""

    index: int
    linears: Mapping[str, LinearEvidence]
    sensitivity: Mapping[str, float] | None = None
    separability: Mapping[str, Mapping[str, float]] | None = None

    @property
    def size(self) -> int:
        """Number of prunable weights."""
        return sum(ev.weight.numel() for ev in self.linears.values())

    @property
    def language_weights(self) -> Float[Tensor, " languages"] | None:
        """How much each language counts (`InputStats.weights`); None: all alike."""
        return next(iter(self.linears.values())).stats.weights

    @property
    def weight_by_language(self) -> dict[str, float]:
        """The same by code; empty where all count alike."""
        stats = next(iter(self.linears.values())).stats
        return {} if stats.weights is None else dict(zip(stats.languages, stats.weights.tolist(), strict=True))
