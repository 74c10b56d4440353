"""Time and memory of pruning as a model grows, and whether a simple model of the cost foretells the largest from the others.

    python -m benchmarks.scaling [--shapes 60m,150m,400m,1b] [--sequences 16] [--length 256] [--rounds 3]

    seconds = (passes 2 N T + attention) / R + statistics I T / S + cutting N / C

N prunable weights, T tokens, I numbers that enter distinct inputs of a token's way through the blocks, passes of the walk; R, S and C
are rates, found by least squares on all shapes but the last and used to foretell the last. Memory beside the model: what
`mwanda_core.models.memory.estimate` says, against the resident peak.
"""

import argparse
import json
import statistics

import numpy as np
import pandas as pd
import torch
from scipy.optimize import nnls

from benchmarks.common import command_of, provenance, table_of, write
from benchmarks.prune_speed import SPARSITY, bare, timed
from benchmarks.random_llama import random_llama, random_tokens
from mwanda_core.engine.pruning import prune
from mwanda_core.methods.recipes import recipe
from mwanda_core.models import LanguageModel
from mwanda_core.models.memory import estimate

PASSES = {"bare": 1, "one-pass": 1, "sequential": 2, "per-linear": 1}


def features(model: LanguageModel, tokens: int, length: int, way: str) -> list[float]:
    """Operations of the passes, numbers read by the statistics, and weights cut, each in units of 10^12, 10^9 and 10^9."""
    blocks, hidden = len(model.blocks), model.shape.hidden
    weights = sum(linear.weight.numel() for block in model.blocks for linear in block.linears)
    # Scores and mixing of values: every token meets on average half of those before it, but the product is taken with all.
    attention = 4 * tokens * length * hidden * blocks
    # q, k and v read one tensor, gate and up another; o and down read their own.
    read = sum(2 * hidden + block.linears[3].weight.shape[1] + block.linears[-1].weight.shape[1] for block in model.blocks)
    pruned = way != "bare"
    passes = PASSES[way]
    return [passes * (2 * weights * tokens + attention) / 1e12, pruned * read * tokens / 1e9, pruned * weights / 1e9]


def measure(shape: str, given: argparse.Namespace) -> list[dict[str, float | str | list[float]]]:
    """Medians of each way on one shape."""
    model = random_llama(shape, torch.device("cpu"), torch.bfloat16)
    packed = random_tokens(model.vocabulary, given.sequences, given.length, 2)
    wanda = recipe("wanda")
    ways = {
        "bare": lambda: bare(model, packed),
        "one-pass": lambda: prune(model, packed, wanda, SPARSITY, "one-pass"),
        "sequential": lambda: prune(model, packed, wanda, SPARSITY),
        "per-linear": lambda: prune(model, packed, wanda, SPARSITY, "per-linear"),
    }
    found: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    for turn in range(given.rounds + 1):
        for way, work in ways.items():
            one = timed(work)
            if turn:  # The first round warms up.
                found[way].append(one)
    foreseen = estimate(model.shape, packed.num_tokens, 2)
    beside = (foreseen.backup + foreseen.statistics + foreseen.activations) / 2**20
    weights = sum(linear.weight.numel() for block in model.blocks for linear in block.linears)
    return [
        {
            "shape": shape, "prunable": weights, "way": way, "seconds": statistics.median(one["seconds"] for one in rounds),
            "peak MiB": max(one["peak"] for one in rounds), "estimate MiB": beside,
            "features": features(model, packed.num_tokens, given.length, way),
        }
        for way, rounds in found.items()
    ]  # fmt: skip


def main() -> None:
    """See the module docstring."""
    found = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    found.add_argument("--shapes", default="60m,150m,400m,1b")
    found.add_argument("--sequences", type=int, default=16)
    found.add_argument("--length", type=int, default=256)
    found.add_argument("--rounds", type=int, default=3)
    given = found.parse_args()
    shapes = given.shapes.split(",")
    frame = pd.DataFrame([row for shape in shapes for row in measure(shape, given)])
    table = np.array(frame["features"].tolist())
    known = (frame["shape"] != shapes[-1]).to_numpy()
    # Relative errors count, so that the largest shape known does not decide alone; nothing costs less than no time.
    seconds = frame["seconds"].to_numpy()
    rates, _ = nnls(table[known] / seconds[known, None], np.ones(known.sum()))
    frame["foretold"] = table @ rates
    frame["off"] = frame["foretold"] / frame["seconds"] - 1
    frame["fitted"] = known
    costs = dict(zip(("seconds per 10^12 operations", "per 10^9 numbers", "per 10^9 weights"), rates.tolist(), strict=True))
    facts = provenance(
        command_of("scaling", found, given), threads=torch.get_num_threads(), sequences=given.sequences, length=given.length,
        rounds=given.rounds, costs=costs,
    )  # fmt: skip
    shown = frame.drop(columns="features")
    text = f"{table_of(shown)}\n\nCosts found on all shapes but the last: `{json.dumps(costs)}`"
    write("scaling", shown, facts, "Cost of pruning as models grow: random Llama shapes, bf16, CPU", text)


if __name__ == "__main__":
    main()
