"""What pruning does inside a multilingual model: whose masks agree, what becomes of language neurons, what foretells the damage.

    python -m benchmarks.understanding --calibrate NTREX --evaluate FLORES

NTREX and FLORES stand for folders with one <code>.txt per language, or for a source on the Hub. Five calibrated and five
unseen languages, 512 tokens of each for statistics and neurons, 50 %, one-pass: minutes on one core, and few enough tokens that
the ceilings (other text of the same language) and the random controls must be read beside every figure.
"""

import argparse
import json

import pandas as pd
import torch

import mwanda_core as mw
from benchmarks.common import calibration, dense_of, provenance, scored, table_of, texts, write
from benchmarks.defaults import calibrate_name
from mwanda_core.corpora import Packed
from mwanda_core.engine.measure import BlockStats, measure_model
from mwanda_core.evaluation import compare, measure
from mwanda_core.insight import (
    between_halves,
    by_language,
    by_method,
    correlations,
    drift,
    find_mlps,
    halves,
    joined,
    language_neurons,
    measure_firing,
    only,
    overlap,
    predictors,
    pruned_shares,
    pruned_table,
    silencing,
    similarity_to_mix,
    stability,
    to_mix,
    with_mix,
)
from mwanda_core.methods.recipes import recipe
from mwanda_core.models import LanguageModel
from mwanda_core.parts.needs import SUMS
from mwanda_core.progress import Monitor

LEARNT = ("en", "de", "zh", "ar", "hi")
UNSEEN = ("sw", "ru", "fi", "ko", "te")
TOKENS, LENGTH, SPARSITY = 512, 128, 0.5
METHODS = ("wanda", "m-wanda")
SILENCED = ("en", "zh", "hi")

Tables = dict[str, pd.DataFrame]


def masks(
    model: LanguageModel, split: tuple[BlockStats, ...], stats: tuple[BlockStats, ...]
) -> tuple[Tables, dict[str, float]]:
    """Languages against each other with their ceilings, methods against each other, and each language against the mix."""
    some = only(split, [f"{code}#{half}" for code in LEARNT for half in (1, 2)])
    languages = between_halves(overlap(model, by_language(some, recipe("wanda"), SPARSITY)))
    names = ("wanda", "m-wanda", "ria", "magnitude")
    methods = overlap(model, by_method(only(stats, LEARNT), {name: recipe(name) for name in names}, SPARSITY)).table()
    mix = to_mix(overlap(model, with_mix(stats, LEARNT, recipe("wanda"), SPARSITY)))
    return {"languages": languages, "methods": methods[["name", "other", "iou", "expected", "corrected"]]}, mix


def neurons(model: LanguageModel, packed: Packed, stats: tuple[BlockStats, ...], evaluate: str) -> tuple[Tables, pd.DataFrame]:
    """Language neurons of the dense model, what each method prunes of them, and which are there afterwards."""
    mlps = find_mlps(model)
    split = measure_firing(model, mlps, halves(packed))
    found = language_neurons(split.joined())
    by_block = found.by_block().pivot(index="block", columns="language", values="neurons").reset_index()
    pruned, drifts = [], [stability(split).assign(method="halves of the text")]
    for name in METHODS:
        result = mw.prune(model, packed.only(LEARNT), recipe(name), SPARSITY, "one-pass", stats=only(stats, LEARNT))
        try:
            table = pruned_table(found, pruned_shares(model, mlps, result.masks))
            pruned.append(table.assign(method=name))
            drifts.append(drift(found, language_neurons(measure_firing(model, mlps, packed))).assign(method=name))
        finally:
            result.restore()
    other = calibration(model, texts(evaluate, SILENCED), SILENCED, LENGTH, LENGTH)
    effects = silencing(model, mlps, found, other, languages=SILENCED)
    return {"neurons": pd.concat(pruned), "drift": pd.concat(drifts), "silencing": effects}, by_block


