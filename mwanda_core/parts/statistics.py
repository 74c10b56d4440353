r"""What is measured at one linear input, per language.

For the tokens :math:`x_t \in \mathbb{R}^{in}` of language :math:`l` that reach a linear layer:

    sumsq_l[j]    = sum_t x_tj^2
    total_l[j]    = sum_t x_tj
    positive_l[j] = #{t : x_tj > 0}
    tokens_l      = number of tokens

Everything the Wanda family needs follows from these sums, so one table serves every choice of languages, weights,
lambda and sparsity without another forward pass. Sums are float64: they are added over many batches, and their order
must not decide which of two close weights is kept. Statistics are normalised by *tokens*: the norm used everywhere is
the root mean square A_l[j] = sqrt(sumsq_l[j] / tokens_l). (locuslab/wanda divides by the number of *samples*, which is
larger by sqrt(sequence length); per-row ranking does not see the difference, a lambda or alpha that mixes units does.)
"""

import dataclasses
from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from mwanda_core.errors import InputError
from mwanda_core.parts.needs import Need


@dataclasses.dataclass(frozen=True)
class InputStats:
    """Additive sums at one linear input. `languages` names the rows; `modules` the linears that share the input.

    weights: how much each language counts beside its tokens (None: all alike). Formulas read `weighed` sums, in which each token stands as often as its
    language weighs, and take the weights where they compare languages with each other.
    """

    languages: tuple[str, ...]
    sumsq: Float[Tensor, "languages in"]
    total: Float[Tensor, "languages in"]
    positive: Float[Tensor, "languages in"]
    tokens: Float[Tensor, " languages"]
    modules: tuple[str, ...] = ()
    weights: Float[Tensor, " languages"] | None = None

    @property
    def width(self) -> int:
        """Number of input channels."""
        return self.sumsq.shape[1]

    def rms(self) -> Float[Tensor, "languages in"]:
        """A_l[j] = sqrt(sumsq_l[j] / tokens_l), float64."""
        return (self.sumsq / self.tokens[:, None]).sqrt()

    def mean(self) -> Float[Tensor, "languages in"]:
        """Mean input per channel and language, float64."""
        return self.total / self.tokens[:, None]

    def probability(self) -> Float[Tensor, "languages in"]:
        """p_l[j], the share of tokens with a positive input (LAPE, Tang et al. 2024), float64 in [0, 1]."""
        return self.positive / self.tokens[:, None]

    def weighed(self) -> "InputStats":
        """The same with every sum times the language's weight: root mean squares stay, and what adds up languages is weighted."""
        if self.weights is None:
            return self
        weights = self.weights.to(self.sumsq)
        sums = {name: getattr(self, name) * weights[:, None] for name in ("sumsq", "total", "positive")}
        return dataclasses.replace(self, **sums, tokens=self.tokens * weights, weights=weights)

    def select(self, languages: Sequence[str]) -> "InputStats":
        """The rows of the languages named, in that order.

        Raises InputError for a language that was not measured.
        """
        missing = [code for code in languages if code not in self.languages]
        if missing:
            raise InputError(
                f"No statistics were measured for {', '.join(missing)}; measured were {', '.join(self.languages)}."
            )
        rows = torch.tensor([self.languages.index(code) for code in languages], device=self.sumsq.device)
        weights = None if self.weights is None else self.weights[rows.to(self.weights.device)]
        return InputStats(
            tuple(languages), self.sumsq[rows], self.total[rows], self.positive[rows], self.tokens[rows], self.modules, weights
        )

    def __add__(self, other: "InputStats") -> "InputStats":
        """Sums of two disjoint sets of tokens at the same input, over the same languages."""
        if self.languages != other.languages or self.width != other.width:
            raise InputError(
                f"Statistics of {self.languages} x {self.width} and {other.languages} x {other.width} cannot be added."
            )
        return InputStats(
            self.languages,
            self.sumsq + other.sumsq,
            self.total + other.total,
            self.positive + other.positive,
            self.tokens + other.tokens,
            self.modules,
            self.weights,
        )

    def to(self, device: torch.device | str) -> "InputStats":
        """The same statistics on another device."""
        sumsq, total, positive, tokens = (t.to(device) for t in (self.sumsq, self.total, self.positive, self.tokens))
        return InputStats(self.languages, sumsq, total, positive, tokens, self.modules, self.weights)


