"""The tab that makes the model of the form really smaller: three questions, the plan drawn before the deed, the evidence after it."""

import dataclasses
import importlib.util
from collections.abc import AsyncIterator, Mapping
from typing import Any

import gradio as gr
import pandas as pd

from components.context import UNCHECKED, Opening, Section, Updates
from components.figures.shrunk import losses, staircase
from components.form.choices import builtin_codes, language_choices
from components.i18n import words
from components.i18n.names import language_name, language_names
from components.jobs.panel import JobPanel, log_box
from components.jobs.small import KIND, SmallMade, SmallPlanned, check
from components.widgets import progress_bar
from components.widgets.inputs import FigureAndTable, figure_and_table, filled, table
from mwanda_core.errors import InputError

LANGUAGES, MEGABYTES = ("en", "sw"), 230


@dataclasses.dataclass(frozen=True)
class Widgets:
    """What the tab is made of. plan: what was planned, and for which wishes."""

    languages: gr.Dropdown
    megabytes: gr.Number
    time: gr.Radio
    gguf: gr.Dropdown
    job: JobPanel
    plan: gr.State
    planned: gr.Column
    steps: FigureAndTable
    made: gr.Column
    zip: gr.DownloadButton
    file: gr.DownloadButton
    summary: gr.Markdown
    evidence: FigureAndTable
    writing: gr.Dataframe


