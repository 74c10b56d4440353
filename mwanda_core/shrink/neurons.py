"""Which neurons of an MLP to remove, and what the others do in their place.

Let W [out, neurons] be the down projection, C the second moments of its input, S the neurons kept and P those removed. The best new
weights and what remains lost are

    W'_S = W_S + W_P C_PS (C_SS + r I)^-1,     loss = tr( W_P (C_PP - C_PS C_SS^-1 C_SP) W_P^T ),     r = ridge * mean diag C.

Which to remove (all remove the least):
    obs         ||W_:j||^2 / [C^-1]_jj, one at a time, W and C^-1 downdated (optimal brain surgeon; ZipLM, Kurtic et al. 2023, eq. 3)
    flap        Var(z_j) ||W_:j||^2                 (An et al. 2024, eq. 5, one linear's column)
    wanda-sp    sum_i |W_ij| sqrt(E z_j^2)          (Wanda's score summed over a structure; the baseline of the same paper)
    magnitude   ||W_:j||^2
FLAP's own repair is a bias, which the MLPs of Gemma, Llama and Qwen have no place for; all four may have the least-squares one.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.errors import InputError, ModelError, UnknownName
from mwanda_core.progress import Monitor
from mwanda_core.shrink import tensors
from mwanda_core.shrink.folders import ModelFolder
from mwanda_core.shrink.gated import DOWN, GATE, UP, num_layers, path_of, width, with_text_config
from mwanda_core.shrink.moments import Moments
from mwanda_core.shrink.vocabulary import copy_without_weights, write_weights

RIDGE = 1e-2
SHORTLIST, AT_ONCE = 64, 16
ROUND = 64
"""Widths are multiples of this, and of 256 where a GGUF file's blocks of 256 weights are to hold whole rows."""


def surgeon(weight: Float[Tensor, "out neurons"], found: Moments, remove: int) -> list[int]:
    """Greedy optimal brain surgeon; the neurons removed, in groups of `AT_ONCE`.

    The least-scored `SHORTLIST` are looked at exactly, one removal after another, until `AT_ONCE` of them are gone; only then is all of
    C^-1 downdated, in one product. (One by one, 2,048 neurons cost minutes a block in memory traffic alone.)
    """
    inverse = torch.linalg.inv(ridged(found.second))
    current = weight.float().clone()
    left = torch.arange(weight.shape[1])
    removed: list[int] = []
    while len(removed) < remove:
        score = current.square().sum(dim=0) / inverse.diagonal().clamp_min(1e-30)
        listed = torch.argsort(score, stable=True)[:SHORTLIST]
        taken = _from_shortlist(current[:, listed], inverse[listed][:, listed], min(AT_ONCE, remove - len(removed)))
        removed += left[listed[taken]].tolist()
        current, inverse, stays = downdated(current, inverse, listed[taken])
        left = left[stays]
    return removed


def downdated(
    current: Float[Tensor, "out n"], inverse: Float[Tensor, "n n"], gone: Tensor
) -> tuple[Float[Tensor, "out left"], Float[Tensor, "left left"], Tensor]:
    """Weights and C^-1 without some columns, by the block formula for the inverse of a part; and which of the n stay."""
    stays = torch.ones(len(inverse), dtype=torch.bool)
    stays[gone] = False
    towards = torch.linalg.solve(inverse[gone][:, gone], inverse[gone][:, stays])
    return current[:, stays] - current[:, gone] @ towards, inverse[stays][:, stays] - inverse[stays][:, gone] @ towards, stays


def _from_shortlist(current: Float[Tensor, "out few"], inverse: Float[Tensor, "few few"], count: int) -> list[int]:
    """`count` removals one at a time within a few neurons: a duplicate is safe once its twin is gone."""
    current, inverse = current.clone(), inverse.clone()
    gone = torch.zeros(current.shape[1], dtype=torch.bool)
    for _ in range(count):
        score = current.square().sum(dim=0) / inverse.diagonal().clamp_min(1e-30)
        j = int(score.masked_fill(gone, torch.inf).argmin())
        row = inverse[j] / inverse[j, j]
        current -= current[:, j : j + 1] * row
        inverse -= inverse[:, j : j + 1] * row
        gone[j] = True
    return torch.nonzero(gone).flatten().tolist()


Columns = Callable[[Float[Tensor, "out neurons"], Moments], Float[Tensor, " neurons"]]

COLUMNS: Mapping[str, Columns] = {
    "flap": lambda w, found: (found.second.diagonal() - found.first.square()) * w.square().sum(dim=0),
    "wanda-sp": lambda w, found: w.abs().sum(dim=0) * found.second.diagonal().sqrt(),
    "magnitude": lambda w, found: w.square().sum(dim=0),
}
"""Scores of single columns, which do not change while others go."""


