r"""Which weights paint a memorised picture, by three published ideas, and a model without them.

    nemo       value channels of the cross-attention (attn2.to_v) that answer the caption z > theta standard deviations more than
               general captions, and of each layer the k that stand out most; theta falls and k grows until the first step's noise no longer
               resembles the unblocked one; layers, then channels, that are not needed are set free      Hintersdorf et al. 2024 (NeMo)
    wanda      second MLP linear (ff.net.2): S = |W| norm(x); of each row the top `share` of S on the caption, where S exceeds that on
               general captions; union over the first WANDA_STEPS steps                                 Chavhan et al. 2024
    contrast   the same linears: the top `share` of |W| (norm on the caption - norm on general captions)+    this project
    random     as many weights of each matrix as a mask that is given

Masks say what is GONE. A channel without its row of to_v gives nothing: blocking is pruning, too. Layers are found by their names'
ends, in any module that `diffusion.noise_of` can call, diffusers' UNets among them. NeMo's SSIM stands on one window here.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from mwanda_core.errors import ModelError, UnknownName
from mwanda_core.studies.memory.diffusion import TIMES, noise_of, sample

METHODS = ("nemo", "wanda", "contrast")
VALUES, OUTPUTS = "attn2.to_v", "ff.net.2"
WANDA_STEPS = 10
THETAS = tuple(5.0 - 0.25 * i for i in range(17))
LOOK_ALIKE = 0.428
"""NeMo's bound: mean and one standard deviation of SSIM between noises of captions that are not memorised."""

MOST = 0.9
"""Largest share that is tried."""

Masks = dict[str, Tensor]
"""Name of a linear -> bool [out, in], True where a weight is gone."""


def linears(model: nn.Module, end: str) -> dict[str, nn.Linear]:
    """The linears whose name ends so.

    Raises ModelError when there is none.
    """
    found = {name: module for name, module in model.named_modules() if name.endswith(end) and isinstance(module, nn.Linear)}
    if not found:
        raise ModelError(f"The model has no linear layer named '...{end}': give one with the names that diffusers uses.")
    return found


@contextlib.contextmanager
def without(model: nn.Module, masks: Mapping[str, Tensor]) -> Iterator[None]:
    """Inside, the weights of the masks are 0; afterwards all are as before, bit for bit."""
    parts = dict(model.named_modules())
    kept = {name: parts[name].weight.data.clone() for name in masks}
    try:
        for name, gone in masks.items():
            parts[name].weight.data.masked_fill_(gone.to(kept[name].device), 0.0)
        yield
    finally:
        for name, weight in kept.items():
            parts[name].weight.data.copy_(weight)


def masks_of(method: str, model: nn.Module, caption: Tensor, general: Tensor, noise: Tensor, share: float) -> Masks:
    """What a method would remove. caption [slots, channels], general [captions, slots, channels], noise [seeds, ...] to start from.

    Raises UnknownName for a method that there is not.
    """
    if method == "nemo":
        return nemo(model, caption, general, noise) if share == 0 else standing_out(model, caption, general, share)
    if method not in METHODS:
        raise UnknownName("way to find a picture's weights", method, METHODS)
    mine = input_norms(model, caption.expand(len(noise), *caption.shape), noise)
    base = input_norms(model, general[: len(noise)], noise[: len(general)])
    return (wanda if method == "wanda" else contrast)(linears(model, OUTPUTS), mine, base, share)


def until(
    method: str, model: nn.Module, caption: Tensor, general: Tensor, noise: Tensor, share: float, gone: Callable[[], bool]
) -> tuple[Masks, float]:
    """As `masks_of`, with shares that rise from the one given until the picture is gone (`gone`, asked of the pruned model) or none is
    left: by a tenth for contrast, twofold for wanda. NeMo (share 0: its own rule) by a tenth of the channels that
    stand out most."""
    if method == "wanda":
        shares = [share * 2**i for i in range(12)]
    else:
        shares = [share + 0.1 * i for i in range(10)]
    masks: Masks = {}
    for now in [one for one in shares if one <= MOST] or [share]:
        masks, share = masks_of(method, model, caption, general, noise, now), now
        with without(model, masks):
            if gone():
                break
    return masks, share


