"""Made-up reports of any size, with the tables and columns of a real one, for the page's tests."""

import numpy as np
import pandas as pd

from mwanda_core.languages import LANGUAGES, language
from mwanda_core.store.report import RunReport

MODULES = ("self_attn.q_proj", "self_attn.k_proj", "self_attn.o_proj", "mlp.up_proj", "mlp.down_proj")
INPUTS = ("q_proj, k_proj", "o_proj", "up_proj", "down_proj")


def report(num_languages: int, blocks: int = 6, accuracy: bool = True, sparsity: float = 0.5, id: str = "made-up") -> RunReport:
    """A report of `num_languages` languages, the last third of them (when there are three or more) not calibrated on."""
    rng = np.random.default_rng(num_languages)
    codes = list(LANGUAGES)[:num_languages]
    calibrated = codes[: max(1, num_languages - num_languages // 3)]
    tables = {
        "languages": _languages(codes, calibrated, accuracy, rng),
        "layers": _layers(blocks, sparsity),
        "allocation": pd.DataFrame(
            {
                "block": range(blocks), "importance": rng.normal(size=blocks), "weights": [500] * blocks,
                "sparsity": [sparsity] * blocks, "uniform": sparsity,
            }
        ),
        "activations": _activations(calibrated, blocks, rng),
        "similarity": _similarity(calibrated, rng),
        "texts": pd.DataFrame({"language": codes, "text": "tea", "tokens": 9, "bytes": 30, "nll_dense": 20.0, "nll_pruned": 30.0}),
        "choices": pd.DataFrame({"language": codes, "item": "tea", "answer": 1, "picked_dense": 1, "picked_pruned": 2}),
    }  # fmt: skip
    return RunReport(_facts(id, codes, calibrated, tables["languages"], sparsity, blocks), tables)


def _languages(codes: list[str], calibrated: list[str], accuracy: bool, rng: np.random.Generator) -> pd.DataFrame:
    count = len(codes)
    increase = rng.uniform(0.1, 2.0, count)
    table = pd.DataFrame(
        {
            "language": codes, "name": [language(c).name for c in codes],
            "role": ["calibration" if c in calibrated else "held-out" for c in codes], "texts": 12, "tokens": 900, "bytes": 3000,
            "dense_perplexity": rng.uniform(10, 500, count), "increase": increase, "increase_low": increase - 0.1,
            "increase_high": increase + 0.1, "perplexity_ratio": np.exp(increase), "ratio_low": np.exp(increase - 0.1),
            "ratio_high": np.exp(increase + 0.1), "dense_bits_per_byte": 1.0, "dense_bits_se": 0.02, "pruned_bits_per_byte": 1.4,
            "pruned_bits_se": 0.03,
        }
    )  # fmt: skip
    table["pruned_perplexity"] = table["dense_perplexity"] * table["perplexity_ratio"]
    if accuracy:
        dense = rng.uniform(0.3, 1.0, count)
        table = table.assign(
            items=12, chance=0.25, dense_accuracy=dense, dense_low=dense - 0.2, dense_high=np.minimum(1.0, dense + 0.2),
            pruned_accuracy=dense - 0.1, pruned_low=dense - 0.3, pruned_high=dense, accuracy_change=-0.1, change_low=-0.3,
            change_high=0.1, p_value=0.5,
        )  # fmt: skip
    return table


def _layers(blocks: int, sparsity: float) -> pd.DataFrame:
    rows = [
        (
            b,
            module,
            module.rpartition(".")[2],
            10,
            10,
            100,
            sparsity,
            sparsity,
            round(100 * (1 - sparsity)),
            round(100 * sparsity),
            1,
            "",
        )
        for b in range(blocks)
        for module in MODULES
    ]
    names = [
        "block",
        "module",
        "kind",
        "outputs",
        "inputs",
        "weights",
        "allocated",
        "achieved",
        "kept",
        "pruned",
        "zeros_before",
        "note",
    ]
    return pd.DataFrame(rows, columns=names)


def _activations(codes: list[str], blocks: int, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for block in range(blocks):
        for name in INPUTS:
            deviation = rng.uniform(0.001, 2.0, len(codes)) if len(codes) > 1 else np.zeros(1)
            rows += [
                (c, language(c).name, block, name, name, rng.uniform(0.1, 20.0), d, deviation.mean())
                for c, d in zip(codes, deviation, strict=True)
            ]
    return pd.DataFrame(rows, columns=["language", "name", "block", "input", "modules", "rms", "deviation", "variance"])


def _similarity(codes: list[str], rng: np.random.Generator) -> pd.DataFrame:
    rows = [(a, language(a).name, b, language(b).name, 1.0 if a == b else rng.uniform(0.5, 1.0)) for a in codes for b in codes]
    return pd.DataFrame(rows, columns=["language", "name", "other", "other_name", "correlation"])


def _facts(
    id: str, codes: list[str], calibrated: list[str], table: pd.DataFrame, sparsity: float, blocks: int
) -> dict[str, object]:
    held_out = table[table["role"] == "held-out"]["increase"]
    worst = table.loc[table["increase"].idxmax()]
    return {
        "id": id,
        "settings": {
            "model": "made/up", "languages": calibrated, "held_out": [c for c in codes if c not in calibrated],
            "method": "wanda", "sparsity": sparsity,
        },
        "recipe": {
            "name": "m-wanda", "title": "M-Wanda", "summary": "", "activation": {"name": "variance"}, "score": {"name": "wanda"},
            "allocation": {"name": "cwl", "strength": 0.05}, "pattern": {"name": "unstructured"},
        },
        "model": {
            "source": "made/up", "parameters": 4000, "prunable": 500 * blocks, "blocks": blocks, "dtype": "float32", "device": "cpu",
        },
        "summary": {
            "mean_increase": float(table["increase"].mean()),
            "mean_increase_calibration": float(table[table["role"] == "calibration"]["increase"].mean()),
            "mean_increase_held_out": float(held_out.mean()) if len(held_out) else None,
            "worst_language": worst["language"], "worst_increase": float(worst["increase"]), "achieved_sparsity": sparsity,
            **({"mean_accuracy_change": -0.1} if "items" in table else {}),
        },
        "timings": {"load": 1.0, "total": 2.5},
        "versions": {"torch": "2", "transformers": "5"},
        "notes": ["Embeddings stay dense."],
    }  # fmt: skip
