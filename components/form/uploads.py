"""Texts of a visitor's own, uploaded: one file a language, a ZIP of them, or a table with a column of languages. They become a folder with one
text a language, as `corpora.folder` reads them, which stays until the page is closed; only who uploaded it knows its name.
"""

import csv
import io
import json
import secrets
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from components.i18n import words
from components.i18n.names import language_name
from mwanda_core.errors import InputError
from mwanda_core.files import read_regular
from mwanda_core.languages import LANGUAGES, code_of

KINDS = (".txt", ".zip", ".csv", ".tsv", ".jsonl")
MOST_BYTES, MOST_LANGUAGES = 64 * 2**20, 200
LANGUAGE_COLUMNS, TEXT_COLUMNS = ("language", "lang", "code"), ("text", "sentence", "content", "passage")

_given: set[str] = set()


def was_given(folder: str) -> bool:
    """Whether this folder was made of an upload here: strangers, too, may use it."""
    return folder in _given


def take(files: Sequence[str | Path], home: Path) -> tuple[Path, list[str]]:
    """A new folder below `home` with a text for each language, and their codes.

    Raises InputError in one sentence for what cannot be read, names no language, or is too large.
    """
    found: dict[str, list[str]] = {}
    size = 0
    for file in files:
        for code, text in _texts(Path(file)):
            size += len(text)
            if size > MOST_BYTES or len(found) > MOST_LANGUAGES:
                raise InputError(words.UPLOAD_LARGE.format(most=MOST_BYTES // 2**20))
            found.setdefault(code, []).append(text)
    if not found:
        raise InputError(words.UPLOAD_EMPTY)
    folder = home / f"texts-{secrets.token_hex(8)}"
    folder.mkdir(parents=True, mode=0o700)
    for code, texts in found.items():
        (folder / f"{code}.txt").write_text("\n\n".join(texts), encoding="utf-8")
    _given.add(str(folder))
    return folder, list(found)


def said(codes: Sequence[str]) -> str:
    """Which languages were found."""
    return words.UPLOAD_FOUND.format(names=words.enumerated([language_name(code) for code in codes]))


def _texts(path: Path) -> Iterator[tuple[str, str]]:
    kind, data = path.suffix.lower(), read_regular(path, MOST_BYTES)
    if len(data) > MOST_BYTES:
        raise InputError(words.UPLOAD_LARGE.format(most=MOST_BYTES // 2**20))
    if kind == ".zip":
        yield from _packed(data, path.name)
    elif kind == ".txt":
        yield _code(path.stem, path.name), _text(data, path.name)
    elif kind in (".csv", ".tsv", ".jsonl"):
        yield from _table(_text(data, path.name), kind, path.name)
    else:
        raise InputError(words.UPLOAD_KIND.format(name=path.name[:80], known=", ".join(KINDS)))


def _packed(data: bytes, name: str) -> Iterator[tuple[str, str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist():
                inner = Path(entry.filename)
                if not entry.is_dir() and inner.suffix.lower() == ".txt" and not inner.name.startswith("."):
                    with archive.open(entry) as packed:  # Of a small file that unpacks to a large one only so much is read.
                        yield _code(inner.stem, inner.name), _text(packed.read(MOST_BYTES), inner.name)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise InputError(words.UPLOAD_DAMAGED.format(name=name[:80])) from error


def _table(text: str, kind: str, name: str) -> Iterator[tuple[str, str]]:
    try:
        if kind == ".jsonl":
            rows = [json.loads(line) for line in text.splitlines() if line.strip()]
        else:
            rows = list(csv.DictReader(io.StringIO(text), delimiter="\t" if kind == ".tsv" else ","))
        columns = {str(column).strip().lower(): column for column in (rows[0] if rows else ())}
    except (ValueError, csv.Error, TypeError, RecursionError) as error:
        raise InputError(words.UPLOAD_DAMAGED.format(name=name[:80])) from error
    language = next((columns[one] for one in LANGUAGE_COLUMNS if one in columns), None)
    content = next((columns[one] for one in TEXT_COLUMNS if one in columns), None)
    if language is None or content is None:
        raise InputError(
            words.UPLOAD_COLUMNS.format(name=name[:80], language=", ".join(LANGUAGE_COLUMNS), text=", ".join(TEXT_COLUMNS))
        )
    for row in rows:
        if isinstance(row, dict) and str(row.get(content) or "").strip():
            yield _code(str(row.get(language) or ""), name), str(row[content]).strip()


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(words.UPLOAD_UTF8.format(name=name[:80])) from error


def _code(named: str, name: str) -> str:
    """The language that a file's name or a row gives."""
    code = code_of(named)
    if code in LANGUAGES:
        return code
    raise InputError(words.UPLOAD_LANGUAGE.format(name=name[:80], given=repr(named.strip()[:40])))
