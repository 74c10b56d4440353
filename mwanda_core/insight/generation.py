"""What a model writes when it goes on with the same prompts, before and after pruning.

    x_{t+1} = argmax z_t                                                        greedy (temperature 0)
    x_{t+1} = first token, by falling probability, with F(x) > u_t F(last kept)     sampled

F is the cumulative softmax(z_t / temperature), kept up to `top_k` tokens and to the share `top_p` (Holtzman et al. 2020). The
numbers u_t in [0, 1) depend on the seed and the prompt alone: not on the batch, its order, or the model, so that what
differs between two models is the models'.

Prompts of different lengths go through together without padding: the shared length first, then a token at a time, where
a prompt still has tokens its own and elsewhere the model's. Every sequence thus has the same positions as when alone.
"""

import dataclasses
import math
import random
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.corpora import Corpus, builtin
from mwanda_core.errors import InputError
from mwanda_core.languages import language
from mwanda_core.models import LanguageModel
from mwanda_core.models.decoding import next_logits, stop_tokens
from mwanda_core.progress import Monitor

BATCH = 16
"""Prompts that are gone on with together: on a CPU a step costs little more than for one, and 16 rows of logits are small."""

CHARACTERS_PER_WORD = 2
"""Where words are not separated by spaces, so many characters stand for one."""


@dataclasses.dataclass(frozen=True)
class Prompt:
    """The opening of a text in a language. `id` tells two prompts of a language apart."""

    language: str
    id: str
    text: str


@dataclasses.dataclass(frozen=True)
class GenerationSettings:
    """How to go on. Temperature 0 is greedy; top_k 0 and top_p 1 keep every token.

    Raises InputError for a number outside its range.
    """

    max_new_tokens: int = 32
    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.max_new_tokens < 1:
            raise InputError(f"A continuation has at least one token; max_new_tokens was given as {self.max_new_tokens}.")
        if not 0.0 <= self.temperature < math.inf:
            raise InputError(f"The temperature must be 0 (greedy) or more; it was given as {self.temperature}.")
        if self.top_k < 0:
            raise InputError(f"top_k must be 0 (all tokens) or more; it was given as {self.top_k}.")
        if not 0.0 < self.top_p <= 1.0:
            raise InputError(f"top_p is a share, above 0 and at most 1; it was given as {self.top_p}.")


@dataclasses.dataclass(frozen=True)
class Continuation:
    """What was written after a prompt. `tokens` are without the one that ended the text; `ended`: there was one."""

    prompt: Prompt
    tokens: tuple[int, ...]
    text: str
    ended: bool


@dataclasses.dataclass(frozen=True)
class Generations:
    """One continuation a prompt, in the order of the prompts."""

    settings: GenerationSettings
    items: tuple[Continuation, ...]


def prompts_from(corpus: Corpus, per_language: int = 4, words: int = 12) -> tuple[Prompt, ...]:
    """The first `words` words of the first passages of each language (`CHARACTERS_PER_WORD` characters for a word where
    words are not spaced).

    Raises InputError for a number below one.
    """
    if per_language < 1 or words < 1:
        raise InputError(f"Prompts need at least one passage and one word; {per_language} and {words} were given.")
    found = []
    for code, passages in corpus.passages.items():
        for passage in passages[:per_language]:
            text = passage.text
            cut = " ".join(text.split()[:words]) if language(code).spaced else text[: words * CHARACTERS_PER_WORD]
            found.append(Prompt(code, passage.id, cut))
    return tuple(found)


def builtin_prompts(languages: Sequence[str] | None = None, per_language: int = 4, words: int = 12) -> tuple[Prompt, ...]:
    """Openings of the built-in passages that nothing is calibrated on.

    Raises TextError for a language that is not built in, InputError as `prompts_from`.
    """
    return prompts_from(builtin(languages).evaluation, per_language, words)


def generation_work(prompts: Sequence[Prompt], settings: GenerationSettings) -> float:
    """Units of work (new tokens) that `generate` reports."""
    return float(len(prompts) * settings.max_new_tokens)


