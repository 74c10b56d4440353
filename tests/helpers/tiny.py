"""Tiny random models of sixteen families, a byte tokenizer, and random tokens: everything the tests run on, made offline.

A model has 3 or 4 blocks, 32 channels and 260 tokens. Where a family has sliding windows they are 4 tokens long, shorter
than every test sequence, and where it mixes local and global blocks (or blocks with and without rotary positions) both
kinds are there, so that two blocks of one model are called differently.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedModel, PreTrainedTokenizerFast
from transformers.pytorch_utils import Conv1D

from mwanda_core.corpora import Packed
from mwanda_core.engine.outcome import PruneResult
from mwanda_core.models import LanguageModel, TokenBatch, wrap
from mwanda_core.parts.masks import unpack

VOCABULARY = 260
PAD, BOS, EOS, UNK = range(4)
LANGUAGES = ("en", "de", "sw")
WINDOW = 4

_LOCAL_GLOBAL = ["sliding_attention", "full_attention", "sliding_attention"]
_COMMON: dict[str, Any] = {
    "vocab_size": VOCABULARY, "hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4,
    "intermediate_size": 48, "max_position_embeddings": 2048, "pad_token_id": PAD, "bos_token_id": BOS, "eos_token_id": EOS,
}  # fmt: skip
_GROUPED = _COMMON | {"num_key_value_heads": 2}
_DROPPED = dict.fromkeys(("attention_dropout", "dropout", "activation_dropout"), 0.3)
"""Evaluation mode must switch dropout off: two forwards of a model left in training mode would differ."""

CONFIGS: dict[str, dict[str, Any]] = {
    "llama": _GROUPED,
    "mistral": _GROUPED | {"sliding_window": WINDOW, "head_dim": 8},
    "qwen2": _GROUPED | {"use_sliding_window": True, "sliding_window": WINDOW, "layer_types": _LOCAL_GLOBAL},
    "qwen3": _GROUPED
    | {"use_sliding_window": True, "sliding_window": WINDOW, "layer_types": _LOCAL_GLOBAL, "head_dim": 8},
    "gemma2": _GROUPED
    | {
        "sliding_window": WINDOW, "layer_types": _LOCAL_GLOBAL, "head_dim": 8, "query_pre_attn_scalar": 8,
        "final_logit_softcapping": 2.0, "attn_logit_softcapping": 3.0,
    },
    "gemma3_text": _GROUPED
    | {"sliding_window": WINDOW, "layer_types": _LOCAL_GLOBAL, "head_dim": 8, "query_pre_attn_scalar": 8},
    "phi3": _GROUPED | {"sliding_window": WINDOW},
    "smollm3": _GROUPED
    | {
        "num_hidden_layers": 4, "no_rope_layer_interval": 2, "use_sliding_window": True, "sliding_window": WINDOW,
        "layer_types": ["sliding_attention", "full_attention"] * 2,
    },
    "olmo2": _GROUPED,
    "cohere": _GROUPED | {"logit_scale": 0.25, "use_qk_norm": True},
    "cohere2": _GROUPED | {"logit_scale": 0.25, "sliding_window": WINDOW, "layer_types": _LOCAL_GLOBAL, "head_dim": 8},
    "gpt_neox": _COMMON | {"attention_dropout": 0.3, "hidden_dropout": 0.3},
    "gpt2": {
        "vocab_size": VOCABULARY, "n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 2048, "n_inner": 48,
        "resid_pdrop": 0.3, "pad_token_id": PAD, "bos_token_id": BOS, "eos_token_id": EOS,
    },
    "opt": _COMMON | _DROPPED | {"ffn_dim": 48, "word_embed_proj_dim": 32},
    "bloom": {
        "vocab_size": VOCABULARY, "hidden_size": 32, "n_layer": 3, "n_head": 4, "hidden_dropout": 0.3,
        "pad_token_id": PAD, "bos_token_id": BOS, "eos_token_id": EOS,
    },
    "xglm": _DROPPED
    | {
        "vocab_size": VOCABULARY, "d_model": 32, "num_layers": 3, "attention_heads": 4, "ffn_dim": 48,
        "max_position_embeddings": 2048, "pad_token_id": PAD, "bos_token_id": BOS, "eos_token_id": EOS,
    },
}  # fmt: skip

MIXTURE: dict[str, Any] = {
    "vocab_size": VOCABULARY, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
    "intermediate_size": 24, "pad_token_id": PAD, "bos_token_id": BOS, "eos_token_id": EOS, "num_local_experts": 4, "num_experts": 4,
    "num_experts_per_tok": 2, "moe_intermediate_size": 24, "head_dim": 8,
}  # fmt: skip
"""Sizes of a tiny mixture of experts, for any family that has one."""

FAMILIES = tuple(CONFIGS)
MIXED = ("qwen2", "qwen3", "gemma2", "gemma3_text", "cohere2", "smollm3")
"""Families whose blocks are not all called alike."""
FLAT = tuple(family for family in FAMILIES if family not in MIXED)


def randomise(module: nn.Module, seed: int) -> None:
    """Weights large enough that every block changes the hidden states; biases and norms off their neutral values."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if parameter.dim() >= 2:
                parameter.copy_(noise * parameter.shape[-1] ** -0.5)
            else:
                parameter.add_(0.1 * noise)


