"""Protect a language: find a recipe under which named languages lose at most so much, and say what it costs the others.

A try prunes the model in one pass from statistics that were measured once, and scores a few texts; only arithmetic on weights
and a short scoring are repeated. The tries are scored on texts of the calibration half, so the evaluation half that the two
final runs are scored on (the recipe found, and the one it started from) was never looked at by the search.

    worth of a try = ( max_p max(0, d_p - limit_p),  goal,  the other of mean and worst )        lower is better, in this order
    d_l = loss of language l pruned - dense, nats per token;  goal = max_l d_l ("worst") or mean_l d_l ("mean")
"""

import contextlib
import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mwanda_core.after.comparison import RunComparison, compare_runs
from mwanda_core.errors import InputError
from mwanda_core.languages import parse_codes
from mwanda_core.methods.recipes import Recipe, recipe
from mwanda_core.progress import Monitor
from mwanda_core.run.before import settled
from mwanda_core.run.experiment import Run, Workbench
from mwanda_core.run.settings import Settings
from mwanda_core.store.report import RunReport
from mwanda_core.sweeps.probe import Probe, axes_of, families, repaired, starts, variant
from mwanda_core.sweeps.search import Point, check_search, search
from mwanda_core.sweeps.sweep import RunMonitor, front

GOALS = ("worst", "mean")


@dataclasses.dataclass(frozen=True)
class SearchPlan:
    """How to search. tries: prunes, the start among them; texts: scored per language and try; goal: what is best beside the
    limits, "worst" language or "mean"; kind: see `search`; seed: of the search (None: the seed of the settings). across: whether other
    methods, guards and kept runs are tried as well, with at most half of the tries."""

    tries: int = 24
    texts: int = 4
    goal: str = "worst"
    kind: str = "coordinate"
    seed: int | None = None
    across: bool = True


@dataclasses.dataclass(frozen=True)
class Protection:
    """What a search found.

    probes: one row a try: method, guard (the weight of guards), the knobs, `increase <code>`, over (nats above the limit, 0 when kept), mean, worst, protected
    (the worst protected language), others (the mean of the others; of all where there are no others), front (Pareto front of
    protected against others), taken (the one try whose recipe `after` has). before, after: the final runs with the recipe that the
    search started from and with the one it found; comparison: the second against the first, on texts the search never saw.
    kept: whether `after` keeps every limit on those texts. words: the same in sentences.
    """

    settings: Settings
    limits: Mapping[str, float]
    probes: pd.DataFrame
    before: Run
    after: Run
    comparison: RunComparison
    kept: bool
    words: tuple[str, ...]


def nats(percent: float) -> float:
    """A rise of perplexity in percent as a rise of loss in nats per token: ln(1 + percent / 100).

    Raises InputError for a number below 0 or none at all.
    """
    if not (math.isfinite(percent) and percent >= 0):
        raise InputError(f"The limit must be a rise of perplexity of 0 % or more; it was given {percent}.")
    return math.log1p(percent / 100)


