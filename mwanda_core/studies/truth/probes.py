r"""Probes: is a statement true, from the states of one block?

    logistic    logistic regression on standardised states                                 (scikit-learn; the extra 'probe')
    mass-mean   the midpoint between the means decides, along their difference             Marks and Tegmark 2023
    ttpd        t_G, t_P = least squares of centred states on (tau, tau pi); then a logistic regression on the two numbers
                a t_G and a p, where p tells affirmative from negated                      Bürger et al. 2024

tau: +1 true, -1 false; pi: +1 affirmative, -1 negated. A probe of affirmative statements reads negated ones backwards, because what
it finds is tau pi as much as tau; TTPD takes the two apart.
"""

import abc
import dataclasses
import importlib.util
import warnings
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from mwanda_core.errors import InputError, UnknownName

STRENGTH = 0.1
"""Inverse weight of the penalty. With more dimensions than statements and no penalty, every labelling of the training set fits."""

Array = np.ndarray


class Probe(abc.ABC):
    """Fitted on states, truths and polarities; says which statements are true."""

    @abc.abstractmethod
    def fit(self, x: Float[Array, "n hidden"], true: Bool[Array, " n"], negated: Bool[Array, " n"]) -> "Probe":
        """The same probe, fitted."""

    @abc.abstractmethod
    def score(self, x: Float[Array, "n hidden"]) -> Float[Array, " n"]:
        """Above 0 where the statement is taken to be true; the further, the surer."""


def require() -> None:
    """Refuse probes where scikit-learn is not installed.

    Raises InputError.
    """
    if importlib.util.find_spec("sklearn") is None:
        raise InputError("Probes need scikit-learn: pip install 'mwanda-explorer[probe]'.")


def _regression() -> Any:
    require()
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=500))


def _fitted(x: Array, labels: Array) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Not converged to the last digit: the decision does not change.
        return _regression().fit(x, labels)


class Logistic(Probe):
    """Logistic regression on standardised states."""

    def fit(self, x: Array, true: Array, negated: Array) -> "Logistic":
        self._model = _fitted(x, true)
        return self

    def score(self, x: Array) -> Array:
        return np.asarray(self._model.decision_function(x))


class MassMean(Probe):
    """The difference of the means and their midpoint."""

    def fit(self, x: Array, true: Array, negated: Array) -> "MassMean":
        means = x[true].mean(axis=0), x[~true].mean(axis=0)
        self._direction, self._middle = means[0] - means[1], (means[0] + means[1]) / 2
        return self

    def score(self, x: Array) -> Array:
        return np.asarray((x - self._middle) @ self._direction)


class TTPD(Probe):
    """Training of Truth and Polarity Direction."""

    def fit(self, x: Array, true: Array, negated: Array) -> "TTPD":
        self._general, _ = directions(x, true, negated)
        self._polarity = _fitted(x, ~negated) if negated.any() and not negated.all() else None
        self._last = _fitted(self._features(x), true)
        return self

    def _features(self, x: Array) -> Array:
        polarity = np.zeros(len(x)) if self._polarity is None else self._polarity.decision_function(x)
        return np.stack([x @ self._general, polarity], axis=1)

    def score(self, x: Array) -> Array:
        return np.asarray(self._last.decision_function(self._features(x)))


def directions(
    x: Float[Array, "n hidden"], true: Bool[Array, " n"], negated: Bool[Array, " n"]
) -> tuple[Float[Array, " hidden"], Float[Array, " hidden"]]:
    """(t_G, t_P): (X^T X)^-1 X^T (states less their mean), X = [tau, tau pi]."""
    tau, pi = np.where(true, 1.0, -1.0), np.where(negated, -1.0, 1.0)
    solved = np.linalg.lstsq(np.stack([tau, tau * pi], axis=1), x - x.mean(axis=0), rcond=None)[0]
    return solved[0], solved[1]


PROBES: dict[str, type[Probe]] = {"logistic": Logistic, "mass-mean": MassMean, "ttpd": TTPD}


def probe(name: str) -> Probe:
    """A new probe.

    Raises UnknownName for one that there is not.
    """
    if name not in PROBES:
        raise UnknownName("probe", name, PROBES)
    return PROBES[name]()


@dataclasses.dataclass(frozen=True)
class Split:
    """Which statements a probe is fitted on and which it is asked."""

    train: Int[Array, " train"]
    test: Int[Array, " test"]


def by_subject(subjects: Int[Array, " n"], share: float, seed: int) -> Split:
    """Statements of one subject stay together: a probe that knows Paris must not be asked of Paris again."""
    kinds = np.unique(subjects)
    chosen = np.random.default_rng(seed).permutation(kinds)[: max(1, round(share * len(kinds)))]
    train = np.isin(subjects, chosen)
    return Split(np.flatnonzero(train), np.flatnonzero(~train))
