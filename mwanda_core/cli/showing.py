"""Finished runs as lines of text."""

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mwanda_core.after.comparison import RunComparison
    from mwanda_core.store.report import RunReport
    from mwanda_core.store.run_store import RunEntry


def report_lines(report: "RunReport") -> Iterator[str]:
    """What a run did, a line a language, benchmarks, and notes."""
    achieved = report.facts.get("summary", {}).get("achieved_sparsity")
    share = report.facts["settings"]["sparsity"] if achieved is None else achieved
    yield f"{report.title}: {share:.2%} of the prunable weights removed."
    table = report.tables["languages"]
    yield from overview_lines(report)
    yield ""
    header = f"{'language':<14}{'role':<13}{'perplexity':>22}{'ratio':>8}{'95 % interval':>18}"
    yield header + (f"{'accuracy':>20}" if "dense_accuracy" in table else "")
    for row in table.to_dict(orient="records"):
        line = f"{row['name']:<14}{row['role']:<13}{row['dense_perplexity']:>9.1f} -> {row['pruned_perplexity']:>9.1f}"
        line += f"{row['perplexity_ratio']:>8.2f}{row['ratio_low']:>10.2f} to {row['ratio_high']:.2f}"
        if not math.isnan(row.get("dense_accuracy", math.nan)):
            line += f"{row['dense_accuracy']:>11.0%} -> {row['pruned_accuracy']:.0%}"
        yield line
    yield from task_lines(report.tables)
    for note in report.facts["notes"]:
        yield f"Note: {note}"


def overview_lines(report: "RunReport") -> Iterator[str]:
    """What the page's overview says: the mean, the language that lost most with its interval, how many changed beyond noise, and a
    short text of both models where one was written."""
    found, table = report.facts.get("summary", {}), report.tables["languages"]
    if table.empty or found.get("mean_increase") is None:
        return
    parts = [
        f"{math.exp(found[key]):.2f} in {name}"
        for key, name in (
            ("mean_increase_calibration", "calibration languages"),
            ("mean_increase_held_out", "languages not calibrated on"),
        )
        if found.get(key) is not None
    ]
    yield f"Perplexity became {math.exp(found['mean_increase']):.2f} times as high on average: {', '.join(parts)}."
    worst = table.iloc[int(table["perplexity_ratio"].argmax())]
    beyond = int(((table["increase_low"] > 0) | (table["increase_high"] < 0)).sum())
    yield (
        f"{worst['name']} lost most: {worst['perplexity_ratio']:.2f} times ({worst['ratio_low']:.2f} to {worst['ratio_high']:.2f}). "
        f"Changed beyond noise: {beyond} of {len(table)} languages."
    )
    texts = report.tables.get("generated_texts")
    if texts is not None and len(texts):
        code = worst["language"] if worst["language"] in set(texts["language"]) else texts["language"].iloc[0]
        row = texts[texts["language"] == code].iloc[0]
        yield f"Written in {code}, dense:  {_flat(row['prompt'])} [{_flat(row['text_dense'])}]"
        yield f"Written in {code}, pruned: {_flat(row['prompt'])} [{_flat(row['text_pruned'])}]"


def _flat(text: object) -> str:
    return " ".join(str(text or "").split())


def task_lines(tables: Mapping[str, Any]) -> Iterator[str]:
    """A line a benchmark and language, as customarily read; nothing where none was asked for."""
    if "tasks" not in tables:
        return
    for row in tables["tasks"].to_dict(orient="records"):
        if row["customary"]:
            yield (
                f"{row['title']}, {row['name']}: {row['dense_accuracy']:.0%} -> {row['pruned_accuracy']:.0%} of {row['items']} questions "
                f"({row['change_low']:+.0%} to {row['change_high']:+.0%}), {row['verdict']}"
            )


def entry_line(entry: "RunEntry") -> str:
    """One kept run in a list."""
    line = f"{entry.id}  {entry.title}; {', '.join(entry.languages)}"
    if entry.mean_increase is not None:
        line += f"; mean {entry.mean_increase:+.3f}"
    if entry.worst_increase is not None:
        line += f", worst {entry.worst_increase:+.3f} nats per token ({entry.worst_language})"
    return f"{line}; {entry.bytes / 1e6:,.1f} MB"


def comparison_lines(found: "RunComparison") -> Iterator[str]:
    """Signed differences from the baseline by run and language, then what differs in the settings, then notes."""
    rows = found.languages.to_dict(orient="records")
    titles = {row["run"]: row["title"] for row in rows}
    yield f"Against {titles.get(found.baseline, '')} ({found.baseline}); below 1 is better:"
    for id in found.runs:
        if id == found.baseline:
            continue
        yield ""
        yield f"{titles.get(id, '')} ({id})"
        for row in rows:
            if row["run"] == id and not math.isnan(row["loss_difference"]):
                line = f"  {row['name']:<14}perplexity times {row['perplexity_quotient']:.3f}"
                line += f" ({row['quotient_low']:.3f} to {row['quotient_high']:.3f})"
                if not math.isnan(row["accuracy_difference"]):
                    line += f", accuracy {row['accuracy_difference']:+.0%}"
                    line += f" ({row['accuracy_low']:+.0%} to {row['accuracy_high']:+.0%})"
                yield line
    if len(found.settings):
        yield ""
        yield "What differs:"
        for row in found.settings.to_dict(orient="records"):
            yield f"  {row['setting']}: {' | '.join(row[id] or '-' for id in found.runs)}"
    for note in found.notes:
        yield f"Note: {note}"
