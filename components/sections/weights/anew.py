"""Other sparsities from the states that a run of UniPruning kept: a slider, what its masks would keep at once, and a run made of them."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from components.engine import importing
from components.figures import described
from components.figures.base import axis, block_axis
from components.i18n import words
from components.i18n.names import language_name
from components.jobs import anew
from components.jobs.panel import JobPanel, buttons
from components.store import RunStore
from components.widgets import progress_bar
from components.widgets.inputs import Absent, TitledPlot, absent, titled_plot
from mwanda_core.errors import InputError
from mwanda_core.store.format import MANIFEST, STATES
from mwanda_core.store.report import RunReport
from mwanda_core.studies.base import TableSpec

if TYPE_CHECKING:
    from mwanda_core.after.another_sparsity import Look

Updates = dict[Any, Any]

PATTERNS = ("row", "layer", "global", "2:4", "4:8")


@dataclasses.dataclass(frozen=True)
class AnewPart:
    """Widgets of the part."""

    fold: gr.Accordion
    there: Absent
    sparsity: gr.Slider
    pattern: gr.Dropdown
    mix: gr.Dropdown
    said: gr.Markdown
    blocks: TitledPlot
    languages: TitledPlot
    job: JobPanel


def draw() -> AnewPart:
    """Draw the part, folded, where the caller stands."""
    with gr.Accordion(words.ANEW_TITLE, open=False, elem_id="weights-anew") as fold:
        gr.Markdown(words.ANEW_HELP)
        with absent("states-of-run", words.ANEW_NO_STATES) as there:
            sparsity = gr.Slider(0.05, 0.95, value=0.5, step=0.01, label=words.ANEW_SPARSITY, elem_id="anew-sparsity")
            with gr.Row():
                pattern = gr.Dropdown(
                    _patterns(), value="layer", label=words.ANEW_PATTERN, elem_id="anew-pattern", min_width=200
                )
                mix = gr.Dropdown(
                    _mixes(()), value="", label=words.ANEW_MIX, info=words.ANEW_MIX_INFO, allow_custom_value=True, elem_id="anew-mix",
                    min_width=240,
                )  # fmt: skip
            said = gr.Markdown(elem_id="anew-said")
            blocks = titled_plot("anew-blocks", words.ANEW_BLOCKS)
            languages = titled_plot("anew-languages", words.ANEW_LANGUAGES)
            job = buttons("anew", words.ANEW_START)
    return AnewPart(fold, there, sparsity, pattern, mix, said, blocks, languages, job)


def _patterns() -> list[tuple[str, str]]:
    return [(words.ANEW_PATTERNS.get(name, name), name) for name in PATTERNS]


def _mixes(languages: tuple[str, ...]) -> list[tuple[str, str]]:
    return [
        *((text, value) for value, text in words.ANEW_MIXES.items()),
        *((language_name(code), f"{code}=1") for code in languages),
    ]


def has_states(folder: Path) -> bool:
    """Whether a run lies there with its states; nothing is checked or imported for it."""
    return (folder / STATES).is_file() and (folder / MANIFEST).is_file()


def show(part: AnewPart, report: RunReport, folder: Path) -> Updates:
    """Another run is shown: whether it has states, at which sparsity it stands, and its languages. Nothing is read of the states yet."""
    there, recipe, settings = has_states(folder), report.facts.get("recipe", {}), report.facts.get("settings", {})
    updates: Updates = {**part.there.show(there), part.said: "", **part.blocks.show(None), **part.languages.show(None)}
    if not there:
        return updates
    pattern = recipe.get("pattern", {})
    name = f"{pattern.get('n')}:{pattern.get('m')}" if "n" in pattern else pattern.get("scope", "layer")
    each = recipe.get("score", {}).get("states") == "each"
    languages = tuple(report.facts.get("calibration", {}).get("languages", ())) if each else ()
    return updates | {
        part.sparsity: float(settings.get("sparsity", 0.5)),
        part.pattern: gr.update(choices=_patterns(), value=name if name in PATTERNS else "layer"),
        part.mix: gr.update(choices=_mixes(languages), value="", interactive=each),
    }


def look(part: AnewPart, store: RunStore, run: str, sparsity: float, pattern: str, mix: str) -> Updates:
    """The masks at this sparsity, pattern and mix, and what they keep; a sentence where they cannot be made."""
    with importing():
        from mwanda_core.after.another_sparsity import look_at, parse_mix
        from mwanda_core.parts.patterns import parse_pattern

    if not has_states(store.path(run)):
        return {part.said: ""}
    try:
        found = look_at(
            store.path(run), *anew.states_of(store, run), float(sparsity), parse_pattern(pattern), parse_mix(mix or "")
        )
    except InputError as error:
        return {
            part.said: progress_bar.sentence(words.library(error), "bad"),
            **part.blocks.show(None),
            **part.languages.show(None),
        }
    return drawn(part, found)


def drawn(part: AnewPart, found: "Look") -> Updates:
    """What was seen, as a sentence and two figures."""
    blocks = TableSpec("anew_blocks", "", {}, "lines", "block", value="removed")
    languages = TableSpec("anew_languages", "", {}, "bars", "language", value="kept")
    each = found.languages
    shares, kept = described(blocks, found.blocks.rename(columns={"sparsity": "removed"})), described(languages, each)
    shares.update_layout(xaxis=block_axis(len(found.blocks)), yaxis=axis(words.AXIS_SPARSITY, range=[0, 1], tickformat=".0%"))
    kept.update_layout(xaxis=axis(words.AXIS_LANGUAGE, showgrid=False), yaxis=axis(words.ANEW_KEPT, tickformat=".1%"))
    said = words.ANEW_SAID.format(removed=words.percent(found.achieved, 1), inside=words.percent(found.inside, 1))
    return {
        part.said: said,
        **part.blocks.show(shares),
        **part.languages.show(None if each.empty else kept),
    }


def request(run: str, sparsity: float, pattern: str, mix: str) -> dict[str, Any]:
    """What the job is asked for."""
    return {"kind": anew.KIND.name, "run": run, "sparsity": float(sparsity), "pattern": pattern, "mix": mix or ""}
