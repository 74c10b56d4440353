"""ACBench in small: which ability falls first under pruning, in which language, and do rank, order and energy foretell it?

    python -m benchmarks.replications_abilities
    python -m benchmarks.replications_abilities --only wanda-50,wanda-2:4

Paper (Dong et al. 2025, arXiv 2505.19433; its tables could not be read): 4-bit costs 1 to 3 % of workflow and tool use and 10 to 15 % of
real-world application; JSON output suffers more than plain strings; needles show failures that averages hide, and in the repository's
pictures (Qwen2.5-7B, to 32k tokens) 2:4 fails most. Ours: Gemma 3 270M, this project's items, accuracies of choices, never ACBench's scores.
Every condition is kept as it is finished (`results/replications/abilities.json`) and is not measured again unless `--again` is given, or
it was measured on other items.
"""

import argparse
import contextlib
import json
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats as scipy_stats

import mwanda_core as mw
from benchmarks.common import RESULTS, command_of, provenance, table_of, texts, write
from mwanda_core import insight
from mwanda_core.corpora import pack
from mwanda_core.engine.pruning import prune
from mwanda_core.evaluation import above_chance, evaluation_set, holm, mcnemar, paired_bootstrap
from mwanda_core.evaluation.intervals import Interval
from mwanda_core.files import replacing
from mwanda_core.languages import parse_codes
from mwanda_core.methods.recipes import recipe
from mwanda_core.models import LanguageModel
from mwanda_core.parts.patterns import NtoM
from mwanda_core.progress import Monitor
from mwanda_core.studies.abilities import measure
from mwanda_core.studies.cutting import rounded_to
from mwanda_core.tasks import RAW

FILE = RESULTS / "replications" / "abilities.json"
LANGUAGES = "en,de,fr,es,ru,tr,id,zh,hi,sw"
KINDS = ("call-json", "call-text", "need", "argument", "workflow", "needle", "world")
SHARES = (30, 40, 50)
METHODS = {"wanda": "wanda", "m-wanda": "m-wanda", "recommended": "worst-swaps", "magnitude": "magnitude"}
"""Of the recommended recipes the last: the one that costs most and loses least."""
ASKED = ("model", "items", "length", "steps", "languages")
"""What two conditions must have been asked alike for them to be compared."""
CONDITIONS = (
    "dense", "wanda-50", "wanda-2:4", "magnitude-50", "4-bit", "m-wanda-50", "wanda-30", "wanda-40", "recommended-50", "magnitude-30",
    "magnitude-40", "magnitude-2:4", "m-wanda-30", "m-wanda-40", "recommended-30", "recommended-40", "recommended-2:4",
)  # fmt: skip
"""What matters most first, so that a run cut short says most."""
LENGTH, TOKENS, TEXTS = 128, 512, 1
KNOWN = (
    "Items of a kind share their templates across languages, so independent items are fewer than the counts. The world's wrong moves were changed "
    "once after a look at this dense model's answers (never at a pruned one's). The built-in model comes from a 4-bit file: 4-bit here rounds anew. "
    "M-Wanda has no 2:4, where layers cannot differ."
)
"""What a reader must know of all figures."""
LEVEL, MOST = 0.05, 3
"""Of every test; names listed where several lose alike."""
HELD = ("call-json", "call-text", "need", "workflow")
"""Tool use and workflow, which the paper finds to hold."""


@contextlib.contextmanager
def under(model: LanguageModel, condition: str, codes: list[str]) -> Iterator[None]:
    """Inside, the model is as the condition says; afterwards dense."""
    method, _, amount = condition.rpartition("-")
    if condition == "dense":
        yield
    elif condition == "4-bit":
        with rounded_to(model):
            yield
    else:
        packed = pack(texts("built-in", codes), model.encode, model.start, LENGTH, TOKENS)
        chosen = recipe(METHODS[method])
        if amount == "2:4":  # Layers cannot differ under N:M: what is recommended there are swaps alone.
            chosen = (recipe("swaps") if method == "recommended" else chosen).replace(pattern=NtoM(2, 4))
        result = prune(model, packed, chosen, 0.5 if amount == "2:4" else int(amount) / 100, "one-pass")
        try:
            yield
        finally:
            result.restore()


