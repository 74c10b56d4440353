"""The card "Forget this picture": prune a memorised picture away, then search for a caption that brings it back; and train another model.

The small model comes with the library and is copied for every click, on the worker that no run waits for.
"""

import dataclasses
import functools
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

import gradio as gr
import pandas as pd

from components.context import UNCHECKED, PageContext, Updates
from components.figures import described
from components.figures.pictures import grey_pictures
from components.i18n import locale, words
from components.i18n.names import language_name
from components.jobs.forget import KIND, MOST_STEPS, Forgotten, Trained
from components.jobs.panel import JobPanel, buttons, two_acts
from components.widgets.inputs import TitledPlot, titled_plot, widgets
from mwanda_core.studies.memory.known import words as texts_of
from mwanda_core.studies.memory.study import PICTURE_METHODS, Memory

if TYPE_CHECKING:
    from mwanda_core.studies.memory.live import PictureGone, PictureSought

STEPS = 2000
"""Of training: as the model that comes along."""


@dataclasses.dataclass(frozen=True)
class ForgetCard:
    """What the card is made of. trained: the file of the visitor's own model, "" for the one that comes along."""

    picture: gr.Dropdown
    language: gr.Dropdown
    method: gr.Dropdown
    job: JobPanel
    said: gr.Markdown
    pictures: TitledPlot
    curve: TitledPlot
    overlap: TitledPlot
    steps: gr.Slider
    seed: gr.Number
    training: JobPanel
    way: TitledPlot
    file: gr.DownloadButton
    trained: gr.State


def draw() -> ForgetCard:
    """Draw the card, folded, where the caller stands."""
    entries = texts_of("captions")["memorised"]
    with gr.Accordion(words.FORGET_TITLE, open=False, elem_id="lab-forget"):
        gr.Markdown(words.FORGET_HELP)
        with gr.Row():
            picture = gr.Dropdown(
                [
                    (
                        f"{entry.get(locale.current(), entry[locale.ENGLISH])} ({language_name(entry['trained_in'])})",
                        entry["name"],
                    )
                    for entry in entries
                ],
                value=entries[0]["name"],
                label=words.FORGET_PICTURE,
                elem_id="forget-picture",
            )
            language = gr.Dropdown(
                [(language_name(code), code) for code in texts_of("captions")["general"]],
                value="en",
                label=words.FORGET_LANGUAGE,
                elem_id="forget-language",
            )
            method = gr.Dropdown(list(PICTURE_METHODS), value="nemo", label=words.FORGET_METHOD, elem_id="forget-method")
        job = two_acts("forget", words.FORGET_PRUNE, words.FORGET_BACK)
        said = gr.Markdown(elem_id="forget-said")
        pictures, curve, overlap = (titled_plot(f"forget-{name}", title) for name, title in _plots())
        with gr.Accordion(words.FORGET_TRAIN, open=False, elem_id="forget-training"):
            gr.Markdown(words.FORGET_TRAIN_HELP)
            with gr.Row():
                steps = gr.Slider(
                    100, MOST_STEPS, value=STEPS, step=100, label=words.FORGET_TRAIN_STEPS, elem_id="forget-steps"
                )
                seed = gr.Number(1, precision=0, minimum=0, label=words.FORGET_TRAIN_SEED, elem_id="forget-seed")
            training = buttons("forget-train", words.FORGET_TRAIN_START, cancelled="TAKE_CANCELLED")
            way = titled_plot("forget-way", words.FORGET_TRAIN_WAY)
            file = gr.DownloadButton(words.FORGET_TRAIN_FILE, size="sm", interactive=False, elem_id="forget-file")
        return ForgetCard(
            picture, language, method, job, said, pictures, curve, overlap, steps, seed, training, way, file, gr.State("")
        )


def _plots() -> tuple[tuple[str, str], ...]:
    return ("pictures", words.FORGET_PICTURES), ("curve", words.FORGET_CURVE), ("overlap", words.FORGET_OVERLAP)


