r"""The 7^4 = 2401 points of the meta metric, and which of them can give different masks when weights are compared within a row.

    cancel    whatever is constant in a row: a in {row, sum, mean, Frobenius}; softmax(|W|) = exp(|W|) / row sum; every b but
              "column" (1/x_j) and "relative"; softmax of the inputs = exp / one number
    powers    |W|^p x^q ranks as |W| x^{q/p}: equal ratios are one mask
    no input  F2 = square with b = column is 1: then every F1 ranks as |W|

`canonical` maps a point to the first of its class; 315 classes are left. On small matrices fewer masks differ (exp and sigmoid of small weights are
nearly straight lines, and there are few weights to tell them by): 200 to 250 of them on random ones of 32 to 64 rows, 314 on Gemma 3 270M; 75 points
are Wanda on either. `distinct` counts them. The paper's search evaluates 300 of the 2401 points.
"""

import functools
import hashlib
import itertools
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mwanda_core.methods.scores.optishear import COEFFICIENTS, TRANSFORMS, OptiShear
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.patterns import Pattern, Unstructured

_POWERS = {"identity": 1.0, "sqrt": 0.5, "square": 2.0}


class Metric(NamedTuple):
    """A point of the search space: F1, a, F2, b of `OptiShear`."""

    weight_transform: str = "identity"
    weight_coefficient: str = "one"
    input_transform: str = "identity"
    input_coefficient: str = "one"

    def score(self) -> OptiShear:
        """The score of this point."""
        return OptiShear(*self)

    @property
    def label(self) -> str:
        """As a person would write it."""
        left = _said(self.weight_coefficient, self.weight_transform, "|W|", "|W|")
        right = _said(self.input_coefficient, self.input_transform, "x", "sqrt x")
        return f"{left} * {right}"


def _said(coefficient: str, transform: str, of: str, argument: str) -> str:
    head = "" if coefficient == "one" else f"{coefficient}({of})^-1 "
    return head + (argument if transform == "identity" else f"{transform}({argument})")


WANDA = Metric()


def everything() -> tuple[Metric, ...]:
    """All 2401 points."""
    return tuple(Metric(*point) for point in itertools.product(TRANSFORMS, COEFFICIENTS, TRANSFORMS, COEFFICIENTS))


def canonical(metric: Metric) -> Metric:
    """The point that stands for all whose masks are the same under the row scope, whatever the weights and inputs."""
    first, left, second, right = metric
    first = "exp" if first == "softmax" else first
    second = "exp" if second == "softmax" else second
    left = left if left in ("column", "relative") else "one"
    right = right if right in ("column", "relative") else "one"
    if right == "column" and second == "square" and left == "one":
        return Metric("identity", left, second, right)
    if left == right == "one" and first in _POWERS and second in _POWERS:
        ratio = _POWERS[second] / _POWERS[first]
        pairs = itertools.product(_POWERS, _POWERS)
        first, second = next(pair for pair in pairs if _POWERS[pair[1]] / _POWERS[pair[0]] == ratio)
    return Metric(first, left, second, right)


@functools.cache
def candidates() -> tuple[Metric, ...]:
    """One point of each class, Wanda's first."""
    return tuple(dict.fromkeys(canonical(metric) for metric in everything()))


def distinct(
    metrics: Iterable[Metric], evidence: Sequence[LinearEvidence], sparsity: float, pattern: Pattern | None = None
) -> dict[Metric, tuple[Metric, ...]]:
    """The first metric of each group that cuts these linears alike -> the group. With few linears of the model this tells, in
    seconds, which trials would be the same."""
    pattern = pattern or Unstructured()
    groups: dict[bytes, list[Metric]] = {}
    for metric in metrics:
        digest = hashlib.sha256()
        for item in evidence:
            digest.update(pattern.keep(metric.score()(item), sparsity).cpu().numpy().tobytes())
        groups.setdefault(digest.digest(), []).append(metric)
    return {group[0]: tuple(group) for group in groups.values()}
