"""How often a probe is right, block by block, under several protocols and beside its controls.

    topic       fitted on affirmative statements of a topic, asked other subjects of it
    negation    the same probe, asked their negations: a probe that reads polarity for truth falls below one half
    left out    fitted on all other topics, affirmative and negated, asked this one
    shuffled    as topic, with truths dealt anew: one half is what no signal gives
    words       as topic, on counts of tokens instead of states: what the words alone give away

Everything is the mean over resamples of the subjects; `spread` is their standard deviation, `n` the statements asked each time.
"""

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.corpora.statements import Statement
from mwanda_core.engine.separability import last_states
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.studies.truth.probes import Split, by_subject, probe

TRAIN = 0.7
"""Share of the subjects that a probe is fitted on."""

WORDS = -1
"""Stands for the block where a probe read counts of tokens."""

Row = dict[str, object]


@dataclasses.dataclass(frozen=True)
class Sayings:
    """Statements and what a model says at their ends; the arrays are made once."""

    asked: tuple[Statement, ...]
    states: Float[Tensor, "blocks statements hidden"]

    @property
    def true(self) -> np.ndarray:
        return np.array([one.true for one in self.asked])

    @property
    def negated(self) -> np.ndarray:
        return np.array([one.negated for one in self.asked])

    @property
    def subjects(self) -> np.ndarray:
        return np.array([one.subject for one in self.asked])

    def only(self, rows: Sequence[int]) -> "Sayings":
        """Some of the statements."""
        return Sayings(tuple(self.asked[i] for i in rows), self.states[:, list(rows)])

    def where(self, language: str = "", topic: str = "", negated: bool | None = None) -> list[int]:
        """Places of the statements of a language, topic and polarity ("" and None: any)."""
        return [
            index
            for index, one in enumerate(self.asked)
            if language in ("", one.language) and topic in ("", one.topic) and negated in (None, one.negated)
        ]

    @property
    def sets(self) -> tuple[tuple[str, str], ...]:
        """(language, topic), in order."""
        return tuple(dict.fromkeys((one.language, one.topic) for one in self.asked))


def sayings(model: LanguageModel, asked: Sequence[Statement], monitor: Monitor | None = None) -> Sayings:
    """Every statement through the model as it stands; one unit of progress is a token through the whole model."""
    return Sayings(tuple(asked), last_states(model, [one.text for one in asked], monitor))


def topic_rows(
    fitted: Sayings,
    asked: Sayings,
    names: Sequence[str],
    resamples: int,
    bags: Float[Tensor, "statements tokens"] | None = None,
) -> Iterator[Row]:
    """topic, negation, and (where `bags` are given) the controls. `fitted` and `asked` hold the same statements: the probe is made
    on the states of one model and asked those of the same or of another."""
    for language, topic in fitted.sets:
        affirmative, negated = (fitted.where(language, topic, flag) for flag in (False, True))
        at: Row = {"language": language, "topic": topic}
        learn, other = fitted.only(affirmative), asked.only(affirmative)
        flipped = asked.only(negated) if negated else None
        splits = [by_subject(learn.subjects, TRAIN, seed) for seed in range(resamples)]
        for block in range(len(learn.states)):
            x, y = learn.states[block].numpy(), other.states[block].numpy()
            z = None if flipped is None else flipped.states[block].numpy()
            for name in names:
                yield from _rows({**at, "block": block, "probe": name}, name, learn, x, y, splits, flipped, z)
            if bags is not None:
                dealt = _right("logistic", x, x, _dealt(learn), _dealt(learn), learn, splits)
                yield {**at, "block": block, "probe": "logistic", "protocol": "shuffled", **_summary(dealt, splits)}
        if bags is not None:
            counts = bags[affirmative].numpy()
            seen = _right("logistic", counts, counts, learn.true, learn.true, learn, splits)
            yield {**at, "block": WORDS, "probe": "logistic", "protocol": "words", **_summary(seen, splits)}


