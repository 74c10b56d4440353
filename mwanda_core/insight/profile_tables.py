"""Dense against pruned, beyond perplexity: the two profiles of one set of texts as tables with paired 95 % intervals.

Texts are the independent units of every interval (see `evaluation.intervals`), not tokens.
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from mwanda_core.errors import InputError
from mwanda_core.evaluation.intervals import Interval, ratio
from mwanda_core.insight.energy import separation
from mwanda_core.insight.profiling import Profile, TextProfile
from mwanda_core.insight.ranking import has_ties, rank_correlations
from mwanda_core.languages import language

TOP = (3, 10, 20)
"""Numbers of tokens whose order is compared (Dong et al. 2025)."""

LAYERS = (
    "language", "name", "block", "place", "texts", "erank_dense", "erank_pruned", "difference", "difference_low", "difference_high",
)  # fmt: skip
RANKING = (
    "language", "name", "k", "positions", "dropped", "tied", "tau", "tau_low", "tau_high", "rho", "rho_low", "rho_high",
)  # fmt: skip
ENERGY = (
    "language", "name", "kind", "texts", "positions", "energy_dense", "energy_pruned", "difference", "difference_low",
    "difference_high", "shuffled_dense", "shuffled_pruned", "separation_dense", "separation_pruned",
)  # fmt: skip
KINDS = ("plain", "centred")
"""The columns of a text's energies."""
POSITIONS = ("language", "name", "kind", "position", "texts", "energy_dense", "energy_pruned")

Pairs = list[tuple[TextProfile, TextProfile]]


def compare_profiles(dense: Profile, pruned: Profile) -> dict[str, pd.DataFrame]:
    """Four tables, rows in the order of the texts' languages.

    layers: a row a language and place: `block` counts from 0 and `place` is "block" or, in the last row, "final norm" (block
    is then the number of blocks); mean effective ranks over texts, and their difference (pruned - dense).
    ranking: a row a language and k: mean tau-b and rho over positions; `dropped` positions had no order on one side, `tied`
    is the share of positions where one side has equal logits.
    energy: a row a language and kind ("plain", or "centred": free of the logits' offset), mean over positions in nats; `shuffled_` is of the same tokens in random order, and
    `separation_` the chance that a shuffled position has the higher energy (0.5: not told apart).
    positions: mean energies by kind and position in the text.

    Raises InputError for profiles of different texts, or when the pruned one was not read at the dense one's tokens.
    """
    _check(dense, pruned)
    names = ("layers", "ranking", "energy", "positions")
    makers = (_layers, _ranking, _energy, _positions)
    tables = {}
    for name, make, columns in zip(names, makers, (LAYERS, RANKING, ENERGY, POSITIONS), strict=True):
        rows = [
            {"language": code, "name": language(code).name} | row
            for code, pairs in _pairs(dense, pruned)
            for row in make(pairs)
        ]
        tables[name] = pd.DataFrame(rows, columns=list(columns))
    return tables


def _check(dense: Profile, pruned: Profile) -> None:
    if dense.digest != pruned.digest:
        raise InputError("The two profiles are of different texts or temperatures: profile both models on the same texts.")
    if any(not torch.equal(a.tokens, b.tokens) for a, b in zip(dense.texts, pruned.texts, strict=True)):
        raise InputError("The pruned profile has other tokens than the dense one: give the dense profile when profiling it.")


def _pairs(dense: Profile, pruned: Profile) -> Iterator[tuple[str, Pairs]]:
    both = list(zip(dense.texts, pruned.texts, strict=True))
    for code in dict.fromkeys(text.language for text in dense.texts):
        yield code, [pair for pair in both if pair[0].language == code]


def _layers(pairs: Pairs) -> Iterator[dict[str, object]]:
    before, after = (np.stack([pair[side].ranks.numpy() for pair in pairs]) for side in (0, 1))
    for place in range(before.shape[1]):
        # A text of one token has no rank on either side; a broken model none on the pruned side, and that is shown.
        there = ~np.isnan(before[:, place])
        x, y = before[there, place], after[there, place]
        yield {
            "block": place,
            "place": "final norm" if place == before.shape[1] - 1 else "block",
            "texts": len(x),
            "erank_dense": _mean(x),
            "erank_pruned": _mean(y),
            **_columns("difference", _ratio(y - x, np.ones(len(x)))),
        }


def _ranking(pairs: Pairs) -> Iterator[dict[str, object]]:
    counts = [len(a.energies) for a, _ in pairs]
    before, after = (torch.cat([pair[side].logits for pair in pairs]) for side in (0, 1))
    for k in TOP:
        if k > before.shape[1]:  # A vocabulary of fewer tokens.
            continue
        # `tokens` fall by the dense logits, so the first k are the k largest.
        tau, rho = rank_correlations(before[:, :k], after[:, :k])
        ties = has_ties(before[:, :k]) | has_ties(after[:, :k])
        yield {
            "k": k,
            "positions": len(tau),
            "dropped": int((tau.isnan() | rho.isnan()).sum()),
            "tied": float(ties.double().mean()),
            **_over_texts("tau", tau, counts),
            **_over_texts("rho", rho, counts),
        }


def _over_texts(name: str, values: Tensor, counts: Sequence[int]) -> dict[str, float]:
    known = ~values.isnan()
    sums = [float(part.sum()) for part in values.nan_to_num(0.0).split(list(counts))]
    sizes = [float(part.sum()) for part in known.split(list(counts))]
    found = _ratio(np.array(sums), np.array(sizes))
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}


def _energy(pairs: Pairs) -> Iterator[dict[str, object]]:
    for column, kind in enumerate(KINDS):
        texts = [[pair[side].energies[:, column].double().numpy() for pair in pairs] for side in (0, 1)]
        mixed = [[pair[side].shuffled[:, column].double().numpy() for pair in pairs] for side in (0, 1)]
        sizes = np.array([len(values) for values in texts[0]], dtype=np.float64)
        change = np.array([float((y - x).sum()) for x, y in zip(*texts, strict=True)])
        flat = [np.concatenate(values) for values in (*texts, *mixed)]
        yield {
            "kind": kind,
            "texts": len(pairs),
            "positions": int(sizes.sum()),
            "energy_dense": _mean(flat[0]),
            "energy_pruned": _mean(flat[1]),
            **_columns("difference", _ratio(change, sizes)),
            "shuffled_dense": _mean(flat[2]),
            "shuffled_pruned": _mean(flat[3]),
            "separation_dense": separation(flat[0], flat[2]),
            "separation_pruned": separation(flat[1], flat[3]),
        }


def _positions(pairs: Pairs) -> Iterator[dict[str, object]]:
    for position in range(max(len(a.energies) for a, _ in pairs)):
        long = [(a.energies[position], b.energies[position]) for a, b in pairs if len(a.energies) > position]
        before, after = (torch.stack([pair[side] for pair in long]).double().mean(dim=0).tolist() for side in (0, 1))
        for column, kind in enumerate(KINDS):
            yield {
                "kind": kind,
                "position": position,
                "texts": len(long),
                "energy_dense": before[column],
                "energy_pruned": after[column],
            }


def _columns(name: str, found: Interval) -> dict[str, float]:
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}


def _ratio(total: np.ndarray, size: np.ndarray) -> Interval:
    """As `intervals.ratio`, NaN where there is nothing to divide by; units of no size say nothing and are left out."""
    there = size > 0
    return ratio(total[there], size[there]) if there.any() else Interval(math.nan, math.nan, math.nan, math.nan)


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else math.nan
