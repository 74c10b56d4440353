"""Does a model still know what is true? Probes on the dense model and on pruned ones, and a sentence of one's own asked of both."""

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd
import torch

from mwanda_core.corpora import Corpus, Packed, Passage, Texts, pack
from mwanda_core.corpora.facts import fact_statements, is_facts
from mwanda_core.corpora.statements import Statement, enriched, folder_statements, statements
from mwanda_core.engine.measure import BlockStats
from mwanda_core.engine.pruning import prune
from mwanda_core.engine.separability import by_set, last_states
from mwanda_core.errors import InputError
from mwanda_core.languages import language
from mwanda_core.methods.recipes import recipe
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.studies.truth.accuracy import Sayings, bags_of_tokens, between_languages, left_out_rows, sayings, topic_rows
from mwanda_core.studies.truth.probes import Probe, probe
from mwanda_core.studies.truth.published import BMLAMA, HUB, facts, published
from mwanda_core.studies.truth.study import Truth

DENSE = "dense"


def asked_of(study: Truth, codes: Sequence[str]) -> tuple[Statement, ...]:
    """The statements of a study in the languages asked for: built-in, those of a folder (CSV tables, or BMLAMA's facts), or published ones.

    Raises TextError for a language or topic that there is not.
    """
    if not study.folder:
        return tuple(one for code in codes for one in statements(code, study.topic_names))
    if study.folder in (HUB, BMLAMA):
        named = study.topic_names if study.topics != Truth.topics else ()
        return published(codes, named) if study.folder == HUB else facts(codes, named)
    if is_facts(Path(study.folder)):
        return fact_statements(Path(study.folder), codes, study.topic_names if study.topics != Truth.topics else ())
    found = folder_statements(Path(study.folder), study.topic_names if study.topics else ())
    return tuple(one for one in found if one.language in codes)


