"""Which address is answered by which page, and the first screen: its numbers are the measured ones, and it opens without them."""

import asyncio
import base64
import gzip
import hashlib
import json
import math
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from components.app.doors import Doors
from components.app.rules import Rules
from components.i18n import locale
from components.pages.front import Front
from components.pages.landing import page as first
from components.pages.landing.data import FILE, FORMAT, landing
from components.pages.landing.page import LOOKS, landing_page, sentence, short
from mwanda_core.errors import RunError

HOME = "http://127.0.0.1:7860"
DATA = landing()


async def bench(scope: Any, receive: Any, send: Any) -> None:
    """In Gradio's place: it tells which address it was asked for."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": f"{scope['path']}?{scope['query_string'].decode()}".encode()})


def ask(path: str, method: str = "GET", root: str = "", **headers: str) -> httpx.Response:
    async def send() -> httpx.Response:
        app = httpx.ASGITransport(Doors(Front(bench), Rules()), root_path=root)
        async with httpx.AsyncClient(transport=app, base_url=HOME) as client:
            return await client.request(method, path, headers={name.replace("_", "-"): text for name, text in headers.items()})

    return asyncio.run(send())


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("/explore", "/?"), ("/explore?run=a&lang=de", "/?run=a&lang=de"), ("/config", "/config?"), ("/gradio_api/info", "/gradio_api/info?"),
        ("/explore/x", "/explore/x?"), ("/learn/x", "/learn/x?"),
    ],
)  # fmt: skip
def test_gradio_is_asked_for_what_is_its_own(asked: str, answered: str) -> None:
    assert ask(asked).text == answered


def test_below_a_path_that_a_proxy_shows() -> None:
    assert ask("/lab/explore", root="/lab").text == "/lab/?"
    assert "<title>" in ask("/lab/learn", root="/lab").text
    assert "<title>" in ask("/learn", root="/lab").text, "a proxy that takes its path away"


@pytest.mark.parametrize(
    ("asked", "onward"),
    [
        ("/?run=abc", "./explore?run=abc"), ("/?compare=a,b&lang=de", "./explore?compare=a,b&lang=de"), ("/?section=small", "./explore?section=small"),
        ("/explore/?run=a", "../explore?run=a"), ("/learn/", "../learn"),
    ],
)  # fmt: skip
def test_old_links_lead_on(asked: str, onward: str) -> None:
    found = ask(asked)
    assert (found.status_code, found.headers["location"]) == (307, onward)


def test_only_reading_is_answered_here_and_strangers_names_are_not() -> None:
    assert ask("/", "POST").text == "/?"
    assert ask("/", "HEAD").status_code == 200
    for path in ("/", "/learn", "/learn/step?step=1&at=0"):
        assert ask(path, host="evil.example").status_code == 403


def test_the_language_is_the_one_asked_for_else_the_browsers() -> None:
    for path, header, code in (
        ("/?lang=ar", "de", "ar"),
        ("/", "fr;q=0.4, de", "de"),
        ("/?lang=xx", "xx", "en"),
        ("/learn", "sw", "sw"),
    ):
        assert f'<html lang="{code}"' in ask(path, accept_language=header).text
    assert 'dir="rtl"' in ask("/?lang=ar&__theme=dark").text


@pytest.mark.parametrize("path", ["/", "/learn", "/learn/handout"])
def test_nothing_runs_but_what_the_page_brings(path: str) -> None:
    found = ask(path, accept_encoding="identity")
    policy = found.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "unsafe" not in policy
    for tag in ("script", "style"):
        for block in re.findall(rf"<{tag}>(.*?)</{tag}>", found.text, re.DOTALL):
            assert base64.b64encode(hashlib.sha256(block.encode()).digest()).decode() in policy
    assert " style=" not in found.text
    assert not re.search(r"<[^>]+\son\w+=", found.text)
    packed = ask(path, accept_encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.text == found.text
    assert "unsafe-eval" in ask("/explore").headers["content-security-policy"], "Gradio's page has its own"


def test_a_step_is_asked_for_by_its_place() -> None:
    assert set(ask("/learn/step?step=3&at=11&lang=de").json()) == {"figure", "reply"}
    for query in ("", "?step=3", "?step=3&at=999", "?step=3&at=-1", "?step=3&at=1e3", "?step=3&at=" + "9" * 40, "?step=٣&at=٣"):
        found = ask(f"/learn/step{query}")
        assert found.status_code == 404
        assert "no such step" in found.text


# --- The first screen ---------------------------------------------------------------------------------------------------


def stored(code: str = "en") -> Any:
    return json.loads(re.findall(r'id="data">(.*?)</script>', landing_page(code).html.decode(), re.DOTALL)[0])


def test_the_data_are_whole() -> None:
    assert set(DATA.calibrated) == set(LOOKS)
    assert DATA.calibrated["english"] == ("en",)
    assert len({tuple(codes) for name, codes in DATA.calibrated.items() if name != "english"}) == 1
    for run in DATA.runs.values():
        assert all(low <= value <= high for value, low, high in run.languages.values())
        assert all(run.texts.values())
    assert (Path(__file__).parents[2] / DATA.facts["command"].split()[1]).is_file()


def test_figure_and_sentence_say_what_was_measured() -> None:
    found = stored()
    for (recipe, sparsity), run in DATA.runs.items():
        percent = str(round(100 * sparsity))
        times = dict(zip(found["languages"], found["times"][recipe][percent], strict=True))
        assert times == pytest.approx({code: math.exp(values[0]) for code, values in run.languages.items()}, rel=6e-3)
        said = found["sentences"][recipe][percent]
        assert f"{percent}%" in said
        numbers = [float(text) for text in re.findall(r"([\d.]+) times", said)]
        wanted = [max(times.values()), times["en"]]
        assert numbers == pytest.approx(wanted[: len(numbers)], rel=0.05)


def test_the_sentences_around_the_numbers_are_true() -> None:
    """English alone breaks another language far more than itself; texts in eight languages mend most of that."""
    english, eight = (DATA.runs[name, 0.5] for name in ("english", "eight"))
    assert english.times(english.worst) > 5 * english.times("en")
    assert eight.times(eight.worst) < english.times(english.worst) / 3


@pytest.mark.parametrize("code", sorted(locale.NAMES))
def test_the_first_screen_speaks_every_language_without_a_place_left_open(code: str) -> None:
    html, found = landing_page(code).html.decode(), stored(code)
    assert "{" not in re.sub(r"<(style|script).*?</\1>", "", html, flags=re.DOTALL)
    assert all("{" not in text for by_place in found["sentences"].values() for text in by_place.values())
    assert f"./learn?lang={code}" in html
    with locale.drawing(code):
        assert sentence(DATA.runs["english", 0.5]) in html


def test_texts_are_cut_between_words() -> None:
    assert short(" one two") == "… one two …"
    assert short("word " * 30).count("word") == 8
    assert len(short("字" * 90)) == 44
    assert short(" ") == "…  …"


def test_without_its_data_it_says_so_and_has_its_doors(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="missing or damaged"):
        landing(tmp_path / "landing.json")
    changed = json.loads(FILE.read_text("utf-8")) | {"format": FORMAT + 1}
    (tmp_path / "landing.json").write_text(json.dumps(changed), "utf-8")
    with pytest.raises(RunError, match="this version reads"):
        landing(tmp_path / "landing.json")
    monkeypatch.setattr(first, "landing", lambda: landing(tmp_path / "landing.json"))
    html = landing_page.__wrapped__("en").html.decode()
    assert "this version reads" in html
    assert html.count("<a href=") == 3
    assert gzip.decompress(landing_page("en").packed) == landing_page("en").html
