"""What does pruning cost on benchmarks? Dense against Wanda, M-Wanda and the recipe that `benchmarks.methods` finds best, at 50 %, language by language.

    python -m benchmarks.tasks --calibrate NTREX --data FOLDER

NTREX stands for a folder with one <code>.txt per language, or for a source on the Hub ("flores+", "wikipedia"); FOLDER for
one that holds the sets (docs/tasks.md), or "hub". Every language that a set has there is asked `--limit` questions, the same ones
in every language of a parallel set; sets in few languages get a multiple of it. A language in which the dense
model does not beat guessing (one-sided exact binomial test at 0.05) is uninformative and no drop is claimed or denied. Parts are
written as they are finished, and one that is there is not run again: an interrupted run goes on where it was.
"""

import argparse
import json
import math
from pathlib import Path

import pandas as pd

import mwanda_core as mw
from benchmarks.common import CALIBRATED, RESULTS, calibration, provenance, table_of, texts, write
from benchmarks.defaults import calibrate_name
from mwanda_core.engine.measure import measure_model
from mwanda_core.methods.recipes import RECIPES
from mwanda_core.models import LanguageModel
from mwanda_core.parts.needs import SUMS
from mwanda_core.progress import Monitor
from mwanda_core.tasks import TASKS, Task, TaskScores, compare_tasks, load_task, score_dense_task, score_task

METHODS = ("wanda", "m-wanda", "worst-swaps")
MULTIPLES = {"multiblimp": 4, "blimp": 4, "lindsea": 4, "bmlama": 1, "xcopa": 1, "belebele": 1, "belebele-cloze": 1}
"""Items a language, as a multiple of the limit: pairs are short and in few languages, facts have ten candidates in many."""

TOKENS, LENGTH, SPARSITY, SEED = 1536, 256, 0.5, 0
NAME = "tasks"


