r"""OptiShear's meta metric: a transform and a coefficient of the weights times a transform and a coefficient of the inputs (Liu et al. 2025).

    S_ij = a(|W|)_ij F1(|W|_ij) * b(x)_j F2(sqrt(x_j)),       x_j = T c_j^2
    F in { identity, sqrt, square, exp, log, sigmoid, softmax over the row }
    a, b in { 1, 1/row sum, 1/column sum, 1/(row sum + column sum), 1/sum, 1/mean, 1/Frobenius norm }

x is a matrix of one row: its "column sum" is x_j itself, its other sums are one number. T c_j^2 is the square of Wanda's norm over a text
of T tokens (the released code's unit, T = 2048), and matters because exp, log and sigmoid have no scale of their own. Wanda is (identity,
identity, 1, 1). The 7^4 = 2401 points fall into 315 classes when weights are compared within a row, for whatever is constant in a row cancels
(`studies/metric_search/space.py`).

Numerically. Products are taken in float32 where they fit; where exp or a power would not, as sign and logarithm in float64, and
S is replaced by asinh(S), which has the same order and the same sign. log(0) is log of the smallest normal number (the released
code's guard against it does nothing). Which metric is worth using is found by search; the released code's objective, called
perplexity there, is the Frobenius norm of raw logits.
"""

import dataclasses
from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.methods.scores.base import Score
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.knobs import choice, whole

TRANSFORMS = ("identity", "sqrt", "square", "exp", "log", "sigmoid", "softmax")
COEFFICIENTS = ("one", "row", "column", "relative", "sum", "mean", "frobenius")

_TINY = torch.finfo(torch.float32).tiny
_FITS = 80.0
"""Logarithm of the largest product taken as it is; exp(88.7) is the largest float32."""


@dataclasses.dataclass(frozen=True)
class OptiShear(Score):
    """A metric put together from a transform and a coefficient of the weights and of the inputs, as a search finds it."""

    title = "OptiShear meta metric"
    formula = r"S_{ij} = a(\lvert W\rvert)_{ij}\,F_1(\lvert W_{ij}\rvert)\cdot b(x)_j\,F_2(\sqrt{x_j}),\quad x_j = T c_j^2"
    source = "Liu et al. 2025 (OptiShear), the search space of the authors' released code"
    origin = "paper"

    weight_transform: str = choice("identity", TRANSFORMS, "F1, of the absolute weights.")
    weight_coefficient: str = choice("one", COEFFICIENTS, "a, of the absolute weights.")
    input_transform: str = choice("identity", TRANSFORMS, "F2, of the input norms.")
    input_coefficient: str = choice("one", COEFFICIENTS, "b, of the squared input norms.")
    length: int = whole(2048, 1, 1000000, "T, tokens of the text that input norms are taken over.", "tokens")

    def __call__(self, evidence: LinearEvidence) -> Float[Tensor, "out in"]:
        weight = evidence.weight.abs().float()
        squares = evidence.channels.double().square()[None] * self.length
        sign, size = transformed(squares.sqrt(), self.input_transform)
        size = size + coefficient(squares, self.input_coefficient)
        if bool((size.abs() < _FITS).all()) and float(weight.max()) < _FITS:
            # The plain product, of numbers that float32 holds: with identities exactly Wanda's, times sqrt(T).
            left = plain(weight, self.weight_transform) * coefficient(weight, self.weight_coefficient).exp()
            return left * (sign * size.exp()).float()
        left_sign, left = transformed(weight.double(), self.weight_transform)
        size = size + left + coefficient(weight.double(), self.weight_coefficient)
        # asinh(e^z) = z + log(1 + sqrt(1 + e^-2z)), for large z without e^z.
        large = size + torch.log1p((1.0 + (-2.0 * size.clamp_min(0.0)).exp()).sqrt())
        return (left_sign * sign * torch.where(size > 0.0, large, torch.asinh(size.clamp_max(0.0).exp()))).float()


def plain(x: Float[Tensor, "rows n"], name: str) -> Float[Tensor, "rows n"]:
    """F(x) of numbers that are neither negative nor large."""
    match name:
        case "identity":
            return x
        case "softmax":
            return x.softmax(dim=1)
        case "log":
            return x.clamp_min(_TINY).log()
    found: Tensor = getattr(torch, name)(x)
    return found


Signed = tuple[Tensor, Tensor]
"""A number as its sign and the logarithm of its size, float64."""


def transformed(x: Float[Tensor, "rows n"], name: str) -> Signed:
    """F(x) of numbers that are not negative."""
    one = torch.ones_like(x)
    log = x.clamp_min(_TINY).log()
    match name:
        case "identity":
            return torch.sign(x), log
        case "sqrt":
            return torch.sign(x), log / 2
        case "square":
            return torch.sign(x), log * 2
        case "exp":
            return one, x
        case "log":
            return torch.sign(log), log.abs().clamp_min(_TINY).log()
        case "sigmoid":
            return one, torch.nn.functional.logsigmoid(x)
    assert name == "softmax"
    return one, x.log_softmax(dim=1)


def coefficient(x: Float[Tensor, "rows n"], name: str) -> Tensor:
    """Logarithm of a(x)."""
    found: dict[str, Callable[[], Tensor]] = {
        "one": lambda: torch.ones((), dtype=x.dtype, device=x.device),
        "row": lambda: x.sum(dim=1, keepdim=True),
        "column": lambda: x.sum(dim=0, keepdim=True),
        "relative": lambda: x.sum(dim=1, keepdim=True) + x.sum(dim=0, keepdim=True),
        "sum": x.sum,
        "mean": x.mean,
        "frobenius": x.norm,
    }
    return -found[name]().clamp_min(_TINY).log()
