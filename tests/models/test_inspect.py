"""Folders and files that are not whole plain models: read right or refused in one sentence, before anything is cached or run."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tiny
import torch
from safetensors.torch import load_file, save_file

from mwanda_core.engine.pruning import prune
from mwanda_core.errors import ModelError
from mwanda_core.methods.recipes import recipe
from mwanda_core.models import load
from mwanda_core.models.inspect import check_gguf, check_loaded, check_quantisation
from mwanda_core.models.verify import verify_saved


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tiny"
    tiny.language_model("llama").save(folder)
    return folder


@pytest.fixture
def copy(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "copy"))


def refused(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        load(str(folder), "cpu", "float32")
    return str(caught.value)


def configure(folder: Path, **changes: object) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))


def test_an_adapter_is_never_ignored(copy: Path) -> None:
    (copy / "adapter_config.json").write_text("{}")
    assert "a LoRA adapter beside base weights: merge the adapter" in refused(copy)
    (copy / "config.json").unlink()
    assert "a LoRA adapter without its base model" in refused(copy)


def test_a_git_lfs_pointer_says_what_it_is(copy: Path) -> None:
    (copy / "model.safetensors").write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    assert "model.safetensors is a git-lfs pointer" in refused(copy)


def test_a_release_in_its_own_naming(copy: Path) -> None:
    (copy / "model.safetensors").rename(copy / "consolidated.safetensors")
    assert "only consolidated.safetensors" in refused(copy)


@pytest.mark.parametrize("name", ["../elsewhere.safetensors", "/etc/passwd", "a/b.safetensors"])
def test_an_index_names_files_of_its_folder_only(copy: Path, name: str) -> None:
    (copy / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"model.norm.weight": name}}))
    assert "which is not a file of the folder itself" in refused(copy)


def test_a_missing_shard_is_named(copy: Path) -> None:
    (copy / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"x": "model-00002-of-00002.safetensors"}}))
    assert "is incomplete: model-00002-of-00002.safetensors named by" in refused(copy)


@pytest.mark.parametrize("method", ["gptq", "awq", "bitsandbytes", "compressed-tensors", "unheard-of"])
def test_weights_that_cannot_be_pruned_are_refused_by_their_method(copy: Path, method: str) -> None:
    configure(copy, quantization_config={"quant_method": method, "bits": 4})
    assert f"holds weights quantised by {method}" in refused(copy)


def test_plain_weights_have_no_method() -> None:
    config = tiny.language_model("llama").hf.config
    assert check_quantisation("x", config) is None


def test_fp8_weights_with_block_scales_become_plain_ones(copy: Path, tmp_path: Path) -> None:
    """By hand: every weight is stored as its value over the scale of its 16 x 16 block."""
    weights = load_file(copy / "model.safetensors")
    wanted, stored = {}, {}
    for name, weight in weights.items():
        if "_proj" not in name:
            stored[name] = weight
            continue
        rows, columns = weight.shape
        blocks = weight.reshape(rows // 16, 16, columns // 16, 16)
        scale = blocks.abs().amax((1, 3)) / 448
        coded = (blocks / scale[:, None, :, None]).reshape(rows, columns).to(torch.float8_e4m3fn)
        stored[name], stored[f"{name}_scale_inv"] = coded, scale.float()
        wanted[name] = (coded.float().reshape(blocks.shape) * scale[:, None, :, None]).reshape(rows, columns)
    save_file(stored, copy / "model.safetensors", metadata={"format": "pt"})
    configure(copy, quantization_config={"quant_method": "fp8", "weight_block_size": [16, 16], "activation_scheme": "dynamic"})
    model = load(str(copy), "cpu", "float32")
    assert any("stored in fp8 and made plain float32" in note for note in model.skipped)
    held = model.hf.state_dict()
    for name, weight in wanted.items():
        torch.testing.assert_close(held[name].float(), weight, rtol=0, atol=2e-3)
    model.save(tmp_path / "out")
    assert "quantization_config" not in json.loads((tmp_path / "out" / "config.json").read_text())
    assert all(tensor.dtype == torch.float32 for tensor in load_file(tmp_path / "out" / "model.safetensors").values())


def test_mxfp4_experts_become_plain_ones_and_are_exported_pruned(tmp_path: Path) -> None:
    """By hand, in the form of gpt-oss: 32 codes of four bits and one power of two stand for 32 inputs of one output."""
    codes = torch.tensor([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0])
    codes = torch.cat([codes, -codes])
    hf = tiny.hf_model("gpt_oss", **tiny.MIXTURE | {"intermediate_size": 32, "layer_types": ["full_attention"] * 2})
    tiny.wrap(hf.to(torch.bfloat16), tiny.tokenizer()).save(tmp_path / "coded")
    stored, wanted = load_file(tmp_path / "coded" / "model.safetensors"), {}
    generator = torch.Generator().manual_seed(0)
    for name in [name for name in stored if name.endswith(("gate_up_proj", "down_proj"))]:
        experts, inputs, outputs = stored.pop(name).shape
        low, high = torch.randint(0, 16, (2, experts, outputs, inputs // 32, 16), generator=generator)
        powers = torch.randint(-4, 0, (experts, outputs, inputs // 32), generator=generator)
        stored[f"{name}_blocks"], stored[f"{name}_scales"] = (low + 16 * high).byte(), (powers + 127).byte()
        values = torch.stack([codes[low], codes[high]], dim=-1).flatten(-2) * 2.0 ** powers[..., None]
        wanted[name] = values.flatten(-2).transpose(1, 2).to(torch.bfloat16)
    assert len(wanted) == 4
    save_file(stored, tmp_path / "coded" / "model.safetensors", metadata={"format": "pt"})
    configure(tmp_path / "coded", quantization_config={"quant_method": "mxfp4"})
    model = load(str(tmp_path / "coded"), "cpu", "bfloat16")
    held = model.hf.state_dict()
    assert all(torch.equal(held[name], weight) for name, weight in wanted.items())
    result = prune(model, tiny.packed(), recipe("wanda"), 0.5)
    model.save(tmp_path / "out")
    assert "quantization_config" not in json.loads((tmp_path / "out" / "config.json").read_text())
    exported = type(hf).from_pretrained(str(tmp_path / "out"), dtype=torch.bfloat16).state_dict()
    assert exported.keys() == held.keys()
    assert all(tensor.dtype == torch.bfloat16 for tensor in load_file(tmp_path / "out" / "model.safetensors").values())
    for name, weight in wanted.items():
        assert torch.equal(exported[name], held[name])
        assert bool(((exported[name] == 0) | (exported[name] == weight)).all())
        assert float((exported[name] == 0).float().mean()) >= 0.5
    result.restore()
    assert all(torch.equal(model.hf.state_dict()[name], weight) for name, weight in wanted.items())


@pytest.mark.parametrize(
    ("info", "said"),
    [
        ({"missing_keys": ["b", "a"]}, "hold no a and 1 more"),
        ({"mismatched_keys": [("head.weight", (2, 3), (2, 4))]}, "head.weight.* in another shape"),
    ],
)
def test_what_is_missing_is_not_made_up(info: dict[str, list[object]], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        check_loaded("x", {"missing_keys": [], "mismatched_keys": [], "unexpected_keys": []} | info)


def test_what_is_left_out_is_named(copy: Path) -> None:
    weights = load_file(copy / "model.safetensors")
    weights["vision_tower.layers.0.proj.weight"] = torch.zeros(3, 3)
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    model = load(str(copy), "cpu", "float32")
    assert "1 tensors of the files are no part of this text model and were left out: vision_tower.layers (1)." in model.skipped


@pytest.mark.parametrize("name", ["big-00001-of-00002.gguf", "big-00002-of-00002.GGUF"])
def test_a_model_in_parts_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ModelError, match="of 2 of a model: join the parts first"):
        check_gguf(tmp_path / name)


def test_a_part_that_was_renamed_is_refused(tmp_path: Path) -> None:
    gguf = pytest.importorskip("gguf")
    writer = gguf.GGUFWriter(tmp_path / "model.gguf", "llama")
    writer.add_uint16("split.count", 2)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    with pytest.raises(ModelError, match="is one of 2 parts"):
        check_gguf(tmp_path / "model.gguf")


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("gguf")
    (tmp_path / "model.gguf").write_bytes(b"GGUF" + b"\x03" + bytes(11))
    (tmp_path / "cut.gguf").write_bytes(b"GGUF")
    with pytest.raises(ModelError, match="damaged or incomplete"):
        check_gguf(tmp_path / "cut.gguf")


def test_the_opening_is_what_the_tokenizer_puts_there() -> None:
    from tokenizers import processors

    for template, wanted in (("$A", ()), ("<eos> $A", (tiny.EOS,)), ("<eos> <bos> $A <eos>", (tiny.EOS, tiny.BOS))):
        tokenizer = tiny.tokenizer.__wrapped__()
        special = [("<bos>", tiny.BOS), ("<eos>", tiny.EOS)]
        tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(single=template, special_tokens=special)
        assert tiny.wrap(tiny.hf_model("llama"), tokenizer).start == wanted


def test_a_tokenizer_of_another_model_is_refused() -> None:
    model = tiny.language_model("llama", vocab_size=100)
    with pytest.raises(ModelError, match="and its model has 100: they do not belong together"):
        model.encode("é")


def test_bytes_of_a_sequence_cut_within_a_character() -> None:
    model = tiny.language_model("llama")
    ids = model.encode("नमस्ते दुनिया")
    assert [model.num_bytes(ids[:end]) for end in range(1, len(ids) + 1)] == list(range(1, len(ids) + 1))
    assert model.num_bytes(ids[4:17]) == 13


def test_bytes_of_sentencepiece_tokens() -> None:
    names = {1: "\u2581a", 2: "<0xE0>", 3: "<0xA4>", 4: "b\u00e9"}
    stand_in = SimpleNamespace(decode=lambda ids: "\ufffd", convert_ids_to_tokens=lambda ids: [names[i] for i in ids])
    model = tiny.wrap(tiny.hf_model("llama"), stand_in)
    assert model.num_bytes([1, 2, 3, 4]) == 2 + 1 + 1 + 3


@pytest.mark.parametrize(
    ("family", "settings", "longest"),
    [
        ("gptj", {"n_positions": 32, "n_embd": 32, "n_layer": 2, "n_head": 4, "rotary_dim": 4}, 32),
        ("openai-gpt", {"n_positions": 32, "n_embd": 32, "n_layer": 2, "n_head": 4}, 32),
        ("roberta", {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48,
                     "max_position_embeddings": 34, "is_decoder": True, "pad_token_id": 1}, 32),
    ],
)  # fmt: skip
def test_the_longest_text_is_asked_of_the_model(family: str, settings: dict[str, object], longest: int) -> None:
    model = tiny.language_model(family, vocab_size=tiny.VOCABULARY, bos_token_id=1, eos_token_id=2, **settings)
    assert model.longest == longest
    assert model.hidden(tiny.random_ids(1, longest)).shape[1] == longest
    with pytest.raises((IndexError, RuntimeError)):
        model.hf(input_ids=tiny.random_ids(1, longest + 1))


@pytest.mark.parametrize("damage", ["value", "missing", "dtype"])
def test_a_save_that_went_wrong_is_not_called_done(copy: Path, damage: str) -> None:
    model = load(str(copy), "cpu", "float32")
    verify_saved(model.hf, copy)
    weights = load_file(copy / "model.safetensors")
    name = "model.layers.1.mlp.up_proj.weight"
    if damage == "missing":
        del weights[name]
    elif damage == "dtype":
        weights[name] = weights[name].half()
    else:
        weights[name][0, 0] += 1
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=name):
        verify_saved(model.hf, copy)


def test_experts_are_verified_through_the_family_s_own_layout(tmp_path: Path) -> None:
    model = tiny.language_model(
        "qwen3_moe", **tiny._GROUPED, num_experts=4, moe_intermediate_size=16, num_experts_per_tok=2, head_dim=8
    )
    model.save(tmp_path / "moe")
    with torch.no_grad():
        next(p for n, p in model.hf.named_parameters() if "experts" in n).add_(1)
    with pytest.raises(ModelError, match="experts"):
        verify_saved(model.hf, tmp_path / "moe")


def test_a_linear_that_no_text_passes_stays_dense_and_is_named() -> None:
    model = tiny.language_model("mamba", vocab_size=tiny.VOCABULARY, hidden_size=32, num_hidden_layers=2, state_size=4)
    assert all("mixer.dt_proj" not in [linear.name for linear in block.linears] for block in model.blocks)
    assert any("mixer.dt_proj.weight is a linear layer that no text passes and stays dense" in note for note in model.skipped)


def in_parts(folder: Path, *, lost: str = "", twice: str = "", index: bool = True) -> None:
    """The weights in three files; `lost` is in none of them, `twice` in two."""
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    files = [f"model-{part:05}-of-00003.safetensors" for part in (1, 2, 3)]
    places = {name: files[number % 3] for number, name in enumerate(weights)}
    for file in files:
        held = {name: w for name, w in weights.items() if name != lost and (places[name] == file or name == twice)}
        save_file(held, folder / file, metadata={"format": "pt"})
    if index:
        (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": places}))


def test_parts_are_held_against_the_index(copy: Path) -> None:
    in_parts(copy)
    assert load(str(copy), "cpu", "float32").hf.state_dict().keys() == load_of(copy).keys()


def load_of(folder: Path) -> dict[str, torch.Tensor]:
    return {name: tensor for file in folder.glob("*.safetensors") for name, tensor in load_file(file).items()}


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"lost": "model.norm.weight"}, "holds no model.norm.weight, which model.safetensors.index.json says"),
        ({"twice": "lm_head.weight"}, "holds lm_head.weight in model-"),
        ({"index": False}, "a part of a model, without model.safetensors.index.json"),
    ],
)
def test_parts_that_do_not_belong_together_are_refused(copy: Path, how: dict[str, Any], said: str) -> None:
    in_parts(copy, **how)
    assert said in refused(copy)


def test_whole_weights_beside_parts_are_refused(copy: Path) -> None:
    whole = (copy / "model.safetensors").read_bytes()
    in_parts(copy)
    (copy / "model.safetensors").write_bytes(whole)
    assert "has both model.safetensors and" in refused(copy)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("MODEL.SAFETENSORS", "looks for as model.safetensors: rename it"),
        ("weights.safetensors", "has weights.safetensors, but neither"),
        ("consolidated.00.safetensors", "the original release's own naming"),
        ("a.gguf", "a GGUF file: give the file itself"),
    ],
)
def test_weights_under_another_name(copy: Path, name: str, said: str) -> None:
    (copy / "model.safetensors").rename(copy / name)
    assert said in refused(copy)


def test_any_git_lfs_pointer_of_the_folder_is_seen(copy: Path) -> None:
    (copy / "tokenizer.json").write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    assert "tokenizer.json is a git-lfs pointer" in refused(copy)


def test_an_adapter_without_its_configuration_is_never_ignored(copy: Path) -> None:
    save_file({"base_model.model.x.lora_A.weight": torch.ones(2, 2)}, copy / "adapter_model.safetensors")
    assert "a LoRA adapter beside base weights" in refused(copy)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda w: w.to(torch.float8_e4m3fn), "is F8_E4M3), and its configuration does not say"),
        (lambda w: (w * 50).to(torch.int8), "is I8), and its configuration does not say"),
        (lambda w: w * float("nan"), "holds values that are no numbers"),
        (lambda w: w / 0, "holds values that are no numbers"),
    ],
)
def test_weights_that_are_no_numbers_are_refused(copy: Path, change: Callable[[torch.Tensor], torch.Tensor], said: str) -> None:
    weights = load_file(copy / "model.safetensors")
    changed = {name: change(w) if "q_proj" in name else w for name, w in weights.items()}
    save_file(changed, copy / "model.safetensors", metadata={"format": "pt"})
    assert said in refused(copy)


def test_a_mask_in_bytes_beside_the_weights_is_none_of_them(copy: Path) -> None:
    weights = load_file(copy / "model.safetensors")
    weights["model.layers.0.attn.bias"] = torch.ones(1, 1, 8, 8, dtype=torch.uint8)
    save_file(
        {n: w.double() if "q_proj" in n else w for n, w in weights.items()},
        copy / "model.safetensors",
        metadata={"format": "pt"},
    )
    assert any("1 tensors of the files are no part" in note for note in load(str(copy), "cpu", "float32").skipped)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("model.layers.0.self_attn.q_proj.weight_scale", "scales of quantised weights"),
        ("model.layers.0.self_attn.q_proj.qzeros", "scales of quantised weights"),
        ("model.layers.0.self_attn.q_proj.lora_B.default.weight", "an adapter beside the weights"),
    ],
)
def test_half_of_something_is_refused(name: str, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        check_loaded("x", {"missing_keys": [], "mismatched_keys": [], "unexpected_keys": [name]})
    kept = ["visual.logit_scale", "vision_tower.blocks.0.weight", "layer_scale"]
    assert check_loaded("x", {"missing_keys": [], "mismatched_keys": [], "unexpected_keys": kept})


@pytest.mark.parametrize("kind", ["tensor", "channel"])
def test_fp8_weights_with_other_scales_become_plain_ones(copy: Path, kind: str) -> None:
    weights = load_file(copy / "model.safetensors")
    stored, wanted = dict(weights), {}
    for name, weight in weights.items():
        if "_proj" in name:
            scale = (weight.abs().max() if kind == "tensor" else weight.abs().amax(1, keepdim=True)) / 448
            stored[name] = (weight / scale).to(torch.float8_e4m3fn)
            stored[f"{name}_scale_inv"] = scale
            wanted[name] = stored[name].float() * scale
    save_file(stored, copy / "model.safetensors", metadata={"format": "pt"})
    configure(copy, quantization_config={"quant_method": "fp8", "weight_block_size": None, "activation_scheme": "dynamic"})
    held = load(str(copy), "cpu", "float32").hf.state_dict()
    for name, weight in wanted.items():
        torch.testing.assert_close(held[name], weight, rtol=0, atol=2e-3)


def test_an_opening_token_beyond_the_embedding_is_refused(copy: Path) -> None:
    file = copy / "tokenizer.json"
    backend = json.loads(file.read_text())
    backend["post_processor"]["special_tokens"]["<bos>"]["ids"] = [999]
    file.write_text(json.dumps(backend))
    with pytest.raises(ModelError, match="gives token 999, and its model has 260"):
        _ = load(str(copy), "cpu", "float32").start


@pytest.mark.parametrize("extra", ["blk.0.foo.weight", "blk.1.attn_q.weight", "rope_freqs.weight"])
def test_tensors_of_a_gguf_file_that_are_not_read_are_named(tmp_path: Path, extra: str) -> None:
    gguf = pytest.importorskip("gguf")
    for name in ("blk.0.attn_q.weight", extra):
        writer = gguf.GGUFWriter(tmp_path / "model.gguf", "llama")
        writer.add_block_count(1)
        writer.add_tensor(name, np.ones((4, 4), np.float32))
        for step in (writer.write_header_to_file, writer.write_kv_data_to_file, writer.write_tensors_to_file, writer.close):
            step()
        if name == extra:
            with pytest.raises(ModelError, match=f"holds {extra}, which transformers does not read"):
                check_gguf(tmp_path / "model.gguf")
        else:
            assert check_gguf(tmp_path / "model.gguf")
