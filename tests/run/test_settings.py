"""Laws over every field of `Settings`: a setting is one field, and stands in the form, on the command line, in the API, in what is
cloned and repeated, and in the docs, because all of them are drawn from it."""

import asyncio
import dataclasses
import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from typer.testing import CliRunner

from components.app import api
from components.app.page import Page
from components.form import cloning, fields, fill, form
from components.form.form import check, make_request, new_form, to_settings
from components.i18n import words
from mwanda_core.after.repeat import command
from mwanda_core.cli.app import app
from mwanda_core.cli.derived import OF_RUNS
from mwanda_core.errors import InputError
from mwanda_core.methods.catalogue import knob_list
from mwanda_core.methods.knob_list import FILE
from mwanda_core.methods.recipes import recipe
from mwanda_core.parts.knobs import Knob
from mwanda_core.run.settings import GROUPS, GUARD, Setting, Settings, all_settings, refuse_settings, settings_from
from mwanda_core.run.settings_list import settings_page

ROOT = Path(__file__).resolve().parents[2]
NAMES = list(all_settings())

OTHERS: dict[str, Any] = {
    "model": "someone/some-model", "languages": ("en", "sw"), "held_out": ("hi",), "method": recipe("ria").to_dict(), "tasks": ("xcopa",),
    "precision": 0.25, "studies": ("overlap",), "spare_neurons": ("sw",), "device": "cpu", "guard": 0.2, "guard_languages": ("fr", "ja"),
}  # fmt: skip
"""Values of settings that name something: any other value of their kind would do, but it has to exist."""


def other(setting: Setting) -> Any:
    """A value that is not the default."""
    knob = setting.knob
    if setting.name in OTHERS:
        return OTHERS[setting.name]
    if knob.kind == "choice":
        return next(choice for choice in knob.choices if choice != knob.default)
    if setting.slider:
        return (setting.slider[0] + setting.slider[2]) / setting.scale if setting.scale != 1 else setting.slider[0]
    return {"switch": not knob.default, "whole": 7, "number": 0.25, "text": "/a/folder of mine"}[knob.kind]


def changed(name: str) -> Settings:
    """The defaults with one setting changed, and whatever it only counts with."""
    setting = all_settings()[name]
    values = {name: other(setting)}
    if setting.knob.only_with is not None:
        with_name, wanted = setting.knob.only_with
        values[with_name] = OTHERS[with_name] if wanted is None else wanted
    return Settings(**values)


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    from components.app.page import build
    from components.store import RunStore

    async def draw() -> Page:
        return build(store=RunStore(Path("nowhere")))

    drawn = asyncio.run(draw())
    yield drawn
    drawn.close()


def test_every_field_is_a_setting_that_describes_itself() -> None:
    assert [field.name for field in dataclasses.fields(Settings)] == NAMES
    for setting in all_settings().values():
        assert setting.knob.help.endswith(".")
        assert setting.group in ("", *GROUPS)
        if setting.group:
            assert isinstance(getattr(words, setting.text), str)
        for key in (setting.options, setting.folder, setting.empty, setting.refused, setting.unsaid):
            assert not key or getattr(words, key)
        # What has no place on the form has a sentence for a run that uses it.
        assert setting.group or setting.unsaid


@pytest.mark.parametrize("name", NAMES)
def test_a_setting_has_a_widget_that_shows_it_and_reads_it(page: Page, name: str) -> None:
    setting, panel = all_settings()[name], page.context.form
    if not setting.group:
        return
    values = {widget: widget.value for widget in panel.inputs}
    wanted, notes = cloning.form_from_settings(changed(name))
    updates, nearest = fill.fill(panel, wanted)
    updates |= fill.fill_languages(panel, wanted)
    for widget, update in updates.items():
        if widget in values:
            values[widget] = update.get("value", values[widget]) if isinstance(update, dict) else update
    assert (notes, nearest) == ((), ())
    read = panel.read(values)
    assert to_settings(make_request(read)) == to_settings(make_request(wanted))
    assert name == "method" or read[name] == other(setting)


@pytest.mark.parametrize("name", NAMES)
def test_a_setting_is_cloned_or_said(name: str) -> None:
    settings = changed(name)
    found, notes = cloning.form_from_settings(settings)
    if all_settings()[name].group:
        assert notes == ()
        again = to_settings(make_request(found))
        assert dataclasses.replace(again, method=settings.method) == settings
        assert recipe(again.method) == recipe(settings.method)
    else:
        assert notes == (getattr(words, all_settings()[name].unsaid).format(**settings.to_dict()),)


