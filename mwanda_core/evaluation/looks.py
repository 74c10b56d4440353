"""Scoring look by look: a few texts of every language, then more of those whose interval is still too wide, then the choices.

After look k a language has n_k texts (`sets.looks`: 3, 6, 12, ..., at most n). Its interval of the loss increase is Student's t (`intervals.ratio`) at

    level_k = 1 - alpha_k      alpha_k = alpha (n_k - n_(k-1)) / n      alpha = 0.05, n_0 = 0

Each look spends alpha in proportion to the texts it adds (the linear function of Lan & DeMets 1983, Biometrika 70), and the intervals of all looks hold
at once with 95 % by the union bound. So whichever of them is looked at last is a 95 % interval, whoever stops and for whatever reason: repeated
confidence intervals (Jennison & Turnbull 1989, JRSS B 51). The price is width: 18 % at twelve of twelve texts, beside one look. As ever
with t, texts are taken to be drawn at random and their mean to be nearly normal.

Stopping rule: a language is left alone after the first look with at least `FEWEST` texts at which half its interval is at most `precision`
nats a token. `precision` 0: one look at all texts, an ordinary interval, and all choices.

Choices come last, and only in languages where the dense model answers better than by guessing (one-sided exact binomial test at 0.05): elsewhere
a change says nothing. That choice is made on the dense model's answers alone; where its luck was good, what follows is a little too bad, as in
`tasks`.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from mwanda_core.evaluation.intervals import CONFIDENCE, Interval, above_chance, ratio
from mwanda_core.evaluation.measure import ChoiceScore, Measurement, TextScore, answered, measurement, read
from mwanda_core.evaluation.sets import EvaluationSet, looks, pieces
from mwanda_core.languages import language
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor

FEWEST = 6
"""Texts before a language may be left alone: a spread that is estimated from three is small by luck too often."""


def levels(most: int) -> tuple[float, ...]:
    """The level of the interval at each look, where at most so many texts are scored."""
    ends = looks(most)
    return tuple(1 - (1 - CONFIDENCE) * (stop - start) / most for start, stop in zip((0, *ends), ends, strict=False))


@dataclasses.dataclass(frozen=True)
class Stand:
    """What is scored so far. By language: texts, level of the interval and half its width (nats a token). steps: pieces scored, the first look
    at all languages counting as one. left, of: tokens that are not scored, and of how many. unasked: languages whose choices say nothing. ended:
    whether scoring was ended before the rule would have; last: whether that is all."""

    measured: Measurement
    texts: Mapping[str, int]
    levels: Mapping[str, float]
    halves: Mapping[str, float]
    unasked: tuple[str, ...]
    left: int
    of: int
    steps: int = 0
    ended: bool = False
    last: bool = False

    def facts(self) -> dict[str, Any]:
        """Plain data for a run's description. share: of the tokens that were planned."""
        return {
            "texts": dict(self.texts),
            "levels": dict(self.levels),
            "pieces": self.steps,
            "ended": self.ended,
            "share": 1 - self.left / self.of if self.of else 1.0,
        }

    def notes(self, precision: float) -> list[str]:
        """Sentences that a reader of the figures needs, where scoring had a precision."""
        most, fewest = max(self.texts.values(), default=0), min(self.texts.values(), default=0)
        wide = ", ".join(language(code).name for code, half in self.halves.items() if not half <= precision)
        guessed = ", ".join(language(code).name for code in self.unasked)
        notes = [
            f"Texts of a language were scored, {fewest} to {most} of them, until half its interval was at most {precision:g} nats a token. "
            "Each interval allows for every look: those of all looks hold together with 95 %.",
            f"Half the interval is wider than that for {wide}.",
            "Scoring was ended early, when that was enough; the intervals are those of what was scored.",
            f"Choices were not asked where the dense model answers them no better than by guessing: {guessed}.",
        ]
        there = (True, bool(wide), self.ended, bool(guessed))
        return [note for note, said in zip(notes, there, strict=True) if said] if precision > 0 and self.texts else []


