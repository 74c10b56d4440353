"""Where a parameter that several layers read belongs, and which one is no single linear: it stays dense and is named."""

from collections.abc import Callable
from pathlib import Path

import pytest
import shared_layers
import tiny
import torch
from torch import nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

from benchmarks.families import tiny_model
from mwanda_core.models.sharing import tied_names, trial

SEVEN = [
    "self_attn.q_proj",
    "self_attn.k_proj",
    "self_attn.v_proj",
    "self_attn.o_proj",
    "mlp.gate_proj",
    "mlp.up_proj",
    "mlp.down_proj",
]


def _names(way: str) -> list[list[str]]:
    return [[linear.name for linear in block.linears] for block in shared_layers.shared(way).blocks]


def test_home_is_the_first_block_that_calls_it() -> None:
    without_o, without_q = [name for name in SEVEN if "o_proj" not in name], [name for name in SEVEN if "q_proj" not in name]
    assert _names("over blocks") == [
        SEVEN,
        SEVEN,
        [name for name in SEVEN if name not in ("self_attn.q_proj", "mlp.down_proj")],
    ]
    assert _names("within a block") == [SEVEN, without_o, SEVEN]
    assert _names("both") == [without_o, SEVEN, without_q]
    assert _names("one module") == [SEVEN, SEVEN, SEVEN[:4]]
    assert _names("a block twice") == [SEVEN, SEVEN, []]
    assert _names("universal") == [SEVEN, [], []]


def test_guests_know_their_home_and_the_block_counts_them_not() -> None:
    model = shared_layers.shared("both")
    (guest,) = model.blocks[2].guests
    assert (guest.home, guest.name, guest.full) == (0, "self_attn.q_proj", "model.layers.0.self_attn.q_proj")
    assert model.blocks[2].held[guest.full].module is model.hf.model.layers[2].self_attn.q_proj
    home = next(linear for linear in model.blocks[0].linears if linear.name == "self_attn.q_proj")
    layers = model.hf.model.layers
    assert home.everywhere == (layers[0].self_attn.q_proj, layers[0].self_attn.o_proj, layers[2].self_attn.q_proj)
    assert model.blocks[0].size - model.blocks[2].size == 0  # Each of them misses one of the square ones.
    assert model.shape.prunable == sum(p.numel() for p in layers.parameters() if p.dim() > 1)


def test_an_adapter_of_its_own_depth_is_at_home_there() -> None:
    """Zamba 2's shared block holds the adapters of all depths; each is called at one."""
    blocks = tiny.wrap(tiny_model("zamba2"), tiny.tokenizer()).blocks
    adapters = {block.index: {x.name.split("list.")[1][0] for x in block.linears if "adapter" in x.name} for block in blocks}
    assert adapters == {0: set(), 1: {"0"}, 2: {"1"}, 3: {"2"}}
    assert all("adapter" not in guest.name for guest in blocks[3].guests)


def test_a_module_that_is_several_blocks_is_each_of_them_in_turn() -> None:
    model = shared_layers.shared("universal")
    seen = trial(model.hf, [block.whole or block for block in model.blocks])
    assert seen is not None
    assert seen.calls == {(index, name): 1 for index in range(3) for name in SEVEN}
    assert len(set(tied_names(model.hf).values())) == len(list(model.hf.parameters()))


def _by_the_head(hf: PreTrainedModel) -> None:
    hf.lm_head.weight = hf.model.layers[1].mlp.gate_proj.weight = nn.Parameter(torch.randn(260, 32))
    hf.model.layers[1].mlp.up_proj.weight = nn.Parameter(torch.randn(260, 32))
    hf.model.layers[1].mlp.down_proj.weight = nn.Parameter(torch.randn(32, 260))


def _both_directions(hf: PreTrainedModel) -> None:
    """Read as [out, in] by one layer and as [in, out] by another: a product of other inputs each."""
    turned = Conv1D(32, 32)
    turned.weight, turned.bias = hf.model.layers[1].self_attn.q_proj.weight, nn.Parameter(torch.zeros(32))
    hf.model.layers[2].self_attn.o_proj = turned


def _same_memory(hf: PreTrainedModel) -> None:
    """Two parameters, one of which is a part of the other."""
    whole = hf.model.layers[0].mlp.up_proj.weight
    hf.model.layers[1].self_attn.q_proj.weight = nn.Parameter(whole.data[:32])


@pytest.mark.parametrize(
    ("change", "said", "left"),
    [
        (_by_the_head, "other things than linear layers of the blocks", {"mlp.gate_proj"}),
        (_both_directions, "layers that read it in both directions", {"self_attn.q_proj"}),
        (_same_memory, "other parameters that lie in the same memory", {"self_attn.q_proj"}),
    ],
)
def test_what_is_no_single_linear_stays_dense_and_is_named(
    change: Callable[[PreTrainedModel], None], said: str, left: set[str]
) -> None:
    hf = tiny.hf_model("llama")
    change(hf)
    model = tiny.wrap(hf, tiny.tokenizer())
    assert {name for name in SEVEN if name not in {x.name for x in model.blocks[1].linears}} == left
    assert any(f"is read by {said} and stays dense" in note for note in model.skipped)
    model.check_walks()


@pytest.mark.parametrize("way", shared_layers.WAYS)
def test_a_folder_holds_what_its_own_class_would_not_tie_under_every_name(way: str, tmp_path: Path) -> None:
    model = shared_layers.shared(way)
    model.save(tmp_path / "saved")
    again = type(model.hf).from_pretrained(str(tmp_path / "saved"), dtype=torch.float32)
    ids = tiny.random_ids(2, 8)
    assert torch.equal(again(input_ids=ids, use_cache=False).logits, model.hf(input_ids=ids, use_cache=False).logits)
