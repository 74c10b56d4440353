"""Language neurons before and after pruning, and how much of them was pruned (`insight.neurons`, `insight.neuron_damage`)."""

import dataclasses
from typing import TYPE_CHECKING

from mwanda_core.errors import InputError
from mwanda_core.progress import Monitor
from mwanda_core.run.settings import Settings
from mwanda_core.studies.base import Beside, Finish, Scale, Study, Subject, Tables, TableSpec

if TYPE_CHECKING:
    import pandas as pd

    from mwanda_core.engine.outcome import PruneResult


@dataclasses.dataclass(frozen=True)
class NeuronsStudy(Study, Beside):
    """Neurons that fire for one language: where they are, how much of them is pruned, and which there are afterwards."""

    name = "neurons"
    title = "Language neurons"
    question = "Where are the neurons that fire for one language, and how much of them is removed?"
    source = "Tang et al. 2024, arXiv:2402.16438 (LAPE)"
    origin = "paper"
    cost = "two more passes over the calibration text"
    tables = (
        TableSpec(
            "neurons", "Language neurons and pruning",
            {
                "language": "code", "neurons": "language neurons of the dense model", "column": "share of their down columns that is pruned",
                "random_column": "the same of random neurons in the same blocks", "random_low": "2.5 % of draws", "random_high": "97.5 %",
            },
            "bars", "language", value="column",
        ),
        TableSpec(
            "neuron_blocks", "Language neurons by block",
            {"language": "code", "block": "from 0", "neurons": "how many", "share": "of the block's neurons"},
            "heat-map", "block", "language", "share",
        ),
        TableSpec(
            "neuron_drift", "Language neurons before and after",
            {"language": "code", "shared": "still language neurons", "lost": "no longer", "new": "only afterwards", "jaccard": "shared of all"},
            "bars", "language", value="jaccard",
        ),
    )  # fmt: skip

    def check(self, settings: Settings) -> None:
        """They are told apart by several languages."""
        several_languages(settings)

    def estimate(self, settings: Settings, scale: Scale) -> float:
        """Both models' passes."""
        return 2.0 * scale.whole

    def start(self, subject: Subject, monitor: Monitor) -> Finish:
        """Leaves the share of pruned down columns to the predictors."""
        from mwanda_core import insight

        model, packed = subject.model, subject.packed
        mlps = insight.find_mlps(model)
        monitor.plan(2 * packed.num_tokens * len(model.blocks))
        dense = insight.language_neurons(insight.measure_firing(model, mlps, packed, monitor))

        def finish(result: "PruneResult", losses: "pd.DataFrame") -> Tables:
            damage = insight.pruned_table(dense, insight.pruned_shares(model, mlps, result.masks))
            subject.figures["neurons_pruned"] = dict(zip(damage["language"], damage["column"], strict=True))
            pruned = insight.language_neurons(insight.measure_firing(model, mlps, packed, monitor))
            return {"neurons": damage, "neuron_blocks": dense.by_block(), "neuron_drift": insight.drift(dense, pruned)}

        return finish


def several_languages(settings: Settings) -> None:
    """Raises InputError for fewer than two calibration languages."""
    if len(settings.languages) < 2:
        raise InputError("Language neurons are told apart by several languages: calibrate on at least two.")
