"""Every function of the page is sent what no widget of it sends: each answers in time, and with nothing but a result or a sentence."""

import asyncio
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from pages import drawn_page
from test_attack_stuck import within

from components.app.guard import MOST_CHOSEN, refuse_misfit
from components.app.page import Page
from components.app.sessions import Session
from components.jobs import settings_run
from mwanda_core.errors import InputError
from mwanda_core.run.settings import all_settings

pytestmark = pytest.mark.attack

HOSTILE: list[Any] = [
    None, -1, 1e308, True, "x" * 100_000, "<img src=x onerror=alert(1)>", "../../etc/passwd", ["en"] * MOST_CHOSEN, ["a"] * 100_000,
    {"a": [1]}, [[[]]], {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}, 10**40, "\udc00",
]  # fmt: skip
LONG = 60.0


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    import mwanda_core.run.experiment  # noqa: F401 (else the first event waits for it)

    found = drawn_page(tmp_path_factory.mktemp("runs"))
    yield found
    found.close()


async def _answers(page: Page, values: list[Any]) -> list[str]:
    """What each function says to one of the values, each to the next one, in all its places."""

    async def one(event: Any, value: Any) -> str:
        try:
            await asyncio.wait_for(page.demo.process_api(event, [value] * len(event.inputs), state=Session(page.demo)), LONG)
        except gr.Error as refused:
            return str(refused.message)
        return ""

    events = [event for event in page.demo.fns.values() if event.fn is not None]
    return [await one(event, values[number % len(values)]) for number, event in enumerate(events)]


@pytest.mark.parametrize("first", range(0, len(HOSTILE), 7))
def test_every_function_answers_with_a_result_or_a_sentence(first: int, page: Page) -> None:
    said = asyncio.run(_answers(page, HOSTILE[first:] + HOSTILE[:first]))
    assert len(said) > 200
    assert not [text for text in said if "Traceback" in text or str(Path(__file__).parents[2]) in text]


def test_a_menu_of_a_hundred_thousand_choices_is_refused_everywhere(page: Page) -> None:
    said = asyncio.run(_answers(page, [["a"] * 100_000]))
    assert sum("none that it can hold" in text for text in said) > 100


def test_a_widget_is_sent_what_it_can_hold() -> None:
    async def draw() -> list[Any]:
        with gr.Blocks():
            return [
                gr.Dropdown(["a"], multiselect=True, label="Several"),
                gr.Textbox(label="Text"),
                gr.Slider(label="Share"),
                gr.JSON(label="Data"),
            ]

    several, text, share, data = asyncio.run(draw())
    for block, fit in ((several, ["a"] * 204), (text, "x" * 100_000), (share, 0.5), (share, None), (data, {"a": [1, "b"]})):
        refuse_misfit(block, fit)
    for block, unfit in (
        (several, "aaa"), (several, ["a"] * 2000), (several, [["a"]]), (several, ["x" * 5000]), (text, ["a"]), (text, "x" * 10**6), (share, {}),
        (data, [0] * 10**6),
    ):  # fmt: skip
        with pytest.raises(InputError, match=r"Several|Text|Share|Data"):
            refuse_misfit(block, unfit)


@pytest.mark.parametrize("value", [10**40, -(10**40), "x" * 10**6, ["en"] * 10**5, {"a": {"b": []}}, float("nan"), float("-inf"), [[[[1]]]], "\ud800"], ids=lambda value: repr(value)[:12])  # fmt: skip
def test_every_field_of_a_run_refuses_what_it_cannot_hold(value: Any) -> None:
    for name in all_settings():
        refused = within(LONG, functools.partial(settings_run.settings_of, {name: value}))
        assert refused is None or (isinstance(refused, InputError) and len(str(refused).splitlines()) == 1), (
            name,
            repr(refused),
        )
        if isinstance(value, int | float) and all_settings()[name].knob.kind in ("whole", "number"):
            assert refused is not None, name
