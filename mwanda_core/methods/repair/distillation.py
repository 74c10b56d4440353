r"""Distillation to the dense model's own outputs, masks fixed: the kept weights of all linears take steps together down

    L = 1/n sum over positions of   T^2 KL( softmax(t / T) || softmax(s / T) ),       t, s: logits of the dense and of the pruned model
    dL / ds = T (softmax(s / T) - softmax(t / T)) / n

over the whole vocabulary (Hinton et al. 2015, of one model by its own pruned self). Steps are Adam's on float32 copies of the kept
weights, without decay; a matrix moves in units of the root mean square of its kept weights, so one rate serves matrices and models of any
scale. It rises over the first tenth of the steps and falls linearly to zero. What is pruned has no gradient and stays exactly zero.

A step reads sequences in turn from all languages, as many of each, and compares outputs at a random part of the positions: neighbours
tell much the same, and over a large vocabulary the head costs more than the blocks. Order and positions are drawn by `seed`.

Whom does it forget? Every look judges what is not learnt from: languages left out altogether, and text of the others that was put aside. The weights
that stay are those of the look with the least mean of divergence / divergence before, among those at which no judged group is worse
off than before the first step; that may be the beginning. Mask-keeping training is the field's usual end (Sun et al. 2024, section 5);
the judge, and the steps relative to each matrix, are ours.
"""

import dataclasses
import itertools
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from mwanda_core.methods.repair.base import Refit, Trained, Training, TrainingTask
from mwanda_core.methods.repair.least_squares import LeastSquares
from mwanda_core.parts.knobs import choice, number, whole

FIRST = {"least-squares": LeastSquares(), "none": None}
"""What may come before the first step."""

LOOKS = 4
"""Times that what is not learnt from is judged, beside the beginning."""

WARM = 0.1
"""Share of the steps in which the rate rises."""

MOMENTA = (0.9, 0.99)
"""Adam's; the second is shorter than usual, for there are a few hundred steps."""

JUDGED_SHARE = 0.15
"""Of the texts, about; only for the progress bar."""

LEAST = 1e-6
"""Nats a token below which divergences are alike: rounding."""


