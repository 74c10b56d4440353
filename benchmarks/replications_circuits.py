"""SparC3 in small: circuits by LRP against other rankings, one circuit in several languages, what masks leave of it; correction.

    python -m benchmarks.replications_circuits
    python -m benchmarks.replications_circuits --part heads
    python -m benchmarks.replications_circuits --what correction
    python -m benchmarks.replications_circuits --what correction --behaviour repetition
    python -m benchmarks.replications_circuits --what correction --behaviour words --words DIR --neurons 100

Paper (Hatefi et al. 2025, arXiv 2506.13727): LRP and gradients find smaller circuits than Wanda when the whole model is ranked together,
and circuits of a few per cent of the neurons keep the indirect-object task (OPT-125M); removing 20 neurons or 7 000 weights takes
repetition away at no cost in perplexity. IOI circuits are shared by English and Chinese (arXiv 2410.09223). Ours: Gemma 3 270M.
"""

import argparse

import pandas as pd

import mwanda_core as mw
from benchmarks.common import command_of, provenance, table_of, write
from mwanda_core.corpora.choosing import texts_named
from mwanda_core.engine.pruning import prune
from mwanda_core.languages import parse_codes
from mwanda_core.methods.recipes import recipe
from mwanda_core.models import LanguageModel
from mwanda_core.studies.circuits import Circuits
from mwanda_core.studies.circuits.find import Finder, find
from mwanda_core.studies.correction import Correction
from mwanda_core.studies.correction.measure import corrected
from mwanda_core.studies.truth import Truth
from mwanda_core.studies.truth.measure import calibration

MASKS = (("wanda", "en", 0.5), ("wanda", "zh", 0.5), ("wanda", "en", 0.6))
TOKENS, LENGTH = 640, 128


def under_masks(model: LanguageModel, finder: Finder) -> pd.DataFrame:
    """The circuits' tasks under masks cut on English and on Chinese."""
    rows = []
    for method, code, sparsity in MASKS:
        packed = calibration(model, texts_named("built-in", [code]), Truth(), [code], LENGTH, TOKENS, 0)
        result = prune(model, packed, recipe(method), sparsity, "one-pass")
        try:
            rows += finder.under(result.masks, f"{method} on {code}, {sparsity:.0%}")
        finally:
            result.restore()
    return pd.DataFrame(rows)


def circuits(given: argparse.Namespace, command: str) -> None:
    """Rankings, overlap, application, masks."""
    model = mw.load(given.model)
    study = Circuits(
        tasks=given.task, languages=given.languages, methods="attnlrp,hybrid,wanda,random", shares="0.02,0.05,0.1,0.2,0.5",
        prompts=given.prompts, seed=given.seed, part=given.part, size=given.size,
    )  # fmt: skip
    tables, finder = find(model, study, study.pairs())
    pruned = under_masks(model, finder)
    curve = tables["circuits_curve"].groupby(["method", "kept"], sort=False)[["accuracy", "faithfulness"]].mean().reset_index()
    overlap = tables["circuits_overlap"].pivot(index="language", columns="other", values="corrected").reset_index()
    applied = tables["circuits_application"]
    accuracy = applied.pivot(index="found_in", columns="on", values="accuracy").reset_index()
    left = pruned.pivot_table(index="run", columns="language", values="accuracy", sort=False).reset_index()
    margin = pruned.pivot_table(index="run", columns="language", values="margin", sort=False).reset_index()
    shares = pruned.groupby("run", sort=False)[["circuit_pruned", "others_pruned"]].mean().reset_index()
    parts = (
        ("The dense model", tables["circuits_tasks"][["language", "prompts", "accuracy", "margin", "margin_without"]]),
        ("Part kept, mean over languages (others give their mean)", curve),
        ("Overlap of circuits, corrected for chance (a language with itself: halves of its prompts)", overlap),
        ("Accuracy of a language's circuit (rows) in another (columns)", accuracy),
        ("Accuracy under masks", left), ("Margin under masks", margin), ("Share of outgoing weights pruned", shares),
    )  # fmt: skip
    facts = provenance(command, model=given.model, knobs=vars(given))
    frame = pd.concat([table.assign(table=name) for name, table in {**tables, "circuits_pruned": pruned}.items()])
    text = "\n\n".join(f"## {title}\n\n{table_of(table)}" for title, table in parts)
    name = "replications_circuits" if given.part == "neurons" else f"replications_circuits_{given.part}"
    write(name, frame, facts, f"SparC3 in small: circuits of {given.task} ({given.part})", text)


def correction(given: argparse.Namespace, command: str) -> None:
    """One behaviour removed, beside random neurons."""
    model = mw.load(given.model)
    study = Correction(
        behaviour=given.behaviour, languages=given.languages, neurons=given.neurons, samples=given.prompts, words=given.words, draws=given.draws
    )  # fmt: skip
    tables = corrected(model, study, texts_named("built-in", parse_codes(given.languages)))
    changed = tables["correction_behaviour"].pivot(index="found_in", columns="on", values="change").reset_index()
    losses = tables["correction_losses"].pivot(index="found_in", columns="language", values="increase").reset_index()
    writing = tables["correction_writing"].drop(columns="neurons")
    facts = provenance(command, model=given.model, knobs={**vars(given), "words": "FOLDER" if given.words else ""})
    frame = pd.concat([table.assign(table=name) for name, table in tables.items()])
    others = tables["correction_others"].pivot(index=["behaviour", "found_in"], columns="on", values="change").reset_index()
    parts = (
        ("Change of the unwanted text's log-probability a token", changed), ("Loss of ordinary text, nats a token", losses),
        ("Change of other unwanted texts' log-probability a token", others), ("What is written", writing),
    )  # fmt: skip
    text = "\n\n".join(f"## {title}\n\n{table_of(table)}" for title, table in parts)
    heading = f"SparC3 in small: {given.neurons} neurons of {given.behaviour!r} removed"
    name = "replications_correction" + ("" if given.behaviour == "wrong language" else f"_{given.behaviour}")
    write(name, frame, facts, heading, text)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--what", choices=("circuits", "correction"), default="circuits")
    parser.add_argument("--model", default="gemma-3-270m")
    parser.add_argument("--task", default="giving")
    parser.add_argument("--behaviour", default="wrong language")
    parser.add_argument(
        "--words", default="", help="Folder of lists of words, for the behaviour 'words', and to be counted beside others."
    )
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--part", choices=("neurons", "heads"), default="neurons")
    parser.add_argument("--size", type=float, default=0.05)
    parser.add_argument("--languages", default="en,de,zh")
    parser.add_argument("--prompts", type=int, default=12)
    parser.add_argument("--neurons", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    command = command_of("replications_circuits", parser, given, words="FOLDER")
    (circuits if given.what == "circuits" else correction)(given, command)


if __name__ == "__main__":
    main()