class Small(Section):
    """A smaller model for some languages."""

    id, title = "small", "TAB_SMALL"
    widgets: Widgets

    @classmethod
    def draw(cls) -> Widgets:
        """Draw the tab where the caller stands."""
        gr.Markdown(words.SMALL_HELP)
        languages = gr.Dropdown(
            language_choices(builtin_codes()), value=list(LANGUAGES), multiselect=True, label=words.SMALL_LANGUAGES,
            info=words.SMALL_LANGUAGES_INFO, elem_id="small-languages",
        )  # fmt: skip
        with gr.Row():
            megabytes = gr.Number(
                MEGABYTES, label=words.SMALL_SIZE, info=words.SMALL_SIZE_INFO, minimum=0, elem_id="small-size", min_width=260
            )
            gguf = gr.Dropdown(_gguf_choices(), value="", label=words.SMALL_GGUF, elem_id="small-gguf", min_width=260)
        time = gr.Radio(_times(), value="longer", label=words.SMALL_TIME, elem_id="small-time")
        with gr.Row():
            plan = gr.Button(words.SMALL_PLAN, variant="primary", elem_id="small-plan", min_width=120)
            make = gr.Button(words.SMALL_MAKE, variant="primary", elem_id="small-make", min_width=120)
            cancel = gr.Button(words.CANCEL, variant="stop", interactive=False, elem_id="small-cancel", min_width=100)
        status = gr.HTML(progress_bar.bar(None), elem_id="small-status")
        log = log_box("small-log", words.LOG)
        job = JobPanel(gr.State(""), (plan, make), cancel, status, log, "SMALL_CANCELLED")
        with gr.Column(visible=False, elem_id="small-planned") as planned:
            gr.Markdown(f"{words.SMALL_PLAN_HEADING}\n{words.SMALL_MAKE_INFO}")
            steps = figure_and_table("small-steps", words.SMALL_PLAN)
        with gr.Column(visible=False, elem_id="small-made") as made:
            with gr.Row():
                packed = gr.DownloadButton(words.SMALL_ZIP, variant="primary", elem_id="small-zip", min_width=160)
                file = gr.DownloadButton(words.SMALL_GGUF_FILE, visible=False, elem_id="small-gguf-file", min_width=160)
            gr.Markdown(f"{words.SMALL_EVIDENCE_HEADING}\n{words.SMALL_EVIDENCE_HELP}")
            summary = gr.Markdown(elem_id="small-summary")
            evidence = figure_and_table("small-languages", words.SMALL_EVIDENCE_HEADING.strip("# "))
            gr.Markdown(f"#### {words.SMALL_WRITING}")
            writing = table("small-writing", words.SMALL_WRITING, wrap=True, column_widths=["12%", "28%", "30%", "30%"])
        return Widgets(
            languages, megabytes, time, gguf, job, gr.State({}), planned, steps, made, packed, file, summary, evidence, writing
        )

    def connect(self, opening: Opening) -> None:
        """Both buttons start a job; what it ends with is shown."""
        ours, context = self.widgets, self.context
        values = {context.form["model"], ours.languages, ours.megabytes, ours.time, ours.gguf, ours.plan}
        results = [
            ours.plan,
            ours.planned,
            *_of(ours.steps),
            ours.made,
            ours.zip,
            ours.file,
            ours.summary,
            *_of(ours.evidence),
            ours.writing,
        ]
        for button, start in zip(ours.job.starts, (self.start_plan, self.start_deed), strict=True):
            button.click(start, values, ours.job.outputs, **UNCHECKED).then(
                self.follow, ours.job.job, [*ours.job.shown, *results], concurrency_limit=None, **UNCHECKED
            )
        ours.job.cancel.click(lambda job: ours.job.stop(context.compute, job), ours.job.job, ours.job.cancel, **UNCHECKED)
        context.redrawn.menus.append(([ours.languages], lambda given: {ours.languages: gr.update(
            choices=language_choices(builtin_codes()), value=given[ours.languages]
        )}))  # fmt: skip

    def wishes(self, values: Updates) -> dict[str, Any]:
        """What the three questions were answered with.

        Raises InputError in one sentence.
        """
        ours = self.widgets
        found = {
            "model": str(values[self.context.form["model"]] or "").strip(), "languages": list(values[ours.languages] or ()),
            "megabytes": values[ours.megabytes], "time": values[ours.time], "gguf": values[ours.gguf] or "",
        }  # fmt: skip
        check(found)
        if found["gguf"] and not importlib.util.find_spec("gguf"):
            raise InputError(words.SMALL_NO_GGUF)
        return found

    def start_plan(self, values: Updates) -> Updates:
        """Plan was pressed."""
        return self.widgets.job.begin(self.context.compute, lambda: {"kind": KIND.name, "wishes": self.wishes(values)})

    def start_deed(self, values: Updates) -> Updates:
        """The plan is carried out, if it is that of what stands there now. A file for llama.cpp may be asked for afterwards."""

        def request() -> dict[str, Any]:
            wishes, planned = self.wishes(values), values[self.widgets.plan]
            if not planned:
                raise InputError(words.SMALL_FIRST)
            if any(wishes[name] != planned["wishes"][name] for name in ("model", "languages", "megabytes", "time")):
                raise InputError(words.SMALL_CHANGED)
            return {"kind": KIND.name, "wishes": wishes, "plan": planned["plan"]}

        return self.widgets.job.begin(self.context.compute, request)

    async def follow(self, job: str) -> AsyncIterator[Updates]:
        """Until the job ends; then the plan, or the evidence and the files."""
        async for updates in self.widgets.job.follow(self.context.compute, job, self.show):
            yield updates

    def show(self, result: SmallPlanned | SmallMade) -> Updates:
        """What a job ended with; another plan takes what was made by the one before away."""
        return self.show_plan(result) if isinstance(result, SmallPlanned) else self.show_made(result)

    def show_plan(self, result: SmallPlanned) -> Updates:
        """The steps: megabytes, and what each is estimated to cost."""
        ours, plan = self.widgets, result.plan
        steps = list(plan["steps"])
        names = [words.SMALL_STEPS["start"], *(words.SMALL_STEPS[step["step"]] for step in steps)]
        sizes = [step["megabytes_before"] for step in steps[:1]] + [step["megabytes_after"] for step in steps]
        rows = [
            (
                words.SMALL_STEPS[step["step"]],
                words.small_what_stays(step["step"], len(plan["vocabulary"]), plan["gone"], plan["width"] or 0),
                words.number(step["megabytes_after"], ".1f"),
                words.number(step["megabytes_before"] - step["megabytes_after"], ".1f"),
                words.small_estimate(step["cost"], language_name(step["language"])),
            )
            for step in steps
        ]
        shown = pd.DataFrame(rows, columns=list(words.SMALL_PLAN_COLUMNS))
        return {
            ours.plan: {"wishes": dict(result.wishes), "plan": dict(plan)},
            ours.planned: gr.update(visible=True),
            **filled(
                ours.steps, staircase(names[: len(sizes)], sizes), shown, self.context.scratch.csv("plan", pd.DataFrame(steps))
            ),
            ours.made: gr.update(visible=False),
        }

    def show_made(self, result: SmallMade) -> Updates:
        """Files, and the evidence by language."""
        ours, languages, speed = self.widgets, result.tables["languages"], result.tables["speed"]
        before, after = speed["tokens_per_second"]
        ratio = words.number(float(speed["ratio"].iloc[1]), ".2f")
        lines = [words.SMALL_SPEED.format(before=words.number(before, ".1f"), after=words.number(after, ".1f"), ratio=ratio)]
        lost = languages[languages["lost"]]
        lines += [
            words.SMALL_LOST.format(name=name, share=words.percent(float(share)))
            for name, share in zip(language_names(lost["language"]), lost["coverage"], strict=True)
        ]
        return {
            ours.made: gr.update(visible=True),
            ours.zip: gr.update(value=result.path),
            ours.file: gr.update(value=result.gguf or None, visible=bool(result.gguf)),
            ours.summary: "\n".join(f"- {line}" for line in lines),
            **filled(ours.evidence, losses(languages), readable(languages), self.context.scratch.csv("languages", languages)),
            ours.writing: side_by_side(result.tables["texts"]),
        }


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """The evidence for a person; the file has every digit."""
    roles: Mapping[str, str] = {"kept": words.YES, "dropped": words.NO}
    longer = table["small_tokens_per_character"] / table["tokens_per_character"] - 1
    columns = [
        language_names(table["language"]), [roles[role] for role in table["role"]], [words.percent(x, 1) for x in table["coverage"]],
        [words.small_change(x) for x in longer], *([words.number(x, ".3f") for x in table[name]] for name in ("dense_bits", "small_bits")),
        [words.small_change(x) for x in table["change"]],
    ]  # fmt: skip
    return pd.DataFrame(dict(zip(words.SMALL_EVIDENCE_COLUMNS, columns, strict=True)))


def side_by_side(texts: pd.DataFrame) -> pd.DataFrame:
    """Openings and what each model wrote."""
    names = language_names(texts["language"])
    columns = [names, *(list(texts[name]) for name in ("prompt", "original", "small"))]
    return pd.DataFrame(dict(zip(words.SMALL_WRITING_COLUMNS, columns, strict=True)))


def _times() -> list[tuple[str, str]]:
    return [(text, value) for value, text in words.SMALL_TIMES.items()]


def _gguf_choices() -> list[tuple[str, str]]:
    return [(text, value) for value, text in words.SMALL_GGUF_TYPES.items()]


def _of(shown: FigureAndTable) -> list[Any]:
    return [shown.plot, shown.table, shown.download]