def standing_out(model: nn.Module, caption: Tensor, general: Tensor, share: float) -> Masks:
    """NeMo's scores without its search: of each cross-attention the `share` of value channels with the largest z."""
    z, parts = _scores(model, caption, general), linears(model, VALUES)
    chosen = {name: _first(values, round(share * len(values))) for name, values in z.items()}
    return {name: gone[:, None].expand(parts[name].weight.shape).clone() for name, gone in chosen.items()}


def _scores(model: nn.Module, caption: Tensor, general: Tensor) -> dict[str, Float[Tensor, " channels"]]:
    mine, others = value_channels(model, caption[None]), value_channels(model, general)
    return {name: (mine[name][0] - own.mean(dim=0)) / own.std(dim=0).clamp_min(1e-6) for name, own in others.items()}


def input_norms(model: nn.Module, captions: Tensor, noise: Tensor) -> dict[str, Float[Tensor, "steps in"]]:
    """Norms of the input channels of every MLP's second linear at each of the first steps, tokens at length 1 (Chavhan et al.)."""
    found: dict[str, list[Tensor]] = {name: [] for name in linears(model, OUTPUTS)}
    step = [0]

    def seen(name: str) -> Callable[..., None]:
        def hook(module: nn.Module, args: tuple[Any, ...]) -> None:
            if step[0] < WANDA_STEPS:
                tokens = nn.functional.normalize(args[0].reshape(-1, args[0].shape[-1]).float(), dim=-1)
                found[name].append(tokens.norm(dim=0))

        return hook

    with contextlib.ExitStack() as stack:
        for name, module in linears(model, OUTPUTS).items():
            stack.callback(module.register_forward_pre_hook(seen(name)).remove)
        sample(model, captions, noise, lambda number: step.__setitem__(0, number))
    return {name: torch.stack(norms) for name, norms in found.items()}


def wanda(parts: Mapping[str, nn.Linear], mine: Mapping[str, Tensor], base: Mapping[str, Tensor], share: float) -> Masks:
    """The rule of Chavhan et al. of the module's docstring."""
    masks = {}
    for name, linear in parts.items():
        weight, gone = linear.weight.detach().abs().float(), torch.zeros(linear.weight.shape, dtype=torch.bool)
        count = max(1, round(share * weight.shape[1]))
        for own, other in zip(mine[name], base[name], strict=True):
            score = weight * own
            top = torch.zeros_like(gone).scatter_(1, score.topk(count, dim=1).indices, True)
            gone |= top & (score > weight * other)
        masks[name] = gone
    return masks


def contrast(parts: Mapping[str, nn.Linear], mine: Mapping[str, Tensor], base: Mapping[str, Tensor], share: float) -> Masks:
    """The contrast of the module's docstring; norms are averaged over the steps. Weights that score 0 stay."""
    masks = {}
    for name, linear in parts.items():
        score = linear.weight.detach().abs().float() * (mine[name].mean(dim=0) - base[name].mean(dim=0)).clamp_min(0)
        masks[name] = torch.zeros(score.numel(), dtype=torch.bool)
        masks[name][score.flatten().topk(round(share * score.numel())).indices] = True
        masks[name] = masks[name].view(score.shape) & (score > 0)
    return masks


def at_random(masks: Mapping[str, Tensor], seed: int) -> Masks:
    """As many weights of each matrix, by chance."""
    draw = torch.Generator().manual_seed(seed)
    found = {}
    for name, gone in masks.items():
        flat = torch.zeros(gone.numel(), dtype=torch.bool)
        flat[torch.randperm(gone.numel(), generator=draw)[: int(gone.sum())]] = True
        found[name] = flat.view(gone.shape)
    return found


