"""What pruning costs beside the forward pass that it cannot do without: medians of interleaved rounds on one set of tokens.

    python -m benchmarks.prune_speed [--models gemma-3-270m,random-1b] [--sequences 90] [--length 341] [--rounds 5]
                                     [--llmcompressor PYTHON] [--small]

bare        tokens to embeddings and through all blocks, nothing else
wanda, m-wanda   each walk of this library; M-Wanda's allocation from a tenth of the tokens where it is a pass of its own
plain       Wanda as published walks do it: one sample at a time, seven statistics a block, two forwards, full sorts
llm-compressor   `oneshot` with its Wanda modifier, by the Python of an environment that has it (time of that call alone)

`cpu` is this process's time summed over threads, which other programs disturb less than the clock. Peaks are resident
memory beyond what the process held before (Linux).
"""

import argparse
import contextlib
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pandas as pd
import psutil
import torch

import mwanda_core as mw
import mwanda_core.engine.ledger
import mwanda_core.parts.patterns
from benchmarks.common import command_of, provenance, table_of, write
from benchmarks.plain_wanda import plain_wanda
from benchmarks.random_llama import random_llama, random_tokens
from mwanda_core.corpora import Packed
from mwanda_core.engine.measure import measure_model
from mwanda_core.engine.onload.memory import peak_bytes, reset_peak
from mwanda_core.engine.pruning import prune
from mwanda_core.engine.streams import record_all, send_through
from mwanda_core.engine.weights import DenseCopy
from mwanda_core.methods.recipes import recipe
from mwanda_core.models import LanguageModel
from mwanda_core.parts.needs import Need
from mwanda_core.parts.statistics import Accumulator
from mwanda_core.progress import Monitor

SPARSITY, SHARE = 0.5, 0.1
MANY_LANGUAGES = 30

LLMCOMPRESSOR = """
import json, sys, time
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer
from llmcompressor import oneshot
from llmcompressor.modifiers.pruning import WandaPruningModifier
folder, tokens, target = sys.argv[1:4]
model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
ids = json.load(open(tokens))
data = Dataset.from_dict({"input_ids": ids, "attention_mask": [[1] * len(row) for row in ids]})
modifier = WandaPruningModifier(sparsity=0.5, mask_structure="0:0", targets=["Linear"], ignore=["re:.*lm_head"])
clock, cpu = time.perf_counter(), time.process_time()
oneshot(model=model, processor=tokenizer, dataset=data, num_calibration_samples=len(ids), max_seq_length=len(ids[0]),
        shuffle_calibration_samples=False, sequential_targets=[target], recipe=modifier)
print(json.dumps({"seconds": time.perf_counter() - clock, "cpu": time.process_time() - cpu}))
"""


def bare(model: LanguageModel, packed: Packed) -> None:
    """Embeddings and blocks."""
    recordings = record_all(model, packed)
    hidden = [recording.hidden for recording in recordings]
    for block in model.blocks:
        hidden = send_through(model, block, recordings, hidden, Monitor())


def ways(model: LanguageModel, few: Packed, many: Packed) -> dict[str, Callable[[], Any]]:
    """Everything that is timed in this process. `many` holds the same tokens in thirty languages."""
    wanda, ours = recipe("wanda"), recipe("m-wanda")
    return {
        "bare": lambda: bare(model, few),
        "wanda one-pass": lambda: prune(model, few, wanda, SPARSITY, "one-pass"),
        "wanda sequential": lambda: prune(model, few, wanda, SPARSITY),
        "wanda per-linear": lambda: prune(model, few, wanda, SPARSITY, "per-linear"),
        "m-wanda one-pass": lambda: prune(model, few, ours, SPARSITY, "one-pass"),
        "m-wanda sequential": lambda: prune(model, few, ours, SPARSITY, allocation_share=SHARE),
        "m-wanda per-linear": lambda: prune(model, few, ours, SPARSITY, "per-linear", allocation_share=SHARE),
        "statistics, 1 language": lambda: _measured(model, few),
        f"statistics, {MANY_LANGUAGES} languages": lambda: _measured(model, many),
        "plain wanda": lambda: _plain(model, few),
    }


def _measured(model: LanguageModel, packed: Packed) -> None:
    measure_model(model, packed, frozenset({Need.POSITIVE}), Monitor())


def _plain(model: LanguageModel, packed: Packed) -> DenseCopy:
    copy = DenseCopy()
    for block in model.blocks:
        for linear in block.linears:
            copy.save(block.full_name(linear), linear)
    started = time.perf_counter(), time.process_time()
    plain_wanda(model, packed, SPARSITY)
    copy.spent = time.perf_counter() - started[0], time.process_time() - started[1]  # type: ignore[attr-defined]
    return copy


def timed(way: Callable[[], Any]) -> dict[str, float]:
    """Seconds by the clock and of this process, and the memory on top of what was held; the model is dense afterwards."""
    held = psutil.Process().memory_info().rss
    reset_peak()
    clock, cpu = time.perf_counter(), time.process_time()
    result = way()
    seconds, own = time.perf_counter() - clock, time.process_time() - cpu
    peak = peak_bytes() - held
    seconds, own = getattr(result, "spent", (seconds, own))  # The copy that `plain` is undone with is not its own.
    if result is not None:
        result.restore()
    return {"seconds": seconds, "cpu": own, "peak": peak / 2**20}


