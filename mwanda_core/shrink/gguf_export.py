"""A model folder as one `.gguf` file that llama.cpp runs, and the file read back and compared tensor by tensor.

The converters that come with llama.cpp refuse a trimmed byte-level tokenizer (they know tokenizers by a hash) and mistake a trimmed
SentencePiece one, so the file is written here, through the `gguf` package. Families: gemma3, llama, qwen2, qwen3, qwen3moe. Norms, biases and
routers stay float32; matrices whose rows are no multiple of 32 stay float16 in Q8_0 and Q4_0; embedding and head are Q8_0 in Q4_0, since
every token is read with them (llama-quantize takes six bits). Gemma's norms are written with 1 added, Llama's q and k with their rotary
halves interleaved, experts of a layer together, as llama.cpp has them. All numbers are rounded by the package's own functions.
"""

import dataclasses
import importlib.util
import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mwanda_core.errors import InputError, ModelError, UnknownName
from mwanda_core.progress import Monitor
from mwanda_core.shrink import experts, tensors
from mwanda_core.shrink.folders import TOKENIZER_CONFIG, ModelFolder, model_folder
from mwanda_core.shrink.gguf_vocabulary import words
from mwanda_core.shrink.vocabulary import num_rows, table_of

FAMILIES = {
    "gemma3_text": "gemma3",
    "llama": "llama",
    "mistral": "llama",
    "qwen2": "qwen2",
    "qwen3": "qwen3",
    "qwen3_moe": "qwen3moe",
}
TYPES = ("F16", "BF16", "Q8_0", "Q4_0")
BLOCK = 32
_WORDS = ("token_embd.weight", "output.weight")
_EXPERT = re.compile(r"(.*\.experts)\.(\d+)\.(.*)")


@dataclasses.dataclass(frozen=True)
class ReadBack:
    """One tensor of the file beside the model's."""

    name: str
    kind: str
    error: float
    """Largest difference over the largest value."""


def available() -> bool:
    """Whether the `gguf` package is installed."""
    return importlib.util.find_spec("gguf") is not None


def check(folder: ModelFolder, kind: str) -> None:
    """Raises InputError when the file could not be written: package, type of numbers, family, or a setting that GGUF has no word for."""
    if not available():
        raise InputError('Writing GGUF needs the package gguf: run pip install "mwanda-explorer[demo]" or pip install gguf.')
    if kind not in TYPES:
        raise UnknownName("type of numbers for GGUF", kind, TYPES)
    if folder.model_type not in FAMILIES:
        raise ModelError(
            f"{folder.model_type} is not written to GGUF here: only {', '.join(dict.fromkeys(FAMILIES.values()))}."
        )
    config = folder.text_config
    for rope in _ropes(config):
        if rope.get("rope_type", "default") != "default":
            raise ModelError(f"Rotary positions of the type {rope['rope_type']!r} are not written to GGUF here.")
    # llama.cpp divides by the sum over the chosen experts, and expects some in every block.
    mixed = not config.get("norm_topk_prob") or config.get("mlp_only_layers") or config.get("decoder_sparse_step", 1) != 1
    if FAMILIES[folder.model_type] == "qwen3moe" and mixed:
        raise ModelError("llama.cpp has no word for how this model weighs its experts, or for blocks of it without any.")
    layout = config.get("layer_types") or []
    if FAMILIES[folder.model_type] != "gemma3" and any(kind != "full_attention" for kind in layout):
        raise ModelError(f"{folder.model_type} with sliding attention is not written to GGUF here.")


