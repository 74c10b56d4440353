"""The sets of benchmarks as lists, for the command line and docs/tasks.md. Nothing here waits for torch."""

from collections.abc import Iterator
from typing import Any

from mwanda_core.tasks.load import TASKS

_GITHUB = "https://raw.githubusercontent.com/"


def entries() -> list[dict[str, Any]]:
    """Every set as plain data."""
    fields = (
        "name",
        "title",
        "kind",
        "help",
        "languages",
        "local_only",
        "chance",
        "parallel",
        "reading",
        "tokens",
        "source",
        "licence",
    )
    return [{field: getattr(adapter, field) for field in fields} for adapter in TASKS.values()]


def lines() -> Iterator[str]:
    """Every set as text."""
    for adapter in TASKS.values():
        yield f"{adapter.name:<16}{adapter.title}: {adapter.help}"
        yield f"{'':<18}languages: {', '.join(adapter.languages)}"
        yield f"{'':<18}guessing is right {adapter.chance:.0%}; from {adapter.source}; {adapter.licence}"


def markdown() -> str:
    """The table of docs/tasks.md."""
    rows = ['| name | what | languages | guessing | from (`source="hub"`) | licence |', "|---|---|---|---|---|---|"]
    for adapter in TASKS.values():
        what = adapter.kind + (", parallel" if adapter.parallel else "")
        beside = f" (not {', '.join(adapter.local_only)})" if adapter.local_only else ""
        rows.append(
            f"| `{adapter.name}` | {what} | {len(adapter.languages)} | {adapter.chance:.0%} | {_where(adapter.source)}{beside} | {adapter.licence} |"
        )
    return "\n".join(rows) + "\n"


def _where(source: str) -> str:
    """A set on the Hub by its name; files on GitHub by their repository, for their address holds a commit and is long."""
    owner, _, repository = source.removeprefix(_GITHUB).partition("/")
    return f"GitHub `{owner}/{repository.split('/')[0]}` at a fixed commit" if source.startswith(_GITHUB) else f"`{source}`"