def protect(
    bench: Workbench,
    settings: Settings,
    limits: Mapping[str, float],
    how: SearchPlan | None = None,
    monitor: Monitor | None = None,
    known: Iterable[RunReport] = (),
) -> Protection:
    """Search for a recipe that keeps the limits (language -> nats per token; see `nats`) and is best for the goal otherwise.

    Last, the best of all is tried with repair. Before any knob is turned, other methods, guards, uniform sparsity and the recipes of the `known` runs that fit are tried once; the best of
    them is searched on as well. The runs are in one pass. Raises InputError for
    languages that are not calibrated on, limits below 0, or a recipe without a knob to search; Cancelled when stopped.
    """
    monitor, how = monitor or Monitor(), how or SearchPlan()
    settings = dataclasses.replace(settings, mode="one-pass", languages=parse_codes(settings.languages))
    check_protection(settings, limits, how)
    settings = settled(settings)
    asked = recipe(settings.method)
    bases = [(start, settings.guard) for start in families(asked, settings.languages)]
    bases = [base for base in bases if axes_of(base[0], settings.languages, limits)]
    if not bases:
        raise InputError(
            f"{asked.title} has no knob that favours a language: choose M-Wanda, Wanda, or another method with one."
        )
    others = list(starts(settings, asked, known))[: how.tries // 2] if how.across and how.tries > 3 else []
    mends = how.across and how.tries > 3
    places = len(bases) + bool(others)
    shares = [(how.tries - len(others) - mends + place) // places for place in reversed(range(places))]
    monitor.plan(1.0 + how.tries + 2.0)
    first = RunMonitor(monitor, "")
    first.begin("Measuring the dense model")
    task = Probe(bench, settings, asked, how.texts, first)
    first.finish()
    rows: list[dict[str, Any]] = []
    other = "mean" if how.goal == "worst" else "worst"

    def worth(row: Mapping[str, Any]) -> tuple[float, ...]:
        return tuple(math.inf if math.isnan(row[name]) else row[name] for name in ("over", how.goal, other))

    def tried(wanted: Recipe, guard: float, point: Point) -> tuple[float, ...]:
        part = RunMonitor(monitor, f"Try {len(rows) + 1} of {how.tries}: ")
        row = _row(point, task.probe(wanted, guard, part), limits)
        rows.append({"method": wanted.title, "guard": guard, **row, "activation": wanted.activation.title, "recipe": wanted})
        part.finish()
        return worth(row)

    def turn_knobs(start: Recipe, guard: float, share: int) -> None:
        def objective(point: Point) -> tuple[float, ...]:
            return tried(variant(start, point, settings.languages), guard, point)

        axes = axes_of(start, settings.languages, limits)
        if share:
            search(how.kind, axes, objective, share, settings.seed if how.seed is None else how.seed)

    for base, share in zip(bases, shares, strict=False):
        turn_knobs(*base, share)
    found = [(tried(wanted, guard, {}), place) for place, (wanted, guard) in enumerate(others)]
    for _, place in sorted(found):
        if axes_of(others[place][0], settings.languages, limits):
            turn_knobs(*others[place], shares[-1])
            break
    best = min(range(len(rows)), key=lambda place: worth(rows[place]))
    if mends:
        with contextlib.suppress(InputError):  # A recipe whose repair is another, or that may have none.
            tried(repaired(rows[best]["recipe"]), rows[best]["guard"], {})
        best = min(range(len(rows)), key=lambda place: worth(rows[place]))
    taken: Recipe = rows[best]["recipe"]
    chosen = dataclasses.replace(settings, method=taken.to_dict(), guard=rows[best]["guard"])
    runs = []
    for label, wanted in (("Starting recipe: ", settings), ("Recipe found: ", chosen)):
        part = RunMonitor(monitor, label)
        runs.append(bench.run(wanted, part))
        part.finish()
    return _protection(chosen, limits, _probes(rows, limits, best), runs)


def check_protection(settings: Settings, limits: Mapping[str, float], how: SearchPlan) -> None:
    """What can be refused before a model is loaded.

    Raises InputError in one sentence.
    """
    if how.goal not in GOALS:
        raise InputError(f"The goal must be one of {', '.join(GOALS)}; it was given {how.goal!r}.")
    if not limits:
        raise InputError("Name at least one language to protect, and how much it may lose.")
    strangers = [code for code in limits if code not in settings.languages]
    if strangers:
        raise InputError(
            f"{', '.join(strangers)} cannot be protected without calibrating on it; the calibration languages are "
            f"{', '.join(settings.languages)}."
        )
    wrong = [f"{code}={limit}" for code, limit in limits.items() if not (math.isfinite(limit) and limit >= 0)]
    if wrong:
        raise InputError(f"A limit is a number of nats per token of 0 or more; one given was {wrong[0]}.")
    if how.texts < 1:
        raise InputError(f"Tries need at least one text per language to score; the number was given as {how.texts}.")
    check_search(how.kind, how.tries)


def _won(probes: pd.DataFrame, before: Run, after: Run) -> str:
    """Which method won, or came nearest, and what was tried."""
    taken = probes[probes["taken"]].iloc[0]
    guards = f" with guards of {taken['guard']:.0%} of the weight" if taken["guard"] else ""
    same = before.report.facts["recipe"] == after.report.facts["recipe"] and taken["guard"] == probes["guard"].iloc[0]
    won = f"{taken['method']}{guards}{', as it was to begin with' if same else ''}"
    count = probes["method"].nunique()
    tried = f"{len(probes)} tries of {count} method{'s' if count > 1 else ''}"
    if taken["over"] > 0:
        return f"None of {tried} kept every limit on the texts of the search; the nearest miss is {won}, {taken['over']:.3f} nats per token above."
    return f"{won} won, of {tried}."


def _row(point: Point, losses: Mapping[str, float], limits: Mapping[str, float]) -> dict[str, Any]:
    values = list(losses.values())
    # NaN must not pass for a kept limit: max() of NaN depends on the order.
    broken = any(math.isnan(value) for value in values)
    over = math.nan if broken else max(max(0.0, losses[code] - limit) for code, limit in limits.items())
    return {
        **point, **{f"increase {code}": value for code, value in losses.items()}, "over": over,
        "mean": math.nan if broken else float(np.mean(values)), "worst": math.nan if broken else max(values),
    }  # fmt: skip


def _probes(rows: Sequence[Mapping[str, Any]], limits: Mapping[str, float], best: int) -> pd.DataFrame:
    table = pd.DataFrame([{name: value for name, value in row.items() if name != "recipe"} for row in rows])
    protected = [f"increase {code}" for code in limits]
    others = [str(name) for name in table if str(name).startswith("increase ") and name not in protected]
    table["protected"] = table[protected].max(axis=1, skipna=False)
    table["others"] = table[others].mean(axis=1, skipna=False) if others else table["mean"]
    table["front"] = front(table[["protected", "others"]].to_numpy(np.float64))
    table["taken"] = [place == best for place in range(len(table))]
    return table


def _protection(settings: Settings, limits: Mapping[str, float], probes: pd.DataFrame, runs: Sequence[Run]) -> Protection:
    before, after = runs
    scored = {str(line["language"]): line for line in after.report.tables["languages"].to_dict(orient="records")}
    words, kept = [_won(probes, before, after)], True
    for code, limit in limits.items():
        if code not in scored:
            kept = False
            words.append(f"{code} was not scored, so its limit could not be checked: score at least one text.")
            continue
        line = scored[code]
        good = bool(line["increase"] <= limit)
        kept &= good
        sure = "" if not good or line["increase_high"] <= limit else " by the estimate, and the interval reaches beyond it"
        words.append(
            f"{line['name']}: perplexity times {math.exp(line['increase']):.3f} (95 % interval {line['ratio_low']:.3f} to "
            f"{line['ratio_high']:.3f}) on texts the search never saw; the limit {math.exp(limit):.3f} is "
            f"{'kept' if good else 'not kept'}{sure}."
        )
    comparison = compare_runs([before.report, after.report])
    for row in comparison.languages.to_dict(orient="records"):
        if row["run"] == after.report.id and row["language"] not in limits and not math.isnan(row["loss_difference"]):
            words.append(
                f"{row['name']}: {row['loss_difference']:+.3f} nats per token against the starting recipe (95 % interval "
                f"{row['loss_low']:+.3f} to {row['loss_high']:+.3f})."
            )
    return Protection(settings, dict(limits), probes, before, after, comparison, kept, tuple(words))