def export(folder: ModelFolder, file: Path, kind: str, monitor: Monitor, name: str = "") -> Path:
    """Write the file, whole or not at all. Units of progress: tensors. Raises as `check`, and InputError when the file is there."""
    check(folder, kind)
    file = Path(file)
    if file.exists():
        raise InputError(f"{str(file)!r} is there already: choose another name for the GGUF file.")
    file.parent.mkdir(parents=True, exist_ok=True)
    monitor.plan(float(len(folder.tensors)))
    with tempfile.TemporaryDirectory(prefix=f".{file.stem}-", dir=file.parent) as scratch:
        part = Path(scratch) / "part.gguf"
        _write(folder, part, kind, monitor, name or folder.path.name)
        part.rename(file)
    return file


def _write(folder: ModelFolder, part: Path, kind: str, monitor: Monitor, name: str) -> None:
    import gguf

    arch = FAMILIES[folder.model_type]
    writer = gguf.GGUFWriter(part, arch)
    writer.add_name(name)
    writer.add_file_type(getattr(gguf.LlamaFileType, f"MOSTLY_{kind}"))
    _settings(writer, folder, arch)
    _tokenizer(writer, folder)
    wanted = gguf.GGMLQuantizationType[kind]
    for target, values in _tensors(folder, arch):
        # What is a vector or a router, or has rows that a block of 32 does not divide, is kept in a plain type.
        vector = values.ndim < 2 or "ffn_gate_inp" in target
        plain = gguf.GGMLQuantizationType.F32 if vector else gguf.GGMLQuantizationType.F16
        coarse = gguf.GGMLQuantizationType.Q8_0 if kind == "Q4_0" and target in _WORDS else wanted
        used = coarse if not vector and (kind[0] != "Q" or values.shape[-1] % BLOCK == 0) else plain
        writer.add_tensor(target, gguf.quants.quantize(values, used), raw_dtype=used)
        monitor.advance(1.0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _ropes(config: dict[str, Any]) -> list[dict[str, Any]]:
    """Rotary settings: one, or one a kind of attention."""
    given = config.get("rope_parameters") or config.get("rope_scaling") or {}
    several = [value for value in given.values() if isinstance(value, dict)]
    return several or [given]


def _settings(writer: Any, folder: ModelFolder, arch: str) -> None:
    config = folder.text_config
    head = config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config.get("num_key_value_heads") or config["num_attention_heads"])
    writer.add_key_length(head)
    writer.add_value_length(head)
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_vocab_size(num_rows(folder))
    given = config.get("rope_parameters") or {}
    full = given.get("full_attention", given)
    writer.add_rope_freq_base(float(full.get("rope_theta") or config.get("rope_theta") or 10_000.0))
    if arch == "llama":
        writer.add_rope_dimension_count(head)
    if arch == "qwen3moe":
        writer.add_expert_count(experts.count_of(folder))
        writer.add_expert_used_count(experts.at_once(folder))
        writer.add_expert_feed_forward_length(config["moe_intermediate_size"])
    if arch == "gemma3":
        _gemma(writer, config, head)


def _gemma(writer: Any, config: dict[str, Any], head: int) -> None:
    from mwanda_core.shrink.layers import period

    if config.get("query_pre_attn_scalar", head) != head:
        raise ModelError("llama.cpp scales Gemma 3's attention by the heads' size, and this model's by another number.")
    layout = config["layer_types"]
    length = period(layout)
    if length == 1 or layout[:length] != ["sliding_attention"] * (length - 1) + ["full_attention"]:
        raise ModelError("llama.cpp expects each group of Gemma's blocks to end with its global one; this layout does not.")
    writer.add_sliding_window(config["sliding_window"])
    writer.add_sliding_window_pattern(length)
    local = (config.get("rope_parameters") or {}).get("sliding_attention", {})
    writer.add_rope_freq_base_swa(float(local.get("rope_theta", 10_000.0)))


