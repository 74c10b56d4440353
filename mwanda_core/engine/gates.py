"""Gates learned on the loss (`methods.scores.leap`): one for every weight, on the whole model, from any scores on.

Each step draws gates, puts the gated weights into the model, takes the loss at some positions of a sample and its gradient in the gated weights,
and moves the gates by Adam, their rate rising and falling as in UniPruning's walk. Logistic noise is drawn once, twice as much as the largest
matrix has weights; each linear and step reads it from a place of its own, drawn anew, for drawing it takes a third of a step. The dense weights
come back bit for bit. Memory a prunable weight: 12 bytes (phi and Adam's averages), a dense copy and a gradient; planned before the first
sample, on `engine.shelf`.
"""

import contextlib
import dataclasses
from collections.abc import Mapping

import torch
from torch import Tensor

from mwanda_core.corpora import Packed
from mwanda_core.engine.gradients import gradients_at_some
from mwanda_core.engine.mirror import EPSILON, POSITIONS, in_turn, mean_squares, rate_at
from mwanda_core.engine.shelf import ROOM, Shelf, place_for, shelf_at
from mwanda_core.engine.weights import DenseCopy
from mwanda_core.errors import DoesNotFit
from mwanda_core.methods.scores import RIA, Magnitude, Wanda
from mwanda_core.methods.scores.leap import Leap, opened, shifted
from mwanda_core.models import LanguageModel, PrunableLinear
from mwanda_core.models.memory import available, gib
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.masks import num_pruned
from mwanda_core.parts.patterns import Pattern, Unstructured
from mwanda_core.parts.statistics import InputStats
from mwanda_core.progress import Monitor

BETAS = (0.9, 0.99)
STARTS = {"wanda": Wanda(), "ria": RIA(), "magnitude": Magnitude()}


def gates_bytes(model: LanguageModel) -> int:
    """Memory of the learning beside the model itself."""
    return model.shape.prunable * (12 + 2 * model.shape.bytes_per_weight)


@dataclasses.dataclass(frozen=True)
class Groups:
    """Gates that share a budget: those of a row, or of the whole matrix."""

    whole: bool
    sparsity: float

    def opened(self, score: Tensor, certainty: float) -> Tensor:
        """phi at the start."""
        groups = self._of(score)
        return opened(groups, num_pruned(groups.shape[1], self.sparsity), certainty).view(score.shape)

    def shifted(self, phi: Tensor) -> Tensor:
        """phi open at the share that stays."""
        return shifted(self._of(phi), 1.0 - self.sparsity).view(phi.shape)

    def _of(self, score: Tensor) -> Tensor:
        return score.reshape(1, -1) if self.whole else score


@dataclasses.dataclass
class Gates:
    """What is learned, by full name of a linear, each [out, in], float32: phi, and Adam's averages of its gradient and of its square. steps: taken."""

    phi: dict[str, Tensor]
    first: dict[str, Tensor]
    second: dict[str, Tensor]
    steps: int = 0


