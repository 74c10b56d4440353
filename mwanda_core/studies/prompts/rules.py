r"""Which weights a prompt keeps, from what its own tokens showed at a linear's input.

    mu-MoE        S_ij = |W_ij| ||x_j||,    ||x_j||^2 = sum over the prompt's tokens of x_tj^2         (any recipe's score may stand here)
    prior         x2_j = ( n prompt_j + n0 language_j ) / ( n + n0 )      mean squares; n tokens of the prompt, n0 pseudo-tokens
    ranks         R_ij = (1 - w) rank_i( S_ij of the prompt ) + w rank_i( S_ij of the language )

n0 = 0 is mu-MoE, n0 = infinity the offline mask of the language: both exactly. Because statistics are sums over tokens, the
prior is nothing but n0 more tokens, spread as the language's are; every score that reads such sums takes it.

Sources. mu-MoE: Koike-Akino, Liu & Wang 2025; its equations could not be read, so the score is Wanda's on the prompt, as its abstract
describes. Ranks: GLASS (2025) fuses the ranks of FFN neurons under a prompt and under a model-wide prior; here it is weights, row by
row, a reconstruction. The prior as pseudo-tokens is this project's.
"""

import dataclasses
import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from mwanda_core.errors import InputError
from mwanda_core.methods.allocation import Uniform
from mwanda_core.methods.composition import Recipe
from mwanda_core.methods.recipes import recipe
from mwanda_core.methods.repair import NoRepair
from mwanda_core.methods.rows import UniformRows
from mwanda_core.methods.solvers import KeepTop
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.needs import Need
from mwanda_core.parts.patterns import Unstructured
from mwanda_core.parts.statistics import InputStats

FREE = frozenset({Need.MEAN, Need.POSITIVE})
"""What a prompt's own tokens can give beside sums of squares."""


@dataclasses.dataclass(frozen=True)
class PromptRule:
    """How a prompt's masks are made.

    recipe: any whose score reads only sums over tokens; its pattern may be N:M. active: share of the weights that stay.
    prior_tokens: n0, pseudo-tokens of the language (0: none; math.inf: the language alone). rank_weight: w in [0, 1] of the
    language's ranks; None: scores, not ranks. refresh: while decoding, masks are made anew every so many tokens (0: never).
    Raises InputError for what cannot be done at a prompt.
    """

    active: float = 0.5
    recipe: Recipe = dataclasses.field(default_factory=lambda: recipe("wanda"))
    prior_tokens: float = 0.0
    rank_weight: float | None = None
    refresh: int = 0

    def __post_init__(self) -> None:
        if not 0.01 <= self.active <= 1.0:
            raise InputError(f"The share of active weights must lie between 0.01 and 1; it was given as {self.active}.")
        if not self.prior_tokens >= 0.0:
            raise InputError(f"A prior has 0 or more pseudo-tokens; their number was given as {self.prior_tokens}.")
        if self.rank_weight is not None and not 0.0 <= self.rank_weight <= 1.0:
            raise InputError(
                f"The weight of the language's ranks must lie between 0 and 1; it was given as {self.rank_weight}."
            )
        if self.refresh < 0:
            raise InputError(f"Masks are refreshed every so many tokens, 0 for never; the number was given as {self.refresh}.")
        check_recipe(self.recipe)

    @property
    def sparsity(self) -> float:
        """The share that goes."""
        return 1.0 - self.active

    @property
    def needs_prior(self) -> bool:
        """Whether statistics of a language must be given."""
        return self.prior_tokens > 0.0 or self.rank_weight is not None


def check_recipe(given: Recipe) -> None:
    """Refuse a recipe that needs more than a prompt's own tokens, one linear at a time.

    Raises InputError in one sentence.
    """
    wrong = sorted(given.needs - FREE)
    if wrong:
        raise InputError(
            f"A prompt's mask is made from its own tokens, and {given.title} also needs {', '.join(wrong)}: choose another score."
        )
    plain = (given.allocation, Uniform), (given.rows, UniformRows), (given.repair, NoRepair), (given.solver, KeepTop)
    for part, wanted in plain:
        if not isinstance(part, wanted):
            raise InputError(
                f"A prompt's mask keeps the highest scores of each linear at once, without {part.title!r}: choose a plainer recipe."
            )
    if isinstance(given.pattern, Unstructured) and given.pattern.scope == "global":
        raise InputError(
            "A prompt's mask is made linear by linear, so weights of the whole model cannot be compared: choose the row scope."
        )


def with_prior(prompt: InputStats, language: InputStats, prior_tokens: float) -> InputStats:
    """The prompt's sums with `prior_tokens` more tokens, spread as the language's are; both of one row."""
    if math.isinf(prior_tokens):
        return dataclasses.replace(language, languages=prompt.languages)
    share = prior_tokens / language.tokens
    sums = {name: getattr(prompt, name) + share[:, None] * getattr(language, name) for name in ("sumsq", "total", "positive")}
    return dataclasses.replace(prompt, tokens=prompt.tokens + prior_tokens, **sums)


def ranks(score: Float[Tensor, "out in"]) -> Float[Tensor, "out in"]:
    """Place of every score in its row, 0 the lowest; equal scores by index."""
    order = score.argsort(dim=1, stable=True)
    places = torch.arange(score.shape[1], dtype=torch.float32, device=score.device).expand_as(score)
    return torch.empty_like(score).scatter_(1, order, places)


def kept(
    rule: PromptRule, name: str, weight: Float[Tensor, "out in"], prompt: InputStats, language: InputStats | None
) -> Bool[Tensor, "out in"]:
    """The weights of one linear that stay for a prompt with these statistics."""

    def score(stats: InputStats) -> Tensor:
        return rule.recipe.score(LinearEvidence(name, weight, stats, rule.recipe.activation.channels(stats)))

    if language is not None and rule.prior_tokens > 0.0:
        prompt = with_prior(prompt, language, rule.prior_tokens)
    found = score(prompt)
    if language is not None and rule.rank_weight is not None:
        found = (1.0 - rule.rank_weight) * ranks(found) + rule.rank_weight * ranks(score(language))
    return rule.recipe.pattern.keep(found, rule.sparsity)


def wina_gate(x: Float[Tensor, "... in"], weight: Float[Tensor, "out in"], active: float) -> Float[Tensor, "... in"]:
    """WINA (Chen et al. 2025): of every token, the inputs with the largest |x_tj| ||W_:j|| stay, the others become 0.

    It gates inputs token by token and masks no weight: another kind of sparsity at the same share of multiplications.
    """
    size = x.shape[-1]
    cut = size - max(1, round(active * size))
    if cut == 0:
        return x
    importance = x.float().abs() * torch.linalg.vector_norm(weight.float(), dim=0)
    threshold = importance.kthvalue(cut, dim=-1, keepdim=True).values
    return x.masked_fill(importance <= threshold, 0.0)
