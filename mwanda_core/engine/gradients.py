"""Gradients for the scores that want them, one sequence at a time, as root mean squares over sequences.

    regional   sqrt( 1/N sum_n ( d ||f(X_n)||_F / dW )^2 / T )     backward through one block f only (Wanda++, section 3.2)
    full       sqrt( 1/N sum_n ( d loss(x_n) / dW )^2 )        backward through the whole model (GBLM-Pruner, equation 3)
    relevance  - sum_l w_l 1/N_l sum_n d loss(x_n) / dW        the same under LRP rules, signed (SparC3, equations 1 and 8); w_l: 1/L, or as given

T is the number of tokens of a sequence: the norm of a longer output has a gradient larger by about sqrt(T), and dividing by it
keeps the balance with a channel norm per token (see `scores/wandapp.py`). Gradients are taken in the model's type and squared in float32. Nothing of the model changes.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from mwanda_core.attribution import lrp
from mwanda_core.corpora import Packed
from mwanda_core.engine.shelf import Shelf
from mwanda_core.errors import ModelError
from mwanda_core.models import LOSS_CHUNK_ELEMENTS, DecoderBlock, LanguageModel, PrunableLinear, Recording
from mwanda_core.models.calls import replaced_forward
from mwanda_core.parts.needs import Need
from mwanda_core.progress import Monitor

NUM_SEQUENCES = 32
"""Sequences that gradients are averaged over: a backward pass each."""


def spread_sequences(packed: Packed, count: int) -> Packed:
    """About `count` sequences in all, the same number of every language and at least one."""
    per_language = max(1, count // len(packed.languages))
    return packed.part(min(1.0, per_language / (len(packed.ids) // len(packed.languages))))


@contextlib.contextmanager
def wanting_gradients(linears: Sequence[PrunableLinear]) -> Iterator[list[nn.Parameter]]:
    """The weights of some linears ask for gradients, and stop asking afterwards."""
    weights = [_parameter(linear) for linear in linears]
    for weight in weights:
        weight.requires_grad_(True)
    try:
        yield weights
    finally:
        for weight in weights:
            weight.grad = None
            weight.requires_grad_(False)


def _parameter(linear: PrunableLinear) -> nn.Parameter:
    weight = linear.module.weight
    if not isinstance(weight, nn.Parameter):
        raise ModelError(
            f"{linear.name} lies with other experts in one parameter and has no gradient of its own: choose a method without gradients."
        )
    return weight


def _oriented(linear: PrunableLinear, gradient: Tensor) -> Float[Tensor, "out in"]:
    return gradient.T if linear.transposed else gradient


@contextlib.contextmanager
def checkpointed(model: LanguageModel) -> Iterator[None]:
    """Inside, a backward pass remembers what enters each block alone and runs the block again on its way back."""

    def again(work: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args, **kwargs: checkpoint(work, *args, use_reentrant=False, **kwargs)

    with contextlib.ExitStack() as stack:
        for block in model.blocks:
            stack.enter_context(replaced_forward(block.module, again(block.module.forward)))
        yield


def gradients_at_some(
    model: LanguageModel,
    linears: Mapping[str, PrunableLinear],
    ids: Int[Tensor, "1 time"],
    positions: int,
    draws: torch.Generator,
    shelf: Shelf | None = None,
) -> tuple[float, dict[str, Tensor]]:
    """Mean loss at so many positions, drawn, and its gradient in every weight by name, [out, in]; an expert that no token reached has none.

    shelf: gradients are put there one after the other, float32, as the backward pass makes them.
    """
    length = ids.shape[1]
    places = torch.randperm(length - 1, generator=draws)[:positions].sort().values.to(ids.device)
    with wanting_gradients(list(linears.values())) as weights:
        with torch.enable_grad():
            states = model.states(ids)
        cut = states.detach()[0, places].requires_grad_(True)
        with model.head() as head, torch.enable_grad():
            loss = torch.nn.functional.cross_entropy(head(cut).float(), ids[0, places + 1])
        (outer,) = torch.autograd.grad(loss, cut)
        whole = torch.zeros_like(states)
        whole[0, places] = outer
        if shelf is not None:
            return float(loss.detach()), _on_shelf(linears, weights, states, whole, shelf)
        found = torch.autograd.grad(states, weights, grad_outputs=whole, allow_unused=True)
    pairs = zip(linears.items(), found, strict=True)
    known = {name: (linear, gradient) for (name, linear), gradient in pairs if gradient is not None}
    return float(loss.detach()), {name: _oriented(linear, gradient) for name, (linear, gradient) in known.items()}


def _on_shelf(
    linears: Mapping[str, PrunableLinear], weights: Sequence[nn.Parameter], states: Tensor, outer: Tensor, shelf: Shelf
) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}

    def taken(name: str, linear: PrunableLinear) -> Callable[[Tensor], None]:
        def take(weight: Tensor) -> None:
            assert weight.grad is not None
            found[name] = shelf.copy(_oriented(linear, weight.grad))
            weight.grad = None

        return take

    handles = [
        weight.register_post_accumulate_grad_hook(taken(name, linear))
        for (name, linear), weight in zip(linears.items(), weights, strict=True)
    ]
    try:
        states.backward(outer)
    finally:
        for handle in handles:
            handle.remove()
    return {name: found[name] for name in linears if name in found}


def regional(
    model: LanguageModel,
    block: DecoderBlock,
    recordings: Sequence[Recording],
    hidden: Sequence[Float[Tensor, "batch time hidden"]],
    monitor: Monitor,
) -> dict[str, Tensor]:
    """Root mean square of the gradient of the block output's norm, by linear name, [out, in] float32.

    Every recording must hold one sequence.
    """
    squares = {linear.name: torch.zeros(linear.weight.shape, device=model.device) for linear in block.linears}
    if not squares:  # All that it calls is at home elsewhere.
        return {}
    with wanting_gradients(block.linears) as weights, torch.enable_grad():
        for recording, entering in zip(recordings, hidden, strict=True):
            norm = model.replay(block, recording, entering).float().norm()
            for linear, gradient in zip(block.linears, torch.autograd.grad(norm, weights), strict=True):
                squares[linear.name] += _oriented(linear, gradient).float().square() / recording.batch.num_tokens
            monitor.advance(2.0 * recording.batch.num_tokens)
    return {name: (total / len(recordings)).sqrt() for name, total in squares.items()}


BY_BLOCK = {Need.REGIONAL_GRADIENT: regional}
"""Needs of scope "sequences" that are measured on a block before it is cut."""


def full(model: LanguageModel, packed: Packed, monitor: Monitor) -> dict[str, Tensor]:
    """Root mean square of the loss gradient, by full name, [out, in] float32, on the model as it stands."""
    return {name: mean.sqrt() for name, mean in _over_sequences(model, packed, monitor, Tensor.square).items()}


def relevance(
    model: LanguageModel,
    packed: Packed,
    monitor: Monitor,
    rule: str = "attnlrp",
    weights: Float[Tensor, " languages"] | None = None,
) -> dict[str, Tensor]:
    """Mean of the derivative of the log-probability under a rule of `attribution.RULES`, by full name, [out, in] float32, signed. Times
    the weight it is the weight's relevance. `weights`: how much each language counts (None: all alike), summing to 1."""
    shares = None
    if weights is not None and float(weights.max() - weights.min()) > 0:
        rows = packed.rows.cpu()
        shares = (weights.cpu() / rows.bincount(minlength=len(weights)).clamp_min(1))[rows].tolist()
    with lrp(model, rule):
        return _over_sequences(model, packed, monitor, Tensor.neg, shares)


