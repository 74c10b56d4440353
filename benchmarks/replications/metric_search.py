"""OptiShear: is a searched metric better than Wanda's, does the search find it, and does one metric serve all languages?"""

import math
import random
import time
from pathlib import Path

import pandas as pd

from benchmarks.common import RESULTS, provenance
from benchmarks.replications.ground import LANGUAGES, Ground, ground, some_linears
from benchmarks.replications.section import Section, Sources, Tables
from mwanda_core.corpora import Corpus
from mwanda_core.methods.recipes import recipe
from mwanda_core.studies.metric_search.bench import Bench
from mwanda_core.studies.metric_search.languages import equal_damage, front, hypervolume, one_for_all, relative, transfer
from mwanda_core.studies.metric_search.ratios import RatioSearch, search_ratios
from mwanda_core.studies.metric_search.search import NEAR_RIA, Journal, Search, regret, search
from mwanda_core.studies.metric_search.space import WANDA, Metric, candidates, canonical, distinct
from mwanda_core.studies.texts import windows

SPARSITY, POSITIONS = 0.5, 24
BUDGET = 690.0
"""Seconds of one call for the enumeration; the next call (`--stages enumerate`) goes on. Classes are tried in random order, so that what is
measured is a fair sample of the space at any time."""
SEEDS = 10
"""Of every sampler on the table of what was measured."""
JOURNAL = RESULTS / "replications" / "metric_search.partial.jsonl"


def bench(base: Ground, corpus: Corpus) -> Bench:
    """One text a language."""
    return Bench(base.model, base.stats, windows(base.model, corpus, 1, POSITIONS + 8), SPARSITY, first=8)


def classes() -> list[Metric]:
    """One metric for each class, Wanda and RIA's neighbour first, the others in random order."""
    first = [WANDA, canonical(NEAR_RIA)]
    rest = [metric for metric in candidates() if metric not in first]
    random.Random(0).shuffle(rest)
    return [*first, *rest]


def enumerate_(sources: Sources, done: Tables) -> Tables:
    """The damage of every class, on NTREX lines that nothing was calibrated on; as many as the budget allows, beside those measured before
    by the commits that stand with them. Wanda is measured in every call: rows of a ground on which it came out otherwise are let go."""
    base = ground(sources)
    JOURNAL.parent.mkdir(parents=True, exist_ok=True)
    work, commit = bench(base, base.tuning), str(provenance("")["commit"])
    journal, commits = Journal(work.of_metric, Path(JOURNAL)), dict[Metric, str]()
    wanda = work.of_metric(WANDA)
    for row in done["damage"].to_dict(orient="records") if "damage" in done else []:
        metric, damage = Metric(*(row[field] for field in Metric._fields)), {code: row[code] for code in LANGUAGES}
        if metric == WANDA and not all(math.isclose(damage[code], wanda[code], rel_tol=1e-5) for code in LANGUAGES):
            break
        journal.known.setdefault(metric, damage)
        commits[metric] = str(row.get("commit", ""))
    started = time.perf_counter()
    for metric in classes():
        if time.perf_counter() - started > BUDGET:
            break
        journal(metric)
    counts = pd.DataFrame(
        [(len(candidates()), len(distinct(candidates(), some_linears(base), SPARSITY)), len(journal.known))],
        columns=["classes", "different here", "measured"],
    )
    table = journal.table()
    table["commit"] = [commits.get(metric) or commit for metric in journal.known]
    return {"space": counts, "damage": table}


def searches(sources: Sources, done: Tables) -> Tables:
    """Every sampler, five seeds, on the table of what was measured: no trial costs anything. Once as a search begins, with Wanda and RIA's
    neighbour, and once from nothing, which is what a sampler finds by itself. A class that was not measured counts as Wanda."""
    table = done["damage"]
    codes = list(LANGUAGES)
    known = {
        Metric(*row[:4]): dict(zip(codes, row[4:], strict=True))
        for row in table[[*Metric._fields, *codes]].itertuples(index=False, name=None)
    }
    rows = []
    for starts in (True, False):
        for sampler in ("nsga-iii", "nsga-ii", "tpe", "random"):
            for seed in range(SEEDS):
                journal = Journal(lambda metric: known.get(metric, known[WANDA]))
                curve = regret(search(journal, Search(sampler, "mean", 100, seed, starts=starts)), table)
                for trials in (20, 50, 100):
                    share, different = curve["regret"].iloc[trials - 1], curve["measured"].iloc[trials - 1]
                    rows.append((sampler, "Wanda, RIA" if starts else "nothing", seed, trials, float(share), int(different)))
    each = pd.DataFrame(rows, columns=["sampler", "from", "seed", "trials", "regret", "different"])
    return {
        "regret": each.groupby(["sampler", "from", "trials"], sort=False)[["regret", "different"]].mean().reset_index(),
        "regret by seed": each,
    }


