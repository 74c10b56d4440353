"""A trial of the search: the dense model is cut on cached statistics and compared with itself, by language and position.

Statistics and the dense logits of the positions looked at are taken once; a trial then costs a cut and one short forward pass. (The
released code prunes block by block on recomputed activations in every trial: a deviation that makes a search possible on a laptop.)
Positions without padding only, those after `first`; divergences are means over positions, one figure a language.
"""

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from mwanda_core.engine.measure import BlockStats
from mwanda_core.errors import InputError
from mwanda_core.methods.composition import Recipe
from mwanda_core.methods.recipes import recipe
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.studies.cutting import cut_to, masks_from
from mwanda_core.studies.metric_search.divergence import MEASURES, divergences
from mwanda_core.studies.metric_search.space import Metric
from mwanda_core.studies.texts import Window

Losses = dict[str, float]
"""Language -> mean divergence per position."""

CUT_COST = 1500.0
"""Cutting every linear once, in tokens through the model; only for progress and estimates."""


class Bench:
    """A dense model with what a trial needs at hand. `measure` is one of `divergence.MEASURES`.

    base: the recipe whose score is replaced (its activation and pattern stay). Raises InputError for texts of unequal length or an
    unknown measure.
    """

    def __init__(
        self,
        model: LanguageModel,
        stats: Sequence[BlockStats],
        texts: Sequence[Window],
        sparsity: float,
        *,
        base: Recipe | None = None,
        first: int = 1,
        measure: str = "kl",
        monitor: Monitor | None = None,
    ) -> None:
        if measure not in MEASURES:
            raise InputError(f"The divergence must be one of {', '.join(MEASURES)}; it was given {measure!r}.")
        if len({len(text.ids) for text in texts}) != 1:
            raise InputError("The texts of a search must all have the same number of tokens.")
        self.model, self.stats, self.texts, self.sparsity = model, tuple(stats), tuple(texts), sparsity
        self.base, self.first, self.measure = base or recipe("wanda"), first, measure
        self.monitor = monitor or Monitor()
        self._dense = self._logits()

    @property
    def languages(self) -> tuple[str, ...]:
        """Of the texts, in their order."""
        return tuple(dict.fromkeys(text.language for text in self.texts))

    def trial_cost(self, share: float = 1.0) -> float:
        """Units of work (tokens through the model) that one trial, or a look at a share of its positions, reports."""
        return CUT_COST + self._length(share) * len(self.texts)

    def digest(self) -> str:
        """Of what a trial's damage depends on beside the masks: the model, texts, places, divergence, sparsity, statistics, parts."""
        told = self.model.fingerprint, self.texts, self.first, self.measure, self.sparsity, self.base.to_dict()
        digest = hashlib.sha256(repr(told).encode())
        for by_name in self.stats:
            for name, stat in by_name.items():
                digest.update(name.encode() + stat.sumsq.cpu().numpy().tobytes() + stat.tokens.cpu().numpy().tobytes())
        return digest.hexdigest()[:32]

    def of_metric(self, metric: Metric) -> Losses:
        """The damage of a metric at the bench's sparsity."""
        return self.of_recipe(self.base.replace(score=metric.score()))

    def of_recipe(self, given: Recipe, sparsity: float | Sequence[float] | None = None) -> Losses:
        """The damage of any recipe whose score reads the statistics at hand; one sparsity, or one a block."""
        self.monitor.advance(0.0)
        masks = masks_from(self.model, given, self.stats, self.sparsity if sparsity is None else sparsity)
        return self.of_masks(masks)

    def of_masks(self, masks: Mapping[str, Tensor], share: float = 1.0) -> Losses:
        """The damage of packed masks; the model is dense again afterwards. share: of every text's positions, the first are looked at."""
        return {code: found[self.measure] for code, found in self.every_measure(masks, share).items()}

    def every_measure(self, masks: Mapping[str, Tensor], share: float = 1.0) -> dict[str, dict[str, float]]:
        """Language -> measure -> mean over positions."""
        with cut_to(self.model, masks):
            pruned = self._logits(share)
        found = {}
        for code in self.languages:
            places = [index for index, text in enumerate(self.texts) if text.language == code]
            each = torch.cat([divergences(self._dense[index][: len(pruned[index])], pruned[index]) for index in places])
            found[code] = dict(zip(MEASURES, each.double().mean(dim=0).tolist(), strict=True))
        self.monitor.advance(self.trial_cost(share))
        return found

    def _length(self, share: float) -> int:
        """Tokens of a text up to that share of the positions looked at, one at least."""
        return self.first + max(1, round(share * (len(self.texts[0].ids) - self.first)))

    @torch.no_grad()
    def _logits(self, share: float = 1.0) -> list[Tensor]:
        """[positions, vocabulary] of each text, in the model's type."""
        length = self._length(share)
        hidden = self.model.hidden(torch.tensor([text.ids[:length] for text in self.texts]))[:, self.first - 1 : -1]
        with self.model.head() as head:
            return [head(states) for states in hidden]


@dataclasses.dataclass(frozen=True)
class Plan:
    """What a search will cost before it is begun: trials, units of work, and memory of the dense and pruned logits in bytes."""

    trials: int
    work: float
    memory: int

    def seconds(self, tokens_per_second: float) -> float:
        """At a speed of the model on this machine."""
        return self.work / tokens_per_second


def plan(model: LanguageModel, texts: Sequence[Window], trials: int, first: int = 1) -> Plan:
    """The cost of `trials` trials on these texts."""
    tokens = sum(len(text.ids) for text in texts)
    positions = sum(len(text.ids) - first for text in texts)
    return Plan(trials, trials * (CUT_COST + tokens), 2 * positions * model.vocabulary * model.dtype.itemsize)