def _least(score: Columns) -> Callable[[Tensor, Moments, int], list[int]]:
    return lambda weight, found, remove: torch.argsort(score(weight.float(), found), stable=True)[:remove].tolist()


SCORES: Mapping[str, Callable[[Tensor, Moments, int], list[int]]] = {
    "obs": surgeon,
    **{name: _least(score) for name, score in COLUMNS.items()},
}


def ridged(second: Float[Tensor, "n n"], ridge: float = RIDGE) -> Float[Tensor, "n n"]:
    """C + r I of the module's formula."""
    return second + ridge * second.diagonal().mean() * torch.eye(len(second), device=second.device)


def compensated(
    weight: Float[Tensor, "out neurons"], found: Moments, kept: Sequence[int], ridge: float = RIDGE
) -> Float[Tensor, "out kept"]:
    """W'_S of the module's formula."""
    chosen = torch.zeros(weight.shape[1], dtype=torch.bool)
    chosen[list(kept)] = True
    w, c = weight.float(), found.second
    inside = c[chosen][:, chosen] + ridge * c.diagonal().mean() * torch.eye(len(kept), device=c.device)
    return w[:, chosen] + torch.linalg.solve(inside, (w[:, ~chosen] @ c[~chosen][:, chosen]).T).T


def loss_of(weight: Float[Tensor, "out neurons"], found: Moments, new: Float[Tensor, "out kept"], kept: Sequence[int]) -> float:
    """E||W z - W' z_S||^2 over E||W z||^2: the share of the output that is lost."""
    full = torch.zeros_like(weight, dtype=torch.float32)
    full[:, list(kept)] = new
    change = weight.float() - full
    return float(((change @ found.second) * change).sum() / ((weight.float() @ found.second) * weight.float()).sum())


def kept_width(before: int, share: float, step: int = ROUND) -> int:
    """Neurons left when a share is removed, a multiple of `step`.

    Raises InputError for a share that is none or leaves nothing.
    """
    if not 0 <= share < 1:
        raise InputError(f"The share of the neurons to remove lies in 0 to 1; it was given {share}.")
    found = round(before * (1 - share) / step) * step
    if not 0 < found <= before:
        raise InputError(f"Removing {share:.0%} of {before} neurons leaves no multiple of {step}: choose a smaller share.")
    return found


def choose(
    weights: Sequence[Float[Tensor, "out neurons"]], found: Sequence[Moments], count: int, method: str, monitor: Monitor
) -> list[list[int]]:
    """The neurons that stay in each block, ascending. Units of progress: blocks.

    Raises UnknownName for a method that is not in `SCORES`.
    """
    if method not in SCORES:
        raise UnknownName("way to choose neurons", method, SCORES)
    kept = []
    for weight, one in zip(weights, found, strict=True):
        removed = set(SCORES[method](weight, one, weight.shape[1] - count))
        kept.append([j for j in range(weight.shape[1]) if j not in removed])
        monitor.advance(1.0)
    return kept


def cut(
    folder: ModelFolder,
    kept: Sequence[Sequence[int]],
    downs: Sequence[Float[Tensor, "out kept"]],
    target: Path,
    monitor: Monitor,
) -> None:
    """Write the model with these neurons and these down projections into an empty folder.

    Raises ModelError where the blocks would not all have the same width, which plain transformers cannot load.
    """
    if len(kept) != num_layers(folder) or len({len(one) for one in kept}) != 1:
        raise ModelError(f"Every one of the {num_layers(folder)} blocks must keep the same number of neurons.")
    path, before = path_of(folder), width(folder)
    pieces = {name: tensors.whole(one) for name, one in folder.tensors.items()}
    for block, (numbers, down) in enumerate(zip(kept, downs, strict=True)):
        for part in (GATE, UP):
            for kind in ("weight", "bias"):
                one = folder.tensors.get(f"{path}{block}.{part}.{kind}")
                if one is not None:
                    if one.shape[0] != before:
                        raise ModelError(f"{one.name} has {one.shape[0]} rows and not {before}: it cannot be cut.")
                    pieces[one.name] = tensors.rows(one, numbers)
        name = f"{path}{block}.{DOWN}.weight"
        dtype = tensors.read_tensor(folder.tensors[name]).dtype
        pieces[name] = tensors.piece_of(down.to(dtype))
    copy_without_weights(folder, target, with_text_config(folder, intermediate_size=len(kept[0])))
    write_weights(folder, pieces, target, monitor)
