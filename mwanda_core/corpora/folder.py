"""A folder of the user's own: one UTF-8 text per language, named by its code (`sw.txt`)."""

import re
from collections.abc import Sequence
from pathlib import Path

from mwanda_core.corpora.base import Corpus, Passage, Texts, split_even_odd
from mwanda_core.errors import TextError

MAX_BYTES = 64 * 2**20
"""A text larger than this is read only up to here: calibration needs kilobytes."""

_BLANK = re.compile(r"\n(?:[^\S\n]*\n)+")
"""One blank line or more. Each character can be matched in one way only, so that no text takes more than linear time."""


def folder(path: str | Path, languages: Sequence[str] | None = None) -> Corpus:
    """The texts of a folder. Paragraphs are separated by blank lines; a text without any counts each line as one.

    Equal positions are taken as equal content when all languages have equally many paragraphs. Raises TextError for a
    missing folder or language, a text that is not UTF-8, or an empty one.
    """
    root = Path(path).expanduser()
    if not root.is_dir():
        raise TextError(f"There is no folder {str(path)!r} to read texts from.")
    found = {f.stem: f for f in sorted(root.glob("*.txt"))}
    if not found:
        raise TextError(f"The folder {str(path)!r} has no .txt files: put one per language there, such as sw.txt.")
    wanted = tuple(languages) if languages is not None else tuple(found)
    missing = [code for code in wanted if code not in found]
    if missing:
        names = ", ".join(f"{code}.txt" for code in missing)
        raise TextError(f"The folder {str(path)!r} has no {names}; it has {', '.join(found)}.")
    passages = {code: _read(found[code], code) for code in wanted}
    counts = {len(items) for items in passages.values()}
    return Corpus(root.name, passages, parallel=len(counts) == 1 and len(passages) > 1)


def folder_split(path: str | Path, languages: Sequence[str] | None = None) -> Texts:
    """The texts of one folder, every second paragraph to calibrate on and the others to evaluate on."""
    return split_even_odd(folder(path, languages))


def _read(path: Path, code: str) -> tuple[Passage, ...]:
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise TextError(f"{path.name} cannot be read ({error.strerror or error}): give a readable text file.") from error
    if len(raw) > MAX_BYTES:
        raw = raw[:MAX_BYTES].rpartition(b"\n")[0]
    try:
        text = raw.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise TextError(f"{path.name} is not UTF-8 text (byte {error.start}): save it as UTF-8.") from error
    parts = _BLANK.split(text) if _BLANK.search(text) else text.split("\n")
    clean = [" ".join(part.split()) for part in parts]
    passages = tuple(Passage(f"{code}:{i}", code, (part,)) for i, part in enumerate(clean) if part)
    if not passages:
        raise TextError(f"{path.name} is empty: a text to calibrate or evaluate on is needed.")
    return passages
