r"""How much each MLP neuron, attention head or MLP weight matters for a task: one number each, higher is kept.

With h the activations that enter the down matrix (of an MLP; of attention: its output matrix), m the margin of a prompt, sums over its
tokens, means over prompts:

    attnlrp       R_i = mean sum_t h_i dm/dh_i     under the rules of AttnLRP      Hatefi et al. 2025 (SparC3), equations 1 and 8
    hybrid        the same with attention weights as constants: blind to whatever only tells heads where to look
    gradient      the same with the plain gradient                               gradient times activation
    integrated    as gradient, the gradient averaged over embeddings scaled by 1/n .. 1     after Hanna et al. 2024 (EAP-IG)
    wanda         rms(h_i) ||W_down[:, i]||                                       what Wanda's scores add up to, squared
    magnitude     ||W_down[:, i]||
    random        a control

R_i is also the sum of the relevances W_ji dm/dW_ji of column i of the down matrix. A head is the sum over its entries i (of the squares,
where norms are meant). For weights the same names mean W_ij times the
mean gradient, |W_ij| rms(x_j), |W_ij|, chance, over all matrices of the MLPs. Relevance is signed, as in the paper: what works
against the task ranks last.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.attribution import lrp
from mwanda_core.engine.gradients import wanting_gradients
from mwanda_core.errors import UnknownName
from mwanda_core.insight.heads import find_heads
from mwanda_core.insight.mlps import Mlp, find_mlps
from mwanda_core.models import LanguageModel, PrunableLinear
from mwanda_core.progress import Monitor
from mwanda_core.studies.circuits.prompts import Prompt, batches_of, ids_of, margins_in
from mwanda_core.studies.circuits.study import METHODS

GRADIENT_RULES = {"attnlrp": "attnlrp", "hybrid": "hybrid", "gradient": "gradient", "integrated": "gradient"}
STEPS = 5
"""Points of the path that integrated gradients are averaged over."""


@runtime_checkable
class Units(Protocol):
    """Units of one block, side by side in what one matrix reads: the neurons of an MLP (`insight.mlps.Mlp`), the heads of attention
    (`insight.heads.Heads`)."""

    @property
    def block(self) -> int: ...
    @property
    def units(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def down(self) -> str: ...


def units_of(model: LanguageModel, part: str) -> tuple[Units, ...]:
    """What is ranked: attention heads ("heads"), else MLP neurons.

    Raises ModelError for a model that has none.
    """
    return find_heads(model) if part == "heads" else find_mlps(model)


def summed(entries: Float[Tensor, " entries"], parts: Sequence[Units]) -> Float[Tensor, " units"]:
    """Entries of what the down matrices read, one block after the other, summed over those of each unit."""
    split = entries.split([part.units * part.width for part in parts])
    return torch.cat([found.view(part.units, part.width).sum(dim=1) for found, part in zip(split, parts, strict=True)])


def passes_of(method: str) -> float:
    """Work of one method in forward passes of the prompts."""
    return {"integrated": 3.0 * STEPS, "wanda": 1.0, "magnitude": 0.0, "random": 0.0}.get(method, 3.0)


def unit_scores(
    model: LanguageModel,
    parts: Sequence[Units],
    prompts: Sequence[Prompt],
    method: str,
    seed: int = 0,
    monitor: Monitor | None = None,
) -> Float[Tensor, " units"]:
    """The neurons of all MLPs (or the heads of all blocks) one after the other, float32.

    Raises UnknownName for a method that there is not.
    """
    check_method(method)
    monitor = monitor or Monitor()
    if method == "random":
        total = sum(part.units for part in parts)
        return torch.rand(total, generator=torch.Generator().manual_seed(seed))
    if method not in GRADIENT_RULES:
        squares = torch.cat([linear.weight.float().square().sum(dim=0).cpu() for linear in downs(model, parts)])
        if method == "wanda":
            squares = squares * mean_activations(model, parts, prompts, monitor)[1]
        return summed(squares, parts).sqrt()
    return summed(_relevances(model, parts, prompts, method, monitor), parts)


def check_method(method: str) -> None:
    """Raises UnknownName listing the known methods."""
    if method not in METHODS:
        raise UnknownName("way to rank components", method, METHODS)


def downs(model: LanguageModel, parts: Sequence[Units]) -> list[PrunableLinear]:
    """The matrix that reads the units of each block: the down matrix of an MLP, the output matrix of attention."""
    return [_linear(model, part.block, part.down) for part in parts]


def mlp_linears(model: LanguageModel, mlps: Sequence[Mlp]) -> dict[str, PrunableLinear]:
    """All matrices of the MLPs by full name."""
    found = {}
    for mlp in mlps:
        for name in (*(name for name, _ in mlp.rows), mlp.down):
            linear = _linear(model, mlp.block, name)
            found[model.blocks[mlp.block].full_name(linear)] = linear
    return found


def _linear(model: LanguageModel, block: int, name: str) -> PrunableLinear:
    return next(linear for linear in model.blocks[block].linears if linear.name == name)


@contextlib.contextmanager
def watched(modules: Sequence[torch.nn.Module], see: Callable[[int, Tensor], Tensor | None]) -> Iterator[None]:
    """What enters each module is shown to `see` with the module's number, and replaced by what it returns, if anything."""

    def hook(index: int) -> Callable[..., Any]:
        def before(module: torch.nn.Module, args: tuple[Any, ...]) -> Any:
            found = see(index, args[0])
            return None if found is None else (found, *args[1:])

        return before

    with contextlib.ExitStack() as stack:
        for index, module in enumerate(modules):
            stack.callback(module.register_forward_pre_hook(hook(index)).remove)
        yield


