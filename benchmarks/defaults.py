"""Which of M-Wanda's knobs are worth what, on a real model, and what it is worth against its ground.

    python -m benchmarks.defaults tune   --calibrate NTREX --evaluate FLORES
    python -m benchmarks.defaults report --calibrate NTREX --evaluate FLORES

NTREX and FLORES stand for folders with one <code>.txt per language (parallel lines), or for a source on the Hub such as
"flores+" (gated) or "wikipedia". Calibrated on 15 languages; knobs are tuned on the first lines of the evaluation texts only, and
reported on the others and on the built-in passages, for those 15 and 8 languages that calibration never saw.
"""

import argparse

import pandas as pd

import mwanda_core as mw
from benchmarks.common import (
    CALIBRATED,
    HELD_OUT,
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
from mwanda_core.engine.measure import measure_model
from mwanda_core.methods.activation import Variance
from mwanda_core.methods.allocation import CWL, OWL, Sensitivity
from mwanda_core.methods.recipes import Recipe, recipe
from mwanda_core.parts.needs import SUMS
from mwanda_core.progress import Monitor

TUNE_LINES = 60
TOKENS, LENGTH = 1536, 256


def candidates() -> dict[str, Recipe]:
    """One knob at a time, from Wanda on all languages."""
    wanda = recipe("wanda")
    found = {"wanda": wanda}
    for spread, lam in (("std", 0.5), ("std", 2.0), ("variance", 0.1), ("cv", 0.5)):
        found[f"spread {spread}, lambda {lam}"] = wanda.replace(activation=Variance(lam=lam, spread=spread))
    found["gamma 0.5"] = wanda.replace(activation=Variance(lam=0.0, gamma=0.5))
    for strength in (0.05, 0.1):
        found[f"OWL {strength}"] = wanda.replace(allocation=OWL(strength=strength))
    found["CWL shared 0.05, rank"] = wanda.replace(allocation=CWL(0.05, "rank", "shared"))
    for strength in (0.05, 0.1, 0.15, 0.2):
        found[f"CWL different {strength}, rank"] = wanda.replace(allocation=CWL(strength, "rank", "different"))
    found["CWL different 0.1, linear"] = wanda.replace(allocation=CWL(0.1, "linear", "different"))
    for spread, lam in (("std", 0.5), ("variance", 0.1)):
        both = wanda.replace(activation=Variance(lam=lam, spread=spread), allocation=CWL(0.15, "rank", "different"))
        found[f"spread {spread}, lambda {lam}, CWL different 0.15, rank"] = both
    for aggregate, strength in (("mean", 0.1), ("mean", 0.15), ("mean", 0.2), ("worst", 0.15)):
        found[f"sensitivity {aggregate} {strength}"] = wanda.replace(
            allocation=Sensitivity(strength=strength, aggregate=aggregate)
        )
    return found


def tune(calibrate: str, evaluate: str) -> None:
    """The sweep, at 50 %."""
    model = mw.load("gemma-3-270m")
    packed = calibration(model, texts(calibrate, CALIBRATED), CALIBRATED, TOKENS, LENGTH)
    corpus = lines(texts(evaluate, CALIBRATED + HELD_OUT), 0, TUNE_LINES)
    sets = dense_of(model, {"tune": scored(model, corpus, 2, 192)})
    stats = measure_model(model, packed, SUMS, Monitor())
    rows = []
    for name, found in candidates().items():
        row, _ = trial(model, packed, found, 0.5, sets, stats=stats)
        rows.append({"knobs": name, **row})
        print(pd.DataFrame(rows[-1:]).to_string(index=False, header=len(rows) == 1), flush=True)
    frame = pd.DataFrame(rows)
    columns = [
        "knobs",
        "tune_mean_increase_calibration",
        "tune_mean_increase_held_out",
        "tune_mean_increase",
        "tune_worst_increase",
        "tune_worst_language",
    ]
    table = frame[columns].rename(columns=lambda c: c.removeprefix("tune_").replace("_", " "))
    command = (
        f"python -m benchmarks.defaults tune --calibrate {calibrate_name(calibrate)} --evaluate {calibrate_name(evaluate)}"
    )
    heading = "M-Wanda's knobs one at a time: Gemma 3 270M, 50 %, one-pass, increase in nats per token"
    write("defaults_tune", frame, provenance(command, tokens=packed.num_tokens, seed=0), heading, table_of(table))


def report(calibrate: str, evaluate: str) -> None:
    """Magnitude, Wanda (English), Wanda (all), M-Wanda at 30, 50 and 60 %."""
    model = mw.load("gemma-3-270m")
    corpus = texts(calibrate, CALIBRATED)
    everyone = calibration(model, corpus, CALIBRATED, TOKENS, LENGTH)
    english = calibration(model, corpus, ("en",), TOKENS * len(CALIBRATED), LENGTH)
    rest = lines(texts(evaluate, CALIBRATED + HELD_OUT), TUNE_LINES, None)
    sets = dense_of(
        model,
        {"flores": scored(model, rest, 3, 192), "passages": scored(model, texts("built-in", CALIBRATED + HELD_OUT), 8, 192)},
    )
    all_stats, english_stats = (measure_model(model, packed, SUMS, Monitor()) for packed in (everyone, english))
    plans = [
        ("Magnitude", recipe("magnitude"), everyone, all_stats),
        ("Wanda, English calibration", recipe("wanda"), english, english_stats),
        ("Wanda, all languages", recipe("wanda"), everyone, all_stats),
        ("M-Wanda", recipe("m-wanda"), everyone, all_stats),
    ]
    if "m-wanda-measured" in mw.RECIPES:
        plans.append((mw.RECIPES["m-wanda-measured"].title, recipe("m-wanda-measured"), everyone, all_stats))
    rows, kept = [], []
    for sparsity in (0.3, 0.5, 0.6):
        for name, found, packed, stats in plans:
            row, tables = trial(model, packed, found, sparsity, sets, stats=stats)
            rows.append({"method": name, "calibration tokens": packed.num_tokens, **row})
            kept += [t.assign(method=name, sparsity=sparsity, texts=which) for which, t in tables.items()]
            print(pd.DataFrame(rows[-1:]).to_string(index=False, header=len(rows) == 1), flush=True)
    frame = pd.DataFrame(rows)
    command = (
        f"python -m benchmarks.defaults report --calibrate {calibrate_name(calibrate)} --evaluate {calibrate_name(evaluate)}"
    )
    heading = "What calibrating on languages is worth: Gemma 3 270M, one-pass, increase in nats per token over dense"
    write("defaults", frame, provenance(command, seed=0), heading, report_table(frame))
    languages = pd.concat(kept, ignore_index=True)[
        ["method", "sparsity", "texts", "language", "role", "increase", "increase_low", "increase_high"]
    ]
    write("defaults_languages", languages, provenance(command, seed=0), "The same by language")


def report_table(frame: pd.DataFrame) -> str:
    """Mean and worst-language increase, calibrated and unseen languages apart, both texts."""
    found = pd.DataFrame({"sparsity": [f"{s:.0%}" for s in frame["sparsity"]], "method": frame["method"]})
    for which in ("flores", "passages"):
        found[f"{which}: calibrated"] = frame[f"{which}_mean_increase_calibration"]
        found[f"{which}: unseen"] = frame[f"{which}_mean_increase_held_out"]
        worst = zip(frame[f"{which}_worst_increase"], frame[f"{which}_worst_language"], strict=True)
        found[f"{which}: worst"] = [f"{value:.3f} ({code})" for value, code in worst]
    return table_of(found)


def calibrate_name(source: str) -> str:
    """The last part of a folder's path: results name no one's folders."""
    return source.rstrip("/").rpartition("/")[2]


def main() -> None:
    """See the module docstring."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("stage", choices=("tune", "report"))
    parser.add_argument("--calibrate", required=True)
    parser.add_argument("--evaluate", required=True)
    given = parser.parse_args()
    {"tune": tune, "report": report}[given.stage](given.calibrate, given.evaluate)


if __name__ == "__main__":
    main()
