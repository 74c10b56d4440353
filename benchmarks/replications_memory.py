"""Finding Dori in small: memorised pictures pruned away and brought back; the same question asked of sentences.

    python -m benchmarks.replications_memory
    python -m benchmarks.replications_memory --what sentences

Paper (Kowalczuk et al. 2025, arXiv 2507.16880; Stable Diffusion v1.4, SSCD and share replicated): dense .90 / .98; pruned by NeMo .33 / .20, by
Wanda .20 / .00; after 50 steps of adversarial embeddings .91 / .99 and .76 / .72; pictures never memorised .48 / .00; after adversarial
fine-tuning and the same search .36 / .02. Masks of one picture's triggers share less than .6 in most layers. Ours: the small model of this package.
"""

import argparse
import dataclasses
import json

import pandas as pd

import mwanda_core as mw
from benchmarks.common import RESULTS, command_of, provenance, table_of, write
from mwanda_core.files import replacing
from mwanda_core.studies.memory import Memory
from mwanda_core.studies.memory.measure_pictures import measured as measured_pictures
from mwanda_core.studies.memory.measure_sentences import measured as measured_sentences
from mwanda_core.studies.memory.training import load_painter

STAGES = RESULTS / "replications" / "memory_sentences.json"
GONE, BACK, CLEAR = 0.5, 0.8, 0.1
"""Mean correlations (of sentences, shares of what was matched before): below it a picture is gone, from it on it is back; the margin by which a
search must beat its control."""

SHARED = 0.6
"""Intersection over union below which the paper finds the masks of one picture's triggers, in most layers."""

Tables = dict[str, pd.DataFrame]


def last(tables: Tables) -> pd.DataFrame:
    """Where the searches from the prompt end: method x (pruned, brought back, never seen), means over pictures."""
    curve = tables["memory_curve"]
    ends = curve[(curve["steps"] == curve["steps"].max()) & (curve["start"] == "prompt")]
    found = ends.pivot_table(index="method", columns="target", values="similarity", sort=False)
    pruned = tables["memory_pruned"].groupby("method", sort=False)[["density", "similarity", "others", "scene_loss"]].mean()
    return pruned.join(found).reset_index()


def verdicts(tables: Tables) -> list[str]:
    """One sentence for each of the paper's findings, from the figures alone."""
    ends = last(tables).set_index("method")
    dense = ends.loc["dense"]
    said = []
    for method, row in ends.drop(index=["dense", "random"]).iterrows():
        control = ends.loc["random", "similarity"]
        state = "stops" if row["similarity"] < GONE else "does not stop"
        said.append(
            f"1. Pruning by {method} {state} replication: {dense['similarity']:.2f} to {row['similarity']:.2f} (random, as dense as the last method: "
            f"{control:.2f}; other memorised pictures {dense['others']:.2f} to {row['others']:.2f}; loss of scenes {dense['scene_loss']:.3f} to {row['scene_loss']:.3f})."
        )
        if row["similarity"] >= GONE:
            continue
        clear = row["itself"] - row["unseen"]
        state = "comes back" if row["itself"] >= BACK and clear > CLEAR else "does not clearly come back"
        said.append(
            f"2. After pruning by {method} the picture {state}: {row['itself']:.2f}, a picture never seen {row['unseen']:.2f}."
        )
    for method, part in tables["memory_overlap"].groupby("method", sort=False):
        iou = part.set_index("pair")["iou"]
        pairs = ("two searches", "prompt and search")
        shares = "; ".join(f"{pair} {'little' if iou[pair] < SHARED else 'much'} ({iou[pair]:.2f})" for pair in pairs)
        said.append(
            f"3. What masks by {method} share of each other, between triggers of one picture: {shares}; translations "
            f"{iou['prompt and translation']:.2f}, different pictures {iou['different pictures']:.2f}, ceiling {iou['ceiling: other base']:.2f}."
        )
    for taught, part in tables["memory_remedy"].groupby("taught", sort=False) if "memory_remedy" in tables else ():
        after, unseen = part["after"].max(), part["unseen"].max()
        state = "holds" if after < GONE or after < unseen + CLEAR else "does not hold"
        said.append(
            f"4. Fine-tuning with {taught} captions {state}: {part['before'].max():.2f} before the search, {after:.2f} after it (never seen: {unseen:.2f}; other memorised "
            f"pictures {part['others'].mean():.2f}, loss of scenes {part['scene_loss'].mean():.3f})."
        )
    return said


