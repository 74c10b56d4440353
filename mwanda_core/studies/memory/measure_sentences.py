"""The tables of the sentences: removed, asked for again in other ways, and what other text and other sentences lose."""

import contextlib
import dataclasses
import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd
from torch import Tensor

from mwanda_core.corpora import builtin, builtin_languages
from mwanda_core.evaluation import dense_cache
from mwanda_core.insight.mlps import find_mlps
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.studies.correction.behaviours import Sample
from mwanda_core.studies.correction.remove import log_probabilities
from mwanda_core.studies.memory import sentences as parts
from mwanda_core.studies.memory.sentences import Asked, Point, Rung, Sentence
from mwanda_core.studies.memory.study import SENTENCE_SHARE, Memory

Rows = list[dict[str, object]]
TABLES = ("memory_sentences", "memory_search", "memory_texts")
LANGUAGES = ("en", "de", "sw", "zh")
"""Of other text: half of the passages to spare, the other to judge."""
TEXTS, LENGTH = 3, 48
ENOUGH = 0.8
"""Share of an ending's tokens from which a sentence counts as known."""
LOOKS = (2, 5, 10, 15, 20, 30)
"""Steps of a search for a soft prefix after which it is looked at, beside its beginning and its end."""
CHANCE = 3
"""A random mask of equal size is drawn anew for every sentence, from this seed on."""


def measured(
    model: LanguageModel, study: Memory, monitor: Monitor | None = None
) -> tuple[dict[str, pd.DataFrame], tuple[str, ...]]:
    """memory_sentences, memory_search, memory_texts, and notes. One unit of progress is a token through the whole model, which is dense afterwards.

    A sentence that was measured as is asked now is read from the cache, so a study that was cancelled goes on. Raises ModelError for a model whose
    neurons cannot be found, Cancelled when stopped.
    """
    monitor = monitor or Monitor()
    mlps = find_mlps(model)
    known = [parts.sentences()[name] for name in study.chosen()]
    monitor.plan(study.tokens)
    columns = {spec.name: list(spec.columns) for spec in study.tables if spec.name in TABLES}
    paths = {one.name: dense_cache.entry(model, "memory of sentences", _digest(study, one)) for one in known}
    read = {name: dense_cache.read(path, columns) for name, path in paths.items()}
    found = {name: tables for name, tables in read.items() if tables is not None}
    if missing := [one for one in known if one.name not in found]:
        spared, judged = other_text(model, known)
        monitor.begin("Sentences are put into the model")
        with contextlib.ExitStack() as stack:
            places: Mapping[str, Tensor] = {}
            if new := [one for one in known if one.injected]:
                learnt = [parts.asked(model, one.prefix, one.ending) for one in new]
                places = stack.enter_context(parts.injected(model, mlps, learnt, seed=study.seed, monitor=monitor))
            bench = _Bench(model, study, known, spared, judged, places, monitor)
            for one in missing:
                monitor.begin(f"The sentence {one.name!r}")
                found[one.name] = bench.one(one)
                dense_cache.write(paths[one.name], found[one.name])
    tables = {name: pd.concat([found[one.name][name] for one in known], ignore_index=True) for name in columns}
    return tables, tuple(_unknown(tables["memory_sentences"]))


def _digest(study: Memory, sentence: Sentence) -> str:
    """Of everything that the figures of a sentence depend on, beside the model."""
    there = parts.sentences()
    injected = [name for name in study.chosen() if there[name].injected]
    asked = (study.ways, _share(study), study.steps, study.rate, study.seed, LANGUAGES, TEXTS, LENGTH, LOOKS)
    return hashlib.sha256(repr((sentence.name, injected, list(there.values()), asked)).encode()).hexdigest()


def _share(study: Memory) -> float:
    return study.share if study.share != type(study).share else SENTENCE_SHARE


def _unknown(rows: pd.DataFrame) -> Iterator[str]:
    """What was not known by heart to begin with."""
    for _, row in rows[(rows["method"] == "dense") & (rows["trigger"] == "same") & (rows["matched"] < ENOUGH)].iterrows():
        yield f"{row['name']}: only {row['matched']:.0%} of its tokens are known before anything is removed."


def other_text(model: LanguageModel, known: Sequence[Sentence]) -> tuple[list[Sample], list[Sample]]:
    """Beginnings of built-in passages, to be spared and to judge by, in `LANGUAGES` and those of the sentences."""
    codes = [code for code in dict.fromkeys([*LANGUAGES, *(one.language for one in known)]) if code in builtin_languages()]
    halves = builtin(codes)
    spared, judged = (
        [
            Sample(code, (*model.start, *model.encode(passage.text)[:LENGTH]), len(model.start) + 1)
            for code in codes
            for passage in corpus.passages[code][:TEXTS]
        ]
        for corpus in (halves.calibration, halves.evaluation)
    )
    return spared, judged


