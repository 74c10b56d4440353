"""UniPruning as a study: one calibration, then every sparsity; and what the feedback from the task is worth."""

import dataclasses
from typing import TYPE_CHECKING

from mwanda_core.errors import InputError
from mwanda_core.parts.knobs import choice, number, whole
from mwanda_core.progress import Monitor
from mwanda_core.run.settings import Settings
from mwanda_core.studies.base import Alone, Bench, Scale, Study, TableSpec

if TYPE_CHECKING:
    from mwanda_core.studies.result import StudyResult

SPARSITIES = (0.3, 0.4, 0.5, 0.6, 0.7)
LENGTH = 128


@dataclasses.dataclass(frozen=True)
class OneCalibrationStudy(Study, Alone):
    """One walk over the samples makes a state for every language; masks of any sparsity and any mix of languages are read from it.

    Beside it stand the control (the same walk with learning rate 0: no feedback from the task) and Wanda, cut anew for every sparsity.
    """

    mode: str = choice("objective", ("objective", "released"), "The objective's gradient, or what the released code does.")
    metric: str = choice("stochria", ("wanda", "ria", "stochria"), "The local saliency that the state follows.")
    learning_rate: float = number(1e-4, 0.0, 0.01, 0.0001, "Of the weights along the task's gradient.")
    texts: int = whole(2, 1, 64, "Texts per language that are scored.")
    rounds: int = whole(
        0,
        0,
        50,
        "Rounds of a second descent, over the weights of languages, so that the worst-off language loses less; 0: none.",
    )

    name = "one-calibration"
    title = "One calibration, any sparsity"
    question = (
        "Does one calibration serve every sparsity and every mix of languages, and is feedback from the task worth its price?"
    )
    source = "Ding et al. 2025, arXiv:2510.03291 (UniPruning); a state a language is this project's"
    origin = "reconstruction"
    cost = "a few minutes on a CPU: a backward pass a sample"
    tables = (
        TableSpec(
            "once_sparsities", "Loss increase at every sparsity",
            {"sparsity": "share removed", "method": "UniPruning, its control, or Wanda cut anew", "increase": "nats per token over the dense model"},
            "lines", "sparsity", value="increase", group="method", low="low", high="high",
        ),
        TableSpec(
            "once_languages", "State of one language, loss in another, at the settings' sparsity",
            {"state": "language, or a mix", "language": "scored", "increase": "nats per token over the dense model"},
            "heat-map", "language", "state", "increase",
        ),
        TableSpec(
            "once_weights", "Weights of languages, round by round",
            {"round": "the first: all alike", "language": "code", "weight": "in the mix", "increase": "nats per token under that round's mask"},
            "lines", "round", value="weight", group="language",
        ),
        TableSpec("once_nested", "Masks of one state are nested", {"sparsity": "denser", "sparser": "of the two", "share_inside": "kept by both"}),
    )  # fmt: skip

    def check(self, settings: Settings) -> None:
        """A sparsity for the table of languages."""
        if not 0.0 < settings.sparsity <= 0.99:
            raise InputError(f"A state is read at a sparsity above 0; it was given as {settings.sparsity}.")

    def estimate(self, settings: Settings, scale: Scale) -> float:
        """Two walks (one backward too), and a pass of the scored texts for each mask."""
        passes = 3 * len(SPARSITIES) + scale.languages + 5 + self.rounds
        return 5.0 * scale.whole + passes * scale.languages * self.texts * LENGTH * scale.token

    def run(self, bench: Bench, settings: Settings, monitor: Monitor) -> "StudyResult":
        """Walk on the calibration half, score on the other."""
        import pandas as pd

        from mwanda_core.engine.mirror import descend, mirror_work
        from mwanda_core.methods.scores.unipruning import UniPruning
        from mwanda_core.studies.one_calibration.reading import nested
        from mwanda_core.studies.one_calibration.scoring import by_language, by_sparsity
        from mwanda_core.studies.one_calibration.weighing import kindest, weigh
        from mwanda_core.studies.result import StudyResult
        from mwanda_core.studies.texts import calibration, halves, windows

        model, texts = bench.model(settings.model, settings.device, settings.dtype), halves(settings)
        packed = calibration(model, texts.calibration, settings)
        chosen = UniPruning(mode=self.mode, metric=self.metric, learning_rate=self.learning_rate)
        still = dataclasses.replace(chosen, learning_rate=0.0)
        monitor.plan(mirror_work(model, packed, chosen) + mirror_work(model, packed, still))
        found = descend(model, packed, chosen, monitor, by_language=True, seed=settings.seed)
        control = descend(model, packed, still, monitor, seed=settings.seed)
        stats = bench.dense_stats(model, packed, monitor)
        given = windows(model, texts.evaluation, self.texts, LENGTH)
        scaled = monitor.scaled(float(len(model.blocks)))
        tables = {
            "once_sparsities": by_sparsity(
                model, {"unipruning": found, "learning rate 0": control}, stats, given, SPARSITIES, scaled
            ),
            "once_languages": by_language(model, found, given, settings.sparsity, scaled),
            "once_nested": nested(found, SPARSITIES),
        }
        facts: dict[str, object] = {"model": model.source, "losses": list(found.losses)}
        if self.rounds:
            # Chosen on the calibration half; the row "found" of the table of languages is of the other.
            looked = windows(model, texts.calibration, self.texts, LENGTH)
            scaled.plan(
                float(sum(len(text.ids) for text in looked) * (1 + self.rounds) + 2 * sum(len(text.ids) for text in given))
            )
            path = weigh(model, found, looked, settings.sparsity, rounds=self.rounds, monitor=scaled)
            mix = kindest(path)
            tables["once_weights"] = path
            tables["once_languages"] = pd.concat(
                [tables["once_languages"], by_language(model, found, given, settings.sparsity, scaled, {"weights found": mix})],
                ignore_index=True,
            )
            facts["mix"] = ",".join(f"{code}={weight:.4f}" for code, weight in mix.items())
        return StudyResult(tables, facts)
