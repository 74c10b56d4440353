r"""Masked least squares: the kept weights are fitted again, so that the pruned model's layer gives what the dense model's gave.

For a row w of the dense weight, kept in the places S, with X the layer's inputs in the pruned model (all layers before it pruned and
repaired) and Z the inputs of the same tokens in the dense one,

    min over v, zero outside S, of   || w Z - v X ||^2 + p || v - w_S ||^2,        p = lambda * mean diag G,   G = X X^T
    [ v (G + p I) ]_S = [ w Z X^T + p w ]_S

with G = sum_l w_l X_l X_l^T / tokens_l over languages. Rows do not touch each other. Inputs of at most `EXACT_WIDTH` channels are
solved by Cholesky factors, wider ones by conjugate gradients, all rows at once, one product with G a step, preconditioned by the
diagonal and kept inside S.

lambda decides between helping everyone and forgetting whom the text does not show. It is chosen for every linear by leaving languages
out: G and Z X^T are sums, so those of all languages but some cost no more text. From the strongest pull on, rows are fitted to the other
languages and judged on those left out, by their error against that of the unrepaired weights, as long as the mean over languages falls
and no language is worse off than without repair. Where the first pull already is too weak, the linear stays as it is.

The problem for one mask is that of OPTIMA (2025) and of ALPS's last step; the choice of lambda, and so whom repair forgets, is ours.
"""

import dataclasses
from collections.abc import Iterator

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from mwanda_core.methods.repair.base import Fitted, LinearTask, Refit
from mwanda_core.parts.knobs import number

PULLS = (30.0, 10.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01)
"""What lambda is chosen from, strongest first: each is the start for the next."""

EXACT_WIDTH = 128
"""Inputs up to here are solved exactly: a factor of every row's own matrix."""

CHUNK_ELEMENTS = 2**24
"""Elements of the matrices that are factored at a time."""

MOST_STEPS = 100
"""Of conjugate gradients; with rounding, more do not help."""

PRECISION, SEARCHING = 1e-3, 1e-2
"""Residual against the right-hand side at which a fit ends: the last one, and those that lambda is chosen by."""

LEAST_GAIN, LEAST_ERROR = 1e-3, 1e-6
"""Share of the left-out error that a repair must take away to be worth it, and share of its outputs' squares that a layer must have lost
to be repaired at all: below lies the rounding of float32 sums."""


@dataclasses.dataclass(frozen=True)
class LeastSquares(Refit):
    """After the cut, the weights that stay are fitted so that each layer gives again what it gave in the dense model, not further from
    the old values than helps languages left out of the fit.

    pull: lambda, the pull towards the dense weights; 0 lets each layer choose it by leaving languages out.
    """

    title = "Least squares, languages left out"
    formula = r"\min_{v \in S}\ \sum_l w_l \lVert w Z_l - v X_l\rVert^2 + \lambda\,\overline{\operatorname{diag} G}\,\lVert v - w\rVert^2"
    source = "this project; the problem for one mask after OPTIMA (2025)"
    origin = "own"
    effort = 6.0

    pull: float = number(
        0.0, 0.0, 100.0, 0.01, "Pull towards the dense weights; 0: chosen for each layer by leaving languages out."
    )

    def fit(self, task: LinearTask) -> Fitted:
        system = System.of(task)
        if self.pull > 0:
            return Fitted(system.solve(self.pull, task.weight, PRECISION), (), f"repaired, pull {self.pull:g}")
        if len(task.folds) < 2:
            return Fitted(None, (1.0,) * len(task.gram), "not repaired: too little text to leave any out")
        best, ratios = 0.0, (1.0,) * len(task.gram)
        for pull, judged in left_out(task):
            if not (max(judged) <= 1 and _mean(judged) < _mean(ratios)):  # So that NaN ends it, too.
                break
            best, ratios = pull, judged
        if _mean(ratios) > 1 - LEAST_GAIN:
            return Fitted(None, (1.0,) * len(task.gram), "not repaired: languages left out would lose")
        note = f"repaired, pull {best:g}, left-out error {_mean(ratios):.3f} of the unrepaired's"
        return Fitted(system.solve(best, task.weight, PRECISION), ratios, note)


@dataclasses.dataclass(frozen=True)
class System:
    """The normal equations of some rows without their pull: G, W Z X^T, and the dense weights that it pulls to."""

    gram: Float[Tensor, "in in"]
    aim: Float[Tensor, "rows in"]
    dense: Float[Tensor, "rows in"]
    keep: Bool[Tensor, "rows in"]

    @staticmethod
    def of(task: LinearTask) -> "System":
        """All rows, all groups."""
        dense = task.dense.to(task.gram.dtype)
        return System(task.gram.sum(dim=0), dense @ task.cross.sum(dim=0), dense, task.keep)

    def solve(self, pull: float, start: Float[Tensor, "rows in"], precision: float) -> Float[Tensor, "rows in"]:
        """The fitted rows, zero where not kept; `start` is what they are now."""
        # Where no channel was ever active, the pull alone keeps the weights.
        added = (pull * self.gram.diagonal().mean()).clamp_min(torch.finfo(self.gram.dtype).tiny)
        aim = (self.aim + added * self.dense).masked_fill_(~self.keep, 0)
        start = start.to(aim.dtype)
        if self.gram.shape[0] <= EXACT_WIDTH:
            return exactly(self.gram, added, aim, self.keep)
        return by_gradients(self.gram, added, aim, self.keep, start, precision)


