"""Which part of the model does a task, is it the same part in every language, and what is left of it in a pruned model?"""

import dataclasses
from typing import TYPE_CHECKING

from mwanda_core.errors import InputError, UnknownName
from mwanda_core.languages import parse_codes
from mwanda_core.parts.knobs import choice, number, text, whole
from mwanda_core.progress import Monitor
from mwanda_core.run.settings import Settings
from mwanda_core.studies.base import Alone, Bench, Scale, Study, TableSpec
from mwanda_core.studies.options import listed, shares_in

if TYPE_CHECKING:
    from mwanda_core.studies.result import StudyResult

METHODS = ("attnlrp", "hybrid", "gradient", "integrated", "wanda", "magnitude", "random")
LISTS = {"giving": "giving", "agreement": "agreement", "capitals": "capitals", "copying": "nouns"}
"""Task -> the list of words (`corpora.words`) whose languages it has."""
KEPT, LOST, UNABLE = "kept", "lost", "unable"
"""What became of a task in a language: better than guessing (one-sided exact test at 5 %) dense and pruned; dense only; not even dense."""
PROMPT_TOKENS = 18
"""Tokens of a prompt, about; only for the estimate before a tokenizer is loaded."""

_AT = {"task": "which task", "language": "code", "name": "language"}


@dataclasses.dataclass(frozen=True)
class Circuits(Study, Alone):
    """Ranks all MLP neurons (or attention heads, or MLP weights) of the model by what they do for a small task, keeps the first few per
    cent, and asks whether those alone still do it: in the same language, in the others, and in the model pruned as the settings say.

    Attention stays whole where neurons are ranked, and MLPs where heads are. Circuits are found on one half of the prompts and judged
    on the other.
    """

    name = "circuits"
    title = "Circuits"
    question = "Which part of the model does a task, is it shared by the languages, and does pruning leave it whole?"
    source = "Hatefi et al. 2025 (SparC3); faithfulness after Mueller et al. 2025 (MIB)"
    origin = "paper"
    of_run = True
    cost = "about 45 passes of the prompts per task and language, a quarter of them backward, and one run"
    tables = (
        TableSpec("circuits_tasks", "Can the model do it at all?", {
            **_AT, "prompts": "number judged", "accuracy": "share right", "margin": "logit, right less wrong",
            "margin_without": "the same with every neuron (or head) left out",
        }),
        TableSpec("circuits_curve", "How little is enough?", {
            **_AT, "method": "way to rank", "kept": "share of the neurons, heads or weights", "faithfulness": "1: as the whole model, 0: as none of it",
            "accuracy": "share right", "margin": "logit, right less wrong",
        }, "lines", "kept", value="accuracy", group="method"),
        TableSpec("circuits_areas", "Ways to rank compared", {
            **_AT, "method": "way to rank", "cpr": "area under faithfulness", "cmd": "area between faithfulness and 1",
            "circuit": "smallest share that is faithful enough, from there on",
        }, "bars", "language", value="circuit", group="method"),
        TableSpec("circuits_blocks", "Where circuits are", {
            "task": "which task", "language": "code", "block": "from 0", "units": "neurons or heads in the circuit", "share": "of the block's",
        }, "heat-map", "block", "language", "share"),
        TableSpec("circuits_sizes", "Where circuits of each size are", {
            "task": "which task", "kept": "share kept", "language": "code", "block": "from 0", "units": "neurons or heads in the circuit",
            "share": "of the block's",
        }),
        TableSpec("circuits_overlap", "Overlap of circuits", {
            "task": "which task", "language": "code", "other": "code", "ceiling": "two halves of one language's prompts", "iou": "shared share",
            "expected": "by chance", "corrected": "1: the same, 0: by chance",
        }, "heat-map", "language", "other", "corrected"),
        TableSpec("circuits_application", "The circuit of one language in another", {
            "task": "which task", "found_in": "language whose circuit it is, or a control", "on": "language asked", "faithfulness": "as above",
            "accuracy": "share right", "margin": "logit, right less wrong",
        }, "heat-map", "on", "found_in", "accuracy"),
        TableSpec("circuits_pruned", "Circuits in the pruned model", {
            "run": "which masks", **_AT, "dense_accuracy": "share right, dense", "accuracy": "share right, pruned",
            "dense_margin": "logit, dense", "margin": "logit, pruned", "alone": "share right, only the dense model's circuit at work",
            "circuit_pruned": "share of the circuit's outgoing weights that is pruned", "others_pruned": "the same of all other neurons or heads",
            "overlap": "of the circuit found anew in the pruned model; 1: the same, 0: by chance",
            "verdict": "kept: better than guessing before and after; lost: before only; unable: not even before",
        }, "bars", "language", value="accuracy", group="run"),
    )  # fmt: skip

    tasks: str = text("giving", "Of giving, agreement, capitals, copying; separated by commas.")
    languages: str = text("en,de,es,zh", "Languages asked in: codes or names, separated by commas.")
    methods: str = text(
        "attnlrp,gradient,wanda,magnitude,random",
        f"Ways to rank, of {', '.join(METHODS)}; the first one's circuits are compared between languages.",
    )
    shares: str = text("0.01,0.02,0.05,0.1,0.2,0.5", "Shares of the components that are kept.")
    prompts: int = whole(24, 4, 256, "Prompts per task and language to find a circuit on, and as many to judge it by.")
    size: float = number(
        0.05, 0.001, 1.0, 0.005, "Share of the neurons or heads that counts as the circuit when languages are compared."
    )
    wanted: float = number(0.8, 0.1, 1.0, 0.05, "Faithfulness from which on a part counts as the circuit.")
    part: str = choice(
        "neurons",
        ("neurons", "heads", "weights"),
        "What is kept or left out: MLP neurons, attention heads, or single MLP weights.",
    )
    ablation: str = choice(
        "mean", ("mean", "zero"), "What a neuron or head that is left out gives: its mean, or nothing (as in pruning)."
    )
    ranking: str = choice("signed", ("signed", "absolute"), "Signed puts what works against the task last; absolute keeps it.")
    seed: int = whole(0, 0, 1_000_000, "Which prompts are drawn.")

    @property
    def kept(self) -> tuple[float, ...]:
        """The shares as numbers."""
        return shares_in(self.shares)

    @property
    def ways(self) -> tuple[str, ...]:
        """The methods, the main one first."""
        found = listed(self.methods) or METHODS[:1]
        for name in found:
            if name not in METHODS:
                raise UnknownName("way to rank components", name, METHODS)
        return found

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """(task, language) for all that have templates.

        Raises InputError when nothing is left, UnknownName for a task or a method that there is not.
        """
        from mwanda_core.studies.circuits.templates import languages_of

        codes = parse_codes(self.languages)
        found = tuple((task, code) for task in listed(self.tasks) for code in codes if code in languages_of(task))
        if not found:
            raise InputError(f"None of the tasks {self.tasks!r} has templates in {self.languages!r}.")
        return found

    def check(self, settings: Settings) -> None:
        """Tasks, languages, methods and shares must be there."""
        ways, _ = self.ways, (self.pairs(), self.kept)
        if self.part == "weights" and "integrated" in ways:
            raise InputError(
                "Integrated gradients rank neurons, not single weights: leave 'integrated' out, or choose neurons."
            )

    def estimate(self, settings: Settings, scale: Scale) -> float:
        """Passes of short prompts."""
        passes = sum(3 + len(self.kept) for _ in self.ways) + len(self.pairs()) + 12
        return passes * len(self.pairs()) * self.prompts * PROMPT_TOKENS * scale.token

    def run(self, bench: Bench, settings: Settings, monitor: Monitor) -> "StudyResult":
        """Circuits of the dense model; then the same prompts on the model pruned as the settings say."""
        import pandas as pd

        from mwanda_core.studies.circuits.find import find
        from mwanda_core.studies.result import StudyResult

        self.check(settings)
        model = bench.model(settings.model, settings.device, settings.dtype)
        tables, finder = find(model, self, self.pairs(), monitor.scaled(len(model.blocks)))
        with bench.pruned(settings, monitor) as run:
            label = f"{run.report.facts['recipe']['title']} {settings.sparsity:.0%}"
            tables["circuits_pruned"] = pd.DataFrame(finder.under(run.result.masks, label))
        facts = {"study": self.name, "knobs": dataclasses.asdict(self), "settings": settings.to_dict()}
        return StudyResult(tables, facts)
