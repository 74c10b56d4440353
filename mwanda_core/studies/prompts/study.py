"""mu-MoE as a study: is a mask made for the prompt better than one made for everybody?"""

import dataclasses
from typing import TYPE_CHECKING

from mwanda_core.errors import InputError
from mwanda_core.parts.knobs import number, whole
from mwanda_core.progress import Monitor
from mwanda_core.run.settings import Settings
from mwanda_core.studies.base import Alone, Bench, Scale, Study, TableSpec

if TYPE_CHECKING:
    from mwanda_core.studies.result import StudyResult

CUT = 600.0
"""Making one prompt's masks, in tokens through the model."""

RANKED = "ranks, prefix"
"""Ranking every row twice takes most of half a minute a prompt: left to those who ask for it by name."""


@dataclasses.dataclass(frozen=True)
class PromptsStudy(Study, Alone):
    """Every text with all weights, under offline masks of its own and of other languages, and under the mask of its own beginning.

    The sparsity of the settings is what every mask removes.
    """

    texts: int = whole(2, 1, 64, "Texts per language.")
    length: int = whole(128, 8, 4096, "Tokens of a text.")
    prefix: int = whole(64, 1, 4095, "Tokens of its beginning that make the mask; the others are scored.")
    prior_tokens: float = number(64.0, 0.0, 100000.0, 16.0, "Pseudo-tokens of the language mixed into the prompt's statistics.")

    name = "prompts"
    title = "Masks for this prompt"
    question = (
        "Is a mask made for the prompt better than one mask for everybody, and how much do the masks of two languages share?"
    )
    source = "Koike-Akino, Liu & Wang 2025, arXiv:2505.18451 (mu-MoE); the prior of the language is this project's"
    origin = "reconstruction"
    cost = "about twenty seconds a text on a CPU"
    tables = (
        TableSpec(
            "prompt_conditions", "Loss increase under every mask",
            {"active": "share of weights that stay", "condition": "which mask", "texts": "number", "increase": "nats per token over the dense model",
             "low": "of the 95 % interval", "high": "of the 95 % interval"},
            "bars", "condition", value="increase", low="low", high="high",
        ),
        TableSpec(
            "prompt_languages", "Loss increase by language",
            {"language": "code", "condition": "which mask", "increase": "nats per token over the dense model"},
            "bars", "language", value="increase", group="condition", low="low", high="high",
        ),
        TableSpec(
            "prompt_overlap", "Masks of two prompts in common",
            {"language": "code", "passage": "number", "other_language": "code", "other_passage": "number", "relation": "of the two prompts",
             "corrected": "overlap of pruned weights, 0 as by chance, 1 the same"},
            "heat-map", "language", "other_language", "corrected",
        ),
        TableSpec(
            "prompt_relations", "The same by kind of pair",
            {"relation": "of two prompts", "count": "pairs", "mean": "corrected overlap", "min": "lowest", "max": "highest"},
        ),
    )  # fmt: skip

    def check(self, settings: Settings) -> None:
        """The scored part must not be empty, and something must be removed."""
        if self.prefix >= self.length:
            raise InputError(f"A text of {self.length} tokens has nothing to score after a prefix of {self.prefix}.")
        if settings.sparsity > 0.99 or settings.sparsity <= 0.0:
            raise InputError(
                f"Masks of prompts remove a share between 0 and 0.99; the sparsity was given as {settings.sparsity}."
            )

    def estimate(self, settings: Settings, scale: Scale) -> float:
        """Eleven conditions a text, three of which make masks; three masks a text for the overlap."""
        each = 11.0 * self.length + 6.0 * CUT + 2.0 * self.length
        return scale.whole + (scale.languages * self.texts * each + (4 + 2 * scale.languages) * CUT) * scale.token

    def run(self, bench: Bench, settings: Settings, monitor: Monitor) -> "StudyResult":
        """Statistics on the calibration half, losses and overlaps on the other."""
        from mwanda_core.engine.measure import measure_model
        from mwanda_core.studies.prompts import protocols, routing
        from mwanda_core.studies.prompts.rules import FREE, PromptRule
        from mwanda_core.studies.result import StudyResult
        from mwanda_core.studies.texts import calibration, halves, windows

        model, texts = bench.model(settings.model, settings.device, settings.dtype), halves(settings, ("en",))
        packed = calibration(model, texts.calibration, settings)
        monitor.plan(float(packed.num_tokens * len(model.blocks)))
        stats = measure_model(model, packed, FREE, monitor)
        given = windows(model, texts.evaluation.select(settings.languages), self.texts, self.length)
        wanted = tuple(name for name in protocols.CONDITIONS if name != RANKED)
        active = 1.0 - settings.sparsity
        scaled = monitor.scaled(float(len(model.blocks)))
        found = protocols.compare_protocols(
            model, given, stats, protocols.Comparison((active,), wanted, self.prefix, self.prior_tokens), scaled
        )
        # Windows of one place hold the same passages where texts are parallel.
        named = [dataclasses.replace(text, name=text.name.partition("#")[2]) for text in given]
        tables = {
            "prompt_conditions": protocols.increases(found),
            "prompt_languages": protocols.increases(found, ("language", "condition")),
        }
        if len(named) > 1:
            pairs, _ = routing.routing(model, named, PromptRule(active), scaled)
            tables |= {"prompt_overlap": pairs, "prompt_relations": routing.by_relation(pairs)}
        return StudyResult(tables, {"model": model.source, "far": protocols.farthest(stats)})