def hf_model(family: str, seed: int = 0, **changes: Any) -> PreTrainedModel:
    """A random transformers model of a family (or of any other model type, with all its settings in `changes`)."""
    config = AutoConfig.for_model(family, **(CONFIGS.get(family, {}) | changes))
    model = AutoModelForCausalLM.from_config(config)
    randomise(model, seed)
    return model


@functools.cache
def tokenizer() -> PreTrainedTokenizerFast:
    """One token per UTF-8 byte, after four special ones; a text opens with <bos>."""
    special = {"<pad>": PAD, "<bos>": BOS, "<eos>": EOS, "<unk>": UNK}
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = special | {byte: len(special) + i for i, byte in enumerate(alphabet)}
    assert len(vocabulary) == VOCABULARY
    backend = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>"))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    backend.decoder = decoders.ByteLevel()
    backend.post_processor = processors.TemplateProcessing(single="<bos> $A", special_tokens=[("<bos>", BOS)])
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, bos_token="<bos>", eos_token="<eos>", pad_token="<pad>", unk_token="<unk>"
    )


def language_model(family: str = "llama", seed: int = 0, **changes: Any) -> LanguageModel:
    """A random model of a family, ready to be pruned."""
    return wrap(hf_model(family, seed, **changes), tokenizer(), source=f"tiny {family}")


def random_ids(sequences: int, time: int, seed: int = 0) -> Tensor:
    """Tokens that are not special."""
    return torch.randint(4, VOCABULARY, (sequences, time), generator=torch.Generator().manual_seed(seed))


def packed(languages: tuple[str, ...] = LANGUAGES, per_language: int = 3, time: int = 12, seed: int = 0) -> Packed:
    """Random calibration tokens. Each language has a part of the vocabulary of its own, so languages differ inside."""
    generator = torch.Generator().manual_seed(seed)
    width = (VOCABULARY - 4) // max(3, len(languages))
    ids = [
        4 + row * width + torch.randint(0, width, (per_language, time), generator=generator) for row in range(len(languages))
    ]
    rows = torch.arange(len(languages)).repeat_interleave(per_language)
    sources = tuple((f"p{i}",) for i in range(len(languages) * per_language))
    return Packed("random", languages, torch.cat(ids), rows, sources)


def padded_batch(sequences: int = 3, time: int = 12) -> TokenBatch:
    """Three sequences of which the second and third are padded on the right."""
    keep = torch.ones(sequences, time, dtype=torch.bool)
    keep[1, time - 3 :] = False
    keep[2, time // 2 :] = False
    return TokenBatch(random_ids(sequences, time).masked_fill(~keep, PAD), torch.zeros(sequences, dtype=torch.long), keep)


def block_outputs(model: LanguageModel, ids: Tensor, keep: Tensor | None = None) -> list[Tensor]:
    """What every block gives during one ordinary forward of the whole model."""
    seen: list[Tensor] = []

    def note(module: nn.Module, args: Any, output: Any) -> None:
        seen.append((output[0] if isinstance(output, tuple) else output).clone())

    handles = [block.module.register_forward_hook(note) for block in model.blocks]
    try:
        with torch.no_grad():
            model.hf(input_ids=ids, attention_mask=None if keep is None else keep.long(), use_cache=False)
    finally:
        for handle in handles:
            handle.remove()
    return seen


def linear_modules(module: nn.Module) -> dict[str, nn.Module]:
    """The linear layers below a module, found without the library."""
    return {name: m for name, m in module.named_modules() if isinstance(m, nn.Linear | Conv1D)}


def oriented(module: nn.Module) -> Tensor:
    """A copy of a linear layer's weight as [out, in]."""
    weight = module.weight.detach().clone()
    return weight.T.contiguous() if isinstance(module, Conv1D) else weight


def all_bytes(model: LanguageModel) -> dict[str, bytes]:
    """Every parameter and buffer, bit for bit (-0.0 differs from 0.0)."""
    return {
        name: tensor.detach().contiguous().view(torch.uint8).numpy().tobytes() for name, tensor in model.hf.state_dict().items()
    }


def masks_of(result: PruneResult) -> dict[str, Tensor]:
    """The masks of a result by full name, unpacked."""
    shapes = {f"{o.block}.{o.module}": (o.outputs, o.inputs) for o in result.linears}
    found = {}
    for name, packed_mask in result.masks.items():
        found[name] = unpack(packed_mask, next(shape for key, shape in shapes.items() if name.endswith(f".{key}")))
    assert len(found) == len(result.linears)
    return found


def same(left: Mapping[str, Tensor], right: Mapping[str, Tensor]) -> bool:
    """Whether two mappings of masks are equal."""
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


Factory = Callable[..., LanguageModel]