def calibration(
    model: LanguageModel, texts: Texts, study: Truth, codes: Sequence[str], length: int, tokens: int, seed: int
) -> Packed:
    """Calibration tokens: of the corpus, or half of it and half statements with their verdicts (TPLO's prompting rule,
    reconstructed), in the same languages.

    Raises TextError where a language has no statements, or too little text.
    """
    corpus = texts.calibration.select(tuple(codes))
    if study.calibration == "corpus":
        return pack(corpus, model.encode, model.start, length, tokens, seed)
    said = {
        code: [Passage(f"verdict {i}", code, (text,)) for i, text in enumerate(enriched(code, seed=seed))] for code in codes
    }
    verdicts = Corpus("statements with verdicts", {code: tuple(found) for code, found in said.items()}, parallel=False)
    half = max(length, tokens // 2)
    first, second = (pack(part, model.encode, model.start, length, half, seed) for part in (corpus, verdicts))
    count = min(len(first.ids), len(second.ids)) // len(codes) / max(1, len(first.ids) // len(codes))
    first, second = first.part(count), second.part(min(1.0, len(first.part(count).ids) / len(second.ids)))
    return dataclasses.replace(
        first, corpus=f"{first.corpus} and {second.corpus}", ids=torch.cat([first.ids, second.ids]),
        rows=torch.cat([first.rows, second.rows]), sources=(*first.sources, *second.sources),
        notes=(*first.notes, *second.notes),
    )  # fmt: skip


@contextlib.contextmanager
def pruned(
    model: LanguageModel, packed: Packed, method: str, sparsity: float, stats: tuple[BlockStats, ...], monitor: Monitor
) -> Iterator[tuple[float, ...]]:
    """Inside, the model pruned by a named method in one pass; what is given are the sparsities of its blocks."""
    result = prune(model, packed, recipe(method), sparsity, "one-pass", stats=stats, monitor=monitor)
    try:
        yield result.allocation.sparsity
    finally:
        result.restore()


class Comparison:
    """The dense model's sayings, and what is compared with them."""

    def __init__(self, model: LanguageModel, study: Truth, asked: Sequence[Statement], monitor: Monitor) -> None:
        if not asked:
            raise InputError(f"There are no statements in {study.languages!r}: choose other languages, or another folder.")
        self.model, self.study, self.monitor = model, study, monitor
        monitor.begin("Statements on the dense model")
        self.dense = sayings(model, asked, monitor)
        self.bags = bags_of_tokens(model, asked)
        self.rows: dict[str, list[dict[str, object]]] = {"probes": [], "separability": [], "transfer": []}
        self.best = 0

    def add(self, label: str, sparsity: float, found: Sayings | None = None) -> None:
        """Every table's rows for the model as it is now (`found`: its sayings, where they are known)."""
        found = found or sayings(self.model, self.dense.asked, self.monitor)
        names, study = self.study.probe_names, self.study
        at: dict[str, object] = {"model": label, "sparsity": sparsity}
        new = [
            {**at, "fitted_on": "itself", **row}
            for row in topic_rows(found, found, names, study.resamples, self.bags if label == DENSE else None)
        ]
        new += [{**at, "fitted_on": "itself", **row} for row in left_out_rows(found, found, names)]
        if label == DENSE:
            self.best = best_block(new)
        else:
            new += [{**at, "fitted_on": DENSE, **row} for row in topic_rows(self.dense, found, names, study.resamples)]
        self.rows["probes"] += new
        self.rows["transfer"] += [
            {**at, "probe": names[-1], **row} for row in between_languages(found, found, names[-1], self.best, study.resamples)
        ]
        self.rows["separability"] += [{**at, **row} for row in separability_rows(found)]

    def tables(self) -> dict[str, pd.DataFrame]:
        """All of it, and a summary: the mean of every probe over topics at its dense model's best block, with what the controls give."""
        frames = {name: pd.DataFrame(rows) for name, rows in self.rows.items()}
        at_best = frames["probes"][(frames["probes"]["block"] == self.best) & (frames["probes"]["protocol"] != "words")]
        keys = ["model", "sparsity", "fitted_on", "language", "probe", "protocol", "block"]
        frames["summary"] = at_best.groupby(keys, sort=False, as_index=False).agg(accuracy=("accuracy", "mean"), n=("n", "sum"))
        return frames


def best_block(rows: Sequence[Mapping[str, object]]) -> int:
    """Where the first probe is right most often on affirmative statements of its own topic, over languages and topics."""
    table = pd.DataFrame([row for row in rows if row["protocol"] == "topic"])
    table = table[table["probe"] == table["probe"].iloc[0]]
    return int(table.groupby("block")["accuracy"].mean().idxmax())


def separability_rows(found: Sayings) -> list[dict[str, object]]:
    """Language x topic x polarity x block: v, published and standardised, and its share of all blocks."""
    by_block = by_set(found.states, found.asked)
    rows: list[dict[str, object]] = []
    for key in by_block[0]:
        code, topic, polarity = key.split("/")
        for kind in by_block[0][key]:
            values = [block[key][kind] for block in by_block]
            rows += [
                {
                    "language": code, "name": language(code).name, "topic": topic, "polarity": polarity, "kind": kind, "block": index,
                    "separability": value, "share": value / sum(values),
                }
                for index, value in enumerate(values)
            ]  # fmt: skip
    return rows


def fit_blocks(found: Sayings, name: str = "ttpd") -> list[Probe]:
    """One probe a block, fitted on all statements: what `answers` asks."""
    return [probe(name).fit(states.numpy(), found.true, found.negated) for states in found.states]


def answers(model: LanguageModel, probes: Sequence[Probe], text: str) -> pd.DataFrame:
    """What the model as it stands "thinks" of a sentence: block, score (above 0: true; units of the probe), true.

    Raises InputError for an empty sentence.
    """
    if not text.strip():
        raise InputError("There is nothing to judge: write a sentence that is true or false, with its full stop.")
    states = last_states(model, [text.strip()])
    scores = [float(one.score(states[block].numpy())[0]) for block, one in enumerate(probes)]
    return pd.DataFrame({"block": range(len(scores)), "score": scores, "true": [score > 0 for score in scores]})
