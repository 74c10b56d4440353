r"""SparseFW: the mask as a convex problem, solved by Frank-Wolfe (Roux et al. 2025, algorithm 2).

The mask may take values in [0, 1], at most k of every comparison group in sum; L is then convex (see quadratic.py):

    min L(M)   with   0 <= M <= 1,   sum of each group <= k
    gradient = -2 W o (W - M o W) G

The k_fixed = floor(alpha k) highest scores of a group are kept outright (F). Of the others, M holds k - k_fixed. Each
step evaluates the gradient at F + M, puts ones at the k - k_fixed most negative free entries (the vertex V), and moves
M <- (1 - eta) M + eta V. In the end the highest k - k_fixed of M are kept.

What differs from the printed algorithm, and why:
  * it evaluates the gradient at M alone. The fixed weights are then treated as pruned, and the result is worse than the
    mask one starts from; the gradient of L is at F + M.
  * it keeps floor(alpha k) + floor((1 - alpha) k) weights, which can lose one of k; here k - floor(alpha k).
  * step "open-loop" is the paper's eta = 2 / (t + 2). Its first step is 1, which forgets the start, and L can rise.
    "line-search" takes the best eta on the segment, per row where groups lie within rows: L then never rises.
  * rounding can cost more than the relaxation gained. A row (with scope "layer", the matrix) that ends with a higher L
    than its starting mask goes back to it.
"""

import dataclasses

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from mwanda_core.methods.solvers.base import Solution, Solver
from mwanda_core.methods.solvers.quadratic import keep_better, removed, times_gram, weight_and_gram
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.knobs import choice, number, whole
from mwanda_core.parts.masks import keep_top
from mwanda_core.parts.needs import Need
from mwanda_core.parts.patterns import Groups, Pattern


@dataclasses.dataclass(frozen=True)
class SparseFW(Solver):
    """Keeps the surest weights by score and finds the others by minimising the layer's output error."""

    title = "SparseFW"
    formula = (
        r"\min_{M \in [0,1],\ \sum M \le k} \lVert (W - M \odot W) X \rVert_F^2,\quad "
        r"M \leftarrow (1-\eta) M + \eta V,\quad V = \arg\min_V \langle \nabla L, V \rangle"
    )
    source = "Roux et al. 2025 (SparseFW), algorithm 2"
    origin = "paper"
    needs = frozenset({Need.GRAM})
    effort = 9.0

    alpha: float = number(0.9, 0.0, 1.0, 0.05, "Share of the kept weights that the score alone decides; 1 leaves its mask.")
    iterations: int = whole(50, 1, 5000, "Frank-Wolfe steps (the paper takes 2000).")
    step: str = choice("line-search", ("line-search", "open-loop"), "How far each step goes.")

    def solve(self, evidence: LinearEvidence, score: Float[Tensor, "out in"], pattern: Pattern, sparsity: float) -> Solution:
        start = pattern.keep(score, sparsity)
        groups = pattern.groups(score.shape, sparsity)
        # The small term undoes rounding of the product, as in num_pruned.
        num_fixed = int(self.alpha * groups.kept + 1e-6)
        if groups.pruned == 0 or num_fixed == groups.kept:
            return Solution(start)
        weight, gram = weight_and_gram(evidence)
        fixed = keep_top(score.reshape(-1, groups.size), groups.size - num_fixed).view(score.shape)
        free = Groups(groups.size, groups.kept - num_fixed)
        problem = Problem(weight, gram, fixed, free)
        relaxed = problem.minimise(start & ~fixed, self.iterations, self.step == "line-search")
        found = fixed | round_mask(relaxed.masked_fill(fixed, -1), score, free)
        return keep_better(weight, gram, start, found, groups)


@dataclasses.dataclass(frozen=True)
class Problem:
    """The relaxed problem of one matrix: `fixed` weights are kept; `groups.kept` more of every group are to be found."""

    weight: Float[Tensor, "out in"]
    gram: Float[Tensor, "in in"]
    fixed: Bool[Tensor, "out in"]
    groups: Groups

    def gradient(self, residual: Float[Tensor, "out in"]) -> Float[Tensor, "out in"]:
        """dL/dM at F + M, from the residual (W - (F + M) o W) G."""
        return (-2 * self.weight).mul_(residual)

    def vertex(self, gradient: Float[Tensor, "out in"]) -> Float[Tensor, "out in"]:
        """The feasible V of least <gradient, V>: ones at the most negative free entries, none where it is positive."""
        gain = (-gradient).masked_fill_(self.fixed, -torch.inf).view(-1, self.groups.size)
        best = gain.topk(self.groups.kept, dim=1, sorted=False)
        return torch.zeros_like(gain).scatter_(1, best.indices, (best.values > 0).to(gain.dtype)).view_as(gradient)

    def minimise(self, start: Bool[Tensor, "out in"], iterations: int, line_search: bool) -> Float[Tensor, "out in"]:
        """M after the given number of steps from a 0-1 start."""
        mask = start.to(self.weight.dtype)
        base = removed(self.weight, self.fixed) @ self.gram
        covered = times_gram(mask * self.weight, self.gram)  # (M o W) G, kept up to date with M
        for t in range(iterations):
            residual = base - covered
            direction = self.vertex(self.gradient(residual))
            ahead = times_gram(direction * self.weight, self.gram).sub_(covered)
            direction.sub_(mask)
            if line_search:
                eta = self._best_step(direction * self.weight, residual, ahead)
                if not bool(eta.any()):
                    break
            else:
                eta = mask.new_tensor(2.0 / (t + 2)).expand(len(mask), 1)
            mask.addcmul_(direction, eta.expand_as(mask))
            covered.addcmul_(ahead, eta.expand_as(mask))
        return mask

    def _best_step(
        self, change: Float[Tensor, "out in"], residual: Float[Tensor, "out in"], change_gram: Float[Tensor, "out in"]
    ) -> Float[Tensor, "out 1"]:
        """argmin over eta in [0, 1] of L(M + eta D) = L - eta gap + eta^2 curvature; change = D o W."""
        half_gap = (change * residual).sum(dim=1, keepdim=True)
        curvature = (change * change_gram).sum(dim=1, keepdim=True)
        if self.groups.size > change.shape[1]:  # a group spans rows: moving them by different steps would break its count
            half_gap, curvature = half_gap.sum().expand_as(half_gap), curvature.sum().expand_as(curvature)
        eta = half_gap / curvature.clamp_min(torch.finfo(torch.float32).tiny)
        return torch.where(curvature > 0, eta, 0).clamp(0, 1)


def round_mask(relaxed: Float[Tensor, "out in"], score: Float[Tensor, "out in"], groups: Groups) -> Bool[Tensor, "out in"]:
    """The highest `groups.kept` of every group; equal values (zeros that no step touched) in the order of their score."""
    order = score.reshape(-1, groups.size).argsort(dim=1, stable=True)
    by_score = relaxed.view(-1, groups.size).gather(1, order)
    keep = keep_top(by_score, groups.pruned)
    return torch.empty_like(keep).scatter_(1, order, keep).view(relaxed.shape)
