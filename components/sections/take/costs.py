"""What a run really saves: measured bytes and times, and what hardware makes of zeros, with sources."""

import dataclasses
import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr
import pandas as pd

from components.engine import importing
from components.i18n import words
from components.jobs.cost import CostMeasured
from components.jobs.panel import JobPanel
from mwanda_core.errors import InputError

if TYPE_CHECKING:
    from mwanda_core.after.costs import ModelCost


@dataclasses.dataclass(frozen=True)
class CostPart:
    """Widgets of the part."""

    tokens: gr.Slider
    repeats: gr.Slider
    measure: gr.Button
    table: gr.Dataframe
    text: gr.Markdown
    hardware: gr.Markdown
    job: JobPanel


def draw() -> CostPart:
    """Draw the part where the caller stands."""
    gr.Markdown(f"{words.TAKE_COST_HEADING}\n{words.TAKE_COST_HELP}")
    with gr.Row():
        tokens = gr.Slider(1, 1024, value=64, step=1, label=words.TAKE_COST_TOKENS, elem_id="take-cost-tokens", min_width=200)
        repeats = gr.Slider(1, 50, value=7, step=1, label=words.TAKE_COST_REPEATS, elem_id="take-cost-repeats", min_width=200)
    with gr.Row():
        measure = gr.Button(words.TAKE_COST, variant="primary", elem_id="take-measure", min_width=120)
        cancel = gr.Button(words.CANCEL, variant="stop", interactive=False, elem_id="take-cost-cancel", min_width=80)
    status = gr.HTML("", elem_id="take-cost-status")
    table = gr.Dataframe(
        interactive=False, visible=False, show_label=False, label=words.TAKE_COST_HEADING.strip("# "), elem_id="table-cost",
        elem_classes=["mw-table"], wrap=True, buttons=["copy"], column_widths=["37%", "22%", "22%", "19%"],
    )  # fmt: skip
    text = gr.Markdown(visible=False, elem_id="take-cost-said")
    with gr.Accordion(words.TAKE_COST_HARDWARE, open=False):
        hardware = gr.Markdown(elem_id="take-hardware")
    return CostPart(
        tokens,
        repeats,
        measure,
        table,
        text,
        hardware,
        JobPanel(gr.State(""), (measure,), cancel, status, cancelled="TAKE_CANCELLED"),
    )


def show(part: CostPart, possible: bool) -> dict[Any, Any]:
    """The part for another run: what was measured belongs to the one before."""
    return {
        part.measure: gr.update(interactive=possible),
        part.table: gr.update(visible=False),
        part.text: gr.update(visible=False),
        part.job.status: "",
        part.hardware: hardware(),
    }


def hardware() -> str:
    """The statements, each with its source and what it rests on."""
    with importing():
        from mwanda_core.after.costs import BASES, HARDWARE
    source = words.TAKE_COST_SOURCE
    told = ((words.library(entry.text), entry.source, words.library(BASES[entry.basis])) for entry in HARDWARE)
    return "\n".join(f"- {text} {source.format(source=place, basis=basis)}" for text, place, basis in told)


def request(run: str, tokens: float, repeats: float) -> dict[str, Any]:
    """What the job is asked for.

    Raises InputError when nothing is shown.
    """
    if not run:
        raise InputError(words.TAKE_NOTHING)
    return {"kind": "cost", "run": run, "tokens": min(1024, max(1, round(tokens))), "repeats": min(50, max(1, round(repeats)))}


def done(part: CostPart, shown: str, result: CostMeasured) -> dict[Any, Any]:
    """What was measured, unless another run is shown by now."""
    if result.run != shown:
        return {}
    sentences = "\n".join(f"- {words.library(sentence)}" for sentence in result.cost.words)
    return {
        part.table: gr.update(value=measured(result.cost), visible=True),
        part.text: gr.update(value=sentences, visible=True),
    }


def measured(cost: "ModelCost") -> pd.DataFrame:
    """Everything measured as a table for a person."""
    rows, size = words.TAKE_COST_ROWS, words.take_size
    sampled = words.TAKE_COST_SAMPLED.format(share=words.percent(cost.zip_sampled))
    how = words.TAKE_COST_PACKED if cost.zip_sampled == 1.0 else sampled
    dense, pruned = statistics.median(cost.dense_times), statistics.median(cost.pruned_times)
    device = words.DEVICE_NAMES.get(cost.device, cost.device)
    time = rows["time"].format(tokens=cost.tokens, count=len(cost.dense_times), device=device, dtype=cost.dtype)
    lines = [
        (rows["bytes"], size(cost.dense_bytes), size(cost.pruned_bytes), cost.pruned_bytes / cost.dense_bytes),
        (rows["zip"].format(how=how), size(cost.dense_zip), size(cost.pruned_zip), cost.pruned_zip / cost.dense_zip),
        (rows["masks"], "", size(cost.mask_bytes), cost.mask_bytes / cost.dense_bytes),
        (rows["updates"], "", size(cost.update_bytes), cost.update_bytes / cost.dense_bytes),
        (time, _ms(dense), _ms(pruned), pruned / dense),
        (rows["spread"], _spread(cost.dense_times), _spread(cost.pruned_times), None),
    ]
    shown = [line for line in lines if line[0] != rows["updates"] or cost.update_bytes]
    table = pd.DataFrame(shown, columns=list(words.TAKE_COST_COLUMNS))
    last = words.TAKE_COST_COLUMNS[-1]
    return table.assign(**{last: ["" if pd.isna(value) else words.number(value, ".2f") for value in table[last]]})


def _ms(seconds: float) -> str:
    return f"{words.number(1000 * seconds, '.1f')} ms"


def _spread(times: Sequence[float]) -> str:
    return words.SPAN.format(low=_ms(min(times)), high=_ms(max(times)))