def generate(
    model: LanguageModel, prompts: Sequence[Prompt], settings: GenerationSettings, monitor: Monitor, label: str = "model"
) -> Generations:
    """Go on with every prompt, with the model as it stands now; stops at the end of a text or at `max_new_tokens`.

    Raises InputError for an empty prompt or one too long for the model, Cancelled (within a token) if the user asked to
    stop. Greedy text can differ between two orders of the prompts only where two logits are equal up to rounding.
    """
    monitor.begin(f"Writing with the {label}")
    ids = [_encoded(model, prompt, settings) for prompt in prompts]
    found: dict[int, list[int]] = {}
    # Prompts of similar length together: every token of difference is a step more.
    order = sorted(range(len(prompts)), key=lambda i: len(ids[i]))
    for start in range(0, len(order), BATCH):
        chosen = order[start : start + BATCH]
        draws = [_draws(settings, prompts[i]) for i in chosen]
        written = _together(model, [ids[i] for i in chosen], draws, settings, monitor)
        found.update(zip(chosen, written, strict=True))
    return Generations(settings, tuple(_continuation(model, prompts[i], ids[i], found[i]) for i in range(len(prompts))))


def choose(logits: Float[Tensor, " vocabulary"], settings: GenerationSettings, draw: float) -> int:
    """The next token, by the module's formula; `draw` in [0, 1) is not used when greedy."""
    if settings.temperature == 0.0:
        return int(logits.argmax())
    values, tokens = logits.topk(min(settings.top_k or len(logits), len(logits)))
    total = (values.cpu().double() / settings.temperature).softmax(dim=0).cumsum(dim=0)
    # The smallest set whose share reaches top_p; rounding may leave the sum of all a little below 1.
    kept = min(int((total < settings.top_p).sum()) + 1, len(total))
    place = int((total[:kept] <= draw * total[kept - 1]).sum())
    return int(tokens[min(place, kept - 1)])


def _draws(settings: GenerationSettings, prompt: Prompt) -> list[float]:
    """u_t of one prompt."""
    source = random.Random(f"{settings.seed}:{prompt.language}:{prompt.id}:{prompt.text}")
    return [source.random() for _ in range(settings.max_new_tokens)]


def _encoded(model: LanguageModel, prompt: Prompt, settings: GenerationSettings) -> list[int]:
    ids = [*model.start, *model.encode(prompt.text)]
    if not ids:
        raise InputError(f"A prompt must hold at least one token; that of {language(prompt.language).name} is empty.")
    # The last new token is not read.
    if model.longest is not None and len(ids) + settings.max_new_tokens - 1 > model.longest:
        raise InputError(
            f"{model.source} reads at most {model.longest} tokens at a time; a prompt of {len(ids)} and "
            f"{settings.max_new_tokens} new tokens are too many: choose a shorter prompt or fewer new tokens."
        )
    return ids


def _together(
    model: LanguageModel, given: list[list[int]], draws: list[list[float]], settings: GenerationSettings, monitor: Monitor
) -> list[list[int]]:
    """New tokens of each sequence, the one that ends it included."""
    stops = stop_tokens(model)
    written: list[list[int]] = [[] for _ in given]
    open_rows = set(range(len(given)))
    length = min(map(len, given))
    fed, cache = torch.tensor([ids[:length] for ids in given]), None
    while open_rows:
        rows = [row for row in sorted(open_rows) if len(given[row]) <= length]
        logits, cache = next_logits(model, fed, torch.tensor(rows, dtype=torch.long), cache)
        for row, scores in zip(rows, logits, strict=True):
            token = choose(scores, settings, draws[row][len(written[row])])
            written[row].append(token)
            if token in stops or len(written[row]) == settings.max_new_tokens:
                open_rows.discard(row)
        closed = [settings.max_new_tokens - len(written[row]) for row in rows if row not in open_rows]
        monitor.advance(len(rows) + sum(closed))
        fed = torch.tensor([[_next(ids, new, length)] for ids, new in zip(given, written, strict=True)])
        length += 1
    return written


def _next(ids: list[int], new: list[int], place: int) -> int:
    """The token at a place of a sequence; one that has ended is fed its last token, and what follows is not looked at."""
    return ids[place] if place < len(ids) else new[min(place - len(ids), len(new) - 1)]


def _continuation(model: LanguageModel, prompt: Prompt, ids: list[int], written: list[int]) -> Continuation:
    ended = written[-1] in stop_tokens(model)
    tokens = written[:-1] if ended else written
    # Decoded with its prompt: alone, some tokenizers drop a continuation's first space.
    before = str(model.tokenizer.decode(ids, skip_special_tokens=True))
    whole = str(model.tokenizer.decode([*ids, *tokens], skip_special_tokens=True))
    alone = str(model.tokenizer.decode(tokens, skip_special_tokens=True))
    return Continuation(prompt, tuple(tokens), whole[len(before) :] if whole.startswith(before) else alone, ended)
