"""Every family is walked, read and scored exactly as its own forward does it."""

import dataclasses
import itertools

import pytest
import tiny
import torch
from torch.testing import assert_close

from mwanda_core.corpora import Packed
from mwanda_core.engine.pruning import prune
from mwanda_core.errors import ModelError
from mwanda_core.methods.recipes import recipe
from mwanda_core.models import LanguageModel, Recording, TokenBatch, Tree, layout
from mwanda_core.models.anatomy import find_linears
from mwanda_core.models.calls import block_in_float32, in_float32, replaced_forward

TIME = 12


def plain_batch() -> TokenBatch:
    return TokenBatch(tiny.random_ids(3, TIME), torch.zeros(3, dtype=torch.long))


def left_padded_batch() -> TokenBatch:
    right = tiny.padded_batch(time=TIME)
    assert right.keep is not None
    return TokenBatch(right.ids.flip(1), right.rows, right.keep.flip(1))


BATCHES = {"plain": plain_batch, "right-padded": tiny.padded_batch, "left-padded": left_padded_batch}


@torch.no_grad()
def walk(model: LanguageModel, recording: Recording) -> list[torch.Tensor]:
    hidden, found = recording.hidden, []
    for block in model.blocks:
        hidden = model.replay(block, recording, hidden)
        found.append(hidden)
    return found


@pytest.mark.parametrize("kind", BATCHES)
def test_the_walk_equals_the_forward_exactly(family: str, kind: str) -> None:
    model = tiny.language_model(family)
    batch = BATCHES[kind]()
    found = walk(model, model.record(batch))
    wanted = tiny.block_outputs(model, batch.ids, batch.keep)
    for ours, theirs in zip(found, wanted, strict=True):
        assert float((ours - theirs).abs().max()) == 0.0


def test_every_block_and_linear_is_found(family: str) -> None:
    model = tiny.language_model(family)
    assert len(model.blocks) == (4 if family == "smollm3" else 3)
    by_hand = tiny.linear_modules(model.hf)
    found = {block.full_name(linear): linear.module for block in model.blocks for linear in block.linears}
    outside = {name: m for name, m in by_hand.items() if name not in found}
    assert all(found[name] is by_hand[name] for name in found)
    assert [m for m in outside.values() if m is not model.hf.get_output_embeddings()] == []
    assert model.skipped[0].startswith("Embeddings and output head stay dense")
    # Cohere's norms of queries and keys have a gain for every head: two axes, but not a linear layer.
    assert all("_norm.weight is not a linear layer" in note for note in model.skipped[1:])
    assert len(model.skipped) == (3 if family == "cohere" else 1)


@pytest.mark.parametrize("family", tiny.MIXED)
def test_replaying_the_first_call_for_every_block_would_be_wrong(family: str) -> None:
    model = tiny.language_model(family)
    batch = plain_batch()
    recording = model.record(batch)
    as_published = dataclasses.replace(recording, calls=(recording.calls[0],) * len(model.blocks))
    wrong, right = walk(model, as_published)[-1], tiny.block_outputs(model, batch.ids)[-1]
    assert float((wrong - right).abs().max()) > 0.1


@pytest.mark.parametrize("family", tiny.FLAT)
def test_where_no_attention_mixes_all_calls_are_alike(family: str) -> None:
    model = tiny.language_model(family)
    batch = plain_batch()
    recording = model.record(batch)
    same_call = dataclasses.replace(recording, calls=(recording.calls[0],) * len(model.blocks))
    assert torch.equal(walk(model, same_call)[-1], tiny.block_outputs(model, batch.ids)[-1])


def test_the_mixed_families_really_mix() -> None:
    for family in tiny.MIXED:
        kinds = tiny.hf_model(family).config.layer_types
        assert set(kinds) == {"sliding_attention", "full_attention"}, family


def test_recording_leaves_no_trace(family: str) -> None:
    model = tiny.language_model(family)
    before = tiny.all_bytes(model)
    model.record(tiny.padded_batch())
    assert tiny.all_bytes(model) == before
    assert not any("forward" in module.__dict__ for module in model.hf.modules())
    assert not any(
        module._forward_hooks or module._forward_pre_hooks for block in model.blocks for module in block.module.modules()
    )


