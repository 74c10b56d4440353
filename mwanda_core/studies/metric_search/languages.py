r"""Languages as objectives: no metric is best for all, so which trades are there?

    front           points that no other point beats in every language
    equal damage    the point of the front with the least spread max_l d_l / mean_l d_l (d relative to Wanda's)
    hypervolume     share of the box between 0 and Wanda's damage that the front dominates, by seeded sampling
    transfer        metric found on language A, damage on language B, relative to B's own best: 0 where A's metric serves B as well

All damages are divided by Wanda's in the same language first, so that languages of different loss count alike.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mwanda_core.studies.metric_search.space import WANDA, Metric

SAMPLES = 200_000


def relative(table: pd.DataFrame, languages: Sequence[str]) -> pd.DataFrame:
    """The journal's table with every language's damage divided by Wanda's."""
    start = table.loc[(table[list(Metric._fields)] == list(WANDA)).all(axis=1), list(languages)].iloc[0]
    found = table.copy()
    found[list(languages)] = table[list(languages)] / start
    return found


def front(table: pd.DataFrame, languages: Sequence[str]) -> pd.DataFrame:
    """The rows that no other row dominates (none worse in every language and better in one), in their order."""
    points = table[list(languages)].to_numpy(np.float64)
    kept = []
    for point in points:
        dominates = np.logical_and((points <= point).all(axis=1), (points < point).any(axis=1))
        kept.append(not bool(dominates.any()))
    return table[kept].reset_index(drop=True)


def equal_damage(table: pd.DataFrame, languages: Sequence[str]) -> pd.Series:
    """The row of the front whose worst language is least above its mean; ties by the mean."""
    best = front(table, languages)
    values = best[list(languages)]
    order = pd.DataFrame({"spread": values.max(axis=1) / values.mean(axis=1), "mean": values.mean(axis=1)})
    return best.loc[order.sort_values(["spread", "mean"]).index[0]]


def hypervolume(table: pd.DataFrame, languages: Sequence[str], seed: int = 0) -> float:
    """Share of the unit box (0 no damage, 1 Wanda's) that lies above some point of the table."""
    points = table[list(languages)].to_numpy(np.float64)
    drawn = np.random.default_rng(seed).random((SAMPLES, len(languages)))
    covered = np.zeros(SAMPLES, dtype=bool)
    for point in points[(points < 1.0).all(axis=1)]:
        covered |= (drawn >= point).all(axis=1)
    return float(covered.mean())


def transfer(table: pd.DataFrame, languages: Sequence[str]) -> pd.DataFrame:
    """Rows: the language a metric was found on; columns: the language it is used in; relative excess over that language's best."""
    values = table[list(languages)].to_numpy(np.float64)
    best = values.min(axis=0)
    places = [int(values[:, column].argmin()) for column in range(len(languages))]
    found = pd.DataFrame((values[places] - best) / best, index=list(languages), columns=list(languages))
    labels = [str(table["label"].iloc[place]) for place in places]
    return found.assign(metric=labels).rename_axis("found on").reset_index()


def one_for_all(table: pd.DataFrame, languages: Sequence[str], within: float = 0.01) -> pd.DataFrame:
    """The metrics whose damage is within a share of the best in every language; empty where none wins everywhere."""
    values = table[list(languages)]
    return table[(values <= values.min() * (1.0 + within)).all(axis=1)].reset_index(drop=True)
