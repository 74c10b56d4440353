"""Finding circuits: rank, keep the first few per cent, ask whether the task is still done; then language against language."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from mwanda_core.evaluation import above_chance
from mwanda_core.insight.mlps import find_mlps
from mwanda_core.languages import language
from mwanda_core.models import LanguageModel
from mwanda_core.models.memory import MemoryEstimate, require
from mwanda_core.parts.masks import unpack
from mwanda_core.progress import Monitor
from mwanda_core.studies.circuits import sharing
from mwanda_core.studies.circuits.ablation import areas, faithfulness, only_units, only_weights, smallest, top
from mwanda_core.studies.circuits.components import (
    Units,
    downs,
    mean_activations,
    mlp_linears,
    passes_of,
    summed,
    unit_scores,
    units_of,
    weight_scores,
)
from mwanda_core.studies.circuits.prompts import BATCH, Prompt, margins, num_tokens, prompts_of
from mwanda_core.studies.circuits.study import KEPT, LOST, UNABLE, Circuits
from mwanda_core.studies.circuits.templates import questions

CONTROL = "random"
LONGEST = 64
"""Tokens of a prompt, at most; for the memory that is asked for."""
LEVEL = 0.05
"""Of the test against guessing."""

Pair = tuple[str, str]
"""(task, language)."""


def work(model: LanguageModel, study: Circuits, pairs: Sequence[Pair]) -> float:
    """Tokens through the whole model that finding, curves and comparison take; nothing is run."""
    tokens = {pair: num_tokens(prompts_of(model, questions(*pair, study.prompts, study.seed))) for pair in pairs}
    once = sum(tokens.values())
    found = (sum(passes_of(method) + len(study.kept) for method in study.ways) + passes_of(study.ways[0]) + 3) * once
    for task in dict.fromkeys(task for task, _ in pairs):
        mine = [pair for pair in pairs if pair[0] == task]
        found += (len(mine) + 2) * sum(tokens[pair] for pair in mine)
    return found


def find(
    model: LanguageModel, study: Circuits, pairs: Sequence[Pair], monitor: Monitor | None = None
) -> tuple[dict[str, pd.DataFrame], "Finder"]:
    """All tables but that of pruned models, and the finder that makes those (`Finder.under`). Units of progress: tokens through the
    whole model.

    Raises ModelError for a model whose neurons cannot be found, Cancelled when stopped.
    """
    monitor = monitor or Monitor()
    monitor.plan(work(model, study, pairs))
    check_memory(model, study)
    finder = Finder(study, model, monitor)
    rows: dict[str, list[dict[str, object]]] = {"tasks": [], "curve": [], "areas": []}
    for task, code in pairs:
        monitor.begin(f"Circuit of {task} in {language(code).name}")
        for name, found in finder.one(task, code).items():
            rows[name] += found
    tables = {**{name: pd.DataFrame(found) for name, found in rows.items()}, **finder.compared()}
    return {f"circuits_{name}": table for name, table in tables.items()}, finder


def check_memory(model: LanguageModel, study: Circuits) -> None:
    """Refuse what a backward pass of a batch of prompts (or the gradients of all MLP weights) would not have room for.

    Raises DoesNotFit.
    """
    size, hidden = model.dtype.itemsize, model.shape.hidden
    # Of a block, states that its backward pass reads: about twelve as wide as the stream, and what enters each linear.
    entering = sum(linear.weight.shape[1] for block in model.blocks for linear in block.linears)
    states = BATCH * LONGEST * size * (12 * hidden * len(model.blocks) + 2 * entering)
    weights = 0
    if study.part == "weights":  # A gradient in the model's type, its sum and the scores in float32.
        weights = (size + 8) * sum(linear.weight.numel() for linear in mlp_linears(model, find_mlps(model)).values())
    needed = MemoryEstimate(weights=0, backup=0, statistics=weights, activations=states, loss=0)
    require(needed, model.device, "Relevance of every part of the model")


class Finder:
    """Circuits of one model: what a study has measured so far. Prompts of every task and language are drawn once."""

    def __init__(self, study: Circuits, model: LanguageModel, monitor: Monitor) -> None:
        self.study, self.model, self.monitor = study, model, monitor
        self.parts: tuple[Units, ...] = units_of(model, study.part)
        self.count = sum(part.units for part in self.parts)
        self.learn: dict[tuple[str, str], tuple[Prompt, ...]] = {}
        self.tests: dict[tuple[str, str], tuple[Prompt, ...]] = {}
        self.means: dict[tuple[str, str], Tensor] = {}
        self.dense: dict[tuple[str, str], Tensor] = {}
        self.bounds: dict[tuple[str, str], tuple[float, float]] = {}
        self.ranked: dict[tuple[str, str], Tensor] = {}
        self.halves: dict[tuple[str, str], tuple[Tensor, Tensor]] = {}

    @property
    def circuits(self) -> dict[tuple[str, str], Tensor]:
        """The circuit of every task and language, of the study's size."""
        return {key: top(scores, self.study.size) for key, scores in self.ranked.items()}

    def _scored(self, prompts: Sequence[Prompt], method: str, seed: int = 0) -> Tensor:
        found = unit_scores(self.model, self.parts, prompts, method, self.study.seed + seed, self.monitor)
        return found.abs() if self.study.ranking == "absolute" else found

    def one(self, task: str, code: str) -> dict[str, list[dict[str, object]]]:
        """All methods on one task in one language."""
        study, key = self.study, (task, code)
        drawn = prompts_of(self.model, questions(task, code, 2 * study.prompts, study.seed))
        learn, self.tests[key] = drawn[: study.prompts], drawn[study.prompts :]
        self.learn[key] = learn
        self.means[key] = mean_activations(self.model, self.parts, learn, self.monitor)[0]
        dense = margins(self.model, self.tests[key], self.monitor)
        nothing = float(self.part(key, torch.zeros(self.count, dtype=torch.bool)).mean())
        self.dense[key] = dense
        self.bounds[key] = (nothing, float(dense.mean()))
        at = {"task": task, "language": code, "name": language(code).name}
        rows: dict[str, list[dict[str, object]]] = {"curve": [], "areas": []}
        rows["tasks"] = [
            {
                **at,
                "prompts": len(dense),
                "accuracy": _accuracy(dense),
                "margin": float(dense.mean()),
                "margin_without": nothing,
            }
        ]
        for place, method in enumerate(study.ways):
            curve = self._curve(key, learn, method, keep=place == 0)
            kept, values = [float(row["kept"]) for row in curve], [float(row["faithfulness"]) for row in curve]
            under, apart = areas(kept, values)
            rows["curve"] += [{**at, "method": method, **row} for row in curve]
            rows["areas"] += [
                {**at, "method": method, "cpr": under, "cmd": apart, "circuit": smallest(kept, values, study.wanted)}
            ]
        return rows

    def _curve(self, key: tuple[str, str], learn: Sequence[Prompt], method: str, keep: bool) -> list[dict[str, float]]:
        study = self.study
        if study.part == "weights":
            mlps = find_mlps(self.model)
            found = weight_scores(self.model, mlps, learn, method, study.seed, self.monitor)
            scores = {name: score.abs() if study.ranking == "absolute" else score for name, score in found.items()}
            seen = {}
            for share in study.kept:
                with only_weights(self.model, mlps, scores, share):
                    seen[share] = margins(self.model, self.tests[key], self.monitor)
            units = self._scored(learn, method) if keep else torch.zeros(0)
        else:
            units = self._scored(learn, method)
            seen = {share: self.part(key, top(units, share)) for share in study.kept}
        if keep:
            self.ranked[key] = units
            half = len(learn) // 2
            first, second = (top(self._scored(part, method), study.size) for part in (learn[:half], learn[half:]))
            self.halves[key] = (first, second)
        nothing, dense = self.bounds[key]
        return [
            {
                "kept": share, "faithfulness": faithfulness(float(found.mean()), nothing, dense), "accuracy": _accuracy(found),
                "margin": float(found.mean()),
            }
            for share, found in seen.items()
        ]  # fmt: skip

    def part(self, key: tuple[str, str], kept: Tensor) -> Tensor:
        """Margins on the test prompts of a task when only some neurons (or heads) work, on the model as it stands."""
        means = self.means[key] if self.study.ablation == "mean" else None
        with only_units(self.model, self.parts, kept, means):
            return margins(self.model, self.tests[key], self.monitor)

    def compared(self) -> dict[str, pd.DataFrame]:
        """Circuits by block, at every size asked for and at the study's, and those of one task against each other."""
        sizes: list[dict[str, object]] = []
        blocks: list[dict[str, object]] = []
        overlap: list[dict[str, object]] = []
        application: list[dict[str, object]] = []
        for task in dict.fromkeys(task for task, _ in self.ranked):
            mine = {code: kept for (name, code), kept in self.circuits.items() if name == task}
            blocks += [{"task": task, **row} for row in sharing.by_block(mine, self.parts)]
            for share in self.study.kept:
                ranked = {code: top(scores, share) for (name, code), scores in self.ranked.items() if name == task}
                sizes += [{"task": task, "kept": share, **row} for row in sharing.by_block(ranked, self.parts)]
            halves = {code: self.halves[task, code] for code in mine}
            overlap += [{"task": task, **row} for row in sharing.overlaps(mine, halves)]
            for code, kept in mine.items():
                self.monitor.begin(f"{task}: the circuit of {language(code).name} in all languages")
                application += [{"task": task, "found_in": code, **row} for row in self._applied(task, kept, list(mine))]
                application += [
                    {"task": task, "found_in": f"without {code}", **row} for row in self._applied(task, ~kept, [code])
                ]
            control = top(self._scored((), CONTROL), self.study.size)
            application += [{"task": task, "found_in": CONTROL, **row} for row in self._applied(task, control, list(mine))]
        found = {"blocks": blocks, "sizes": sizes, "overlap": overlap, "application": application}
        return {name: pd.DataFrame(rows) for name, rows in found.items()}

    def _applied(self, task: str, kept: Tensor, codes: Sequence[str]) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = []
        for code in codes:
            found = self.part((task, code), kept)
            score = faithfulness(float(found.mean()), *self.bounds[task, code])
            rows.append({"on": code, "faithfulness": score, "accuracy": _accuracy(found), "margin": float(found.mean())})
        return rows

    def under(self, masks: Mapping[str, Tensor], label: str) -> list[dict[str, object]]:
        """Each task in each language on the model as it is now (pruned, say by `after.apply_masks`): whole, and with the dense model's
        circuit alone at work; how much of that circuit the masks took, as the share of its outgoing weights that is pruned beside that
        of all others; and how much of it is in the circuit that is found anew."""
        column = pruned_columns(self.model, self.parts, masks)
        rows: list[dict[str, object]] = []
        for (task, code), kept in self.circuits.items():
            self.monitor.begin(f"{task} in {language(code).name} under {label}")
            found, dense = margins(self.model, self.tests[task, code], self.monitor), self.dense[task, code]
            alone = self.part((task, code), kept)
            anew = top(self._scored(self.learn[task, code], self.study.ways[0]), self.study.size)
            rows.append({
                "run": label, "task": task, "language": code, "name": language(code).name, "dense_accuracy": _accuracy(dense),
                "accuracy": _accuracy(found), "dense_margin": float(dense.mean()), "margin": float(found.mean()),
                "alone": _accuracy(alone), "circuit_pruned": float(column[kept].mean()), "others_pruned": float(column[~kept].mean()),
                "overlap": sharing.iou(kept, anew)[2], "verdict": verdict(dense, found),
            })  # fmt: skip
        return rows


def pruned_columns(model: LanguageModel, parts: Sequence[Units], masks: Mapping[str, Tensor]) -> Tensor:
    """Share of each neuron's (or head's) outgoing weights that packed masks prune."""
    shares = []
    for part, down in zip(parts, downs(model, parts), strict=True):
        keep = unpack(masks[model.blocks[part.block].full_name(down)], tuple(down.weight.shape))
        shares.append((~keep).float().mean(dim=0).cpu() / part.width)
    return summed(torch.cat(shares), parts)


def verdict(dense: Tensor, pruned: Tensor) -> str:
    """What became of a task, from the margins of its prompts: `study.KEPT`, `LOST` or `UNABLE`."""
    able = [above_chance(int((found > 0).sum()), np.full(len(found), 0.5)) < LEVEL for found in (dense, pruned)]
    return UNABLE if not able[0] else KEPT if able[1] else LOST


def _accuracy(found: Tensor) -> float:
    return float((found > 0).float().mean())
