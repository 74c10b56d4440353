"""BFCL's single calls as items: the right call, the call of another function, another value, a missing argument; from a folder with its files (the
unpacked wheel of bfcl-eval, Apache-2.0), which is read and never run. Patil et al. 2025 (Berkeley Function Calling Leaderboard).
"""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mwanda_core.errors import TextError
from mwanda_core.files import read_whole
from mwanda_core.studies.abilities.items import written
from mwanda_core.tasks import Item, Task

NAME, MOST_BYTES = "bfcl", 64 * 2**20
FILES = ("BFCL_v*_simple_python.json", "BFCL_v*_simple.json", "BFCL_v*_multiple.json")


def task(folder: str, count: int, seed: int = 0) -> Task:
    """At most `count` items, chosen by `seed`.

    Raises TextError for a folder without the questions and their answers, or with files of another form.
    """
    found = list(_items(Path(folder).expanduser()))
    draw = random.Random(f"{NAME} {seed}")
    return Task(NAME, "BFCL", tuple(draw.sample(found, min(count, len(found)))))


def _items(folder: Path) -> Iterator[Item]:
    files = [path for name in FILES for path in sorted(folder.rglob(name)) if path.parent.name != "possible_answer"]
    pairs = [(path, path.parent / "possible_answer" / path.name) for path in files]
    pairs = [(asked, told) for asked, told in pairs if told.is_file()]
    if not pairs:
        raise TextError(
            f"The folder {str(folder)!r} has no questions of BFCL with their answers: unpack the wheel of bfcl-eval there."
        )
    questions: list[tuple[dict[str, Any], dict[str, Any]]] = []
    for asked, told in pairs:
        try:
            known = {row["id"]: row["ground_truth"] for row in _lines(told)}
            questions += [(row, known[row["id"]][0]) for row in _lines(asked) if len(known.get(row["id"], ())) == 1]
        except (KeyError, TypeError, ValueError) as error:
            if isinstance(error, TextError):
                raise
            raise TextError(f"{asked.name} is not as BFCL publishes it ({type(error).__name__}: {error}).") from error
    for number, (row, answer) in enumerate(questions):
        item = _item(row, answer, questions[number - 1][0], questions[number - 1][1])
        if item is not None:
            yield item


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in read_whole(path, MOST_BYTES, TextError).splitlines():
        if line.strip():
            yield json.loads(line)


def _item(row: dict[str, Any], answer: dict[str, Any], before: dict[str, Any], other: dict[str, Any]) -> Item | None:
    """None where a call has too few arguments for one to be missing and one to be wrong, or values that no text holds."""
    (name, allowed), (wrong, _) = next(iter(answer.items())), next(iter(other.items()))
    values = {key: accepted[0] for key, accepted in allowed.items() if accepted and accepted[0] not in ("", None)}
    functions = {tool["name"]: tool for tool in [*row["function"], before["function"][0]]}
    required = [key for key in functions.get(name, {}).get("parameters", {}).get("required", ()) if key in values]
    numbers = [key for key in required if isinstance(values[key], int | float) and not isinstance(values[key], bool)]
    if len(required) < 2 or not numbers or wrong == name:
        return None
    told = "; ".join(f"{tool}({', '.join(entry['parameters']['properties'])})" for tool, entry in functions.items())
    asked = " ".join(turn["content"] for turn in row["question"][0])
    calls = (
        (name, values), (next((tool for tool in functions if tool != name), wrong), values),
        (name, values | {numbers[0]: values[numbers[0]] + 1}), (name, {k: v for k, v in values.items() if k != required[-1]}),
    )  # fmt: skip
    choices = tuple(" " + written("call-python", *call) for call in calls)
    return Item(row["id"], "en", f"{told}\nRequest: {asked}\nCall:", choices, 0, group=NAME) if len(set(choices)) == 4 else None
