"""TPLO in small: does pruning erode what a probe reads of truth, does separability alone fail, does TPLO help?

    python -m benchmarks.replications_truth
    python -m benchmarks.replications_truth --folder DIR --topics cities,sp_en_trans --languages en,de
    python -m benchmarks.replications_truth --what verdict --minutes 10      (again and again until it says "written")

The first look has every block, probe and protocol at one seed; the verdict has three seeds and two sparsities (`truth_verdict`).

Paper (Fu et al. 2025; figures of the released notebook, Llama 3.1 8B Instruct at 50 %): cities dense .989, Wanda .897, separability alone
(SWL) .872, TPLO .925; negated cities .994, .722, .707, .775. Ours: Gemma 3 270M, this project's statements.
"""

import argparse
from pathlib import Path

import pandas as pd

import mwanda_core as mw
from benchmarks.common import command_of, provenance, table_of, write
from benchmarks.truth_verdict import verdict
from mwanda_core.corpora.choosing import texts_named
from mwanda_core.engine.measure import measure_model
from mwanda_core.languages import parse_codes
from mwanda_core.parts.needs import SUMS
from mwanda_core.progress import Monitor
from mwanda_core.studies.truth import Truth
from mwanda_core.studies.truth.measure import DENSE, Comparison, asked_of, calibration, pruned

TOKENS, LENGTH = 640, 128


def blocks(given: argparse.Namespace, command: str) -> None:
    """Every block, probe and protocol at one seed."""
    model, codes = mw.load(given.model, dtype="float32"), parse_codes(given.languages)
    study = Truth(
        languages=given.languages, topics=given.topics, folder=given.folder, methods=given.methods, resamples=given.resamples, probes="logistic,ttpd"
    )  # fmt: skip
    packed = calibration(model, texts_named("built-in", codes), study, codes, LENGTH, TOKENS, given.seed)
    stats = measure_model(model, packed, SUMS, Monitor())
    found, spread = Comparison(model, study, asked_of(study, codes), Monitor()), []
    found.add(DENSE, 0.0, found.dense)
    for method in given.methods.split(","):
        with pruned(model, packed, method, given.sparsity, stats, Monitor()) as sparsities:
            found.add(method, given.sparsity)
        spread.append({"model": method, "sparsities": " ".join(f"{value:.2f}" for value in sparsities)})
    tables = found.tables()
    keys = ["model", "fitted_on", "probe", "protocol"]
    summary = tables["summary"].pivot_table(index=keys, columns="language", values="accuracy", sort=False).reset_index()
    words = tables["probes"][tables["probes"]["protocol"] == "words"].groupby("language")["accuracy"].mean().reset_index()
    transfer = tables["transfer"].pivot(index=["model", "trained_on"], columns="tested_on", values="accuracy").reset_index()
    peaks = (
        tables["separability"][tables["separability"]["model"] == DENSE]
        .groupby(["kind", "block"])["share"]
        .mean()
        .unstack("kind")
        .reset_index()
    )
    parts = (
        (f"Accuracy at block {found.best}, mean over topics", summary), ("Words alone (no model)", words),
        ("Fitted in one language (rows), asked in another", transfer), ("Share of separability by block, dense", peaks), ("Sparsity by block", pd.DataFrame(spread)),
    )  # fmt: skip
    text = "\n\n".join(f"## {title}\n\n{table_of(table)}" for title, table in parts)
    facts = provenance(command, model=given.model, best_block=found.best, tokens_per_language=TOKENS, sparsity=given.sparsity)
    frame = pd.concat([table.assign(table=name) for name, table in tables.items() if name != "separability"])
    write(given.name, frame, facts, f"TPLO in small: truth at {given.sparsity:.0%}", text)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--what", choices=("blocks", "verdict"), default="blocks")
    parser.add_argument("--model", default="gemma-3-270m")
    parser.add_argument("--languages", default="", help="en,de, or for the verdict en,de,es,zh, unless given.")
    parser.add_argument(
        "--topics", default="", help="capitals,words, or for the verdict capitals,elements,words, unless given."
    )
    parser.add_argument("--folder", default="")
    parser.add_argument("--methods", default="wanda,owl,swl,tplo")
    parser.add_argument("--sparsity", type=float, default=0.5)
    parser.add_argument("--resamples", type=int, default=0, help="4, or for the verdict 20, unless given.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=3, help="Of the verdict.")
    parser.add_argument("--sparsities", default="0.5,0.6", help="Of the verdict.")
    parser.add_argument(
        "--minutes",
        type=float,
        default=600.0,
        help="Of the verdict: after them it stops, to be run again; 0 only writes what there is.",
    )
    parser.add_argument("--stage", type=Path, help="File that keeps the cells of the verdict.")
    parser.add_argument("--name", default="replications_truth")
    given = parser.parse_args()
    command = command_of(
        "replications_truth", parser, argparse.Namespace(**{**vars(given), "minutes": 600.0, "stage": None}), folder="FOLDER"
    )
    whole = given.what == "verdict"
    given.languages = given.languages or ("en,de,es,zh" if whole else "en,de")
    given.topics = given.topics or ("capitals,elements,words" if whole else "capitals,words")
    given.resamples = given.resamples or (20 if whole else 4)
    (verdict if whole else blocks)(given, command)


if __name__ == "__main__":
    main()
