"""Heads and groups of heads left out: sliced equals zeroed, a head that others can give costs nothing, blocks stay alike."""

from pathlib import Path

import pytest
import tiny
import torch
import trimming
from test_structure import logits, made, of
from transformers import AutoModelForCausalLM

from mwanda_core.errors import InputError, ModelError, UnknownName
from mwanda_core.progress import Monitor
from mwanda_core.shrink import gated, heads, neurons
from mwanda_core.shrink.costs import InBlocks, cut_in_blocks
from mwanda_core.shrink.folders import model_folder
from mwanda_core.shrink.heads import Attention
from mwanda_core.shrink.moments import Moments, equal_weights
from mwanda_core.shrink.repair import refitted

PAIRS = Attention(6, 3, 4)


@pytest.mark.parametrize("family", ["llama", "qwen2", "qwen3", "gemma3_text"])
@pytest.mark.parametrize("kept", [[[0, 1], [2, 3], [0, 1]], [[0, 2], [1, 3], [1, 2]]], ids=["a group", "a head of each"])
def test_sliced_equals_zeroed(family: str, kept: list[list[int]], tmp_path: Path) -> None:
    folder, model = made(family, tmp_path)
    before = heads.attention_of(folder)
    assert before == Attention(4, 2, 8)
    columns = [heads.columns_of(before, numbers) for numbers in kept]
    outs = [gated.linear_of(block, heads.OUT).weight for block in model.blocks]
    (tmp_path / "after").mkdir()
    new = [weight[:, numbers].clone() for weight, numbers in zip(outs, columns, strict=True)]
    heads.cut(folder, kept, new, tmp_path / "after", Monitor())
    small, info = AutoModelForCausalLM.from_pretrained(tmp_path / "after", output_loading_info=True)
    assert not any(info[kind] for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    assert small.config.num_attention_heads == 2
    for weight, numbers in zip(outs, columns, strict=True):
        gone = torch.ones(32, dtype=torch.bool)
        gone[numbers] = False
        weight[:, gone] = 0.0
    ids = tiny.random_ids(2, 12)
    with torch.no_grad():
        torch.testing.assert_close(small.eval()(input_ids=ids).logits, logits(model, ids))


def sample(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """What six heads of four numbers give, and an output projection."""
    generator = torch.Generator().manual_seed(seed)
    z = torch.randn(400, 12, generator=generator) @ torch.randn(12, 24, generator=generator)
    return z + 0.3 * torch.randn(400, 24, generator=generator), torch.randn(5, 24, generator=generator)


def chosen(z: torch.Tensor, weight: torch.Tensor, found: Attention, left: Attention, method: str = "obs") -> list[int]:
    return heads.choose([weight], [of(z)], found, left, method, Monitor())[0]


def lost(z: torch.Tensor, weight: torch.Tensor, found: Attention, kept: list[int], ridge: float = neurons.RIDGE) -> float:
    """After compensation, in second moments with the ridge that they are inverted with."""
    columns, one = heads.columns_of(found, kept), Moments(neurons.ridged(of(z).second, ridge), z.mean(dim=0))
    return neurons.loss_of(weight, one, neurons.compensated(weight, one, columns, ridge=0.0), columns)


def test_the_head_and_the_group_that_cost_least_go_first() -> None:
    """Against every single removal, by the loss after compensation."""
    z, weight = sample()
    single = Attention(6, 6, 4)
    kept = chosen(z, weight, single, Attention(5, 5, 4))
    losses = {h: lost(z, weight, single, [i for i in range(6) if i != h]) for h in range(6)}
    assert set(range(6)) - set(kept) == {min(losses, key=lambda h: losses[h])}
    kept = chosen(z, weight, PAIRS, Attention(4, 2, 4))
    pairs = {g: lost(z, weight, PAIRS, [i for i in range(6) if i // 2 != g]) for g in range(3)}
    assert set(range(6)) - set(kept) == {2 * (g := min(pairs, key=lambda g: pairs[g])), 2 * g + 1}


@pytest.mark.parametrize("method", neurons.SCORES)
def test_every_group_that_stays_keeps_as_many_heads_and_the_surgeon_loses_least(method: str) -> None:
    z, weight = sample(1)
    kept = chosen(z, weight, PAIRS, Attention(2, 2, 4), method)
    assert len(kept) == len({head // 2 for head in kept}) == 2
    ours = chosen(z, weight, PAIRS, Attention(2, 2, 4))
    assert lost(z, weight, PAIRS, ours) <= lost(z, weight, PAIRS, kept) + 1e-6


def test_a_duplicate_head_goes_without_loss() -> None:
    z, weight = sample()
    z = torch.cat([z[:, :12], z[:, :12]], dim=1)
    kept = chosen(z, weight, Attention(6, 6, 4), Attention(3, 3, 4))
    assert {head % 3 for head in kept} == {0, 1, 2}
    assert lost(z, weight, Attention(6, 6, 4), kept, ridge=1e-6) < 1e-5


def test_heads_and_neurons_are_cut_and_repaired_together(tmp_path: Path) -> None:
    folder, dense = made("gemma3_text", tmp_path)
    packed, weights = tiny.packed(per_language=12), equal_weights(tiny.LANGUAGES)

    def scratch(name: str) -> Path:
        (tmp_path / name).mkdir()
        return tmp_path / name

    wanted = InBlocks(Attention(2, 2, 8), 24, "obs", weights)
    found, small = cut_in_blocks((folder, dense), packed, wanted, scratch, Monitor())
    assert heads.attention_of(found) == Attention(2, 2, 8)
    assert gated.width(found) == 24
    truth = dense.hidden(packed.ids)
    unrepaired = float((small.hidden(packed.ids) - truth).square().mean())
    assert set(refitted(dense, small, packed, weights, Monitor(), wanted.parts)) == {
        (block, part) for block in range(3) for part in (heads.OUT, gated.DOWN)
    }
    assert float((small.hidden(packed.ids) - truth).square().mean()) < unrepaired


@pytest.mark.parametrize(
    ("asked", "left"),
    [((4, None), (4, 4)), ((None, 2), (4, 2)), ((2, 1), (2, 1)), ((8, None), None)],
)
def test_numbers_of_heads_by_hand(asked: tuple[int | None, int | None], left: tuple[int, int] | None) -> None:
    """Eight heads in four groups of a model with 32 channels."""
    found = heads.settled(Attention(8, 4, 4), 32, *asked)
    assert (found.heads, found.groups) == (left or (8, 4))


def test_what_cannot_be_cut_is_refused(tmp_path: Path) -> None:
    for asked in ((3, None), (None, 3), (6, 2), (16, None)):
        with pytest.raises(InputError, match="8 query heads in 4 groups, of which may stay 1 in 1, 2 in 1"):
            heads.settled(Attention(8, 4, 4), 32, *asked)
    folder, model = made("llama", tmp_path)
    outs = [gated.linear_of(block, heads.OUT).weight[:, :16] for block in model.blocks]
    with pytest.raises(ModelError, match="same number"):
        heads.cut(folder, [[0, 1], [0, 1], [0, 2]], outs, tmp_path, Monitor())
    with pytest.raises(UnknownName, match="by-age"):
        heads.choose(outs, [], heads.attention_of(folder), Attention(2, 2, 8), "by-age", Monitor())
    with pytest.raises(ModelError, match="norms all heads"):
        heads.check(model_folder(trimming.saved(trimming.BYTES, tmp_path / "olmo", "olmo2")))
