"""Texts of one's own: a folder of files, or a stream from the Hub; and one sentence for whatever is wrong with them."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mwanda_core.corpora import SOURCES, folder, folder as folder_module, folder_split, hub, hub_split
from mwanda_core.errors import TextError, UnknownName


def put(root: Path, **texts: str | bytes) -> Path:
    for code, text in texts.items():
        (root / f"{code}.txt").write_bytes(text if isinstance(text, bytes) else text.encode())
    return root


def sentence(call: Callable[[], object]) -> str:
    with pytest.raises(TextError) as caught:
        call()
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")
    return str(caught.value)


def test_paragraphs_are_separated_by_blank_lines(tmp_path: Path) -> None:
    put(tmp_path, en="First line\nof one.\n\nSecond.\n  \t\nThird.\n\n\n", sw="Moja.\r\n\r\nMbili.\r\n\r\nTatu.\r\n")
    found = folder(tmp_path)
    assert found.name == tmp_path.name
    assert found.languages == ("en", "sw")
    assert [p.text for p in found.passages["en"]] == ["First line of one.", "Second.", "Third."]
    assert [p.text for p in found.passages["sw"]] == ["Moja.", "Mbili.", "Tatu."]
    assert found.parallel
    assert len({p.id for p in found.passages["en"]}) == 3


def test_without_blank_lines_every_line_is_one(tmp_path: Path) -> None:
    put(tmp_path, en="One.\nTwo.\nThree.\n\n\n")
    found = folder(str(tmp_path))
    assert [p.text for p in found.passages["en"]] == ["One.", "Two.", "Three."]
    assert not found.parallel


def test_unequal_texts_are_not_parallel(tmp_path: Path) -> None:
    assert not folder(put(tmp_path, en="a\nb\n", sw="a\n")).parallel


def test_languages_in_the_order_asked_for(tmp_path: Path) -> None:
    put(tmp_path, en="a\nb", sw="a\nb", de="a\nb")
    assert folder(tmp_path, ["sw", "en"]).languages == ("sw", "en")
    halves = folder_split(tmp_path, ["de"])
    assert [p.text for p in halves.calibration.passages["de"]] == ["a"]
    assert [p.text for p in halves.evaluation.passages["de"]] == ["b"]


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    put(tmp_path, en=b"\xef\xbb\xbfHello.\nWorld.")
    assert folder(tmp_path).passages["en"][0].text == "Hello."


def test_many_blank_lines_are_read_in_no_time(tmp_path: Path) -> None:
    put(tmp_path, en="One." + "\n" * 200_000 + "Two." + " \n" * 200_000)
    assert [p.text for p in folder(tmp_path).passages["en"]] == ["One.", "Two."]


def test_a_large_text_is_read_up_to_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = sys.modules[folder_module.__module__]
    monkeypatch.setattr(home, "MAX_BYTES", 25)
    put(tmp_path, en="ééééé\nééééé\nééééé\n")  # 33 bytes; the limit falls inside a letter of the third line.
    assert [p.text for p in folder(tmp_path).passages["en"]] == ["ééééé", "ééééé"]


def test_a_missing_folder(tmp_path: Path) -> None:
    assert sentence(lambda: folder(tmp_path / "nowhere")).startswith("There is no folder")
    put(tmp_path, en="a")
    assert "There is no folder" in sentence(lambda: folder(tmp_path / "en.txt"))


def test_a_folder_without_texts(tmp_path: Path) -> None:
    (tmp_path / "readme.md").write_text("x")
    assert "has no .txt files: put one per language there, such as sw.txt" in sentence(lambda: folder(tmp_path))


def test_a_missing_language(tmp_path: Path) -> None:
    put(tmp_path, en="a")
    assert "has no sw.txt, hi.txt; it has en." in sentence(lambda: folder(tmp_path, ["en", "sw", "hi"]))


def test_a_text_that_is_not_utf8(tmp_path: Path) -> None:
    put(tmp_path, en=b"caf\xe9 au lait")
    assert sentence(lambda: folder(tmp_path)) == "en.txt is not UTF-8 text (byte 3): save it as UTF-8."


@pytest.mark.parametrize("text", ["", "\n\n\n", "  \t \n \n", "\ufeff"])
def test_an_empty_text(tmp_path: Path, text: str) -> None:
    put(tmp_path, en=text)
    assert sentence(lambda: folder(tmp_path)).startswith("en.txt is empty")


def test_a_folder_where_a_text_should_be(tmp_path: Path) -> None:
    (tmp_path / "en.txt").mkdir()
    assert "en.txt cannot be read" in sentence(lambda: folder(tmp_path))


# From here on the Hub, through a made-up `datasets`.


class Rows:
    def __init__(self, texts: list[str], column: str = "text") -> None:
        self.texts, self.column = texts, column

    def take(self, count: int) -> Iterator[dict[str, str]]:
        return ({self.column: text} for text in self.texts[:count])


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """`datasets` whose load_dataset notes its arguments and gives `rows`, or raises `error`."""
    state = SimpleNamespace(rows=Rows(["one", " two \n words ", "", "three"]), error=None, asked=[])

    def load_dataset(*args: Any, **kwargs: Any) -> Rows:
        state.asked.append((*args, kwargs))
        if state.error is not None:
            raise state.error
        return state.rows

    monkeypatch.setitem(sys.modules, "datasets", SimpleNamespace(load_dataset=load_dataset))
    return state


def test_a_stream_from_the_hub(fake: SimpleNamespace) -> None:
    found = hub("c4", ["sw", "en"], documents=3)
    assert [ask[:2] for ask in fake.asked] == [("allenai/c4", "sw"), ("allenai/c4", "en")]
    assert all(ask[2] == {"split": "train", "streaming": True} for ask in fake.asked)
    assert [p.text for p in found.passages["sw"]] == ["one", "two words"]
    assert found.languages == ("sw", "en")
    assert not found.parallel
    assert hub("flores+", ["en"]).parallel
    assert fake.asked[-1][:2] == ("openlanguagedata/flores_plus", "eng_Latn")
    hub("wikipedia", ["ja"])
    assert fake.asked[-1][:2] == ("wikimedia/wikipedia", "20231101.ja")
    halves = hub_split("c4", ["en"], documents=4)
    assert [p.text for p in halves.calibration.passages["en"]] == ["one", "three"]


def test_an_unknown_source(fake: SimpleNamespace) -> None:
    with pytest.raises(UnknownName, match=r"There is no text source named 'mc4'\. Choose one of: c4, wikipedia, flores"):
        hub("mc4", ["en"])
    assert fake.asked == []
    assert set(SOURCES) == {"c4", "wikipedia", "flores+"}


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RuntimeError("Dataset scripts are no longer supported, but found mc4.py"), "needs a loading script"),
        (OSError("Dataset 'openlanguagedata/flores_plus' is a gated dataset on the Hub. Visit the page to ask for access."), "is gated"),
        (OSError("401 Client Error: Unauthorized for url"), "Accept its terms on its Hub page and set HF_TOKEN"),
        (ValueError("BuilderConfig 'xx' not found. Available: ['af', 'am']"), "has no such language"),
        (ConnectionError("Couldn't reach 'allenai/c4' on the Hub (OfflineModeIsEnabled)\nsecond line"), "Check the connection"),
        (KeyError("text"), "Check the connection, or give a folder of your own texts"),
    ],
)  # fmt: skip
def test_texts_that_cannot_be_had(fake: SimpleNamespace, error: Exception, said: str) -> None:
    fake.error = error
    text = sentence(lambda: hub("c4", ["xx"]))
    assert text.startswith("The texts allenai/c4 (xx) cannot be had: ")
    assert said in text


def test_a_stream_without_text_or_column(fake: SimpleNamespace) -> None:
    fake.rows = Rows(["", "  \n"])
    assert sentence(lambda: hub("c4", ["en"])) == "allenai/c4 (en) gave no text."
    fake.rows = Rows(["a"], column="content")
    assert "cannot be had" in sentence(lambda: hub("c4", ["en"]))


def test_the_real_library_offline() -> None:
    assert "Check the connection, or give a folder of your own texts" in sentence(lambda: hub("c4", ["en"]))
