"""Free combinations of every choice: each pair of parts that may meet does meet, in a model of three families, and either the
prune keeps its contract or it is refused before any work."""

import dataclasses
import functools
import itertools
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
import tiny
import torch

from mwanda_core.corpora import Packed
from mwanda_core.engine.outcome import PruneResult
from mwanda_core.engine.pruning import prune
from mwanda_core.errors import InputError
from mwanda_core.methods.activation import ACTIVATIONS
from mwanda_core.methods.allocation import ALLOCATIONS
from mwanda_core.methods.composition import from_dict
from mwanda_core.methods.recipes import Recipe
from mwanda_core.methods.repair import REPAIRS
from mwanda_core.methods.rows import ROWS
from mwanda_core.methods.scores import SCORES
from mwanda_core.methods.solvers import SOLVERS
from mwanda_core.models import LanguageModel
from mwanda_core.parts.masks import num_pruned
from mwanda_core.parts.patterns import NtoM, Unstructured

SETTINGS: dict[str, dict[str, Any]] = {
    "variance": {"lam": 1.0, "gamma": 0.5},
    "weighted": {"mix": "custom", "weights_by_language": "en=3, sw=0.5"},
    "target": {"language": "sw"},
    "windows": {"steps": 2, "tokens": 24, "window": "parts"},
    "distillation": {"steps": 2, "tokens": 24},
    "regional": {"rounds": 1, "samples": 2, "rate": 1e-4},
    "trim": {"iterations": 2, "max_rate": 0.02},
    "sparsefw": {"iterations": 6},
    "swaps": {"max_swaps": 3},
    "dsnot": {"cycles": 4},
}
"""Knobs that switch a part on or make it quick; the others stand at their defaults."""

PATTERNS: dict[str, tuple[Unstructured | NtoM, float]] = {
    "row": (Unstructured(), 0.5),
    "layer": (Unstructured(scope="layer"), 0.37),
    "global": (Unstructured(scope="global"), 0.5),
    "2:4": (NtoM(2, 4), 0.5),
    "mixed N:8": (NtoM(4, 8, mixed=True), 0.55),
}

GRID: dict[str, tuple[str, ...]] = {
    "family": ("llama", "gpt2", "bloom"),
    "activation": tuple(ACTIVATIONS),
    "score": tuple(SCORES),
    "allocation": tuple(ALLOCATIONS),
    "rows": tuple(ROWS),
    "repair": tuple(REPAIRS),
    "solver": tuple(SOLVERS),
    "pattern": tuple(PATTERNS),
    "mode": ("sequential", "one-pass"),
}

Combination = dict[str, str]


