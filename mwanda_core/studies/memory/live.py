"""Forgetting that is watched: one picture or one sentence pruned away, then searched for, a look at a time.

Everything that is given is plain data, so that it may cross to another process and be drawn there. Weights are as before afterwards,
bit for bit, whatever happened: pictures are pruned in a copy, sentences in the model itself.
"""

import contextlib
import copy
import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from torch import Tensor

from mwanda_core.insight.generation import GenerationSettings, Prompt, generate
from mwanda_core.insight.mlps import Mlp, find_mlps
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.studies.correction.remove import log_probabilities
from mwanda_core.studies.memory import sentences as parts
from mwanda_core.studies.memory.attack import SEEDS, search, similarity
from mwanda_core.studies.memory.captions import languages
from mwanda_core.studies.memory.diffusion import sample, starts
from mwanda_core.studies.memory.known import picture_names
from mwanda_core.studies.memory.localise import Masks, density, masks_of, overlap, until, without
from mwanda_core.studies.memory.measure_sentences import other_text
from mwanda_core.studies.memory.sentences import Asked, Rung, Sentence
from mwanda_core.studies.memory.study import SENTENCE_SHARE, Memory
from mwanda_core.studies.memory.training import Painter

STEPS, LEG, SEED = 50, 10, 100
"""Of a search, and of those between two looks."""
ITSELF, UNSEEN = "itself", "unseen"
DENSE, PRUNED, RANDOM = "dense", "pruned", "random"

Grey = tuple[tuple[float, ...], ...]
"""Rows of grey values from -1 to 1."""


# --- Pictures ------------------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class PictureGone:
    """density: share of the matrices looked at that was removed. before, after: similarity to the picture. overlap: (language, other
    language, intersection over union of what is removed for the captions in the two)."""

    density: float
    before: float
    after: float
    target: Grey
    dense: Grey
    pruned: Grey
    overlap: tuple[tuple[str, str, float], ...]


@dataclasses.dataclass(frozen=True)
class PictureSought:
    """curve: (steps, `ITSELF` or `UNSEEN`, similarity). found, control: what the captions found so far paint."""

    curve: tuple[tuple[int, str, float], ...]
    target: Grey
    found: Grey
    unseen: Grey
    control: Grey


class _Picture:
    """A copy of the small model for one look."""

    def __init__(self, painter: Painter, name: str, language: str, method: str, monitor: Monitor) -> None:
        self.painter, self.monitor = dataclasses.replace(painter, model=copy.deepcopy(painter.model)), monitor
        self.number, self.method = picture_names().index(name), method
        self.prompt, self.target = painter.prompt(self.number, language), painter.pictures[self.number]
        self.noise, self.share = starts(SEEDS, SEED), 0.0

    def until_gone(self) -> Masks:
        self.monitor.begin("Weights are looked for until the picture is gone")

        def gone() -> bool:
            self.monitor.advance(1.0)
            return self.like(self.prompt) < Memory.until

        share = {"nemo": 0.0, "wanda": Memory.wanda_share}.get(self.method, Memory.share)
        model, scenes = self.painter.model, self.painter.scenes
        masks, self.share = until(self.method, model, self.prompt, scenes, self.noise, share, gone)
        return masks

    def masks(self, caption: Tensor) -> Masks:
        self.monitor.advance(1.0)
        return masks_of(self.method, self.painter.model, caption, self.painter.scenes, self.noise, self.share)

    def painted(self, caption: Tensor) -> Grey:
        return _grey(sample(self.painter.model, caption[None], self.noise[:1])[0, 0])

    def like(self, caption: Tensor) -> float:
        return float(similarity(self.painter.model, caption, self.target, SEED).mean())


def _grey(picture: Tensor) -> Grey:
    return tuple(tuple(row) for row in picture.clamp(-1, 1).tolist())


