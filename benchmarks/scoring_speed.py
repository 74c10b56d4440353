"""Scoring tokens on a CPU: losses in cache-sized pieces against one float32 copy of all logits of a chunk, side by side.

    python -m benchmarks.scoring_speed

Medians of interleaved rounds on the built-in model; ratios are to the head's bare matrix product for the same tokens.
"""

import statistics
import time
from collections.abc import Callable

import pandas as pd
import torch
from torch import Tensor

import mwanda_core as mw
from benchmarks.common import provenance, table_of, write
from mwanda_core.evaluation.losses import chunked_losses
from mwanda_core.models import LOSS_CHUNK_ELEMENTS

TOKENS, ROUNDS = 1024, 7


def main() -> None:
    """See the module docstring."""
    model = mw.load("gemma-3-270m", "cpu")
    generator = torch.Generator().manual_seed(0)
    hidden = torch.randn(TOKENS, model.shape.hidden, generator=generator).to(model.dtype)
    targets = torch.randint(0, model.vocabulary, (TOKENS,), generator=generator)
    size = LOSS_CHUNK_ELEMENTS // model.vocabulary
    with torch.no_grad(), model.head() as head:

        def bare() -> Tensor:
            return torch.cat([head(part)[:, 0] for part in hidden.split(size)])

        def one_copy() -> Tensor:
            parts = zip(hidden.split(size), targets.split(size), strict=True)
            return torch.cat([torch.nn.functional.cross_entropy(head(h).float(), t, reduction="none") for h, t in parts])

        def pieces() -> Tensor:
            return chunked_losses(head, hidden, targets, model.vocabulary)

        ways: dict[str, Callable[[], Tensor]] = {
            "bare product": bare,
            "one float32 copy": one_copy,
            "cache-sized pieces": pieces,
        }
        seconds: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, way in ways.items():
                started = time.perf_counter()
                way()
                seconds[name].append(time.perf_counter() - started)
        difference = float((one_copy() - pieces()).abs().max())
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    frame = pd.DataFrame(
        {"way": name, "milliseconds per 1000 tokens": 1e6 * value / TOKENS, "ratio to bare": value / medians["bare product"]}
        for name, value in medians.items()
    )
    facts = provenance("python -m benchmarks.scoring_speed", tokens=TOKENS, rounds=ROUNDS, largest_difference=difference)
    write("scoring_speed", frame, facts, "Scoring tokens: Gemma 3 270M, 262,144 words, CPU", table_of(frame))


if __name__ == "__main__":
    main()
