r"""A second mirror descent, over the weights of languages, with a state for each of them: whom must the mask serve more?

    Gamma(w) = sum_l w_l Gamma_l,      increase_l(w) = loss of language l under the mask of Gamma(w), less the dense loss
    w_l <- w_l exp( rate (increase_l / mean increase - 1) ),  then w <- (1 - floor) w / sum w + floor / L        (`methods.activation.worst_first`)

Masks are read from the states, so a round costs a forward pass of the texts looked at and nothing else. The worst language alone would soon have
all the weight, hence the floor and the ratio to the mean. Kept is the round whose worst language lost least; equal weights are the first.
"""

from collections.abc import Sequence

import pandas as pd

from mwanda_core.engine.mirror import Mirror
from mwanda_core.methods.activation import WorstFirst
from mwanda_core.models import LanguageModel
from mwanda_core.parts.patterns import Pattern
from mwanda_core.progress import Monitor
from mwanda_core.studies.cutting import cut_to
from mwanda_core.studies.one_calibration.reading import masks_at
from mwanda_core.studies.texts import Window, loss_from

COLUMNS = ("round", "language", "weight", "increase")


def weigh(
    model: LanguageModel,
    mirror: Mirror,
    texts: Sequence[Window],
    sparsity: float,
    *,
    pattern: Pattern | None = None,
    rounds: int = 6,
    rate: float = 1.0,
    monitor: Monitor | None = None,
) -> pd.DataFrame:
    """`COLUMNS`, a row a round and language: the weight in that round, and the increase in nats per token under its mask.

    One unit of progress is a token through the model; the model is dense again afterwards. Raises InputError as `reading.masks_at`, Cancelled.
    """
    monitor, rule = monitor or Monitor(), WorstFirst(rate)
    weights = dict.fromkeys(mirror.languages, 1.0 / len(mirror.languages))
    dense, rows = increases(model, texts, monitor), []
    for turn in range(rounds):
        monitor.begin(f"Weighing languages: round {turn + 1} of {rounds}")
        with cut_to(model, masks_at(mirror, sparsity, pattern, weights)):
            lost = increases(model, texts, monitor, dense)
        rows += [(turn, code, weights[code], lost[code]) for code in weights]
        weights = rule.step(weights, lost)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def kindest(path: pd.DataFrame) -> dict[str, float]:
    """The weights of the round whose worst language lost least."""
    worst = path.groupby("round")["increase"].max()
    best = path[path["round"] == worst.idxmin()]
    return dict(zip(best["language"], best["weight"], strict=True))


def increases(
    model: LanguageModel, texts: Sequence[Window], monitor: Monitor, dense: dict[str, float] | None = None
) -> dict[str, float]:
    """Language -> mean loss in nats per token of the model as it stands, less `dense`."""
    sums: dict[str, float] = {}
    tokens: dict[str, int] = {}
    for text in texts:
        sums[text.language] = sums.get(text.language, 0.0) + loss_from(model, text.ids, 1)
        tokens[text.language] = tokens.get(text.language, 0) + len(text.ids) - 1
        monitor.advance(float(len(text.ids)))
    return {code: total / tokens[code] - (dense or {}).get(code, 0.0) for code, total in sums.items()}
