"""The results of a sweep as figures and tables; pure functions of the tables in the store."""

import dataclasses
from typing import TYPE_CHECKING

import pandas as pd

from components.engine import importing
from components.figures import sweeps
from components.figures.base import message
from components.i18n import words
from components.i18n.names import alphabetical, language_name
from components.store import RunStore

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from mwanda_core.sweeps.stored import KeptSweep

VIEWS = (sweeps.MEAN, sweeps.WORST, sweeps.STACKED)


@dataclasses.dataclass(frozen=True)
class Results:
    """A sweep as far as it is: its plan, one row a run, one row a run and language."""

    kept: "KeptSweep"
    runs: pd.DataFrame
    languages: pd.DataFrame


def read(store: RunStore, name: str) -> Results:
    """The results so far.

    Raises RunError when there is no such sweep.
    """
    with importing():
        from mwanda_core.sweeps.stored import kept_sweep, tables_of

    kept = kept_sweep(store.kept, name)
    found = tables_of(store.kept, [kept.done[key] for key in kept.keys if key in kept.done])
    return Results(kept, found.runs, found.languages)


def views(results: Results) -> list[tuple[str, str]]:
    """The menu of the curves: mean, worst, then every language by name."""
    codes = sorted(dict.fromkeys(results.languages["language"]), key=lambda code: alphabetical(language_name(code)))
    fixed = [(words.SWEEP_MEAN, sweeps.MEAN), (words.SWEEP_WORST, sweeps.WORST), (words.SWEEP_STACKED, sweeps.STACKED)]
    return [*fixed, *((language_name(code), code) for code in codes)]


def curve(results: Results, which: str) -> "tuple[go.Figure, pd.DataFrame]":
    """Lines and their table, for the mean, the worst, or a language."""
    styles = sweeps.styles_of(results.runs)
    if which == sweeps.STACKED and len(results.languages):
        rows = results.languages.assign(sparsity=(100 * results.languages["sparsity"]).round(2))
        wide = rows.pivot_table(index=["method", "sparsity"], columns="language", values="pruned_perplexity", sort=False)
        wide = wide.rename(columns=language_name).round(4).reset_index().rename(columns=words.SWEEP_COLUMNS)
        return sweeps.stacked(results.languages, styles), wide
    values = sweeps.values_of(results.runs, results.languages, which) if len(results.runs) else pd.DataFrame()
    if values.empty:
        return message(words.SWEEP_UNSCORED), pd.DataFrame()
    lines = [styles[key].name for key in zip(values["method"], values["languages"], strict=True)]
    table = values.assign(line=lines, sparsity=(100 * values["sparsity"]).round(2))
    shown = table[list(words.SWEEP_CURVE_COLUMNS)].round({"value": 4, "low": 4, "high": 4})
    if which == sweeps.WORST:
        shown.insert(2, "name", table["name"])
    return sweeps.curves(values, styles), shown.rename(columns={**words.SWEEP_CURVE_COLUMNS, "name": words.AXIS_LANGUAGE})


def multiples(results: Results) -> "tuple[go.Figure, str]":
    """Every language in a panel, those that lose most first where there are too many; and what is to be said of that."""
    worst = results.languages.groupby("language")["increase"].max().sort_values(ascending=False)
    codes = list(worst.index[: sweeps.MOST_PANELS])
    note = words.SWEEP_MULTIPLES_CAP.format(count=len(codes)) if len(worst) > len(codes) else ""
    ordered = [code for code in dict.fromkeys(results.languages["language"]) if code in codes]
    values = {language_name(code): sweeps.values_of(results.runs, results.languages, code) for code in ordered}
    return sweeps.multiples(values, sweeps.styles_of(results.runs)), note


def front(results: Results) -> "go.Figure":
    """Mean against worst."""
    return sweeps.mean_against_worst(results.runs, sweeps.styles_of(results.runs))


def table(results: Results) -> pd.DataFrame:
    """All runs for a person."""
    runs = results.runs
    if runs.empty:
        return pd.DataFrame(columns=list(words.SWEEP_COLUMNS.values()))
    shown = runs.assign(
        sparsity=(100 * runs["sparsity"].astype(float)).round(2), mix=[sweeps.mix_name(codes) for codes in runs["languages"]],
        worst=[language_name(code) if isinstance(code, str) else "" for code in runs["worst_language"]],
        front=[words.YES if on else "" for on in runs["front"]],
        **{name: runs[name].astype(float).round(4) for name in ("mean_increase", "worst_increase")},
    )  # fmt: skip
    return shown[list(words.SWEEP_COLUMNS)].rename(columns=words.SWEEP_COLUMNS)


def menu(results: Results) -> list[tuple[str, str]]:
    """The runs to open, in the order of the plan."""
    styles = sweeps.styles_of(results.runs)
    several = len(results.runs) > 0 and results.runs["seed"].nunique() > 1
    return [
        (
            f"{styles[row['method'], row['languages']].name}, {words.at_sparsity(float(row['sparsity']))}"
            + (words.HOVER_SWEEP_SEED.format(seed=row["seed"]) if several else ""),
            str(row["id"]),
        )
        for row in results.runs.to_dict("records")
    ]


def progress(results: Results) -> str:
    """How far it is, what could not be run, and what cannot be compared."""
    kept = results.kept
    lines = [words.sweep_progress(kept.name, len(kept.done), len(kept.keys), kept.refused)]
    if len(results.languages):
        measured = results.languages.groupby("id")["language"].agg(lambda codes: ",".join(sorted(codes)))
        lines += [words.SWEEP_UNEQUAL] if measured.nunique() > 1 else []
    elif len(results.runs):
        lines.append(words.SWEEP_UNSCORED)
    return "\n\n".join(lines)
