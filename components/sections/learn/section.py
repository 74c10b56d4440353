"""The Lesson tab: eight steps, each with one control, one figure, one line and one question."""

import dataclasses
from collections.abc import Callable
from html import escape
from typing import Any, Literal

import gradio as gr

from components.context import LATEST, Opening, Section
from components.i18n.catalogue import translated
from components.sections.learn import glossary
from components.sections.learn.data import Lesson, lesson
from components.sections.learn.glossary import gloss
from components.sections.learn.numbers import numbers
from components.sections.learn.steps import Pair, Radio, Slider, Step, steps
from components.sections.learn.texts import say
from mwanda_core.errors import RunError

CSS = (
    glossary.CSS
    + """
.mw-lesson .prose { max-width: 68ch; }
/* Explanations of words reach beyond their paragraph; formulas keep their own clipping. */
.mw-lesson .block, .mw-lesson .prose, .mw-lesson .prose p, .mw-lesson .prose li, .mw-lesson .md { overflow: visible !important; }
.mw-lesson .prose .katex-display { overflow-x: auto; overflow-y: hidden; margin: 0.4em 0; text-align: left; }
.mw-lesson .prose .katex-display > .katex { text-align: left; }
.mw-lesson .stepper-wrapper { padding-inline: 12px; }
.mw-lesson .step-button, .mw-lesson .step-button:disabled { color: var(--body-text-color); opacity: 1; }
.mw-lesson .step-button:disabled { opacity: 0.75; }
.mw-lesson .compact .step-number, .dark .mw-lesson .compact .step-number { color: transparent !important; }
.dark .mw-lesson .y2tick text, .dark .mw-lesson .g-y2title text { fill: #d1d5db !important; }
.mw-reply { border-inline-start: 4px solid #3b82c4; padding: 2px 12px; }
.mw-reply .mw-reply { border: 0; padding: 0; }
.mw-glossary { display: grid; grid-template-columns: minmax(9em, max-content) 1fr; gap: 4px 16px; margin: 0; }
.mw-glossary dt { font-weight: 600; }
.mw-glossary dd { margin: 0; }
@media (max-width: 700px) { .mw-glossary { grid-template-columns: 1fr; } .mw-glossary dd { margin: 0 0 8px; } }
"""
)


TO_TOP = "() => { document.getElementById('lesson-steps')?.scrollIntoView({ block: 'start' }); return []; }"
"""The button that moves on stands below the step: without this a reader would land at the next one's end."""


@dataclasses.dataclass(frozen=True)
class StepWidgets:
    """Widgets of one step."""

    controls: tuple[Any, ...]
    figure: gr.Plot
    reply: gr.Markdown
    answer: gr.Accordion


@dataclasses.dataclass(frozen=True)
class LessonTab:
    """Widgets of the tab."""

    walk: gr.Walkthrough
    steps: tuple[StepWidgets, ...]


class Learn(Section):
    """The lesson, where its data came with the installation. Its style sheet is `CSS`."""

    id, title = "learn", "tab"
    widgets: LessonTab | None

    @classmethod
    def heading(cls) -> str:
        """The tab's name stands among the lesson's own texts."""
        return say(cls.title)

    @classmethod
    def draw(cls) -> LessonTab | None:
        """Draw the tab where the caller stands."""
        return draw()

    def connect(self, opening: Opening) -> None:
        """Each control draws its step again; so does another language."""
        for step, drawn in zip(steps(lesson()), self.widgets.steps, strict=True) if self.widgets else ():
            inputs, outputs = list(drawn.controls), [drawn.figure, drawn.reply]
            change = _changed(lesson(), step)
            self.context.redrawn.events.append((change, inputs, outputs))
            for control in drawn.controls:
                control.change(change, inputs, outputs, queue=False, **LATEST)


def draw() -> LessonTab | None:
    """Draw the lesson where the caller stands.

    None, and a sentence in its place, where the lesson's data did not come with the installation: the page must open anyway.
    """
    try:
        data = lesson()
    except RunError as error:
        gr.Markdown(f"{escape(translated(error))} {say('missing')}")
        return None
    with gr.Column(elem_classes=["mw-lesson"], elem_id="lesson"):
        gr.Markdown(say("intro"))
        all_steps = steps(data)
        with gr.Walkthrough(selected=1, elem_id="lesson-steps") as walk:
            drawn = []
            for number, step in enumerate(all_steps, start=1):
                with gr.Step(say(f"{step.key}.short"), id=number):
                    drawn.append(_step(data, step))
                    _moves(walk, number, len(all_steps))
        with gr.Accordion(say("glossary"), open=False):
            gr.HTML(glossary.glossary_list())
        with gr.Accordion(say("facts"), open=False):
            gr.Markdown(say("facts.text", **numbers(data)))
    return LessonTab(walk, tuple(drawn))


def _step(data: Lesson, step: Step) -> StepWidgets:
    figure, reply = step.show(data, *step.start())
    _markdown(f"### {step.key}. {step.title()}\n{gloss(step.text(data))}")
    controls = _controls(step)
    plot = gr.Plot(
        figure, label=say("figure", step=step.key, title=step.title()), show_label=False, container=False,
        elem_id=f"plot-lesson-{step.key}",
    )  # fmt: skip
    line = _markdown(gloss(reply), elem_id=f"reply-{step.key}", elem_classes=["mw-reply"])
    _markdown(f"**{say('question')}.** {gloss(step.question(data))}")
    with gr.Accordion(say("show"), open=False, elem_id=f"answer-{step.key}") as answer:
        _markdown(gloss(step.answer(data)))
    return StepWidgets(controls, plot, line, answer)


def _markdown(text: str, **more: Any) -> gr.Markdown:
    # The texts are the project's own and escaped; the sanitizer would take the link between a word and its meaning away.
    return gr.Markdown(text, sanitize_html=False, **more)


def _controls(step: Step) -> tuple[Any, ...]:
    control, name = step.control, f"lesson-{step.key}"
    label = say(f"{step.key}.control")
    if isinstance(control, Slider):
        return (gr.Slider(control.low, control.high, value=control.start, step=control.step, label=label, elem_id=name),)
    if isinstance(control, Radio):
        return (gr.Radio(list(control.choices), value=control.start, label=label, elem_id=name),)
    assert isinstance(control, Pair)
    labels = (label, say(f"{step.key}.control2"))
    with gr.Row():
        return tuple(
            gr.Dropdown(list(control.choices), value=start, label=text, elem_id=f"{name}-{place}", min_width=150)
            for place, (start, text) in enumerate(zip(control.start, labels, strict=True))
        )


def _changed(data: Lesson, step: Step) -> Callable[..., tuple[Any, str]]:
    def change(*values: Any) -> tuple[Any, str]:
        figure, reply = step.show(data, *values)
        return figure, gloss(reply)

    return change


def _moves(walk: gr.Walkthrough, number: int, count: int) -> None:
    """Back and forward."""
    with gr.Row():
        for there, text in ((number - 1, say("back")), (number + 1, say("next"))):
            if 1 <= there <= count:
                kind: Literal["primary", "secondary"] = "primary" if there > number else "secondary"
                gr.Button(text, variant=kind, min_width=120, elem_id=f"lesson-{number}-to-{there}").click(
                    _to(there), None, walk, show_progress="hidden", api_visibility="private", queue=False, js=TO_TOP
                )


def _to(there: int) -> Callable[[], Any]:
    return lambda: gr.Walkthrough(selected=there)
