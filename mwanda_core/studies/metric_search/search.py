"""Search over metrics, by the damage that a trial measures.

    nsga-iii   the paper's sampler (with one objective a plain genetic algorithm); nsga-ii, which a summary of its second version names
    tpe        Optuna's own advice below a thousand trials
    random     the control
    everything every class once: the ground truth, and fewer trials than the paper's 300

Wanda and RIA's nearest point are tried first (unless left out), so no search ends worse than Wanda on its objective. Trials go through a `Journal`: what was
measured is never measured again, so a search that was cancelled, or is run with another sampler, goes on from what is known; with the
same seed it takes the same way. Objectives: the mean over languages, the worst language, or every language for itself.
"""

import dataclasses
import importlib
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mwanda_core.errors import InputError
from mwanda_core.methods.scores.optishear import COEFFICIENTS, TRANSFORMS
from mwanda_core.progress import Monitor
from mwanda_core.studies.metric_search.journal import append_line, read_lines
from mwanda_core.studies.metric_search.space import WANDA, Metric, candidates, canonical

SAMPLERS = ("nsga-iii", "nsga-ii", "tpe", "random", "everything")
OBJECTIVES = ("mean", "worst", "each")
NEAR_RIA = Metric("identity", "relative", "sqrt", "one")
"""RIA itself adds 1 / row and 1 / column; the search space only has one over their sum."""

Measure = Callable[[Metric], Mapping[str, float]]
"""A metric to the damage in every language."""


class Journal:
    """What was measured, by the class of a metric; kept in a file of one JSON object a line where one is given.

    Raises InputError for a file that is not such a journal.
    """

    def __init__(self, measure: Measure, path: Path | None = None) -> None:
        self._measure, self._path = measure, path
        self.known = {Metric(*point): damage for point, damage in read_lines(path, "metric").items()}

    def __call__(self, metric: Metric) -> dict[str, float]:
        """The damage of a metric, measured unless it is known."""
        key = canonical(metric)
        if key not in self.known:
            self.known[key] = dict(self._measure(key))
            append_line(self._path, "metric", key, self.known[key])
        return self.known[key]

    def table(self) -> pd.DataFrame:
        """One row a class that was measured: F1, a, F2, b, the damage of every language, their mean and the worst."""
        rows = [{**key._asdict(), "label": key.label, **damage, **summed(damage)} for key, damage in self.known.items()]
        return pd.DataFrame(rows)


def summed(damage: Mapping[str, float]) -> dict[str, float]:
    """Mean and worst over languages."""
    return {"mean": sum(damage.values()) / len(damage), "worst": max(damage.values())}


@dataclasses.dataclass(frozen=True)
class Search:
    """How to search. population: of the genetic samplers. starts: whether Wanda and RIA's nearest point are tried first. Raises InputError for
    what cannot be."""

    sampler: str = "nsga-iii"
    objective: str = "mean"
    trials: int = 100
    seed: int = 0
    population: int = 20
    starts: bool = True

    def __post_init__(self) -> None:
        if self.sampler not in SAMPLERS:
            raise InputError(f"The search must be one of {', '.join(SAMPLERS)}; it was given {self.sampler!r}.")
        if self.objective not in OBJECTIVES:
            raise InputError(f"The objective must be one of {', '.join(OBJECTIVES)}; it was given {self.objective!r}.")
        if self.trials < 1 or self.population < 2:
            raise InputError(f"A search needs a trial and a population of 2; it was given {self.trials} and {self.population}.")


def search(journal: Journal, settings: Search, monitor: Monitor | None = None) -> pd.DataFrame:
    """The trials in order: trial, F1, a, F2, b, label, every language's damage, mean, worst, best (the least so far; of "each": of the mean),
    measured (how many different classes had been measured by then).

    Raises InputError when Optuna is missing, Cancelled when stopped; the journal keeps what was measured.
    """
    monitor = monitor or Monitor()
    rows: list[dict[str, Any]] = []
    seen: set[Metric] = set()
    key = "worst" if settings.objective == "worst" else "mean"

    def tried(metric: Metric) -> dict[str, float]:
        monitor.begin(f"Trial {len(rows) + 1} of {settings.trials}")
        damage = journal(metric)
        seen.add(canonical(metric))
        values = damage | summed(damage)
        best = min([values[key], *([rows[-1]["best"]] if rows else [])])
        rows.append(
            {"trial": len(rows), **metric._asdict(), "label": metric.label, **values, "best": best, "measured": len(seen)}
        )
        return values

    if settings.sampler == "everything":
        for metric in candidates():
            tried(metric)
    else:
        _with_optuna(settings, tried, tuple(journal(WANDA)))
    return pd.DataFrame(rows)


def _with_optuna(settings: Search, tried: Callable[[Metric], dict[str, float]], languages: Sequence[str]) -> None:
    optuna = optuna_module()
    each = settings.objective == "each"
    study = optuna.create_study(
        directions=["minimize"] * (len(languages) if each else 1),
        sampler=sampler_of(settings, optuna, len(languages) if each else 1),
    )
    for first in (WANDA, NEAR_RIA) if settings.starts else ():
        study.enqueue_trial(first._asdict())

    def value(trial: Any) -> Any:
        names = (TRANSFORMS, COEFFICIENTS, TRANSFORMS, COEFFICIENTS)
        point = Metric(
            *(trial.suggest_categorical(field, list(given)) for field, given in zip(Metric._fields, names, strict=True))
        )
        values = tried(point)
        return [values[code] for code in languages] if each else values[settings.objective]

    study.optimize(value, n_trials=settings.trials)


def optuna_module() -> Any:
    """Optuna, quiet.

    Raises InputError when it is not installed.
    """
    try:
        optuna = importlib.import_module("optuna")
    except ImportError as error:
        raise InputError('A search needs the package optuna: run pip install "mwanda-explorer[search]".') from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def sampler_of(settings: Search, optuna: Any, objectives: int) -> Any:
    """Optuna's sampler by our name. NSGA-III places reference points: there must not be more of them than the population has members."""
    made = optuna.samplers
    match settings.sampler:
        case "nsga-iii":
            dividing = _dividing(objectives, settings.population)
            with warnings.catch_warnings():  # Optuna calls this sampler's interface experimental.
                warnings.simplefilter("ignore")
                return made.NSGAIIISampler(population_size=settings.population, seed=settings.seed, dividing_parameter=dividing)
        case "nsga-ii":
            return made.NSGAIISampler(population_size=settings.population, seed=settings.seed)
        case "tpe":
            return made.TPESampler(seed=settings.seed)
    return made.RandomSampler(seed=settings.seed)


def _dividing(objectives: int, population: int) -> int:
    """The largest p up to Optuna's 3 with C(p + m - 1, m - 1) reference points within the population, m objectives."""
    return max([p for p in (1, 2, 3) if math.comb(p + objectives - 1, objectives - 1) <= population], default=1)


def regret(table: pd.DataFrame, truth: pd.DataFrame, key: str = "mean") -> pd.DataFrame:
    """Best so far against the enumerated optimum, as a share of Wanda's distance from it: trial, measured, regret (1: Wanda, 0: optimum)."""
    optimum = truth[key].min()
    start = truth.loc[(truth[list(Metric._fields)] == list(WANDA)).all(axis=1), key].iloc[0]
    scale = start - optimum
    found = (table["best"] - optimum) / scale if scale > 0 else table["best"] * 0.0
    return pd.DataFrame({"trial": table["trial"], "measured": table["measured"], "regret": found})
