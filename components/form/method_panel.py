"""Which method, or which parts put together; its formulas and its knobs, drawn from what the parts say about themselves.

Every knob of every part has a widget of its own, which is shown while its part is chosen. So another part changes what is
shown and no value; another method sets every knob, those of its own parts as it has them and all others to their defaults.
"""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from components.engine import importing
from components.form import explaining, levels
from components.form.choices import label as language_label
from components.form.combining import CHOICES, FIXED_PATTERNS, OWN_PATTERNS, knobs_in, parts_with, pattern_name, pattern_of
from components.form.form import METHOD
from components.i18n import words
from mwanda_core.errors import InputError
from mwanda_core.methods.knob_list import knob_list
from mwanda_core.parts.knobs import Knob
from mwanda_core.parts.part import describe
from mwanda_core.run.settings import Settings

Updates = dict[Any, Any]
Key = tuple[str, str, str]
"""Choice, part, knob."""


@dataclasses.dataclass(frozen=True)
class MethodPanel:
    """Widgets of the panel, but for the sparsity's, which is a setting. parts: choice -> its menu. drawn_for: the method that parts and
    knobs stand at; until it is the one chosen, they say nothing about it."""

    levels: levels.LevelPanel
    method: gr.Dropdown
    summary: gr.Markdown
    problem: gr.Markdown
    sparsity: gr.Slider
    parts: Mapping[str, gr.Dropdown]
    pattern: gr.Dropdown
    n: gr.Number
    m: gr.Number
    pattern_note: gr.Markdown
    back: gr.Button
    knob_note: gr.Markdown
    drawn_for: gr.State
    knobs: Mapping[Key, Any]
    formulas: gr.Markdown

    @property
    def drawn(self) -> list[Any]:
        """The widgets that a method changes."""
        return [*self.of_parts, self.pattern, self.n, self.m, self.pattern_note, self.sparsity, self.drawn_for]

    @property
    def of_parts(self) -> list[Any]:
        """The widgets that a part changes, beside its own menu."""
        return [self.summary, self.back, self.knob_note, *self.parts.values(), *self.knobs.values(), self.formulas]

    @property
    def inputs(self) -> list[Any]:
        """The widgets that `read` reads."""
        return [self.method, *self.parts.values(), *self.knobs.values(), self.pattern, self.n, self.m, self.drawn_for]

    def read(self, values: Mapping[Any, Any]) -> dict[str, Any]:
        """The method as a form holds it."""
        method, drawn_for = values[self.method], values[self.drawn_for]
        parts = {choice: values[menu] for choice, menu in self.parts.items() if values[menu]}
        if drawn_for not in ("", method):
            parts = {}
        knobs = {
            f"{choice}.{name}": values[widget]
            for (choice, part, name), widget in self.knobs.items()
            if parts.get(choice) == part and values[widget] is not None
        }
        pattern = {"pattern": values[self.pattern], "n": values[self.n], "m": values[self.m]}
        return {"method": method, "parts": parts, "knobs": knobs, **pattern}


def draw_method() -> tuple[levels.LevelPanel, gr.Dropdown, gr.Markdown, gr.Markdown]:
    """Levels to choose by, and the menu of named methods, which come later (`menu`): reading them takes a second. Below it, what it is, and what does not go together."""
    level = levels.draw()
    method = gr.Dropdown([("M-Wanda", str(Settings.method))], value=str(Settings.method), label=words.METHOD, elem_id="method")
    summary = gr.Markdown(words.METHOD_LOADING, elem_id="method-summary")
    return level, method, summary, gr.Markdown(visible=False, elem_id="problem")


def draw(named: tuple[levels.LevelPanel, gr.Dropdown, gr.Markdown, gr.Markdown], sparsity: gr.Slider) -> MethodPanel:
    """Draw the rest of the panel where the caller stands."""
    with gr.Accordion(words.COMBINE, open=False):
        gr.Markdown(words.COMBINE_HELP)
        parts = {
            choice: gr.Dropdown([], value=None, label=words.part_name(choice), elem_id=f"part-{choice}") for choice in CHOICES
        }
        pattern = gr.Dropdown(
            [(text, name) for name, text in words.PATTERNS.items()],
            value=METHOD["pattern"],
            label=words.PATTERN,
            elem_id="pattern",
        )
        with gr.Row():
            n = gr.Number(
                value=METHOD["n"],
                precision=0,
                minimum=1,
                maximum=63,
                label=words.PATTERN_N,
                visible=False,
                elem_id="pattern-n",
                min_width=120,
            )
            m = gr.Number(
                value=METHOD["m"],
                precision=0,
                minimum=2,
                maximum=64,
                label=words.PATTERN_M,
                visible=False,
                elem_id="pattern-m",
                min_width=120,
            )
        pattern_note = gr.Markdown(visible=False)
        back = gr.Button(words.COMBINE_BACK, size="sm", visible=False, elem_id="combine-back")
    with gr.Accordion(words.KNOBS, open=False):
        knob_note = gr.Markdown(visible=False)
        drawn_for = gr.State("")
        knobs = {(*owner, knob.name): _draw_knob(owner, knob) for owner, own in knob_list().items() for knob in own}
    with gr.Accordion(words.METHOD_DETAILS, open=False):
        formulas = gr.Markdown(elem_classes=["mw-formulas"])
    return MethodPanel(*named, sparsity, parts, pattern, n, m, pattern_note, back, knob_note, drawn_for, knobs, formulas)


