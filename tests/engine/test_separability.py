"""How far true and false lie apart: laws of v, the trap of one massive dimension, states against one forward at a time, a whole run."""

import pytest
import tiny
import torch

from mwanda_core.corpora.statements import statement_languages
from mwanda_core.engine.pruning import prune
from mwanda_core.engine.separability import asked_in, last_states, measure, separability, work
from mwanda_core.errors import InputError
from mwanda_core.methods.recipes import recipe
from mwanda_core.progress import Monitor


def planted(n: int = 200, hidden: int = 16, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Noise, and truth along one direction."""
    draw = torch.Generator().manual_seed(seed)
    true = torch.arange(n) % 2 == 0
    states = torch.randn(n, hidden, generator=draw)
    states[true, 3] += 4.0
    return states, true


def test_by_hand() -> None:
    states, true = torch.tensor([[0.0], [2.0], [5.0], [7.0]]), torch.tensor([False, False, True, True])
    # Means 1 and 6 about 3.5: between 6.25; both variances are 2.
    assert separability(states, true) == pytest.approx(3.125)


def test_laws() -> None:
    states, true = planted()
    v = separability(states, true)
    assert separability(states * 7 + 3, true) == pytest.approx(v)
    assert separability(states, ~true) == pytest.approx(v)
    dealt = true[torch.randperm(len(true), generator=torch.Generator().manual_seed(1))]
    assert separability(states, dealt) < 0.1 * v


def test_one_massive_dimension_swamps_the_published_figure_alone() -> None:
    states, true = planted()
    massive = states.clone()
    massive[:, 7] *= 1000.0
    assert separability(massive, true) < 0.05 * separability(states, true)
    assert separability(massive, true, standardised=True) == pytest.approx(separability(states, true, standardised=True))


@pytest.mark.parametrize("family", ["gemma3_text", "bloom"])
def test_states_are_those_of_one_text_at_a_time(family: str) -> None:
    model, texts = tiny.language_model(family), ["ab.", "a longer text.", "ba."]
    found = last_states(model, texts)
    for place, text in enumerate(texts):
        outputs = tiny.block_outputs(model, torch.tensor([[*model.start, *model.encode(text)]]))
        torch.testing.assert_close(found[:, place], torch.stack([out[0, -1] for out in outputs]), rtol=1e-4, atol=1e-5)


def test_work_is_what_is_reported_and_languages_without_statements_are_refused() -> None:
    model, monitor = tiny.language_model(), Monitor()
    found = measure(model, ("en", "xh"), monitor)
    assert monitor.done == work(model, ("en",))
    assert len(found) == len(model.blocks)
    assert {key.split("/")[0] for key in found[0]} == {"en"}
    with pytest.raises(InputError, match="TPLO needs true and false statements"):
        asked_in(("xh",))
    assert len(statement_languages()) >= 10


def test_methods_that_need_it_prune_to_the_target() -> None:
    model = tiny.language_model()
    before = tiny.all_bytes(model)
    for method in ("tplo", "swl", "relevance"):
        result = prune(model, tiny.packed(("en", "de")), recipe(method), 0.5, "one-pass")
        assert result.achieved == pytest.approx(0.5, abs=0.02)
        result.restore()
        assert tiny.all_bytes(model) == before
