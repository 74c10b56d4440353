"""One prompt under every kind of mask: what it loses, and how the model goes on. What `mwanda prompt` prints and a page shows.

    dense             all weights
    static, English   one mask for everybody, calibrated on English
    static, own       one mask, calibrated on the prompt's language
    mu-moe            the prompt's own mask
    prior             the prompt's own mask with its language's prior

Two losses a mask, both in nats per token over the second half of the prompt: `loss` with a mask from the first half (fair), `loss_seen`
with one from the whole prompt (it has seen what it predicts; the same for masks that no prompt made). Continuations follow the whole
prompt under its whole mask.
"""

import contextlib
import dataclasses
from collections.abc import Generator, Sequence

import pandas as pd
import torch

from mwanda_core.corpora import Corpus, builtin, pack
from mwanda_core.engine.measure import BlockStats, measure_model
from mwanda_core.errors import InputError
from mwanda_core.insight import langid
from mwanda_core.insight.generation import GenerationSettings, Prompt, generate
from mwanda_core.languages import parse_codes
from mwanda_core.methods.recipes import recipe
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.studies.cutting import cut_from
from mwanda_core.studies.prompts.masks import PromptMasks
from mwanda_core.studies.prompts.protocols import MASK_COST
from mwanda_core.studies.prompts.rules import FREE, PromptRule
from mwanda_core.studies.texts import loss_from, only

COLUMNS = ("condition", "active", "tokens", "loss", "loss_seen", "continuation")
STATIC = {"static, English": "en", "static, own": ""}


@dataclasses.dataclass(frozen=True)
class Question:
    """A prompt and how to look at it. language "auto" is told from the text. refresh: new masks every so many written tokens."""

    text: str
    language: str = "auto"
    active: float = 0.5
    prior_tokens: float = 64.0
    refresh: int = 0
    new_tokens: int = 24

    def __post_init__(self) -> None:
        # Both refuse numbers that cannot be, here before a model is loaded.
        PromptRule(self.active, prior_tokens=self.prior_tokens, refresh=self.refresh)
        GenerationSettings(max_new_tokens=self.new_tokens)

    def told(self) -> str:
        """The language's code.

        Raises InputError for a text whose language cannot be told.
        """
        if self.language != "auto":
            return parse_codes([self.language])[0]
        found = langid.identify(self.text)
        if found is None or found.language == langid.NO_LANGUAGE:
            raise InputError("The language of the prompt cannot be told: name it.")
        return found.language


def calibration_of(codes: Sequence[str]) -> Corpus:
    """The built-in calibration passages of some languages.

    Raises TextError for a language without any.
    """
    return builtin(list(dict.fromkeys(codes))).calibration


def language_statistics(
    model: LanguageModel, codes: Sequence[str], tokens: int = 1024, monitor: Monitor | None = None
) -> tuple[BlockStats, ...]:
    """Dense statistics of languages on the built-in calibration passages: priors and static masks are made of them.

    Raises TextError for a language without built-in passages.
    """
    corpus = calibration_of(codes)
    packed = pack(corpus, model.encode, model.start, 128, tokens)
    return measure_model(model, packed, FREE, monitor or Monitor())


def ask_work(model: LanguageModel, question: Question) -> float:
    """Units of work (tokens through the model) that `ask` reports."""
    length = len(model.start) + len(model.encode(question.text))
    return 5 * (3 * length + question.new_tokens) + 6 * MASK_COST


def ask(model: LanguageModel, question: Question, stats: Sequence[BlockStats], monitor: Monitor | None = None) -> pd.DataFrame:
    """One row a condition: `COLUMNS`. stats: dense statistics of English and the prompt's language (`language_statistics`).

    The model is dense again afterwards. Raises InputError for a prompt of fewer than four tokens.
    """
    monitor = monitor or Monitor()
    code = question.told()
    ids = [*model.start, *model.encode(question.text)]
    if len(ids) < 4:
        raise InputError(f"A prompt needs at least four tokens, half of which are scored; this one has {len(ids)}.")
    monitor.plan(ask_work(model, question))
    first = len(ids) // 2
    prompt = Prompt(code, "prompt", question.text)
    writing = GenerationSettings(max_new_tokens=question.new_tokens)
    rows = []
    with contextlib.closing(_conditions(model, question, code, stats, monitor)) as conditions:
        for condition, masks in conditions:
            losses = []
            for seen in (first, len(ids)):
                if masks is not None:
                    masks.begin()
                    model.hidden(torch.tensor([ids[:seen]]))
                losses.append(loss_from(model, ids, first) / (len(ids) - first))
                monitor.advance(len(ids) + MASK_COST * (masks is not None))
            if masks is not None:
                masks.begin()
            written = generate(model, [prompt], writing, Monitor(is_cancelled=monitor.is_cancelled)).items[0]
            monitor.advance(len(ids) + question.new_tokens + MASK_COST * (masks is not None))
            active = 1.0 if condition == "dense" else question.active
            rows.append((condition, active, len(ids) - first, losses[0], losses[1], written.text))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _conditions(
    model: LanguageModel, question: Question, code: str, stats: Sequence[BlockStats], monitor: Monitor
) -> Generator[tuple[str, PromptMasks | None]]:
    """Every condition, the model being under it until the next is asked for."""
    monitor.begin("All weights")
    yield "dense", None
    for condition, source in STATIC.items():
        monitor.begin(condition.capitalize())
        with cut_from(model, recipe("wanda"), only(stats, [source or code]), 1.0 - question.active):
            yield condition, None
    rules = {"mu-moe": 0.0, "prior": question.prior_tokens}
    for condition, prior_tokens in rules.items():
        monitor.begin(f"The prompt's own mask ({condition})")
        rule = PromptRule(question.active, prior_tokens=prior_tokens, refresh=question.refresh)
        with PromptMasks(model, rule, only(stats, [code]) if rule.needs_prior else None) as masks:
            yield condition, masks