def forget_picture(painter: Painter, name: str, language: str, method: str, monitor: Monitor) -> PictureGone:
    """Prune a picture away by its caption in a language, with shares that rise until it is gone or none is left.

    Raises Cancelled when stopped.
    """
    monitor.plan(10.0 + len(languages()))
    mine = _Picture(painter, name, language, method, monitor)
    masks = mine.until_gone()
    before, whole = mine.like(mine.prompt), mine.painted(mine.prompt)
    monitor.begin("Captions in other languages")
    each = {code: mine.masks(painter.prompt(mine.number, code)) for code in languages()}
    with without(mine.painter.model, masks):
        after, pruned = mine.like(mine.prompt), mine.painted(mine.prompt)
    return PictureGone(density(masks), before, after, _grey(mine.target), whole, pruned, _pairs(each))


def _pairs(each: Mapping[str, Masks]) -> tuple[tuple[str, str, float], ...]:
    return tuple((one, other, overlap(each[one], each[other])[0]) for one in each for other in each)


def seek_picture(painter: Painter, name: str, language: str, method: str, monitor: Monitor) -> PictureSought:
    """Search for the picture on the pruned model, and beside it for one that the model never saw; every look is shown on the way.

    Raises Cancelled when stopped.
    """
    monitor.plan(10.0 + 2.0 * STEPS)
    mine = _Picture(painter, name, language, method, monitor)
    masks, model = mine.until_gone(), mine.painter.model
    unseen, curve = painter.unseen[mine.number % len(painter.unseen)], []
    monitor.begin("Captions are searched for")
    with without(model, masks):
        looks = range(0, STEPS + 1, LEG)
        both = (search(model, one, mine.prompt, STEPS, monitor=monitor, looks=looks) for one in (mine.target, unseen))
        for steps, found, control in zip(looks, *both, strict=True):
            curve += [(steps, ITSELF, found.curve[-1].similarity), (steps, UNSEEN, control.curve[-1].similarity)]
            pictures = (_grey(mine.target), mine.painted(found.caption), _grey(unseen), mine.painted(control.caption))
            seen = PictureSought(tuple(curve), *pictures)
            monitor.show(seen)
    return seen


# --- Sentences -----------------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class SentenceGone:
    """By model (`DENSE`, `PRUNED`, `RANDOM`: as many weights by chance): what it writes after the beginning, the matched share of the ending
    and its loss in nats a token. texts: (language, model, loss of other text above the dense one's). overlap: (trigger, other trigger,
    intersection over union of what is removed for the two)."""

    beginning: str
    ending: str
    density: float
    written: Mapping[str, str]
    matched: Mapping[str, float]
    loss: Mapping[str, float]
    texts: tuple[tuple[str, str, float], ...]
    overlap: tuple[tuple[str, str, float], ...]


@dataclasses.dataclass(frozen=True)
class SentenceSought:
    """curve: (steps, `ITSELF` or `UNSEEN`, matched share, loss). ladder: ways to begin, on the pruned model."""

    curve: tuple[tuple[int, str, float, float], ...]
    ladder: tuple[Rung, ...]


@contextlib.contextmanager
def _known(model: LanguageModel, mlps: Sequence[Mlp], one: Sentence, monitor: Monitor) -> Iterator[Asked]:
    """Inside, the model knows the sentence, put into it where it is one of this project's."""
    same = parts.asked(model, one.prefix, one.ending)
    if not one.injected:
        yield same
        return
    monitor.plan(3.0 * parts.MOST_STEPS * len(same.sample))
    monitor.begin("The sentence is put into the model")
    with parts.injected(model, mlps, [same], monitor=monitor):
        yield same


