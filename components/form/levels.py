"""Fast, balanced, best above the menu of methods: what each would take for the languages, tokens and sparsity of the form, and what it is expected to give."""

import dataclasses
import math
from typing import Any

import gradio as gr

from components.engine import importing
from components.i18n import words
from mwanda_core.methods.advice import LEVELS, Advice, Worth, advise


@dataclasses.dataclass(frozen=True)
class LevelPanel:
    """choice: the level to take. text: a line a level."""

    choice: gr.Radio
    text: gr.Markdown


def draw() -> LevelPanel:
    """Draw it where the caller stands."""
    levels = [(words.LEVELS[name], name) for name in LEVELS]
    choice = gr.Radio(levels, value=None, label=words.LEVEL, elem_id="level")
    with gr.Accordion(words.WORTH_HEADING.removeprefix("### "), open=False, elem_id="level-worth"):
        return LevelPanel(choice, gr.Markdown(elem_id="level-text"))


def advised(level: str, languages: Any, tokens: Any, sparsity: Any, pattern: Any) -> Advice:
    """What a level takes for a form as it stands; what is not filled in counts as usual."""
    return advise(level, len(languages or ()), int(tokens or 1), float(sparsity or 0) / 100, str(pattern or ""))


def told(languages: Any, tokens: Any, sparsity: Any, pattern: Any) -> str:
    """A line a level."""
    with importing():
        from mwanda_core.methods.recipes import RECIPES

    lines = []
    for level in LEVELS:
        found = advised(level, languages, tokens, sparsity, pattern)
        why = "" if not found.reason else words.LEVEL_ONE if len(languages or ()) < 2 else words.LEVEL_LOST
        expected = " ".join(filter(None, (why, expectation(found))))
        line = words.LEVEL_LINE.format(
            level=words.LEVELS[level], time=words.LEVEL_TIMES[level], method=words.library(RECIPES[found.method].title), expected=expected
        )  # fmt: skip
        lines.append(f"- {line.strip()}")
    return "\n".join(lines)


def expectation(found: Advice) -> str:
    """What a method is expected to give, of the first text that it was measured on."""
    if found.method == "wanda":
        return ""
    return _sentence(found.worth[0]) if found.worth else words.LEVEL_UNMEASURED


def _sentence(worth: Worth) -> str:
    seen = {"seen": _percent(worth.seen), "low": _percent(worth.seen_low), "high": _percent(worth.seen_high)}
    if math.isnan(worth.unseen):
        return words.LEVEL_EXPECTED.format(**seen)
    unseen = {"unseen": worth.unseen, "unseen_low": worth.unseen_low, "unseen_high": worth.unseen_high}
    return words.LEVEL_BOTH.format(**seen, **{name: _percent(value) for name, value in unseen.items()})


def _percent(value: float) -> str:
    return words.per_cent(words.number(value, "+.0f"))
