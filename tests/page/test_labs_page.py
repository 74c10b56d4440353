"""The tab that asks studies by themselves: every study of the table is offered with its knobs, asked as a job, and drawn as it says."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pages import Script, drawn_page, with_
from test_page_callbacks import said, values_of  # noqa: F401

from components.app.page import Page
from components.i18n import words
from components.jobs.study import KIND, StudyAsked
from components.sections.labs.section import MOST_TABLES, Labs, readable
from mwanda_core.run.jobs import JobView
from mwanda_core.studies import STUDIES, TableSpec
from mwanda_core.studies.base import describe
from mwanda_core.studies.result import StudyResult


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    made = drawn_page()
    yield with_(made)
    made.close()


def asked(page: Page, name: str, **knobs: Any) -> dict[Any, Any]:
    """What the form and the tab hold."""
    ours = page.section(Labs).widgets
    own = {widget: widget.value for _, widgets in ours.knobs.values() for widget in widgets.values()}
    return values_of(page) | own | {ours.which: name} | {ours.knobs[name][1][knob]: value for knob, value in knobs.items()}


def table_of(spec: TableSpec) -> pd.DataFrame:
    """A made-up table with the columns that a drawing reads."""
    rows = {name: ["en", "sw"] for name in (spec.x, spec.y, spec.group) if name}
    numbers = {name: [0.123456789, 1.0] for name in (spec.value, spec.low, spec.high) if name}
    return pd.DataFrame({**rows, **numbers, "note": ["a", "b"]})


def test_every_study_is_offered_with_its_knobs_and_fits(page: Page) -> None:
    ours = page.section(Labs).widgets
    assert [value for _, value in ours.which.choices] == list(STUDIES)
    for name, kind in STUDIES.items():
        assert set(ours.knobs[name][1]) == {knob.name for knob in describe(kind).knobs}
        assert len(kind.tables) + 1 <= MOST_TABLES
        updates = page.section(Labs).choose(name)
        assert [key for key, (column, _) in ours.knobs.items() if updates[column]["visible"]] == [name]
        assert describe(kind).question in updates[ours.about]


def test_the_button_asks_with_the_knobs_and_the_form(page: Page, said: list[str]) -> None:  # noqa: F811
    place = Script()
    page = with_(page, compute=place)
    labs = page.section(Labs)
    name, knob = next((name, knob) for name, kind in STUDIES.items() for knob in describe(kind).knobs if knob.low is not None)
    updates = labs.start(asked(page, name, **{knob.name: knob.high}))
    assert updates[labs.widgets.job.job] == "job-1", said
    (request,) = place.requests
    assert request["kind"] == KIND.name
    assert f"{knob.name}={knob.high}" in request["study"]
    assert list(request["settings"]["languages"]) == ["en", "de", "hi", "sw"]
    assert KIND.title(request) == STUDIES[name].title
    refused = labs.start(asked(page, name) | {page.context.form["languages"]: []})
    assert refused[labs.widgets.job.job] == ""
    assert said == [words.EMPTY_LANGUAGES]


@pytest.mark.parametrize("name", STUDIES)
def test_what_a_study_found_is_drawn_as_it_says(page: Page, name: str) -> None:
    tables = {spec.name: table_of(spec) for spec in STUDIES[name].tables}
    result = StudyAsked(name, StudyResult(tables, {}, ("A note.",)))
    labs = page.section(Labs)

    async def follow() -> list[dict[Any, Any]]:
        place = Script(JobView("job-1", "t", "done", result=result))
        return [update async for update in with_(page, compute=place).section(Labs).follow("job-1", name)]

    (updates,) = asyncio.run(follow())
    assert updates[labs.widgets.notes] == {**updates[labs.widgets.notes], "value": "- A note.", "visible": True}
    for number, card in enumerate(labs.widgets.cards):
        assert updates[card.body]["visible"] == (number < len(tables))
    for card, spec in zip(labs.widgets.cards, STUDIES[name].tables, strict=False):
        assert spec.title in updates[card.text]
        assert updates[card.shown.plot]["visible"] == (spec.drawn != "table")
        file = pd.read_csv(Path(updates[card.shown.download]["value"]))
        pd.testing.assert_frame_equal(file, tables[spec.name])


def test_another_study_is_not_given_the_results_of_the_one_before(page: Page) -> None:
    result = StudyAsked("overlap", StudyResult({}, {}))

    async def follow() -> list[dict[Any, Any]]:
        place = Script(JobView("job-1", "t", "done", result=result))
        return [update async for update in with_(page, compute=place).section(Labs).follow("job-1", "profile")]

    (updates,) = asyncio.run(follow())
    assert page.section(Labs).widgets.notes not in updates


def test_tables_are_shown_with_four_digits() -> None:
    assert readable(pd.DataFrame({"v": [0.123456]}))["v"][0] == 0.1235