class _Bench:
    def __init__(
        self, model: LanguageModel, study: Memory, known: Sequence[Sentence], spared: Sequence[Sample], judged: Sequence[Sample],
        places: Mapping[str, Tensor], monitor: Monitor,
    ) -> None:  # fmt: skip
        self.model, self.study, self.known, self.spared, self.judged = model, study, known, spared, judged
        self.places, self.monitor, self.mlps = places, monitor, find_mlps(model)
        self.block = len(model.blocks) // 2
        self.before = log_probabilities(model, judged, monitor)
        there = [one for one in parts.sentences().values() if one in known or not one.injected]
        self.others, self.matched = there, {one.name: parts.reading(model, self.asked(one))[0] for one in there}
        self.rows: dict[str, Rows] = {}

    def asked(self, one: Sentence) -> Asked:
        return parts.asked(self.model, one.prefix, one.ending)

    def one(self, sentence: Sentence) -> dict[str, pd.DataFrame]:
        """The tables of every way to remove it, of its size by chance, and of nothing removed."""
        model, study, share = self.model, self.study, _share(self.study)
        self.rows = {name: [] for name in TABLES}
        ones = [self.asked(sentence)]
        every = {
            method: parts.masks_of(method, model, self.mlps, ones, self.spared, share, study.seed + CHANCE, self.monitor)[0]
            for method in (*study.ways, "random")
        }
        # The control of steering is the vector of another sentence.
        neighbour = self.others[(self.others.index(sentence) + 1) % len(self.others)]
        vectors = parts.mean_outputs(model, (sentence, neighbour), self.block)
        self.triggers(sentence, "dense", {}, math.nan)
        for method, masks in every.items():
            with parts.without(model, self.mlps, masks):
                self.triggers(sentence, method, vectors, self.recall(sentence, masks))
                now = log_probabilities(model, self.judged, self.monitor)
                others = [parts.reading(model, self.asked(o))[0] - self.matched[o.name] for o in self.others if o != sentence]
            density = sum(int(gone.sum()) for gone in masks.values()) / sum(gone.numel() for gone in masks.values())
            self.rows["memory_texts"] += [
                {
                    "name": sentence.name, "method": method, "density": density, "language": code, "increase": self.before[code] - value,
                    "others": sum(others) / len(others) if others else math.nan,
                }
                for code, value in now.items()
            ]  # fmt: skip
        return {name: pd.DataFrame(rows) for name, rows in self.rows.items()}

    def recall(self, sentence: Sentence, masks: Mapping[str, Tensor]) -> float:
        """Of the weights that injected sentences were written into, the share removed."""
        if not sentence.injected:
            return math.nan
        found = [masks[name][:, columns].float().mean().item() for name, columns in self.places.items()]
        return sum(found) / len(found)

    def triggers(self, sentence: Sentence, method: str, vectors: Mapping[str, Tensor], recall: float) -> None:
        """The ladder, on the model as it stands, with an unseen ending beside each step."""
        model, study = self.model, self.study
        rungs = list(parts.spoken(model, sentence, study.seed, self.monitor))
        if len(vectors) > 1:
            rungs.append(parts.steering(model, sentence, vectors, self.block))
        at = {"name": sentence.name, "language": sentence.language, "method": method}
        if method != "random":
            same = self.asked(sentence)
            itself, control = (
                self.search({**at, "target": target}, one)
                for target, one in (("itself", same), ("unseen", parts.unseen(same, study.seed)))
            )
            rungs.append(Rung("soft prefix", itself.matched, itself.loss, control.matched))
        more = {"recall": recall, "series": f"{sentence.name}, {method}"}
        self.rows["memory_sentences"] += [{**at, **dataclasses.asdict(rung), **more} for rung in rungs]

    def search(self, at: Mapping[str, str], one: Asked) -> Point:
        """Every look at a search for a soft prefix, which with steps enough writes any ending; its best look."""
        points = list(parts.prefix_search(self.model, one, self.study.steps, self.study.rate, LOOKS, self.monitor))
        series = f"{at['name']}, {at['method']}, {at['target']}"
        self.rows["memory_search"] += [{**at, **dataclasses.asdict(point), "series": series} for point in points]
        return parts.best_of(points)
