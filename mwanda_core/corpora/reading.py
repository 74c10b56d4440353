"""Bytes of a user's file -> passages: what it is written in, whether it can be a text of its language, and where to cut it.

encoding     UTF-8 (a byte-order mark may say UTF-16 or UTF-32); nothing is guessed
plausible    no markup, NULs or other control characters, few unassigned ones, words, letters of the language's own script
lines        CR, CRLF, LF, NEL, and Unicode's line and paragraph separators end a line
passages     paragraphs between blank lines, else lines; a longer one is cut at the ends of sentences, else at spaces
"""

import codecs
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from mwanda_core.errors import TextError
from mwanda_core.languages import language

LONGEST = 2000
"""Characters of a passage from which on it is cut: about what one calibration sequence and an interval's unit need."""

SHORTEST = 80
"""A text that is one passage is cut in two only if it has twice as many characters."""

LOOKED_AT = 20_000
"""Characters of a text that are judged together; a shorter stretch may be a quotation."""

SAMPLED = 60
"""Different runs beyond ASCII of such a stretch that are tried in other encodings."""

LONGEST_WORD = 100
"""Letters of the longest word of any language that has spaces, with room for addresses on the web."""

MOST_CONTROLS, MOST_UNASSIGNED, MOST_TWICE, LEAST_OF_SCRIPT, LEAST_LETTERS, MOST_FOREIGN = 0.001, 0.01, 0.005, 0.1, 0.1, 0.2
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

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_ENDLESS = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")
_MARKUP = re.compile(r"\{\\rtf|<!doctype|<html|<\?xml|<tei|<text[ >]", re.IGNORECASE)
_OLD = ("cp1252", "latin-1", "cp1251", "cp1250", "koi8-r", "mac_roman", "cp850", "gb18030")
"""Encodings that UTF-8 is taken for."""

_SCRIPTS = {"Han": ("CJK",), "Japanese": ("HIRAGANA", "KATAKANA"), "Burmese": ("MYANMAR",)}
"""Our name of a script -> first words of its letters' Unicode names, where they are others than the name itself. Japanese is never
written without its own letters, beside Chinese ones."""

_FOREIGN = {"Han": ("HIRAGANA", "KATAKANA")}
"""Letters that stand beside a script's own in other languages only."""

_SPACED = {
    "Latin",
    "Cyrillic",
    "Greek",
    "Arabic",
    "Hebrew",
    "Devanagari",
    "Bengali",
    "Gujarati",
    "Gurmukhi",
    "Tamil",
    "Telugu",
    "Kannada",
    "Malayalam",
    "Ethiopic",
    "Hangul",
}
"""Scripts with a space between words."""

_TWO_SCRIPTS = {"sr": ("LATIN",), "ms": ("ARABIC",), "ha": ("ARABIC",), "ko": ("CJK",), "pa": ("ARABIC",)}
"""Languages that are written in another script as well."""


def decoded(raw: bytes, name: str, whole: bool = True) -> str:
    """The characters of a text file. `whole`: False when `raw` was cut off, perhaps within a character.

    Raises TextError for bytes that are not UTF-8, or have a byte-order mark that does not fit.
    """
    encoding = next((encoding for mark, encoding in _BOMS if raw.startswith(mark)), "utf-8")
    try:
        # Marks stand within files that were joined, too, and are no part of the text.
        return codecs.getincrementaldecoder(encoding)().decode(raw, final=whole).replace("\ufeff", "")
    except UnicodeDecodeError as error:
        raise TextError(f"{name} is not UTF-8 text (byte {error.start}): save it as UTF-8.{_hint(raw)}") from error


def _hint(raw: bytes) -> str:
    """UTF-16 without its mark has a zero byte beside nearly every Latin letter, UTF-32 two or three beside every letter; others have few."""
    head = raw[:LOOKED_AT]
    zeros = [head[place::4].count(0) / max(1, len(head) / 4) for place in range(4)]
    halves = min(zeros[:2]), min(zeros[2:])
    kind = "UTF-32" if max(halves) > 0.9 else "UTF-16" if max(zeros[0] + zeros[2], zeros[1] + zeros[3]) > 0.2 else ""
    return f" It looks like {kind} without a byte-order mark." if kind else ""


def check_plausible(text: str, raw: bytes, code: str, name: str) -> None:
    """Refuse what cannot be a text in the language: all of it is looked at, `LOOKED_AT` characters at a time.

    Raises TextError for control characters, unassigned characters, markup or JSON, no words, or letters of another script.
    """
    _check_form(text, name)
    for start in range(0, len(text), LOOKED_AT):
        part = text[start : start + LOOKED_AT]
        counts = Counter(part)
        _check_characters(counts, raw, name)
        _check_twice(part, name)
        _check_words(part, counts, code, name)
        _check_script(counts, code, name)


