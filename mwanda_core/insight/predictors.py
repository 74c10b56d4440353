r"""Which languages does pruning hurt most, and what goes along with it?

Beside each language's loss increase stand figures that are known before the pruned model is scored:

    similarity     mean over linear inputs of Pearson( log A_l, log A_mix ) over channels
    cosine         mean over linear inputs of cos( A_l^2, A_mix^2 )          (Zeng et al. 2024, Multilingual Brain Surgeon)
    fertility      tokens per byte of the evaluation text
    dense_loss, dense_bits   what the dense model loses per token (nats) and per byte (bits)
    log_share      ln of the language's megabytes in CC-100: a stand-in for its share of the training text
    mask_overlap   corrected overlap of the language's own mask with the mix's (`cuts.to_mix`), where it was measured
    neurons_pruned share of the down columns of its language neurons that the run's mask prunes (`neuron_damage.pruned_table`)

A_l[j] is the root mean square of channel j on text of language l, and A_mix[j] = sqrt( mean of A_l[j]^2 over the calibration
languages ), of the dense model; logarithms are bounded below as in `allocation.cwl`. A calibrated language is a part of the mix
and somewhat closer to it for that reason alone: correlations are given for held-out languages by themselves, too.

All of it is correlation, not cause: languages that are rare in training text are also cut into more tokens, are worse modelled by
the dense model and lie farther from the others, and nothing here tells these apart. The number of observations is the number of
languages, languages of one family or script are not independent, and with this many predictors one may look good by chance.
"""

import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from scipy.stats import rankdata
from torch import Tensor

from mwanda_core.engine.measure import BlockStats
from mwanda_core.errors import InputError
from mwanda_core.methods.activation.weighted import TRAINING_MEGABYTES
from mwanda_core.methods.allocation.cwl import log_levels
from mwanda_core.parts.statistics import InputStats

PREDICTORS = ("similarity", "cosine", "fertility", "dense_loss", "dense_bits", "log_share", "mask_overlap", "neurons_pruned")
FEWEST = 4
"""Languages below which no correlation is given: of three, one in three random orders is perfectly monotone."""

FEWEST_FOR_INTERVAL = 8
"""Languages below which no bootstrap interval is given: resamples of fewer hold too few different ones, and reach from -1 to 1."""

PERMUTATIONS, RESAMPLES = 9999, 2000
_EXACT = 7
"""Up to so many languages all orders are tried (5040) instead of random ones."""


def similarity_to_mix(stats: Sequence[BlockStats], calibrated: Sequence[str]) -> pd.DataFrame:
    """language, similarity, cosine: one row for each language of the statistics (held-out ones can be put beside the calibrated
    ones by `cuts.side_by_side`). Linears that share an input count once.

    Raises InputError when a calibration language was not measured.
    """
    inputs = list({id(found): found for by_name in stats for found in by_name.values()}.values())
    log, cosine = (
        torch.stack(parts).mean(dim=0) for parts in zip(*(_to_mix(found, calibrated) for found in inputs), strict=True)
    )
    return pd.DataFrame({"language": inputs[0].languages, "similarity": log.tolist(), "cosine": cosine.tolist()})


def _to_mix(found: InputStats, calibrated: Sequence[str]) -> tuple[Tensor, Tensor]:
    power = found.rms().square()
    mix = found.select(calibrated).rms().square().mean(dim=0, keepdim=True)
    logs = log_levels(torch.cat([power, mix]).sqrt())
    centred = logs - logs.mean(dim=1, keepdim=True)
    return _cosines(centred), _cosines(torch.cat([power, mix]))


def _cosines(rows: Float[Tensor, "rows in"]) -> Float[Tensor, " others"]:
    """Of every row but the last with the last."""
    unit = rows / rows.norm(dim=1, keepdim=True)
    return (unit[:-1] @ unit[-1]).cpu()


