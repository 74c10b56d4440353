"""Gates learned on the loss (`methods.scores.leap`): one for every weight, on the whole model, from any scores on.

Each step draws gates, puts the gated weights into the model, takes the loss at some positions of a sample and its gradient in the gated weights,
and moves the gates by Adam, their rate rising and falling as in UniPruning's walk. The dense weights come back bit for bit. Memory a prunable
weight: 12 bytes (phi and Adam's averages), a dense copy and a gradient; planned before the first sample, on `engine.shelf`.
"""

import contextlib
from collections.abc import Mapping

import torch
from torch import Tensor

from mwanda_core.corpora import Packed
from mwanda_core.engine.gradients import gradients_at_some
from mwanda_core.engine.mirror import EPSILON, POSITIONS, in_turn, mean_squares, rate_at
from mwanda_core.engine.shelf import ROOM, place_for, shelf_at
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
) -> dict[str, Tensor]:
    """Full name of a linear -> phi [out, in], float32. start: scores to start from in place of the settings' own.

    Raises DoesNotFit before anything is done, Cancelled when stopped; the weights are as they were in every case.
    """
    linears = {block.full_name(linear): linear for block in model.blocks for linear in block.linears}
    largest = max(linear.weight.numel() for linear in linears.values())
    place = place_for(
        gates_bytes(model), largest * (32 + model.shape.bytes_per_weight), model.device, ROOM * available(model.device)
    )
    if not place:
        raise DoesNotFit(
            f"Learning gates needs {gib(gates_bytes(model))} beside the model; {model.device.type} has {gib(available(model.device))} free. "
            "Choose another method, or a smaller model."
        )
    with model.head():  # Asks the model, once, by a forward pass: which must not be taken for a sample's.
        pass
    order = in_turn(packed)
    work = packed.num_tokens * len(model.blocks)
    squares = _squares(model, packed, linears) if start is None else {}
    monitor.advance(float(work))
    dense, draws = DenseCopy(), torch.Generator().manual_seed(seed)
    whole = isinstance(pattern, Unstructured) and pattern.scope != "row"
    with contextlib.ExitStack() as stack:
        shelf = stack.enter_context(shelf_at(place, model.device))
        phi, first, second = {}, {}, {}
        for name, linear in linears.items():
            score = _start(name, linear, squares, settings.start) if start is None else start[name].to(model.device)
            groups = _grouped(score.float(), whole)
            pruned = num_pruned(groups.shape[1], sparsity)
            phi[name] = shelf.copy(opened(groups, pruned, settings.certainty).view(score.shape))
            first[name], second[name] = shelf.zeros(*score.shape), shelf.zeros(*score.shape)
        if not settings.rate:
            monitor.advance(3.0 * settings.rounds * work)
            return phi
        stack.callback(dense.restore)
        for name, linear in linears.items():
            dense.save(name, linear, place != "device")
        count = settings.rounds * len(order)
        for step in range(count):
            monitor.begin(f"Gates: step {step + 1} of {count}")
            for index, (name, linear) in enumerate(linears.items()):
                kept = dense.before(name, linear).to(model.device)
                linear.weight.copy_(torch.where(_relaxed(shelf.here(phi[name]), settings, seed, step, index) > 0, kept, 0.0))
            ids = packed.ids[order[step % len(order)]][None].to(model.device)
            _, grads = gradients_at_some(model, linears, ids, POSITIONS, draws, None if place == "device" else shelf)
            for index, (name, linear) in enumerate(linears.items()):
                if name not in grads:
                    continue
                here, one, two = (shelf.here(kept[name]) for kept in (phi, first, second))
                open_ = _relaxed(here, settings, seed, step, index).sigmoid()
                slope = shelf.here(grads[name]).float() * dense.before(name, linear).to(model.device).float()
                slope *= open_ * (1.0 - open_) / settings.temperature
                one.lerp_(slope, 1 - BETAS[0])
                two.lerp_(slope.square(), 1 - BETAS[1])
                deviation = (two / (1 - BETAS[1] ** (step + 1))).sqrt_().add_(EPSILON)
                here.addcdiv_(one, deviation, value=-settings.rate * rate_at(step, count) / (1 - BETAS[0] ** (step + 1)))
                here.copy_(shifted(_grouped(here, whole), 1.0 - sparsity).view(here.shape))
                for stored, worked in ((phi, here), (first, one), (second, two)):
                    shelf.back(stored[name], worked)
            monitor.advance(3.0 * work / len(order))
    return phi


def _grouped(score: Tensor, whole: bool) -> Tensor:
    return score.reshape(1, -1) if whole else score


def _relaxed(phi: Tensor, settings: Leap, seed: int, step: int, index: int) -> Tensor:
    """z of one linear at one step: drawn anew from the same seed, so that nothing is kept between the ways forth and back."""
    draws = torch.Generator(phi.device).manual_seed((seed * 1_000_003 + step) * 100_003 + index)
    noise = torch.rand(phi.shape, generator=draws, device=phi.device).logit_(eps=1e-6)
    return noise.add_(phi).div_(settings.temperature)


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
