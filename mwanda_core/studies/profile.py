"""Effective rank, order of the likeliest tokens, energy, of both models ("ACBench-style"; `insight.profiling`)."""

import dataclasses
from typing import TYPE_CHECKING

from mwanda_core.parts.knobs import whole
from mwanda_core.progress import Monitor
from mwanda_core.run.settings import Settings
from mwanda_core.studies.base import Beside, Finish, Scale, Study, Subject, Tables, TableSpec, needs_scored_texts

if TYPE_CHECKING:
    import pandas as pd

    from mwanda_core.engine.outcome import PruneResult
    from mwanda_core.evaluation import EvaluationSet

TOKENS_PER_TEXT = 90
"""Of a scored text: the mean over the built-in passages under the built-in model's tokenizer; for estimates."""


@dataclasses.dataclass(frozen=True)
class ProfileStudy(Study, Beside):
    """Beyond perplexity: effective rank of hidden states, order of the likeliest tokens, energy."""

    texts: int = whole(4, 1, 64, "Texts per language that are looked into: every position is kept for the comparison.")

    name = "profile"
    title = "Beyond perplexity"
    question = "What changes inside: the geometry of hidden states, the order of the likeliest tokens, the energy?"
    source = "Dong et al. 2025, arXiv:2505.19433 (ACBench), section 3"
    origin = "reconstruction"
    cost = "about a minute on a CPU"
    tables = (
        TableSpec(
            "profile_layers", "Effective rank by block",
            {"language": "code", "block": "from 0", "erank_dense": "mean effective rank", "erank_pruned": "the same, pruned",
             "difference": "pruned - dense"},
            "lines", "block", value="difference", group="language", low="difference_low", high="difference_high",
        ),
        TableSpec(
            "profile_ranking", "Order of the likeliest words",
            {"language": "code", "k": "tokens whose order is compared", "tau": "Kendall's tau-b", "rho": "Spearman's rho"},
            "bars", "language", value="tau", group="k", low="tau_low", high="tau_high",
        ),
        TableSpec(
            "profile_energy", "Energy",
            {"language": "code", "kind": "plain, or free of the logits' offset", "difference": "pruned - dense, nats"},
            "bars", "language", value="difference", group="kind", low="difference_low", high="difference_high",
        ),
        TableSpec(
            "profile_positions", "Energy by position in the text",
            {"language": "code", "kind": "as above", "position": "in the text, from 0", "energy_dense": "nats", "energy_pruned": "nats"},
            "lines", "position", value="energy_pruned", group="language",
        ),
    )  # fmt: skip

    def check(self, settings: Settings) -> None:
        """It looks into scored texts."""
        needs_scored_texts(self.name, settings)

    def estimate(self, settings: Settings, scale: Scale) -> float:
        """Both models' passes of each text and of the same tokens in random order."""
        return 2.0 * (scale.languages + scale.held_out) * 2 * self.texts * TOKENS_PER_TEXT * scale.token

    def start(self, subject: Subject, monitor: Monitor) -> Finish:
        """The pruned model is read at the dense one's likeliest tokens."""
        from mwanda_core import insight

        model, few = subject.model, first_texts(subject.scored, self.texts)
        monitor.plan(2 * insight.profile_work(model, few))
        dense = insight.profile(model, few, monitor, label="dense model")

        def finish(result: "PruneResult", losses: "pd.DataFrame") -> Tables:
            pruned = insight.profile(model, few, monitor, dense=dense, label="pruned model")
            return {f"profile_{name}": table for name, table in insight.compare_profiles(dense, pruned).items()}

        return finish


def first_texts(scored: "EvaluationSet", count: int) -> "EvaluationSet":
    """The first `count` texts of every language."""
    kept = [text for code in scored.languages for text in scored.only(code).texts[:count]]
    return dataclasses.replace(scored, texts=tuple(kept), choices=())
