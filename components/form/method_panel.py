"""Which method, or which parts put together; its formulas and its settings, drawn from what the parts say about themselves."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from components.engine import importing
from components.form import explaining
from components.form.choices import label as language_label
from components.form.combining import (
    CHOICES,
    FIXED_PATTERNS,
    NUM_NUMBERS,
    NUM_TEXTS,
    NUM_WORDS,
    OWN_PATTERNS,
    Slots,
    Values,
    is_shown,
    key_of,
    parts_with,
    pattern_name,
    pattern_of,
    read_key,
    setting_values,
    slots_of,
    with_values,
)
from components.form.form import Form
from components.i18n import words
from mwanda_core.errors import InputError
from mwanda_core.parts.part import describe

Updates = dict[Any, Any]


@dataclasses.dataclass(frozen=True)
class MethodPanel:
    """Widgets of the panel. `numbers`, `words`, `texts` are ready-made sliders, menus and text boxes that the parts in force
    label; `parts` are the menus of the choices, in the order of `CHOICES`."""

    method: gr.Dropdown
    summary: gr.Markdown
    sparsity: gr.Slider
    problem: gr.Markdown
    parts: tuple[gr.Dropdown, ...]
    pattern: gr.Dropdown
    n: gr.Number
    m: gr.Number
    pattern_note: gr.Markdown
    back: gr.Button
    knob_note: gr.Markdown
    knobs_for: gr.State
    language: gr.Dropdown
    numbers: tuple[gr.Slider, ...]
    words: tuple[gr.Dropdown, ...]
    texts: tuple[gr.Textbox, ...]
    formulas: gr.Markdown

    @property
    def drawn(self) -> list[Any]:
        """The widgets that a method, or a part, changes."""
        return [
            self.summary, *self.parts, self.pattern, self.n, self.m, self.pattern_note, self.sparsity, self.back, self.knob_note,
            self.knobs_for, self.language, *self.numbers, *self.words, *self.texts, self.formulas,
        ]  # fmt: skip


def draw() -> MethodPanel:
    """Draw the panel where the caller stands. The methods themselves come with `show`: reading them takes a second."""
    method = gr.Dropdown([("M-Wanda", Form.method)], value=Form.method, label=words.METHOD, elem_id="method")
    summary = gr.Markdown(words.METHOD_LOADING, elem_id="method-summary")
    sparsity = gr.Slider(
        0, 95, value=100 * Form.sparsity, step=1, label=words.SPARSITY, info=words.SPARSITY_INFO, elem_id="sparsity"
    )
    with gr.Accordion(words.COMBINE, open=False):
        gr.Markdown(words.COMBINE_HELP)
        parts = tuple(
            gr.Dropdown([], value=None, label=words.part_name(choice), elem_id=f"part-{choice}") for choice in CHOICES
        )
        pattern = gr.Dropdown(
            [(text, name) for name, text in words.PATTERNS.items()], value=Form.pattern, label=words.PATTERN, elem_id="pattern"
        )
        with gr.Row():
            n = gr.Number(
                value=Form.n, precision=0, minimum=1, maximum=63, label=words.PATTERN_N, visible=False, elem_id="pattern-n", min_width=120
            )  # fmt: skip
            m = gr.Number(
                value=Form.m, precision=0, minimum=2, maximum=64, label=words.PATTERN_M, visible=False, elem_id="pattern-m", min_width=120
            )  # fmt: skip
        pattern_note = gr.Markdown(visible=False)
        back = gr.Button(words.COMBINE_BACK, size="sm", visible=False, elem_id="combine-back")
    problem = gr.Markdown(visible=False, elem_id="problem")
    with gr.Accordion(words.KNOBS, open=False):
        knob_note = gr.Markdown(visible=False)
        knobs_for = gr.State("")
        language = gr.Dropdown(
            [], value=None, visible=False, label=words.knob_label("language", ""), info=words.TEXT_HELP["language"], elem_id="target"
        )  # fmt: skip
        numbers = tuple(gr.Slider(0, 1, value=None, visible=False, elem_id=f"number-{i}") for i in range(NUM_NUMBERS))
        menus = tuple(gr.Dropdown([], value=None, visible=False, elem_id=f"word-{i}") for i in range(NUM_WORDS))
        texts = tuple(gr.Textbox(visible=False, max_lines=2, elem_id=f"text-{i}") for i in range(NUM_TEXTS))
    with gr.Accordion(words.METHOD_DETAILS, open=False):
        formulas = gr.Markdown(elem_classes=["mw-formulas"])
    return MethodPanel(
        method, summary, sparsity, problem, parts, pattern, n, m, pattern_note, back, knob_note, knobs_for, language, numbers,
        menus, texts, formulas,
    )  # fmt: skip


def menu() -> list[tuple[str, str]]:
    """The named methods by title and purpose, in the order of the catalogue. Imports torch the first time."""
    with importing():
        from mwanda_core.methods.catalogue import by_purpose

    return [
        (f"{words.library(found.title)} · {words.PURPOSES.get(purpose, purpose)}", found.name)
        for purpose, found in by_purpose()
    ]


def show(panel: MethodPanel, name: str, languages: Sequence[str] = ()) -> Updates:
    """Everything the panel says and offers about a named method."""
    with importing():
        from mwanda_core.methods.recipes import recipe

    updates = _parts(panel, name, {}, {}, languages)
    zeros, n, m = pattern_name(recipe(name).pattern)
    if zeros != Form.pattern:  # Any other pattern that a visitor chose stays when the method changes.
        updates |= {panel.pattern: zeros, **change_pattern(panel, zeros, n, m)}
        updates[panel.n] |= {"value": n}
        updates[panel.m] |= {"value": m}
    return updates


def combine(
    panel: MethodPanel, method: str, chosen: Sequence[str | None], drawn_for: str, values: Values, languages: Sequence[str]
) -> Updates:
    """Another part was chosen: settings of the parts that stay are kept, the others stand at their defaults."""
    parts = {choice: name for choice, name in zip(CHOICES, chosen, strict=True) if name}
    before, old_parts = read_key(drawn_for) if drawn_for else (method, {})
    kept: dict[str, Any] = {}
    if before == method:
        old, new = parts_with(method, old_parts), parts_with(method, parts)
        kept = {
            name: value
            for name, value in setting_values(slots_of(old), values).items()
            if type(old[name.partition(".")[0]]) is type(new[name.partition(".")[0]])
        }
    return _parts(panel, method, parts, kept, languages)


def _parts(
    panel: MethodPanel, method: str, chosen: Mapping[str, str], kept: Mapping[str, Any], languages: Sequence[str]
) -> Updates:
    """Menus, settings and explanations for the parts in force."""
    with importing():
        from mwanda_core.methods import catalogue
        from mwanda_core.methods.recipes import recipe

    named = recipe(method)
    own = parts_with(method, chosen)
    try:
        found = with_values(own, kept)
    except InputError:
        found = own
    others = catalogue.differing(method, chosen)
    updates: Updates = {
        panel.summary: explaining.explain_own(named.title, found, others)
        if others
        else explaining.explain(named.summary, found),
        panel.formulas: explaining.formulas(found),
        panel.knobs_for: key_of(method, chosen),
        panel.back: gr.update(visible=bool(others)),
    }
    for choice, widget in zip(CHOICES, panel.parts, strict=True):
        updates[widget] = gr.update(
            choices=[(words.library(part.title), name) for name, part in catalogue.CHOICES[choice].items()],
            value=catalogue.name_of(choice, found[choice]),
            info=words.library(describe(choice, type(found[choice])).summary),
        )
    return updates | _settings(panel, slots_of(found), languages)


def _settings(panel: MethodPanel, slots: Slots, languages: Sequence[str]) -> Updates:
    """The ready-made widgets, labelled."""
    note = words.MORE_KNOBS.format(count=slots.left_over) if slots.left_over else words.NO_KNOBS
    empty = not (slots.numbers or slots.words or slots.texts or slots.language)
    updates: Updates = {panel.knob_note: gr.update(value=note, visible=bool(slots.left_over) or empty)}
    for i, slider in enumerate(panel.numbers):
        if i >= len(slots.numbers):
            updates[slider] = gr.update(visible=False, value=None)
            continue
        _, knob, value = slots.numbers[i]
        updates[slider] = gr.update(
            visible=True, minimum=knob.low, maximum=knob.high, step=knob.step, value=value, label=words.knob_label(knob.name, knob.unit),
            info=words.library(knob.help),
        )  # fmt: skip
    for i, menu in enumerate(panel.words):
        if i >= len(slots.words):
            updates[menu] = gr.update(visible=False, value=None, choices=[])
            continue
        _, knob, value = slots.words[i]
        choices = [(words.CHOICE_LABELS.get(choice, choice), choice) for choice in knob.choices]
        updates[menu] = gr.update(
            visible=True,
            choices=choices,
            value=value,
            label=words.knob_label(knob.name, knob.unit),
            info=words.library(knob.help),
        )
    stand = {name: value for name, _, value in slots.words}
    for i, box in enumerate(panel.texts):
        if i >= len(slots.texts):
            updates[box] = gr.update(visible=False, value=None)
            continue
        name, text = slots.texts[i]
        field = name.partition(".")[2]
        updates[box] = gr.update(
            visible=is_shown(name, stand), value=text, label=words.knob_label(field, ""), info=words.TEXT_HELP.get(field, ""),
            placeholder=", ".join(f"{code}=1" for code in languages),
        )  # fmt: skip
    updates[panel.language] = target_menu(languages) | {"visible": slots.language, "value": None}
    return updates


def target_menu(languages: Sequence[str], chosen: str | None = None) -> dict[str, Any]:
    """The menu of calibration languages; what was chosen stays while it is one of them."""
    return dict(
        gr.update(
            choices=[(language_label(code), code) for code in languages], value=chosen if chosen in set(languages) else None
        )
    )


def change_menu(panel: MethodPanel, drawn_for: str, menus: Sequence[str | None]) -> Updates:
    """A setting that is a menu was changed: text boxes that count only at one of its values come and go."""
    slots = slots_of(parts_with(*read_key(drawn_for)))
    stand = {name: value for (name, _, _), value in zip(slots.words, menus, strict=False)}
    shown = [is_shown(name, stand) for name, _ in slots.texts]
    return {box: gr.update(visible=i < len(shown) and shown[i]) for i, box in enumerate(panel.texts)}


def change_pattern(panel: MethodPanel, pattern: str, n: float | None, m: float | None) -> Updates:
    """N:M patterns that are the same everywhere have one sparsity only."""
    fixed = pattern in FIXED_PATTERNS
    updates: Updates = {
        panel.n: gr.update(visible=pattern == "n:m"),
        panel.m: gr.update(visible=pattern in OWN_PATTERNS),
        panel.sparsity: gr.update(interactive=not fixed),
        panel.pattern_note: gr.update(value=words.PATTERN_MIXED, visible=pattern == "mixed"),
    }
    if not fixed:
        return updates
    try:
        found = pattern_of(pattern, n, m)
    except InputError:  # N and M that are no pattern are refused under the menus, with their reason.
        return updates
    share = found.achievable(0.5)
    kept = pattern if pattern != "n:m" else f"{round(n or 0)}:{round(m or 0)}"
    note = words.PATTERN_FIXED.format(pattern=kept, sparsity=words.percent(share, 0 if share == 0.5 else 1))
    updates[panel.pattern_note] = gr.update(value=note, visible=True)
    updates[panel.sparsity] = gr.update(value=round(100 * share), interactive=False)
    return updates
