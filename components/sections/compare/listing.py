"""The table of the runs that there are, as it stands above a comparison: what they are, what is said of them, which are chosen."""

import datetime
import math
from collections.abc import Iterator, Sequence
from typing import Any

from components import run_names
from components.environment import shared_server
from components.figures.comparison import COLOURS
from components.i18n import words
from components.i18n.names import language_name, language_names
from components.report import story
from components.sections.compare.choice import MOST
from components.store import BASELINE, EXAMPLES, RunStore
from components.widgets import run_table
from mwanda_core.errors import RunError
from mwanda_core.store.index import RunEntry, entry_of


def value(store: RunStore, chosen: Sequence[str], shown: str = "") -> str:
    """The table as it is now. Strangers see the example and the runs that they named."""
    texts = {
        "choose": words.RUNS_CHOOSE, "open": words.RUNS_OPEN, "filter": words.RUNS_FILTER, "none": words.RUNS_NONE, "table": words.GROUP_RUNS,
    }  # fmt: skip
    return run_table.value_of(
        words.RUNS_COLUMNS, list(_rows(store, chosen)), texts, COLOURS[:MOST], list(chosen), shown, not shared_server()
    )


def _rows(store: RunStore, chosen: Sequence[str]) -> Iterator[dict[str, Any]]:
    said = {} if shared_server() else run_names.everything(store.folder)
    entries = [] if shared_server() else store.kept.entries()
    there = {entry.id for entry in entries}
    for id in [*(id for id in chosen if id not in there and id not in EXAMPLES), *store.examples()]:
        try:
            yield _row(entry_of(store.path(id)), id, {})
        except (RunError, OSError):
            continue
    for entry in entries:
        yield _row(entry, entry.id, said.get(entry.id, {}))


def _row(entry: RunEntry, id: str, said: run_names.Said) -> dict[str, Any]:
    """One run; times are given with their zone, and written by the browser in the visitor's own."""
    made = datetime.datetime.fromisoformat(entry.made).replace(tzinfo=datetime.UTC).isoformat()
    own = id not in EXAMPLES
    cells = {
        "title": entry.method if own else f"{words.EXAMPLE_BASELINE if id == BASELINE else words.EXAMPLE}: {entry.method}",
        "sparsity": words.percent(entry.sparsity),
        "languages": words.first_of(language_names(entry.languages)),
        "model": entry.model.rstrip("/").rpartition("/")[2],
        "mean": _times(entry.mean_increase),
        "worst": f"{_times(entry.worst_increase)} {language_name(entry.worst_language)}" if entry.worst_language else "",
        "made": made if own else "",
        **{field: said.get(field, "") for field in run_names.FIELDS},
    }
    sort = {"sparsity": entry.sparsity, "mean": entry.mean_increase or 0.0, "worst": entry.worst_increase or 0.0}
    return {"id": id, "own": own, "cells": cells, "sort": sort}


def _times(nats: float | None) -> str:
    return "" if nats is None or not math.isfinite(nats) else words.TIMES_SHORT.format(value=story.times(nats))
