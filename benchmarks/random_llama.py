"""Llama models with random weights, for timings that do not depend on what a model has learned; and random tokens."""

import json
from pathlib import Path
from typing import Any

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from mwanda_core.corpora import Packed
from mwanda_core.engine.onload.files import INDEX, Source, write_shard
from mwanda_core.models import LanguageModel, wrap

SHAPES: dict[str, dict[str, int]] = {
    "tiny": {"hidden_size": 64, "intermediate_size": 172, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 512},
    "60m": {"hidden_size": 640, "intermediate_size": 2560, "num_hidden_layers": 8, "num_attention_heads": 10, "num_key_value_heads": 10, "vocab_size": 32000},
    "150m": {"hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 9, "num_attention_heads": 16, "num_key_value_heads": 16, "vocab_size": 32000},
    "400m": {"hidden_size": 1536, "intermediate_size": 6144, "num_hidden_layers": 11, "num_attention_heads": 24, "num_key_value_heads": 24, "vocab_size": 32000},
    "1b": {"hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 16, "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 32000},
    "7b": {"hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32, "vocab_size": 32000},
}  # fmt: skip
"""The shapes of Llama 3.2 1B (with a smaller vocabulary: embeddings play no part) and Llama 2 7B."""


def config(shape: str, **changes: Any) -> LlamaConfig:
    """The configuration of a shape."""
    return LlamaConfig(**SHAPES[shape], max_position_embeddings=4096, architectures=["LlamaForCausalLM"], **changes)


def random_llama(shape: str, device: torch.device, dtype: torch.dtype) -> LanguageModel:
    """A model in memory, made where it will be used."""
    torch.manual_seed(0)
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with device:
            model = LlamaForCausalLM(config(shape))
    finally:
        torch.set_default_dtype(before)
    return wrap(model, None, source=f"random {shape}")


def write_random_llama(folder: Path, shape: str, dtype: torch.dtype) -> int:
    """A model on a disk whose weights were never all in memory. Returns its size in bytes."""
    folder.mkdir(parents=True)
    settings = config(shape, dtype=str(dtype).removeprefix("torch."))
    settings.save_pretrained(str(folder))
    generator = torch.Generator().manual_seed(0)
    hidden, wide = settings.hidden_size, settings.intermediate_size
    keys = hidden // settings.num_attention_heads * settings.num_key_value_heads

    def weight(*size: int) -> Source:
        return Source(dtype, size, lambda: torch.randn(size, generator=generator) * 0.02)

    outer = {
        "model.embed_tokens.weight": weight(settings.vocab_size, hidden),
        "lm_head.weight": weight(settings.vocab_size, hidden),
    }
    shards = [outer | {"model.norm.weight": weight(hidden)}]
    for index in range(settings.num_hidden_layers):
        block = {
            "self_attn.q_proj": weight(hidden, hidden), "self_attn.k_proj": weight(keys, hidden), "self_attn.v_proj": weight(keys, hidden),
            "self_attn.o_proj": weight(hidden, hidden), "mlp.gate_proj": weight(wide, hidden), "mlp.up_proj": weight(wide, hidden),
            "mlp.down_proj": weight(hidden, wide), "input_layernorm": weight(hidden), "post_attention_layernorm": weight(hidden),
        }  # fmt: skip
        shards.append({f"model.layers.{index}.{name}.weight": source for name, source in block.items()})
    places: dict[str, str] = {}
    size = 0
    for number, tensors in enumerate(shards):
        name = f"model-{number + 1:05d}-of-{len(shards):05d}.safetensors"
        size += write_shard(folder / name, tensors)
        places |= dict.fromkeys(tensors, name)
    (folder / INDEX).write_text(json.dumps({"metadata": {"total_size": size}, "weight_map": places}))
    return size


def random_tokens(vocabulary: int, sequences: int, length: int, num_languages: int) -> Packed:
    """Random tokens; the sequences are shared out among so many languages, the number of tokens is the same for any."""
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(4, vocabulary, (sequences, length), generator=generator)
    rows = torch.arange(sequences) * num_languages // sequences
    return Packed("random", tuple(f"l{i}" for i in range(num_languages)), ids, rows, ((),) * sequences)