@dataclasses.dataclass(frozen=True)
class Distillation(Training):
    """After the cut, and after least squares, the weights that stay learn for some steps what the dense model itself would say next, in
    all languages in turn, as long as languages and texts that they do not learn from gain by it.

    first: what gives the kept weights new values before. steps, rate, tokens (a step), share (of positions compared), temperature T, seed.
    """

    title = "Distillation, masks fixed"
    formula = (
        r"\min_{W \in S}\ \sum_l \operatorname{KL}\bigl(p_{\text{dense}}(\cdot \mid x_l)\,\Vert\,p_W(\cdot \mid x_l)\bigr)"
    )
    source = "this project; distillation after Hinton et al. 2015"
    origin = "own"

    first: str = choice("least-squares", tuple(FIRST), "What gives the kept weights new values before the first step.")
    steps: int = whole(200, 0, 100_000, "Steps; 0: none.")
    rate: float = number(0.002, 0.0, 0.1, 0.0005, "Largest step of a weight, in units of the root mean square of its matrix.")
    tokens: int = whole(1024, 1, 10**7, "Tokens a step.")
    share: float = number(0.25, 0.01, 1.0, 0.01, "Share of the positions at which outputs are compared.")
    temperature: float = number(1.0, 0.1, 20.0, 0.1, "Above 1, unlikely tokens count more.")
    seed: int = whole(0, 0, 2**31 - 1, "Which sequences and positions come when.")

    @property
    def refit(self) -> Refit | None:
        return FIRST[self.first]

    def passes(self, texts: float, blocks: float, head: float) -> float:
        learning = self.steps * self.tokens * 3 * (blocks + self.share * head)
        return texts * blocks + learning + (LOOKS + 1) * JUDGED_SHARE * texts * (blocks + 2 * self.share * head)

    def train(self, task: TrainingTask) -> Trained:
        nothing = (0.0,) * len(task.judged)
        if not self.steps or not self.rate or not task.judged or not any(task.learnt):
            return Trained(0, nothing, nothing)
        before = after = task.divergences()
        best, least, place = [weight.clone() for weight in task.weights], 1.0, 0
        looks = {max(1, round(self.steps * look / LOOKS)) for look in range(1, LOOKS + 1)}
        adam = Adam.of(task.weights, task.keeps)
        for step, (sequences, positions) in enumerate(itertools.islice(self.draws(task), self.steps), 1):
            task.tick()
            adam.step(task.gradients(sequences, positions, self.temperature), self.rate * self.slope(step))
            if step in looks:
                now = task.divergences()
                ratios = [max(new, LEAST) / max(old, LEAST) for new, old in zip(now, before, strict=True)]
                if max(ratios) <= 1 and sum(ratios) / len(ratios) < least:  # So that NaN is no gain.
                    best, least, place, after = [w.clone() for w in task.weights], sum(ratios) / len(ratios), step, now
        for weight, kept in zip(task.weights, best, strict=True):
            weight.copy_(kept)
        return Trained(place, before, after)

    def slope(self, step: int) -> float:
        """The rate at a step (from 1 on), as a share of the largest."""
        warm = max(1, round(WARM * self.steps))
        return min(step / warm, (self.steps + 1 - step) / (self.steps + 1 - warm))

    def draws(self, task: TrainingTask) -> Iterator[tuple[list[int], list[int]]]:
        """(sequences, positions) of every step: languages in turn, each through its own sequences in an order drawn anew each time."""
        generator = torch.Generator().manual_seed(self.seed)

        def endless(some: Sequence[int]) -> Iterator[int]:
            while True:
                yield from (some[place] for place in torch.randperm(len(some), generator=generator).tolist())

        turns = endless(range(len(task.learnt)))
        texts = [endless(sequences) for sequences in task.learnt]
        count, compared = max(1, self.tokens // task.length), max(1, round(self.share * task.length))
        while True:
            sequences = sorted(next(texts[language]) for language in itertools.islice(turns, count))
            yield sequences, torch.randperm(task.length, generator=generator)[:compared].sort().values.tolist()


@dataclasses.dataclass(frozen=True)
class Adam:
    """Adam on float32 copies of weights (themselves, where they are float32), which stay zero where they are not kept."""

    weights: Sequence[Tensor]
    keeps: Sequence[Tensor]
    copies: list[Tensor]
    first: list[Tensor]
    second: list[Tensor]
    scales: list[float]
    done: list[int] = dataclasses.field(default_factory=list)

    @staticmethod
    def of(weights: Sequence[Tensor], keeps: Sequence[Tensor]) -> "Adam":
        """At rest."""
        copies = [weight.float() for weight in weights]
        squares = [float(copy.square().sum() / keep.sum().clamp_min(1)) for copy, keep in zip(copies, keeps, strict=True)]
        first, second = ([torch.zeros_like(copy) for copy in copies] for _ in range(2))
        return Adam(weights, keeps, copies, first, second, [square**0.5 for square in squares])

    def step(self, gradients: Sequence[Tensor], rate: float) -> None:
        """One step of at most about `rate` times each matrix's root mean square."""
        self.done.append(1)
        (short, long), count = MOMENTA, len(self.done)
        for place, (slope, keep) in enumerate(zip(gradients, self.keeps, strict=True)):
            mean, square, gradient = self.first[place], self.second[place], slope.masked_fill(~keep, 0)
            mean.lerp_(gradient, 1 - short)
            square.mul_(long).addcmul_(gradient, gradient, value=1 - long)
            # Where there never was a gradient, there is no step.
            size = (square / (1 - long**count)).sqrt_().clamp_min_(torch.finfo(torch.float32).tiny)
            self.copies[place].addcdiv_(mean, size, value=-rate * self.scales[place] / (1 - short**count))
            if self.copies[place] is not self.weights[place]:
                self.weights[place].copy_(self.copies[place])