def pictures(given: argparse.Namespace, command: str) -> None:
    """All tables, the verdicts first."""
    study = Memory(
        names=given.names,
        steps=given.steps,
        epochs=given.epochs,
        share=given.share,
        wanda_share=given.wanda_share,
        until=given.until,
        seed=given.seed,
    )
    tables, _ = measured_pictures(load_painter(), study)
    curve = tables["memory_curve"].pivot_table(
        index=["method", "target", "start"], columns="steps", values="similarity", sort=False
    )
    asked = tables["memory_languages"]
    own = asked[asked["method"] != "random"].assign(trained=lambda t: t["language"] == t["trained_in"])
    nearest = own.loc[
        own.groupby(["name", "method"], sort=False)["distance"].idxmin(), ["name", "method", "trained_in", "language"]
    ]
    parts = (
        ("Where searches end, means over pictures", last(tables)), ("Curves: similarity by steps", curve.reset_index()),
        ("Pruned with the trained caption (methods), asked in every language", asked.pivot_table(index="method", columns="language", values="similarity", sort=False).reset_index()),
        ("The same, nothing removed", asked.groupby("language", sort=False)["dense"].mean().to_frame().T),
        ("The trained language against the others", own.groupby(["method", "trained"], sort=False)[["dense", "similarity", "iou", "distance"]].mean().reset_index()),
        ("Language whose caption the adversarial one is nearest to", nearest), ("Overlap", tables["memory_overlap"]),
        *((("Remedy", tables["memory_remedy"]),) if "memory_remedy" in tables else ()),
    )  # fmt: skip
    text = "\n".join(f"- {line}" for line in verdicts(tables)) + "\n\n"
    text += "\n\n".join(f"## {title}\n\n{table_of(table)}" for title, table in parts)
    save("replications_memory", tables, provenance(command, knobs=vars(given)), "Finding Dori in small: pictures", text)


def asked_sentences(given: argparse.Namespace) -> Memory:
    """The study as it is asked of every sentence."""
    return Memory(
        what="sentences",
        names=given.names,
        methods=given.methods,
        steps=given.steps,
        share=given.sentence_share,
        seed=given.seed,
    )


def measured_one_by_one(given: argparse.Namespace, command: str) -> tuple[Tables, list[str]]:
    """Every sentence by itself, kept as it is finished (`results/replications/memory_sentences.json`) and not measured again where it was asked
    alike: those put into the model are never there for the others."""
    study, model = asked_sentences(given), None
    data = json.loads(STAGES.read_text("utf-8")) if STAGES.exists() else {}
    asked = {name: getattr(given, name) for name in ("model", "methods", "steps", "sentence_share", "seed")}
    for name in study.chosen():
        there = data.get(name, {"facts": {}, "tables": {}})
        if all(there["facts"].get(key) == value for key, value in asked.items()) and "memory_search" in there["tables"]:
            continue
        model = model or mw.load(given.model)
        tables, notes = measured_sentences(model, dataclasses.replace(study, names=name))
        rows = {key: json.loads(table.to_json(orient="records", double_precision=6)) for key, table in tables.items()}
        data[name] = {"facts": provenance(command, **asked), "notes": notes, "tables": rows}
        with replacing(STAGES) as part:
            part.write_text(json.dumps(data, ensure_ascii=False) + "\n", "utf-8")
        print(name, flush=True)
    found = [data[name] for name in study.chosen()]
    joined = {
        key: pd.concat([pd.DataFrame(one["tables"][key]) for one in found], ignore_index=True) for key in found[0]["tables"]
    }
    return joined, [note for one in found for note in one["notes"]]