def main() -> None:
    """See the module docstring."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--calibrate", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--limit", type=int, default=50, help="items a language, before the multiples")
    parser.add_argument("--tasks", default=",".join(MULTIPLES))
    parser.add_argument("--languages", default="", help="only these, where a set has them")
    given = parser.parse_args()
    unfinished = RESULTS / f"{NAME}.partial.jsonl"
    rows = [json.loads(line) for line in unfinished.read_text().splitlines()] if unfinished.exists() else []
    # A row of other settings is no part of this table.
    settings = {"limit": given.limit, "languages": given.languages}
    rows = [row for row in rows if row["settings"] == settings]
    done = {(row["method"], row["task"]) for row in rows}
    missing = [(method, name) for method in METHODS for name in given.tasks.split(",") if (method, name) not in done]

    model = mw.load("gemma-3-270m")
    tasks = {name: wanted(name, given) for name in given.tasks.split(",")}
    packed = calibration(model, texts(given.calibrate, CALIBRATED), CALIBRATED, TOKENS, LENGTH)
    dense = {name: score_dense_task(model, tasks[name], Monitor()) for name in dict.fromkeys(name for _, name in missing)}
    stats = measure_model(model, packed, SUMS, Monitor()) if missing else ()
    for method in dict.fromkeys(method for method, _ in missing):
        result = mw.prune(model, packed, RECIPES[method], SPARSITY, "one-pass", stats=stats)
        try:
            for name in (name for other, name in missing if other == method):
                rows += [row | {"settings": settings} for row in compared(method, model, tasks[name], dense[name])]
                print(f"{method} {name}: done", flush=True)
                RESULTS.mkdir(parents=True, exist_ok=True)
                unfinished.write_text("".join(json.dumps(row) + "\n" for row in rows))
        finally:
            result.restore()
    finish(
        [{key: value for key, value in row.items() if key != "settings"} for row in rows], given, packed.num_tokens, unfinished
    )


def wanted(name: str, given: argparse.Namespace) -> Task:
    """The items of a set in every language there is, or in those asked for."""
    adapter = TASKS[name]
    there = adapter.languages if given.data == "hub" else adapter.local_languages(Path(given.data).expanduser())
    only = given.languages.split(",") if given.languages else there
    codes = [code for code in there if code in only]
    return load_task(name, codes, given.data, given.limit * MULTIPLES.get(name, 1), SEED)


def compared(method: str, model: LanguageModel, task: Task, dense: TaskScores) -> list[dict[str, object]]:
    """The rows of one method and task: every language and reading, and the mean of the informative ones."""
    found = compare_tasks([dense], [score_task(model, task, Monitor(), "pruned model")])
    rows = [row | {"kind": "language"} for row in json.loads(found.table.to_json(orient="records"))]
    rows += [row | {"kind": "mean"} for row in json.loads(found.means.to_json(orient="records"))]
    return [{"method": method} | row for row in rows]


def finish(rows: list[dict[str, object]], given: argparse.Namespace, tokens: int, unfinished: Path) -> None:
    """The published tables; the partial file goes."""
    command = f"python -m benchmarks.tasks --calibrate {calibrate_name(given.calibrate)} --data FOLDER --limit {given.limit}"
    command += f" --languages {given.languages}" if given.languages else ""
    command += f" --tasks {given.tasks}" if given.tasks != ",".join(MULTIPLES) else ""
    facts = provenance(command, tokens=tokens, seed=SEED, sparsity=SPARSITY, mode="one-pass")
    title = "Benchmarks: Gemma 3 270M, dense against 50 % pruned, one-pass, accuracy"
    frame = pd.DataFrame(rows)
    write(NAME, frame, facts, title, markdown(frame))
    unfinished.unlink(missing_ok=True)


def markdown(frame: pd.DataFrame) -> str:
    """The means over informative languages, then every language of each task in its customary reading."""
    kept = frame[frame["customary"]]
    means = kept[kept["kind"] == "mean"]
    shown = pd.DataFrame(
        {
            "task": means["title"],
            "method": means["method"],
            "informative": [f"{a:.0f} of {b:.0f}" for a, b in zip(means["informative"], means["languages"], strict=True)],
            "dense": means["dense"].map(_number),
            "pruned": means["pruned"].map(_number),
            "change": [_interval(*row) for row in means[["change", "low", "high"]].itertuples(index=False)],
        }
    ).sort_values("task", kind="stable")
    parts = [
        "Means over the languages in which the dense model beats guessing (one-sided exact binomial test at 0.05), with a 95 % "
        f"bootstrap interval over questions.\n\n{table_of(shown)}"
    ]
    for title in dict.fromkeys(kept["title"]):
        part = kept[(kept["title"] == title) & (kept["kind"] == "language")]
        parts.append(f"## {title}\n\nReading: {part['reading'].iloc[0]}. {_chances(part)}\n\n{table_of(_by_language(part))}")
    return "\n\n".join(parts)


def _chances(part: pd.DataFrame) -> str:
    low, high = part["chance"].min(), part["chance"].max()
    return f"Chance {low:.3f}." if high - low < 5e-4 else f"Chance {low:.3f} to {high:.3f}."


def _by_language(part: pd.DataFrame) -> pd.DataFrame:
    methods = list(dict.fromkeys(part["method"]))
    lines = []
    for code, group in part.groupby("language", sort=False):
        first = group.iloc[0]
        line = {"language": code, "items": int(first["items"]), "dense": _number(first["dense_accuracy"])}
        line["dense 95 %"] = f"{first['dense_low']:.2f} to {first['dense_high']:.2f}"
        for method in methods:
            row = group[group["method"] == method].iloc[0]
            text = f"{row['pruned_accuracy']:.3f} ({row['change']:+.3f}, p {row['p_holm']:.3f})"
            line[method] = f"{row['pruned_accuracy']:.3f}: uninformative" if not row["informative"] else text
        lines.append(line)
    return pd.DataFrame(lines)


def _number(value: float | None) -> str:
    return "-" if value is None or math.isnan(value) else f"{value:.3f}"


def _interval(value: float | None, low: float, high: float) -> str:
    return "-" if value is None or math.isnan(value) else f"{value:+.3f} ({low:+.3f} to {high:+.3f})"


if __name__ == "__main__":
    main()
