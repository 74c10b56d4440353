"""What every benchmark shares: texts by name, one trial, and results with their provenance."""

import argparse
import contextlib
import json
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

import mwanda_core as mw
from mwanda_core.corpora import SOURCES, Corpus, Packed, builtin, folder, hub, pack
from mwanda_core.engine.measure import BlockStats
from mwanda_core.evaluation import EvaluationSet, Measurement, compare, evaluation_set, measure, measure_dense, summary
from mwanda_core.methods.recipes import Recipe
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.store.report import versions

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"

CALIBRATED = ("en", "de", "fr", "es", "ru", "zh", "ja", "ar", "hi", "ta", "tr", "vi", "id", "th", "pl")
HELD_OUT = ("bn", "sw", "ko", "uk", "el", "fi", "te", "he")


def texts(source: str, languages: Sequence[str], documents: int = 400) -> Corpus:
    """A corpus by name: "built-in" (both halves), a source on the Hub, or a folder of <code>.txt files."""
    if source == "built-in":
        halves = builtin([code for code in languages if code in mw.builtin_languages()])
        passages = {c: halves.calibration.passages[c] + halves.evaluation.passages[c] for c in halves.calibration.languages}
        return Corpus(halves.calibration.name, passages, parallel=True)
    if source in SOURCES:
        return hub(source, languages, documents)
    return folder(source, languages)


def lines(corpus: Corpus, start: int, stop: int | None) -> Corpus:
    """The passages of every language from `start` to `stop`."""
    return Corpus(corpus.name, {code: items[start:stop] for code, items in corpus.passages.items()}, corpus.parallel)


def calibration(model: LanguageModel, corpus: Corpus, languages: Sequence[str], tokens: int, length: int) -> Packed:
    """Equal tokens of every language."""
    return pack(corpus.select(languages), model.encode, model.start, length, tokens)


def scored(model: LanguageModel, corpus: Corpus, count: int, length: int, choices: bool = False) -> EvaluationSet:
    """`count` texts of every language."""
    return evaluation_set(model, corpus, max_texts=count, sequence_length=length, with_choices=choices)


def trial(
    model: LanguageModel,
    packed: Packed,
    recipe: Recipe,
    sparsity: float,
    sets: Mapping[str, tuple[EvaluationSet, Measurement]],
    *,
    mode: str = "one-pass",
    stats: tuple[BlockStats, ...] | None = None,
) -> tuple[dict[str, object], dict[str, pd.DataFrame]]:
    """Prune, score on every set, undo. The row holds the summary of each set and the time of pruning alone: `seconds` by the
    clock, `cpu_seconds` of this process summed over threads, which other programs disturb far less; and the peak memory while pruning."""
    reset_peak()
    started = time.process_time()
    result = mw.prune(model, packed, recipe, sparsity, mode, stats=stats)  # type: ignore[arg-type]
    row: dict[str, object] = {
        "sparsity": sparsity,
        "seconds": round(result.seconds, 2),
        "cpu_seconds": round(time.process_time() - started, 2),
        "peak_mib": peak_memory_mib(),
        "achieved": round(result.achieved, 5),
        "layer_error": layer_error(result),
    }
    tables = {}
    try:
        for name, (texts_, dense) in sets.items():
            table = compare(dense, measure(model, texts_, Monitor()), CALIBRATED)
            tables[name] = table
            row |= {f"{name}_{key}": value for key, value in summary(table).items()}
    finally:
        result.restore()
    return row, tables


def layer_error(result: mw.PruneResult) -> float | None:
    """Mean over linears of the output error against that of the solver's starting mask, where the solver says it."""
    found = [re.fullmatch(r"error ([0-9.]+) of the starting mask's", linear.note) for linear in result.linears]
    ratios = [float(match[1]) for match in found if match]
    return round(sum(ratios) / len(ratios), 4) if len(ratios) == len(found) else None


def dense_of(model: LanguageModel, sets: Mapping[str, EvaluationSet]) -> dict[str, tuple[EvaluationSet, Measurement]]:
    """Each set with the dense model's scores."""
    return {name: (found, measure_dense(model, found, Monitor())) for name, found in sets.items()}


def reset_peak() -> None:
    """Start counting the highest resident memory anew, where the system can (Linux)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_memory_mib() -> int:
    """Highest resident memory of this process since `reset_peak` (elsewhere than on Linux: since it started), MiB."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM"))) // 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak / 1024 if platform.system() != "Darwin" else peak / 2**20)


def command_of(module: str, parser: argparse.ArgumentParser, given: argparse.Namespace, **stand_ins: str) -> str:
    """The command that makes the same figures: every option that is not as it is by default. Paths of this machine have a word in
    their place, by option: `data="FOLDER"`."""
    words = [f"python -m benchmarks.{module}"]
    for name, value in vars(given).items():
        if value != parser.get_default(name):
            option = "--" + name.replace("_", "-")
            words.append(option if value is True else f"{option} {stand_ins.get(name, value)}")
    return " ".join(words)


def provenance(command: str, **settings: object) -> dict[str, object]:
    """Where figures come from: command, commit (of a copy without its history: what COMMIT says), versions, processor threads, settings."""
    import torch

    asked = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    commit = asked.stdout.strip() or os.environ.get("COMMIT", "")
    return {
        "command": command,
        "commit": commit,
        "date": time.strftime("%Y-%m-%d"),
        "threads": torch.get_num_threads(),
        "versions": versions(),
        **settings,
    }


def write(name: str, frame: pd.DataFrame, facts: Mapping[str, object], heading: str, markdown: str = "") -> None:
    """`results/<name>.json` with every figure and `<name>.md` to be read."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    rows = json.loads(frame.to_json(orient="records"))
    (RESULTS / f"{name}.json").write_text(json.dumps({"facts": facts, "rows": rows}, indent=1, ensure_ascii=False) + "\n")
    text = f"# {heading}\n\n{markdown or table_of(frame)}\n\nMade by `{facts['command']}` on {facts['date']} at commit {facts['commit']}.\n"
    (RESULTS / f"{name}.md").write_text(text)
    sys.stderr.write(f"written: {RESULTS / name}.json, .md\n")


def table_of(frame: pd.DataFrame) -> str:
    """A Markdown table; floats with three decimals."""

    def cell(value: object) -> str:
        return f"{value:.3f}" if isinstance(value, float) else str(value)

    head = "| " + " | ".join(map(str, frame.columns)) + " |\n|" + "---|" * len(frame.columns)
    return "\n".join([head, *("| " + " | ".join(map(cell, row)) + " |" for row in frame.itertuples(index=False))])
