"""Languages whose own masks agree: `insight.overlap` beside its ceiling, two halves of one language's text."""

import dataclasses

from mwanda_core.errors import InputError
from mwanda_core.parts.needs import SUMS
from mwanda_core.progress import Monitor
from mwanda_core.run.settings import Settings
from mwanda_core.studies.base import Beside, Finish, Scale, Study, Subject, TableSpec, sequences

_FIGURES = {
    "language": "whose mask", "other": "the language compared with; the same language: its other half of text, the ceiling",
    "iou": "weights that both masks prune, of those that either prunes", "expected": "the same for independent masks",
    "corrected": "(iou - expected) / (1 - expected): 1 for the same mask, 0 for chance",
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class OverlapStudy(Study, Beside):
    """Masks of single languages compared, with two halves of each language's text as the ceiling."""

    name = "overlap"
    title = "Mask overlap"
    question = "Are the same weights removed for two languages?"
    source = "this project"
    origin = "own"
    cost = "one more pass over the calibration text"
    tables = (
        TableSpec("overlap", "Mask overlap of languages", _FIGURES, "heat-map", "language", "other", "corrected"),
        TableSpec(
            "overlap_modules", "Mask overlap by weight matrix", {**_FIGURES, "module": "kind of linear layer"}, group="module"
        ),
        TableSpec(
            "overlap_blocks", "Mask overlap by block", {**_FIGURES, "block": "from 0"}, "lines", "block", value="corrected"
        ),
    )

    def check(self, settings: Settings) -> None:
        """Two halves need two sequences."""
        if sequences(settings) < 2:
            raise InputError(
                f"Mask overlap compares two halves of each language's text, and {settings.tokens_per_language} tokens are one sequence of "
                f"{settings.sequence_length}: give more calibration tokens, or shorter sequences."
            )

    def estimate(self, settings: Settings, scale: Scale) -> float:
        """A pass of the halves; their masks and those of whole languages."""
        return scale.whole + 3 * scale.languages * scale.cut * scale.whole

    def start(self, subject: Subject, monitor: Monitor) -> Finish:
        """No part of it needs the pruned model."""
        from mwanda_core import insight
        from mwanda_core.engine.measure import measure_model
        from mwanda_core.methods.recipes import recipe

        model, packed, cutter = subject.model, subject.packed, subject.recipe
        sparsity = subject.settings.sparsity
        if not cutter.needs <= SUMS:
            cutter = recipe("wanda", pattern=cutter.pattern)
            subject.notes.append(
                f"Masks of single languages are Wanda's: those of {subject.recipe.title} are not cut from statistics alone."
            )
        split = insight.halves(packed)
        monitor.plan(split.num_tokens * len(model.blocks))
        stats = measure_model(model, split, SUMS, monitor)
        cutting = monitor.scaled(packed.tokens_per_language)
        by_half = insight.overlap(model, insight.by_language(stats, cutter, sparsity), cutting)
        whole = insight.with_mix(insight.joined(stats), packed.languages, cutter, sparsity)
        subject.figures["mask_overlap"] = insight.to_mix(insight.overlap(model, whole, cutting))
        tables = {
            "overlap": insight.between_halves(by_half),
            "overlap_modules": insight.between_halves(by_half, ("module",)),
            "overlap_blocks": insight.between_halves(by_half, ("block",)),
        }
        return lambda result, losses: tables
