"""The lesson as one page: eight steps on stored measurements, read without Gradio, printed as it stands."""

import functools
import json
from collections.abc import Mapping
from html import escape
from typing import Any

from markdown_it import MarkdownIt

from components.i18n import locale
from components.i18n.catalogue import translated
from components.i18n.numbers import number
from components.pages.learn import glossary, handout
from components.pages.learn.data import Lesson, lesson
from components.pages.learn.glossary import gloss
from components.pages.learn.numbers import numbers
from components.pages.learn.steps import Pair, Radio, Slider, Step, steps
from components.pages.learn.texts import say
from components.pages.shell import Page, made, page
from mwanda_core.errors import InputError, RunError


@functools.cache
def learn_page(code: str) -> Page:
    """The lesson in a language; where its data did not come with the installation, a sentence that says so."""
    with locale.drawing(code):
        try:
            data = lesson()
        except RunError as error:
            return page(
                say("tab"), f"<main><p>{escape(translated(error))} {escape(say('missing'))}</p></main>", (), {}, "learn"
            )
        all_steps = steps(data)
        drawn = {step.key: _drawn(data, step, step.start()) for step in all_steps}
        count = len(all_steps)
        links = "".join(
            f'<li><a href="#step-{step.key}" data-step="{step.key}" aria-label="{escape(f"{step.key}. {step.title()}")}">{step.key}</a></li>'
            for step in all_steps
        )
        body = (
            f'<main><div class="intro">{markdown(say("intro"), top=True)}</div>'
            f'<div class="tools"><a href="./learn/handout?lang={code}">{escape(say("teachers"))}</a>'
            f'<button id="print" type="button">{escape(say("print"))}</button></div>'
            f'<nav class="steps" aria-label="{escape(say("tab"))}"><ol>{links}</ol>'
            f'<progress id="progress" max="{count}" value="0" aria-labelledby="count"></progress><span id="count" class="count"></span></nav>'
            f"{''.join(_step(data, step, drawn[step.key][1]) for step in all_steps)}"
            f"<details><summary>{escape(say('glossary'))}</summary>{glossary.glossary_list()}</details>"
            f"<details><summary>{escape(say('facts'))}</summary>{markdown(say('facts.text', **numbers(data)))}</details></main>"
        )
        stored = {
            "figures": {key: figure for key, (figure, _) in drawn.items()},
            "counts": [say("progress", done=done, all=count) for done in range(count + 1)],
            "unreachable": say("unreachable"),
        }
        return page(f"{say('tab')}: M-Wanda Explorer", body, ("figures.js", "learn.js"), stored, "learn")


@functools.cache
def handout_page(code: str) -> Page:
    """The sheet for teachers in a language.

    Raises RunError where the lesson's data did not come with the installation.
    """
    with locale.drawing(code):
        return made(handout.page(handout.markdown(lesson())), handout.STYLE)


@functools.lru_cache(maxsize=256)
def shown(code: str, key: str, at: int) -> bytes:
    """The figure and the line below it, as JSON, of a step whose control is at the place `at` of its values.

    Raises InputError for a step or a place that there is none of, RunError as `lesson`.
    """
    with locale.drawing(code):
        data = lesson()
        step = next((step for step in steps(data) if step.key == key), None)
        if step is None or not 0 <= at < len(step.all_values()):
            raise InputError("The lesson has no such step, or its control no such place.")
        figure, reply = _drawn(data, step, step.all_values()[at])
        return json.dumps({"figure": figure, "reply": reply}, ensure_ascii=False, separators=(",", ":")).encode()


def markdown(text: str, top: bool = False) -> str:
    """Markdown of the project's own as HTML, words of the glossary explained. top: its headings are those of the page."""
    html = str(MarkdownIt("commonmark", {"html": True}).render(gloss(text)))
    return html.replace("<h3>", "<h1>").replace("</h3>", "</h1>") if top else html


def _drawn(data: Lesson, step: Step, values: tuple[Any, ...]) -> tuple[Mapping[str, Any], str]:
    figure, reply = step.show(data, *values)
    return {name: part for name, part in json.loads(figure.to_json()).items() if name in ("data", "layout")}, markdown(reply)


def _step(data: Lesson, step: Step, reply: str) -> str:
    label = escape(say("figure", step=step.key, title=step.title()))
    return (
        f'<section id="step-{step.key}" data-step="{step.key}"><h2>{step.key}. {escape(step.title())}</h2>{markdown(step.text(data))}'
        f'{_controls(step)}<div class="figure" data-label="{label}"></div>'
        f'<div class="reply" aria-live="polite">{reply}</div>'
        f'<div class="question">{markdown("**" + say("question") + ".** " + step.question(data))}</div>'
        f'<details class="answer"><summary>{escape(say("show"))}</summary>{markdown(step.answer(data))}</details></section>'
    )


def _controls(step: Step) -> str:
    control, label = step.control, escape(say(f"{step.key}.control"))
    if isinstance(control, Slider):
        low, high, by, start = (f"{value:g}" for value in (control.low, control.high, control.step, control.start))
        return (
            f'<div class="control"><label class="label" for="control-{step.key}"><span>{label}</span><output for="control-{step.key}">'
            f"{number(control.start, 'g')}</output></label>"
            f'<input type="range" id="control-{step.key}" min="{low}" max="{high}" step="{by}" value="{start}"></div>'
        )
    if isinstance(control, Radio):
        options = "".join(
            f'<label><input type="radio" name="control-{step.key}"{" checked" if value == control.start else ""}>{escape(text)}</label>'
            for text, value in control.choices
        )
        return f'<fieldset class="control"><legend>{label}</legend><div class="pick">{options}</div></fieldset>'
    assert isinstance(control, Pair)
    labels = (label, escape(say(f"{step.key}.control2")))
    menus = "".join(
        f"<label>{text}<select>"
        + "".join(f"<option{' selected' if value == start else ''}>{escape(name)}</option>" for name, value in control.choices)
        + "</select></label>"
        for start, text in zip(control.start, labels, strict=True)
    )
    return f'<div class="control pair">{menus}</div>'