def report(sources: Sources, done: Tables) -> Tables:
    """Winners on other texts, and the languages as objectives."""
    base = ground(sources)
    table, codes = done["damage"], list(LANGUAGES)
    scaled = relative(table, codes)
    scaled["mean"], scaled["worst"] = scaled[codes].mean(axis=1), scaled[codes].max(axis=1)
    best = scaled.sort_values("mean").head(3)
    chosen = {
        **{f"best {place + 1}": row for place, (_, row) in enumerate(best.iterrows())},
        "equal damage": equal_damage(scaled, codes),
    }
    chosen |= {f"best of {code}": scaled.loc[scaled[code].idxmin()] for code in codes}
    other = bench(base, base.reported)
    wanda, rows = other.of_metric(WANDA), []
    for name, row in chosen.items():
        found = other.of_metric(Metric(*row[list(Metric._fields)]))
        again = {code: found[code] / wanda[code] for code in codes}
        rows.append(
            {
                "which": name,
                "metric": row["label"],
                "mean found": row["mean"],
                **again,
                "mean on other texts": sum(again.values()) / len(codes),
            }
        )
    ria = other.of_recipe(recipe("ria"))
    rows.append(
        {
            "which": "RIA itself",
            "metric": "RIA",
            "mean found": None,
            **{c: ria[c] / wanda[c] for c in codes},
            "mean on other texts": sum(ria[c] / wanda[c] for c in codes) / len(codes),
        }
    )
    kept = front(scaled, codes)
    trade = pd.DataFrame(
        [(len(kept), hypervolume(scaled, codes), len(one_for_all(scaled, codes)))],
        columns=["on the front", "hypervolume", "within 1% of the best everywhere"],
    )
    return {
        "winners on other texts": pd.DataFrame(rows),
        "trades": trade,
        "front": kept[["label", *codes, "mean", "worst"]],
        "transfer": transfer(scaled, codes),
    }


def ratios(sources: Sources, done: Tables) -> Tables:
    """Block sparsities by search, chosen on NTREX, checked on FLORES."""
    base = ground(sources)
    tuning, other = bench(base, base.tuning), bench(base, base.reported)
    rows = []
    asked = {
        **{name: RatioSearch(name, trials=40) for name in ("nsga-iii", "random")},
        "evopress, every child on all positions": RatioSearch("evopress", trials=40, look=1.0),
        "evopress, in steps": RatioSearch("evopress", trials=9),
    }
    for searcher, settings in asked.items():
        found = search_ratios(tuning, recipe("wanda"), settings)
        chosen = found.loc[found["mean"].idxmin()]
        there = other.of_recipe(recipe("wanda"), list(chosen["sparsities"]))
        flat = other.of_recipe(recipe("wanda"))
        rows.append(
            (
                searcher,
                len(found),
                found["cost"].iloc[-1],
                chosen["mean"] / found.loc[0, "mean"],
                sum(there[c] / flat[c] for c in LANGUAGES) / len(LANGUAGES),
            )
        )
    return {
        "block sparsities": pd.DataFrame(rows, columns=["searcher", "trials", "cost", "damage found", "damage on other texts"])
    }


def verdict(done: Tables) -> list[str]:
    """Sentences computed from the tables."""
    space, winners = done["space"].iloc[0], done["winners on other texts"].set_index("which")
    best = winners.loc["best 1"]
    found = [
        f"Of 2401 points {space['classes']} classes are left and {space['different here']} cut this model differently; {space['measured']} classes were measured.",
        f"The best metric found ({best['metric']}) has {best['mean found']:.3f} of Wanda's divergence where it was chosen and {best['mean on other texts']:.3f} on other "
        f"texts; RIA has {winners.loc['RIA itself', 'mean on other texts']:.3f} there.",
    ]
    at = done["regret"][done["regret"]["trials"] == 100]
    for start, rows in at.groupby("from", sort=False):
        each = ", ".join(f"{name} {value:.2f}" for name, value in zip(rows["sampler"], rows["regret"], strict=True))
        found.append(
            f"Share of the distance from Wanda to the best measured that is left after 100 trials from {start}, mean of {SEEDS} seeds: {each}."
        )
    trade = done["trades"].iloc[0]
    found.append(
        f"{int(trade['within 1% of the best everywhere'])} metrics are within 1 % of the best in every language; {int(trade['on the front'])} lie on the front."
    )
    if "block sparsities" in done:
        rows = done["block sparsities"].set_index("searcher")["damage on other texts"]
        found.append(
            "Block sparsities by search, damage on other texts against uniform: "
            + ", ".join(f"{name} {value:.3f}" for name, value in rows.items())
            + "."
        )
    return found


SECTION = Section(
    "metric_search",
    "OptiShear: the metric is searched",
    "Liu et al. 2025 (arXiv 2502.10735); its tables could not be read, figures are of its abstract and a review.",
    "A metric found by evolutionary search for a model beats fixed metrics, transfers from complex to simple tasks, and layer ratios add to it.",
    "Weight and activation discrepancy lower by up to 90 % (abstract); a review quotes Mistral 63.51 against 63.34 for magnitude.",
    "Enumeration as ground truth of the search; random search; winners on other texts (the winner's curse); RIA. Divergence is KL per position on "
    f"{POSITIONS} positions of one NTREX text a language, checked on FLORES; masks are cut on cached dense statistics at {SPARSITY:.0%} per row.",
    {"enumerate": enumerate_, "searches": searches, "report": report, "ratios": ratios},
    verdict,
    ("space", "winners on other texts", "regret", "trades", "transfer", "front", "block sparsities"),
    most=("enumerate", "searches", "report"),
)
