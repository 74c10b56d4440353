"""What both models write when they go on from the same openings (`insight.generation`, `insight.writing`)."""

import dataclasses
from typing import TYPE_CHECKING

from mwanda_core.parts.knobs import number, whole
from mwanda_core.progress import Monitor
from mwanda_core.run.settings import Settings
from mwanda_core.studies.base import Beside, Finish, Scale, Study, Subject, Tables, TableSpec

if TYPE_CHECKING:
    import pandas as pd

    from mwanda_core.engine.outcome import PruneResult

PASSES = 3.0
"""Writing one token costs a pass of it and of the head, one sequence at a time: passes of a token; for the progress bar."""

WRITING_COST = 4.0
"""Work of writing one token beside that of reading one, where seconds are foreseen."""


@dataclasses.dataclass(frozen=True)
class GenerationStudy(Study, Beside):
    """What the dense and the pruned model write, and in which language."""

    prompts: int = whole(3, 1, 50, "Openings per language that both models go on with.")
    tokens: int = whole(32, 1, 512, "New tokens after an opening, at most.", "tokens")
    temperature: float = number(0.0, 0.0, 2.0, 0.1, "0 takes the likeliest token; above, tokens are drawn.")

    name = "generation"
    title = "Texts written"
    question = "What do the dense and the pruned model write, and in which language?"
    source = "this project; sampling after Holtzman et al. 2020"
    origin = "own"
    cost = "about a minute on a CPU"
    tables = (
        TableSpec(
            "generated_texts", "Texts written",
            {
                "language": "of the opening", "prompt": "the opening", "text_dense": "what the dense model wrote",
                "text_pruned": "what the pruned model wrote", "same": "whether they are alike", "agreement": "leading tokens alike",
            },
        ),
        TableSpec(
            "generated_languages", "Texts written, by language",
            {
                "language": "of the openings", "prompts": "how many", "on_language_dense": "share answered in the opening's language",
                "on_language_pruned": "the same, pruned", "script_share_dense": "share of letters in the language's script",
                "script_share_pruned": "the same, pruned", "repetition_dense": "share of repeated n-grams of three",
                "repetition_pruned": "the same, pruned", "same": "share of texts alike",
            },
            "bars", "language", value="on_language_pruned", low="on_language_pruned_low", high="on_language_pruned_high",
        ),
    )  # fmt: skip

    def check(self, settings: Settings) -> None:
        """Any run has openings."""

    def estimate(self, settings: Settings, scale: Scale) -> float:
        """Both models' texts."""
        return 2.0 * (scale.languages + scale.held_out) * self.prompts * self.tokens * WRITING_COST * scale.token

    def start(self, subject: Subject, monitor: Monitor) -> Finish:
        """The same seed for both models."""
        from mwanda_core import insight

        model = subject.model
        wanted = insight.GenerationSettings(self.tokens, self.temperature, seed=subject.settings.seed)
        prompts = insight.prompts_from(subject.passages, self.prompts)
        writing = monitor.scaled(PASSES * len(model.blocks))
        writing.plan(2 * insight.generation_work(prompts, wanted))
        dense = insight.generate(model, prompts, wanted, writing, "dense model")

        def finish(result: "PruneResult", losses: "pd.DataFrame") -> Tables:
            pruned = insight.generate(model, prompts, wanted, writing, "pruned model")
            return {f"generated_{name}": table for name, table in insight.compare_generations(dense, pruned).items()}

        return finish
