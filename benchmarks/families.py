"""Every causal family that transformers registers, as a tiny random model: right, refused, wrong or crash.

    python -m benchmarks.families            all of them, a process each; results/families.md and .json
    python -m benchmarks.families llama      some, printed

Each model is loaded from a folder, run once with texts and choices, pruned by Wanda in every walk and by two other methods, undone, pruned
again, exported and read back. "Right" is judged by plain torch, not by the engine: the walk over blocks against the model's own forward,
Wanda's mask in one block rebuilt from hooks, zeros counted in the exported file, a loss by cross-entropy over the model's logits.
"""

import multiprocessing
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import torch
import transformers

from benchmarks.common import provenance, table_of, write

LIMIT = 120.0
"""Seconds for one family."""

SIZES: dict[str, Any] = {
    "vocab_size": 260, "hidden_size": 32, "d_model": 32, "n_embd": 32, "embed_dim": 32, "word_embed_proj_dim": 32,
    "num_hidden_layers": 3, "n_layer": 3, "n_layers": 3, "num_layers": 3,
    "num_attention_heads": 4, "n_head": 4, "n_heads": 4, "attention_heads": 4, "num_heads": 4, "num_key_value_heads": 2, "head_dim": 8,
    "intermediate_size": 48, "ffn_dim": 48, "n_inner": 48, "d_ff": 48, "ffn_hidden_size": 48,
    "max_position_embeddings": 1024, "n_positions": 1024, "n_ctx": 1024, "max_seq_len": 1024, "sliding_window": 64,
    "num_experts": 4, "num_local_experts": 4, "n_routed_experts": 4, "moe_intermediate_size": 16, "num_experts_per_tok": 2,
    "shared_expert_intermediate_size": 16, "n_group": 1, "topk_group": 1, "first_k_dense_replace": 1, "moe_num_experts": 4,
    "state_size": 8, "mamba_d_state": 8, "mamba_n_heads": 4, "mamba_d_head": 16, "mamba_expand": 2, "mamba_num_heads": 4, "mamba_head_dim": 16,
    "ssm_state_size": 8, "mamba_n_groups": 1, "n_groups": 1, "n_mamba_heads": 2, "mamba_chunk_size": 16, "chunk_size": 16,
    "linear_num_value_heads": 4, "linear_num_key_heads": 2, "linear_key_head_dim": 8, "linear_value_head_dim": 8,
    "q_lora_rank": 16, "kv_lora_rank": 16, "qk_rope_head_dim": 8, "qk_nope_head_dim": 8, "v_head_dim": 8, "rotary_dim": 4,
    "lru_width": 32, "attention_window_size": 64, "query_pre_attn_scalar": 8, "global_head_dim": 8, "hidden_size_per_layer_input": 8,
    "vocab_size_per_layer_input": 260, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "is_decoder": True,
}  # fmt: skip
"""Field of a configuration -> a tiny value, wherever a family has a field of that name."""


def tiny_config(name: str) -> Any:
    """The family's configuration with every size that we know by name made tiny."""
    from transformers import AutoConfig

    config = AutoConfig.for_model(name)
    text = config.get_text_config()
    known = {field: value for field, value in SIZES.items() if getattr(text, field, None) is not None}
    layers = next((known[field] for field in ("num_hidden_layers", "n_layer", "n_layers", "num_layers") if field in known), 3)
    kinds = getattr(text, "layer_types", None)
    if kinds and not isinstance(getattr(type(text), "layer_types", None), property):
        # Every kind of layer that the family mixes stays in.
        known["layer_types"] = (list(dict.fromkeys(kinds)) * layers)[:layers]
    return AutoConfig.for_model(name, **known) if text is config else AutoConfig.for_model(name, text_config=known)


def one(name: str) -> Mapping[str, str]:
    """Verdict and sentence for one family."""
    from transformers import AutoModelForCausalLM

    from benchmarks import families_checks as checks
    from mwanda_core.errors import InputError

    try:
        config = tiny_config(name)
        model = AutoModelForCausalLM.from_config(config)
    except Exception as error:  # Not ours: the family does not build at these sizes.
        return {"verdict": "not built", "said": f"{type(error).__name__}: {str(error)[:160]}"}
    if sum(p.numel() for p in model.parameters()) > 30e6:
        return {"verdict": "not built", "said": "its sizes stand in fields that are not known here"}
    try:
        with tempfile.TemporaryDirectory() as folder:
            return {"verdict": "right", "said": checks.all_of(model, Path(folder))}
    except InputError as error:
        return {"verdict": "refused", "said": str(error)}
    except AssertionError as error:
        return {"verdict": "wrong", "said": str(error)[:200]}
    except Exception as error:
        import traceback

        where = traceback.extract_tb(error.__traceback__)[-1]
        return {
            "verdict": "crash",
            "said": f"{type(error).__name__} in {Path(where.filename).name}:{where.lineno}: {str(error)[:160]}",
        }


def in_a_process(name: str) -> Mapping[str, str]:
    """As `one`, with a limit of time and apart from all others: forked, so that torch is imported once."""
    context = multiprocessing.get_context("fork")
    mine, theirs = context.Pipe(duplex=False)
    worker = context.Process(target=lambda: theirs.send(one(name)), daemon=True)
    worker.start()
    theirs.close()
    try:
        found = mine.recv() if mine.poll(LIMIT) else {"verdict": "crash", "said": f"not done after {LIMIT:.0f} s"}
    except EOFError:
        found = {"verdict": "crash", "said": "the process died"}
    worker.kill()
    worker.join()
    return found


def main(arguments: list[str]) -> None:
    """Run the families named, or all of them."""
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    rows = []
    for name in arguments or sorted(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES):
        rows.append({"family": name, **in_a_process(name)})
        sys.stdout.write("{family}: {verdict}: {said}\n".format(**rows[-1]))
        sys.stdout.flush()
    if not arguments:
        report(pd.DataFrame(rows))


def report(table: pd.DataFrame) -> None:
    """results/families.json and .md"""
    counts = table["verdict"].value_counts().to_dict()
    heading = "Families: " + ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    shown = table.assign(said=table["said"].str.replace("|", "/"))
    write("families", table, provenance("python -m benchmarks.families", counts=counts), heading, table_of(shown))


if __name__ == "__main__":
    main(sys.argv[1:])