def learn(
    model: LanguageModel,
    packed: Packed,
    settings: Leap,
    sparsity: float,
    monitor: Monitor,
    *,
    pattern: Pattern | None = None,
    start: Mapping[str, Tensor] | None = None,
    seed: int = 0,
    begun: Gates | None = None,
    most: int | None = None,
) -> Gates:
    """The gates after the last sample of the last round. start: scores to start from in place of the settings' own. most: steps of this
    call; the gates it gives are gone on with as `begun` (which is written to), to the same bits as in one call.

    Raises DoesNotFit before anything is done, Cancelled when stopped; the weights are as they were in every case.
    """
    linears = {block.full_name(linear): linear for block in model.blocks for linear in block.linears}
    largest = max(linear.weight.numel() for linear in linears.values())
    place = place_for(
        gates_bytes(model), largest * (40 + model.shape.bytes_per_weight), model.device, ROOM * available(model.device)
    )
    if not place:
        raise DoesNotFit(
            f"Learning gates needs {gib(gates_bytes(model))} beside the model; {model.device.type} has {gib(available(model.device))} free. "
            "Choose another method, or a smaller model."
        )
    with model.head():  # Asks the model, once, by a forward pass: which must not be taken for a sample's.
        pass
    order, work = in_turn(packed), packed.num_tokens * len(model.blocks)
    dense, groups = DenseCopy(), Groups(isinstance(pattern, Unstructured) and pattern.scope != "row", sparsity)
    with contextlib.ExitStack() as stack:
        shelf = stack.enter_context(shelf_at(place, model.device))
        if begun is None:
            squares = _squares(model, packed, linears) if start is None else {}
            begun = Gates({}, {}, {})
            for name, linear in linears.items():
                score = _start(name, linear, squares, settings.start) if start is None else start[name].to(model.device)
                begun.phi[name] = shelf.copy(groups.opened(score.float(), settings.certainty))
                begun.first[name], begun.second[name] = shelf.zeros(*score.shape), shelf.zeros(*score.shape)
            monitor.advance(float(work))
        if not settings.rate:
            monitor.advance(3.0 * settings.rounds * work)
            return begun
        stack.callback(dense.restore)
        for name, linear in linears.items():
            dense.save(name, linear, place != "device")
        count = settings.rounds * len(order)
        noise = torch.rand(2 * largest, generator=torch.Generator().manual_seed(seed)).logit_(eps=1e-6).to(model.device)
        for step in range(begun.steps, count if most is None else min(count, begun.steps + most)):
            monitor.begin(f"Gates: step {step + 1} of {count}")
            draws = torch.Generator().manual_seed(seed * 1_000_003 + step)
            places = torch.randint(largest, (len(linears),), generator=draws).tolist()
            drawn = {
                name: noise[at : at + linear.weight.numel()].view(linear.weight.shape)
                for at, (name, linear) in zip(places, linears.items(), strict=True)
            }
            for name, linear in linears.items():
                linear.weight.copy_(
                    dense.before(name, linear).to(model.device) * (shelf.here(begun.phi[name]) + drawn[name] > 0)
                )
            ids = packed.ids[order[step % len(order)]][None].to(model.device)
            _, grads = gradients_at_some(model, linears, ids, POSITIONS, draws, None if place == "device" else shelf)
            begun.steps, rate = step + 1, settings.rate * rate_at(step, count)
            for name, gradient in grads.items():
                towards = shelf.here(gradient).float() * dense.before(name, linears[name]).to(model.device)
                _move(begun, name, towards, drawn[name], settings.temperature, rate, groups, shelf)
            monitor.advance(3.0 * work / len(order))
    return begun


def _move(
    gates: Gates, name: str, towards: Tensor, noise: Tensor, temperature: float, rate: float, groups: Groups, shelf: Shelf
) -> None:
    """A step of Adam's for one linear, dL/dw W being `towards`, then the shift."""
    here, one, two = (shelf.here(kept[name]) for kept in (gates.phi, gates.first, gates.second))
    slope = torch.add(here, noise).div_(temperature).sigmoid_()
    slope.addcmul_(slope, slope, value=-1.0).div_(temperature).mul_(towards)
    one.lerp_(slope, 1 - BETAS[0])
    two.mul_(BETAS[1]).addcmul_(slope, slope, value=1 - BETAS[1])
    sure, size = 1 - BETAS[0] ** gates.steps, (1 - BETAS[1] ** gates.steps) ** 0.5
    here.addcdiv_(one, two.sqrt().add_(EPSILON), value=-rate * size / sure)
    here.copy_(groups.shifted(here))
    for stored, worked in ((gates.phi, here), (gates.first, one), (gates.second, two)):
        shelf.back(stored[name], worked)


def _squares(model: LanguageModel, packed: Packed, linears: Mapping[str, PrunableLinear]) -> dict[str, Tensor]:
    """Mean square of every linear's input, the sequences alike."""
    sums: dict[str, Tensor] = {}
    for ids in packed.ids:
        with mean_squares(linears) as found:
            model.hidden(ids[None].to(model.device))
        for name, square in found.items():
            sums[name] = sums[name] + square if name in sums else square
    return {name: total / len(packed.ids) for name, total in sums.items()}


def _start(name: str, linear: PrunableLinear, squares: Mapping[str, Tensor], which: str) -> Tensor:
    """The score that the gates start from; of a linear that no token reached, the weights alone."""
    weight = linear.weight
    channels = squares[name].sqrt() if name in squares else torch.ones(weight.shape[1], device=weight.device)
    nothing = torch.zeros(1, weight.shape[1], dtype=torch.float64)
    stats = InputStats(("",), nothing, nothing, nothing, torch.ones(1, dtype=torch.float64))
    return STARTS[which](LinearEvidence(name, weight, stats, channels))
