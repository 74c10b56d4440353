"""Rows of files as they are published: .jsonl, .json (a list), .tsv, .csv, the XML of COPA, and zip archives of JSON lines, .tsv and XML.

The project's own form is JSON lines, one item a line (docs/tasks.md):

    {"id": "1", "language": "sw", "context": "Mvua ilinyesha, kwa hiyo", "choices": [" barabara ililowa.", " jua liliwaka."], "answer": 0}
"""

import csv
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from mwanda_core.errors import TextError
from mwanda_core.files import open_regular, read_regular
from mwanda_core.tasks.base import Item, Task, checked

Row = dict[str, Any]

MAX_BYTES = 512 * 2**20
"""No evaluation set comes near this; an archive that claims more is not read."""


def rows(path: Path) -> Iterator[Row]:
    """The rows of one file, each with its number ("row") and the name of the file without its ending ("file").

    Raises TextError for a file that cannot be read as what its ending says.
    """
    try:
        if path.suffix == ".zip":
            with open_regular(path, TextError) as file, zipfile.ZipFile(file) as archive:
                left = MAX_BYTES
                for member in sorted(archive.infolist(), key=lambda m: m.filename):
                    name = Path(member.filename)
                    if name.suffix in _IN_ARCHIVES and not name.name.startswith("."):
                        left -= member.file_size
                        if left < 0:
                            raise TextError(
                                f"{path.name} holds {name.name} of {member.file_size} bytes: that is no evaluation set."
                            )
                        yield from _numbered(archive.read(member).decode("utf-8-sig"), name)
        else:
            raw = read_regular(path, MAX_BYTES, TextError)
            if len(raw) > MAX_BYTES:
                raise TextError(f"{path.name} has more than {MAX_BYTES} bytes: that is no evaluation set.")
            yield from _numbered(raw.decode("utf-8-sig"), path)
    except OSError as error:
        raise TextError(f"{path.name} cannot be read ({error.strerror or error}): give a readable file.") from error
    except (ValueError, csv.Error, ElementTree.ParseError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        if isinstance(error, TextError):
            raise
        raise TextError(f"{path.name} cannot be read as {path.suffix}: {str(error)[:120]}.") from error


def _numbered(text: str, name: Path) -> Iterator[Row]:
    for number, row in enumerate(_READERS[name.suffix](text)):
        if not isinstance(row, dict):
            raise TextError(f"{name.name}: line {number + 1} is not an object.")
        yield {"row": number, "file": name.stem} | row


def _jsonl(text: str) -> Iterator[Row]:
    # Not splitlines(): texts may hold separators that JSON leaves as they are (U+2028).
    yield from (json.loads(line) for line in text.split("\n") if line.strip())


def _json(text: str) -> Iterator[Row]:
    found = json.loads(text)
    if not isinstance(found, list):
        raise ValueError("it is not a list")
    yield from found


def _csv(text: str) -> Iterator[Row]:
    csv.field_size_limit(2**24)
    yield from csv.DictReader(io.StringIO(text, newline=""))


def _tsv(text: str) -> Iterator[Row]:
    head = text.split("\n", 1)[0]
    # Tables of texts are written with or without quoting; a lone quotation mark in a bare one is a letter like others.
    csv.field_size_limit(2**24)
    stream = io.StringIO(text, newline="")
    if "metadata" in head:
        yield from csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_MINIMAL)
    else:
        yield from csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)


def _copa(text: str) -> Iterator[Row]:
    # The document type refers to a file that need not be there.
    body = "\n".join(line for line in text.split("\n") if not line.startswith("<!DOCTYPE"))
    if "<!ENTITY" in body:
        raise TextError("A file that defines entities of its own is not read.")
    for item in ElementTree.fromstring(body).iter("item"):
        yield {
            "idx": item.get("id"),
            "question": item.get("asks-for"),
            "premise": item.findtext("p"),
            "choice1": item.findtext("a1"),
            "choice2": item.findtext("a2"),
            "label": int(str(item.get("most-plausible-alternative"))) - 1,
        }


_READERS = {".jsonl": _jsonl, ".json": _json, ".tsv": _tsv, ".csv": _csv, ".xml": _copa}
_IN_ARCHIVES = (".jsonl", ".tsv", ".xml")
"""What is read of an archive: other files in it are about the set."""


def is_own(row: Row) -> bool:
    """Whether a row is an item in the project's own form."""
    return isinstance(row.get("choices"), list) and "answer" in row and "context" in row


def own_item(row: Row, code: str | None) -> Item:
    """An item from a row in the project's own form; the language is the row's own, or `code`.

    Raises TextError for a row that is no item.
    """
    name = str(row.get("id", row["row"]))
    found = row.get("language", code)
    if not is_own(row) or not found or not isinstance(row["answer"], int):
        raise TextError(
            f"The item {name!r} needs a language, a context, a list of choices, and the number of the answer from 0."
        )
    leads = tuple(map(str, row.get("leads", ())))
    choices = tuple(map(str, row["choices"]))
    return checked(Item(name, str(found), str(row["context"]), choices, row["answer"], leads, str(row.get("group", ""))))


def read_items(path: str | Path, name: str = "", parallel: bool = False) -> Task:
    """A task of one's own: one .jsonl file in the project's form, whatever languages are in it.

    Raises TextError for a file that is not of that form or has no item.
    """
    path = Path(path).expanduser()
    found = tuple(own_item(row, None) for row in rows(path))
    if not found:
        raise TextError(f"{path.name} has no items.")
    if len({(item.language, item.id) for item in found}) < len(found):
        raise TextError(f"{path.name} gives one id to two items of a language: ids must differ.")
    return Task(name or path.stem, name or path.stem, found, parallel)


def write_items(path: str | Path, task: Task) -> None:
    """The items of a task in the project's own form."""
    lines = []
    for item in task.items:
        row = {
            "id": item.id,
            "language": item.language,
            "context": item.context,
            "choices": item.choices,
            "answer": item.answer,
        }
        row |= {key: value for key, value in (("leads", item.leads), ("group", item.group)) if value}
        lines.append(json.dumps(row, ensure_ascii=False))
    Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")