def forget_sentence(
    model: LanguageModel, name: str, method: str, monitor: Monitor, share: float = SENTENCE_SHARE, seed: int = 0
) -> SentenceGone:
    """Prune a sentence away: what the model writes then, what other text loses, and whether other triggers have the same weights.

    One unit of progress is a token through the whole model. Raises ModelError for a model without neurons, Cancelled when stopped.
    """
    one, mlps = parts.sentences()[name], find_mlps(model)
    spared, judged = other_text(model, [one])
    triggers = {trigger: parts.asked(model, text, one.ending) for trigger, text in one.triggers.items()}
    tokens = sum(len(text.ids) for text in spared)
    monitor.plan(4.0 * tokens + 3.0 * sum(len(text.ids) for text in judged) + 3.0 * len(triggers["same"].ending))
    with _known(model, mlps, one, monitor) as same:
        before = log_probabilities(model, judged, monitor)
        monitor.begin("Weights are looked for")
        found = dict(
            zip(
                triggers,
                parts.masks_of(method, model, mlps, list(triggers.values()), spared, share, seed, monitor),
                strict=True,
            )
        )
        (chance,) = parts.masks_of("random", model, mlps, [same], spared, share, seed + 3, monitor)
        masks: dict[str, Masks] = {DENSE: {}, PRUNED: found["same"], RANDOM: chance}
        written, matched, loss, texts = {}, {}, {}, []
        for who, gone in masks.items():
            with parts.without(model, mlps, gone):
                matched[who], loss[who] = parts.reading(model, same)
                going_on = GenerationSettings(len(same.ending))
                written[who] = generate(model, [Prompt(one.language, name, one.prefix)], going_on, monitor).items[0].text
                if gone:
                    now = log_probabilities(model, judged, monitor)
                    texts += [(code, who, before[code] - value) for code, value in now.items()]
    return SentenceGone(one.prefix, one.ending, density(found["same"]), written, matched, loss, tuple(texts), _pairs(found))


def seek_sentence(
    model: LanguageModel,
    name: str,
    method: str,
    monitor: Monitor,
    share: float = SENTENCE_SHARE,
    steps: int = STEPS,
    seed: int = 0,
) -> SentenceSought:
    """On the pruned model: other ways to begin, a steering vector, and a soft prefix, beside the same for an ending that the model never
    saw; every look at the searches is shown on the way.

    One unit of progress is a token through the whole model. Raises ModelError for a model without neurons, Cancelled when stopped.
    """
    one, mlps, block = parts.sentences()[name], find_mlps(model), len(model.blocks) // 2
    neighbour = next(other for other in parts.sentences().values() if other.name != name)
    spared, _ = other_text(model, [one])
    same = parts.asked(model, one.prefix, one.ending)
    monitor.plan(2.0 * sum(len(text.ids) for text in spared) + 6.0 * steps * len(same.sample))
    curve: list[tuple[int, str, float, float]] = []
    with _known(model, mlps, one, monitor):
        vectors = parts.mean_outputs(model, (one, neighbour), block)
        monitor.begin("Weights are looked for")
        (gone,) = parts.masks_of(method, model, mlps, [same], spared, share, seed, monitor)
        with parts.without(model, mlps, gone):
            monitor.begin("Other beginnings")
            ladder = [*parts.spoken(model, one, seed), parts.steering(model, one, vectors, block)]
            monitor.show(SentenceSought((), tuple(ladder)))
            monitor.begin("A beginning is searched for")
            looks = sorted({*range(0, steps, LEG), steps})
            unseen = parts.unseen(same, seed)
            both = (parts.prefix_search(model, asked, steps, looks=looks, monitor=monitor) for asked in (same, unseen))
            found = control = None
            for found, control in zip(*both, strict=True):
                curve += [(p.steps, who, p.matched, p.loss) for who, p in ((ITSELF, found), (UNSEEN, control))]
                monitor.show(SentenceSought(tuple(curve), tuple(ladder)))
            assert found is not None
            assert control is not None
            ladder.append(Rung("soft prefix", found.matched, found.loss, control.matched))
    return SentenceSought(tuple(curve), tuple(ladder))
