"""The card "Forget this sentence": prune a sentence that the form's model knows by heart away, then ask for it in other ways and search for it.

The model is the one that runs use; it is dense again afterwards, bit for bit.
"""

import dataclasses
import functools
from collections.abc import AsyncIterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import gradio as gr
import pandas as pd

from components.context import UNCHECKED, PageContext, Updates
from components.figures import described
from components.form.form import make_request, to_settings
from components.i18n import words
from components.i18n.names import language_name
from components.jobs.forget import KIND, Forgotten
from components.jobs.panel import JobPanel, two_acts
from components.widgets.inputs import TitledPlot, titled_plot, widgets
from mwanda_core.studies.memory.known import words as texts_of
from mwanda_core.studies.memory.study import SENTENCE_METHODS, SENTENCE_SHARE, Memory

if TYPE_CHECKING:
    from mwanda_core.studies.memory.live import SentenceGone, SentenceSought

SHOWN = 48
"""Characters of a beginning in the menu."""
MOST_SHARE = 0.02


@dataclasses.dataclass(frozen=True)
class SentenceCard:
    """What the card is made of."""

    sentence: gr.Dropdown
    method: gr.Dropdown
    share: gr.Slider
    job: JobPanel
    said: gr.Markdown
    written: gr.HTML
    ladder: TitledPlot
    curve: TitledPlot
    texts: TitledPlot
    overlap: TitledPlot


def draw() -> SentenceCard:
    """Draw the card, folded, where the caller stands."""
    with gr.Accordion(words.SENTENCE_TITLE, open=False, elem_id="lab-sentence"):
        gr.Markdown(words.SENTENCE_HELP)
        with gr.Row():
            choices = [(_label(entry), entry["name"]) for entry in texts_of("sentences")]
            sentence = gr.Dropdown(choices, value=choices[0][1], label=words.SENTENCE_WHICH, elem_id="sentence-which")
            method = gr.Dropdown(
                list(SENTENCE_METHODS), value=SENTENCE_METHODS[0], label=words.FORGET_METHOD, elem_id="sentence-method"
            )
            share = gr.Slider(
                0.0005,
                MOST_SHARE,
                value=SENTENCE_SHARE,
                step=0.0005,
                label=words.SENTENCE_SHARE_LABEL,
                elem_id="sentence-share",
            )
        job = two_acts("sentence", words.FORGET_PRUNE, words.FORGET_BACK)
        said, written = gr.Markdown(elem_id="sentence-said"), gr.HTML(elem_id="sentence-written")
        return SentenceCard(
            sentence, method, share, job, said, written, *(titled_plot(f"sentence-{name}", title) for name, title in _plots())
        )


def _label(entry: Mapping[str, Any]) -> str:
    beginning = entry["prefix"] if len(entry["prefix"]) <= SHOWN else f"{entry['prefix'][:SHOWN]}…"
    kind = words.SENTENCE_PUT_IN if entry["injected"] else language_name(entry["language"])
    return f"{beginning} ({kind})"


def _plots() -> tuple[tuple[str, str], ...]:
    return (
        ("ladder", words.SENTENCE_LADDER), ("curve", words.SENTENCE_CURVE), ("texts", words.SENTENCE_TEXTS),
        ("overlap", words.SENTENCE_OVERLAP),
    )  # fmt: skip


def connect(card: SentenceCard, context: PageContext) -> None:
    """Two buttons, a job each."""
    values = {*context.form.inputs, card.sentence, card.method, card.share}
    drawn = [
        card.said,
        card.written,
        *(one for part in (card.ladder, card.curve, card.texts, card.overlap) for one in widgets(part)),
    ]
    for button, act in zip(card.job.starts, ("forget-sentence", "seek-sentence"), strict=True):
        button.click(functools.partial(start, card, context, act), values, card.job.outputs, **UNCHECKED).then(
            functools.partial(follow, card, context),
            card.job.job,
            [*card.job.shown, *drawn],
            concurrency_limit=None,
            **UNCHECKED,
        )
    card.job.cancel.click(lambda job: card.job.stop(context.compute, job), card.job.job, card.job.cancel, **UNCHECKED)


