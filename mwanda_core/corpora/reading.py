"""Bytes of a user's file -> passages: what it is written in, whether it can be a text of its language, and where to cut it.

encoding     UTF-8 (a byte-order mark may say UTF-16 or UTF-32); nothing is guessed
plausible    no NULs or other control characters, few unassigned ones, letters of the language's own script
lines        CR, CRLF, LF, NEL, and Unicode's line and paragraph separators end a line
passages     paragraphs between blank lines, else lines; a longer one is cut at the ends of sentences, else at spaces
"""

import codecs
import json
import re
import unicodedata
from collections.abc import Iterator

from mwanda_core.errors import TextError
from mwanda_core.languages import language

LONGEST = 2000
"""Characters of a passage from which on it is cut: about what one calibration sequence and an interval's unit need."""

SHORTEST = 80
"""A text that is one passage is cut in two only if it has twice as many characters."""

LOOKED_AT = 20_000
"""Characters at the head of a text that are judged."""

MOST_CONTROLS, MOST_UNASSIGNED, LEAST_OF_SCRIPT = 0.001, 0.01, 0.1
"""Shares. A little of everything is in real text (form feeds, private use, foreign names); set by hand, well away from both sides."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
"""UTF-32's mark begins with UTF-16's, so it is looked for first."""

_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_BLANK = re.compile(r"\n(?:[^\S\n]*\n)+")
"""One blank line or more. Each character can be matched in one way only, so that no text takes more than linear time."""
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'»”’)]*\s+|(?<=[。！？｡])|(?<=[।॥۔؟።፧။])\s*")

_SCRIPTS = {"Han": ("CJK",), "Japanese": ("CJK", "HIRAGANA", "KATAKANA"), "Burmese": ("MYANMAR",)}
"""Our name of a script -> first words of its letters' Unicode names, where they are others than the name itself."""

_TWO_SCRIPTS = {"sr": ("LATIN",), "ms": ("ARABIC",), "ha": ("ARABIC",), "ko": ("CJK",), "pa": ("ARABIC",)}
"""Languages that are written in another script as well."""


def decoded(raw: bytes, name: str, whole: bool = True) -> str:
    """The characters of a text file. `whole`: False when `raw` was cut off, perhaps within a character.

    Raises TextError for bytes that are not UTF-8, or have a byte-order mark that does not fit.
    """
    encoding = next((encoding for mark, encoding in _BOMS if raw.startswith(mark)), "utf-8")
    try:
        return codecs.getincrementaldecoder(encoding)().decode(raw, final=whole)
    except UnicodeDecodeError as error:
        raise TextError(f"{name} is not UTF-8 text (byte {error.start}): save it as UTF-8.{_hint(raw)}") from error


def _hint(raw: bytes) -> str:
    """UTF-16 without its mark has a zero byte beside nearly every Latin letter, and few zero bytes elsewhere."""
    head = raw[:LOOKED_AT]
    zeros = max(head[0::2].count(0), head[1::2].count(0)) / max(1, len(head) / 2)
    return " It looks like UTF-16 without a byte-order mark." if zeros > 0.1 else ""


def check_plausible(text: str, raw: bytes, code: str, name: str) -> None:
    """Refuse what cannot be a text in the language.

    Raises TextError for control characters, unassigned characters, JSON lines, or letters of another script.
    """
    head = text[:LOOKED_AT]
    size = max(1, len(head))
    controls = [ch for ch in head if unicodedata.category(ch) == "Cc" and ch not in "\t\n\r\x0b\x0c\x1c\x1d\x1e\x85"]
    if "\0" in controls or len(controls) / size > MOST_CONTROLS:
        raise TextError(
            f"{name} holds control characters (the first is U+{ord(controls[0]):04X}), which no text has: save it as plain UTF-8 "
            f"text.{_hint(raw)}"
        )
    strange = [ch for ch in head if ch == "\ufffd" or unicodedata.category(ch) in ("Cn", "Co", "Cs")]
    if len(strange) / size > MOST_UNASSIGNED:
        raise TextError(
            f"{name} holds {len(strange) / size:.0%} characters that stand for nothing (such as U+{ord(strange[0]):04X}): it was "
            f"damaged, or saved in another encoding. Save it as UTF-8.{_hint(raw)}"
        )
    if _is_json_lines(head):
        raise TextError(f"{name} holds JSON, one object a line, not text: write the texts alone into a .txt file, one a line.")
    _check_script(head, code, name)


def _is_json_lines(head: str) -> bool:
    lines = [line for line in head.split("\n")[:-1] or [head] if line.strip()][:5]
    try:
        return bool(lines) and all(isinstance(json.loads(line), dict) for line in lines)
    except (ValueError, RecursionError):
        return False


def _check_script(head: str, code: str, name: str) -> None:
    known = language(code)
    letters = [unicodedata.name(ch, "?").split()[0] for ch in head if ch.isalpha()]
    if known.script == "other" or len(letters) < SHORTEST:
        return
    wanted = (*_SCRIPTS.get(known.script, (known.script.upper(),)), *_TWO_SCRIPTS.get(code, ()))
    share = sum(letter.startswith(wanted) for letter in letters) / len(letters)
    if share < LEAST_OF_SCRIPT:
        most = max(set(letters), key=letters.count).capitalize()
        raise TextError(
            f"{name} cannot be {known.name}: {share:.0%} of its letters are {known.script}, most are {most}. Is it another language "
            f"or a damaged file? To use it as it is, name it {code}_{most[:4]}.txt."
        )


def cut_into_passages(text: str) -> tuple[list[str], bool]:
    """Passages with single spaces, none empty, and whether any had to be cut (so that positions no longer say which belong together)."""
    text = _LINE_END.sub("\n", text).strip()
    parts = _BLANK.split(text) if _BLANK.search(text) else text.split("\n")
    clean = [part for part in (" ".join(part.split()) for part in parts) if part]
    if len(clean) == 1 and SHORTEST * 2 <= len(clean[0]) <= LONGEST:
        return list(_pieces(clean[0], (len(clean[0]) + 1) // 2)), True
    found = [piece for part in clean for piece in _pieces(part, LONGEST)]
    return found, len(found) != len(clean)


def _pieces(part: str, longest: int) -> Iterator[str]:
    """A passage in pieces of at most `longest` characters: whole sentences where they fit, else words, else characters."""
    if len(part) <= longest:
        yield part
        return
    piece = ""
    for sentence in (s.strip() for s in _SENTENCE_END.split(part)):
        if piece and len(piece) + 1 + len(sentence) > longest:
            yield piece
            piece = ""
        piece = f"{piece} {sentence}".strip() if piece else sentence
        while len(piece) > longest:
            # A space in the second half, so that pieces do not become crumbs.
            at = piece.rfind(" ", longest // 2, longest)
            at = longest if at < 0 else at
            yield piece[:at].strip()
            piece = piece[at:].strip()
    if piece:
        yield piece
