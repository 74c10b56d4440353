"""What is each method worth? Every named recipe, and a few combinations, on one model with the same calibration tokens.

    python -m benchmarks.methods --calibrate NTREX --evaluate FLORES

NTREX and FLORES stand for folders with one <code>.txt per language, or for a source on the Hub ("flores+", "wikipedia"). The
increase of the loss over the dense model is reported in nats per token, for 15 calibrated and 8 unseen languages apart, with the
worst language; "seconds" is pruning alone (the dense statistics of the one-pass mode are shared and not counted). Rows are
written as they are finished, and a row that is there is not run again: an interrupted run goes on where it was.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

import mwanda_core as mw
from benchmarks.common import (
    CALIBRATED,
    HELD_OUT,
    RESULTS,
    calibration,
    dense_of,
    lines,
    peak_memory_mib,
    provenance,
    scored,
    table_of,
    texts,
    trial,
    write,
)
from benchmarks.defaults import TUNE_LINES, calibrate_name
from mwanda_core.allocation import Sensitivity, Uniform
from mwanda_core.experiment import DENSE_WANTS
from mwanda_core.measuring import measure_model
from mwanda_core.patterns import NtoM
from mwanda_core.progress import Monitor
from mwanda_core.recipes import RECIPES, Recipe
from mwanda_core.scores import WandaPP
from mwanda_core.solvers import KeepTop, SparseGPT, Swaps

SETTINGS = ("50%", "60%", "70%", "2:4", "4:8")
TOKENS, LENGTH = 1536, 256
NAME = "methods"
COLUMNS = ("mean_increase", "mean_increase_calibration", "mean_increase_held_out", "worst_increase", "worst_language")


def recipes() -> dict[str, Recipe]:
    """The named recipes and the combinations that the parts suggest."""
    measured, free = RECIPES["m-wanda-measured"], SparseGPT(budget="free")
    return {found.title: found for found in RECIPES.values() if found.name != "target"} | {
        "SparseGPT, free budget": RECIPES["sparsegpt"].replace(solver=free),
        "Wanda++, matched balance": RECIPES["wanda++"].replace(score=WandaPP(balance="matched", alpha=10.0)),
        "measured + SparseGPT, free budget": measured.replace(solver=free),
        "measured + swaps": measured.replace(solver=Swaps()),
        "M-Wanda's mask, repaired by SparseGPT": RECIPES["m-wanda"].replace(solver=SparseGPT(criterion="score")),
        "measured (worst language, 0.2) + SparseGPT, free budget": measured.replace(
            allocation=Sensitivity(aggregate="worst", strength=0.2), solver=free
        ),
    }


def plans(wanted: list[str]) -> Iterator[tuple[str, str, Recipe, float]]:
    """(setting, title, recipe, sparsity); N:M only where every layer has the same sparsity and rows are alike."""
    for setting in wanted:
        for title, found in recipes().items():
            if setting.endswith("%"):
                yield setting, title, found, int(setting[:-1]) / 100
                continue
            n, m = map(int, setting.split(":"))
            if isinstance(found.allocation, Uniform) and found.rows == RECIPES["wanda"].rows:
                yield setting, title, found.replace(pattern=NtoM(n, m)), 1 - n / m


def cheap_first(plan: tuple[str, str, Recipe, float]) -> bool:
    """Methods that take minutes go last within a setting, so that an interrupted run has most rows."""
    recipe = plan[2]
    return bool(recipe.needs & {"regional_gradient", "sequences", "full_gradient", "gram"}) or not isinstance(
        recipe.solver, KeepTop
    )


def main() -> None:
    """See the module docstring."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--calibrate", required=True)
    parser.add_argument("--evaluate", required=True)
    parser.add_argument("--settings", default=",".join(SETTINGS))
    given = parser.parse_args()
    wanted = given.settings.split(",")
    unfinished = RESULTS / f"{NAME}.partial.jsonl"
    rows = [json.loads(line) for line in unfinished.read_text().splitlines()] if unfinished.exists() else []
    done = {(row["setting"], row["method"]) for row in rows}

    model = mw.load("gemma-3-270m")
    packed = calibration(model, texts(given.calibrate, CALIBRATED), CALIBRATED, TOKENS, LENGTH)
    rest = lines(texts(given.evaluate, CALIBRATED + HELD_OUT), TUNE_LINES, None)
    sets = dense_of(model, {"flores": scored(model, rest, 3, 128)})
    stats = measure_model(model, packed, DENSE_WANTS, Monitor())
    for setting, title, found, sparsity in sorted(plans(wanted), key=lambda p: (wanted.index(p[0]), cheap_first(p))):
        if (setting, title) in done:
            continue
        try:
            row, tables = trial(model, packed, found, sparsity, sets, stats=stats)
        except mw.InputError as error:
            print(f"{setting} {title}: refused: {error}", flush=True)
            continue
        table = tables["flores"]
        spread = (table["increase_se"] ** 2).sum() ** 0.5 / len(table)
        rows.append({"setting": setting, "method": title, **row, "mean_se": spread, "peak_mib": peak_memory_mib()})
        print(json.dumps(rows[-1]), flush=True)
        RESULTS.mkdir(parents=True, exist_ok=True)
        with unfinished.open("a") as stream:
            stream.write(json.dumps(rows[-1]) + "\n")
    finish(pd.DataFrame(rows), given, packed.num_tokens, unfinished)


def finish(frame: pd.DataFrame, given: argparse.Namespace, tokens: int, unfinished: Path) -> None:
    """The published table; the partial file goes."""
    command = f"python -m benchmarks.methods --calibrate {calibrate_name(given.calibrate)} --evaluate {calibrate_name(given.evaluate)}"
    write(
        NAME, frame, provenance(command, tokens=tokens, seed=0, mode="one-pass"),
        "What each method is worth: Gemma 3 270M, one-pass, increase in nats per token over dense", markdown(frame),
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
                "seconds": [f"{s:.0f}" for s in part["seconds"]],
                "peak MiB": part["peak_mib"],
            }
        )
        parts.append(f"## {setting}\n\n{table_of(shown)}")
    return "\n\n".join(parts)


if __name__ == "__main__":
    main()
