"""What is each method worth? Every named recipe, and a few combinations, on one model with the same calibration tokens.

    python -m benchmarks.methods --calibrate NTREX --evaluate FLORES

NTREX and FLORES stand for folders with one <code>.txt per language, or for a source on the Hub ("flores+", "wikipedia"). The
increase of the loss over the dense model is reported in nats per token, for 15 calibrated and 8 unseen languages apart, with the
worst language. Time is the processor seconds of pruning alone, summed over threads; the dense statistics of the one-pass mode
are shared and not counted. Two measurements that several recipes share (the gradients of the loss, and the sensitivity of the
blocks at one sparsity) are made once; each of those recipes is charged the full price. Rows are written as they are finished,
and a row that is there is not run again: an interrupted run goes on where it was.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import torch

import mwanda_core as mw
from benchmarks.common import (
    CALIBRATED,
    HELD_OUT,
    RESULTS,
    calibration,
    dense_of,
    lines,
    provenance,
    scored,
    table_of,
    texts,
    trial,
    write,
)
from benchmarks.defaults import TUNE_LINES, calibrate_name
from mwanda_core.engine import gradients, sensitivity
from mwanda_core.engine.measure import measure_model
from mwanda_core.methods.allocation import Uniform
from mwanda_core.methods.recipes import RECIPES, Recipe
from mwanda_core.methods.solvers import KeepTop, SparseGPT
from mwanda_core.parts.needs import SUMS, Need
from mwanda_core.parts.patterns import NtoM
from mwanda_core.progress import Monitor

SETTINGS = ("50%", "2:4", "60%", "70%", "4:8")
COMBINED = ("50%",)
"""Settings in which combinations beside the named recipes are tried."""
TOKENS, LENGTH = 1536, 256
NAME = "methods"
COLUMNS = ("mean_increase", "mean_increase_calibration", "mean_increase_held_out", "worst_increase", "worst_language")


class Shared:
    """Makes a measurement once for each key, and knows what it cost."""

    def __init__(
        self, measure: Callable[..., Any], key: Callable[[], Any], clock: Callable[[], float] = time.process_time
    ) -> None:
        self._measure, self._key, self._clock = measure, key, clock
        self._made: dict[Any, tuple[Any, float]] = {}
        self.saved = 0.0
        """Seconds (of the processor, unless by another clock) that the last calls would have taken, had they measured; reset by the reader."""

    def __call__(self, *args: Any) -> Any:
        key = self._key()
        if key in self._made:
            self.saved += self._made[key][1]
        else:
            started = self._clock()
            self._made[key] = self._measure(*args), self._clock() - started
        return self._made[key][0]


def recipes(combined: bool) -> dict[str, Recipe]:
    """The named recipes and, where wanted, the combinations that the parts suggest."""
    named = {found.title: found for found in RECIPES.values()}
    if not combined:
        return named
    measured, free = RECIPES["m-wanda-measured"], SparseGPT(budget="free")
    return named | {
        "SparseGPT, free budget": RECIPES["sparsegpt"].replace(solver=free),
        "measured + SparseGPT, free budget": measured.replace(solver=free),
        "M-Wanda's mask, repaired by SparseGPT": RECIPES["m-wanda"].replace(solver=SparseGPT(criterion="score")),
    }


def plans(wanted: list[str]) -> Iterator[tuple[str, str, Recipe, float]]:
    """(setting, title, recipe, sparsity); N:M only where every layer has the same sparsity and rows are alike."""
    for setting in wanted:
        for title, found in recipes(setting in COMBINED).items():
            if setting.endswith("%"):
                yield setting, title, found, int(setting[:-1]) / 100
                continue
            n, m = map(int, setting.split(":"))
            if isinstance(found.allocation, Uniform) and found.rows == RECIPES["wanda"].rows:
                yield setting, title, found.replace(pattern=NtoM(n, m)), 1 - n / m


def cheap_first(plan: tuple[str, str, Recipe, float]) -> bool:
    """Methods that take minutes go last within a setting, so that an interrupted run has most rows."""
    recipe = plan[2]
    return bool(recipe.needs & {Need.REGIONAL_GRADIENT, Need.SEQUENCES, Need.FULL_GRADIENT, Need.GRAM}) or not isinstance(
        recipe.solver, KeepTop
    )


def main() -> None:
    """See the module docstring."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--calibrate", required=True)
    parser.add_argument("--evaluate", required=True)
    parser.add_argument("--settings", default=",".join(SETTINGS))
    parser.add_argument("--rows-only", action="store_true", help="Leave the table to another call: for several processes.")
    parser.add_argument(
        "--only", default="", help="Titles of methods, separated by semicolons; with ! before it: all but these."
    )
    parser.add_argument("--note", default="", help="Goes into the results: how rows were made, if not all by this call.")
    given = parser.parse_args()
    wanted = given.settings.split(",")
    unfinished = RESULTS / f"{NAME}.partial.jsonl"
    rows = [json.loads(line) for line in unfinished.read_text().splitlines()] if unfinished.exists() else []
    done = {(row["setting"], row["method"]) for row in rows}

    model = mw.load("gemma-3-270m")
    packed = calibration(model, texts(given.calibrate, CALIBRATED), CALIBRATED, TOKENS, LENGTH)
    rest = lines(texts(given.evaluate, CALIBRATED + HELD_OUT), TUNE_LINES, None)
    sets = dense_of(model, {"flores": scored(model, rest, 3, 128)})
    stats = measure_model(model, packed, SUMS, Monitor())
    setting, found = "", RECIPES["wanda"]
    # All recipes here that measure sensitivity rank by a score of the same parts, so the sparsity and these name the measurement.
    shared = (
        Shared(sensitivity.measure, lambda: (setting, found.activation, found.score)),
        Shared(gradients.full, lambda: "dense model"),
    )
    sensitivity.measure, gradients.full = shared  # type: ignore[assignment]
    for setting, title, found, sparsity in sorted(plans(wanted), key=lambda p: (wanted.index(p[0]), cheap_first(p))):
        if (setting, title) in done or not chosen(title, given.only):
            continue
        for measurement in shared:
            measurement.saved = 0.0
        try:
            row, tables = trial(model, packed, found, sparsity, sets, stats=stats)
        except mw.InputError as error:
            print(f"{setting} {title}: refused: {error}", flush=True)
            continue
        table = tables["flores"]
        spread = (table["increase_se"] ** 2).sum() ** 0.5 / len(table)
        row["cpu_seconds"] = round(float(str(row["cpu_seconds"])) + sum(measurement.saved for measurement in shared), 2)
        del row["seconds"]
        row["threads"] = torch.get_num_threads()
        rows.append({"setting": setting, "method": title, **row, "mean_se": spread})
        print(json.dumps(rows[-1]), flush=True)
        RESULTS.mkdir(parents=True, exist_ok=True)
        with unfinished.open("a") as stream:
            stream.write(json.dumps(rows[-1]) + "\n")
    if not given.rows_only:
        finish(pd.DataFrame(rows), given, packed.num_tokens, unfinished)


