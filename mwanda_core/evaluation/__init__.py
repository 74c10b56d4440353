"""How well a model still reads each language: perplexity and choice accuracy, dense against pruned."""

from mwanda_core.evaluation.compare import CALIBRATED, HELD_OUT, compare, summary
from mwanda_core.evaluation.intervals import (
    CONFIDENCE,
    Interval,
    above_chance,
    holm,
    mcnemar,
    paired_bootstrap,
    paired_share_difference,
    ratio,
    share,
)
from mwanda_core.evaluation.measure import Measurement, measure, measure_dense
from mwanda_core.evaluation.sets import ChoiceItem, EvaluationSet, ScoredText, evaluation_set

__all__ = [
    "CALIBRATED",
    "CONFIDENCE",
    "HELD_OUT",
    "ChoiceItem",
    "EvaluationSet",
    "Interval",
    "Measurement",
    "ScoredText",
    "above_chance",
    "compare",
    "evaluation_set",
    "holm",
    "mcnemar",
    "measure",
    "measure_dense",
    "paired_bootstrap",
    "paired_share_difference",
    "ratio",
    "share",
    "summary",
]
