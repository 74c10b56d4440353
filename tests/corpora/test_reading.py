"""Kinds of files that people bring: each is read right or refused in one sentence."""

import codecs
import json
import os
import sys
from pathlib import Path

import pytest

from mwanda_core.corpora import folder
from mwanda_core.corpora.reading import LONGEST, cut_into_passages
from mwanda_core.errors import TextError
from mwanda_core.languages import canonical, parse_codes

ENGLISH = [f"The river number {i} is long, and many people live on its banks." for i in range(8)]
RUSSIAN = [f"Река номер {i} длинная, и люди живут на её берегах." for i in range(8)]


def texts(tmp_path: Path, raw: bytes, name: str = "en.txt", code: str = "en") -> list[str]:
    (tmp_path / name).write_bytes(raw)
    return [passage.text for passage in folder(tmp_path, [code]).passages[code]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\x85", "\n\n", "\r\r", "\u2029"])
def test_every_line_end_ends_a_line(tmp_path: Path, end: str) -> None:
    assert texts(tmp_path, end.join(ENGLISH).encode()) == ENGLISH


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF32_LE, "utf-32-le")],
)  # fmt: skip
def test_a_byte_order_mark_is_believed(tmp_path: Path, mark: bytes, encoding: str) -> None:
    assert texts(tmp_path, mark + "\n".join(RUSSIAN).encode(encoding), "ru.txt", "ru") == RUSSIAN


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("\n".join(ENGLISH).encode("utf-16-le"), "control characters.*looks like UTF-16"),
        ("\n".join(ENGLISH).encode("utf-16-be"), "control characters.*looks like UTF-16"),
        ("\n".join(ENGLISH).replace("river", "riv\0er").encode(), r"control characters \(the first is U\+0000"),
        (("\x07\x08" * 20 + "\n".join(ENGLISH)).encode(), "control characters"),
        ("\n".join(RUSSIAN).encode("cp1251"), "not UTF-8 text"),
        ("\n".join(ENGLISH).replace("e", "\ufffd").encode(), "stand for nothing"),
        ("\n".join(json.dumps({"text": line}) for line in ENGLISH).encode(), "holds JSON, one object a line"),
        ("\n".join(RUSSIAN).encode(), "cannot be English: 0% of its letters are Latin, most are Cyrillic"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n", "git-lfs pointer"),
        (b" \n\t\n", "is empty"),
        ((b"\n".join(line.encode() for line in ENGLISH * 60) + b"\n" + "\n".join(RUSSIAN * 60).encode()), "cannot be English"),
        (rb"{\rtf1\ansi The river is long.}", "holds RTF"),
        (("\u200b" * 400).encode(), "hardly any letters"),
        ("\n".join(RUSSIAN).encode().decode("cp1251", "ignore").encode(), "was UTF-8, read in another encoding"),
    ],
)
def test_what_is_no_text_of_the_language_is_refused(tmp_path: Path, raw: bytes, said: str) -> None:
    with pytest.raises(TextError, match=said):
        texts(tmp_path, raw)


def test_chinese_and_japanese_are_told_apart_by_kana(tmp_path: Path) -> None:
    chinese, japanese = (
        "这条河很长，岸边住着很多人家，他们每天都过桥。\n" * 8,
        "この川は長くて、人々は毎日市場へ行きます。\n" * 8,
    )
    assert (
        len(texts(tmp_path, japanese.encode(), "ja.txt", "ja")) == len(texts(tmp_path, chinese.encode(), "zh.txt", "zh")) == 8
    )
    with pytest.raises(TextError, match="many are Hiragana"):
        texts(tmp_path, japanese.encode(), "zh.txt", "zh")
    with pytest.raises(TextError, match="cannot be Japanese: 0%"):
        texts(tmp_path, chinese.encode(), "ja.txt", "ja")


def test_a_code_unknown_here_is_found_however_its_parts_are_joined(tmp_path: Path) -> None:
    assert len(texts(tmp_path, "\n".join(RUSSIAN).encode(), "sr_Latn.txt", "sr-latn")) == 8


def test_a_name_with_its_script_lets_a_text_in_another_script_pass(tmp_path: Path) -> None:
    assert texts(tmp_path, "\n".join(ENGLISH).encode(), "hi_Latn.txt", "hi_Latn") == ENGLISH


@pytest.mark.parametrize(("name", "code"), [("en.TXT", "en"), ("EN.txt", "en"), ("eng_Latn.txt", "en"), ("zh.txt", "zh")])
def test_files_are_found_by_any_usual_name(tmp_path: Path, name: str, code: str) -> None:
    text = "\n".join(ENGLISH) if code == "en" else "\n".join(f"这条河很长，第{i}条，岸边住着很多人家。" * 4 for i in range(8))
    assert len(texts(tmp_path, text.encode(), name, code)) == 8


def test_two_files_of_one_language_are_refused(tmp_path: Path) -> None:
    (tmp_path / "EN.txt").write_text("\n".join(ENGLISH))
    with pytest.raises(TextError, match=r"EN\.txt and eng_Latn\.txt, both en"):
        texts(tmp_path, "\n".join(ENGLISH).encode(), "eng_Latn.txt")


def test_a_pipe_blocks_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "en.txt")
    with pytest.raises(TextError, match=r"en\.txt is not a regular file"):
        folder(tmp_path, ["en"])


@pytest.mark.parametrize(
    "text", [" ".join(ENGLISH * 100), "".join(f"这条河很长，第{i}条。" for i in range(900)), "a" * 9000, "แม่น้ำยาว" * 900]
)
def test_one_long_line_becomes_passages_that_lose_nothing(text: str) -> None:
    pieces, cut = cut_into_passages(text)
    assert cut
    assert len(pieces) > 1
    assert max(map(len, pieces)) <= LONGEST
    assert "".join(pieces).replace(" ", "") == text.replace(" ", "")


def test_sentences_stay_whole_where_they_fit() -> None:
    pieces, _ = cut_into_passages(" ".join(ENGLISH * 100))
    assert all(piece.endswith(".") for piece in pieces)


def test_short_passages_are_left_as_they_are() -> None:
    assert cut_into_passages("\n".join(ENGLISH)) == (ENGLISH, False)
    assert cut_into_passages("One short line.") == (["One short line."], False)


def test_a_text_beyond_the_limit_is_cut_within_a_character(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[folder.__module__], "MAX_BYTES", 101)
    assert texts(tmp_path, ("я" * 200).encode(), "ru.txt", "ru") == ["я" * 50]


@pytest.mark.parametrize(
    ("given", "code"),
    [("iw", "he"), ("zho", "zh"), ("zh-Hans", "zh"), ("swh_Latn", "sw"), ("EN", "en"), ("nb", "no"), ("pt_BR", "pt"), ("deu", "de"),
     ("zh_Hant", "zh_Hant"), ("hi-Latn", "hi-Latn"), ("tlh", "tlh"), ("my_own", "my_own"), ("German", "de"),
     ("cmn", "zh"), ("zh_TW", "zh"), ("pt-PT", "pt"), ("fil", "tl"), ("in", "id"), ("nn", "no"), ("prs", "fa"), ("es-419", "es"), ("mo", "ro"),
     ("sr-Latn", "sr-Latn"), ("sr-Cyrl-RS", "sr"), ("de-1996", "de"), ("en_US.UTF-8", "en"), ("Deutsch", "de"), ("中文", "zh"), ("x-de", "x-de")],
)  # fmt: skip
def test_codes_in_their_usual_forms(given: str, code: str) -> None:
    assert parse_codes([given]) == (code,)
    assert canonical(code) == code