def _draw_knob(owner: tuple[str, str], knob: Knob) -> Any:
    # A name such as "wanda++" is no part of an id that style sheets and tests could name.
    id = re.sub(r"\W", "-", f"knob-{'-'.join(owner)}-{knob.name}")
    named: dict[str, Any] = {"label": words.knob_label(knob.name, knob.unit), "visible": False, "elem_id": id}
    named["info"] = words.TEXT_HELP.get(knob.name) or words.library(knob.help)
    if knob.of == "languages":
        return gr.Dropdown([], value=None, **named)
    if knob.choices:
        return gr.Dropdown([(words.choice_label(name), name) for name in knob.choices], value=knob.default, **named)
    if knob.kind == "text":
        return gr.Textbox(value=knob.default, max_lines=2, **named)
    if knob.kind == "switch":
        return gr.Checkbox(value=knob.default, **named)
    low, high = float(knob.low or 0), float(1 if knob.high is None else knob.high)
    return gr.Slider(low, high, value=knob.default, step=knob.step, **named)


def menu() -> list[tuple[str, str]]:
    """The named methods by title and purpose, in the order of the catalogue. Imports torch the first time."""
    with importing():
        from mwanda_core.methods.catalogue import by_purpose

    return [
        (f"{words.library(method.title)} · {words.PURPOSES.get(purpose, purpose)}", method.name)
        for purpose, method in by_purpose()
    ]


def show(panel: MethodPanel, name: str, languages: Sequence[str] = ()) -> Updates:
    """Everything the panel says and offers about a named method."""
    with importing():
        from mwanda_core.methods.recipes import recipe

    updates = set_method(panel, {"method": name, "parts": {}, "knobs": {}}, languages)
    pattern, n, m = pattern_name(recipe(name).pattern)
    if pattern != METHOD["pattern"]:  # Any other pattern that a visitor chose stays when the method changes.
        updates |= {panel.pattern: pattern, **change_pattern(panel, pattern, n, m)}
        updates[panel.n] |= {"value": n}
        updates[panel.m] |= {"value": m}
    return updates


def set_method(panel: MethodPanel, form: Mapping[str, Any], languages: Sequence[str]) -> Updates:
    """Parts and knobs as a form holds them; a form's parts without knobs stand at the method's own, all other knobs at their
    defaults."""
    with importing():
        from mwanda_core.methods.catalogue import name_of

    parts = parts_with(form["method"], form["parts"])
    chosen = {choice: name_of(choice, part) for choice, part in parts.items()}
    standing = knobs_in(parts) | dict(form["knobs"])
    updates = describe_parts(panel, form["method"], chosen, standing)
    for owner, own in knob_list().items():
        for knob in own:
            value = standing.get(f"{owner[0]}.{knob.name}", knob.default) if chosen[owner[0]] == owner[1] else knob.default
            updates[panel.knobs[*owner, knob.name]]["value"] = value or None if knob.of == "languages" else value
    for choice, part in chosen.items():
        updates[panel.parts[choice]]["value"] = part
    return updates | {panel.drawn_for: form["method"]} | follow_languages(panel, languages, updates)


def describe_parts(panel: MethodPanel, method: str, chosen: Mapping[str, str], standing: Mapping[str, Any]) -> Updates:
    """What the panel says of the parts chosen, and which knobs it shows. standing: "activation.mix" -> value."""
    with importing():
        from mwanda_core.methods import catalogue
        from mwanda_core.methods.recipes import recipe

    named, made_of, others = recipe(method), parts_with(method, chosen), catalogue.differing(method, chosen)
    summary = explaining.explain_own(named.title, made_of, others) if others else explaining.explain(named.summary, made_of)
    updates: Updates = {
        panel.summary: summary,
        panel.formulas: explaining.formulas(made_of),
        panel.back: gr.update(visible=bool(others)),
        panel.knob_note: gr.update(value=words.NO_KNOBS, visible=not knobs_in(made_of)),
    }
    for choice, part in made_of.items():
        updates[panel.parts[choice]] = gr.update(
            choices=[(words.library(part.title), name) for name, part in catalogue.CHOICES[choice].items()],
            info=words.library(describe(choice, type(part)).summary),
        )
    return updates | shown_knobs(panel, chosen, standing)


