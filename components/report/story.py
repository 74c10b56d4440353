"""A report in plain words: headline, cards, notes. Pure functions from a report to HTML or Markdown."""

import math
from html import escape

import pandas as pd

from components.i18n import words
from components.i18n.names import language_name, language_names
from mwanda_core.after.python_lines import python_lines
from mwanda_core.store.report import RunReport


def title(report: RunReport) -> str:
    """Method, sparsity, model, languages."""
    settings = report.facts["settings"]
    model = str(settings["model"]).rstrip("/").rpartition("/")[2]
    return words.job_title(
        report.facts["recipe"]["title"], float(settings["sparsity"]), model, language_names(settings["languages"])
    )


def banner(report: RunReport, is_example: bool) -> str:
    """What is shown, and where it came from."""
    if is_example:
        return words.EXAMPLE_BANNER.format(title=title(report))
    return words.RUN_BANNER.format(title=title(report), link=f"?run={report.id}")


def so_far(report: RunReport) -> str:
    """What is being measured, and on how many texts its figures rest."""
    texts = report.tables["languages"]["texts"]
    return words.SO_FAR.format(title=title(report), fewest=int(texts.min()), most=int(texts.max()))


def headline(report: RunReport) -> str:
    """What happened, in two or three sentences."""
    facts, found = report.facts, report.facts["summary"]
    return words.headline(
        method=facts["recipe"]["title"],
        removed=found["achieved_sparsity"],
        mean=times(found["mean_increase"]),
        calibrated=optional_times(found.get("mean_increase_calibration")),
        held_out=optional_times(found.get("mean_increase_held_out")),
        worst=language_name(found["worst_language"]),
        worst_times=times(found["worst_increase"]),
    )


def cards(report: RunReport) -> str:
    """The few figures a run is judged by."""
    found = report.facts["summary"]
    table = report.tables["languages"]
    worst = table[table["language"] == found["worst_language"]].iloc[0]
    interval = words.interval(times(worst["increase_low"]), times(worst["increase_high"]))
    shown = [
        (words.CARD_MEAN, words.TIMES.format(value=times(found["mean_increase"])), ""),
        (words.CARD_CALIBRATED, _times_or_none(found.get("mean_increase_calibration")), ""),
        (words.CARD_HELD_OUT, _times_or_none(found.get("mean_increase_held_out")), ""),
        (
            words.CARD_WORST.format(name=language_name(str(worst["language"]))),
            words.TIMES.format(value=times(found["worst_increase"])),
            interval,
        ),
        (words.CARD_ACCURACY, points(found.get("mean_accuracy_change")), _items(table)),
        (words.CARD_SPARSITY, words.percent(found["achieved_sparsity"], 1), words.of_model(report.facts["model"])),
    ]
    return '<div class="mw-cards">' + "".join(_card(*card) for card in shown) + "</div>"


def _items(table: pd.DataFrame) -> str:
    if "items" not in table or table["items"].isna().all():
        return ""
    return words.items_per_language(int(table["items"].min()), int(table["items"].max()))


def _card(label: str, value: str, more: str) -> str:
    return (
        f'<div class="mw-card"><div class="label">{escape(label)}</div><div class="value">{escape(value)}</div>'
        f'<div class="more">{escape(more)}</div></div>'
    )


def times(nats: float) -> str:
    """A loss increase in nats per token as a factor of perplexity."""
    factor = math.exp(nats)
    return words.number(factor, ".2f" if factor < 10 else ".1f" if factor < 100 else ",.0f")


def optional_times(nats: float | None) -> str:
    """As `times`; empty when there was no such language."""
    return "" if nats is None else times(nats)


def _times_or_none(nats: float | None) -> str:
    return words.NOT_MEASURED if nats is None else words.TIMES.format(value=times(nats))


def points(change: float | None) -> str:
    """A change in a share as percentage points."""
    if change is None or math.isnan(change):
        return words.NOT_MEASURED
    return words.POINTS.format(value=words.number(100 * change, "+.1f")) if abs(change) >= 0.0005 else words.UNCHANGED


def notes(report: RunReport) -> str:
    """What the run wants said about itself, then what holds for every run."""
    return "\n".join(f"- {words.library(note)}" for note in [*report.facts["notes"], words.ZEROS])


def timings(report: RunReport) -> str:
    """Where the time went, and on what."""
    facts = report.facts
    rows = [
        f"| {words.TIMING_NAMES.get(name, name)} | {words.number(value, '.1f')} s |" for name, value in facts["timings"].items()
    ]
    model = facts["model"]
    device = words.DEVICE_NAMES.get(model["device"], model["device"])
    return "\n".join(["| | |", "|---|---:|", *rows]) + f"\n\n{words.made_on(device, model['dtype'], facts['versions'])}"


def again(report: RunReport) -> str:
    """Python lines that repeat the run."""
    return python_lines(report.facts["settings"])
