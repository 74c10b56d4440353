"""Every causal family and every family that reads pictures and writes text that transformers registers, as a tiny random model: right,
refused, wrong or crash. Of those that read pictures, what is pruned and measured is the part that reads and writes text.

    python -m benchmarks.families            all of them, a process each; results/families.md and .json
    python -m benchmarks.families llama      some, printed
    python -m benchmarks.families --again llama    some, in the place of their rows; the others stay as they are

Each model is loaded from a folder, run once with texts and choices, pruned by Wanda in every walk and by two other methods, undone, pruned
again, exported and read back. "Right" is judged by plain torch, not by the engine: the walk over blocks against the model's own forward,
Wanda's mask in one block rebuilt from hooks, zeros counted in the exported file, a loss by cross-entropy over the model's logits.
"""

import importlib
import json
import multiprocessing
import sys
import tempfile
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import torch
import transformers
from safetensors.torch import save_file
from transformers import PreTrainedModel

from benchmarks.common import RESULTS, provenance, table_of, write
from mwanda_core.models import load

LIMIT = 60.0
"""Seconds for one family; most need one or two."""

LARGEST = 30e6
"""Weights of a tiny model; a tower that sees pictures is not always made tiny."""

SIZES: dict[str, Any] = {
    "vocab_size": 260, "hidden_size": 32, "d_model": 32, "n_embd": 32, "embed_dim": 32, "word_embed_proj_dim": 32,
    "num_hidden_layers": 3, "n_layer": 3, "n_layers": 3, "num_layers": 3,
    "num_attention_heads": 4, "n_head": 4, "n_heads": 4, "attention_heads": 4, "num_heads": 4, "num_key_value_heads": 2, "head_dim": 8,
    "intermediate_size": 48, "ffn_dim": 48, "n_inner": 48, "d_ff": 48, "ffn_hidden_size": 48, "dff": 48,
    "decoder_layers": 3, "encoder_layers": 2, "num_decoder_layers": 3, "decoder_ffn_dim": 48, "encoder_ffn_dim": 48,
    "decoder_attention_heads": 4, "encoder_attention_heads": 4, "index_n_heads": 2, "index_head_dim": 16, "index_topk": 1024,
    "max_position_embeddings": 1024, "n_positions": 1024, "n_ctx": 1024, "max_seq_len": 1024, "sliding_window": 64,
    "num_experts": 4, "num_local_experts": 4, "n_routed_experts": 4, "moe_intermediate_size": 16, "num_experts_per_tok": 2,
    "shared_expert_intermediate_size": 16, "n_group": 1, "topk_group": 1, "first_k_dense_replace": 1, "moe_num_experts": 4,
    "state_size": 8, "mamba_d_state": 8, "mamba_n_heads": 4, "mamba_d_head": 16, "mamba_expand": 2, "mamba_num_heads": 4, "mamba_head_dim": 16,
    "ssm_state_size": 8, "mamba_n_groups": 1, "n_groups": 1, "n_mamba_heads": 2, "mamba_chunk_size": 16, "chunk_size": 16,
    "linear_num_value_heads": 4, "linear_num_key_heads": 2, "linear_key_head_dim": 8, "linear_value_head_dim": 8,
    "q_lora_rank": 16, "kv_lora_rank": 16, "qk_rope_head_dim": 8, "qk_nope_head_dim": 8, "v_head_dim": 8, "rotary_dim": 4,
    "lru_width": 32, "attention_window_size": 64, "query_pre_attn_scalar": 8, "global_head_dim": 8, "hidden_size_per_layer_input": 8,
    "hidden_size_global": 32, "hidden_sizes": 32, "moe_hidden_size": 32, "projector_hidden_size": 32, "projection_dim": 32,
    "adapter_in_dim": 32, "adapter_input_size": 32, "adapter_out_dim": 32, "image_token_embed_dim": 32, "latent_channels": 32,
    "base_channels": 32, "num_embeddings": 64, "codebook_size": 64, "encoder_hash_byte_group_vocab": 260, "o_lora_rank": 16,
    "swa_num_attention_heads": 4, "swa_num_key_value_heads": 2, "swa_head_dim": 8, "sliding_window_size": 64, "rel_extent": 64,
    "linear_num_heads": 4, "linear_head_dim": 8, "num_sliding_attention_heads": 4, "share_expert_dim": 16,
    "shared_experts_intermediate_size": 16, "ple_embed_dim": 32, "hc_lowrank": 8, "ngram_vocab_size_base": 260, "depths": 1,
    "resampler_dim_head": 8, "aligner_num_add_layers": 1,
    "out_hidden_size": 32, "text_hidden_size": 32, "mamba_d_ssm": 64, "axial_pos_embds_dim": [16, 16], "vocab_size_per_layer_input": 260, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "is_decoder": True,
}  # fmt: skip
"""Field of a configuration -> a tiny value, wherever a family has a field of that name."""


