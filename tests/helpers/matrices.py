"""Linears with correlated inputs and their measured Gram matrix, and the layer-wise error by its definition."""

import dataclasses
import itertools

import making
import torch
from torch import Tensor

from mwanda_core.methods.activation import Pooled
from mwanda_core.methods.scores import Wanda
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.patterns import NtoM, Pattern, Unstructured

PATTERNS: dict[str, tuple[Pattern, float]] = {
    "row": (Unstructured(), 0.5),
    "row 30 %": (Unstructured(), 0.3),
    "row 81 %": (Unstructured(), 0.81),
    "layer": (Unstructured(scope="layer"), 0.5),
    "layer 37 %": (Unstructured(scope="layer"), 0.37),
    "layer 90 %": (Unstructured(scope="layer"), 0.9),
    "2:4": (NtoM(2, 4), 0.5),
    "4:8": (NtoM(4, 8), 0.5),
    "1:4": (NtoM(1, 4), 0.75),
    "mixed N:8": (NtoM(4, 8, mixed=True), 0.7),
}


def inputs(seed: int, width: int, tokens: int = 96) -> Tensor:
    """Activations [tokens, width]: a few common directions, channels of very different size, one of them massive."""
    common = making.noise(tokens, 3, seed=seed) @ making.noise(3, width, seed=seed + 1)
    x = (common + making.noise(tokens, width, seed=seed + 2)) * making.noise(width, seed=seed + 3).exp()
    x[:, width // 3] *= 30
    return x + 0.3 * making.noise(width, seed=seed + 4)


def even_inputs(seed: int, width: int, tokens: int = 96) -> Tensor:
    """Correlated activations [tokens, width] of channels of like size."""
    common = making.noise(tokens, 3, seed=seed) @ making.noise(3, width, seed=seed + 1)
    return common + making.noise(tokens, width, seed=seed + 2)


def linear(seed: int, outputs: int = 6, width: int = 16, x: Tensor | None = None) -> LinearEvidence:
    """Evidence of a random weight, with the statistics and the Gram matrix of the tokens [tokens, width]."""
    x = inputs(seed, width) if x is None else x
    return evidence(making.noise(outputs, x.shape[1], seed=seed + 5), x)


def evidence(weight: Tensor, x: Tensor) -> LinearEvidence:
    """Evidence of a given weight at the given tokens [tokens, width]."""
    found = making.stats({"en": x[::2], "sw": x[1::2]})
    gram = (x.double().T @ x.double() / len(x)).float()
    return LinearEvidence("linear", weight, found, Pooled().channels(found), gram=gram)


def with_gram(weight: Tensor, gram: Tensor) -> LinearEvidence:
    """Evidence whose Gram matrix is given, and whose channels are the roots of its diagonal."""
    return dataclasses.replace(evidence(weight, inputs(0, weight.shape[1])), channels=gram.diagonal().sqrt(), gram=gram)


def wanda(item: LinearEvidence) -> Tensor:
    """The score that the recipes pass by default."""
    return Wanda()(item)


def errors(item: LinearEvidence, new: Tensor) -> Tensor:
    """d^T G d of every row, float64, by its double sum."""
    assert item.gram is not None
    change, gram = (item.weight.double() - new.double()), item.gram.double()
    return torch.stack([(d[:, None] * gram * d).sum() for d in change])


def masked_errors(item: LinearEvidence, keep: Tensor) -> Tensor:
    """The error of every row when a mask alone is applied."""
    return errors(item, item.weight * keep)


def masks_of_row(width: int, kept: int, cell: int) -> list[Tensor]:
    """Every mask of a row with `kept` weights in each cell of `cell` neighbours."""
    choices = [[i in chosen for i in range(cell)] for chosen in itertools.combinations(range(cell), kept)]
    return [
        torch.tensor([kept for part in parts for kept in part]) for parts in itertools.product(choices, repeat=width // cell)
    ]


def counts_are_exact(keep: Tensor, pattern: Pattern, sparsity: float) -> bool:
    """Whether every comparison group keeps as many weights as the pattern says, by the pattern's own words."""
    outputs, width = keep.shape
    if isinstance(pattern, NtoM):
        return bool((keep.reshape(outputs, width // pattern.m, pattern.m).sum(dim=2) == pattern.kept(sparsity)).all())
    assert isinstance(pattern, Unstructured)
    size = width if pattern.scope == "row" else outputs * width
    return bool(((~keep).reshape(-1, size).sum(dim=1) == int(size * sparsity + 1e-6)).all())
