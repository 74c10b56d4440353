"""The studies as lists, for the command line and docs/studies.md. Nothing here waits for torch."""

import dataclasses
from collections.abc import Iterator
from typing import Any

from mwanda_core.parts.knobs import Knob
from mwanda_core.studies import STUDIES
from mwanda_core.studies.base import Description, describe


def entries() -> list[dict[str, Any]]:
    """Every study as plain data."""
    return [dataclasses.asdict(describe(study)) for study in STUDIES.values()]


def lines() -> Iterator[str]:
    """Every study as text."""
    for study in STUDIES.values():
        told = describe(study)
        yield f"{told.name:<14}{told.title}: {told.question}"
        yield f"{'':<16}{_how(told)}; {told.cost}; {told.source} ({told.origin})"
        for knob in told.knobs:
            yield f"{'':<16}{knob.name}={knob.default} ({_allowed(knob)}): {knob.help}"


def markdown() -> str:
    """docs/studies.md."""
    parts = [
        "# Studies\n\nQuestions asked of a model and of what pruning did to it. Those beside a run: `mwanda prune --studies overlap,profile:texts=8`, or "
        '"Measure more" on the page. Each by itself: `mwanda study NAME --set knob=value --out DIR` (study.json, one Parquet file a table). '
        "This page is written by `python scripts/write_tables.py` from the studies themselves.\n"
    ]
    for study in STUDIES.values():
        told = describe(study)
        parts.append(
            f"## {told.title} (`{told.name}`)\n\n*{told.question}* {told.summary}\n\n{_how(told)}; {told.cost}. {told.source} ({told.origin}).\n"
        )
        if told.knobs:
            rows = [f"| `{knob.name}` | {knob.default} | {_allowed(knob)} | {knob.help} |" for knob in told.knobs]
            parts.append("\n".join(["| setting | usual | may be | meaning |", "|---|---|---|---|", *rows]) + "\n")
        for spec in told.tables:
            columns = "; ".join(f"`{name}`: {meaning}" for name, meaning in spec.columns.items())
            parts.append(f"**{spec.title}** (`{spec.name}`, drawn as {spec.drawn}). {columns}.\n")
    return "\n".join(parts)


def _how(told: Description) -> str:
    return " or ".join(
        [*(["Beside a run"] if told.beside else []), *(["By itself" if not told.beside else "by itself"] if told.alone else [])]
    )


def _allowed(knob: Knob) -> str:
    if knob.choices:
        return ", ".join(knob.choices)
    return "a text" if knob.low is None else f"{knob.low:g} to {knob.high:g}"
