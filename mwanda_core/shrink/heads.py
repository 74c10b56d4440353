"""Which attention heads to remove, and what the others do in their place.

A query head is `size` columns of the output projection W [out, heads * size] and as many rows of the query projection; a group is the query
heads that share a key and a value head. Every block keeps as many groups, and every group as many query heads, or stock transformers and
llama.cpp load nothing. First whole groups go, then query heads within the groups that stay; one unit u after the other, the least of

    obs                         tr( W_u ([C^-1]_uu)^-1 W_u^T ),  W and C^-1 downdated after each removal (`neurons`, with u in the place of j)
    flap, wanda-sp, magnitude   the sum over u's columns of the scores in `neurons`

C: second moments of what enters W. What stays is made up for as neurons are, by least squares (`neurons.compensated`), so that a head
whose output others can give is free. Sizes of heads, their norms and the scale of their scores stay.
"""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.errors import InputError, ModelError, UnknownName
from mwanda_core.progress import Monitor
from mwanda_core.shrink import gated, tensors
from mwanda_core.shrink.folders import ModelFolder
from mwanda_core.shrink.moments import Moments
from mwanda_core.shrink.neurons import COLUMNS, SCORES, downdated, ridged
from mwanda_core.shrink.vocabulary import copy_without_weights, write_weights

QUERY, KEY, VALUE, OUT = (f"self_attn.{letter}_proj" for letter in "qkvo")


@dataclasses.dataclass(frozen=True)
class Attention:
    """Query heads, groups (key and value heads) and the size of a head, of every block."""

    heads: int
    groups: int
    size: int

    @property
    def each(self) -> int:
        """Query heads of a group."""
        return self.heads // self.groups

    def columns(self, head: int) -> range:
        """A query head's columns of the output projection, which are its rows of the query projection."""
        return range(head * self.size, (head + 1) * self.size)


