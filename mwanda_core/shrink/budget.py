"""Steps for a size budget, by measured trade-off.

The candidates are vocabularies of round sizes, depths that the model's layout allows, and then the widest MLP that fits; of a mixture,
vocabularies and then the most experts that fit. Each step's cost is
measured alone, for the worst language, and the candidate of the least sum wins: an estimate, since steps together may cost more or less
than their sum.
"""

import dataclasses
import itertools
from collections.abc import Sequence

from mwanda_core.errors import InputError
from mwanda_core.models import LanguageModel
from mwanda_core.shrink import experts, gated, heads, layers, neurons, vocabulary
from mwanda_core.shrink.costs import Bench, calibration, moments_of, narrowed
from mwanda_core.shrink.folders import ModelFolder, model_folder
from mwanda_core.shrink.plan import MB, Wishes
from mwanda_core.shrink.sizes import Sizes, sizes

SIZES = (131072, 65536, 49152, 32768, 24576, 16384, 12288, 8192)
"""Vocabularies that a size budget is tried with."""
SHARES = (0.25, 0.5)
"""Shares of the neurons that are cut and measured; between them the cost is interpolated."""
LEAST_WIDTH = 0.25
FEWEST_LAYERS = 2 / 3


def fit(bench: Bench, wishes: Wishes) -> Wishes:
    """The wishes completed so that the model fits its budget at the least estimated cost for the worst language.

    Raises InputError when nothing fits, saying how small the model can get.
    """
    found, budget = sizes(bench.folder), float(wishes.at_most or 0)
    least = len(vocabulary.kept_ids(bench.folder, vocabulary.table_of(bench.folder)))
    tokens = (wishes.vocabulary,) if wishes.vocabulary else tuple(n for n in SIZES if least < n < found.tokens)
    if not wishes.vocabulary and not wishes.coverage:
        tokens = (found.tokens, *tokens)
    if found.experts:
        return _mixture(bench, wishes, found, tokens)
    left = heads.left(bench.folder, wishes.heads, wishes.groups)
    deep = (wishes.layers,) if wishes.layers else (found.layers, *_depths(bench.folder, found.layers))
    fits = []
    for number, depth in itertools.product(tokens, deep):
        width = found.widest(number, depth, budget, wishes.step, left)
        if wishes.neurons is not None:
            asked = neurons.kept_width(found.width, wishes.neurons, wishes.step)
            width = asked if asked <= width else 0
        if width >= found.width * LEAST_WIDTH:
            fits.append((number, depth, width))
    if not fits:
        smallest = found.total(min(tokens), min(deep), int(found.width * LEAST_WIDTH), left)
        raise InputError(f"At most {budget / MB:.0f} MB cannot be reached: the smallest here has {smallest / MB:.0f} MB.")
    best = _cheapest(bench, wishes, found, _undominated(fits))
    number, depth, width = best
    return dataclasses.replace(
        wishes,
        vocabulary=number if number < found.tokens else None,
        layers=depth if depth < found.layers else None,
        neurons=1 - width / found.width if width < found.width else None,
    )


def _mixture(bench: Bench, wishes: Wishes, found: Sizes, tokens: Sequence[int]) -> Wishes:
    """Of a mixture: the vocabulary, and the most experts that fit beside it, whose costs together are least."""
    least, budget = experts.at_once(bench.folder), float(wishes.at_most or 0)
    fits = [(number, min(wishes.experts or found.experts, found.most_experts(number, budget))) for number in tokens]
    fits = [(number, count) for number, count in fits if count >= (wishes.experts or least)]
    if not fits:
        smallest = found.total(min(tokens), found.layers, found.width, None, wishes.experts or least)
        raise InputError(f"At most {budget / MB:.0f} MB cannot be reached: the smallest here has {smallest / MB:.0f} MB.")

    def cost(fit: tuple[int, int]) -> float:
        number, count = fit
        words = trimmed_cost(bench, wishes, number) if number < found.tokens else 0.0
        kept = bench.experts_kept(count, wishes.expert_method, wishes.tokens)[1] if count < found.experts else None
        return words + (bench.experts_cost(kept)[1] if kept else 0.0)

    fits = [a for a in fits if not any(b != a and b[0] >= a[0] and b[1] >= a[1] for b in fits)]
    number, count = min(fits, key=cost) if len(fits) > 1 else fits[0]
    return dataclasses.replace(
        wishes,
        vocabulary=number if number < found.tokens else None,
        experts=count if count < found.experts else None,
    )


def trimmed_cost(bench: Bench, wishes: Wishes, number: int) -> float:
    """Of a vocabulary of so many tokens, for the worst language."""
    return bench.cost(bench.trimmed(bench.chosen(wishes.expected_by_model, number, None).ids)[1])[1]


def _depths(folder: ModelFolder, count: int) -> tuple[int, ...]:
    """At most two smaller depths: one block or one of each group less, and the next."""
    found = layers.depths(folder.text_config.get("layer_types"), count)
    return tuple(n for n in found if n >= FEWEST_LAYERS * count and n > count // 3)[:2]


def _undominated(fits: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Without those that another candidate beats or equals in every number."""
    return [a for a in fits if not any(b != a and all(x >= y for x, y in zip(b, a, strict=True)) for b in fits)]


def _cheapest(bench: Bench, wishes: Wishes, found: Sizes, fits: list[tuple[int, int, int]]) -> tuple[int, int, int]:
    if len(fits) == 1:
        return fits[0]
    words, depth_cost = {}, {found.layers: 0.0}
    trimmed: tuple[ModelFolder, LanguageModel] | None = None
    for number in sorted({number for number, _, _ in fits}, reverse=True):
        if number == found.tokens:
            words[number] = 0.0
            continue
        trimmed = bench.trimmed(bench.chosen(wishes.expected_by_model, number, None).ids)
        words[number] = bench.cost(trimmed[1])[1]
    for depth in {depth for _, depth, _ in fits} - {found.layers}:
        depth_cost[depth] = bench.layers_cost(bench.layers_gone(depth))[1]
    base = trimmed or (bench.folder, bench.model)
    narrow = _width_costs(bench, base, wishes, min(width for _, _, width in fits) < found.width)
    return min(fits, key=lambda fit: (words[fit[0]] + depth_cost[fit[1]] + _between(narrow, 1 - fit[2] / found.width), -fit[0]))


def _width_costs(
    bench: Bench, base: tuple[ModelFolder, LanguageModel], wishes: Wishes, needed: bool
) -> list[tuple[float, float]]:
    """Share of the neurons removed -> cost beyond the vocabulary's, measured at a few shares."""
    costs = [(0.0, 0.0)]
    if not needed:
        return costs
    folder, model = base
    start = bench.cost(model)[1]
    moments = moments_of(model, calibration(model, bench.corpus, wishes.tokens), bench.monitor)
    for share in SHARES:
        target = bench.scratch()
        width = neurons.kept_width(gated.width(folder), share, wishes.step)
        narrowed(folder, model, moments, width, wishes.method, target, bench.monitor)
        costs.append((share, bench.cost(gated.model_of(model_folder(target)))[1] - start))
    return costs


def _between(points: Sequence[tuple[float, float]], share: float) -> float:
    """Linear between the points measured, and on from the last two."""
    if len(points) == 1:
        return points[0][1]
    (x0, y0), (x1, y1) = next(((a, b) for a, b in itertools.pairwise(points) if share <= b[0]), (points[-2], points[-1]))
    return y0 + (share - x0) / (x1 - x0) * (y1 - y0)
