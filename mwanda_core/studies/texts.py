"""Texts as studies read them: both halves of a source, windows of tokens, the loss from a place on, statistics of some languages."""

import dataclasses
from collections.abc import Sequence

import torch

from mwanda_core.corpora import Corpus, Packed, Texts, pack
from mwanda_core.corpora.choosing import texts_named
from mwanda_core.engine.measure import BlockStats
from mwanda_core.evaluation.losses import chunked_losses
from mwanda_core.models import LanguageModel
from mwanda_core.run.settings import Settings


@dataclasses.dataclass(frozen=True)
class Window:
    """One text of a language, opening tokens included."""

    language: str
    name: str
    ids: tuple[int, ...]


def windows(model: LanguageModel, corpus: Corpus, per_language: int, length: int) -> tuple[Window, ...]:
    """The first `per_language` windows of `length` tokens of every language."""
    found = []
    for code in corpus.languages:
        packed = pack(corpus.select([code]), model.encode, model.start, length, per_language * length)
        found += [Window(code, f"{code}#{index}", tuple(ids)) for index, ids in enumerate(packed.ids.tolist()[:per_language])]
    return tuple(found)


@torch.no_grad()
def loss_from(model: LanguageModel, ids: Sequence[int], first: int) -> float:
    """Summed loss in nats of the tokens from place `first` on, of the model as it stands."""
    hidden = model.hidden(torch.tensor([ids]))[0, first - 1 : -1]
    targets = torch.tensor(ids[first:], device=hidden.device)
    with model.head() as head:
        return float(chunked_losses(head, hidden, targets, model.vocabulary).double().sum())


def only(stats: Sequence[BlockStats], languages: Sequence[str]) -> tuple[BlockStats, ...]:
    """The statistics of some languages; linears that share an input go on sharing it."""
    found = []
    for by_name in stats:
        shared = {id(stat): stat.select(languages) for stat in by_name.values()}
        found.append({name: shared[id(stat)] for name, stat in by_name.items()})
    return tuple(found)


def halves(settings: Settings, more: Sequence[str] = ()) -> Texts:
    """The texts to calibrate on and those to score, in the settings' languages and `more`.

    Raises TextError when the source or a language cannot be had.
    """
    return texts_named(settings.texts, tuple(dict.fromkeys([*settings.languages, *more])))


def calibration(model: LanguageModel, corpus: Corpus, settings: Settings) -> Packed:
    """Equal tokens of every language, as the settings say."""
    return pack(corpus, model.encode, model.start, settings.sequence_length, settings.tokens_per_language, settings.seed)