def damage(
    model: LanguageModel, packed: Packed, stats: tuple[BlockStats, ...], evaluate: str, mix: dict[str, float]
) -> pd.DataFrame:
    """Loss increase of every language under Wanda beside what may foretell it."""
    everyone = LEARNT + UNSEEN
    texts_, dense = dense_of(model, {"flores": scored(model, texts(evaluate, everyone), 2, 128)})["flores"]
    result = mw.prune(model, packed.only(LEARNT), recipe("wanda"), SPARSITY, "one-pass", stats=only(stats, LEARNT))
    try:
        table = compare(dense, measure(model, texts_, Monitor()), LEARNT)
    finally:
        result.restore()
    return predictors(table, similarity_to_mix(stats, LEARNT), mix)


def with_neurons(points: pd.DataFrame, neuron_table: pd.DataFrame) -> Tables:
    """The points with the pruned share of each language's neurons, and the correlations of all."""
    wanda = neuron_table[neuron_table["method"] == "wanda"].set_index("language")["column"]
    points = points.assign(neurons_pruned=points["language"].map(wanda))
    return {"points": points, "correlations": correlations(points)}


def main() -> None:
    """See the module docstring."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--calibrate", required=True)
    parser.add_argument("--evaluate", required=True)
    given = parser.parse_args()
    torch.manual_seed(0)
    model = mw.load("gemma-3-270m")
    packed = calibration(model, texts(given.calibrate, LEARNT + UNSEEN), LEARNT + UNSEEN, TOKENS, LENGTH)
    split = measure_model(model, halves(packed), SUMS, Monitor())
    stats = joined(split)
    tables, mix = masks(model, split, stats)
    points = damage(model, packed, stats, given.evaluate, mix)
    more, by_block = neurons(model, packed, stats, given.evaluate)
    tables |= more | with_neurons(points, more["neurons"])
    frame = pd.concat([table.assign(table=name) for name, table in tables.items()], ignore_index=True)
    command = f"python -m benchmarks.understanding --calibrate {calibrate_name(given.calibrate)} --evaluate {calibrate_name(given.evaluate)}"
    facts = provenance(command, tokens=packed.num_tokens, sparsity=SPARSITY, seed=0, calibrated=LEARNT, unseen=UNSEEN)
    facts["neurons_by_block"] = json.loads(by_block.to_json(orient="records"))
    write("understanding", frame, facts, "What 50 % pruning does inside Gemma 3 270M, by language", markdown(tables))


HEADS = {
    "languages": "Overlap of Wanda masks between languages, corrected for chance (0) and of other text of one language (diagonal)",
    "methods": "Overlap of masks between methods on the same statistics, corrected for chance",
    "correlations": "What goes along with the loss increase of a language (Wanda; correlation only, n languages; neurons_pruned was added after "
    "the other figures had been seen, so its p is not that of a planned test)",
    "points": "The same by language",
    "neurons": "Share of the language neurons' weights that is pruned, beside as many random neurons of the same blocks",
    "drift": "Language neurons of the dense model that are still language neurons after pruning",
    "silencing": "Loss increase (nats per token) of a text when the neurons of one language are silenced",
}


def markdown(tables: Tables) -> str:
    """One section a table, matrices as such."""
    parts = []
    for name, head in HEADS.items():
        if name not in tables:
            continue
        table = tables[name]
        if name in ("languages", "methods"):
            table = matrix(table, "language" if name == "languages" else "name", "other", "corrected")
        if name == "silencing":
            table = matrix(table, ["silenced", "control"], "language", "increase")
        parts.append(f"## {head}\n\n{table_of(table)}")
    return "\n\n".join(parts)


def matrix(table: pd.DataFrame, rows: str | list[str], columns: str, values: str) -> pd.DataFrame:
    """Long to wide, in the order of the rows."""
    wide = table.pivot(index=rows, columns=columns, values=values)
    order = list(dict.fromkeys(table[columns]))
    return wide[order].loc[list(dict.fromkeys(table.set_index(rows).index))].reset_index()


if __name__ == "__main__":
    main()