def stored(given: argparse.Namespace) -> dict[str, dict[str, object]]:
    """Condition -> {"facts", "items", "steps", "insight"}, of those that were asked as is asked now."""
    data = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    return {name: data[name] for name in CONDITIONS if name in data and asked_as(data[name], given)}


def asked_as(found: Mapping[str, Any], given: argparse.Namespace) -> bool:
    """Whether a condition was measured on the same items."""
    return all(found["facts"].get(name) == getattr(given, name) for name in ASKED)


def measured(given: argparse.Namespace, command: str) -> None:
    """Every condition asked for that is not there."""
    codes, data = list(parse_codes(given.languages)), stored(given)
    wanted = (
        [name for name in CONDITIONS if name in given.only.split(",") or name == "dense"] if given.only else list(CONDITIONS)
    )
    todo = [name for name in wanted if given.again or name not in data]
    if not todo:
        return
    model = mw.load(given.model, dtype="float32")  # also on a GPU
    asked = measure.asked_of(model, codes, KINDS, given.items, (given.length,), given.steps)
    scored = evaluation_set(model, texts("built-in", codes), max_texts=TEXTS, sequence_length=LENGTH, with_choices=False)
    dense = insight.profile(model, scored, Monitor())
    for name in todo:
        with under(model, name, codes):
            found = measure.answers(model, asked, Monitor())
            seen = dense if name == "dense" else insight.profile(model, scored, Monitor(), dense=dense)
        items = pd.concat([scores.items.assign(task=scores.task) for scores in found.scores])
        compared = insight.compare_profiles(dense, seen)
        data[name] = {
            "facts": provenance(command, device=str(model.device), **{name: getattr(given, name) for name in ASKED}),
            "items": rows_of(items[items["reading"] == RAW].drop(columns=["reading", "answer"])),
            "steps": rows_of(found.steps),
            "insight": rows_of(changes(compared)),
            "argument": rows_of(lean(found)),
        }
        FILE.parent.mkdir(parents=True, exist_ok=True)
        with replacing(FILE) as part:
            part.write_text(json.dumps(data, ensure_ascii=False) + "\n", "utf-8")
        print(name, flush=True)


def rows_of(table: pd.DataFrame) -> list[dict[str, object]]:
    """As JSON keeps it."""
    found: list[dict[str, object]] = json.loads(table.to_json(orient="records", double_precision=5))
    return found


def lean(found: measure.Answers) -> pd.DataFrame:
    """log p(English value) - log p(user's value), item by item."""
    choices = next(scores.choices for scores in found.scores if scores.task == "argument")
    wide = choices.pivot(index=["language", "item"], columns="choice", values="loglikelihood")
    return (wide[0] - wide[1]).rename("lean").reset_index()


