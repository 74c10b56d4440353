"""The card "Forget this picture": prune a memorised picture away, then search for a caption that brings it back.

The small model comes with the library and is copied for every visitor's click, so no job and no run waits for it.
"""

import dataclasses
import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import gradio as gr
import pandas as pd

from components.context import PRIVATE, PageContext, Updates
from components.engine import importing
from components.figures import described
from components.figures.pictures import grey_pictures
from components.i18n import locale, words
from components.i18n.names import language_name
from components.widgets.inputs import plot
from mwanda_core.studies.memory.known import picture_names, words as texts_of
from mwanda_core.studies.memory.study import PICTURE_METHODS, Memory

if TYPE_CHECKING:
    from mwanda_core.studies.memory.training import Painter

LEG = 10
"""Steps of a search between two looks."""
STEPS = 50
SEED = 100


@dataclasses.dataclass(frozen=True)
class ForgetCard:
    """What the card is made of."""

    picture: gr.Dropdown
    language: gr.Dropdown
    method: gr.Dropdown
    prune: gr.Button
    back: gr.Button
    said: gr.Markdown
    pictures: gr.Plot
    curve: gr.Plot
    overlap: gr.Plot


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
        with gr.Row():
            prune = gr.Button(words.FORGET_PRUNE, variant="primary", elem_id="forget-prune")
            back = gr.Button(words.FORGET_BACK, elem_id="forget-back")
        said = gr.Markdown(elem_id="forget-said")
        shown = [plot(f"forget-{name}", title) for name, title in _plots()]
        return ForgetCard(picture, language, method, prune, back, said, *shown)


def _plots() -> tuple[tuple[str, str], ...]:
    return ("pictures", words.FORGET_PICTURES), ("curve", words.FORGET_CURVE), ("overlap", words.FORGET_OVERLAP)


def connect(card: ForgetCard, context: PageContext) -> None:
    """Two buttons."""
    chosen = [card.picture, card.language, card.method]
    shown = [card.said, card.pictures, card.curve, card.overlap]
    card.prune.click(functools.partial(forget, card), chosen, shown, **PRIVATE)
    card.back.click(functools.partial(bring_back, card), chosen, [card.said, card.pictures, card.curve], **PRIVATE)


@functools.cache
def _painter() -> "Painter":
    with importing():
        from mwanda_core.studies.memory.training import load_painter

        return load_painter()


class _Copy:
    """The model of one click, with the weights that a method finds."""

    def __init__(self, name: str, language: str, method: str) -> None:
        import copy

        with importing():
            from mwanda_core.studies.memory import attack, diffusion, localise

        own = _painter()
        self.attack, self.diffusion, self.localise = attack, diffusion, localise
        self.painter = dataclasses.replace(own, model=copy.deepcopy(own.model))
        self.number = picture_names().index(name)
        self.prompt, self.target, self.method = own.prompt(self.number, language), own.pictures[self.number], method
        self.noise = diffusion.starts(attack.SEEDS, SEED)

    def until_gone(self) -> Any:
        share = {"nemo": 0.0, "wanda": Memory.wanda_share}.get(self.method, Memory.share)
        masks, self.share = self.localise.until(
            self.method,
            self.painter.model,
            self.prompt,
            self.painter.scenes,
            self.noise,
            share,
            lambda: self.like(self.prompt) < Memory.until,
        )
        return masks

    def masks(self, caption: Any) -> Any:
        return self.localise.masks_of(self.method, self.painter.model, caption, self.painter.scenes, self.noise, self.share)

    def painted(self, caption: Any) -> list[list[float]]:
        made = self.diffusion.sample(self.painter.model, caption[None], self.noise[:1])
        return made[0, 0].clamp(-1, 1).tolist()

    def like(self, caption: Any) -> float:
        return float(self.attack.similarity(self.painter.model, caption, self.target, SEED).mean())


def forget(card: ForgetCard, name: str, language: str, method: str) -> Updates:
    """Prune the picture away: what its caption painted, what it paints now, and what masks of its captions share."""
    mine = _Copy(name, language, method)
    codes = list(texts_of("captions")["general"])
    masks = mine.until_gone()
    before, whole = mine.like(mine.prompt), mine.painted(mine.prompt)
    by_language = {code: mine.masks(mine.painter.prompt(mine.number, code)) for code in codes}
    rows = [
        {"language": one, "other": other, "iou": mine.localise.overlap(by_language[one], by_language[other])[0]}
        for one in codes
        for other in codes
    ]
    with mine.localise.without(mine.painter.model, masks):
        after, pruned = mine.like(mine.prompt), mine.painted(mine.prompt)
    spec = dataclasses.replace(_spec("memory_overlap"), x="language", y="other", value="iou")
    pictures = [(words.FORGET_LEARNT, mine.target.tolist()), (words.FORGET_DENSE, whole), (words.FORGET_PRUNED, pruned)]
    share = mine.localise.density(masks)
    return {
        card.said: words.FORGET_SAID.format(share=share, before=before, after=after),
        card.pictures: grey_pictures(pictures),
        card.curve: None,
        card.overlap: described(spec, pd.DataFrame(rows)),
    }


def bring_back(card: ForgetCard, name: str, language: str, method: str) -> Iterator[Updates]:
    """Search on the pruned model, a few steps at a time, for this picture and for one that the model never saw."""
    mine = _Copy(name, language, method)
    masks, spec = mine.until_gone(), _spec("memory_curve")
    unseen = mine.painter.unseen[mine.number % len(mine.painter.unseen)]
    rows, model = [], mine.painter.model
    with mine.localise.without(model, masks):
        looks = range(0, STEPS + 1, LEG)
        searches = (mine.attack.search(model, one, mine.prompt, STEPS, looks=looks) for one in (mine.target, unseen))
        for steps, found, control in zip(looks, *searches, strict=True):
            for series, one in ((words.FORGET_ITSELF, found), (words.FORGET_UNSEEN, control)):
                rows.append({"steps": steps, "similarity": one.curve[-1].similarity, "series": series})
            ends = [rows[-2]["similarity"], rows[-1]["similarity"]]
            pictures = [(words.FORGET_LEARNT, mine.target.tolist()), (words.FORGET_FOUND, mine.painted(found.caption))]
            yield {
                card.said: words.FORGET_BACK_SAID.format(steps=steps, itself=ends[0], unseen=ends[1]),
                card.pictures: grey_pictures(
                    [*pictures, (words.FORGET_UNSEEN, unseen.tolist()), (words.FORGET_FOUND, mine.painted(control.caption))]
                ),
                card.curve: described(spec, pd.DataFrame(rows)),
            }


def _spec(name: str) -> Any:
    return next(spec for spec in Memory.tables if spec.name == name)
