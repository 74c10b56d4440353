"""From a name, folder or file to a model; and one clear sentence for everything that is not one."""

import json
from pathlib import Path

import pytest
import tiny
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, BertConfig, BertForMaskedLM, T5Config, T5ForConditionalGeneration

from mwanda_core.errors import DoesNotFit, InputError, ModelError
from mwanda_core.models import (
    EMBEDDED,
    choose_device,
    choose_dtype,
    embedded_available,
    estimate,
    estimate_memory,
    load,
    memory,
)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that save_pretrained wrote."""
    folder = tmp_path_factory.mktemp("saved") / "tiny-llama"
    tiny.language_model("llama").save(folder)
    return folder


@pytest.fixture
def copy(saved: Path, tmp_path: Path) -> Path:
    """The same, to be damaged."""
    folder = tmp_path / "tiny-llama"
    folder.mkdir()
    for file in saved.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


def sentence(source: str | Path) -> str:
    """What a user is told; always one line that ends like a sentence."""
    with pytest.raises(ModelError) as caught:
        load(str(source), "cpu", "float32")
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith(".") or text.endswith("...")
    return text


def test_a_saved_model_comes_back_whole(saved: Path) -> None:
    dense = tiny.language_model("llama")
    model = load(str(saved), "cpu", "float32")
    assert model.fingerprint == dense.fingerprint
    assert model.dtype == torch.float32
    assert not model.hf.training
    assert not any(p.requires_grad for p in model.hf.parameters())
    assert model.encode("abc") == dense.encode("abc")
    assert torch.equal(model.hidden(tiny.random_ids(1, 5)), dense.hidden(tiny.random_ids(1, 5)))


def test_every_family_is_complete_when_it_comes_back(family: str, tmp_path: Path) -> None:
    """Tied heads and buffers are not stored, and are not missing either."""
    dense = tiny.language_model(family)
    dense.save(tmp_path)
    assert load(str(tmp_path), "cpu", "float32").fingerprint == dense.fingerprint


def test_plain_transformers_loads_what_is_saved(saved: Path) -> None:
    hf = AutoModelForCausalLM.from_pretrained(saved)
    assert torch.equal(hf.lm_head.weight, tiny.hf_model("llama").lm_head.weight)


def test_dtype_is_the_one_asked_for(saved: Path) -> None:
    assert load(str(saved), "cpu", "bfloat16").dtype == torch.bfloat16


def test_the_estimate_is_of_the_model(saved: Path) -> None:
    model = load(str(saved), "cpu", "float32")
    assert estimate_memory(str(saved), 640, 3, "cpu", "float32") == estimate(model.shape, 640, 3)


def test_the_estimate_by_hand() -> None:
    shape = memory.ModelShape(parameters=100, prunable=60, hidden=8, input_width=20, bytes_per_weight=2)
    found = estimate(shape, tokens=10, num_languages=3)
    assert (found.weights, found.backup, found.statistics, found.activations) == (200, 120, 3 * 8 * 3 * 20, 2 * 10 * 8 * 2)
    assert found.total == found.weights + found.backup + found.statistics + found.activations + found.loss
    assert memory.gib(2**30) == "1.0 GiB"
    assert memory.gib(3 * 2**20) == "3 MiB"


def test_what_fits_exactly_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    needed = memory.MemoryEstimate(50, 20, 15, 10, 5)
    monkeypatch.setattr(memory, "available", lambda device: 100)
    memory.require(needed, torch.device("cpu"), "it")
    monkeypatch.setattr(memory, "available", lambda device: 99)
    with pytest.raises(DoesNotFit, match="it needs about"):
        memory.require(needed, torch.device("cpu"), "it")
    monkeypatch.undo()
    assert memory.available(torch.device("cpu")) > 2**20


def test_too_little_memory_is_said_before_loading(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available", lambda device: 1000)
    monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", lambda *args, **kwargs: pytest.fail("it was loaded"))
    with pytest.raises(DoesNotFit, match=r"needs about .* weights .* cpu has 0 MiB free\. Choose a smaller model"):
        load(str(saved), "cpu", "float32")


@pytest.mark.parametrize(
    "source", ["no/such/folder", "/no/such", "./here", "~/nothing", "name", "", " ", "a/b/c", "C:\\models"]
)
def test_an_unknown_form_of_name(source: str) -> None:
    assert "neither the built-in" in sentence(source)


def test_a_missing_gguf_file(tmp_path: Path) -> None:
    assert sentence(tmp_path / "model.gguf") == f"There is no file {str(tmp_path / 'model.gguf')!r}."


def test_a_file_that_is_no_gguf(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "noise.gguf").write_bytes(b"not a model at all" * 10)
    assert sentence(tmp_path / "noise.gguf") == "noise.gguf is not a GGUF file: get it again."
    assert not cache.exists()


def test_an_empty_folder(tmp_path: Path) -> None:
    assert "has no config.json" in sentence(tmp_path)


def test_pickled_weights_are_never_read(copy: Path) -> None:
    torch.save(load_file(copy / "model.safetensors"), copy / "pytorch_model.bin")
    (copy / "model.safetensors").unlink()
    assert "pickled weights (.bin, .pt) are never read" in sentence(copy)


def test_a_truncated_weight_file(copy: Path) -> None:
    whole = (copy / "model.safetensors").read_bytes()
    (copy / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    assert "could not be read" in sentence(copy)


def test_weights_that_are_missing_are_not_made_up(copy: Path) -> None:
    weights = load_file(copy / "model.safetensors")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    assert "model.layers.1.mlp.up_proj.weight" in sentence(copy)


def test_weights_of_another_size(copy: Path) -> None:
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | {"intermediate_size": 40}))
    assert "could not be read" in sentence(copy)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"vocab_size": 3}', '{"model_type": "no-such-type"}'])
def test_a_damaged_configuration(copy: Path, text: str) -> None:
    (copy / "config.json").write_text(text)
    assert "not be read" in sentence(copy)


def test_a_model_that_brings_its_own_code(copy: Path) -> None:
    config = json.loads((copy / "config.json").read_text())
    config |= {"model_type": "own", "auto_map": {"AutoConfig": "own.OwnConfig", "AutoModelForCausalLM": "own.Own"}}
    (copy / "config.json").write_text(json.dumps(config))
    (copy / "own.py").write_text("raise SystemExit('this code must never run')")
    assert "needs code from its own repository, which is never run" in sentence(copy)


def test_a_folder_without_tokenizer(copy: Path) -> None:
    for file in copy.glob("*token*"):
        file.unlink()
    assert "could not be read" in sentence(copy)


def test_an_encoder_decoder_is_refused(tmp_path: Path) -> None:
    config = T5Config(vocab_size=tiny.VOCABULARY, d_model=16, d_kv=4, d_ff=16, num_layers=1, num_heads=2)
    T5ForConditionalGeneration(config).save_pretrained(tmp_path)
    assert "is not a causal language model but T5ForConditionalGeneration" in sentence(tmp_path)


def test_a_masked_language_model_is_refused(tmp_path: Path) -> None:
    config = BertConfig(
        vocab_size=tiny.VOCABULARY, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    )
    BertForMaskedLM(config).save_pretrained(tmp_path)
    assert "is not a causal language model but BertForMaskedLM" in sentence(tmp_path)


def test_the_hub_cannot_be_reached() -> None:
    assert "is not on this machine and the Hub cannot be reached" in sentence("nobody/no-such-model")


def test_the_estimate_refuses_the_same_things(tmp_path: Path) -> None:
    for source in ("name", "nobody/no-such-model", str(tmp_path)):
        with pytest.raises(ModelError):
            estimate_memory(source, 10, 1, "cpu", "float32")


def test_the_built_in_model_without_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mwanda_core.models.cache.EMBEDDED_PACKAGE", "no_such_package_here")
    assert not embedded_available()
    assert "which is not installed: run pip install" in sentence(EMBEDDED)


def test_devices_and_dtypes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto") == torch.device("cpu")
    with pytest.raises(InputError, match="no CUDA device: use cpu or auto"):
        choose_device("cuda")
    with pytest.raises(InputError, match="must be auto, cpu, cuda or cuda:N; it was given 'mps'"):
        choose_device("mps")
    for wrong in ("cuda:x", "cpu:0:0", "cuda:99"):
        with pytest.raises(InputError):
            choose_device(wrong)
    cpu = torch.device("cpu")
    assert choose_dtype("float16", cpu) == torch.float16
    with pytest.raises(InputError, match="it was given 'int8'"):
        choose_dtype("int8", cpu)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
    assert choose_dtype("auto", cpu) == torch.bfloat16
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": True})
    assert choose_dtype("auto", cpu) == torch.float32
