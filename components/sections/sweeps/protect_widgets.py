"""The part that protects languages: limits, the search, what it found and what that costs the others."""

import dataclasses
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr
import pandas as pd

from components.engine import importing
from components.figures import protection as figures
from components.form.choices import language_choices
from components.i18n import words
from components.i18n.names import language_name, renamed
from components.jobs.panel import JobPanel, buttons, remembered
from components.scratch import Scratch
from components.store import RunStore
from components.widgets.inputs import Absent, FigureAndTable, absent, figure_and_table, filled, table
from mwanda_core.languages import language
from mwanda_core.store.report import RunReport

if TYPE_CHECKING:
    from mwanda_core.sweeps.protections import KeptProtection

Updates = dict[Any, Any]
MOST_TRIES = 200
WEIGHT = "weight "
"""A knob of the search that is the logarithm (base 2) of a language's weight begins so."""


@dataclasses.dataclass(frozen=True)
class Asked:
    """What is wanted."""

    languages: gr.Dropdown
    percent: gr.Number
    own: gr.Textbox
    tries: gr.Slider
    goal: gr.Radio
    how: gr.Dropdown
    seed: gr.Number
    forecast: gr.Markdown


@dataclasses.dataclass(frozen=True)
class Shown:
    """What was found."""

    section: Absent
    text: gr.Markdown
    tries: FigureAndTable
    settings: gr.Dataframe
    cost: FigureAndTable
    after: gr.Button
    before: gr.Button
    ids: gr.State


@dataclasses.dataclass(frozen=True)
class Widgets:
    """Widgets of the part. name: of the search that this browser looks at."""

    asked: Asked
    job: JobPanel
    kept: gr.Dropdown
    shown: Shown
    name: gr.BrowserState


def draw() -> Widgets:
    """Draw the part where the caller stands."""
    gr.Markdown(words.PROTECT_HELP)
    asked = _asked()
    job = buttons("protect", words.PROTECT_START, cancelled="PROTECT_CANCELLED", log=words.PROTECT_LOG, kept=True)
    kept = gr.Dropdown([], value=None, label=words.PROTECT_KEPT_NONE, elem_id="protect-kept")
    return Widgets(asked, job, kept, _shown(), remembered("protect"))


def _asked() -> Asked:
    with gr.Row():
        languages = gr.Dropdown(
            [], value=[], multiselect=True, label=words.PROTECT_LANGUAGES, info=words.PROTECT_LANGUAGES_INFO,
            elem_id="protect-languages", min_width=220,
        )  # fmt: skip
        percent = gr.Number(
            100, label=words.PROTECT_PERCENT, info=words.PROTECT_PERCENT_INFO, elem_id="protect-percent", min_width=220
        )
    with gr.Row():
        own = gr.Textbox(
            "", lines=2, max_lines=8, label=words.PROTECT_OWN, info=words.PROTECT_OWN_INFO, elem_id="protect-own", min_width=220
        )
        tries = gr.Slider(
            2, 60, value=12, step=1, label=words.PROTECT_TRIES, info=words.PROTECT_TRIES_INFO, elem_id="protect-tries", min_width=220
        )  # fmt: skip
    with gr.Row():
        goal = gr.Radio(
            [(text, name) for name, text in words.PROTECT_GOALS.items()], value="worst", label=words.PROTECT_GOAL,
            elem_id="protect-goal", min_width=220,
        )  # fmt: skip
        how = gr.Dropdown(
            [(text, name) for name, text in words.PROTECT_KINDS.items()], value="coordinate", label=words.PROTECT_KIND,
            elem_id="protect-how", min_width=220,
        )  # fmt: skip
        seed = gr.Number(0, precision=0, label=words.PROTECT_SEED, elem_id="protect-seed", min_width=120)
    return Asked(languages, percent, own, tries, goal, how, seed, gr.Markdown(words.SWEEP_WAITING, elem_id="protect-forecast"))


def protect_menu(codes: Sequence[str] | None, chosen: Sequence[str] | None) -> Any:
    """The languages that can be protected are those calibrated on."""
    known = list(codes or ())
    return gr.update(choices=language_choices(known), value=[code for code in chosen or () if code in known])


def _shown() -> Shown:
    with absent("protect", words.PROTECT_EMPTY) as place:
        text = gr.Markdown(elem_id="protect-told")
        with gr.Row():
            after = gr.Button(words.PROTECT_OPEN_AFTER, elem_id="protect-open-after", min_width=200)
            before = gr.Button(words.PROTECT_OPEN_BEFORE, elem_id="protect-open-before", min_width=200)
        gr.Markdown(words.PROTECT_COST)
        gr.Markdown(words.PROTECT_COST_HELP)
        cost = figure_and_table("protect-cost", words.PROTECT_COST.strip("# "))
        gr.Markdown(words.PROTECT_FRONT)
        gr.Markdown(words.PROTECT_FRONT_HELP)
        tries = figure_and_table("protect-tries", words.PROTECT_FRONT.strip("# "))
        gr.Markdown(words.PROTECT_SETTINGS)
        settings = table("protect-settings", words.PROTECT_SETTINGS.strip("# "))
    return Shown(place, text, tries, settings, cost, after, before, gr.State(("", "")))


