"""Every causal family and every family that reads pictures and writes text that transformers registers, as a tiny random model: right,
refused, wrong or crash. Of those that read pictures, what is pruned and measured is the part that reads and writes text.

    python -m benchmarks.families            all of them, a process each; results/families.md and .json
    python -m benchmarks.families llama      some, printed

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
from transformers import PreTrainedModel

from benchmarks.common import provenance, table_of, write

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
)
"""Changes of the sizes, in the order in which they are tried until transformers' own forward pass runs; None: the family's own; with a
plus, where the family's own is None too."""


def tiny_fields(config: Any, sizes: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a configuration that are made tiny, those of configurations within it too. Lists with an entry a layer become as
    short as there are layers, and keep every kind of layer that the family mixes."""
    from transformers import PreTrainedConfig

    known: dict[str, Any] = {name: value for name, value in sizes.items() if getattr(config, name, None) is not None}
    known |= {name[1:]: value for name, value in sizes.items() if name.startswith("+") and hasattr(config, name[1:])}
    for name, value in vars(config).items():
        if isinstance(value, PreTrainedConfig):
            known[name] = tiny_fields(value, sizes)
    before = next((getattr(config, name) for name in LAYERS if isinstance(getattr(config, name, None), int)), 0)
    after = next((known[name] for name in LAYERS if name in known), 3)
    for name, value in vars(config).items():
        if isinstance(value, list) and len(value) == before and before != after and name not in sizes:
            kinds = list(dict.fromkeys(map(str, value)))
            firsts = [next(one for one in value if str(one) == kind) for kind in kinds]
            known[name] = (firsts * after)[:after]
    return known


def tiny_model(name: str) -> PreTrainedModel:
    """The family's model at the first tiny sizes at which transformers itself can run it.

    Raises NotBuilt with the first reason when there are none.
    """
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText
    from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES as SEEING

    reason, built = "", None
    for changes in TRIES:
        sizes = {field: value for field, value in (SIZES | changes).items() if value is not None}
        try:
            config = AutoConfig.for_model(name, **tiny_fields(AutoConfig.for_model(name), sizes))
            builder: Any = AutoModelForImageTextToText if name in SEEING else AutoModelForCausalLM
            with torch.device("meta"):
                count = sum(p.numel() for p in builder.from_config(config).parameters())
            if count > LARGEST:
                raise ValueError(f"{count / 1e6:.0f} million weights: its sizes stand in fields that are not known here")
            model = builder.from_config(config).float().eval()
            built = built or model
            with torch.no_grad():
                model(input_ids=torch.randint(4, 260, (2, 24)), use_cache=False)
        except Exception as error:  # Not ours: the family does not run at these sizes.
            reason = reason or f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"
        else:
            return model
    if built is not None and any(word in reason for word in ALONE):
        return built  # What loading says of it is of interest.
    raise NotBuilt(reason)


ALONE = ("pixel_values", "flattened_patches", "Bbox", "'state'", "inputs_embeds", "set_default_language")
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
        return {"verdict": "not built", "said": str(error)}
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
    named = [name for name in arguments if name != "--kept"]
    done = [json.loads(line) for line in kept.read_text().splitlines()] if kept and kept.is_file() else []
    known = {row["family"] for row in done}
    for name in named or sorted({*CAUSAL, *SEEING}):
        if name not in known:
            done.append({"family": name, **in_a_process(name), "commit": provenance("")["commit"]})
            sys.stdout.write("{family}: {verdict}: {said}\n".format(**done[-1]))
            sys.stdout.flush()
            if kept:
                with kept.open("a") as stream:
                    stream.write(json.dumps(done[-1]) + "\n")
    if not named:
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
