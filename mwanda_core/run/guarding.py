"""Guard languages: a little text of languages that nobody asked for, so that pruning for two does not forget the other twenty-three.

    weight of each of n guards beside L calibration languages  =  L g / (1 - g) / n        so that the guards weigh g of all

They enter the statistics, the Gram matrices and the measured sensitivity, with `GUARD_TOKENS` of built-in text each (what they
count is said by their weight, not by their tokens); gradients and studies are of the calibration languages alone. Languages
that are scored as unseen are never guards. With g = 0 nothing of this happens, and the run is bit for bit the one without.
"""

import contextlib
import dataclasses
from collections.abc import Sequence

import torch

from mwanda_core.corpora import Packed, builtin, builtin_languages, pack
from mwanda_core.errors import TextError
from mwanda_core.languages import parse_codes
from mwanda_core.models import LanguageModel
from mwanda_core.run.settings import Settings

GUARD_TOKENS = 256
"""Of each guard: a root mean square of so many tokens is known to a few per cent, and the pass stays short."""

ALL_TOKENS = 10**6
"""More than a language of the built-in text to calibrate on has."""

BUILT_IN_TOKENS = 1800
"""Of a language, in Gemma's vocabulary; for estimates."""


def guards_of(settings: Settings) -> tuple[str, ...]:
    """The guard languages of a run: those named, or all built-in ones, without those that it calibrates on or scores as unseen."""
    if not settings.guard:
        return ()
    taken = {*parse_codes(settings.languages), *(parse_codes(settings.held_out) if settings.held_out else ())}
    wanted = parse_codes(settings.guard_languages) if settings.guard_languages else builtin_languages()
    return tuple(code for code in wanted if code not in taken)


def guard_sequences(settings: Settings) -> int:
    """Sequences of each guard."""
    return max(1, round(GUARD_TOKENS / settings.sequence_length))


def guarded(model: LanguageModel, settings: Settings, packed: Packed) -> Packed:
    """The calibration tokens with those of the guards, and a note of it.

    Raises TextError for a guard that is not built in.
    """
    guards = guards_of(settings)
    if not guards:
        return packed
    corpus = builtin(guards).calibration
    try:
        found = pack(corpus, model.encode, model.start, settings.sequence_length, GUARD_TOKENS, settings.seed)
    except TextError:
        said = f"No language was guarded: the built-in text of a guard is shorter than one sequence of {settings.sequence_length} tokens."
        return dataclasses.replace(packed, notes=(*packed.notes, said))
    said = f"{len(guards)} other languages were guarded with {settings.guard:.0%} of the weight: {', '.join(guards)}."
    return dataclasses.replace(packed.guarded(found, settings.guard), notes=(*packed.notes, said))


def learning_texts(model: LanguageModel, packed: Packed, unseen: Sequence[str], seed: int = 0) -> Packed:
    """What a repair that trains learns from: the calibration tokens, and all the built-in text to calibrate on, of every language but `unseen`
    ones. Languages that were not asked for are its guards.

    Evaluation texts are never among it: it is the other half of the built-in ones.
    """
    length, asked = packed.ids.shape[1], packed.chosen
    halves = builtin().calibration
    codes = tuple(dict.fromkeys((*asked.languages, *(code for code in builtin_languages() if code not in unseen))))
    ids, rows = [], []
    sources: list[tuple[str, ...]] = []
    for row, code in enumerate(codes):
        found = [asked.only([code])] if code in asked.languages and asked.corpus != halves.name else []
        if code in halves.passages:
            with contextlib.suppress(TextError):  # Shorter than one sequence.
                found.append(pack(halves.select([code]), model.encode, model.start, length, ALL_TOKENS, seed))
        for part in found:
            ids.append(part.ids)
            rows.append(torch.full((len(part.ids),), row))
            sources += part.sources
    others = tuple(code for code in codes if code not in asked.languages)
    return Packed(packed.corpus, codes, torch.cat(ids), torch.cat(rows), tuple(sources), guards=others)


def learning_tokens(settings: Settings) -> int:
    """About as many tokens as `learning_texts` finds, without a tokenizer."""
    asked = 0 if settings.texts == "built-in" else len(settings.languages) * settings.tokens_per_language
    codes = {*settings.languages, *builtin_languages()} - set(settings.held_out)
    return asked + BUILT_IN_TOKENS * len(codes)
