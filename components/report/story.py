"""A report in plain words: headline, cards, notes. Pure functions from a report to HTML or Markdown."""

import math
from html import escape

import pandas as pd

from components.figures import informative
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
    """The few figures a run is judged by: each with its interval, or counted."""
    table = report.tables["languages"]
    ranked = table.sort_values("perplexity_ratio")
    beyond = int(((table["increase_low"] > 0) | (table["increase_high"] < 0)).sum())
    shown = [
        _extreme(words.CARD_WORST, ranked.iloc[-1]),
        *([_extreme(words.CARD_LEAST, ranked.iloc[0])] if len(table) > 1 else []),
        (words.CARD_BEYOND, words.of_all(beyond, len(table)), words.CARD_BEYOND_MORE),
        (words.CARD_ACCURACY, *_accuracy(table)),
        (
            words.CARD_SPARSITY,
            words.percent(report.facts["summary"]["achieved_sparsity"], 1),
            words.of_model(report.facts["model"]),
        ),
    ]
    return '<div class="mw-cards">' + "".join(_card(*card) for card in shown) + "</div>"


def _extreme(label: str, row: pd.Series) -> tuple[str, str, str]:
    interval = words.interval(times(row["increase_low"]), times(row["increase_high"]))
    name = language_name(str(row["language"]))
    return label.format(name=name), words.TIMES.format(value=times(math.log(row["perplexity_ratio"]))), interval


def _accuracy(table: pd.DataFrame) -> tuple[str, str]:
    """In how many languages choice accuracy changed by more than noise; those that the dense model answers by chance show nothing."""
    if "items" not in table or table["items"].isna().all():
        return words.NOT_MEASURED, ""
    there = table[table["items"].notna()]
    able = there[informative(there)]
    beyond = int(((able["change_low"] > 0) | (able["change_high"] < 0)).sum())
    items = words.items_per_language(int(there["items"].min()), int(there["items"].max()))
    return words.of_all(beyond, len(able)), words.beyond_noise(items, len(there) - len(able))


def sample(report: RunReport) -> str:
    """A short text of both models, in the language that lost most of those written in; how to get one where none was written."""
    texts = report.tables.get("generated_texts")
    if texts is None or texts.empty:
        return f'<div class="mw-absent">{escape(words.SAMPLE_ABSENT)}</div>'
    ranked = report.tables["languages"].sort_values("perplexity_ratio", ascending=False)["language"]
    code = next((str(code) for code in ranked if code in set(texts["language"])), str(texts["language"].iloc[0]))
    row = texts[texts["language"] == code].iloc[0]
    sides = "".join(
        f'<div class="mw-side {side}"><span class="label">{escape(title)}</span><p dir="auto" lang="{escape(code, quote=True)}">'
        f"<em>{escape(str(row['prompt']))}</em> {escape(str(row[f'text_{side}'] or ''))}</p></div>"
        for side, title in (("dense", words.WRITING_BEFORE), ("pruned", words.WRITING_AFTER))
    )
    heading = escape(words.SAMPLE_HEADING.format(name=language_name(code)))
    return f'<div class="mw-text"><div class="label">{heading}</div><div class="mw-pair">{sides}</div></div>'


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
