"""Neurons and blocks left out: sliced equals zeroed, a duplicate costs nothing, a dropped block is a skipped one."""

from contextlib import ExitStack
from pathlib import Path

import pytest
import tiny
import torch
import trimming
from transformers import AutoModelForCausalLM

from mwanda_core.errors import InputError, ModelError, UnknownName
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.shrink import gated, layers, neurons
from mwanda_core.shrink.folders import ModelFolder, model_folder
from mwanda_core.shrink.moments import Moments, equal_weights, moments
from mwanda_core.shrink.repair import refitted

LAYOUT = ["sliding_attention", "sliding_attention", "full_attention"] * 2


def made(family: str, tmp_path: Path, **changes: object) -> tuple[ModelFolder, LanguageModel]:
    folder = model_folder(trimming.saved(trimming.BYTES, tmp_path / "before", family, **changes))
    return folder, gated.model_of(folder, "float32")


def logits(model: LanguageModel, ids: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return model.hf(input_ids=ids).logits


def sample(rows: int = 400, width: int = 24, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Correlated inputs and a weight."""
    generator = torch.Generator().manual_seed(seed)
    z = torch.randn(rows, 8, generator=generator) @ torch.randn(8, width, generator=generator)
    return z + 0.3 * torch.randn(rows, width, generator=generator), torch.randn(6, width, generator=generator)


def of(z: torch.Tensor) -> Moments:
    return Moments(z.T @ z / len(z), z.mean(dim=0))


def test_moments_are_their_definition(tmp_path: Path) -> None:
    """Every language counts by its weight, however many tokens it has."""
    _, model = made("llama", tmp_path)
    packed = tiny.packed(per_language=3)
    weights = {"en": 0.5, "de": 0.3, "sw": 0.2}
    found = moments(model, packed, weights, Monitor())
    for block, one in zip(model.blocks, found, strict=True):
        seen: list[torch.Tensor] = []
        handle = gated.linear_of(block).module.register_forward_pre_hook(lambda m, args, seen=seen: seen.append(args[0]))
        model.hidden(packed.ids)
        handle.remove()
        second = torch.zeros_like(one.second)
        for row, code in enumerate(packed.languages):
            z = seen[0][packed.rows == row].flatten(0, 1)
            second += weights[code] * z.T @ z / len(z)
        torch.testing.assert_close(one.second, second)


def test_compensation_is_the_least_squares_fit() -> None:
    z, weight = sample()
    kept = list(range(0, 24, 2))
    new = neurons.compensated(weight, of(z), kept, ridge=0.0)
    wanted = torch.linalg.lstsq(z[:, kept], z @ weight.T).solution.T
    torch.testing.assert_close(new, wanted, rtol=1e-3, atol=1e-3)
    assert neurons.loss_of(weight, of(z), new, kept) < neurons.loss_of(weight, of(z), weight[:, kept], kept)


def test_the_surgeon_removes_what_costs_least() -> None:
    """Against every single removal, by the loss after compensation."""
    z, weight = sample()
    first = neurons.surgeon(weight, of(z), 1)[0]
    losses = []
    for j in range(24):
        kept = [i for i in range(24) if i != j]
        losses.append(neurons.loss_of(weight, of(z), neurons.compensated(weight, of(z), kept), kept))
    assert losses[first] == pytest.approx(min(losses), rel=1e-3)


@pytest.mark.parametrize("method", neurons.SCORES)
def test_every_method_removes_so_many_and_the_surgeon_loses_least(method: str) -> None:
    z, weight = sample()
    losses = {}
    for name in (method, "obs"):
        kept = neurons.choose([weight], [of(z)], 12, name, Monitor())[0]
        assert len(kept) == 12
        assert kept == sorted(set(kept))
        losses[name] = neurons.loss_of(weight, of(z), neurons.compensated(weight, of(z), kept), kept)
    assert losses["obs"] <= losses[method] + 1e-6


def test_a_duplicate_goes_without_loss_and_not_both() -> None:
    z, weight = sample(width=12)
    z = torch.cat([z, z], dim=1)
    weight = torch.cat([weight, weight], dim=1)
    removed = set(neurons.surgeon(weight, of(z), 12))
    assert all((j in removed) != (j + 12 in removed) for j in range(12))
    kept = [j for j in range(24) if j not in removed]
    assert neurons.loss_of(weight, of(z), neurons.compensated(weight, of(z), kept, ridge=1e-6), kept) < 1e-6


@pytest.mark.parametrize("family", ["llama", "qwen3", "gemma3_text"])
def test_sliced_equals_zeroed(family: str, tmp_path: Path) -> None:
    folder, model = made(family, tmp_path)
    kept = [list(range(b, 48, 2))[:20] for b in range(len(model.blocks))]
    downs = [gated.linear_of(block).weight[:, numbers] for block, numbers in zip(model.blocks, kept, strict=True)]
    (tmp_path / "after").mkdir()
    neurons.cut(folder, kept, downs, tmp_path / "after", Monitor())
    small = AutoModelForCausalLM.from_pretrained(tmp_path / "after").eval()
    assert small.config.intermediate_size == 20
    for block, numbers in zip(model.blocks, kept, strict=True):
        weight = gated.linear_of(block).weight
        gone = torch.ones(48, dtype=torch.bool)
        gone[numbers] = False
        weight[:, gone] = 0.0
    ids = tiny.random_ids(2, 12)
    with torch.no_grad():
        torch.testing.assert_close(small(input_ids=ids).logits, logits(model, ids))


def test_the_repair_changes_nothing_where_nothing_was_cut_and_helps_where_it_was(tmp_path: Path) -> None:
    folder, dense = made("llama", tmp_path)
    packed, weights = tiny.packed(per_language=12), equal_weights(tiny.LANGUAGES)
    same = gated.model_of(folder, "float32")
    before = [gated.linear_of(block).weight.clone() for block in same.blocks]
    for old, new in zip(before, refitted(dense, same, packed, weights, Monitor()).values(), strict=True):
        torch.testing.assert_close(new, old, rtol=1e-4, atol=1e-4)
    found = moments(dense, packed, weights, Monitor())
    kept = neurons.choose([gated.linear_of(b).weight for b in dense.blocks], found, 24, "obs", Monitor())
    (tmp_path / "after").mkdir()
    downs = [neurons.compensated(gated.linear_of(b).weight, m, n) for b, m, n in zip(dense.blocks, found, kept, strict=True)]
    neurons.cut(folder, kept, downs, tmp_path / "after", Monitor())
    small = gated.model_of(model_folder(tmp_path / "after"), "float32")
    truth = dense.hidden(packed.ids)
    unrepaired = float((small.hidden(packed.ids) - truth).square().mean())
    refitted(dense, small, packed, weights, Monitor())
    assert float((small.hidden(packed.ids) - truth).square().mean()) < unrepaired


@pytest.mark.parametrize(
    ("family", "gone"), [("llama", [1]), ("qwen2", [0]), ("gemma3_text", [0, 4]), ("gemma3_text", [0, 1, 2])]
)
def test_a_dropped_block_is_a_skipped_one(family: str, gone: list[int], tmp_path: Path) -> None:
    changes = {"num_hidden_layers": 6, "layer_types": LAYOUT} if family == "gemma3_text" else {}
    changes |= {"use_sliding_window": False, "layer_types": None} if family == "qwen2" else {}
    folder, model = made(family, tmp_path, **changes)
    (tmp_path / "after").mkdir()
    layers.cut(folder, gone, tmp_path / "after", Monitor())
    small, info = AutoModelForCausalLM.from_pretrained(tmp_path / "after", output_loading_info=True)
    assert not info["missing_keys"]
    assert not info["unexpected_keys"]
    assert small.config.num_hidden_layers == len(model.blocks) - len(gone)
    ids = tiny.random_ids(2, 12)
    with ExitStack() as stack, torch.no_grad():
        layers.without(model, gone, stack)
        torch.testing.assert_close(small.eval()(input_ids=ids).logits, logits(model, ids))


def test_layouts_by_hand() -> None:
    assert layers.period(None) == layers.period(["full_attention"] * 4) == 1
    assert layers.period(LAYOUT) == 3
    assert layers.depths(LAYOUT, 6) == (4, 3)
    assert layers.depths(None, 4) == (3, 2, 1)
    with pytest.raises(InputError, match="do not repeat"):
        layers.period(["sliding_attention", "full_attention", "sliding_attention"])


def test_the_least_missed_blocks_go_and_the_layout_stays() -> None:
    """Block b costs its weight, alone and together."""
    cost = [5.0, 1.0, 9.0, 2.0, 3.0, 9.0]

    def loss(gone: object) -> float:
        return sum(cost[b] for b in gone)  # type: ignore[attr-defined]

    assert layers.choose(None, 6, 4, loss, Monitor()) == [1, 3]
    assert layers.choose(LAYOUT, 6, 4, loss, Monitor()) == [1, 3]
    assert layers.choose(LAYOUT, 6, 3, loss, Monitor()) == [3, 4, 5]
    with pytest.raises(InputError, match="cut to 4, 3 blocks"):
        layers.choose(LAYOUT, 6, 5, loss, Monitor())


def test_what_cannot_be_cut_is_refused(tmp_path: Path) -> None:
    folder, model = made("llama", tmp_path)
    with pytest.raises(UnknownName, match="by-age"):
        neurons.choose([torch.ones(2, 4)], [Moments(torch.eye(4), torch.zeros(4))], 2, "by-age", Monitor())
    with pytest.raises(ModelError, match="same number"):
        neurons.cut(folder, [[0], [0, 1], [0]], [gated.linear_of(model.blocks[0]).weight[:, :1]] * 3, tmp_path, Monitor())
    with pytest.raises(InputError, match="3"):
        layers.cut(folder, [0, 1, 2], tmp_path, Monitor())
    with pytest.raises(ModelError, match="bloom"):
        gated.check("bloom")
    with pytest.raises(InputError, match="multiple of 64"):
        neurons.kept_width(48, 0.5)
    assert neurons.kept_width(2048, 0.25, 256) == 1536