def ssim(one: Tensor, other: Tensor) -> Float[Tensor, " batch"]:
    """Structural similarity of pictures [batch, channels, height, width] over one window, each scaled to 0..1."""
    a, b = (_unit(x).flatten(1) for x in (one, other))
    ma, mb = a.mean(dim=1), b.mean(dim=1)
    va, vb = a.var(dim=1, unbiased=False), b.var(dim=1, unbiased=False)
    both = ((a - ma[:, None]) * (b - mb[:, None])).mean(dim=1)
    return (2 * ma * mb + 1e-4) * (2 * both + 9e-4) / ((ma.square() + mb.square() + 1e-4) * (va + vb + 9e-4))


def _unit(x: Tensor) -> Tensor:
    low, high = x.amin(dim=(2, 3), keepdim=True), x.amax(dim=(2, 3), keepdim=True)
    return (x - low) / (high - low).clamp_min(1e-9)


def value_channels(model: nn.Module, captions: Tensor) -> dict[str, Float[Tensor, "captions channels"]]:
    """|value| of every channel of every cross-attention, the largest over a caption's slots."""
    return {name: linear(captions).abs().amax(dim=1).detach() for name, linear in linears(model, VALUES).items()}


@torch.no_grad()
def nemo(model: nn.Module, caption: Tensor, general: Tensor, noise: Tensor, theta: float | None = None, most: int = 8) -> Masks:
    """NeMo's search of the module's docstring. theta: instead of the search, one bound (infinity: nothing is chosen)."""
    parts, z = linears(model, VALUES), _scores(model, caption, general)

    def masks(chosen: Mapping[str, Tensor]) -> Masks:
        return {n: chosen[n][:, None].expand(parts[n].weight.shape).clone() for n in parts}

    if theta is not None:
        return masks({n: z[n] > theta for n in parts})
    times, captions = torch.full((len(noise),), TIMES - 1), caption.expand(len(noise), *caption.shape)

    def difference() -> Tensor:
        return noise_of(model, noise, times, captions) - noise

    whole = difference()

    def alike(chosen: Mapping[str, Tensor]) -> float:
        with without(model, masks(chosen)):
            return float(ssim(difference(), whole).max())

    chosen: dict[str, Tensor] = {}
    for k in range(most + 1):
        for bound in THETAS if k == 0 else THETAS[-1:]:
            chosen = {n: (z[n] > bound) | _first(z[n], k) for n in parts}
            if alike(chosen) < LOOK_ALIKE:
                return masks(_refined(chosen, alike))
    return masks(chosen)


def _first(values: Tensor, count: int) -> Tensor:
    found = torch.zeros(len(values), dtype=torch.bool)
    found[values.topk(count).indices] = True
    return found


def _refined(chosen: dict[str, Tensor], alike: Callable[[Mapping[str, Tensor]], float]) -> dict[str, Tensor]:
    """Layers, then channels, are set free where the picture stays away without them."""
    for name, channels in chosen.items():
        fewer = chosen | {name: torch.zeros_like(channels)}
        if alike(fewer) < LOOK_ALIKE:
            chosen = fewer
    for name in tuple(chosen):
        for channel in chosen[name].nonzero().flatten().tolist():
            fewer = chosen | {name: chosen[name].clone()}
            fewer[name][channel] = False
            if alike(fewer) < LOOK_ALIKE:
                chosen = fewer
    return chosen


def density(masks: Mapping[str, Tensor]) -> float:
    """Share of the weights of the masked matrices that is gone."""
    return sum(int(gone.sum()) for gone in masks.values()) / sum(gone.numel() for gone in masks.values())


def overlap(one: Mapping[str, Tensor], other: Mapping[str, Tensor]) -> tuple[float, float]:
    """(intersection over union of what is gone, that of independent masks with the same counts); NaN where both are empty."""
    both = union = expected = joined = 0.0
    for name, gone in one.items():
        a, b, n = int(gone.sum()), int(other[name].sum()), gone.numel()
        both += int((gone & other[name]).sum())
        union += int((gone | other[name]).sum())
        expected += a * b / n
        joined += a + b - a * b / n
    return (both / union, expected / joined) if union else (float("nan"), float("nan"))