LAYERS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers", "num_decoder_layers", "decoder_layers")

TRIES: tuple[dict[str, Any], ...] = (
    {},
    {"num_key_value_heads": 4},
    {"head_dim": None},
    {"head_dim": None, "num_key_value_heads": 4},
    {"num_key_value_heads": 4, "head_dim": 16, "v_head_dim": 16},
    {"num_hidden_layers": 4},
    {"num_key_value_heads": 1},
    {"head_dim": 16},
    {"hidden_size": 512, "head_dim": 128, "out_hidden_size": 512, "text_hidden_size": 512},
    {"num_experts_per_tok": 1},
    {"num_hidden_layers": None, "num_encoder_layers": 2},
    {"max_position_embeddings": None},
    {"v_head_dim": None},
    {"+head_dim": 8, "+num_key_value_heads": 2},
    {"+n_routed_experts": 4, "+moe_intermediate_size": 16},
    {"+layer_types": ["full_attention", "conv", "full_attention"]},
    {"num_kv_shared_layers": 0},
    {"hidden_size_per_layer_input": 0},
    {"num_key_value_heads": 4, "+num_experts_per_tok": 2},
    {"+n_routed_experts": 4, "+moe_intermediate_size": 16, "+num_experts_per_tok": 2, "+n_shared_experts": 1, "+mlp_layer_types": ["dense", "sparse", "sparse"]},
    {"qk_rope_head_dim": None, "head_dim": None, "num_key_value_heads": 4},
    {"+sliding_window": 64},
    {"mrope_section": [1, 1, 2]},
    {"+head_dim": 8, "mrope_section": [1, 1, 1, 1]},
    {"num_key_value_heads": 4, "head_dim": 20},
    {"hidden_size": 128, "head_dim": 32, "out_hidden_size": 128, "text_hidden_size": 128},
    {"whole": True},
)  # fmt: skip
"""Changes of the sizes, in the order in which they are tried until transformers' own forward pass runs; None: the family's own; with a
plus, where the family's own is None too. "mrope_section" goes into the rotary positions; "whole" gives configurations within it whole."""

GIVEN: dict[str, dict[str, Any]] = {
    "chameleon": {"vocabulary_map": {"<image>": 4}},
    "dbrx": {"attn_config": {"rope_theta": 10000.0, "clip_qkv": 8.0}},
    "diffusion_gemma": {"text_config": {"num_experts": 4, "top_k_experts": 2, "moe_intermediate_size": 16}},
    "emu3": {"vocabulary_map": {"<image>": 4, "<|extra_200|>": 5}},
    "ernie4_5_vl_moe": {"text_config": {"rope_parameters": {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [1, 1, 2]}}},
    "gemma4_assistant": {"text_config": {"hidden_size_per_layer_input": 0, "vocab_size_per_layer_input": 0}},
    "granite4_vision": {"deepstack_layer_map": [[-1, 0]], "downsample_rate": "1/2"},
    "qwen4_exp": {"text_config": {"indexer_n_heads": 2, "indexer_kv_heads": 1, "indexer_head_dim": 8, "indexer_budget": 64, "indexer_compress_ratio": 4}},
    "zamba2": {"num_hidden_layers": 4, "layers_block_type": ["linear_attention", "hybrid", "hybrid", "hybrid"], "num_mem_blocks": 2, "use_shared_attention_adapter": True},
    "qwen4_exp_text": {"indexer_n_heads": 2, "indexer_kv_heads": 1, "indexer_head_dim": 8, "indexer_budget": 64, "indexer_compress_ratio": 4},
}  # fmt: skip
"""Fields that every checkpoint of a family has and its configuration has no usable default for, or no small one (Zamba 2's shared blocks)."""