def by_looks(
    model: LanguageModel,
    texts: EvaluationSet,
    dense: Measurement,
    precision: float,
    monitor: Monitor,
    most_steps: int = 0,
    label: str = "pruned model",
) -> Iterator[Stand]:
    """Score the model as it stands now; after every piece, what is known. The last one says so.

    precision: nats a token (see above). most_steps: pieces after which scoring ends in any case; 0: no such end. It ends too where the
    monitor says that it is enough, never before every language had its first look.
    """
    job = _Scoring(model, texts, dense, precision, monitor, label)
    stand = None
    for steps, piece in enumerate(job.pieces(), start=1):
        stand = dataclasses.replace(piece, steps=steps)
        if precision > 0 and (steps == most_steps or monitor.is_enough()):
            stand = dataclasses.replace(stand, ended=stand.left > 0)
            break
        yield stand
    stand = stand or job.stand()
    monitor.advance(stand.left)
    yield dataclasses.replace(stand, last=True)


class _Scoring:
    """Rows by language; `pieces` adds to them."""

    def __init__(
        self, model: LanguageModel, texts: EvaluationSet, dense: Measurement, precision: float, monitor: Monitor, label: str
    ) -> None:
        self.model, self.texts, self.dense, self.precision = model, texts, dense, precision
        self.monitor, self.label = monitor, label
        self.parts = {code: texts.only(code) for code in texts.languages}
        self.rows: dict[str, list[TextScore]] = {code: [] for code in texts.languages}
        self.answers: dict[str, list[ChoiceScore]] = {}
        self.levels: dict[str, float] = {}
        self.asked = [code for code in self.parts if self.parts[code].choices and (not precision or self._says_something(code))]
        self.left = texts.num_tokens

    def pieces(self) -> Iterator[Stand]:
        """Every piece of work, and the stand after it."""
        if not self.precision:
            for code in self.parts:
                for look in range(len(pieces(self.parts[code].texts))):
                    self._read(code, look)
                self.levels[code] = CONFIDENCE
                self._answer(code)
            yield self.stand()
            return
        for look in range(max(map(len, map(looks, self._sizes())), default=0)):
            for code, part in self.parts.items():
                if look < len(looks(len(part.texts))) and not self._narrow(code):
                    self._read(code, look)
                    self.levels[code] = levels(len(part.texts))[look]
                    if look:
                        yield self.stand()
            if not look:
                yield self.stand()
        for code in self.asked:
            self._answer(code)
            yield self.stand()

    def stand(self) -> Stand:
        """As things are."""
        rows = [row for found in self.rows.values() for row in found]
        answers = [answer for code in self.parts for answer in self.answers.get(code, ())]
        texts = {code: len(found) for code, found in self.rows.items()}
        halves = {code: self._half(code) for code in self.levels}
        unasked = tuple(code for code, part in self.parts.items() if part.choices and code not in self.asked)
        return Stand(measurement(rows, answers), texts, dict(self.levels), halves, unasked, self.left, self.texts.num_tokens)

    def _sizes(self) -> list[int]:
        return [len(part.texts) for part in self.parts.values()]

    def _read(self, code: str, look: int) -> None:
        piece = pieces(self.parts[code].texts)[look]
        self.monitor.begin(f"Scoring the {self.label}: {language(code).name}")
        self.rows[code] += read(self.model, piece, self.texts.num_start, self.monitor)
        self.left -= sum(len(text.ids) for text in piece)

    def _answer(self, code: str) -> None:
        if code in self.asked:
            self.monitor.begin(f"Scoring the {self.label}: {language(code).name}")
            self.answers[code] = answered(self.model, self.parts[code].choices, self.monitor)
            self.left -= sum(item.num_tokens for item in self.parts[code].choices)

    def _narrow(self, code: str) -> bool:
        return len(self.rows[code]) >= FEWEST and self._half(code) <= self.precision

    def _half(self, code: str) -> float:
        found = increase(self.dense.losses, self.rows[code], self.levels[code])
        return (found.high - found.low) / 2

    def _says_something(self, code: str) -> bool:
        rows, items = self.dense.choices, self.parts[code].choices
        rows = rows[(rows["language"] == code) & rows["item"].isin([item.id for item in items])]
        chances = np.array([1 / len(item.endings) for item in items])
        return len(rows) == len(items) and above_chance(int(rows["correct"].sum()), chances) <= 1 - CONFIDENCE


def increase(dense: pd.DataFrame, rows: list[TextScore], level: float) -> Interval:
    """Pruned minus dense loss of texts of one language, nats a token, with its interval at a level."""
    code = rows[0][0]
    before = dense[dense["language"] == code].set_index("text")["nll"]
    change = np.array([nll - float(before[name]) for _, name, _, _, nll in rows])
    return ratio(change, np.array([tokens for _, _, tokens, _, _ in rows]), level)
