"""The rounds that weigh languages: never worse for the worst-off than equal weights, whatever the pattern, and undone to the bit."""

import pytest
import tiny

from mwanda_core.corpora import Packed
from mwanda_core.engine.dense import block_pruner
from mwanda_core.engine.measure import measure_model
from mwanda_core.engine.plan import sampled
from mwanda_core.engine.pruning import prune
from mwanda_core.engine.sensitivity import losses_of
from mwanda_core.errors import Cancelled
from mwanda_core.methods.activation import Weighted, WorstFirst
from mwanda_core.methods.recipes import Recipe, recipe
from mwanda_core.parts.needs import SUMS, Need
from mwanda_core.parts.patterns import NtoM
from mwanda_core.progress import Monitor


@pytest.fixture(scope="module")
def packed() -> Packed:
    return tiny.packed(per_language=8)


def worst(chosen: Recipe, packed: Packed) -> float:
    """What the worst-off language loses on the opening tokens when every block is cut by the recipe's score."""
    model = tiny.language_model("llama")
    opening = sampled(packed, Need.LANGUAGE_LOSSES.sample)
    dense = losses_of(model, opening)
    cut = block_pruner(chosen, measure_model(model, packed, SUMS, Monitor()), 0.5, {})
    for block in model.blocks:
        cut(block)
    pruned = losses_of(model, opening)
    return max(pruned[code] - dense[code] for code in dense)


@pytest.mark.parametrize("pattern", [None, NtoM(2, 4)])
def test_the_worst_language_is_never_worse_off_than_under_equal_weights(pattern: NtoM | None, packed: Packed) -> None:
    chosen = recipe("worst-first", rate=5.0)
    chosen = chosen if pattern is None else chosen.replace(pattern=pattern)
    model = tiny.language_model("llama")
    before = tiny.all_bytes(model)
    result = prune(model, packed, chosen, 0.5, "one-pass")
    assert isinstance(result.recipe.activation, Weighted)
    equal = chosen.replace(activation=Weighted())
    assert worst(result.recipe, packed) <= worst(equal, packed) + 1e-6
    result.restore()
    assert tiny.all_bytes(model) == before
    # What was carried out can be carried out again as it stands.
    again = prune(model, packed, result.recipe, 0.5, "one-pass")
    assert tiny.same(again.masks, result.masks)


def test_without_a_rate_it_is_equal_weights(packed: Packed) -> None:
    found = prune(tiny.language_model("gpt2"), packed, recipe("worst-first", rate=0.0), 0.5, "sequential")
    plain = prune(tiny.language_model("gpt2"), packed, recipe("wanda").replace(activation=Weighted()), 0.5, "sequential")
    assert tiny.same(found.masks, plain.masks)


def test_the_order_of_languages_does_not_matter(packed: Packed) -> None:
    weights = [
        prune(
            tiny.language_model("llama"), packed.only(order), recipe("worst-first", rate=5.0), 0.5, "one-pass"
        ).recipe.activation
        for order in (("en", "de", "sw"), ("sw", "en", "de"))
    ]
    one, two = (w.language_weights(("en", "de", "sw")).tolist() for w in weights if isinstance(w, Weighted))
    assert one == pytest.approx(two, abs=2e-4)
    assert isinstance(recipe("worst-first").activation, WorstFirst)


def test_a_cancel_in_any_round_leaves_the_dense_weights(packed: Packed) -> None:
    model = tiny.language_model("llama")
    before = tiny.all_bytes(model)
    for step in (3, 5, 8):
        calls = iter(range(10**6))
        monitor = Monitor(is_cancelled=lambda calls=calls, step=step: next(calls) >= step)
        with pytest.raises(Cancelled):
            prune(model, packed, recipe("worst-first"), 0.5, "one-pass", monitor=monitor)
        assert tiny.all_bytes(model) == before