def _check_characters(counts: Counter[str], raw: bytes, name: str) -> None:
    size = counts.total()
    controls = [ch for ch in counts if unicodedata.category(ch) == "Cc" and ch not in "\t\n\r\x0b\x0c\x1c\x1d\x1e\x85"]
    if "\0" in controls or sum(counts[ch] for ch in controls) / size > MOST_CONTROLS:
        raise TextError(
            f"{name} holds control characters (the first is U+{ord(controls[0]):04X}), which no text has: save it as plain UTF-8 "
            f"text.{_hint(raw)}"
        )
    strange = [ch for ch in counts if ch == "\ufffd" or unicodedata.category(ch) in ("Cn", "Co", "Cs")]
    share = sum(counts[ch] for ch in strange) / size
    if share > MOST_UNASSIGNED:
        raise TextError(
            f"{name} holds {share:.0%} characters that stand for nothing (such as U+{ord(strange[0]):04X}): it was "
            f"damaged, or saved in another encoding. Save it as UTF-8.{_hint(raw)}"
        )


def _check_form(text: str, name: str) -> None:
    """Files that hold text, and say how it is laid out."""
    head = text[:LOOKED_AT].lstrip()
    if _is_json(head, text):
        raise TextError(
            f"{name} holds JSON, one object a line or one value, not text: write the texts alone into a .txt file, one a line."
        )
    marked = _MARKUP.match(head)
    if marked:
        raise TextError(f"{name} holds {'RTF' if 'rtf' in marked[0] else 'HTML or XML'}, not text: save it as plain text.")


def _is_json(head: str, text: str) -> bool:
    if not head.startswith(("{", "[")):
        return False
    lines = [line for line in head.split("\n")[:-1] or [head] if line.strip()][:5]
    try:
        if all(isinstance(json.loads(line), dict | list) for line in lines):
            return True
    except (ValueError, RecursionError):
        pass
    try:
        return isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        return False


def _check_twice(part: str, name: str) -> None:
    """UTF-8 that was taken for another encoding and saved once more: what is beyond ASCII is UTF-8 when written in that encoding, as
    single letters of real text never are."""
    if part.isascii():
        return
    every = Counter(_BEYOND_ASCII.findall(part))
    runs = list(every)[:SAMPLED]
    for encoding in _OLD:
        again = [run for run in runs if _again(run, encoding)]
        # A few dashes that were damaged long ago stand in published texts of languages that are nearly ASCII.
        share = sum(every[run] * len(run) for run in again) / len(part)
        if len(again) >= 3 and len(again) > len(runs) / 2 and share > MOST_TWICE:
            raise TextError(
                f"{name} was UTF-8, read in another encoding and saved again ({again[0]!r} for {_again(again[0], encoding)!r}): save the "
                "original as UTF-8."
            )


def _again(run: str, encoding: str) -> str:
    try:
        return run.encode(encoding).decode("utf-8")
    except UnicodeError:
        return ""


def _check_words(part: str, counts: Counter[str], code: str, name: str) -> None:
    """Words are of letters, and where they are separated by spaces they end."""
    size = sum(count for ch, count in counts.items() if not ch.isspace())
    if size < SHORTEST:
        return
    if sum(count for ch, count in counts.items() if ch.isalpha()) / size < LEAST_LETTERS:
        raise TextError(f"{name} holds hardly any letters: give a text of sentences.")
    if language(code).script in _SPACED and sum(map(len, _ENDLESS.findall(part))) > size / 2:
        raise TextError(
            f"{name} holds hardly any words, but letters without end: it may be coded (base64). Give a text of sentences."
        )


def _check_script(counts: Counter[str], code: str, name: str) -> None:
    known = language(code)
    letters = Counter[str]()
    for ch, count in counts.items():
        if ch.isalpha():
            letters[unicodedata.name(ch, "?").split()[0]] += count
    size = letters.total()
    if known.script == "other" or size < SHORTEST:
        return
    wanted = (*_SCRIPTS.get(known.script, (known.script.upper(),)), *_TWO_SCRIPTS.get(code, ()))
    share = sum(count for letter, count in letters.items() if letter.startswith(wanted)) / size
    foreign = {letter: letters[letter] / size for letter in _FOREIGN.get(known.script, ())}
    if share >= LEAST_OF_SCRIPT and sum(foreign.values()) <= MOST_FOREIGN:
        return
    most = letters.most_common(1)[0][0] if share < LEAST_OF_SCRIPT else max(foreign, key=foreign.__getitem__)
    others = "most are" if share < LEAST_OF_SCRIPT else "many are"
    raise TextError(
        f"{name} cannot be {known.name}: {share:.0%} of its letters are {known.script}, {others} {most.capitalize()}. Is it another "
        f"language or a damaged file? To use it as it is, name it {code}_{most.capitalize()[:4]}.txt."
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