def shown_knobs(panel: MethodPanel, chosen: Mapping[str, str], standing: Mapping[str, Any]) -> Updates:
    """Every knob's widget: shown while its part is chosen and the knob counts there."""
    updates: Updates = {}
    for (choice, part), own in knob_list().items():
        values = {knob.name: standing.get(f"{choice}.{knob.name}", knob.default) for knob in own}
        for knob in own:
            shown = chosen.get(choice) == part and knob.counts(values)
            updates[panel.knobs[choice, part, knob.name]] = gr.update(visible=shown)
    return updates


def choose_part(panel: MethodPanel, values: Mapping[Any, Any]) -> Updates:
    """Another part was chosen: what the panel says and shows; every knob stays where it stands."""
    form = panel.read(values)
    return describe_parts(panel, form["method"], form["parts"], form["knobs"])


def change_knob(panel: MethodPanel, values: Mapping[Any, Any]) -> Updates:
    """A knob that is a menu was changed: those that count only at one of its values come and go."""
    form = panel.read(values)
    updates = shown_knobs(panel, form["parts"], form["knobs"])
    return {panel.knobs[key]: updates[panel.knobs[key]] for key in dependent()}


def dependent() -> list[Key]:
    """Knobs that count only beside a value of another one."""
    return [(*owner, knob.name) for owner, own in knob_list().items() for knob in own if knob.only_with]


def deciding() -> list[Key]:
    """Knobs at one of whose values alone others count."""
    return list(
        dict.fromkeys((*owner, knob.only_with[0]) for owner, own in knob_list().items() for knob in own if knob.only_with)
    )


def follow_languages(panel: MethodPanel, languages: Sequence[str], values: Mapping[Any, Any]) -> Updates:
    """Knobs that name calibration languages offer those there are. values: what such a widget holds, or its update."""
    updates: Updates = {}
    for owner, own in knob_list().items():
        for knob in own:
            widget = panel.knobs[*owner, knob.name]
            update = values[widget] if isinstance(values.get(widget), dict) else gr.update()
            if knob.of == "languages":
                chosen = update.get("value", values.get(widget) if not isinstance(values.get(widget), dict) else None)
                chosen = chosen if chosen in set(languages) else None
                updates[widget] = update | {"choices": [(language_label(code), code) for code in languages], "value": chosen}
            elif knob.of == "language weights":
                updates[widget] = update | {"placeholder": ", ".join(f"{code}=1" for code in languages)}
    return updates


def of_languages(panel: MethodPanel) -> list[Any]:
    """The widgets that `follow_languages` changes."""
    return [
        panel.knobs[*owner, knob.name] for owner, own in knob_list().items() for knob in own if knob.of.startswith("language")
    ]


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
        zeros = pattern_of(pattern, n, m)
    except InputError:  # N and M that are no pattern are refused under the menus, with their reason.
        return updates
    share = zeros.achievable(0.5)
    name = pattern if pattern != "n:m" else f"{round(n or 0)}:{round(m or 0)}"
    note = words.PATTERN_FIXED.format(pattern=name, sparsity=words.percent(share, 0 if share == 0.5 else 1))
    updates[panel.pattern_note] = gr.update(value=note, visible=True)
    updates[panel.sparsity] = gr.update(value=round(100 * share), interactive=False)
    return updates


def anew(panel: MethodPanel, values: Mapping[Any, Any], languages: Sequence[str]) -> Updates:
    """The panel in the language that the page is in now; parts, knobs and pattern stay where they stand."""
    updates = {panel.method: gr.update(choices=menu(), value=values[panel.method])}
    if not values[panel.drawn_for]:  # Its menus are still on their way.
        return updates | show(panel, values[panel.method], languages)
    updates |= choose_part(panel, values)
    # A menu of languages is shown anew as well as filled anew.
    updates |= {
        widget: updates.get(widget, {}) | update for widget, update in follow_languages(panel, languages, values).items()
    }
    return updates | change_pattern(panel, values[panel.pattern], values[panel.n], values[panel.m])
