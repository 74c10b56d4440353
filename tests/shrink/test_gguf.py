"""GGUF files of small models: every tensor read back, tokens as llama.cpp reads them, and the same next token there."""

import importlib.util
import json
from pathlib import Path

import pytest
import torch
import trimming
from transformers import AutoModelForCausalLM, AutoTokenizer

from mwanda_core.errors import InputError, ModelError
from mwanda_core.progress import Monitor
from mwanda_core.shrink import gguf_export
from mwanda_core.shrink.folders import model_folder

pytestmark = pytest.mark.skipif(not gguf_export.available(), reason="needs the package gguf")
runs = pytest.mark.skipif(importlib.util.find_spec("llama_cpp") is None, reason="needs llama-cpp-python")

LAYOUT = ["sliding_attention", "sliding_attention", "full_attention"] * 2
FAMILIES = {
    "llama": (trimming.CHARACTERS, {"num_hidden_layers": 2}),
    "qwen2": (trimming.BYTES, {"use_sliding_window": False, "layer_types": None, "tie_word_embeddings": True}),
    "qwen3": (trimming.BYTES, {"use_sliding_window": False, "layer_types": None}),
    "qwen3_moe": (
        trimming.BYTES,
        {
            "layer_types": None,
            "use_sliding_window": False,
            "num_experts": 4,
            "num_local_experts": 4,
            "num_experts_per_tok": 2,
            "moe_intermediate_size": 32,
            "norm_topk_prob": True,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
        },
    ),
    "gemma3_text": (trimming.CHARACTERS, {"num_hidden_layers": 6, "layer_types": LAYOUT, "sliding_window": 4}),
}
WIDE = {"hidden_size": 64, "intermediate_size": 96, "head_dim": 16}
BOUNDS = {"F32": 0.0, "F16": 2**-10, "BF16": 2**-8, "Q8_0": 1 / 127, "Q4_0": 1.001 / 8}


def saved(family: str, folder: Path) -> Path:
    kind, changes = FAMILIES[family]
    scale = {"query_pre_attn_scalar": 16} if family == "gemma3_text" else {}
    return trimming.saved(kind, folder, family, **{**WIDE, **scale, **changes})


@pytest.mark.parametrize("kind", gguf_export.TYPES)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_tensor_is_read_back(family: str, kind: str, tmp_path: Path) -> None:
    folder = saved(family, tmp_path / "model")
    file = gguf_export.export(model_folder(folder), tmp_path / "m.gguf", kind, Monitor())
    found = gguf_export.read_back(file, folder)
    assert kind in {one.kind for one in found}
    for one in found:
        assert one.error <= BOUNDS[one.kind], one
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")], "no half-written file is left"


@runs
@pytest.mark.parametrize("family", FAMILIES)
def test_llama_cpp_reads_the_same_tokens_and_says_the_same(family: str, tmp_path: Path) -> None:
    from llama_cpp import Llama

    folder = saved(family, tmp_path / "model")
    file = gguf_export.export(
        model_folder(folder), tmp_path / "m.gguf", "BF16" if family == "gemma3_text" else "F16", Monitor()
    )
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    other = Llama(str(file), n_ctx=256, n_threads=1, logits_all=True, verbose=False)
    for text in [t[:80] for items in trimming.passages("en", "de", "sw", part="evaluation").values() for t in items[:5]]:
        ids = tokenizer(text)["input_ids"]
        assert other.tokenize(text.encode(), special=False) == ids
        other.reset()
        other.eval(ids)
        with torch.no_grad():
            logits = model(torch.tensor([ids])).logits[0]
        theirs = torch.tensor(other.scores[: len(ids)])
        # Half precision and another order of sums; a wrong rotary order or a missing norm would differ by far more.
        assert float((logits - theirs).abs().max() / logits.abs().max()) < 0.03
        assert float((logits.argmax(-1) == theirs.argmax(-1)).float().mean()) > 0.9


def test_what_llama_cpp_has_no_word_for_is_refused(tmp_path: Path) -> None:
    folder = model_folder(trimming.saved(trimming.BYTES, tmp_path / "a", "gpt_neox"))
    with pytest.raises(ModelError, match="gpt_neox is not written"):
        gguf_export.export(folder, tmp_path / "m.gguf", "F16", Monitor())
    folder = model_folder(saved("llama", tmp_path / "b"))
    with pytest.raises(InputError, match="Q2_K"):
        gguf_export.export(folder, tmp_path / "m.gguf", "Q2_K", Monitor())
    folder = model_folder(trimming.saved(trimming.UNIGRAM, tmp_path / "c"))
    with pytest.raises(ModelError, match="Unigram"):
        gguf_export.export(folder, tmp_path / "m.gguf", "F16", Monitor())
    assert not (tmp_path / "m.gguf").exists()


def test_experts_that_llama_cpp_weighs_otherwise_are_refused(tmp_path: Path) -> None:
    folder = saved("qwen3_moe", tmp_path / "model")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"norm_topk_prob": False}))
    with pytest.raises(ModelError, match="weighs its experts"):
        gguf_export.export(model_folder(folder), tmp_path / "m.gguf", "F16", Monitor())


def test_a_scaled_rotary_is_refused(tmp_path: Path) -> None:
    folder = saved("llama", tmp_path / "model")
    config = json.loads((folder / "config.json").read_text())
    config["rope_parameters"] = {"rope_type": "llama3", "rope_theta": 10000.0, "factor": 8.0}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="llama3"):
        gguf_export.export(model_folder(folder), tmp_path / "m.gguf", "F16", Monitor())