def tiny_fields(config: Any, sizes: Mapping[str, Any], given: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The fields of a configuration that are made tiny, those of configurations within it too. Lists with an entry a layer become as
    short as there are layers, and keep every kind of layer that the family mixes, with what such layers have of their own."""
    from transformers import PreTrainedConfig

    given = given or {}
    own = {name: value for name in {*sizes, *vars(config)} if (value := _own(config, name)) is not None}
    before = next((own[name] for name in LAYERS if isinstance(own.get(name), int)), 0)
    known: dict[str, Any] = {name: _like(own[name], value) for name, value in sizes.items() if name in own}
    known |= {name[1:]: value for name, value in sizes.items() if name.startswith("+") and hasattr(type(config), name[1:])}
    after = next((known[name] for name in LAYERS if name in known), 3)
    first: list[int] = list(range(after))
    for name, value in own.items():
        if isinstance(value, PreTrainedConfig):
            known[name] = (value.to_dict() if "whole" in sizes else {}) | tiny_fields(value, sizes, given.get(name))
        elif isinstance(value, list | tuple) and len(value) == before and before != after:
            kinds = [next(i for i, one in enumerate(value) if str(one) == kind) for kind in dict.fromkeys(map(str, value))]
            first = (kinds * after)[:after] if name == "layer_types" else first
            known[name] = known[name][:after] if name in sizes else type(value)(value[i] for i in (kinds * after)[:after])
    rope = own.get("rope_parameters")
    if rope is not None and "mrope_section" in sizes and "rope_type" in rope:
        known["rope_parameters"] = rope | {"mrope_section": sizes["mrope_section"]}
    if rope == {} and "layer_types" in own:
        known["rope_parameters"] = {kind: {"rope_type": "default", "rope_theta": 10000.0} for kind in own["layer_types"]}
    spec = own.get("_heterogeneity_spec")
    if spec is not None and spec.per_layer_overrides:
        # What kinds of layers have of their own stays in the same proportion to what the others have.
        known["per_layer_config"] = {
            at: {
                name: max(1, known[name] * value // _own(config, name)) if name in known else value
                for name, value in spec.per_layer_overrides[layer].items()
            }
            for at, layer in enumerate(first)
            if layer in spec.per_layer_overrides
        }
    return known | {name: value for name, value in given.items() if not isinstance(value, dict) or name not in known}


def usual(name: str) -> Any:
    """A family's configuration as it is without being told anything; with what has to be told where it needs that."""
    from transformers import AutoConfig

    try:
        return AutoConfig.for_model(name)
    except Exception:
        return AutoConfig.for_model(name, **GIVEN.get(name, {}))


def _own(config: Any, name: str) -> Any:
    """A configuration's own value, also where layers may have others; None for none."""
    try:
        return getattr(config, name, None)
    except Exception:
        return vars(config).get(name)


def _like(own: Any, size: Any) -> Any:
    """A size as a family writes it: one for each of several, where it has several."""
    return type(own)([size] * len(own)) if isinstance(own, list | tuple) and isinstance(size, int) else size


def builder_of(name: str) -> Any:
    """What of transformers builds a family."""
    from transformers import AutoModelForCausalLM, AutoModelForImageTextToText
    from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES as SEEING

    return AutoModelForImageTextToText if name in SEEING else AutoModelForCausalLM


def built(config: Any, builder: Any) -> PreTrainedModel:
    """The model of a configuration; where transformers registers a class for it that takes a part of it, the class of that part."""
    try:
        return builder.from_config(config)  # type: ignore[no-any-return]
    except (AttributeError, ValueError) as error:
        kind = builder._model_mapping[type(config)]
        part = next((part for part in (config, *vars(config).values()) if isinstance(part, kind.config_class)), config)
        if part is config and "Unrecognized configuration class" not in str(error):
            raise
        return kind._from_config(part)  # type: ignore[no-any-return]


def tiny_model(name: str) -> PreTrainedModel:
    """The family's model at the first tiny sizes at which transformers itself can run it.

    Raises NotBuilt with the first reason when there are none.
    """
    from transformers import AutoConfig

    reason, unread = "", None
    for changes in TRIES:
        sizes = {field: value for field, value in (SIZES | changes).items() if value is not None}
        try:
            config = AutoConfig.for_model(name, **tiny_fields(usual(name), sizes, GIVEN.get(name)))
            builder = builder_of(name)
            with torch.device("meta"):
                count = sum(p.numel() for p in built(config, builder).parameters())
            if count > LARGEST:
                raise ValueError(f"{count / 1e6:.0f} million weights: its sizes stand in fields that are not known here")
            model = built(config, builder).float().eval()
            unread = unread or model
            with torch.no_grad():
                model(input_ids=torch.randint(4, 260, (2, 24)), use_cache=False)
        except Exception as error:  # Not ours: the family does not run at these sizes.
            reason = reason or f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"
        else:
            return model
    if unread is not None and any(word in reason for word in ALONE):
        return unread  # What loading says of it is of interest.
    raise NotBuilt(reason)


def what_loading_says(name: str) -> str:
    """Of a family that transformers itself does not build from its own configuration: what loading a checkpoint of it says.

    Raises InputError for a refusal.
    """
    config, builder = usual(name), builder_of(name)
    try:
        with torch.device("meta"):
            built(config, builder)
    except Exception:
        with tempfile.TemporaryDirectory() as folder:
            config.save_pretrained(folder)
            save_file({"weight": torch.zeros(1)}, f"{folder}/model.safetensors", metadata={"format": "pt"})
            load(folder, "cpu", "float32")
    return ""


ALONE = ("pixel_values", "flattened_patches", "Bbox", "'state'", "inputs_embeds", "set_default_language", "shape '[-1, 4,")
"""Words of a family's own refusal to read a text alone."""


class NotBuilt(Exception):
    """transformers does not build or run a family at any sizes that are known here."""


def one(name: str) -> Mapping[str, str]:
    """Verdict and sentence for one family."""
    from benchmarks import families_checks as checks
    from mwanda_core.errors import InputError

    try:
        model = tiny_model(name)
        with tempfile.TemporaryDirectory() as folder:
            return {"verdict": "right", "said": checks.all_of(model, Path(folder))}
    except NotBuilt as error:
        try:
            return {"verdict": "not built", "said": what_loading_says(name) or str(error)}
        except InputError as refusal:
            return {"verdict": "refused", "said": str(refusal)}
    except InputError as error:
        return {"verdict": "refused", "said": str(error)}
    except AssertionError as error:
        return {"verdict": "wrong", "said": str(error)[:200]}
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in where if "mwanda_core" in frame.filename or "families" in frame.filename] or where
        place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}"
        return {"verdict": "crash", "said": f"{type(error).__name__} in {place}: {' '.join(str(error).split())[:160]}"}