def _rows(
    at: Row,
    name: str,
    learn: Sayings,
    x: np.ndarray,
    y: np.ndarray,
    splits: Sequence[Split],
    flipped: Sayings | None,
    z: np.ndarray | None,
) -> Iterator[Row]:
    right, backwards, count = [], [], 0
    for split in splits:
        made = probe(name).fit(x[split.train], learn.true[split.train], learn.negated[split.train])
        right.append(float(((made.score(y[split.test]) > 0) == learn.true[split.test]).mean()))
        if flipped is not None and z is not None:
            held = np.isin(flipped.subjects, learn.subjects[split.test])
            backwards.append(float(((made.score(z[held]) > 0) == flipped.true[held]).mean()))
            count = int(held.sum())
    yield {**at, "protocol": "topic", **_summary(right, splits)}
    if backwards:
        yield {**at, "protocol": "negation", **_summary(backwards, splits), "n": count}


def _dealt(learn: Sayings) -> np.ndarray:
    return np.random.default_rng(0).permutation(learn.true)


def _right(
    name: str, x: np.ndarray, y: np.ndarray, true: np.ndarray, wanted: np.ndarray, learn: Sayings, splits: Sequence[Split]
) -> list[float]:
    found = []
    for split in splits:
        made = probe(name).fit(x[split.train], true[split.train], learn.negated[split.train])
        found.append(float(((made.score(y[split.test]) > 0) == wanted[split.test]).mean()))
    return found


def _summary(right: Sequence[float], splits: Sequence[Split]) -> Row:
    return {"accuracy": float(np.mean(right)), "spread": float(np.std(right)), "n": len(splits[0].test)}


def left_out_rows(fitted: Sayings, asked: Sayings, names: Sequence[str]) -> Iterator[Row]:
    """left out: affirmative and negated statements of a topic that the probe has never seen. No resampling: one fit a topic."""
    for language, topic in fitted.sets:
        inside = fitted.where(language, topic)
        others = [index for index in fitted.where(language) if index not in set(inside)]
        if not others:
            continue
        learn, held = fitted.only(others), asked.only(inside)
        for block in range(len(fitted.states)):
            for name in names:
                made = probe(name).fit(learn.states[block].numpy(), learn.true, learn.negated)
                right = (made.score(held.states[block].numpy()) > 0) == held.true
                yield {
                    "language": language, "topic": topic, "block": block, "probe": name, "protocol": "left out",
                    "accuracy": float(right.mean()), "spread": 0.0, "n": len(right),
                }  # fmt: skip


def between_languages(fitted: Sayings, asked: Sayings, name: str, block: int, resamples: int) -> Iterator[Row]:
    """Fitted on all topics in one language, asked other subjects of them in another, at one block."""
    languages = tuple(dict.fromkeys(one.language for one in fitted.asked))
    for code in languages:
        learn = fitted.only(fitted.where(code))
        splits = [by_subject(learn.subjects, TRAIN, seed) for seed in range(resamples)]
        x = learn.states[block].numpy()
        made = [probe(name).fit(x[s.train], learn.true[s.train], learn.negated[s.train]) for s in splits]
        for other in languages:
            held = asked.only(asked.where(other))
            y, right = held.states[block].numpy(), []
            for split, one in zip(splits, made, strict=True):
                test = np.isin(held.subjects, learn.subjects[split.test])
                right.append(float(((one.score(y[test]) > 0) == held.true[test]).mean()))
            yield {"trained_on": code, "tested_on": other, "block": block, **_summary(right, splits)}


def bags_of_tokens(model: LanguageModel, asked: Sequence[Statement]) -> Float[Tensor, "statements tokens"]:
    """How often each token that occurs at all stands in each statement."""
    ids = [model.encode(one.text) for one in asked]
    places = {token: place for place, token in enumerate(sorted({token for one in ids for token in one}))}
    found = torch.zeros(len(ids), len(places))
    for row, one in enumerate(ids):
        for token in one:
            found[row, places[token]] += 1
    return found