@torch.no_grad()
def mean_activations(
    model: LanguageModel, parts: Sequence[Units], prompts: Sequence[Prompt], monitor: Monitor | None = None
) -> tuple[Float[Tensor, " entries"], Float[Tensor, " entries"]]:
    """Mean and mean square of every entry (a neuron has one, a head several) over all tokens of the prompts but the first, which carries sums of its own
    (attention sinks) hundreds of times larger."""
    monitor = monitor or Monitor()
    sums = [torch.zeros(2, part.units * part.width, dtype=torch.float64) for part in parts]
    count = 0

    def see(index: int, h: Tensor) -> None:
        flat = h[:, 1:].reshape(-1, h.shape[-1]).double().cpu()
        sums[index] += torch.stack([flat.sum(dim=0), flat.square().sum(dim=0)])

    with watched([linear.module for linear in downs(model, parts)], see):
        for chosen in batches_of(prompts):
            ids = ids_of(prompts, chosen)
            model.hidden(ids)
            count += ids[:, 1:].numel()
            monitor.advance(float(ids.numel()))
    both = (torch.cat(sums, dim=1) / max(1, count)).float()
    return both[0], both[1]


@contextlib.contextmanager
def entering(model: LanguageModel, share: float) -> Iterator[None]:
    """Inside, gradients start at the first block, whose input is multiplied by `share`."""

    def leaf(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        hidden = args[0] if args else kwargs["hidden_states"]
        hidden = (hidden.detach() * share).requires_grad_(True)
        return ((hidden, *args[1:]), kwargs) if args else (args, {**kwargs, "hidden_states": hidden})

    handle = model.blocks[0].module.register_forward_pre_hook(leaf, with_kwargs=True)
    try:
        yield
    finally:
        handle.remove()


def _relevances(
    model: LanguageModel, parts: Sequence[Units], prompts: Sequence[Prompt], method: str, monitor: Monitor
) -> Float[Tensor, " entries"]:
    shares = [step / STEPS for step in range(STEPS, 0, -1)] if method == "integrated" else [1.0]
    total = [torch.zeros(part.units * part.width) for part in parts]
    seen: dict[int, Tensor] = {}
    modules = [linear.module for linear in downs(model, parts)]
    with watched(modules, seen.__setitem__), lrp(model, GRADIENT_RULES[method]):
        for chosen in batches_of(prompts):
            ids = ids_of(prompts, chosen)
            whole: list[Tensor] = []
            for share in shares:
                with entering(model, share), torch.enable_grad():
                    margin = margins_in(model, prompts, chosen, model.states(ids)).sum()
                    inner = [seen[index] for index in range(len(parts))]
                    gradients = torch.autograd.grad(margin, inner)
                # The activations are those of the unscaled embeddings, which come first.
                whole = whole or [h.detach().float() for h in inner]
                for index, gradient in enumerate(gradients):
                    total[index] += (whole[index] * gradient.float()).sum(dim=(0, 1)).cpu() / len(shares)
                monitor.advance(3.0 * ids.numel())
            seen.clear()
    return torch.cat(total) / len(prompts)


def weight_scores(
    model: LanguageModel,
    mlps: Sequence[Mlp],
    prompts: Sequence[Prompt],
    method: str,
    seed: int = 0,
    monitor: Monitor | None = None,
) -> Mapping[str, Float[Tensor, "out in"]]:
    """Every MLP matrix's scores by full name, float32.

    Raises UnknownName for a method that there is not; integrated gradients are offered for neurons only.
    """
    check_method(method)
    if method == "integrated":
        raise UnknownName("way to rank weights", method, [name for name in METHODS if name != "integrated"])
    linears, monitor = mlp_linears(model, mlps), monitor or Monitor()
    if method == "random":
        draw = torch.Generator().manual_seed(seed)
        return {name: torch.rand(linear.weight.shape, generator=draw) for name, linear in linears.items()}
    if method == "magnitude":
        return {name: linear.weight.float().abs() for name, linear in linears.items()}
    if method == "wanda":
        norms = _input_norms(model, linears, prompts, monitor)
        return {name: linear.weight.float().abs() * norms[name] for name, linear in linears.items()}
    return _weight_relevances(model, linears, prompts, method, monitor)


@torch.no_grad()
def _input_norms(
    model: LanguageModel, linears: Mapping[str, PrunableLinear], prompts: Sequence[Prompt], monitor: Monitor
) -> dict[str, Tensor]:
    names, count = list(linears), 0
    sums = [torch.zeros(linear.weight.shape[1], dtype=torch.float64) for linear in linears.values()]

    def see(index: int, x: Tensor) -> None:
        sums[index] += x.reshape(-1, x.shape[-1]).double().square().sum(dim=0).cpu()

    with watched([linear.module for linear in linears.values()], see):
        for chosen in batches_of(prompts):
            ids = ids_of(prompts, chosen)
            model.hidden(ids)
            count += ids.numel()
            monitor.advance(float(ids.numel()))
    return {name: (sums[i] / count).sqrt().float().to(model.device) for i, name in enumerate(names)}


def _weight_relevances(
    model: LanguageModel, linears: Mapping[str, PrunableLinear], prompts: Sequence[Prompt], method: str, monitor: Monitor
) -> dict[str, Tensor]:
    totals = {name: torch.zeros(linear.weight.shape, device=model.device) for name, linear in linears.items()}
    with lrp(model, GRADIENT_RULES[method]), wanting_gradients(list(linears.values())) as weights, torch.enable_grad():
        for chosen in batches_of(prompts):
            ids = ids_of(prompts, chosen)
            margin = margins_in(model, prompts, chosen, model.states(ids)).sum()
            gradients = torch.autograd.grad(margin, weights)
            for (name, linear), gradient in zip(linears.items(), gradients, strict=True):
                totals[name] += (gradient.T if linear.transposed else gradient).float()
            monitor.advance(3.0 * ids.numel())
    return {name: linear.weight.float() * totals[name] / len(prompts) for name, linear in linears.items()}