def _over_sequences(
    model: LanguageModel,
    packed: Packed,
    monitor: Monitor,
    made: Callable[[Tensor], Tensor],
    shares: Sequence[float] | None = None,
) -> dict[str, Tensor]:
    """Mean over sequences (or sum with these shares) of what `made` makes of the loss gradient in float32."""
    linears = [(block.full_name(linear), linear) for block in model.blocks for linear in block.linears]
    sums = {name: torch.zeros(linear.weight.shape, device=model.device) for name, linear in linears}
    with wanting_gradients([linear for _, linear in linears]) as weights:
        for index in range(len(packed.ids)):
            monitor.begin(f"Gradients: sequence {index + 1} of {len(packed.ids)}")
            gradients = _loss_gradients(model, packed.ids[index : index + 1].to(model.device), weights)
            for (name, linear), gradient in zip(linears, gradients, strict=True):
                found = made(_oriented(linear, gradient).float())
                sums[name] += found if shares is None else shares[index] * found
            monitor.advance(3.0 * packed.ids.shape[1] * len(model.blocks))
    return sums if shares is not None else {name: total / len(packed.ids) for name, total in sums.items()}


def _loss_gradients(model: LanguageModel, ids: Int[Tensor, "1 time"], weights: Sequence[nn.Parameter]) -> tuple[Tensor, ...]:
    """Gradient of the mean token loss. The head's part is taken in chunks, so that no [tokens x vocabulary] is held."""
    with torch.enable_grad():
        states = model.states(ids)
    cut = states.detach().requires_grad_(True)
    size = max(1, LOSS_CHUNK_ELEMENTS // model.vocabulary)
    targets = ids[0, 1:]
    with model.head() as head, torch.enable_grad():
        for part in torch.arange(len(targets), device=ids.device).split(size):
            loss = torch.nn.functional.cross_entropy(head(cut[0, part]).float(), targets[part], reduction="sum")
            (loss / len(targets)).backward()
    assert cut.grad is not None
    return torch.autograd.grad(states, weights, grad_outputs=cut.grad)