PIECE = 2**20
"""Elements of a piece that is summed at a time on a CPU: 4 MiB in float32. Smaller pieces cost calls, and larger ones fresh memory."""


class Accumulator:
    """Adds batches of activations into the sums of `InputStats`, in place.

    Of the needs of scope "input" (`SUMS`) those in `wants` are added up; what is not wanted is left at zero and costs nothing. weights:
    as in `InputStats`, which they only pass through.
    """

    def __init__(
        self,
        languages: Sequence[str],
        width: int,
        device: torch.device,
        wants: frozenset[Need],
        weights: Float[Tensor, " languages"] | None = None,
    ) -> None:
        self.languages = tuple(languages)
        self.wants = wants
        self._weights = weights
        shape = (len(self.languages), width)
        self._sumsq, self._total, self._positive = (torch.zeros(shape, dtype=torch.float64, device=device) for _ in range(3))
        self._tokens = torch.zeros(shape[0], dtype=torch.float64, device=device)

    def add(
        self,
        x: Float[Tensor, "batch time in"],
        rows: Int[Tensor, " batch"],
        keep: Bool[Tensor, "batch time"] | None = None,
    ) -> None:
        """Add one batch. `rows[b]` is the language of sequence b; `keep` is False at padding (None: no padding)."""
        if keep is not None:
            # Zero is neutral for all three sums, and only the padded positions are touched.
            x = x.masked_fill(~keep[:, :, None], 0)
        if x.device.type == "cpu":
            self._add_in_pieces(x, rows)
        else:
            self._add_whole(x, rows)
        counts = torch.full((x.shape[0],), x.shape[1], device=x.device) if keep is None else keep.sum(dim=1)
        self._tokens.index_add_(0, rows, counts.double())

    def _add_whole(self, x: Float[Tensor, "batch time in"], rows: Int[Tensor, " batch"]) -> None:
        """float32 accumulators over one sequence, without a float32 copy of x; float64 across sequences. For a GPU, where
        each of these is one kernel."""
        norms = torch.linalg.vector_norm(x, dim=1, dtype=torch.float32)
        self._sumsq.index_add_(0, rows, norms.double().square())
        if Need.MEAN in self.wants:
            self._total.index_add_(0, rows, x.sum(dim=1, dtype=torch.float32).double())
        if Need.POSITIVE in self.wants:
            self._positive.index_add_(0, rows, (x > 0).sum(dim=1, dtype=torch.int32).double())

    def _add_in_pieces(self, x: Float[Tensor, "batch time in"], rows: Int[Tensor, " batch"]) -> None:
        """float32 sums over pieces that fit the cache, float64 across pieces: on a CPU five to fifteen times as fast as a
        reduction of the whole, and more exact. No copy of x is made."""
        batch, time, width = x.shape
        num_sequences = min(batch, max(1, PIECE // max(1, time * width)))
        num_tokens = min(time, max(1, PIECE // width))
        room = torch.empty(2, num_sequences * num_tokens * width)
        for begin in range(0, batch, num_sequences):
            for start in range(0, time, num_tokens):
                piece = x[begin : begin + num_sequences, start : start + num_tokens]
                self._add_piece(piece, rows[begin : begin + num_sequences], room)

    def _add_piece(
        self, piece: Float[Tensor, "some few in"], rows: Int[Tensor, " some"], room: Float[Tensor, "2 elements"]
    ) -> None:
        values, result = (space[: piece.numel()].view(piece.shape) for space in room)
        # Half precision is widened first; float32 is read where it lies.
        values = piece if piece.dtype == torch.float32 else values.copy_(piece)
        if Need.MEAN in self.wants:
            self._total.index_add_(0, rows, values.sum(dim=1).double())
        if Need.POSITIVE in self.wants:
            # Ones in float32: summing booleans is several times slower, and counts below 2^24 are exact.
            self._positive.index_add_(0, rows, torch.gt(values, 0, out=result).sum(dim=1).double())
        self._sumsq.index_add_(0, rows, torch.mul(values, values, out=result).sum(dim=1).double())

    def stats(self, modules: tuple[str, ...] = ()) -> InputStats:
        """The sums so far; what is added later does not change them."""
        sumsq, total, positive, tokens = (t.clone() for t in (self._sumsq, self._total, self._positive, self._tokens))
        return InputStats(self.languages, sumsq, total, positive, tokens, modules, self._weights)