def sentence_verdicts(tables: Tables) -> list[str]:
    """One sentence for each method, from the figures alone."""
    rows, texts = tables["memory_sentences"], tables["memory_texts"]
    matched = rows.pivot_table(index="name", columns=["method", "trigger"], values="matched", sort=False)
    costs = texts.groupby("method")[["increase", "others"]].mean()
    dense, said = matched["dense", "same"], []
    for method in dict.fromkeys(rows["method"]):
        if method == "dense":
            continue
        left = matched[method, "same"]
        gone = left[left < GONE * dense].index
        line = (
            f"{method}: {len(gone)} of {len(left)} sentences fall below half of what was known ({dense.mean():.2f} to {left.mean():.2f} of the ending's "
            f"tokens); other text {costs.loc[method, 'increase']:+.2f} nats a token, other sentences {costs.loc[method, 'others']:+.2f}"
        )
        if method != "random" and len(gone):
            words = [key for key in ("longer", "paraphrase", "translation") if (method, key) in matched]
            spoken = (matched.loc[gone, [(method, key) for key in words]].max(axis=1) >= BACK * dense[gone]).sum()
            steered = (matched.loc[gone, (method, "steering")] >= BACK * dense[gone]).sum()
            line += f"; of those {came_back(tables['memory_search'], method, dense[gone])}, {int(steered)} by one steering vector, {int(spoken)} by other words"
        said.append(line + ".")
    return said


def came_back(looks: pd.DataFrame, method: str, dense: pd.Series) -> str:
    """How many sentences a soft prefix writes again, and how many of those clearly before it writes an ending never seen (at the first look
    at which the sentence is back, since with steps enough any ending is written)."""
    mine = looks[(looks["method"] == method) & looks["name"].isin(dense.index)]
    wide = mine.pivot_table(index=["name", "steps"], columns="target", values="matched").reset_index()
    first = wide[wide["itself"] >= BACK * wide["name"].map(dense)].groupby("name").first()
    clear = first[first["itself"] > first["unseen"] + CLEAR]
    line = f"{len(first)} come back behind a soft prefix"
    if len(first):
        line += (
            f" (after {', '.join(f'{step:d}' for step in sorted(first['steps']))} steps: {first['itself'].mean():.2f}, an ending never seen "
            f"{first['unseen'].mean():.2f} by then; {len(clear)} clearly before it)"
        )
    return line


def sentences(given: argparse.Namespace, command: str) -> None:
    """The ladder of triggers, and what other text loses."""
    tables, notes = measured_one_by_one(given, command)
    rows = tables["memory_sentences"]
    keys = ["name", "method"]
    parts = (
        ("Matched share of the ending", rows.pivot_table(index=keys, columns="trigger", values="matched", sort=False).reset_index()),
        ("Control: an ending never seen (steering: another sentence's vector)", rows.pivot_table(index=keys, columns="trigger", values="control", sort=False).reset_index()),
        ("Behind a soft prefix, by steps of its search", tables["memory_search"].pivot_table(index=[*keys, "target"], columns="steps", values="matched", sort=False).reset_index()),
        ("Recall of injected neurons", rows[rows["trigger"] == "same"].dropna(subset=["recall"])[[*keys, "recall"]]),
        ("Other text, nats a token", tables["memory_texts"].pivot_table(index=[*keys, "density", "others"], columns="language", values="increase", sort=False).reset_index()),
    )  # fmt: skip
    text = "".join(f"- {line}\n" for line in (*sentence_verdicts(tables), *notes)) + "\n"
    text += "\n\n".join(f"## {title}\n\n{table_of(table)}" for title, table in parts)
    facts = provenance(command, model=given.model, knobs=vars(given))
    save("replications_memory_sentences", tables, facts, "Finding Dori in small: sentences", text)


def save(name: str, tables: Tables, facts: dict[str, object], heading: str, text: str) -> None:
    """Every table in one file."""
    frame = pd.concat([table.assign(table=key) for key, table in tables.items()])
    write(name, frame, facts, heading, text)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--what", choices=("pictures", "sentences"), default="pictures")
    parser.add_argument("--model", default="gemma-3-270m")
    parser.add_argument("--names", default="all")
    parser.add_argument("--methods", default="wanda,relevance,balanced")
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--share", type=float, default=0.3)
    parser.add_argument("--wanda-share", type=float, default=0.01)
    parser.add_argument("--until", type=float, default=0.5)
    parser.add_argument("--sentence-share", type=float, default=0.003)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    command = command_of("replications_memory", parser, given)
    (pictures if given.what == "pictures" else sentences)(given, command)


if __name__ == "__main__":
    main()