def connect(card: ForgetCard, context: PageContext) -> None:
    """Two buttons and the training, a job each."""
    chosen = [card.picture, card.language, card.method, card.trained]
    shown = [*card.job.shown, card.said, *(one for part in (card.pictures, card.curve, card.overlap) for one in widgets(part))]
    for button, act in zip(card.job.starts, ("forget-picture", "seek-picture"), strict=True):
        button.click(functools.partial(start, card, context, act), chosen, card.job.outputs, **UNCHECKED).then(
            functools.partial(follow, card, context), card.job.job, shown, concurrency_limit=None, **UNCHECKED
        )
    card.job.cancel.click(lambda job: card.job.stop(context.quick, job), card.job.job, card.job.cancel, **UNCHECKED)
    card.training.starts[0].click(
        functools.partial(train, card, context), [card.steps, card.seed], card.training.outputs, **UNCHECKED
    ).then(
        functools.partial(watch, card, context),
        card.training.job,
        [*card.training.shown, *widgets(card.way), card.file, card.trained],
        concurrency_limit=None,
        **UNCHECKED,
    )
    card.training.cancel.click(
        lambda job: card.training.stop(context.compute, job), card.training.job, card.training.cancel, **UNCHECKED
    )


def start(card: ForgetCard, context: PageContext, act: str, name: str, language: str, method: str, trained: str) -> Updates:
    """Hand the act on."""
    request = {"kind": KIND.name, "act": act, "name": name, "language": language, "method": method, "checkpoint": trained}
    return card.job.begin(context.quick, lambda: request)


async def follow(card: ForgetCard, context: PageContext, job: str) -> AsyncIterator[Updates]:
    """Until it is over, every look drawn."""

    def done(result: Forgotten) -> Updates:
        return seen(card, result.found)

    async for updates in card.job.follow(context.quick, job, done, functools.partial(seen, card)):
        yield updates


def seen(card: ForgetCard, found: Any) -> Updates:
    """What was found so far."""
    return sought(card, found) if hasattr(found, "curve") else gone(card, found)


def gone(card: ForgetCard, found: "PictureGone") -> Updates:
    """What the caption painted, what it paints now, and what masks of its captions share."""
    spec = dataclasses.replace(_spec("memory_overlap"), x="language", y="other", value="iou")
    pictures = [(words.FORGET_LEARNT, found.target), (words.FORGET_DENSE, found.dense), (words.FORGET_PRUNED, found.pruned)]
    return {
        card.said: words.FORGET_SAID.format(share=found.density, before=found.before, after=found.after),
        **card.pictures.show(grey_pictures(pictures)),
        **card.curve.show(None),
        **card.overlap.show(described(spec, pd.DataFrame(found.overlap, columns=["language", "other", "iou"]))),
    }


def sought(card: ForgetCard, found: "PictureSought") -> Updates:
    """What the captions found so far paint, for this picture and for one that the model never saw."""
    (steps, _, itself), (_, _, unseen) = found.curve[-2:]
    series = {"itself": words.FORGET_ITSELF, "unseen": words.FORGET_UNSEEN}
    rows = [{"steps": step, "similarity": value, "series": series[target]} for step, target, value in found.curve]
    pictures = (
        (words.FORGET_LEARNT, found.target), (words.FORGET_FOUND, found.found), (words.FORGET_UNSEEN, found.unseen),
        (words.FORGET_FOUND, found.control),
    )  # fmt: skip
    return {
        card.said: words.FORGET_BACK_SAID.format(steps=steps, itself=itself, unseen=unseen),
        **card.pictures.show(grey_pictures(pictures)),
        **card.curve.show(described(_spec("memory_curve"), pd.DataFrame(rows))),
    }


def train(card: ForgetCard, context: PageContext, steps: float, seed: float) -> Updates:
    """Train another model, where models are pruned: it takes minutes."""
    request = {"kind": KIND.name, "act": "train-pictures", "steps": int(steps), "seed": int(seed or 0)}
    return card.training.begin(context.compute, lambda: request)


async def watch(card: ForgetCard, context: PageContext, job: str) -> AsyncIterator[Updates]:
    """The training's curve; afterwards the card is asked of the new model."""

    def way(rows: tuple[Mapping[str, float], ...]) -> Updates:
        series = {"similarity": words.FORGET_ITSELF, "unseen": words.FORGET_UNSEEN}
        long = [{"steps": row["steps"], "similarity": row[key], "series": name} for key, name in series.items() for row in rows]
        return card.way.show(described(_spec("memory_curve"), pd.DataFrame(long)))

    def done(result: Trained) -> Updates:
        return {**way(result.rows), card.trained: result.path, card.file: gr.update(value=result.path, interactive=True)}

    async for updates in card.training.follow(context.compute, job, done, way):
        yield updates


def _spec(name: str) -> Any:
    return next(spec for spec in Memory.tables if spec.name == name)
