"""A 7B-shaped Llama with random weights and 128 x 2048 tokens: time and memory of every walk on one GPU.

    python -m benchmarks.gpu_7b                              on a CUDA machine (about 40 GB for all ways)
    python -m benchmarks.gpu_7b --onload FOLDER              one block on the GPU at a time, weights in FOLDER (13 GB twice)
    python -m benchmarks.gpu_7b --onload FOLDER --device cpu --shape 1b --limit-gib 1.5    under a hard limit on memory (Linux)
    python -m benchmarks.gpu_7b --device cpu --small         whether this script works

Times are medians of the rounds by the clock, between synchronisations; memory is the allocator's peak on a GPU and resident
memory elsewhere.
"""

import argparse
import resource
import shutil
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
import torch

from benchmarks.common import command_of, provenance, table_of, write
from benchmarks.prune_speed import bare
from benchmarks.random_llama import SHAPES, random_llama, random_tokens, write_random_llama
from mwanda_core.corpora import Packed
from mwanda_core.engine.onload import OnloadEstimate, OnloadSettings, prune_onloading
from mwanda_core.engine.onload.memory import peak_bytes, reset_peak
from mwanda_core.engine.pruning import prune
from mwanda_core.methods.recipes import recipe
from mwanda_core.models import LanguageModel
from mwanda_core.models.memory import gib

SPARSITY, SHARE = 0.5, 0.1


def timed(device: torch.device, work: Callable[[], Any]) -> tuple[float, float]:
    """Seconds and GiB of one call; what it pruned is undone."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        torch.cuda.reset_peak_memory_stats(device)
    reset_peak()
    started = time.perf_counter()
    result = work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    seconds = time.perf_counter() - started
    peak = torch.cuda.max_memory_allocated(device) if device.type == "cuda" else peak_bytes()
    if result is not None:
        result.restore()
    return seconds, peak / 2**30


def in_memory(model: LanguageModel, packed: Packed, rounds: int) -> pd.DataFrame:
    """Every walk with the whole model on the device."""
    wanda, ours = recipe("wanda"), recipe("m-wanda")
    ways: dict[str, Callable[[], Any]] = {
        "bare": lambda: bare(model, packed),
        "wanda one-pass": lambda: prune(model, packed, wanda, SPARSITY, "one-pass"),
        "wanda sequential": lambda: prune(model, packed, wanda, SPARSITY),
        "wanda per-linear": lambda: prune(model, packed, wanda, SPARSITY, "per-linear"),
        "m-wanda per-linear": lambda: prune(model, packed, ours, SPARSITY, "per-linear", allocation_share=SHARE),
    }
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    bare(model, packed.part(SHARE))  # the first call loads what it runs with
    for _ in range(rounds):
        for name, work in ways.items():
            try:
                found[name].append(timed(model.device, work))
            except torch.OutOfMemoryError:
                found[name].append((float("nan"), float("nan")))
    rows = []
    for name, pairs in found.items():
        seconds, memory = (statistics.median(values) for values in zip(*pairs, strict=True))
        rows.append({"way": name, "seconds": seconds, "GiB": memory})
    frame = pd.DataFrame(rows)
    frame["ratio"] = frame["seconds"] / frame["seconds"][0]
    return frame


def onloading(given: argparse.Namespace, packed: Packed, dtype: str) -> pd.DataFrame:
    """Prune from and to a disk; the estimate is printed before anything is read."""
    source, target = given.onload / f"random-{given.shape}", given.onload / "pruned"
    if not source.exists():
        size = write_random_llama(source, given.shape, getattr(torch, dtype))
        sys.stderr.write(f"written: {source}, {gib(size)}\n")
    shutil.rmtree(target, ignore_errors=True)
    if given.limit_gib:
        held = next(
            int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmData")
        )
        most = held * 1024 + int(given.limit_gib * 2**30)
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))

    def announce(estimate: OnloadEstimate) -> None:
        sys.stderr.write(f"expected: {estimate.sentence()}\n")

    settings = OnloadSettings(given.device, dtype, given.waiting, SHARE, announce)
    held_before = psutil.Process().memory_info().rss
    found = prune_onloading(source, target, packed, recipe(given.method), SPARSITY, settings)
    gpu = torch.cuda.max_memory_allocated() if given.device.startswith("cuda") else 0
    row = {
        "way": f"{given.method} onloading, {given.waiting}", "seconds": found.seconds, "model GiB": found.estimate.model / 2**30,
        "expected GiB": found.estimate.job / 2**30, "used GiB": (found.peak - held_before) / 2**30, "GPU GiB": gpu / 2**30,
    }  # fmt: skip
    return pd.DataFrame([row])


def parser() -> argparse.ArgumentParser:
    """The command line."""
    found = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    found.add_argument("--device", default="cuda")
    found.add_argument("--shape", default="7b", choices=sorted(SHAPES))
    found.add_argument("--sequences", type=int, default=128)
    found.add_argument("--length", type=int, default=2048)
    found.add_argument("--languages", type=int, default=4)
    found.add_argument("--rounds", type=int, default=3)
    found.add_argument("--method", default="m-wanda")
    found.add_argument("--onload", type=Path, default=None, help="folder for the model and its pruned copy")
    found.add_argument("--waiting", default="memory", choices=("memory", "disk"))
    found.add_argument("--limit-gib", type=float, default=0.0, help="hard limit on what the job may take (Linux)")
    found.add_argument("--small", action="store_true")
    return found


def main() -> None:
    """See the module docstring."""
    given = parser().parse_args()
    if given.small:
        given.shape, given.sequences, given.length, given.rounds = "tiny", 8, 64, 1
    device = torch.device(given.device)
    dtype = "bfloat16"
    packed = random_tokens(SHAPES[given.shape]["vocab_size"], given.sequences, given.length, given.languages)
    if given.onload is not None:
        name, frame = "gpu_7b_onload", onloading(given, packed, dtype)
    else:
        name, frame = "gpu_7b", in_memory(random_llama(given.shape, device, getattr(torch, dtype)), packed, given.rounds)
    if given.small:
        print(table_of(frame))
        return
    hardware = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
    facts = provenance(
        command_of("gpu_7b", parser(), given, onload="FOLDER"),
        hardware=hardware,
        shape=given.shape,
        sequences=given.sequences,
        length=given.length,
    )
    write(name, frame, facts, f"Pruning a random {given.shape}-shaped Llama on {hardware}", table_of(frame))


if __name__ == "__main__":
    main()
