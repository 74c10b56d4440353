"""What can the pruned model still do, and in which language does it fail first?"""

import dataclasses
from typing import TYPE_CHECKING

from mwanda_core.errors import InputError, UnknownName
from mwanda_core.languages import parse_codes
from mwanda_core.parts.knobs import text, whole
from mwanda_core.progress import Monitor
from mwanda_core.run.settings import Settings
from mwanda_core.studies.base import Beside, Finish, Scale, Study, Subject, Tables, TableSpec
from mwanda_core.studies.options import listed

if TYPE_CHECKING:
    import pandas as pd

    from mwanda_core.engine.outcome import PruneResult

KINDS = ("call-json", "call-text", "call-python", "need", "argument", "workflow", "needle", "world")
ITEM_TOKENS, STEP_TOKENS, GRAPH_TOKENS = 150, 2240, 1500
"""Tokens of an item, of a workflow written and a walk together, and of one of WorfBench, about; for estimates."""

_WHERE = {"language": "code", "name": "language"}
_BOTH = {"dense": "mean, dense", "pruned": "the same, pruned"}


@dataclasses.dataclass(frozen=True)
class Abilities(Study, Beside):
    """Small tasks an assistant is made of, asked in many languages by the likelihood of choices: tool calls, the language of an argument, the order
    of a workflow, a needle in a long text, the next move in a small world; then step by step.

    After ACBench; the items are this project's, so no figure here is ACBench's.
    """

    name = "abilities"
    title = "Abilities"
    question = "What can the pruned model still do, and in which language does it fail first?"
    source = "this project's items, after Dong et al. 2025, arXiv:2505.19433 (ACBench)"
    origin = "own"
    cost = "a few minutes on a CPU"
    tables = (
        TableSpec("abilities", "Abilities by language", {
            "task": "which ability", **_WHERE, "items": "how many", "chance": "accuracy of guessing", "dense_accuracy": "share right, dense",
            "pruned_accuracy": "the same, pruned", "change": "pruned - dense", "p_holm": "exact McNemar test, corrected over languages",
            "informative": "whether the dense model is above chance", "verdict": "uninformative, within noise, worse or better",
        }, "heat-map", "task", "language", "change", low="change_low", high="change_high"),
        TableSpec("abilities_means", "Abilities, mean over languages where the dense model is above chance", {
            "task": "which ability", "languages": "how many", "informative": "how many of them count", **_BOTH, "change": "pruned - dense",
        }, "bars", "task", value="change", low="low", high="high"),
        TableSpec("abilities_needle", "Needle by depth and length", {
            "language": "of the needle", "haystack": "language of the text", "length": "tokens", "depth": "0: at the start, 1: at the end",
            "items": "how many", "dense_accuracy": "share right, dense", "pruned_accuracy": "the same, pruned",
        }, "heat-map", "depth", "length", "pruned_accuracy"),
        TableSpec("abilities_argument", "Language of the argument", {
            **_WHERE, "items": "how many", "dense": "log p of the value in the tool's language less that in the user's, nats",
            "pruned": "the same, pruned", "shift": "pruned - dense",
        }, "bars", "language", value="shift", low="shift_low", high="shift_high"),
        TableSpec("abilities_steps", "Step by step", {
            "measure": "F1 of a workflow's nodes and edges (WorfBench's, too); valid steps of ten in the world; success of all ten", **_WHERE, "items": "how many",
            **_BOTH, "change": "pruned - dense",
        }, "heat-map", "measure", "language", "pruned", low="change_low", high="change_high"),
        TableSpec("abilities_items", "Items and answers", {
            "task": "which ability", "language": "code", "context": "what is asked", "choice_0": "the right choice", "choice_1": "another",
            "choice_2": "another", "choice_3": "another", "dense_choice": "number of the dense model's choice", "pruned_choice": "of the pruned one's",
            "dense_role": "what that choice is", "pruned_role": "what that choice is",
        }),
    )  # fmt: skip

    kinds: str = text(",".join(KINDS), f"Abilities asked for, of {', '.join(KINDS)}; separated by commas.")
    languages: str = text(
        "", "Languages asked in: codes or names, separated by commas; empty for all of the run that have templates."
    )
    items: int = whole(
        16, 4, 1000, "Items of each ability and language: 16 tell a collapse from none, 100 about twenty points."
    )
    lengths: str = text("256", "Tokens of the texts that needles are hidden in, separated by commas.")
    steps: int = whole(2, 0, 100, "Workflows written and walks through the world per language.")
    folder: str = text("", "Folder with BFCL's files (the unpacked wheel of bfcl-eval); empty to leave it out.", of="path")
    graphs: str = text(
        "",
        "Folder with WorfBench's graph_eval.json files; text is written, so a GPU is wanted. Empty to leave it out.",
        of="path",
    )

    @property
    def asked_kinds(self) -> tuple[str, ...]:
        """The kinds.

        Raises UnknownName.
        """
        found = listed(self.kinds) or KINDS
        for kind in found:
            if kind not in KINDS:
                raise UnknownName("kind of ability", kind, KINDS)
        return found

    @property
    def asked_lengths(self) -> tuple[int, ...]:
        """The lengths of texts, in tokens.

        Raises InputError for what is no number from 128 to 32768.
        """
        found = listed(self.lengths)
        if not found or not all(word.isdigit() and 128 <= int(word) <= 32768 for word in found):
            raise InputError(f"Lengths are whole numbers from 128 to 32768, separated by commas; {self.lengths!r} was given.")
        return tuple(sorted({int(word) for word in found}))

    def asked_languages(self, settings: Settings) -> tuple[str, ...]:
        """The languages that are asked for, or those of the run that have templates.

        Raises InputError when none has.
        """
        from mwanda_core.corpora.words import words

        wanted = parse_codes(self.languages) if self.languages.strip() else (*settings.languages, *settings.held_out)
        found = tuple(dict.fromkeys(code for code in wanted if code in words("abilities")))
        if not found:
            raise InputError(
                f"None of {', '.join(wanted)} has templates for the abilities; choose of {', '.join(words('abilities'))}."
            )
        return found

    def check(self, settings: Settings) -> None:
        """Kinds, lengths and languages must be there."""
        _ = self.asked_kinds, self.asked_lengths, self.asked_languages(settings)

    def estimate(self, settings: Settings, scale: Scale) -> float:
        """Both models' answers."""
        needle = sum(self.asked_lengths) * self.items / len(self.asked_lengths) + 8 * min(self.asked_lengths)
        one = (
            self.items * ITEM_TOKENS * len(self.asked_kinds)
            + ("needle" in self.asked_kinds) * needle
            + self.steps * STEP_TOKENS
            + bool(self.graphs.strip()) * self.items * GRAPH_TOKENS
        )
        return 2.0 * (scale.languages + scale.held_out) * one * scale.token

    def start(self, subject: Subject, monitor: Monitor) -> Finish:
        """The same items to both models."""
        from mwanda_core.studies.abilities import measure

        model, codes = subject.model, self.asked_languages(subject.settings)
        asked = measure.asked_of(
            model,
            codes,
            self.asked_kinds,
            self.items,
            self.asked_lengths,
            self.steps,
            subject.settings.seed,
            self.folder,
            self.graphs,
        )
        counting = monitor.scaled(len(model.blocks))
        counting.plan(2 * measure.work(model, asked))
        dense = measure.answers(model, asked, counting, dense=True)

        def finish(result: "PruneResult", losses: "pd.DataFrame") -> Tables:
            return measure.tables(asked, dense, measure.answers(model, asked, counting))

        return finish
