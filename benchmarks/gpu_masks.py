"""Whether a GPU cuts the masks that the CPU cuts: the same model in float32 on both, mask by mask, ties counted.

    python -m benchmarks.gpu_masks                          on a CUDA machine
    python -m benchmarks.gpu_masks --other cpu              whether this script works: nothing differs

A weight that only one of the two keeps is a tie when its score is no further from the other side of its row's cut than twice the
largest difference that the two devices' scores show in that row: rounding then explains it. Everything else is counted as different.
Times are of the same call on both, by the clock.
"""

import argparse
import time

import pandas as pd
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from benchmarks.common import calibration, command_of, provenance, table_of, texts, write
from mwanda_core.engine.plan import evidence_of
from mwanda_core.engine.pruning import prune
from mwanda_core.methods.recipes import Recipe, recipe
from mwanda_core.models import LanguageModel, load
from mwanda_core.parts.masks import unpack

WAYS = (("wanda", "one-pass"), ("wanda", "per-linear"), ("m-wanda", "one-pass"), ("m-wanda", "per-linear"))


def parted(
    mine: Bool[Tensor, "out in"], other: Bool[Tensor, "out in"], score: Float[Tensor, "out in"], its: Float[Tensor, "out in"]
) -> tuple[int, int]:
    """Weights that one mask keeps and the other does not: all of them, and those that rounding explains."""
    apart = mine != other
    rounding = (score - its).abs().amax(dim=1, keepdim=True)
    lowest_kept = score.masked_fill(~mine, torch.inf).amin(dim=1, keepdim=True)
    highest_cut = score.masked_fill(mine, -torch.inf).amax(dim=1, keepdim=True)
    gap = torch.where(mine, score - highest_cut, lowest_kept - score)
    return int(apart.sum()), int((apart & (gap <= 2 * rounding)).sum())


def cut(
    model: LanguageModel, method: Recipe, mode: str, languages: list[str], tokens: int
) -> tuple[dict[str, Tensor], dict[str, Tensor], float]:
    """Masks and scores of every linear by full name, on the CPU, and the seconds of pruning; the model is dense again."""
    packed = calibration(model, texts("built-in", languages), languages, tokens, 128)
    started = time.perf_counter()
    result = prune(model, packed, method, 0.5, mode)  # type: ignore[arg-type]
    seconds = time.perf_counter() - started
    result.restore()
    items = [item for block in model.blocks for item in evidence_of(method, block, result.stats[block.index]).linears.values()]
    scores = {item.name: method.score(item).float().cpu() for item in items}
    return {name: unpack(mask, tuple(scores[name].shape)) for name, mask in result.masks.items()}, scores, seconds


def compared(
    mine: LanguageModel, other: LanguageModel, name: str, mode: str, languages: list[str], tokens: int
) -> dict[str, object]:
    """One way of pruning, on both."""
    masks, scores, seconds = cut(mine, recipe(name), mode, languages, tokens)
    its_masks, its_scores, its_seconds = cut(other, recipe(name), mode, languages, tokens)
    counts = [parted(mask, its_masks[linear], scores[linear], its_scores[linear]) for linear, mask in masks.items()]
    whole, apart, ties = (
        sum(mask.numel() for mask in masks.values()),
        sum(count for count, _ in counts),
        sum(tie for _, tie in counts),
    )
    return {
        "method": name, "walk": mode, "weights": whole, "differ": apart, "differ, of a million": 1e6 * apart / whole,
        "ties": ties, "beyond rounding": apart - ties, "CPU seconds": seconds, "other seconds": its_seconds,
    }  # fmt: skip


def parser() -> argparse.ArgumentParser:
    """The command line."""
    found = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    found.add_argument("--model", default="gemma-3-270m")
    found.add_argument("--other", default="cuda", help="the device beside the CPU")
    found.add_argument("--languages", default="en,de,hi,sw")
    found.add_argument("--tokens", type=int, default=1280)
    return found


def main() -> None:
    """See the module docstring."""
    given = parser().parse_args()
    mine, other = load(given.model, "cpu", "float32"), load(given.model, given.other, "float32")
    languages = given.languages.split(",")
    if given.other != "cpu":
        compared(mine, other, *WAYS[0], languages, 128)  # the first call on a GPU loads its libraries
    frame = pd.DataFrame([compared(mine, other, *way, languages, given.tokens) for way in WAYS])
    hardware = torch.cuda.get_device_name() if given.other.startswith("cuda") else "CPU"
    facts = provenance(command_of("gpu_masks", parser(), given), hardware=hardware)
    if given.other == "cpu":
        print(table_of(frame))
        return
    write("gpu_masks", frame, facts, f"Masks of {given.model} at 50 % in float32: {hardware} beside the CPU", table_of(frame))


if __name__ == "__main__":
    main()
