"""The tables of the sentences: removed, asked for again in other ways, and what other text and other sentences lose."""

import contextlib
import math
from collections.abc import Mapping, Sequence

import pandas as pd
from torch import Tensor

from mwanda_core.corpora import builtin
from mwanda_core.insight.mlps import find_mlps
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.studies.correction.behaviours import Sample
from mwanda_core.studies.correction.remove import log_probabilities
from mwanda_core.studies.memory import sentences as parts
from mwanda_core.studies.memory.sentences import Asked, Sentence
from mwanda_core.studies.memory.study import Memory

Rows = list[dict[str, object]]
LANGUAGES = ("en", "de", "sw", "zh")
"""Of other text: half of the passages to spare, the other to judge."""
TEXTS, LENGTH = 3, 48
CHANCE = 3
"""A random mask of equal size is drawn anew for every sentence, from this seed on."""


def measured(
    model: LanguageModel, study: Memory, monitor: Monitor | None = None
) -> tuple[dict[str, pd.DataFrame], tuple[str, ...]]:
    """memory_sentences, memory_texts, and notes. One unit of progress is a token through the whole model, which is dense afterwards.

    Raises ModelError for a model whose neurons cannot be found, Cancelled when stopped.
    """
    monitor = monitor or Monitor()
    mlps = find_mlps(model)
    known = [parts.sentences()[name] for name in study.chosen()]
    monitor.plan(40.0 * len(known) * (6 * study.steps + 60 * len(study.ways)))
    texts = builtin(LANGUAGES)
    spared, judged = (
        [
            Sample(code, (*model.start, *model.encode(passage.text)[:LENGTH]), len(model.start) + 1)
            for code in LANGUAGES
            for passage in corpus.passages[code][:TEXTS]
        ]
        for corpus in (texts.calibration, texts.evaluation)
    )
    new = [one for one in known if one.injected]
    monitor.begin("Sentences are put into the model")
    with contextlib.ExitStack() as stack:
        places: Mapping[str, Tensor] = {}
        if new:
            learnt = [parts.asked(model, one.prefix, one.ending) for one in new]
            places = stack.enter_context(parts.injected(model, mlps, learnt, seed=study.seed, monitor=monitor))
        bench = _Bench(model, study, known, spared, judged, places, monitor)
        for one in known:
            monitor.begin(f"The sentence {one.name!r}")
            bench.one(one)
    return {f"memory_{name}": pd.DataFrame(rows) for name, rows in bench.rows.items()}, tuple(bench.notes)


class _Bench:
    def __init__(
        self, model: LanguageModel, study: Memory, known: Sequence[Sentence], spared: Sequence[Sample], judged: Sequence[Sample],
        places: Mapping[str, Tensor], monitor: Monitor,
    ) -> None:  # fmt: skip
        self.model, self.study, self.known, self.spared, self.judged = model, study, known, spared, judged
        self.places, self.monitor, self.mlps = places, monitor, find_mlps(model)
        self.block = len(model.blocks) // 2
        self.before = log_probabilities(model, judged, monitor)
        self.matched = {one.name: parts.reading(model, self.asked(one))[0] for one in known}
        self.notes = [
            f"{name}: only {share:.0%} of its tokens are known before anything is removed."
            for name, share in self.matched.items()
            if share < 0.9
        ]
        self.rows: dict[str, Rows] = {"sentences": [], "texts": []}

    def asked(self, one: Sentence, trigger: str = "same") -> Asked:
        return parts.asked(self.model, one.triggers[trigger], one.ending)

    def one(self, sentence: Sentence) -> None:
        """Every way to remove it, its size by chance, and nothing removed."""
        model, study = self.model, self.study
        same = self.asked(sentence)
        share = study.share if study.share != type(study).share else 0.003
        every = {
            method: parts.masks_of(method, model, self.mlps, same, self.spared, share, study.seed + CHANCE)
            for method in (*study.ways, "random")
        }
        neighbour = self.known[(self.known.index(sentence) + 1) % len(self.known)]
        vectors = {s.name: parts.mean_output(model, self.asked(s), self.block) for s in (sentence, neighbour)}
        self.triggers(sentence, "dense", {}, math.nan)
        for method, masks in every.items():
            with parts.without(model, self.mlps, masks):
                self.triggers(sentence, method, vectors, self.recall(sentence, masks), neighbour)
                now = log_probabilities(model, self.judged, self.monitor)
                others = [
                    parts.reading(model, self.asked(o))[0] - self.matched[o.name] for o in self.known if o is not sentence
                ]
            density = sum(int(gone.sum()) for gone in masks.values()) / sum(gone.numel() for gone in masks.values())
            self.rows["texts"] += [
                {
                    "name": sentence.name, "method": method, "density": density, "language": code, "increase": self.before[code] - value,
                    "others": sum(others) / len(others) if others else math.nan,
                }
                for code, value in now.items()
            ]  # fmt: skip

    def recall(self, sentence: Sentence, masks: Mapping[str, Tensor]) -> float:
        """Of the weights that injected sentences were written into, the share removed."""
        if not sentence.injected:
            return math.nan
        found = [masks[name][:, columns].float().mean().item() for name, columns in self.places.items()]
        return sum(found) / len(found)

    def triggers(
        self, sentence: Sentence, method: str, vectors: Mapping[str, Tensor], recall: float, neighbour: Sentence | None = None
    ) -> None:
        """The ladder, on the model as it stands, with an unseen ending beside each step."""
        model, study = self.model, self.study

        def add(trigger: str, seen: tuple[float, float], control: float) -> None:
            self.rows["sentences"].append({
                "name": sentence.name, "language": sentence.language, "method": method, "trigger": trigger, "matched": seen[0], "loss": seen[1],
                "control": control, "recall": recall, "series": f"{sentence.name}, {method}",
            })  # fmt: skip

        def unseen(one: Asked) -> Asked:
            return Asked(one.start, parts.shuffled(one.ending, study.seed))

        for trigger in sentence.triggers:
            one = self.asked(sentence, trigger)
            add(trigger.partition(" ")[0], parts.reading(model, one), parts.reading(model, unseen(one))[0])
            self.monitor.advance(2.0 * len(one.sample))
        same = self.asked(sentence)
        if vectors and neighbour is not None:
            moved = {
                name: vector - parts.mean_output(model, self.asked(parts.sentences()[name]), self.block)
                for name, vector in vectors.items()
            }
            mine, other = (parts.steered(self.block, moved[s.name]) for s in (sentence, neighbour))
            # The control of steering is the vector of another sentence.
            add("steering", parts.reading(model, same, mine), parts.reading(model, same, other)[0])
        if method in ("dense", study.ways[0]):
            found, control = (
                parts.soft_prefix(model, one, study.steps, study.rate, self.monitor) for one in (same, unseen(same))
            )
            add("soft prefix", found, control[0])