def _tokenizer(writer: Any, folder: ModelFolder) -> None:
    table = table_of(folder)
    found = words(table, num_rows(folder))
    writer.add_tokenizer_model(found.model)
    writer.add_tokenizer_pre(found.pre)
    writer.add_token_list(list(found.tokens))
    writer.add_token_types(list(found.types))
    if found.scores is not None:
        writer.add_token_scores(list(found.scores))
    if found.merges is not None:
        writer.add_token_merges(list(found.merges))
    if found.space_prefix is not None:
        writer.add_add_space_prefix(found.space_prefix)
    writer.add_add_bos_token(found.opens)
    named = {"bos": writer.add_bos_token_id, "eos": writer.add_eos_token_id, "pad": writer.add_pad_token_id}
    for word, add in named.items():
        number = folder.text_config.get(f"{word}_token_id")
        number = number[0] if isinstance(number, list) else number
        if isinstance(number, int):
            add(number)
    unknown = table.ids.get(table.data["model"].get("unk_token") or "")
    if unknown is not None:
        writer.add_unk_token_id(unknown)
    template = folder.json(TOKENIZER_CONFIG).get("chat_template")
    file = folder.path / "chat_template.jinja"
    template = file.read_text(encoding="utf-8") if file.is_file() else template
    if isinstance(template, str):
        writer.add_chat_template(template)


def _tensors(folder: ModelFolder, arch: str) -> Any:
    """Names and float32 values as llama.cpp has them, one at a time.

    Raises ModelError for a tensor that the family has no place for.
    """
    import gguf

    number = next(number for number, word in gguf.MODEL_ARCH_NAMES.items() if word == arch)
    names = gguf.get_tensor_name_map(number, folder.text_config["num_hidden_layers"])
    tied = bool(folder.config.get("tie_word_embeddings", folder.text_config.get("tie_word_embeddings", False)))
    together: dict[str, dict[int, tensors.Stored]] = {}
    for name, one in folder.tensors.items():
        if tied and name.endswith("lm_head.weight"):
            continue
        if match := _EXPERT.fullmatch(name):
            together.setdefault(f"{match[1]}.{match[3]}", {})[int(match[2])] = one
        else:
            together[name] = {0: one}
    for name, parts in together.items():
        target = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if target is None:
            raise ModelError(f"GGUF has no place for {name} in the family {arch}.")
        some = [_converted(tensors.read_tensor(one), name, arch, folder.text_config) for _, one in sorted(parts.items())]
        yield target, np.stack(some) if ".experts." in name else some[0]


def _converted(values: torch.Tensor, name: str, arch: str, config: dict[str, Any]) -> np.ndarray:
    found = values.float()
    if arch == "gemma3" and name.endswith("norm.weight"):
        found = found + 1.0
    if arch == "llama" and name.endswith(("q_proj.weight", "k_proj.weight", "q_proj.bias", "k_proj.bias")):
        heads = (
            config["num_attention_heads"]
            if ".q_proj." in name
            else config.get("num_key_value_heads") or config["num_attention_heads"]
        )
        found = found.reshape(heads, 2, found.shape[0] // heads // 2, *found.shape[1:]).swapaxes(1, 2).reshape(found.shape)
    return found.contiguous().numpy()


def read_back(file: Path, folder: Path) -> list[ReadBack]:
    """Every tensor of the file beside the model's own.

    Raises ModelError when the file has not exactly the model's tensors.
    """
    import gguf

    source = model_folder(folder)
    wanted = dict(_tensors(source, FAMILIES[source.model_type]))
    reader = gguf.GGUFReader(file)
    given = {tensor.name: tensor for tensor in reader.tensors}
    if wanted.keys() != given.keys():
        raise ModelError(f"{file.name} has not the model's tensors: {sorted(wanted.keys() ^ given.keys())[0]} is in one only.")
    found = []
    for name, values in wanted.items():
        tensor = given[name]
        kept = gguf.quants.dequantize(tensor.data, tensor.tensor_type).reshape(values.shape)
        largest = max(float(np.abs(values).max()), 1e-30)
        found.append(ReadBack(name, tensor.tensor_type.name, float(np.abs(kept - values).max()) / largest))
    return found
