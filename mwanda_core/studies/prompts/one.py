"""One prompt under every kind of mask, and whom it shares masks with: mu-MoE to be touched."""

import dataclasses
from typing import TYPE_CHECKING

from mwanda_core.parts.knobs import number, text, whole
from mwanda_core.progress import Monitor
from mwanda_core.run.settings import Settings
from mwanda_core.studies.base import Alone, Bench, Scale, Study, TableSpec

if TYPE_CHECKING:
    from mwanda_core.studies.result import StudyResult

PASSAGES = 20
"""Built-in passages that nothing here is calibrated on."""
LENGTH, TOKENS = 96, 1024
"""Tokens that a passage is cut to, and of the calibration of static masks and priors, a language."""


@dataclasses.dataclass(frozen=True)
class OnePrompt(Study, Alone):
    """A prompt of your own, or a built-in passage, with all weights, with one mask for everybody, and with the mask that it asks for itself.

    A mask is made from the first half and the second half is scored. The map compares the masks of the same passage in all languages.
    """

    prompt: str = text(
        "The weather in the mountains changes quickly, so take warm clothes and enough water with you.", "The prompt."
    )
    language: str = text("en", "The prompt's language: a code or name, or 'auto' (needs py3langid).")
    passage: int = whole(0, 0, PASSAGES, "Instead of the prompt, this built-in passage in its language; 0: the prompt itself.")
    active: float = number(0.5, 0.05, 0.95, 0.05, "Share of the weights of every row that stay.")
    prior_tokens: float = number(64.0, 0.0, 1024.0, 16.0, "Pseudo-tokens of the language mixed into the prompt's statistics.")
    new_tokens: int = whole(16, 1, 128, "Tokens to go on with.")

    name = "prompt"
    title = "Ask one prompt"
    question = "What does this prompt lose under its own mask, and whose masks are like it?"
    source = "Koike-Akino, Liu and Wang 2025, arXiv:2505.18451 (mu-MoE); the language's prior is this project's"
    origin = "reconstruction"
    cost = "about half a minute on a CPU, and a few seconds a language"
    tables = (
        TableSpec(
            "prompt_answers", "The prompt under every mask",
            {"condition": "mask", "loss": "nats per token over the second half, mask from the first", "loss_seen": "the same, mask from all of it",
             "continuation": "how the model goes on"},
            "bars", "condition", value="loss",
        ),
        TableSpec(
            "prompt_shared", "Masks in common, passage by passage",
            {"language": "code", "other": "code; the same language: halves of its passage, the ceiling",
             "corrected": "overlap of pruned weights, 0 as by chance, 1 the same"},
            "heat-map", "other", "language", "corrected",
        ),
    )  # fmt: skip

    def check(self, settings: Settings) -> None:
        """The language must be known."""
        from mwanda_core.languages import language

        if self.language != "auto":
            language(self.language)

    def estimate(self, settings: Settings, scale: Scale) -> float:
        """Statistics of two languages, five conditions, three masks a language."""
        return (2.0 * TOKENS + 5.0 * (3 * LENGTH + self.new_tokens) + scale.languages * 6.0 * LENGTH) * scale.token

    def run(self, bench: Bench, settings: Settings, monitor: Monitor) -> "StudyResult":
        """Statistics of English and the prompt's language, the answers, then the map of a passage in the settings' languages."""
        import pandas as pd

        from mwanda_core.corpora import builtin, builtin_languages
        from mwanda_core.studies.prompts.answers import Question, ask, language_statistics
        from mwanda_core.studies.prompts.routing import routing
        from mwanda_core.studies.prompts.rules import PromptRule
        from mwanda_core.studies.result import StudyResult
        from mwanda_core.studies.texts import Window

        self.check(settings)
        model = bench.model(settings.model, settings.device, settings.dtype)
        question = Question(self.prompt, self.language, self.active, self.prior_tokens, 0, self.new_tokens)
        code = question.told()
        place = max(0, self.passage - 1)
        codes = [one for one in dict.fromkeys((code, *settings.languages)) if one in builtin_languages()]
        said = {one: builtin([one]).evaluation.passages[one][place].text for one in codes}
        if self.passage and code in said:
            question = dataclasses.replace(question, text=said[code])
        monitor.plan(float(TOKENS * len({"en", code}) * len(model.blocks)))
        stats = language_statistics(model, ("en", code), TOKENS, monitor)
        scaled = monitor.scaled(float(len(model.blocks)))
        tables = {"prompt_answers": ask(model, question, stats, scaled)}
        if len(codes) > 1:
            windows = [Window(one, "passage", (*model.start, *model.encode(said[one]))[:LENGTH]) for one in codes]
            pairs, _ = routing(model, windows, PromptRule(self.active), scaled)
            pairs = pairs.rename(columns={"other_language": "other"})
            turned = pairs[pairs["language"] != pairs["other"]].rename(columns={"language": "other", "other": "language"})
            tables["prompt_shared"] = pd.concat([pairs, turned], ignore_index=True)[
                ["language", "other", "iou", "expected", "corrected"]
            ]
        return StudyResult(tables, {"model": model.source, "language": code, "text": question.text})