def clash(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two choices exclude each other, in this test's own words."""
    pair = dict((one, other))
    uniform, plain = pair.get("allocation", "uniform") == "uniform", pair.get("solver", "keep-top") == "keep-top"
    return (
        (pair.get("repair") == "regional" and not plain)
        or (pair.get("repair") in ("least-squares", "windows", "distillation") and pair.get("score") == "stade")
        or (pair.get("rows", "uniform") != "uniform" and not (plain and pair.get("pattern", "row") == "row"))
        or (pair.get("pattern") in ("global", "2:4") and not uniform)
        or (pair.get("pattern") == "global" and (pair.get("mode") == "sequential" or pair.get("score") == "wanda++"))
    )


def pairs(combination: Combination) -> set[tuple[tuple[str, str], ...]]:
    return set(itertools.combinations(combination.items(), 2))


def allowed(combination: Combination) -> bool:
    return not any(clash(*pair) for pair in pairs(combination))


ALL_PAIRS = [
    ((a, x), (b, y)) for (a, these), (b, those) in itertools.combinations(GRID.items(), 2) for x in these for y in those
]
CLASHES = [pair for pair in ALL_PAIRS if clash(*pair)]


@functools.cache
def covering() -> tuple[Combination, ...]:
    """Allowed combinations in which every pair of choices that do not exclude each other occurs; always the same ones.

    Greedy: of a few dozen random combinations that hold a pair not met yet, the one that holds most such pairs.
    """
    chance = random.Random(0)
    left = {pair for pair in ALL_PAIRS if not clash(*pair)}
    found = []
    while left:
        wanted = min(left)
        candidates: list[Combination] = []
        while len(candidates) < 30:
            drawn = {choice: chance.choice(names) for choice, names in GRID.items()} | dict(wanted)
            for choice in chance.sample([c for c in GRID if c not in dict(wanted)], len(GRID) - 2):
                if any(clash((choice, drawn[choice]), item) for item in drawn.items() if item[0] != choice):
                    drawn[choice] = chance.choice(GRID[choice])
            if allowed(drawn):
                candidates.append(drawn)
        best = max(candidates, key=lambda c: len(pairs(c) & left))
        left -= pairs(best)
        found.append(best)
    return tuple(found)


def made(combination: Combination) -> tuple[Recipe, float]:
    """The recipe of a combination, and a sparsity that fits its pattern. Raises InputError where the recipe is refused."""
    tables = {
        "activation": ACTIVATIONS, "score": SCORES, "allocation": ALLOCATIONS, "rows": ROWS, "repair": REPAIRS, "solver": SOLVERS,
    }  # fmt: skip
    parts = {choice: table[combination[choice]](**SETTINGS.get(combination[choice], {})) for choice, table in tables.items()}
    pattern, sparsity = PATTERNS[combination["pattern"]]
    return Recipe("free", "Free combination", "", pattern=pattern, **parts), sparsity  # type: ignore[arg-type]


@functools.cache
def dense(family: str) -> tuple[LanguageModel, dict[str, bytes]]:
    """One model of a family and its bytes: a restored model is as good as a new one, and that is part of the contract."""
    model = tiny.language_model(family)
    return model, tiny.all_bytes(model)


@functools.cache
def texts() -> Packed:
    return tiny.packed(per_language=1)


def test_every_pair_of_choices_is_met() -> None:
    met = set().union(*(pairs(combination) for combination in covering()))
    assert met == {pair for pair in ALL_PAIRS if not clash(*pair)}
    assert len(covering()) < 120


def check_counts(combination: Combination, result: PruneResult, masks: dict[str, torch.Tensor]) -> None:
    """Exact counts in every comparison group, at the sparsity that the allocation gave the block."""
    pattern, sparsity = PATTERNS[combination["pattern"]]
    for outcome, keep in zip(result.linears, masks.values(), strict=True):
        target = result.allocation.sparsity[outcome.block]
        pruned = ~keep
        if isinstance(pattern, NtoM):
            kept = round(pattern.m * (1 - target)) if pattern.mixed else pattern.n
            assert (keep.view(len(keep), -1, pattern.m).sum(dim=2) == kept).all()
        elif combination["rows"] != "uniform":
            assert int(pruned.sum()) == len(keep) * num_pruned(keep.shape[1], target)
        elif pattern.scope == "row":
            assert (pruned.sum(dim=1) == num_pruned(keep.shape[1], target)).all()
        elif pattern.scope == "layer":
            assert int(pruned.sum()) == num_pruned(keep.numel(), target)
        assert outcome.kept == int(keep.sum())
    if combination["pattern"] == "global":
        total = sum(keep.numel() for keep in masks.values())
        assert sum(int((~keep).sum()) for keep in masks.values()) == num_pruned(total, sparsity)
    sizes = torch.tensor(result.allocation.sizes, dtype=torch.float64)
    mean = float((torch.tensor(result.allocation.sparsity) * sizes).sum() / sizes.sum())
    mixed = isinstance(pattern, NtoM) and pattern.mixed
    assert abs(mean - sparsity) <= (float(sizes.max() / sizes.sum()) / 16 + 1e-9 if mixed else 1e-6)


@pytest.mark.parametrize("combination", covering(), ids=lambda c: " ".join(c.values()))
def test_a_combination_keeps_the_contract(combination: Combination) -> None:
    model, before = dense(combination["family"])
    chosen, sparsity = made(combination)
    assert from_dict(json.loads(json.dumps(chosen.to_dict()))) == chosen
    result = prune(model, texts(), chosen, sparsity, combination["mode"])  # type: ignore[arg-type]
    try:
        masks = tiny.masks_of(result)
        check_counts(combination, result, masks)
        old, _ = untouched(combination["family"])
        for block, was in zip(model.blocks, old.blocks, strict=True):
            for linear, dense_linear in zip(block.linears, was.linears, strict=True):
                full = block.full_name(linear)
                assert not linear.weight[~masks[full]].any()
                assert torch.isfinite(linear.weight).all()
                if full not in result.updates:
                    assert torch.equal(linear.weight[masks[full]], dense_linear.weight[masks[full]])
                else:
                    assert torch.equal(result.updates[full], linear.weight)
    finally:
        result.restore()
    assert tiny.all_bytes(model) == before
    again = prune(model, texts(), chosen, sparsity, combination["mode"])  # type: ignore[arg-type]
    again.restore()
    assert tiny.same(again.masks, result.masks)
    assert again.updates.keys() == result.updates.keys()


@functools.cache
def untouched(family: str) -> tuple[LanguageModel, dict[str, bytes]]:
    """A second copy, to compare kept weights with."""
    return dense.__wrapped__(family)


@pytest.mark.parametrize("pair", CLASHES, ids=lambda pair: f"{pair[0][1]} with {pair[1][1]}")
def test_choices_that_exclude_each_other_are_refused_before_any_work(pair: tuple[tuple[str, str], ...]) -> None:
    plain = {"family": "llama", "mode": "one-pass", "pattern": "row", "activation": "pooled", "score": "wanda"}
    combination = plain | {"allocation": "uniform", "rows": "uniform", "repair": "none", "solver": "keep-top"} | dict(pair)
    assert_refused_at_once(combination["family"], lambda model: prune_one(model, combination))


def prune_one(model: LanguageModel, combination: Combination) -> None:
    chosen, sparsity = made(combination)
    prune(model, texts(), chosen, sparsity, combination["mode"])  # type: ignore[arg-type]


def assert_refused_at_once(family: str, run: Callable[[LanguageModel], object]) -> None:
    """An InputError of one sentence, no forward of the model or of a block, and every bit where it was."""
    model, before = dense(family)
    calls: list[int] = []
    modules = [model.hf, *(block.module for block in model.blocks)]
    handles = [module.register_forward_pre_hook(lambda *args: calls.append(1)) for module in modules]
    try:
        with pytest.raises(InputError) as caught:
            run(model)
    finally:
        for handle in handles:
            handle.remove()
    said = str(caught.value)
    assert said.endswith(".")
    assert "\n" not in said
    assert ". " not in said
    assert calls == []
    assert tiny.all_bytes(model) == before


# --- M-Wanda's channel importance under every score -------------------------------------------------------------------

READS_CHANNELS = {"wanda": 1.0, "optishear": 1.0, "ria": 0.5, "wanda++": None, "gblm": None}
"""Scores with an activation norm in them; a number is the power of the norm that the whole score is proportional to."""


@pytest.mark.parametrize("name", SCORES)
def test_m_wanda_channels_reach_every_score_that_has_an_activation_norm(name: str) -> None:
    model, _ = dense("gpt2")
    base = Recipe("free", "Free combination", "", score=SCORES[name]())
    variance = ACTIVATIONS["variance"]

    def masks(**knobs: float) -> dict[str, torch.Tensor]:
        result = prune(model, texts(), base.replace(activation=variance(**knobs)), 0.5, "one-pass")
        result.restore()
        return dict(result.masks)

    pooled = prune(model, texts(), base, 0.5, "one-pass")
    pooled.restore()
    assert tiny.same(masks(lam=0.0, gamma=0.0), pooled.masks)
    assert tiny.same(masks(lam=10.0), pooled.masks) == (name not in READS_CHANNELS)


@pytest.mark.parametrize("name", [name for name, power in READS_CHANNELS.items() if power])
def test_the_score_is_proportional_to_a_power_of_m_wanda_channels(name: str) -> None:
    """Column j of the score, over that of the pooled score, is (c_j / ||X_j||)^a with c_j by M-Wanda's formula."""
    import making
    from evidence import linear

    tokens = making.random_tokens(width=6)
    found = making.stats(tokens)
    rms = torch.stack([x.double().square().mean(dim=0).sqrt() for x in tokens.values()])
    pooled = torch.cat(list(tokens.values())).double().square().mean(dim=0).sqrt()
    ratio = (pooled + 0.7 * rms.std(dim=0, correction=0)) / pooled
    item = linear(making.noise(4, 6))
    with_pooled = dataclasses.replace(item, stats=found, channels=ACTIVATIONS["pooled"]().channels(found))
    lifted = dataclasses.replace(with_pooled, channels=ACTIVATIONS["variance"](lam=0.7).channels(found))
    score = SCORES[name]()
    power = READS_CHANNELS[name]
    assert power is not None
    wanted = (ratio**power).float().expand(4, 6)
    torch.testing.assert_close(score(lifted) / score(with_pooled), wanted, rtol=1e-5, atol=1e-6)