def show(tab: Widgets, store: RunStore, found: "KeptProtection", scratch: Scratch) -> Updates:
    """Everything about a search.

    Raises RunError when one of its runs cannot be read any more.
    """
    before, after = store.load(found.before), store.load(found.after)
    shown, best = tab.shown, best_of(found)
    cost = cost_of(found, before, after)
    tries = found.probes.drop(columns="taken").round(4).rename(columns=try_name)
    return {
        **shown.section.show(True),
        shown.text: verdict(found, before, after),
        **filled(shown.cost, figures.cost_by_language(cost), readable(cost), scratch.csv(f"{found.id}-languages", cost)),
        **filled(
            shown.tries, figures.tries(found.probes, found.limits, best), tries, scratch.csv(f"{found.id}-tries", found.probes)
        ),
        shown.settings: settings_of(found, best, before, after),
        shown.ids: (found.before, found.after),
    }


def try_name(column: str) -> str:
    """A column of the tries for a person."""
    if column.startswith(WEIGHT):
        return words.PROTECT_FACTOR.format(name=language_name(column.removeprefix(WEIGHT)))
    if column.startswith("increase "):
        return language_name(column.removeprefix("increase "))
    known = {**words.PROTECT_TRY_COLUMNS, "activation": words.PROTECT_ACTIVATION}
    return known[column] if column in known else knob_name(column)


def best_of(found: "KeptProtection") -> int:
    """The row of the setting that was taken."""
    return int(found.probes["taken"].to_numpy(bool).argmax())


def cost_of(found: "KeptProtection", before: RunReport, after: RunReport) -> pd.DataFrame:
    """One row a language: perplexity ratios of both runs with intervals, and the change between them with its own (nats)."""
    with importing():
        from mwanda_core.after.comparison import compare_runs

    sides = []
    for side, report in (("before", before), ("after", after)):
        losses = report.tables["languages"].set_index("language")
        sides.append(
            losses[["perplexity_ratio", "ratio_low", "ratio_high"]].set_axis([side, f"{side}_low", f"{side}_high"], axis=1)
        )
    compared = compare_runs([before, after]).languages
    paired = compared[compared["run"] == after.id].set_index("language")[["loss_difference", "loss_low", "loss_high"]]
    joined = sides[0].join(sides[1], how="inner").join(paired)
    joined.insert(0, "name", [language(str(code)).name for code in joined.index])
    joined["limit"] = [math.exp(found.limits[code]) if code in found.limits else math.nan for code in joined.index]
    # Protected languages come first, then those that lose most.
    return joined.sort_values(["limit", "after"], ascending=[True, False], na_position="last").reset_index(names="language")


def readable(cost: pd.DataFrame) -> pd.DataFrame:
    """The same for a person."""

    def span(low: float, high: float, form: str) -> str:
        return "" if math.isnan(low) else words.SPAN.format(low=f"{low:{form}}", high=f"{high:{form}}")

    rows = [
        {
            "name": row["name"], "limit": "" if math.isnan(row["limit"]) else words.number(row['limit'], ".2f"), "before": words.number(row['before'], ".2f"),
            "after": words.number(row['after'], ".2f"), "interval": span(row["after_low"], row["after_high"], ".2f"),
            "change": "" if math.isnan(row["loss_difference"]) else words.number(row['loss_difference'], "+.3f"),
            "change_interval": span(row["loss_low"], row["loss_high"], "+.3f"),
            "kept": "" if math.isnan(row["limit"]) else words.YES if row["after"] <= row["limit"] else words.NO,
        }
        for row in renamed(cost).to_dict("records")
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(words.PROTECT_COLUMNS)).rename(columns=words.PROTECT_COLUMNS)


def settings_of(found: "KeptProtection", best: int, before: RunReport, after: RunReport) -> pd.DataFrame:
    """The knobs of the setting at the start and of the one found, and the lowest and highest sparsity of a block under each."""
    first, taken = found.probes.iloc[0], found.probes.iloc[best]
    rows = [(words.PROTECT_ACTIVATION, str(first["activation"]), str(taken["activation"]))]
    for name in figures.knobs_of(found.probes):
        a, b = first[name], taken[name]
        if not (pd.isna(a) and pd.isna(b)):
            rows.append((knob_name(name), _value(name, a), _value(name, b)))
    rows.append((words.PROTECT_BLOCKS, _blocks(before), _blocks(after)))
    return pd.DataFrame(rows, columns=list(words.PROTECT_SETTING_COLUMNS)).rename(columns=words.PROTECT_SETTING_COLUMNS)


def _blocks(report: RunReport) -> str:
    share = report.tables["allocation"]["sparsity"]
    return words.SPAN.format(low=words.percent(float(share.min()), 1), high=words.percent(float(share.max()), 1))


def _value(name: str, value: Any) -> str:
    if pd.isna(value):
        return ""
    if name.startswith(WEIGHT):
        return words.number(2.0**value, ".3g")
    return words.number(value, ".4g") if isinstance(value, int | float) else str(value)


def knob_name(name: str) -> str:
    """A knob for a person: the weight of a language by the language's name, others as the sliders on the left are labelled."""
    if name.startswith(WEIGHT):
        return words.PROTECT_WEIGHT.format(name=language_name(name.removeprefix(WEIGHT)))
    return words.knob_label(name.rpartition(".")[2], "")


def verdict(found: "KeptProtection", before: RunReport, after: RunReport) -> str:
    """Whether the limits are kept, in words."""
    within = int((found.probes["over"] == 0).sum())
    if found.kept:
        first = words.PROTECT_KEPT_LIMITS if within else words.PROTECT_KEPT_AFTER
    else:
        first = words.PROTECT_NOT_KEPT_AFTER if within else words.PROTECT_NOT_KEPT
    parts = [first, words.PROTECT_TRIED.format(tries=len(found.probes), within=within)]
    if before.facts["recipe"] == after.facts["recipe"]:
        parts.append(words.PROTECT_SAME)
    return "\n\n".join(parts)
