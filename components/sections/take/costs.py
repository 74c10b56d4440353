"""What a run really saves: measured bytes and times, and what hardware makes of zeros, with sources."""

import dataclasses
import statistics
from typing import Any

import gradio as gr
import pandas as pd

from components.engine import importing
from components.i18n import words
from components.sections.take.follower import JobPanel
from mwanda_core.errors import InputError


@dataclasses.dataclass(frozen=True)
class CostPart:
    """Widgets of the part."""

    tokens: gr.Slider
    repeats: gr.Slider
    measure: gr.Button
    table: gr.Dataframe
    said: gr.Markdown
    hardware: gr.Markdown
    panel: JobPanel


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
    said = gr.Markdown(visible=False, elem_id="take-cost-said")
    with gr.Accordion(words.TAKE_COST_HARDWARE, open=False):
        hardware = gr.Markdown(elem_id="take-hardware")
    return CostPart(tokens, repeats, measure, table, said, hardware, JobPanel(gr.State(""), (measure,), cancel, status))


def show(part: CostPart, possible: bool) -> dict[Any, Any]:
    """The part for another run: what was measured belongs to the one before."""
    return {
        part.measure: gr.update(interactive=possible),
        part.table: gr.update(visible=False),
        part.said: gr.update(visible=False),
        part.panel.status: "",
        part.hardware: hardware(),
    }


def hardware() -> str:
    """The statements, each with its source and what it rests on."""
    with importing():
        from mwanda_core.after.costs import BASES, HARDWARE
    source = words.TAKE_COST_SOURCE
    return "\n".join(f"- {entry.text} {source.format(source=entry.source, basis=BASES[entry.basis])}" for entry in HARDWARE)


def request(run: str, tokens: float, repeats: float) -> dict[str, Any]:
    """What the job is asked for.

    Raises InputError when nothing is shown.
    """
    if not run:
        raise InputError(words.TAKE_NOTHING)
    return {"kind": "cost", "run": run, "tokens": min(1024, max(1, round(tokens))), "repeats": min(50, max(1, round(repeats)))}


def done(part: CostPart, shown: str, result: dict[str, Any]) -> dict[Any, Any]:
    """What was measured, unless another run is shown by now."""
    if result["run"] != shown:
        return {}
    return {
        part.table: gr.update(value=measured(result), visible=True),
        part.said: gr.update(value="\n".join(f"- {sentence}" for sentence in result["words"]), visible=True),
    }


def measured(found: dict[str, Any]) -> pd.DataFrame:
    """Everything measured as a table for a person."""
    rows, size = words.TAKE_COST_ROWS, words.take_size
    sampled = words.TAKE_COST_SAMPLED.format(share=words.percent(found["zip_sampled"]))
    how = words.TAKE_COST_PACKED if found["zip_sampled"] == 1.0 else sampled
    dense, pruned = (statistics.median(found[f"{side}_times"]) for side in ("dense", "pruned"))
    time = rows["time"].format(
        tokens=found["tokens"], count=len(found["dense_times"]), device=words.DEVICE_NAMES.get(found["device"], found["device"]),
        dtype=found["dtype"],
    )  # fmt: skip
    lines = [
        (rows["bytes"], size(found["dense_bytes"]), size(found["pruned_bytes"]), found["pruned_bytes"] / found["dense_bytes"]),
        (
            rows["zip"].format(how=how),
            size(found["dense_zip"]),
            size(found["pruned_zip"]),
            found["pruned_zip"] / found["dense_zip"],
        ),
        (rows["masks"], "", size(found["mask_bytes"]), found["mask_bytes"] / found["dense_bytes"]),
        (rows["updates"], "", size(found["update_bytes"]), found["update_bytes"] / found["dense_bytes"]),
        (time, _ms(dense), _ms(pruned), pruned / dense),
        (rows["spread"], *(_spread(found[f"{side}_times"]) for side in ("dense", "pruned")), None),
    ]
    kept = [line for line in lines if line[0] != rows["updates"] or found["update_bytes"]]
    table = pd.DataFrame(kept, columns=list(words.TAKE_COST_COLUMNS))
    last = words.TAKE_COST_COLUMNS[-1]
    return table.assign(**{last: ["" if pd.isna(value) else words.number(value, ".2f") for value in table[last]]})


def _ms(seconds: float) -> str:
    return f"{words.number(1000 * seconds, '.1f')} ms"


def _spread(times: list[float]) -> str:
    return words.SPAN.format(low=_ms(min(times)), high=_ms(max(times)))
