"""Which method, its formulas, and its settings, drawn from what the method says about itself."""

import dataclasses
from typing import TYPE_CHECKING, Any

import gradio as gr

from components import words
from components.engine import importing
from components.form import FIXED_PATTERNS, NUM_NUMBERS, NUM_WORDS, Form, parts_of, slots_of
from mwanda_core.parts import describe

if TYPE_CHECKING:
    from mwanda_core.recipes import Recipe

UNUSUAL = ("rows", "repair")
"""Choices that nearly every method leaves at "nothing special": told only where a method does something."""


@dataclasses.dataclass(frozen=True)
class MethodPanel:
    """Widgets of the panel. `numbers` and `words` are ready-made sliders and menus that the method in force labels."""

    method: gr.Dropdown
    summary: gr.Markdown
    formulas: gr.Markdown
    knob_note: gr.Markdown
    knobs_for: gr.State
    numbers: tuple[gr.Slider, ...]
    words: tuple[gr.Dropdown, ...]
    sparsity: gr.Slider
    pattern: gr.Dropdown
    pattern_note: gr.Markdown


def draw() -> MethodPanel:
    """Draw the panel where the caller stands. The methods themselves come with `show`: reading them takes a second."""
    method = gr.Dropdown([("M-Wanda", Form.method)], value=Form.method, label=words.METHOD, elem_id="method")
    summary = gr.Markdown(words.METHOD_LOADING)
    sparsity = gr.Slider(
        0, 95, value=100 * Form.sparsity, step=1, label=words.SPARSITY, info=words.SPARSITY_INFO, elem_id="sparsity"
    )
    with gr.Accordion(words.KNOBS, open=False):
        knob_note = gr.Markdown(visible=False)
        knobs_for = gr.State("")
        numbers = tuple(gr.Slider(0, 1, value=None, visible=False, elem_id=f"number-{i}") for i in range(NUM_NUMBERS))
        menus = tuple(gr.Dropdown([], value=None, visible=False, elem_id=f"word-{i}") for i in range(NUM_WORDS))
        pattern = gr.Dropdown(
            [(text, name) for name, text in words.PATTERNS.items()], value=Form.pattern, label=words.PATTERN, elem_id="pattern"
        )
        pattern_note = gr.Markdown(visible=False)
    with gr.Accordion(words.METHOD_DETAILS, open=False):
        formulas = gr.Markdown(elem_classes=["mw-formulas"])
    return MethodPanel(method, summary, formulas, knob_note, knobs_for, numbers, menus, sparsity, pattern, pattern_note)


def menu() -> list[tuple[str, str]]:
    """The named methods by title. Imports torch the first time."""
    with importing():
        from mwanda_core.recipes import RECIPES

    return [(found.title, name) for name, found in RECIPES.items()]


def show(panel: MethodPanel, name: str) -> dict[Any, Any]:
    """Everything the panel says and offers about a method."""
    with importing():
        from mwanda_core.recipes import recipe

    found = recipe(name)
    slots = slots_of(found)
    updates: dict[Any, Any] = {panel.summary: explain(found), panel.formulas: formulas(found), panel.knobs_for: name}
    note = words.MORE_KNOBS.format(count=slots.left_over) if slots.left_over else words.NO_KNOBS
    empty = not slots.numbers and not slots.words
    updates[panel.knob_note] = gr.update(value=note, visible=bool(slots.left_over) or empty)
    for i, slider in enumerate(panel.numbers):
        if i >= len(slots.numbers):
            updates[slider] = gr.update(visible=False, value=None)
            continue
        _, knob, value = slots.numbers[i]
        updates[slider] = gr.update(
            visible=True, minimum=knob.low, maximum=knob.high, step=knob.step, value=value, label=words.knob_label(knob.name, knob.unit),
            info=knob.help,
        )  # fmt: skip
    for i, menu in enumerate(panel.words):
        if i >= len(slots.words):
            updates[menu] = gr.update(visible=False, value=None, choices=[])
            continue
        _, knob, value = slots.words[i]
        choices = [(words.CHOICE_LABELS.get(choice, choice), choice) for choice in knob.choices]
        updates[menu] = gr.update(
            visible=True, choices=choices, value=value, label=words.knob_label(knob.name, knob.unit), info=knob.help
        )
    return updates


def explain(found: "Recipe") -> str:
    """What the method is, what is special about it, and whether its formulas are the paper's own."""
    told = {choice: describe(choice, type(part)) for choice, part in parts_of(found)}
    plain = {field.name: type(field.default) for field in dataclasses.fields(found)}
    special = [
        told[c].summary for c, part in parts_of(found) if c in ("activation", "allocation") and type(part) is not plain[c]
    ]
    unsure = any(entry.origin == "reconstruction" for entry in told.values())
    return " ".join([found.summary, *special[:1], *([words.HAS_RECONSTRUCTION] if unsure else [])])


def formulas(found: "Recipe") -> str:
    """Every part with its formula, its source, and whether that is the paper's own formula."""
    lines = []
    plain = {field.name: type(field.default) for field in dataclasses.fields(found)}
    for choice, part in parts_of(found):
        if choice in UNUSUAL and type(part) is plain[choice]:
            continue
        told = describe(choice, type(part))
        lines += [
            f"**{words.part_name(choice)}: {told.title}**\n",
            f"{told.summary}\n",
            f"$$\n{told.formula}\n$$\n",
            f"*{told.source}; {words.ORIGINS[told.origin]}.*\n",
        ]
    return "\n".join(lines)


def change_pattern(panel: MethodPanel, pattern: str) -> dict[Any, Any]:
    """N:M patterns have one sparsity only."""
    fixed = pattern in FIXED_PATTERNS
    note = gr.update(value=words.PATTERN_FIXED.format(pattern=pattern), visible=fixed)
    slider = gr.update(value=50, interactive=False) if fixed else gr.update(interactive=True)
    return {panel.sparsity: slider, panel.pattern_note: note}