def exactly(
    gram: Float[Tensor, "in in"], added: Float[Tensor, ""], aim: Float[Tensor, "rows in"], keep: Bool[Tensor, "rows in"]
) -> Float[Tensor, "rows in"]:
    """[v (G + added I)]_S = aim_S for every row, by Cholesky factors in float64 (the least p that can be factored, where G + p I cannot)."""
    width, shift = len(gram), float(added)
    identity = torch.eye(width, dtype=torch.float64, device=gram.device)
    found = torch.zeros_like(aim)
    places = range(0, len(aim), max(1, CHUNK_ELEMENTS // width**2))
    for start in places:
        some = slice(start, start + places.step)
        mask = keep[some].double()
        while True:
            # Outside S the identity: rows with different numbers of kept weights are one batch.
            pairs = mask[:, :, None] * mask[:, None, :]
            matrix = (gram.double() + shift * identity) * pairs + identity * (1 - mask[:, None, :])
            factor, info = torch.linalg.cholesky_ex(matrix)
            if not bool(info.any()):
                break
            shift = max(10 * shift, 1e-10 * float(gram.diagonal().mean()))
        solved = torch.cholesky_solve(aim[some].double()[:, :, None], factor)[:, :, 0]
        found[some] = (solved * mask).to(aim.dtype)
    return found


def by_gradients(
    gram: Float[Tensor, "in in"],
    added: Float[Tensor, ""],
    aim: Float[Tensor, "rows in"],
    keep: Bool[Tensor, "rows in"],
    start: Float[Tensor, "rows in"],
    precision: float,
) -> Float[Tensor, "rows in"]:
    """The same by conjugate gradients from `start`, until no row's residual is more than `precision` of its right-hand side."""
    scale = (gram.diagonal() + added).clamp_min(torch.finfo(gram.dtype).tiny)
    found = start.masked_fill(~keep, 0)
    left = (aim - found @ gram - added * found).masked_fill_(~keep, 0)
    enough = precision**2 * (aim.square() / scale).sum(dim=1)
    step = left / scale
    size = (left * step).sum(dim=1)
    for _ in range(MOST_STEPS):
        if bool((size <= enough).all()):
            break
        product = (step @ gram + added * step).masked_fill_(~keep, 0)
        # A row that is done divides nothing by nothing.
        bend = (step * product).sum(dim=1)
        length = torch.where((size > enough) & (bend > 0), size / bend, 0.0)[:, None]
        found = found + length * step
        left = left - length * product
        ahead = left / scale
        now = (left * ahead).sum(dim=1)
        step = ahead + torch.where(size > 0, now / size, 0.0)[:, None] * step
        size = now
    return found


def left_out(task: LinearTask) -> Iterator[tuple[float, tuple[float, ...]]]:
    """(pull, error of every group by rows fitted without its fold, against the unrepaired rows' error), strongest pull first."""
    keep, now = task.keep[task.rows], task.weight[task.rows].to(task.gram.dtype)
    dense = task.dense[task.rows].to(task.gram.dtype)
    aims = torch.stack([dense @ cross for cross in task.cross])
    folds = [list(fold) for fold in task.folds]
    # Added up, not subtracted from the whole: of a channel that one language alone uses, rounding would be all that is left.
    others = [[g for g in range(len(aims)) if g not in fold] for fold in folds]
    systems = [System(task.gram[rest].sum(dim=0), aims[rest].sum(dim=0), dense, keep) for rest in others]

    def errors(fits: list[Float[Tensor, "rows in"]]) -> dict[int, float]:
        return {
            group: float(error(fit, task.gram[group], aims[group], task.energy[group]).sum())
            for fold, fit in zip(folds, fits, strict=True)
            for group in fold
        }

    fits = [now] * len(folds)
    before, least = errors(fits), (LEAST_ERROR * task.energy.sum(dim=1)).tolist()
    for pull in PULLS:
        fits = [system.solve(pull, fit, SEARCHING) for system, fit in zip(systems, fits, strict=True)]
        after = errors(fits)
        yield pull, tuple(after[g] / before[g] if before[g] > least[g] else 1.0 for g in range(len(aims)))


def error(
    weight: Float[Tensor, "rows in"],
    gram: Float[Tensor, "in in"],
    aim: Float[Tensor, "rows in"],
    energy: Float[Tensor, " rows"],
) -> Float[Tensor, " rows"]:
    """|| w Z - v X ||^2 of every row, float64: sums that nearly cancel are compared by it."""
    wide = weight.double()
    return energy.double() - 2 * (wide * aim.double()).sum(dim=1) + ((weight @ gram).double() * wide).sum(dim=1)


def _mean(values: tuple[float, ...]) -> float:
    return sum(values) / len(values)