def chosen(title: str, only: str) -> bool:
    """Whether this call is to run a method."""
    named = title in only.removeprefix("!").split(";")
    return not only or named != only.startswith("!")


def finish(frame: pd.DataFrame, given: argparse.Namespace, tokens: int, unfinished: Path) -> None:
    """The published table; the partial file goes."""
    command = f"python -m benchmarks.methods --calibrate {calibrate_name(given.calibrate)} --evaluate {calibrate_name(given.evaluate)}"
    write(
        NAME, frame, provenance(command, tokens=tokens, seed=0, mode="one-pass", note=given.note),
        "What each method is worth: Gemma 3 270M, one-pass, increase in nats per token over dense", markdown(frame) + f"\n\n{given.note}",
    )  # fmt: skip
    unfinished.unlink(missing_ok=True)


def markdown(frame: pd.DataFrame) -> str:
    """One table a setting, best mean first."""
    parts = []
    for setting in dict.fromkeys(frame["setting"]):
        part = frame[frame["setting"] == setting].sort_values("flores_mean_increase")
        shown = pd.DataFrame(
            {
                "method": part["method"],
                "mean": [
                    f"{m:.3f} ± {1.96 * s:.3f}" for m, s in zip(part["flores_mean_increase"], part["mean_se"], strict=True)
                ],
                "calibrated": part["flores_mean_increase_calibration"],
                "unseen": part["flores_mean_increase_held_out"],
                "worst": [
                    f"{w:.3f} ({c})" for w, c in zip(part["flores_worst_increase"], part["flores_worst_language"], strict=True)
                ],
                "processor seconds": [f"{s:.0f}" for s in part["cpu_seconds"]],
                "peak MiB": part["peak_mib"],
            }
        )
        parts.append(f"## {setting}\n\n{table_of(shown)}")
    return "\n\n".join(parts)


if __name__ == "__main__":
    main()