def attention_of(folder: ModelFolder) -> Attention:
    """As the configuration has it."""
    config = folder.text_config
    heads = int(config["num_attention_heads"])
    size = int(config.get("head_dim") or config["hidden_size"] // heads)
    return Attention(heads, int(config.get("num_key_value_heads") or heads), size)


def check(folder: ModelFolder) -> None:
    """Raises ModelError for a model whose heads are not known to be cut safely."""
    gated.check(folder.model_type)
    found, path = attention_of(folder), gated.path_of(folder)
    norm = folder.tensors.get(f"{path}0.self_attn.q_norm.weight")
    if norm is not None and norm.shape != (found.size,):
        raise ModelError(
            f"{folder.model_type} norms all heads of a block together, so none can go without changing the others: keep its heads."
        )


def settled(found: Attention, hidden: int, heads: int | None, groups: int | None) -> Attention:
    """What stays when one or both numbers are asked for. Query heads alone: as many of every group where that divides, else whole groups.

    Raises InputError for numbers that would leave unequal groups, or that transformers does not take (they must divide `hidden`).
    """
    if groups is None and heads is not None:
        groups = found.groups if heads % found.groups == 0 else max(1, heads // found.each)
    asked = Attention(heads if heads is not None else (groups or 0) * found.each, groups or 0, found.size)
    possible = [
        Attention(g * each, g, found.size)
        for g in range(1, found.groups + 1)
        for each in range(1, found.each + 1)
        if hidden % (g * each) == 0
    ]
    if asked not in possible:
        named = ", ".join(f"{one.heads} in {one.groups}" for one in possible)
        raise InputError(
            f"The model has {found.heads} query heads in {found.groups} groups, of which may stay {named}; "
            f"it was given {asked.heads} in {asked.groups}."
        )
    return asked


def left(folder: ModelFolder, heads: int | None, groups: int | None) -> Attention | None:
    """What stays of a model's heads; None where none go. Raises as `check` and `settled`."""
    if heads is None and groups is None:
        return None
    check(folder)
    before = attention_of(folder)
    asked = settled(before, int(folder.text_config["hidden_size"]), heads, groups)
    return asked if asked != before else None


def choose(
    outs: Sequence[Float[Tensor, "out inside"]],
    moments: Sequence[Moments],
    found: Attention,
    wanted: Attention,
    method: str,
    monitor: Monitor,
) -> list[list[int]]:
    """The query heads that stay in each block, ascending. Units of progress: blocks.

    Raises UnknownName for a method that is not in `neurons.SCORES`.
    """
    if method not in SCORES:
        raise UnknownName("way to choose heads", method, SCORES)
    kept = []
    for weight, one in zip(outs, moments, strict=True):
        heads = {g: [g * found.each + i for i in range(found.each)] for g in range(found.groups)}
        alive = _Alive(weight.float(), one, found, method)
        for g in alive.least(list(heads.values()), found.groups - wanted.groups):
            del heads[g[0] // found.each]
        for members in list(heads.values()):
            for gone in alive.least([[head] for head in members], found.each - wanted.each):
                members.remove(gone[0])
        kept.append(sorted(head for members in heads.values() for head in members))
        monitor.advance(1.0)
    return kept


class _Alive:
    """The columns that are left of one block, with their weights and inverse moments as they are by now."""

    def __init__(self, weight: Float[Tensor, "out inside"], one: Moments, found: Attention, method: str) -> None:
        self._found, self._current, self._inverse = found, weight, torch.linalg.inv(ridged(one.second))
        self._left = torch.arange(weight.shape[1])
        self._fixed = None if method == "obs" else COLUMNS[method](weight, one)

    def least(self, units: Sequence[list[int]], count: int) -> list[list[int]]:
        """`count` of the units (query heads each), the least missed first; they are gone afterwards."""
        left, gone = list(units), []
        for _ in range(count):
            best = min(left, key=lambda unit: (self._missed(unit), unit))
            left.remove(best)
            gone.append(best)
            if self._fixed is None:
                self._current, self._inverse, stays = downdated(self._current, self._inverse, self._places(best))
                self._left = self._left[stays]
        return gone

    def _places(self, unit: list[int]) -> Tensor:
        columns = torch.tensor([column for head in unit for column in self._found.columns(head)])
        return torch.searchsorted(self._left, columns)

    def _missed(self, unit: list[int]) -> float:
        places = self._places(unit)
        if self._fixed is not None:
            return float(self._fixed[places].sum())
        weight = self._current[:, places]
        return float((weight * torch.linalg.solve(self._inverse[places][:, places], weight.T).T).sum())


def columns_of(found: Attention, kept: Sequence[int]) -> list[int]:
    """Of the output projection, and rows of the query projection, that query heads take."""
    return [column for head in kept for column in found.columns(head)]


def cut(
    folder: ModelFolder,
    kept: Sequence[Sequence[int]],
    outs: Sequence[Float[Tensor, "out kept"]],
    target: Path,
    monitor: Monitor,
) -> None:
    """Write the model with these query heads, the groups that they belong to, and these output projections into an empty folder.

    Raises ModelError where blocks or groups would differ in their numbers, which plain transformers cannot load.
    """
    found, path = attention_of(folder), gated.path_of(folder)
    groups = [sorted({head // found.each for head in heads}) for heads in kept]
    sizes = {sum(head // found.each == g for head in heads) for heads, some in zip(kept, groups, strict=True) for g in some}
    if len(kept) != gated.num_layers(folder) or len({len(some) for some in groups}) != 1 or len(sizes) != 1:
        raise ModelError("Every block must keep the same number of groups of heads, and every group as many heads.")
    pieces = {name: tensors.whole(one) for name, one in folder.tensors.items()}
    for block, (heads, some, out) in enumerate(zip(kept, groups, outs, strict=True)):
        for part, numbers in ((QUERY, heads), (KEY, some), (VALUE, some)):
            for kind in ("weight", "bias"):
                one = folder.tensors.get(f"{path}{block}.{part}.{kind}")
                if one is not None:
                    pieces[one.name] = tensors.rows(one, columns_of(found, numbers))
        stored = folder.tensors[f"{path}{block}.{OUT}.weight"]
        pieces[stored.name] = tensors.piece_of(out.to(tensors.read_tensor(stored).dtype))
    changes = {"num_attention_heads": len(kept[0]), "num_key_value_heads": len(groups[0]), "head_dim": found.size}
    copy_without_weights(folder, target, gated.with_text_config(folder, **changes))
    write_weights(folder, pieces, target, monitor)
