"""The whole of a correction: find, remove, and look at everything else."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

from mwanda_core.corpora import Corpus, Texts
from mwanda_core.insight.mlps import find_mlps
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.studies.correction.behaviours import (
    Sample,
    general,
    halves,
    list_of,
    listed_words,
    repetition,
    wrong_language,
)
from mwanda_core.studies.correction.remove import (
    at_random,
    candidates,
    chosen,
    listed_mass,
    log_probabilities,
    relevance,
    without,
    written,
)
from mwanda_core.studies.correction.study import Correction

ALL, RANDOM, DENSE = "all", "random", "dense"
OPENINGS = 4
"""Openings per language that the model goes on with, before and after."""

Rows = list[dict[str, object]]


def undesired(model: LanguageModel, study: Correction, corpus: Corpus, monitor: Monitor) -> tuple[Sample, ...]:
    """Samples of the behaviour to be removed."""
    if study.behaviour == "words":
        return listed_words(model, corpus, Path(study.words).expanduser(), study.samples)
    if study.behaviour == "repetition":
        return repetition(model, corpus, study.samples, monitor)
    return wrong_language(model, corpus, study.samples)


def corrected(model: LanguageModel, study: Correction, texts: Texts, monitor: Monitor | None = None) -> dict[str, pd.DataFrame]:
    """behaviour, losses, writing, others, places: see `study.Correction.tables`. One unit of progress is a token through the whole
    model. The model is as it was afterwards.

    Raises InputError or TextError where the texts or lists do not give what the behaviour needs.
    """
    monitor = monitor or Monitor()
    mlps = find_mlps(model)
    monitor.begin("Samples of the unwanted behaviour")
    learn, held = halves(undesired(model, study, texts.calibration, monitor))
    ordinary = general(model, texts.calibration, study.samples)
    monitor.plan(3.0 * sum(len(one.ids) for one in (*learn, *ordinary)))
    monitor.begin("Relevance of every neuron")
    served, needed = relevance(model, mlps, learn, monitor), relevance(model, mlps, ordinary, monitor)
    allowed = candidates(needed, study.spared)
    removed = {code: chosen(served[code], needed[code], allowed, study.neurons) for code in served}
    together = [torch.stack(list(found.values())).mean(dim=0) for found in (served, needed)]
    removed[ALL] = chosen(together[0], together[1], allowed, study.neurons)
    removed |= {
        RANDOM if draw == 0 else f"{RANDOM} {draw + 1}": at_random(allowed, study.neurons, draw) for draw in range(study.draws)
    }
    judged = _Judged(model, study, texts, held, monitor)
    for name, gone in removed.items():
        monitor.begin(f"Without the neurons of {name}")
        with without(model, mlps, gone):
            judged.add(name, gone)
    tables = judged.tables()
    sizes = [mlp.neurons for mlp in mlps]
    tables["places"] = pd.DataFrame([
        {"found_in": name, "block": mlp.block, "neurons": int(part.sum())}
        for name, gone in removed.items()
        for mlp, part in zip(mlps, gone.split(sizes), strict=True)
    ])  # fmt: skip
    return {f"correction_{name}": table for name, table in tables.items()}


class _Judged:
    """The dense model's figures, and what is compared with them."""

    def __init__(self, model: LanguageModel, study: Correction, texts: Texts, held: Sequence[Sample], monitor: Monitor) -> None:
        self.model, self.study, self.texts, self.monitor = model, study, texts, monitor
        self.held: dict[str, Sequence[Sample]] = {study.behaviour: held}
        folder, half = Path(study.words).expanduser() if study.words.strip() else None, study.samples // 2
        self.lists = {code: list_of(folder, code) for code in texts.evaluation.languages} if folder else {}
        if study.behaviour != "wrong language" and len(texts.evaluation.languages) > 1 and texts.evaluation.parallel:
            self.held["wrong language"] = wrong_language(model, texts.evaluation, half)
        if study.behaviour != "repetition" and (repeats := repetition(model, texts.evaluation, half, monitor, 0)):
            self.held["repetition"] = repeats
        if study.behaviour != "words" and folder:
            self.held["words"] = listed_words(model, texts.evaluation, folder, half)
        self.ordinary = general(model, texts.evaluation, study.samples)
        self.dense = {name: log_probabilities(model, found, monitor) for name, found in self.held.items()}
        self.losses = log_probabilities(model, self.ordinary, monitor)
        self.rows: dict[str, Rows] = {"behaviour": [], "losses": [], "writing": [], "others": []}
        self._write(DENSE, 0)

    def _write(self, name: str, neurons: int) -> None:
        table = written(self.model, self.texts.evaluation, OPENINGS, self.monitor, self.lists)
        masses = listed_mass(self.model, self.texts.evaluation, self.study.samples, self.lists)
        for row in table.to_dict(orient="records"):
            mass = masses.get(str(row["language"]), math.nan)
            own = {str(column): value for column, value in row.items()}
            self.rows["writing"].append({"found_in": name, "neurons": neurons, **own, "listed_mass": mass})

    def add(self, name: str, gone: Tensor) -> None:
        """Every table's rows for the model as it is now."""
        count = int(gone.sum())
        for behaviour, samples in self.held.items():
            now, before = log_probabilities(self.model, samples, self.monitor), self.dense[behaviour]
            if behaviour == self.study.behaviour:
                self.rows["behaviour"] += _compared(name, count, before, now)
            else:
                self.rows["others"] += [
                    {"found_in": name, "behaviour": behaviour, "on": code, "neurons": count, "change": now[code] - before[code]}
                    for code in now
                ]
        for code, value in log_probabilities(self.model, self.ordinary, self.monitor).items():
            self.rows["losses"].append({
                "found_in": name, "language": code, "neurons": count, "dense_loss": -self.losses[code], "loss": -value,
                "increase": self.losses[code] - value,
            })  # fmt: skip
        self._write(name, count)

    def tables(self) -> dict[str, pd.DataFrame]:
        """All of it."""
        columns = ["found_in", "behaviour", "on", "neurons", "change"]
        return {name: pd.DataFrame(rows, columns=columns if name == "others" else None) for name, rows in self.rows.items()}


def _compared(name: str, count: int, before: Mapping[str, float], now: Mapping[str, float]) -> Rows:
    return [
        {
            "found_in": name, "on": code, "neurons": count, "dense": before[code], "without": now[code], "change": now[code] - before[code],
        }
        for code in now
    ]  # fmt: skip
