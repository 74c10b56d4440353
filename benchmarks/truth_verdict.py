"""The verdict on TPLO: several seeds, two sparsities, controls; what `replications_truth --what verdict` runs and writes.

A cell is a seed, a sparsity and a way to prune; cells are kept as they are made (`results/replications/truth_cells.json`), so a run that was stopped goes on.
A seed draws the calibration text and deals the subjects anew. In every deal the block is chosen on the dense model, on a part of the subjects that
probes are fitted on (nested): neither the block nor anything else is chosen on what is reported. Differences are paired over the same statements;
intervals are of a bootstrap over subjects, which are the same in all languages.
"""

import argparse
import dataclasses
import itertools
import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from torch import Tensor

import mwanda_core as mw
from benchmarks.common import RESULTS, provenance, table_of, write
from mwanda_core.corpora import Packed
from mwanda_core.corpora.choosing import texts_named
from mwanda_core.engine import dense as dense_needs, separability
from mwanda_core.engine.measure import BlockStats, measure_model
from mwanda_core.engine.pruning import prune
from mwanda_core.languages import parse_codes
from mwanda_core.methods.allocation import TPLO
from mwanda_core.methods.recipes import Recipe, recipe
from mwanda_core.models import LanguageModel
from mwanda_core.parts.evidence import BlockEvidence
from mwanda_core.parts.knobs import whole
from mwanda_core.parts.needs import SUMS, Need
from mwanda_core.progress import Monitor
from mwanda_core.studies.truth import Truth
from mwanda_core.studies.truth.accuracy import TRAIN, Sayings, sayings
from mwanda_core.studies.truth.measure import DENSE, asked_of, calibration
from mwanda_core.studies.truth.probes import Split, by_subject, probe

TOKENS, LENGTH = 640, 128
BOOTSTRAPS = 2000
REFERENCE = "wanda"
ORDER = (
    "wanda", "tplo", "swl", "owl", "tplo dealt by chance", "tplo, half statements", "wanda, half statements", "tplo standardised", "magnitude",
)  # fmt: skip
"""Which ways to prune are measured first."""
STAGE = RESULTS / "replications" / "truth_cells.json"

Cell = dict[str, list[int]]
"""Protocol -> right answers of every statement, in their order, summed over deals."""


@dataclasses.dataclass(frozen=True)
class Dealt(TPLO):
    """TPLO's sparsities, dealt to blocks by chance: the control that has its spread and nothing else."""

    seed: int = whole(0, 0, 1_000_000, "Which deal.")

    def importance(self, blocks: Sequence[BlockEvidence]) -> Float[Tensor, " blocks"]:
        found = super().importance(blocks)
        return found[torch.randperm(len(found), generator=torch.Generator().manual_seed(self.seed))]


def ways(seed: int) -> dict[str, tuple[Recipe, str]]:
    """Name -> (recipe, calibration)."""
    tplo = recipe("tplo")
    return {
        "magnitude": (recipe("magnitude"), "corpus"),
        "wanda": (recipe("wanda"), "corpus"),
        "owl": (recipe("owl"), "corpus"),
        "swl": (recipe("swl"), "corpus"),
        "tplo": (tplo, "corpus"),
        "tplo standardised": (dataclasses.replace(tplo, allocation=TPLO(separability="standardised")), "corpus"),
        "tplo dealt by chance": (dataclasses.replace(tplo, allocation=Dealt(seed=seed)), "corpus"),
        "wanda, half statements": (recipe("wanda"), "half"),
        "tplo, half statements": (tplo, "half"),
    }