def changes(compared: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """What the paper's three measures say of a language: change of effective rank after the final norm, tau of the ten likeliest, energy."""
    rank = compared["layers"][compared["layers"]["place"] == "final norm"].set_index("language")["difference"]
    order = compared["ranking"][compared["ranking"]["k"] == 10].set_index("language")["tau"]
    energy = compared["energy"][compared["energy"]["kind"] == "centred"].set_index("language")["difference"]
    return pd.DataFrame({"erank": rank, "tau": order, "energy": energy}).reset_index()


# --- What follows --------------------------------------------------------------------------------------------------------


def falls(data: dict[str, dict[str, object]]) -> pd.DataFrame:
    """One row an item, kind and condition: right before, right after, chance."""
    dense = pd.DataFrame(data["dense"]["items"])
    parts = []
    for name, found in data.items():
        if name != "dense":
            after = pd.DataFrame(found["items"])[["task", "language", "item", "correct"]]
            parts.append(
                dense.merge(after, on=["task", "language", "item"], suffixes=("", "_after"), validate="1:1").assign(
                    condition=name
                )
            )
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(moved=frame["correct_after"].astype(float) - frame["correct"].astype(float))


def summary(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Accuracy before and after, change with a bootstrap interval over items, and the part of what was above chance that is left."""
    rows = []
    for key, part in frame.groupby(keys, sort=False):
        found = paired_bootstrap(part["moved"].to_numpy())
        before, chance = float(part["correct"].mean()), float(part["chance"].mean())
        told = _tells(part, "correct")
        left = (before + found.value - chance) / (before - chance) if told else np.nan
        rows.append((*key, len(part), before, before + found.value, found.value, found.low, found.high, told, left))
    names = [*keys, "items", "dense", "after", "change", "low", "high", "informative", "left"]
    return pd.DataFrame(rows, columns=names)


def between(one: pd.Series, two: pd.Series) -> Interval:
    """Mean of one less mean of the other, of items drawn anew within each."""
    a, b = (paired_bootstrap(values.to_numpy()) for values in (one, two))
    value, se = a.value - b.value, float(np.hypot(a.se, b.se))
    return Interval(value, se, value - 1.96 * se, value + 1.96 * se)


def said(found: Interval, less: str) -> str:
    """A difference in points with its interval, and what may be concluded."""
    word = less if found.high < 0 else "the reverse" if found.low > 0 else "not told apart"
    return f"{100 * found.value:+.0f} points ({100 * found.low:+.0f} to {100 * found.high:+.0f}: {word})"


def verdicts(frame: pd.DataFrame, kinds: pd.DataFrame) -> list[str]:
    """Sentences that hold no figure which is not computed here; kinds at chance over all languages are left out."""
    able = {kind for kind, part in kinds.groupby("task") if bool(part["informative"].iloc[0])}
    lines = [
        "At chance over all languages, so nothing is said of them: "
        + (", ".join(sorted(set(frame["task"]) - able)) or "none")
        + "."
    ]
    for name, part in frame.groupby("condition", sort=False):
        moved = {str(kind): rows["moved"] for kind, rows in part.groupby("task") if kind in able}
        floor = [str(kind) for kind, rows in part.groupby("task") if kind in able and not _can_still(rows)]
        ours = [f"at chance afterwards, so that their falls are cut short: {', '.join(floor)}"] if floor else []
        if {"call-json", "call-text"} <= set(moved):
            both = part[part["task"].isin(("call-json", "call-text"))].pivot(
                index=["language", "item"], columns="task", values="moved"
            )
            # Whichever began higher has more to lose until both can do nothing.
            ours.append(
                "JSON against plain string: not comparable, for at least one is at chance"
                if {"call-json", "call-text"} & set(floor)
                else "JSON against plain string "
                + said(paired_bootstrap((both["call-json"] - both["call-text"]).to_numpy()), "JSON suffers more")
            )
        held = [moved[kind] for kind in HELD if kind in moved]
        if held and "world" in moved:
            ours.append(
                "world against tool use and workflow " + said(between(moved["world"], pd.concat(held)), "the world falls more")
            )
        others = [moved[kind] for kind in moved if not kind.startswith("needle")]
        if others and "needle" in moved:
            ours.append(
                "needle against the others " + said(between(moved["needle"], pd.concat(others)), "the needle falls more")
            )
        rest = kinds[(kinds["condition"] == name) & kinds["informative"]]
        if len(rest):
            first = rest.loc[rest["left"].idxmin()]
            ours.append(f"least is left of {first['task']} ({max(0.0, first['left']):.0%} of what was above chance)")
        lines.append(f"{name}: " + "; ".join(ours) + ".")
    return lines


def first_falls(frame: pd.DataFrame, key: str, where: str) -> pd.DataFrame:
    """For each method and each value of `key` (abilities, or languages): the least sparsity at which more items were lost than chance loses
    (exact McNemar, Holm over the values at that sparsity), whether 2:4 loses them, and the value of `where` that loses most there.

    Values that the dense model is at chance in say nothing and are left out.
    """
    fallen: dict[str, dict[str, pd.DataFrame]] = {}
    able: dict[str, int] = {}
    for condition, part in frame.groupby("condition", sort=False):
        groups = {str(value): rows for value, rows in part.groupby(key, sort=False) if _tells(rows, "correct")}
        able |= {value: len(rows) for value, rows in groups.items()}
        p = holm(np.array([mcnemar(rows["correct"].to_numpy(), rows["correct_after"].to_numpy()) for rows in groups.values()]))
        lost = {v: r for (v, r), chance in zip(groups.items(), p, strict=True) if chance < LEVEL and r["moved"].mean() < 0}
        fallen[str(condition)] = lost
    rows = []
    for method in METHODS:
        there = {str(share): fallen[f"{method}-{share}"] for share in (*SHARES, "2:4") if f"{method}-{share}" in fallen}
        for value, items in able.items() if there else ():
            first = next((share for share, lost in there.items() if value in lost), "")
            part = there[first][value] if first else None
            means = None if part is None else part.groupby(where, sort=False)["moved"].mean()
            most = "" if means is None else ", ".join(str(name) for name in means.index[means == means.min()][:MOST])
            rows.append({
                "method": method, key: value, "items": items, "measured": " ".join(there), "falls at": first or "none of them",
                "2:4": "" if "2:4" not in there else "falls" if value in there["2:4"] else "holds",
                "change": np.nan if part is None else float(part["moved"].mean()), f"{where} that loses most": most,
            })  # fmt: skip
    return pd.DataFrame(rows)


def first_verdicts(abilities: pd.DataFrame, languages: pd.DataFrame) -> list[str]:
    """Which ability falls first, in which language, method by method."""
    lines = []
    for method, part in abilities.groupby("method", sort=False):
        shares = [share for share in str(part["measured"].iloc[0]).split() if share != "2:4"]
        first = next((share for share in shares if share in set(part["falls at"])), "")
        own = languages[languages["method"] == method]
        codes = next(
            (own[own["falls at"] == share]["language"].tolist() for share in shares if share in set(own["falls at"])), []
        )
        spoken = [
            f"{row['task']} (most in {row['language that loses most']})"
            for _, row in part[part["falls at"] == first].iterrows()
        ]
        held = part[part["falls at"].isin(("none of them", "2:4"))]["task"].tolist()
        found = f"first to fall, at {first} %: {'; '.join(spoken)}" if first else "no ability falls by more than noise"
        lines.append(
            f"{method} (unstructured, measured at {', '.join(shares) or 'none'} %): {found}; languages that fall first, over all abilities: "
            f"{', '.join(codes) or 'none told apart'}; hold at every sparsity measured: {', '.join(held) or 'none'}."
        )
    return lines


def _tells(rows: pd.DataFrame, column: str) -> bool:
    return above_chance(int(rows[column].sum()), rows["chance"].to_numpy()) < LEVEL


def _can_still(rows: pd.DataFrame) -> bool:
    """Whether a kind is above chance after pruning, by the test that tells it before."""
    return _tells(rows, "correct_after")


def foretold(data: dict[str, dict[str, object]], frame: pd.DataFrame) -> pd.DataFrame:
    """Spearman's rho of each measure with the fall (falls positive), over conditions and languages; interval by drawing languages anew."""
    told = pd.concat([pd.DataFrame(found["insight"]).assign(condition=name) for name, found in data.items() if name != "dense"])
    told = told.assign(erank=-told["erank"].abs(), energy=-told["energy"].abs())
    rows = []
    for kind in ("all", *dict.fromkeys(frame["task"])):
        part = frame if kind == "all" else frame[frame["task"] == kind]
        fall = (
            part.groupby(["condition", "language"])["moved"]
            .mean()
            .mul(-1)
            .rename("fall")
            .reset_index()
            .merge(told, on=["condition", "language"])
        )
        for name in ("erank", "tau", "energy"):
            found = drawn(fall, name)
            rows.append(
                (
                    kind,
                    {"erank": "effective rank", "tau": "order of the ten likeliest", "energy": "energy"}[name],
                    len(fall),
                    *found,
                )
            )
    return pd.DataFrame(rows, columns=["kind", "measure", "cells", "rho", "low", "high"])


def drawn(fall: pd.DataFrame, name: str, repeats: int = 500) -> tuple[float, float, float]:
    """rho of a larger change (further from the dense model) with a larger fall, and its interval over languages."""
    codes = sorted(set(fall["language"]))
    groups = {code: fall[fall["language"] == code][[name, "fall"]].to_numpy(float) for code in codes}
    rng = np.random.default_rng(zlib.crc32(name.encode()))

    def rho(chosen: list[str]) -> float:
        both = np.concatenate([groups[code] for code in chosen])
        return -float(scipy_stats.spearmanr(both[:, 0], both[:, 1]).statistic) if np.ptp(both, axis=0).min() > 0 else np.nan

    found = [rho(list(rng.choice(codes, len(codes)))) for _ in range(repeats)]
    low, high = np.nanquantile(found, [0.025, 0.975]) if np.isfinite(found).any() else (np.nan, np.nan)
    return rho(codes), float(low), float(high)


def report(given: argparse.Namespace, command: str) -> None:
    """Everything measured so far."""
    data = stored(given)
    missing = [name for name in CONDITIONS if name not in data]
    if len(data) < 2:
        return
    frame = falls(data)
    kinds, cells = summary(frame, ["condition", "task"]), summary(frame, ["condition", "language", "task"])
    languages = summary(frame, ["condition", "language"])
    steps = pd.concat([pd.DataFrame(found["steps"]).assign(condition=name) for name, found in data.items()])
    steps = (
        steps.groupby(["condition", "measure"], sort=False)["value"].mean().unstack("measure").reindex(list(data)).reset_index()
    )
    leans = pd.concat([pd.DataFrame(found["argument"]).assign(condition=name) for name, found in data.items()])
    leans = leans.groupby(["condition", "language"])["lean"].mean().unstack("language").reindex(list(data)).reset_index()
    able = (
        cells[cells["condition"] == next(iter(frame["condition"]))]
        .pivot(index="language", columns="task", values="dense")
        .reset_index()
    )
    first, first_languages = first_falls(frame, "task", "language"), first_falls(frame, "language", "task")
    worst = languages.sort_values(["condition", "change"], kind="stable").groupby("condition", sort=False).head(3)
    columns = ["condition", "task", "items", "dense", "after", "change", "low", "high", "left"]
    parts = (
        ("Which ability falls first", first), ("Which language falls first", first_languages),
        ("Abilities, all languages together", kinds[columns]), ("The dense model's accuracy", able),
        ("The three languages that lose most, all abilities together", worst[["condition", "language", "items", "dense", "after", "change", "low", "high"]]),
        ("Step by step, means (F1 of rules and steps; valid steps of ten; all ten)", steps),
        ("log p of the English argument less the user's, nats", leans),
        ("Do the paper's measures foretell the fall? Spearman's rho", foretold(data, frame)),
    )  # fmt: skip
    body = "\n\n".join(
        [
            KNOWN,
            "\n".join(f"- {line}" for line in (*first_verdicts(first, first_languages), *verdicts(frame, kinds))),
            *(f"## {t}\n\n{table_of(table)}" for t, table in parts),
        ]
    )
    if missing:
        body = f"Not measured yet: {', '.join(missing)}.\n\n{body}"
    devices = sorted({str(found["facts"].get("device")) for found in data.values()})  # type: ignore[index]
    facts = provenance(command, devices=devices, **{name: getattr(given, name) for name in ASKED})
    tables = {
        "kinds": kinds,
        "cells": cells,
        "languages": languages,
        "first_abilities": first,
        "first_languages": first_languages,
    }
    rows = pd.concat([table.assign(table=name) for name, table in tables.items()])
    write("replications_abilities", rows, facts, "ACBench in small: what pruned models can still do", body)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", default="gemma-3-270m")
    parser.add_argument("--languages", default=LANGUAGES)
    parser.add_argument("--items", type=int, default=8)
    parser.add_argument("--length", type=int, default=256)
    parser.add_argument("--steps", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--again", action="store_true")
    given = parser.parse_args()
    command = command_of("replications_abilities", parser, given)
    measured(given, command)
    report(given, command)


if __name__ == "__main__":
    main()