def test_hidden_and_head_give_the_models_own_logits(family: str) -> None:
    model = tiny.language_model(family)
    batch = tiny.padded_batch()
    assert batch.keep is not None
    with torch.no_grad():
        wanted = model.hf(input_ids=batch.ids, attention_mask=batch.keep.long(), use_cache=False).logits
    hidden = model.hidden(batch.ids, batch.keep)
    with model.head() as head:
        found = torch.cat([head(hidden[batch.keep][:5]), head(hidden[batch.keep][5:])])
        inside = model.hidden(batch.ids, batch.keep)  # The other verbs keep working while the head is in use.
    assert_close(found, wanted[batch.keep], rtol=1e-5, atol=1e-6)
    assert torch.equal(inside, hidden)


def test_leaving_the_blocks_is_what_the_head_sees(family: str) -> None:
    model = tiny.language_model(family)
    batch = tiny.padded_batch()
    left = model.leave_blocks(model.record(batch), tiny.block_outputs(model, batch.ids, batch.keep)[-1])
    assert torch.equal(left, model.hidden(batch.ids, batch.keep))


def test_a_block_in_float32_goes_back_to_its_own_type(family: str) -> None:
    model = tiny.language_model(family)
    model.hf.to(torch.bfloat16)
    before = tiny.all_bytes(model)
    kinds = {name: tensor.dtype for name, tensor in (*model.hf.named_parameters(), *model.hf.named_buffers())}
    block = model.blocks[1]
    recording = in_float32(model.record(plain_batch()))
    with block_in_float32(block), torch.no_grad():
        found = model.replay(block, recording, recording.hidden)
        assert found.dtype == torch.float32
        assert {p.dtype for p in block.module.parameters()} == {torch.float32}
    assert tiny.all_bytes(model) == before
    assert {name: tensor.dtype for name, tensor in (*model.hf.named_parameters(), *model.hf.named_buffers())} == kinds


@pytest.mark.parametrize("family", ["cohere", "cohere2", "gemma2"])
def test_the_bare_output_matrix_is_not_the_logits(family: str) -> None:
    model = tiny.language_model(family)
    hidden = model.hidden(tiny.random_ids(1, TIME))[0]
    bare = hidden @ model.hf.get_output_embeddings().weight.T
    with model.head() as head:
        logits = head(hidden)
    assert float((bare - logits).abs().max()) > 0.1
    by_hand = 2.0 * torch.tanh(bare / 2.0) if family == "gemma2" else 0.25 * bare
    assert_close(logits, by_hand)


