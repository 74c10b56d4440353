"""docs/texts.md says what happens to each kind of file; each of its rows is tried here."""

import base64
import codecs
import json
import re
from pathlib import Path

import pytest

from mwanda_core.corpora import folder
from mwanda_core.errors import TextError

DOCUMENT = Path(__file__).parents[2] / "docs" / "texts.md"
LINES = [f"The bridge number {i} is old, and people cross it every day of the year." for i in range(8)]
HINDI = [f"नदी संख्या {i} लंबी है और उसके किनारे बहुत से लोग रहते हैं।" for i in range(8)]
TEXT = "\n".join(LINES)

READ: dict[str, tuple[str, bytes, int]] = {
    "UTF-8, one passage a line": ("en.txt", TEXT.encode(), 8),
    "UTF-8 with a byte-order mark": ("en.txt", codecs.BOM_UTF8 + TEXT.encode(), 8),
    "UTF-16 with its mark": ("en.txt", TEXT.encode("utf-16"), 8),
    "UTF-32 with its mark": ("en.txt", TEXT.encode("utf-32"), 8),
    "Paragraphs between blank lines": ("en.txt", "\n\n".join(f"{a}\n{b}" for a, b in zip(LINES[::2], LINES[1::2], strict=True)).encode(), 4),
    "Windows line ends (CR LF)": ("en.txt", TEXT.replace("\n", "\r\n").encode(), 8),
    "Old Macintosh line ends (CR)": ("en.txt", TEXT.replace("\n", "\r").encode(), 8),
    "Unicode line and paragraph separators": ("en.txt", TEXT.replace("\n", "\u2028").encode(), 8),
    "No line end at the end, or many": ("en.txt", (TEXT + "\n\n\n").encode(), 8),
    "Everything on one long line": ("en.txt", " ".join(LINES * 60).encode(), 18),
    "One line of a few sentences": ("en.txt", " ".join(LINES[:4]).encode(), 2),
    "One short line": ("en.txt", LINES[0].encode(), 1),
    "A name in capitals (EN.TXT)": ("EN.TXT", TEXT.encode(), 8),
    "A name with three letters (eng.txt)": ("eng.txt", TEXT.encode(), 8),
    "A name in words (English.txt, Deutsch.txt)": ("English.txt", TEXT.encode(), 8),
    "A name with its script (eng_Latn.txt)": ("eng_Latn.txt", TEXT.encode(), 8),
    "A name with a region (en-US.txt)": ("en-US.txt", TEXT.encode(), 8),
    "A few words in another script": ("en.txt", (TEXT + "\n" + HINDI[0]).encode(), 9),
    "Form feeds between pages": ("en.txt", TEXT.replace("\n", "\f").encode(), 8),
    "Marks within the text, where files were joined": ("en.txt", b"\n".join([codecs.BOM_UTF8 + TEXT.encode()] * 2), 16),
}  # fmt: skip

REFUSED: dict[str, tuple[str, bytes, str]] = {
    "UTF-16 without its mark": ("en.txt", TEXT.encode("utf-16-le"), "looks like UTF-16 without a byte-order mark"),
    "UTF-32 without its mark": ("en.txt", TEXT.encode("utf-32-be"), "looks like UTF-32 without a byte-order mark"),
    "Windows-1252, Latin-1, KOI8 and other old encodings": ("en.txt", TEXT.replace("old", "alté").encode("cp1252"), "is not UTF-8 text"),
    "NULs or other control characters": ("en.txt", TEXT.replace("day", "d\0y").encode(), "holds control characters"),
    "Characters that stand for nothing": ("en.txt", TEXT.replace("e", "\ufffd").encode(), "stand for nothing"),
    "Any of these far behind the beginning": ("en.txt", ((TEXT + "\n") * 50 + "\0" + TEXT).encode(), "holds control characters"),
    "UTF-8 taken for another encoding and saved again (`Ã¼` for `ü`)": ("en.txt", (TEXT + " für schöne Größe – naïve").encode().decode("cp1252").encode(), "'Ã¼' for 'ü'"),
    "JSON, one object a line": ("en.txt", "\n".join(json.dumps({"text": x}) for x in LINES).encode(), "holds JSON"),
    "JSON, one value over many lines": ("en.txt", json.dumps({"texts": LINES}, indent=1).encode(), "holds JSON"),
    "HTML, XML or RTF": ("en.txt", f"<!DOCTYPE html>\n<p>{TEXT}</p>".encode(), "holds HTML or XML"),
    "Letters without end (base64, a dump of bytes)": ("en.txt", base64.b64encode(bytes(range(256)) * 4), "hardly any words"),
    "Numbers, or marks that nobody sees, alone": ("en.txt", "\n".join(map(str, range(100, 900))).encode(), "hardly any letters"),
    "Text in another script than the language's": ("en.txt", "\n".join(HINDI).encode(), "cannot be English"),
    "A git-lfs pointer": ("en.txt", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "git-lfs pointer"),
    "An empty file, or white space alone": ("en.txt", b" \n\t\r\n", "is empty"),
    "A compressed file renamed to .txt": ("en.txt", bytes.fromhex("1f8b0800") + bytes(range(256)), "is not UTF-8 text"),
    "A PDF renamed to .txt": ("en.txt", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "is not UTF-8 text"),
    "A file named after no language asked for": ("notes.txt", TEXT.encode(), "has no en.txt; it has notes"),
    "No .txt file at all": ("en.csv", TEXT.encode(), "has no .txt files"),
}  # fmt: skip


def test_the_document_lists_these_kinds_and_no_others() -> None:
    rows = re.findall(r"^\| (.+?) \| (read|refused)", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [(kind, "read") for kind in READ] + [(kind, "refused") for kind in REFUSED]


@pytest.mark.parametrize("kind", READ)
def test_read(kind: str, tmp_path: Path) -> None:
    name, raw, count = READ[kind]
    (tmp_path / name).write_bytes(raw)
    passages = [passage.text for passage in folder(tmp_path, ["en"]).passages["en"]]
    assert len(passages) == count
    assert passages[0].startswith(LINES[0])


@pytest.mark.parametrize("kind", REFUSED)
def test_refused(kind: str, tmp_path: Path) -> None:
    name, raw, said = REFUSED[kind]
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(TextError, match=re.escape(said)) as refusal:
        folder(tmp_path, ["en"])
    assert "\n" not in str(refusal.value)
