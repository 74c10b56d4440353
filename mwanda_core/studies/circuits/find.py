"""Finding circuits: rank, keep the first few per cent, ask whether the task is still done; then language against language."""

from collections.abc import Mapping, Sequence

import pandas as pd
import torch
from torch import Tensor

from mwanda_core.insight.mlps import Mlp, find_mlps
from mwanda_core.insight.neuron_damage import pruned_shares
from mwanda_core.languages import language
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.studies.circuits import sharing
from mwanda_core.studies.circuits.ablation import areas, faithfulness, only_neurons, only_weights, smallest, top
from mwanda_core.studies.circuits.components import mean_activations, neuron_scores, passes_of, weight_scores
from mwanda_core.studies.circuits.prompts import Prompt, margins, num_tokens, prompts_of
from mwanda_core.studies.circuits.study import Circuits
from mwanda_core.studies.circuits.templates import questions

CONTROL = "random"

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
    finder = Finder(study, model, monitor)
    rows: dict[str, list[dict[str, object]]] = {"tasks": [], "curve": [], "areas": []}
    for task, code in pairs:
        monitor.begin(f"Circuit of {task} in {language(code).name}")
        for name, found in finder.one(task, code).items():
            rows[name] += found
    tables = {**{name: pd.DataFrame(found) for name, found in rows.items()}, **finder.compared()}
    return {f"circuits_{name}": table for name, table in tables.items()}, finder


class Finder:
    """Circuits of one model: what a study has measured so far. Prompts of every task and language are drawn once."""

    def __init__(self, study: Circuits, model: LanguageModel, monitor: Monitor) -> None:
        self.study, self.model, self.monitor = study, model, monitor
        self.mlps: tuple[Mlp, ...] = find_mlps(model)
        self.count = sum(mlp.neurons for mlp in self.mlps)
        self.tests: dict[tuple[str, str], tuple[Prompt, ...]] = {}
        self.means: dict[tuple[str, str], Tensor] = {}
        self.dense: dict[tuple[str, str], Tensor] = {}
        self.bounds: dict[tuple[str, str], tuple[float, float]] = {}
        self.circuits: dict[tuple[str, str], Tensor] = {}
        self.halves: dict[tuple[str, str], tuple[Tensor, Tensor]] = {}

    def _scored(self, prompts: Sequence[Prompt], method: str, seed: int = 0) -> Tensor:
        found = neuron_scores(self.model, self.mlps, prompts, method, self.study.seed + seed, self.monitor)
        return found.abs() if self.study.ranking == "absolute" else found

    def one(self, task: str, code: str) -> dict[str, list[dict[str, object]]]:
        """All methods on one task in one language."""
        study, key = self.study, (task, code)
        drawn = prompts_of(self.model, questions(task, code, 2 * study.prompts, study.seed))
        learn, self.tests[key] = drawn[: study.prompts], drawn[study.prompts :]
        self.means[key] = mean_activations(self.model, self.mlps, learn, self.monitor)[0]
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
            found = weight_scores(self.model, self.mlps, learn, method, study.seed, self.monitor)
            scores = {name: score.abs() if study.ranking == "absolute" else score for name, score in found.items()}
            seen = {}
            for share in study.kept:
                with only_weights(self.model, self.mlps, scores, share):
                    seen[share] = margins(self.model, self.tests[key], self.monitor)
            neurons = self._scored(learn, method) if keep else torch.zeros(0)
        else:
            neurons = self._scored(learn, method)
            seen = {share: self.part(key, top(neurons, share)) for share in study.kept}
        if keep:
            self.circuits[key] = top(neurons, study.size)
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
        """Margins on the test prompts of a task when only some neurons work."""
        means = self.means[key] if self.study.ablation == "mean" else None
        with only_neurons(self.model, self.mlps, kept, means):
            return margins(self.model, self.tests[key], self.monitor)

    def compared(self) -> dict[str, pd.DataFrame]:
        """Circuits by block, and those of one task against each other."""
        blocks: list[dict[str, object]] = []
        overlap: list[dict[str, object]] = []
        application: list[dict[str, object]] = []
        for task in dict.fromkeys(task for task, _ in self.circuits):
            mine = {code: kept for (name, code), kept in self.circuits.items() if name == task}
            blocks += [{"task": task, **row} for row in sharing.by_block(mine, self.mlps)]
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
        return {
            name: pd.DataFrame(rows) for name, rows in (("blocks", blocks), ("overlap", overlap), ("application", application))
        }

    def _applied(self, task: str, kept: Tensor, codes: Sequence[str]) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = []
        for code in codes:
            found = self.part((task, code), kept)
            score = faithfulness(float(found.mean()), *self.bounds[task, code])
            rows.append({"on": code, "faithfulness": score, "accuracy": _accuracy(found), "margin": float(found.mean())})
        return rows

    def under(self, masks: Mapping[str, Tensor], label: str) -> list[dict[str, object]]:
        """Each task in each language on the model as it is now (pruned, say by `after.apply_masks`), and how much of its circuit the
        masks took: share of the circuit's down columns that is pruned, beside that of all other neurons."""
        column = pruned_shares(self.model, self.mlps, masks).column
        rows: list[dict[str, object]] = []
        for (task, code), kept in self.circuits.items():
            self.monitor.begin(f"{task} in {language(code).name} under {label}")
            found, dense = margins(self.model, self.tests[task, code], self.monitor), self.dense[task, code]
            rows.append({
                "run": label, "task": task, "language": code, "name": language(code).name, "dense_accuracy": _accuracy(dense),
                "accuracy": _accuracy(found), "dense_margin": float(dense.mean()), "margin": float(found.mean()),
                "circuit_pruned": float(column[kept].mean()), "others_pruned": float(column[~kept].mean()),
            })  # fmt: skip
        return rows


def _accuracy(found: Tensor) -> float:
    return float((found > 0).float().mean())
