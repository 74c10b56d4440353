"""Windows of a block: which there are, errors that fall towards the dense outputs on masks that stay, undone to the bit."""

import pytest
import tiny
import torch

from mwanda_core.corpora import Packed
from mwanda_core.engine.pruning import prune
from mwanda_core.engine.windows import windows_of
from mwanda_core.errors import Cancelled
from mwanda_core.methods.recipes import recipe
from mwanda_core.methods.repair import Windows
from mwanda_core.progress import Monitor

SHORT = Windows(first="none", steps=10, tokens=192, rate=0.01)
TAUGHT = recipe("wanda").replace(repair=SHORT)


@pytest.fixture(scope="module")
def packed() -> Packed:
    return tiny.packed(per_language=8, time=24)


def test_parts_are_attention_and_mlp() -> None:
    block = tiny.language_model("llama").blocks[0]
    assert list(windows_of(block, parted=False)) == [""]
    assert {name: len(linears) for name, linears in windows_of(block, parted=True).items()} == {"self_attn": 4, "mlp": 3}


@pytest.mark.parametrize(("family", "window"), [("llama", "block"), ("llama", "parts"), ("gpt2", "parts"), ("bloom", "block")])
def test_states_come_nearer_on_masks_that_stay(family: str, window: str, packed: Packed) -> None:
    model = tiny.language_model(family)
    before, truth = tiny.all_bytes(model), model.hidden(packed.ids)
    plain = prune(model, packed, recipe("wanda"), 0.5, "one-pass")
    far = float((model.hidden(packed.ids) - truth).square().mean())
    plain.restore()
    result = prune(model, packed, TAUGHT.replace(window=window), 0.5, "one-pass")
    assert float((model.hidden(packed.ids) - truth).square().mean()) < 0.95 * far
    assert tiny.same(result.masks, plain.masks)
    masks = tiny.masks_of(result)
    for block in model.blocks:
        for linear in block.linears:
            name = block.full_name(linear)
            assert not linear.weight[~masks[name]].any()
            assert name not in result.updates or torch.equal(result.updates[name], linear.weight)
    assert any("windows learnt" in note for note in result.notes)
    result.restore()
    assert tiny.all_bytes(model) == before


def test_the_gradient_is_that_of_the_relative_error() -> None:
    """Of one weight, against a difference quotient."""
    from mwanda_core.engine.distil import split
    from mwanda_core.engine.windows import _Window

    packed = tiny.packed(per_language=3, time=6)
    model = tiny.language_model("llama")
    block, entering = model.blocks[0], torch.randn(9, 6, 32, generator=torch.Generator().manual_seed(0))
    aim = torch.randn(9, 6, 32, generator=torch.Generator().manual_seed(1))
    linears = windows_of(block, parted=True)["mlp"]
    keeps = [torch.ones(linear.weight.shape, dtype=torch.bool) for linear in linears]
    work = _Window(model, block, "mlp", packed.ids, entering, aim, linears, keeps, split(packed), Monitor())
    sequences, weight = torch.tensor([0, 4, 8]), linears[2].weight
    gradient = work.gradients(sequences.tolist(), range(6), 1.0)[2]
    with torch.no_grad():
        weight[3, 5] += 1e-2
        above = work.errors(sequences).double().mean()
        weight[3, 5] -= 2e-2
        below = work.errors(sequences).double().mean()
    assert float(gradient[3, 5]) == pytest.approx(float(above - below) / 2e-2, rel=1e-2)


def test_no_pruning_changes_nothing_and_a_cancel_undoes(packed: Packed) -> None:
    model = tiny.language_model("llama")
    before = tiny.all_bytes(model)
    assert prune(model, packed, TAUGHT, 0.0, "one-pass").updates == {}
    assert tiny.all_bytes(model) == before
    left = iter(range(10**6))
    with pytest.raises(Cancelled):
        prune(model, packed, TAUGHT, 0.5, "one-pass", monitor=Monitor(is_cancelled=lambda: next(left) >= 60))
    assert tiny.all_bytes(model) == before
