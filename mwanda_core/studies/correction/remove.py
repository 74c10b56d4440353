r"""Removing what serves an unwanted behaviour, and asking what else went.

    R_i         relevance of neuron i for the log-probability of a text, per token (AttnLRP)      as in `circuits.components`
    candidates  neurons outside the top `spared` share of |R_general|, in any language
    removed     the first N candidates by R_undesired - R_general (Hatefi et al. 2025, equation 7)

The paper ranks all neurons. Here the plain difference destroys general text with 20 neurons, so the general top is excluded first.
Beside every figure: as many random candidates. A score that falls because text falls apart ("pseudo-detoxification") shows in the
losses, in the length and in the uniqueness of what is written, and in the other behaviours.
"""

import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

import pandas as pd
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from mwanda_core.attribution import lrp
from mwanda_core.corpora import Corpus
from mwanda_core.insight import langid
from mwanda_core.insight.generation import GenerationSettings, generate, prompts_from
from mwanda_core.insight.mlps import Mlp
from mwanda_core.insight.text import script_share
from mwanda_core.insight.writing import measure_text
from mwanda_core.languages import language
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.studies.circuits.ablation import only_units
from mwanda_core.studies.circuits.components import downs, entering, watched
from mwanda_core.studies.correction.behaviours import OPENING, UNIQUE, WRITTEN, Sample, occurrences, uniqueness


def _log_probability(model: LanguageModel, sample: Sample) -> Float[Tensor, ""]:
    """Mean over the asked tokens of a sample, in nats; differentiable."""
    ids = torch.tensor([sample.ids], device=model.device)
    states = model.states(ids)[0, sample.first - 1 : -1]
    with model.head() as head:
        logs = head(states).float().log_softmax(dim=-1)
    return logs.gather(1, ids[0, sample.first :, None]).mean()


def relevance(
    model: LanguageModel, mlps: Sequence[Mlp], samples: Sequence[Sample], monitor: Monitor
) -> dict[str, Float[Tensor, " neurons"]]:
    """Language -> mean relevance of every neuron."""
    totals: dict[str, Tensor] = {}
    seen: dict[int, Tensor] = {}
    with watched([linear.module for linear in downs(model, mlps)], seen.__setitem__), lrp(model, "attnlrp"):
        for sample in samples:
            with entering(model, 1.0), torch.enable_grad():
                inner_of = _log_probability(model, sample)
                inner = [seen[index] for index in range(len(mlps))]
                gradients = torch.autograd.grad(inner_of, inner)
            parts = [(h.detach().float() * g.float()).sum(dim=(0, 1)).cpu() for h, g in zip(inner, gradients, strict=True)]
            seen.clear()
            count = sum(one.language == sample.language for one in samples)
            totals[sample.language] = totals.get(sample.language, 0) + torch.cat(parts) / count
            monitor.advance(3.0 * len(sample.ids))
    return totals


def candidates(general: Mapping[str, Float[Tensor, " neurons"]], spared: float) -> Bool[Tensor, " neurons"]:
    """Neurons outside the top share of general relevance, by magnitude, in every language."""
    kept = torch.zeros(len(next(iter(general.values()))), dtype=torch.bool)
    for found in general.values():
        kept[found.abs().argsort(descending=True, stable=True)[: round(spared * len(kept))]] = True
    return ~kept


def chosen(
    undesired: Float[Tensor, " neurons"], general: Float[Tensor, " neurons"], allowed: Bool[Tensor, " neurons"], count: int
) -> Bool[Tensor, " neurons"]:
    """The `count` allowed neurons that serve the undesired behaviour most beyond what they do for general text."""
    ranked = torch.where(allowed, undesired - general, -torch.inf)
    found = torch.zeros_like(allowed)
    found[ranked.argsort(descending=True, stable=True)[: min(count, int(allowed.sum()))]] = True
    return found


def at_random(allowed: Bool[Tensor, " neurons"], count: int, seed: int) -> Bool[Tensor, " neurons"]:
    """As many, by chance."""
    draw = torch.rand(len(allowed), generator=torch.Generator().manual_seed(seed))
    return chosen(draw, torch.zeros_like(draw), allowed, count)


@contextlib.contextmanager
def without(model: LanguageModel, mlps: Sequence[Mlp], gone: Bool[Tensor, " neurons"]) -> Iterator[None]:
    """Inside, some neurons give nothing."""
    with only_units(model, mlps, ~gone):
        yield


@torch.no_grad()
def log_probabilities(model: LanguageModel, samples: Sequence[Sample], monitor: Monitor) -> dict[str, float]:
    """Language -> mean log-probability a token of what the samples ask about, on the model as it stands."""
    found: dict[str, list[float]] = {}
    for sample in samples:
        found.setdefault(sample.language, []).append(float(_log_probability(model, sample)))
        monitor.advance(float(len(sample.ids)))
    return {code: sum(values) / len(values) for code, values in found.items()}


def written(
    model: LanguageModel,
    corpus: Corpus,
    count: int,
    monitor: Monitor,
    lists: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> pd.DataFrame:
    """What the model as it stands writes after openings, means over them: language, uniqueness, repeating (share of texts with fewer than half
    of their tokens different), length (tokens), script_share, on_language (share told to be in the opening's language; NaN without
    py3langid), listed (words of the language's list in a text; NaN without one)."""
    found = generate(model, prompts_from(corpus, count), GenerationSettings(max_new_tokens=WRITTEN), monitor)
    rows = []
    for one in found.items:
        code, unique = one.prompt.language, uniqueness(one.tokens)
        told = measure_text(one, langid.available())["on_language"]
        rows.append({
            "language": code, "uniqueness": unique, "repeating": float(unique < UNIQUE), "length": float(len(one.tokens)),
            "script_share": script_share(one.text, code), "on_language": math.nan if told is None else float(bool(told)),
            "listed": float(occurrences(one.text, code, lists[code])) if code in lists else math.nan,
        })  # fmt: skip
    return pd.DataFrame(rows).groupby("language", sort=False, as_index=False).mean()


@torch.no_grad()
def listed_mass(model: LanguageModel, corpus: Corpus, count: int, lists: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Language -> probability that the next token after an opening is the first of a listed word, mean over openings."""
    found = {}
    for code, words in lists.items():
        firsts = sorted({tokens[0] for tokens in (model.encode(" " + word) for word in words) if tokens})
        masses = []
        for passage in corpus.passages[code][:count]:
            ids = torch.tensor([[*model.start, *model.encode(passage.text)[:OPENING]]], device=model.device)
            with model.head() as head:
                mass = head(model.states(ids)[0, -1:]).float().softmax(dim=-1)[0]
            masses.append(float(mass[firsts].sum()))
        found[code] = sum(masses) / len(masses)
    return found


def names_of(codes: Sequence[str]) -> list[str]:
    """Languages by name."""
    return [language(code).name for code in codes]