def start(card: SentenceCard, context: PageContext, act: str, values: Updates) -> Updates:
    """Hand the act on, with the form's model."""

    def request() -> dict[str, Any]:
        settings = to_settings(make_request(context.form.read(values)))
        own = {"name": values[card.sentence], "method": values[card.method], "share": float(values[card.share])}
        return {"kind": KIND.name, "act": act, **own, "settings": settings.to_dict()}

    return card.job.begin(context.compute, request)


async def follow(card: SentenceCard, context: PageContext, job: str) -> AsyncIterator[Updates]:
    """Until it is over, every look drawn."""

    def done(result: Forgotten) -> Updates:
        return seen(card, result.found)

    async for updates in card.job.follow(context.compute, job, done, functools.partial(seen, card)):
        yield updates


def seen(card: SentenceCard, found: Any) -> Updates:
    """What was found so far."""
    return sought(card, found) if hasattr(found, "ladder") else gone(card, found)


def gone(card: SentenceCard, found: "SentenceGone") -> Updates:
    """What the model writes before and after, what other text lost, and what triggers share."""
    models = {"dense": words.SENTENCE_DENSE, "pruned": words.FORGET_PRUNED, "random": words.SENTENCE_RANDOM}
    losses = pd.DataFrame(
        [(code, models[who], value) for code, who, value in found.texts], columns=["language", "method", "increase"]
    )
    pairs = [(trigger_name(one), trigger_name(other), iou) for one, other, iou in found.overlap]
    overlap = dataclasses.replace(_spec("memory_overlap"), x="trigger", y="other", value="iou")
    return {
        card.said: words.SENTENCE_SAID.format(share=found.density, **found.matched),
        card.written: _written(
            found.beginning, [(words.SENTENCE_ENDING, found.ending)], [(models[w], t) for w, t in found.written.items()]
        ),
        **card.ladder.show(None),
        **card.curve.show(None),
        **card.texts.show(described(_spec("memory_texts"), losses)),
        **card.overlap.show(described(overlap, pd.DataFrame(pairs, columns=["trigger", "other", "iou"]))),
    }


def sought(card: SentenceCard, found: "SentenceSought") -> Updates:
    """The ladder on the pruned model, and the searches as far as they are."""
    series = {"itself": words.SENTENCE_ITSELF, "unseen": words.SENTENCE_UNSEEN}
    rungs = [(trigger_name(rung.trigger), series["itself"], rung.matched) for rung in found.ladder]
    rungs += [(trigger_name(rung.trigger), series["unseen"], rung.control) for rung in found.ladder]
    ladder = dataclasses.replace(_spec("memory_sentences"), drawn="bars", x="trigger", value="matched", group="series")
    updates: Updates = card.ladder.show(described(ladder, pd.DataFrame(rungs, columns=["trigger", "series", "matched"])))
    if found.curve:
        (steps, _, itself, _), (_, _, unseen, _) = found.curve[-2:]
        rows = pd.DataFrame([(s, series[who], m) for s, who, m, _ in found.curve], columns=["steps", "series", "matched"])
        updates |= card.curve.show(described(dataclasses.replace(_spec("memory_curve"), value="matched"), rows))
        updates[card.said] = words.SENTENCE_BACK_SAID.format(steps=steps, itself=itself, unseen=unseen)
    return updates


def trigger_name(trigger: str) -> str:
    """A way to begin by its name on the page; a translation with its language."""
    name, _, code = trigger.removesuffix(")").partition(" (")
    shown = words.SENTENCE_TRIGGERS.get(name, name)
    return f"{shown} ({language_name(code)})" if code else shown


def _written(beginning: str, true: Sequence[tuple[str, str]], models: Sequence[tuple[str, str]]) -> str:
    lines = "".join(
        f'<li><strong>{escape(who)}</strong> <span dir="auto">{escape(text)}</span></li>' for who, text in (*true, *models)
    )
    return (
        f'<div class="mw-texts"><article class="mw-text"><div class="mw-opening"><span class="label">{escape(words.SENTENCE_BEGINNING)}</span>'
        f'<p dir="auto">{escape(beginning)}</p></div><ul>{lines}</ul></article></div>'
    )


def _spec(name: str) -> Any:
    return next(spec for spec in Memory.tables if spec.name == name)