def in_a_process(name: str) -> Mapping[str, str]:
    """As `one`, with a limit of time and apart from all others: forked, so that torch is imported once."""
    context = multiprocessing.get_context("fork")
    mine, theirs = context.Pipe(duplex=False)
    worker = context.Process(target=lambda: theirs.send(one(name)), daemon=True)
    worker.start()
    theirs.close()
    try:
        found = mine.recv() if mine.poll(LIMIT) else {"verdict": "not done", "said": f"not done after {LIMIT:.0f} s"}
    except EOFError:
        found = {"verdict": "crash", "said": "the process died"}
    worker.kill()
    worker.join()
    return found


def main(arguments: list[str]) -> None:
    """Run the families named, or all of them; `--kept FILE` goes on where an earlier call stopped."""
    from transformers.models.auto.modeling_auto import (
        MODEL_FOR_CAUSAL_LM_MAPPING_NAMES as CAUSAL,
        MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES as SEEING,
    )

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    importlib.import_module("benchmarks.families_checks")  # Before the first fork, once for all.
    kept = Path(arguments.pop(arguments.index("--kept") + 1)) if "--kept" in arguments else None
    named = [name for name in arguments if not name.startswith("--")]
    again = "--again" in arguments
    done = [json.loads(line) for line in kept.read_text().splitlines()] if kept and kept.is_file() else []
    if again:
        rows = json.loads((RESULTS / "families.json").read_text(encoding="utf-8"))["rows"]
        done += [row for row in rows if row["family"] not in {*named, *(row["family"] for row in done)}]
    known = {row["family"] for row in done}
    for name in named or sorted({*CAUSAL, *SEEING}):
        if name not in known:
            done.append({"family": name, **in_a_process(name), "commit": provenance("")["commit"]})
            sys.stdout.write("{family}: {verdict}: {said}\n".format(**done[-1]))
            sys.stdout.flush()
            if kept:
                with kept.open("a") as stream:
                    stream.write(json.dumps(done[-1]) + "\n")
    if again or not named:
        report(pd.DataFrame(sorted(done, key=lambda row: row["family"])))


def report(table: pd.DataFrame) -> None:
    """results/families.json and .md"""
    counts = table["verdict"].value_counts().to_dict()
    heading = "Families: " + ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    # The folder of a tiny model is of no interest, and of "it" the rest is said.
    table = table.assign(said=table["said"].str.replace(r"'?/\S*/dense'?", "it", regex=True).str.strip("; "))
    shown = table.assign(said=table["said"].str.replace("|", "/"))[["family", "verdict", "said"]]
    commits = table["commit"].value_counts().to_dict()  # Rows that were kept may be of an earlier one.
    write(
        "families", table, provenance("python -m benchmarks.families", counts=counts, commits=commits), heading, table_of(shown)
    )


if __name__ == "__main__":
    main(sys.argv[1:])
