"""What was known of a language beforehand against what it lost (`insight.predictors`)."""

import dataclasses
from typing import TYPE_CHECKING

from mwanda_core.parts.needs import SUMS
from mwanda_core.progress import Monitor
from mwanda_core.run.settings import Settings
from mwanda_core.studies.base import (
    Beside,
    Finish,
    Scale,
    Study,
    Subject,
    Tables,
    TableSpec,
    needs_scored_texts,
)

if TYPE_CHECKING:
    import pandas as pd

    from mwanda_core.engine.outcome import PruneResult


@dataclasses.dataclass(frozen=True)
class PredictorsStudy(Study, Beside):
    """What was known of a language before pruning, beside what it lost: correlation, not cause."""

    name = "predictors"
    title = "What goes along"
    question = "Does anything known of a language beforehand go along with what it lost?"
    source = "this project; cosine after Zeng et al. 2024 (Multilingual Brain Surgeon)"
    origin = "own"
    cost = "a pass over text of the languages not calibrated on"
    tables = (
        TableSpec(
            "predictors", "What is known of each language",
            {
                "language": "code", "role": "calibration or held-out", "increase": "of the loss, nats per token",
                "similarity": "mean correlation of its channels with the mix's", "fertility": "tokens per byte",
                "mask_overlap": "its own mask with the mix's, corrected for chance", "neurons_pruned": "share of its neurons' columns",
            },
            "points", "similarity", value="increase", group="role",
        ),
        TableSpec(
            "correlations", "Correlations with the loss",
            {
                "predictor": "the figure", "languages": "all, or the held-out ones", "n": "languages", "pearson": "correlation",
                "spearman": "of ranks", "pearson_p": "by permutation",
            },
            "bars", "predictor", value="pearson", group="languages", low="pearson_low", high="pearson_high",
        ),
    )  # fmt: skip
    reads_unseen = True

    def check(self, settings: Settings) -> None:
        """Losses are of scored texts."""
        needs_scored_texts(self.name, settings)

    def estimate(self, settings: Settings, scale: Scale) -> float:
        """A pass over as much text of each held-out language as of each calibration language."""
        return scale.whole * scale.held_out / scale.languages

    def start(self, subject: Subject, monitor: Monitor) -> Finish:
        """Takes in what the studies before it left in `subject.figures`."""
        from mwanda_core import insight
        from mwanda_core.engine.measure import measure_model

        model, unseen, stats = subject.model, subject.unseen, subject.stats
        if unseen is not None:
            monitor.plan(unseen.num_tokens * len(model.blocks))
            stats = insight.side_by_side(stats, measure_model(model, unseen, SUMS, monitor))
        similarity = insight.similarity_to_mix(stats, subject.packed.languages)

        def finish(result: "PruneResult", losses: "pd.DataFrame") -> Tables:
            overlap, pruned = (subject.figures.get(name, {}) for name in ("mask_overlap", "neurons_pruned"))
            table = insight.predictors(losses, similarity, overlap, pruned)
            return {"predictors": table, "correlations": insight.correlations(table)}

        return finish