@pytest.mark.parametrize("name", NAMES)
def test_a_setting_is_an_option_and_stands_in_the_command_that_repeats_a_run(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Settings] = []
    monkeypatch.setattr("mwanda_core.cli.app._run", lambda settings, *others: seen.append(settings))
    settings = changed(name)
    done = CliRunner().invoke(app, shlex.split(command(settings))[1:])
    assert done.exit_code == 0, done.output
    assert dataclasses.replace(seen[0], method=settings.method) == settings
    assert recipe(seen[0].method) == recipe(settings.method)


@pytest.mark.parametrize("command", ["prune", "sweep", "protect", "study"])
def test_commands_take_the_settings_they_have_a_use_for(command: str) -> None:
    shown = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"}).output
    left_out = {
        "prune": set[str](),
        "sweep": {"seed"},  # --seeds
        "protect": set(OF_RUNS),
        "study": set(OF_RUNS),
    }[command]
    for name, setting in all_settings().items():
        there = f"--{setting.option} " in shown or f"--{setting.option} /" in shown or (command == "prune" and name == "model")
        assert there == (name not in left_out), name


def test_the_api_lists_every_setting_and_takes_it(page: Page) -> None:
    entries = {entry["name"]: entry for entry in api.Endpoints(page.context).list_settings()}
    assert list(entries) == NAMES
    assert json.loads(json.dumps(entries))["sparsity"]["high"] == 0.99
    for name in NAMES:
        settings = changed(name)
        assert settings_from(json.loads(json.dumps(settings.to_dict()))) == settings
        refuse_settings(settings)
        check(vars(settings))


@pytest.mark.parametrize("name", NAMES)
def test_a_value_out_of_range_is_refused(name: str) -> None:
    knob = all_settings()[name].knob
    wrong = "no such word" if knob.choices else knob.low - 1 if knob.low is not None else None
    if wrong is not None:
        with pytest.raises(InputError, match=f"The setting '{name}' must"):
            refuse_settings(dataclasses.replace(Settings(), **{name: wrong}))


@pytest.mark.parametrize("name", NAMES)
def test_strangers_ask_for_no_more_than_the_sliders_show(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    setting = all_settings()[name]
    if setting.slider and setting.scale == 1 and setting.knob.kind == "whole":
        values = vars(dataclasses.replace(changed(name), **{name: setting.slider[1] + 1})) | {"task_texts": "hub"}
        check(values)
        monkeypatch.setenv("SPACE_ID", "someone/space")
        with pytest.raises(InputError, match=f"{name} is at most {setting.slider[1]}"):
            check(values)


MADE_UP = (
    Knob("made_up", 0.5, "Help.", 0.0, 1.0, 0.1),
    Knob("made_up", 3, "Help.", 1, 9, 1),
    Knob("made_up", 3, "Help.", 1),
    Knob("made_up", "a", "Help.", choices=("a", "b")),
    Knob("made_up", True, "Help."),
    Knob("made_up", "some words", "Help."),
    Knob("made_up", (), "Help."),
)


@pytest.mark.parametrize("knob", MADE_UP, ids=lambda knob: f"{knob.kind} {knob.high}")
def test_a_new_setting_of_any_kind_is_drawn_and_read_without_another_line(knob: Knob) -> None:
    slider = (knob.low, knob.high, knob.step) if knob.high is not None else None
    setting = Setting(knob, label="SEED", group="texts", slider=slider)  # type: ignore[arg-type]

    async def draw() -> fields.Field:
        with gr.Blocks(analytics_enabled=False):
            return fields.draw(setting)

    field = asyncio.run(draw())
    assert field.widget.label == words.SEED
    assert field.widget.elem_id == "made-up"
    assert field.read({field.widget: field.widget.value}) == knob.default
    notes: list[str] = []
    assert field.read(field.fill({"made_up": knob.default}, notes)) == knob.default
    assert notes == []


def test_strangers_name_no_files_even_where_they_would_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACE_ID", "someone/space")
    for name, setting in all_settings().items():
        if setting.widget in ("source", "model"):
            with pytest.raises(InputError, match="shared server"):
                check(vars(Settings(**{name: "/etc"})))


def test_what_is_written_from_the_fields_is_up_to_date() -> None:
    """Otherwise: python scripts/write_settings.py"""
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == settings_page()
    written = json.loads((ROOT / "mwanda_core" / FILE).read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(knob_list()))


def test_the_form_opens_at_the_defaults() -> None:
    opened = to_settings(make_request(new_form()))
    usual = {"method": Settings.method, "held_out": (), "guard": 0.0, "precision": Settings.precision}
    assert dataclasses.replace(opened, **usual) == Settings()  # type: ignore[arg-type]
    assert opened.guard == GUARD
    assert opened.precision > 0  # Figures come while it is being measured.
    assert {setting.name for setting in form.shown_settings()} <= set(new_form())