def test_right_padding_is_invisible(family: str) -> None:
    model = tiny.language_model(family)
    batch = tiny.padded_batch()
    assert batch.keep is not None
    masked, unmasked = model.hidden(batch.ids, batch.keep), model.hidden(batch.ids)
    assert_close(masked[batch.keep], unmasked[batch.keep], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("length", [1, 5])
def test_endings_after_a_shared_context(family: str, length: int) -> None:
    model = tiny.language_model(family)
    context, endings = tiny.random_ids(1, 9)[0], tiny.random_ids(3, length, seed=1)
    before, (found,) = model.hidden_after_each(context[None], [(torch.zeros(3, dtype=torch.long), endings)])
    whole = model.hidden(torch.cat([context.expand(3, -1), endings], dim=1))
    assert found.shape == (3, length - 1, 32)
    assert_close(before[0], whole[0, :9], rtol=1e-4, atol=1e-5)
    assert_close(found, whole[:, 9:-1], rtol=1e-4, atol=1e-5)


def test_whether_a_family_can_be_packed_is_found_without_a_trace(family: str) -> None:
    model = tiny.language_model(family, **({"sliding_window": 64} if "sliding_window" in tiny.CONFIGS[family] else {}))
    before = tiny.all_bytes(model)
    assert bool(model.packable) == (family != "bloom")  # ALiBi counts places in the row.
    assert tiny.all_bytes(model) == before
    assert not any("forward" in module.__dict__ for module in model.hf.modules())


def test_a_window_too_small_for_the_trial_is_not_packed() -> None:
    assert tiny.language_model("gemma3_text").packable == 0
    assert tiny.language_model("gpt2", n_positions=30).packable == 30


def test_a_model_that_answers_nothing_is_not_packed() -> None:
    for value in (0.0, float("nan")):
        model = tiny.language_model("llama")
        with torch.no_grad():
            for block in model.blocks:
                for linear in block.linears:
                    linear.weight.fill_(value)
        assert model.packable == 0


def test_a_layout_by_hand() -> None:
    given = layout([[Tree((5, 6), ((7,), (8, 9))), Tree((), ((4,),))], [Tree((3,), ((),))]])
    assert given.ids.tolist() == [[5, 6, 7, 8, 9, 4], [3, 0, 0, 0, 0, 0]]
    assert given.positions.tolist() == [[0, 1, 2, 2, 3, 0], [0, 0, 0, 0, 0, 0]]
    seen = [[[i for i in range(6) if row[q][i]] for q in range(6)] for row in given.visible()[:, 0].tolist()]
    assert seen[0] == [[0], [0, 1], [0, 1, 2], [0, 1, 3], [0, 1, 3, 4], [5]]
    assert seen[1] == [[0], *([list(range(1, q + 1)) for q in range(1, 6)])]


def test_conv1d_is_read_and_written_as_out_in() -> None:
    model = tiny.language_model("gpt2")
    linear = next(linear for linear in model.blocks[0].linears if linear.name == "mlp.c_fc")
    assert linear.transposed
    assert linear.weight.shape == (48, 32)
    x = torch.randn(5, 32)
    assert_close(linear.module(x), x @ linear.weight.T + linear.module.bias)
    linear.weight[7] = 0.0
    assert_close(linear.module(x)[:, 7], linear.module.bias[7].expand(5))


def test_a_plain_linear_is_the_live_weight() -> None:
    model = tiny.language_model("llama")
    linear = model.blocks[1].linears[0]
    linear.weight[0, 0] = 123.0
    assert float(model.hf.model.layers[1].self_attn.q_proj.weight[0, 0]) == 123.0
    assert linear.kind == "q_proj"
    assert model.blocks[1].full_name(linear) == "model.layers.1.self_attn.q_proj"


@pytest.mark.parametrize("family", ["qwen3_moe", "mixtral"])
def test_stacked_experts_are_linears_and_the_router_stays_dense(family: str) -> None:
    model = tiny.language_model(family, **MOE)
    experts = [linear for linear in model.blocks[0].linears if linear.stacked]
    assert [linear.kind for linear in experts] == ["gate_up_proj"] * 4 + ["down_proj"] * 4
    assert [tuple(linear.weight.shape) for linear in experts] == [(32, 32)] * 4 + [(32, 16)] * 4
    notes = " ".join(model.skipped)
    assert "mlp.gate.weight is not a linear layer" in notes
    assert "experts" not in notes
    before = {n: p.clone() for n, p in model.hf.named_parameters() if "mlp.gate." in n}
    result = prune(model, tiny.packed(), recipe("wanda"), 0.5)
    assert all(torch.equal(p, before[n]) for n, p in model.hf.named_parameters() if "mlp.gate." in n)
    assert set(model.skipped) <= set(result.notes)


MOE = {
    "vocab_size": tiny.VOCABULARY, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "head_dim": 8, "intermediate_size": 16, "moe_intermediate_size": 16,
    "num_local_experts": 4, "num_experts": 4, "num_experts_per_tok": 2, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
}  # fmt: skip


def test_counts_are_exact_after_pruning(family: str, calibration: tiny.Packed) -> None:
    model = tiny.language_model(family)
    result = prune(model, calibration, recipe("wanda"), 0.3)
    for outcome in result.linears:
        assert outcome.size - outcome.kept == outcome.outputs * int(outcome.inputs * 0.3)
    for block in model.blocks:
        for linear in block.linears:
            zeros_per_row = (linear.weight == 0).sum(dim=1)
            assert set(zeros_per_row.tolist()) == {int(linear.weight.shape[1] * 0.3)}


def test_a_model_without_its_blocks_is_refused() -> None:
    model = tiny.hf_model("llama")
    model.config.num_hidden_layers = 7
    with pytest.raises(ModelError, match="no list of 7 decoder blocks"):
        tiny.wrap(model, tiny.tokenizer())


def test_blocks_without_linear_layers_are_refused() -> None:
    model = tiny.hf_model("llama")
    for index in range(3):
        model.model.layers[index] = torch.nn.Identity()
    assert find_linears(model.model.layers[0]) == ()
    with pytest.raises(ModelError, match="hold no linear layers"):
        tiny.wrap(model, tiny.tokenizer())


@pytest.mark.parametrize(("family", "settings"), [("gpt2", {"n_positions": 16}), ("opt", {"max_position_embeddings": 16})])
def test_texts_longer_than_the_table_of_positions_are_refused(family: str, settings: dict[str, int]) -> None:
    model = tiny.language_model(family, **settings)
    assert model.longest == 16
    too_long, just_right = tiny.random_ids(1, 17), tiny.random_ids(1, 16)
    for call in (
        model.hidden,
        lambda ids: model.record(TokenBatch(ids, torch.zeros(1, dtype=torch.long))),
        lambda ids: model.hidden_after_each(ids[:, :10], [(torch.zeros(1, dtype=torch.long), ids[:, 9:])]),
    ):
        with pytest.raises(ModelError, match="reads at most 16 tokens at a time, and a text of 17 was given"):
            call(too_long)
        call(just_right)


def test_computed_positions_have_no_end() -> None:
    for family in set(tiny.FAMILIES) - {"gpt2", "opt"}:
        assert tiny.language_model(family).longest is None, family


def test_encode_and_start() -> None:
    model = tiny.language_model("llama")
    assert model.start == (tiny.BOS,)
    ids = model.encode("héllo नमस्ते")
    assert len(ids) == len("héllo नमस्ते".encode())
    assert tiny.BOS not in ids
    assert model.tokenizer.decode(ids) == "héllo नमस्ते"
    assert model.vocabulary == tiny.VOCABULARY


def test_the_fingerprint_is_of_every_bit() -> None:
    first, again, other = (tiny.language_model("llama", seed) for seed in (0, 0, 1))
    assert first.fingerprint == again.fingerprint != other.fingerprint
    flipped = tiny.language_model("llama")
    flipped.blocks[0].linears[0].weight[0, 0] *= -1
    assert flipped.fingerprint != first.fingerprint


def test_shape_counts_what_memory_depends_on() -> None:
    model = tiny.language_model("llama")
    assert model.num_parameters == sum(p.numel() for p in model.hf.parameters())
    assert model.shape.prunable == sum(m.weight.numel() for m in tiny.linear_modules(model.hf.model).values())
    assert model.shape.hidden == 32
    assert model.shape.input_width == 3 * (6 * 32 + 48)
    assert model.shape.bytes_per_weight == 4


def test_replaced_forward_gives_back_what_was_there() -> None:
    module = torch.nn.Linear(2, 2)

    def inner(x: torch.Tensor) -> torch.Tensor:
        return x + 1

    with replaced_forward(module, inner):
        with replaced_forward(module, lambda x: x + 2):
            assert float(module(torch.zeros(1))) == 2.0
        assert float(module(torch.zeros(1))) == 1.0
    assert "forward" not in module.__dict__


def test_blocks_that_cannot_be_taken_one_by_one_are_refused(
    llama: LanguageModel, calibration: Packed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A block that remembers what was run before it, as where layers share by-products, gives another model in the walk."""
    assert tiny.language_model("llama").walks
    module, calls = llama.blocks[1].module, itertools.count(1)
    forward = module.forward
    monkeypatch.setattr(module, "forward", lambda hidden, *args, **rest: forward(hidden * next(calls), *args, **rest))
    before = tiny.all_bytes(llama)
    with pytest.raises(ModelError, match="run one after another, do not give what the model itself gives"):
        prune(llama, calibration, recipe("wanda"), 0.5)
    assert tiny.all_bytes(llama) == before
