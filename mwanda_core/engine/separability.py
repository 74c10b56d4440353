r"""How far true and false statements lie apart after every block (Fu et al. 2025, from the released code).

With h the output of a block at the last token of a statement, T and F the true and false ones, mu the mean of all:

    within  = 1/2 mean_dim [ Var(h | F) + Var(h | T) ]                  (unbiased variances)
    between = 1/2 mean_dim [ (mu_F - mu)^2 + (mu_T - mu)^2 ]
    v       = between / within

"standardised" divides every dimension by its standard deviation first. Published v is a ratio of sums over raw dimensions: where a
few massive dimensions hold nearly all variance (Gemma 3 270M from block 10 on) it falls to nothing although a probe reads truth as well
as before. Affirmative and negated statements are sets of their own: together they would cancel.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from mwanda_core.corpora.statements import Statement, statement_languages, statements
from mwanda_core.errors import InputError
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor

BATCH = 16
"""Statements in one pass, all of one length, so that no padding is needed."""

KINDS = ("published", "standardised")
SETS = ("capitals", "words")
"""Topics that the allocation asks about: TPLO's are cities and Spanish words, affirmative and negated."""


def separability(
    states: Float[Tensor, "statements hidden"], true: Bool[Tensor, " statements"], standardised: bool = False
) -> float:
    """v; NaN for a class of fewer than two statements."""
    states = states.double()
    if standardised:
        spread = states.std(dim=0)
        states = states / torch.where(spread > 0, spread, 1.0)
    yes, no, middle = states[true], states[~true], states.mean(dim=0)
    within = (yes.var(dim=0) + no.var(dim=0)).mean() / 2
    between = ((yes.mean(dim=0) - middle).square() + (no.mean(dim=0) - middle).square()).mean() / 2
    return float(between / within)


@torch.no_grad()
def last_states(
    model: LanguageModel, texts: Sequence[str], monitor: Monitor | None = None
) -> Float[Tensor, "blocks texts hidden"]:
    """Output of every block at the last token of each text, float32 on the CPU. Nothing but the opening token is added. One unit of
    progress is one token through the whole model."""
    monitor = monitor or Monitor()
    ids = [[*model.start, *model.encode(text)] for text in texts]
    found = torch.zeros(len(model.blocks), len(texts), model.shape.hidden)
    current: list[list[int]] = [[]]

    def keep(block: int) -> Callable[..., None]:
        def hook(module: torch.nn.Module, args: Any, output: Any) -> None:
            states = output[0] if isinstance(output, tuple) else output
            found[block, current[0]] = states[:, -1].float().cpu()

        return hook

    handles = [block.module.register_forward_hook(keep(block.index)) for block in model.blocks]
    try:
        for chosen in _of_one_length([len(one) for one in ids]):
            current[0] = chosen
            batch = torch.tensor([ids[index] for index in chosen])
            model.hidden(batch)
            monitor.advance(float(batch.numel()))
    finally:
        for handle in handles:
            handle.remove()
    return found


def _of_one_length(lengths: Sequence[int]) -> list[list[int]]:
    by_length: dict[int, list[int]] = {}
    for index, length in enumerate(lengths):
        by_length.setdefault(length, []).append(index)
    return [same[start : start + BATCH] for same in by_length.values() for start in range(0, len(same), BATCH)]


def by_set(
    states: Float[Tensor, "blocks statements hidden"], asked: Sequence[Statement]
) -> tuple[Mapping[str, Mapping[str, float]], ...]:
    """Per block: "<language>/<topic>/<affirmative or negated>" -> kind of v -> v."""
    sets: dict[str, list[int]] = {}
    for index, one in enumerate(asked):
        key = f"{one.language}/{one.topic}/{'negated' if one.negated else 'affirmative'}"
        sets.setdefault(key, []).append(index)
    true = torch.tensor([one.true for one in asked])
    return tuple(
        {
            key: {kind: separability(block[rows], true[rows], kind == "standardised") for kind in KINDS}
            for key, rows in sets.items()
        }
        for block in states
    )


def asked_in(languages: Sequence[str]) -> tuple[Statement, ...]:
    """The statements that the allocation asks about, in those of the languages that have some.

    Raises InputError when none has.
    """
    having = [code for code in languages if code in statement_languages()]
    if not having:
        raise InputError(
            f"TPLO needs true and false statements, which there are in {', '.join(statement_languages())}; calibration is in "
            f"{', '.join(languages)}."
        )
    return tuple(one for code in having for one in statements(code, SETS))


def measure(model: LanguageModel, languages: Sequence[str], monitor: Monitor) -> tuple[Mapping[str, Mapping[str, float]], ...]:
    """As `by_set`, of the built-in statements on the model as it stands. One unit of progress is one token through one block."""
    asked = asked_in(languages)
    monitor.begin("Separability of true and false statements")
    return by_set(last_states(model, [one.text for one in asked], monitor.scaled(len(model.blocks))), asked)


def work(model: LanguageModel, languages: Sequence[str]) -> float:
    """Units of work that `measure` reports."""
    asked = asked_in(languages)
    return float(sum(len(model.encode(one.text)) + len(model.start) for one in asked) * len(model.blocks))