def predictors(
    languages: pd.DataFrame,
    similarity: pd.DataFrame,
    mask_overlap: Mapping[str, float] | None = None,
    neurons_pruned: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """One row a language, for a scatter plot: language, name, role, increase and `PREDICTORS` (NaN where one is not known).

    languages: a run's table (`evaluation.compare`). similarity: `similarity_to_mix`. The others by language code. Raises InputError when they have no language
    in common.
    """
    table = languages.merge(similarity, on="language", how="inner", validate="1:1")
    if table.empty:
        raise InputError("The table of losses and the statistics have no language in common: measure the same languages.")
    shares = [TRAINING_MEGABYTES.get(code) for code in table["language"]]
    return pd.DataFrame(
        {
            **{column: table[column] for column in ("language", "name", "role", "increase", "similarity", "cosine")},
            "fertility": table["tokens"] / table["bytes"],
            "dense_loss": table["dense_loss"],
            "dense_bits": table["dense_bits_per_byte"],
            "log_share": [math.nan if share is None else math.log(share) for share in shares],
            "mask_overlap": [(mask_overlap or {}).get(code, math.nan) for code in table["language"]],
            "neurons_pruned": [(neurons_pruned or {}).get(code, math.nan) for code in table["language"]],
        }
    )


def correlations(
    table: pd.DataFrame, target: str = "increase", *, permutations: int = PERMUTATIONS, seed: int = 0
) -> pd.DataFrame:
    """Every predictor against the target, for all languages and for each role with enough of them: predictor, languages (which),
    n, pearson, pearson_p, pearson_low, pearson_high, spearman, spearman_p.

    p is two-sided from permutations (all of them up to 7 languages, else `permutations` random ones and the order itself). The
    interval is the central 95 % of 2000 resamples of languages, NaN for fewer than 8 and rough below about 15 of them. Fewer than 4
    languages with both figures, or a figure that is the same for all, give NaN throughout.
    """
    groups = {"all": table}
    if table["role"].nunique() > 1:
        groups |= {str(role): part for role, part in table.groupby("role", sort=False)}
    rows = []
    for name in (column for column in PREDICTORS if column in table and table[column].notna().any()):
        for which, part in groups.items():
            known = part[[name, target]].astype(float).dropna()
            x, y = known[name].to_numpy(), known[target].to_numpy()
            enough = len(known) >= FEWEST and bool(np.ptp(x) > 0) and bool(np.ptp(y) > 0)
            found = correlate(x, y, permutations, seed) if enough else dict.fromkeys(_FIGURES, math.nan)
            rows.append({"predictor": name, "languages": which, "n": len(known), **found})
    return pd.DataFrame(rows, columns=["predictor", "languages", "n", *_FIGURES])


_FIGURES = ("pearson", "pearson_p", "pearson_low", "pearson_high", "spearman", "spearman_p")


def correlate(x: np.ndarray, y: np.ndarray, permutations: int = PERMUTATIONS, seed: int = 0) -> dict[str, float]:
    """The figures of `correlations` for two columns of the same length, neither of them constant."""
    random = np.random.default_rng(seed)
    orders = _orders(len(x), permutations, random)
    pearson, pearson_p = _with_p(x, y, orders)
    spearman, spearman_p = _with_p(rankdata(x), rankdata(y), orders)
    low = high = math.nan
    if len(x) >= FEWEST_FOR_INTERVAL:
        drawn = random.integers(0, len(x), (RESAMPLES, len(x)))
        with np.errstate(invalid="ignore", divide="ignore"):  # A resample may hold one value alone.
            resampled = _pearson(x[drawn], y[drawn])
        low, high = np.nanquantile(resampled, [0.025, 0.975])
    return dict(zip(_FIGURES, (pearson, pearson_p, float(low), float(high), spearman, spearman_p), strict=True))


def _orders(n: int, permutations: int, random: np.random.Generator) -> np.ndarray:
    """Orders of n things [orders, n], the given one first."""
    if n <= _EXACT:
        return np.array(list(itertools.permutations(range(n))))
    return np.vstack([np.arange(n), *(random.permutation(n) for _ in range(permutations))])


def _with_p(x: np.ndarray, y: np.ndarray, orders: np.ndarray) -> tuple[float, float]:
    shuffled = _pearson(np.broadcast_to(x, orders.shape), y[orders])
    # A margin for rounding: an order that gives the same sum in another sequence must count as equal.
    return float(shuffled[0]), float((np.abs(shuffled) >= abs(shuffled[0]) - 1e-12).mean())


def _pearson(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Row by row."""
    x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    return (x * y).sum(axis=1) / np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