class Deals:
    """The dense model's sayings, dealt several times: which subjects a probe is fitted on, and at which block."""

    def __init__(self, dense: Sayings, resamples: int, seed: int, blocks: Sequence[int] = ()) -> None:
        self.dense = dense
        self.sets = {key: dense.where(*key, negated=False) for key in dense.sets}
        self.languages = tuple(dict.fromkeys(code for code, _ in dense.sets))
        self.seeds = [1000 * seed + index for index in range(resamples)]
        self.splits = {
            (key, s): by_subject(dense.subjects[rows], TRAIN, s) for key, rows in self.sets.items() for s in self.seeds
        }
        self.blocks = dict(zip(self.seeds, blocks, strict=True)) if blocks else {s: self._block(s) for s in self.seeds}

    def _block(self, seed: int) -> int:
        """The block that reads truth best on the part of the fitted subjects that the inner probes are not fitted on."""
        right = np.zeros(len(self.dense.states))
        for key, rows in self.sets.items():
            inside = self.dense.only([rows[i] for i in self.splits[key, seed].train])
            inner = by_subject(inside.subjects, TRAIN, seed)
            for block, states in enumerate(inside.states.numpy()):
                made = probe("logistic").fit(states[inner.train], inside.true[inner.train], inside.negated[inner.train])
                right[block] += ((made.score(states[inner.test]) > 0) == inside.true[inner.test]).mean()
        return int(right.argmax())

    def asked(self) -> Cell:
        """How often each statement is asked, as `Deals.cell` counts right answers."""
        return self.cell(self.dense, lambda wanted, score: np.ones(len(wanted), dtype=int))

    def cell(
        self,
        found: Sayings,
        count: Callable[[np.ndarray, np.ndarray], np.ndarray] = lambda wanted, score: (score > 0) == wanted,
    ) -> Cell:
        """refit, dense probe: affirmative statements of a topic. joint: both polarities of all topics of a language, by TTPD.
        transfer A B: as joint, fitted in A."""
        size, dense = len(found.asked), self.dense
        right = {name: np.zeros(size, dtype=int) for name in ("refit", "dense probe", "joint")}
        right |= {f"transfer {a} {b}": np.zeros(size, dtype=int) for a, b in itertools.permutations(self.languages, 2)}
        for seed in self.seeds:
            block = self.blocks[seed]
            states, old = found.states[block].numpy(), dense.states[block].numpy()
            for key, rows in self.sets.items():
                split = self.splits[key, seed]
                train, test = np.array(rows)[split.train], np.array(rows)[split.test]
                for name, fitted in (("refit", states), ("dense probe", old)):
                    made = probe("logistic").fit(fitted[train], dense.true[train], dense.negated[train])
                    right[name][test] += count(dense.true[test], made.score(states[test]))
            for code in self.languages:
                train, _ = self._whole(code, seed)
                made = probe("ttpd").fit(states[train], dense.true[train], dense.negated[train])
                for other in self.languages:
                    _, test = self._whole(other, seed)
                    name = "joint" if other == code else f"transfer {code} {other}"
                    right[name][test] += count(dense.true[test], made.score(states[test]))
        return {name: values.tolist() for name, values in right.items()}

    def _whole(self, code: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """All statements of a language, those about subjects fitted on and the others; the same subjects in all languages."""
        rows = np.array(self.dense.where(code))
        parts: list[list[int]] = [[], []]
        for topic in dict.fromkeys(topic for _, topic in self.dense.sets):
            mine = np.array([i for i in rows if self.dense.asked[i].topic == topic])
            split: Split = by_subject(self.dense.subjects[mine], TRAIN, seed)
            parts[0] += mine[split.train].tolist()
            parts[1] += mine[split.test].tolist()
        return np.array(parts[0]), np.array(parts[1])


class Cells:
    """What was measured so far, in a file that is written after every cell."""

    def __init__(self, path: Path, about: Mapping[str, Any]) -> None:
        self.path, self.about = path, dict(about)
        kept = json.loads(path.read_text()) if path.exists() else {}
        found: dict[str, Cell] = kept["cells"] if kept.get("about") == self.about else {}
        self.cells = {key: totals(cell) for key, cell in found.items()}

    def add(self, key: str, cell: Cell) -> None:
        """Keep a cell; the file is whole at every moment."""
        self.cells[key] = totals(cell)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        whole_file = self.path.with_suffix(".part")
        whole_file.write_text(json.dumps({"about": self.about, "cells": self.cells}) + "\n")
        whole_file.replace(self.path)


def totals(cell: Cell) -> Cell:
    """Of languages asked in each other only the sum is kept: nothing is paired there, and the file stays small."""
    return {name: [sum(values)] if name.startswith("transfer") else values for name, values in cell.items()}


def key_of(seed: int, method: str, sparsity: float = 0.0) -> str:
    """The name of a cell."""
    return f"{seed} | {method} | {sparsity:g}"


def verdict(given: argparse.Namespace, command: str) -> None:
    """All cells that there is time for, method by method; then the result, with the methods of which all cells are there."""
    started, codes = time.monotonic(), parse_codes(given.languages)
    study = Truth(languages=given.languages, topics=given.topics, folder=given.folder)
    seeds, sparsities = range(given.seeds), [float(one) for one in given.sparsities.split(",")]
    names = ("model", "languages", "topics", "resamples")
    cells = Cells(given.stage or STAGE, {name: getattr(given, name) for name in names} | {"tokens": TOKENS, "length": LENGTH})
    todo = [
        (s, m, p) for m in ORDER for p in sparsities for s in seeds if key_of(s, m, p) not in cells.cells
    ]  # fmt: skip
    asked = asked_of(study, codes)
    if todo and given.minutes > 0:
        _measure(mw.load(given.model), asked, codes, given, cells, todo, started)
    there = [m for m in ORDER if all(key_of(s, m, p) in cells.cells for p in sparsities for s in seeds)]
    if REFERENCE in there:
        _write(given, command, cells.cells, list(seeds), sparsities, asked, there)
    if len(there) < len(ORDER):
        print(f"not there yet: {', '.join(m for m in ORDER if m not in there)}; run it again to go on")


def _measure(
    model: LanguageModel,
    asked: Sequence[Any],
    codes: Sequence[str],
    given: argparse.Namespace,
    cells: Cells,
    todo: Sequence[tuple[int, str, float]],
    started: float,
) -> None:
    """Cells until the time is over; the model is dense between two."""
    dense, deals = sayings(model, asked, Monitor()), dict[int, Deals]()
    measured: dict[tuple[int, str], tuple[Packed, tuple[BlockStats, ...]]] = {}
    apart = separability.measure(model, codes, Monitor())
    dense_needs.BY_MODEL[Need.SEPARABILITY] = lambda job: (
        apart
    )  # The same for every cell: of the dense model, in the same languages.
    for seed, method, sparsity in todo:
        if seed not in deals:
            kept = cells.cells.get(key_of(seed, "blocks"), {"blocks": []})["blocks"]
            deals[seed] = Deals(dense, given.resamples, seed, kept)
            if not kept:
                cells.add(key_of(seed, "asked"), deals[seed].asked())
                cells.add(key_of(seed, DENSE), deals[seed].cell(dense))
                cells.add(key_of(seed, "blocks"), {"blocks": list(deals[seed].blocks.values())})
        how, kind = ways(seed)[method]
        if (seed, kind) not in measured:
            packed = calibration(model, texts_named("built-in", codes), Truth(calibration=kind), codes, LENGTH, TOKENS, seed)
            measured[seed, kind] = packed, measure_model(model, packed, SUMS, Monitor())
        packed, stats = measured[seed, kind]
        result = prune(model, packed, how, sparsity, "one-pass", stats=stats)
        try:
            found = sayings(model, asked, Monitor())
        finally:
            result.restore()
        cells.add(key_of(seed, method, sparsity), deals[seed].cell(found))
        print(f"{time.monotonic() - started:.0f} s: {key_of(seed, method, sparsity)}", flush=True)
        if time.monotonic() - started > 60 * given.minutes:
            return


def _write(
    given: argparse.Namespace,
    command: str,
    cells: Mapping[str, Cell],
    seeds: Sequence[int],
    sparsities: Sequence[float],
    asked: Sequence[Any],
    methods: Sequence[str],
) -> None:
    codes = tuple(dict.fromkeys(one.language for one in asked))
    judge = Judge(cells, seeds, asked)
    rows = [judge.row(DENSE, 0.0, DENSE, 0.0, codes)]
    rows += [judge.row(method, sparsity, REFERENCE, sparsity, codes) for sparsity in sparsities for method in methods]
    frame = pd.concat([pd.DataFrame(part) for part in rows], ignore_index=True)
    chosen = sorted({block for seed in seeds for block in cells[key_of(seed, "blocks")]["blocks"]})
    parts = [_table(frame, protocol, codes) for protocol in ("refit", "dense probe", "joint")]
    erosion = pd.concat([pd.DataFrame(judge.row(REFERENCE, s, DENSE, 0.0, codes)) for s in sparsities], ignore_index=True)
    transfer = _transfer(judge, methods, sparsities, codes)
    facts = provenance(command, model=given.model, blocks_chosen=chosen, tokens_per_language=TOKENS, seeds=len(seeds))
    titles = {
        "refit": "Refitted on the pruned model: other subjects of the same topic",
        "dense probe": "The dense model's probe, asked of the pruned model",
        "joint": "Both polarities and all topics of a language, refitted (TTPD)",
    }
    head = (
        f"{len(seeds)} seeds (calibration text and deals of the subjects), {given.resamples} deals each, {len(asked)} statements about {judge.subjects} subjects; blocks chosen on "
        f"the dense model inside the fitted part: {', '.join(map(str, chosen))}. `less wanda`: paired difference to Wanda at the same sparsity with its 95 % interval "
        "(bootstrap over subjects), and the lowest and highest seed. Chance is .5."
    )
    gone = erosion[erosion["protocol"] != "transfer"][
        ["sparsity", "protocol", "accuracy", "difference", "low", "high", "least", "most"]
    ]
    text = "\n\n".join(
        [head, "## What Wanda takes from the dense model\n\n" + table_of(gone)]
        + [f"## {titles[name]}\n\n{table_of(table)}" for name, table in zip(titles, parts, strict=True)]
        + [f"## Fitted in one language (rows), asked in another (TTPD)\n\n{table_of(transfer)}"]
    )
    frame = pd.concat([frame.assign(table="verdict"), erosion.assign(table="erosion"), transfer.assign(table="transfer")])
    write("replications_truth_verdict", frame, facts, "TPLO in small: the verdict over seeds", text)


def _table(frame: pd.DataFrame, protocol: str, codes: Sequence[str]) -> pd.DataFrame:
    part = frame[frame["protocol"] == protocol]
    interval = [
        "" if row.method in (DENSE, REFERENCE) else f"{row.difference:+.3f} [{row.low:+.3f}, {row.high:+.3f}]"
        for row in part.itertuples()
    ]
    seeds = ["" if row.method in (DENSE, REFERENCE) else f"{row.least:+.3f} to {row.most:+.3f}" for row in part.itertuples()]
    return part[["sparsity", "method", *codes, "accuracy"]].assign(**{f"less {REFERENCE}": interval, "seeds": seeds})


def _transfer(judge: "Judge", methods: Sequence[str], sparsities: Sequence[float], codes: Sequence[str]) -> pd.DataFrame:
    rows = []
    for method, sparsity in [(DENSE, 0.0), *((m, s) for s in sparsities for m in (REFERENCE, "tplo") if m in methods)]:
        for code in codes:
            row: dict[str, object] = {"sparsity": sparsity, "method": method, "fitted in": code}
            for other in codes:
                name = "joint" if other == code else f"transfer {code} {other}"
                row[other] = judge.share(method, sparsity, name, [other])
            rows.append(row)
    return pd.DataFrame(rows)


class Judge:
    """Accuracies and paired differences of cells."""

    def __init__(self, cells: Mapping[str, Cell], seeds: Sequence[int], asked: Sequence[Any]) -> None:
        self.cells, self.seeds = cells, seeds
        self.language = np.array([one.language for one in asked])
        keys = [(one.topic, one.subject) for one in asked]
        numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
        self.subject = np.array([numbers[key] for key in keys])
        self.subjects = len(numbers)

    def _counts(self, seed: int, method: str, sparsity: float, protocol: str) -> tuple[np.ndarray, np.ndarray]:
        right = self.cells[key_of(seed, method, sparsity if method != DENSE else 0.0)][protocol]
        return np.array(right), np.array(self.cells[key_of(seed, "asked")][protocol])

    def share(self, method: str, sparsity: float, protocol: str, codes: Sequence[str]) -> float:
        """Share right over all seeds in some languages."""
        chosen = np.array([True]) if protocol.startswith("transfer") else np.isin(self.language, codes)
        counts = [self._counts(seed, method, sparsity, protocol) for seed in self.seeds]
        return float(sum(right[chosen].sum() for right, _ in counts) / sum(asked[chosen].sum() for _, asked in counts))

    def row(self, method: str, sparsity: float, against: str, other: float, codes: Sequence[str]) -> list[dict[str, object]]:
        """A row for each protocol: accuracy by language and over all, paired difference with interval, lowest and highest seed."""
        rows = []
        for protocol in ("refit", "dense probe", "joint"):
            by_seed, right, asked = [], np.zeros(self.subjects), np.zeros(self.subjects)
            for seed in self.seeds:
                mine, times = self._counts(seed, method, sparsity, protocol)
                theirs, _ = self._counts(seed, against, other, protocol)
                by_seed.append((mine - theirs).sum() / times.sum())
                right += np.bincount(self.subject, mine - theirs, self.subjects)
                asked += np.bincount(self.subject, times, self.subjects)
            draws = np.random.default_rng(0).integers(0, self.subjects, (BOOTSTRAPS, self.subjects))
            drawn = right[draws].sum(axis=1) / asked[draws].sum(axis=1)
            rows.append({
                "sparsity": sparsity, "method": method, "protocol": protocol, "against": against,
                **{code: self.share(method, sparsity, protocol, [code]) for code in codes}, "accuracy": self.share(method, sparsity, protocol, codes),
                "difference": float(right.sum() / asked.sum()), "low": float(np.quantile(drawn, 0.025)), "high": float(np.quantile(drawn, 0.975)),
                "least": float(min(by_seed)), "most": float(max(by_seed)),
            })  # fmt: skip
        return rows