@contextlib.contextmanager
def stopwatches() -> Iterator[dict[str, float]]:
    """Seconds spent in the parts of a per-linear walk while inside; the forward pass is what remains."""
    spent = dict.fromkeys(("statistics", "scoring", "selecting", "writing"), 0.0)

    def around(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **kwargs: Any) -> Any:
            started = time.process_time()
            try:
                return work(*args, **kwargs)
            finally:
                spent[name] += time.process_time() - started

        return watched

    cutting = mwanda_core.engine.ledger
    score = type(recipe("wanda").score)
    with contextlib.ExitStack() as stack:
        for owner, attribute, name in (
            (Accumulator, "add", "statistics"), (score, "__call__", "scoring"), (mwanda_core.parts.patterns, "keep_top", "selecting"),
            (cutting, "cut_", "writing"), (cutting, "pack", "writing"), (cutting, "natural_zeros", "writing"), (DenseCopy, "save", "writing"),
        ):  # fmt: skip
            stack.enter_context(mock.patch.object(owner, attribute, around(name, getattr(owner, attribute))))
        yield spent


def breakdown(model: LanguageModel, packed: Packed) -> pd.DataFrame:
    """Where the processor time of a per-linear Wanda goes."""
    started = time.process_time()
    with stopwatches() as spent:
        prune(model, packed, recipe("wanda"), SPARSITY, "per-linear").restore()
    total = time.process_time() - started
    parts = {"forward and the rest": total - sum(spent.values()), **spent}
    return pd.DataFrame([{"part": name, "cpu seconds": value, "share": value / total} for name, value in parts.items()])


def llmcompressor(python: str, model: LanguageModel, packed: Packed) -> dict[str, float]:
    """One run in another environment. The model needs a tokenizer."""
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder) / "model")
        (Path(folder) / "tokens.json").write_text(json.dumps(packed.ids.tolist()))
        arguments = [
            python,
            "-c",
            LLMCOMPRESSOR,
            f"{folder}/model",
            f"{folder}/tokens.json",
            type(model.blocks[0].module).__name__,
        ]
        done = subprocess.run(arguments, capture_output=True, text=True, check=True)
        found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        return found | {"peak": float("nan")}


def one_model(name: str, given: argparse.Namespace) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All ways on one model: a row a way with medians and ratios to bare, and where the time of one goes."""
    shape = "tiny" if given.small else name.removeprefix("random-")
    model = (
        random_llama(shape, torch.device("cpu"), torch.bfloat16)
        if given.small or name.startswith("random-")
        else mw.load(name, "cpu")
    )
    packed = [random_tokens(model.vocabulary, given.sequences, given.length, count) for count in (1, MANY_LANGUAGES)]
    todo = ways(model, *packed)
    if given.llmcompressor and model.tokenizer is not None:
        todo["llm-compressor wanda"] = lambda: None
    rounds: dict[str, list[dict[str, float]]] = {way: [] for way in todo}
    for _ in range(given.rounds):
        for way, work in todo.items():
            other = way == "llm-compressor wanda"
            rounds[way].append(llmcompressor(given.llmcompressor, model, packed[0]) if other else timed(work))
    medians = {way: {key: statistics.median(r[key] for r in found) for key in found[0]} for way, found in rounds.items()}
    first = medians["bare"]
    rows = [
        {
            "model": name,
            "way": way,
            **found,
            "clock ratio": found["seconds"] / first["seconds"],
            "cpu ratio": found["cpu"] / first["cpu"],
        }
        for way, found in medians.items()
    ]
    parts = breakdown(model, packed[0])
    parts.insert(0, "model", name)
    return pd.DataFrame(rows), parts


def main() -> None:
    """See the module docstring."""
    found = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    found.add_argument("--models", default="gemma-3-270m,random-1b")
    found.add_argument("--sequences", type=int, default=90)
    found.add_argument("--length", type=int, default=341)
    found.add_argument("--rounds", type=int, default=5)
    found.add_argument("--llmcompressor", default="", help="Python of an environment that has llm-compressor")
    found.add_argument("--small", action="store_true", help="tiny random models: whether this script works")
    given = found.parse_args()
    if given.small:
        given.sequences, given.length, given.rounds = 30, 32, 1
    tables = [one_model(name, given) for name in given.models.split(",")]
    frame, parts = (pd.concat(list(kind)) for kind in zip(*tables, strict=True))
    text = f"{table_of(frame)}\n\nWhere the processor time of a per-linear Wanda goes:\n\n{table_of(parts)}"
    if given.small:
        print(text)
        return
    facts = provenance(
        command_of("prune_speed", found, given, llmcompressor="PYTHON"), sequences=given.sequences, length=given.length, rounds=given.rounds,
        breakdown=json.loads(parts.to_json(orient="records")),
    )  # fmt: skip
    # Another file where the built-in model is not among them: a larger one is measured with fewer tokens.
    name = "prune_speed" if "gemma-3-270m" in given.models else "prune_speed_" + given.models.replace(",", "_")
    write(name, frame, facts, "What pruning costs beside a bare forward pass", text)


if __name__ == "__main__":
    main()
