"""A prompt is tokens, and two tokens that may come next: the right one and a wrong one.

    margin = logit(right) - logit(wrong)  after the last token        accuracy = share of margins above 0

Both endings are tokenised with what stands before them; the prompt is what the two have in common, so that a tokenizer that joins
the end of the context with the ending cannot give anything away.
"""

import dataclasses
from collections.abc import Iterator, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.errors import TextError
from mwanda_core.models import LanguageModel
from mwanda_core.models.decoding import exact_logits
from mwanda_core.progress import Monitor
from mwanda_core.tasks import Task

BATCH = 16
"""Prompts in one pass, all of one length."""


@dataclasses.dataclass(frozen=True)
class Question:
    """A text and two endings, before any tokenizer; the ending begins with a blank where words are separated by blanks."""

    task: str
    language: str
    text: str
    right: str
    wrong: str


@dataclasses.dataclass(frozen=True)
class Prompt:
    """`ids` with the opening token, if the tokenizer has one; `right` and `wrong` are tokens."""

    question: Question
    ids: tuple[int, ...]
    right: int
    wrong: int


def prompts_of(model: LanguageModel, questions: Sequence[Question]) -> tuple[Prompt, ...]:
    """Questions as tokens.

    Raises TextError for a question whose endings have the same tokens or of which one begins the other.
    """
    found = []
    for question in questions:
        right, wrong = (model.encode(question.text + ending) for ending in (question.right, question.wrong))
        same = 0
        while same < min(len(right), len(wrong)) and right[same] == wrong[same]:
            same += 1
        if same == min(len(right), len(wrong)):
            raise TextError(
                f"The endings {question.right!r} and {question.wrong!r} cannot be told apart by the next token: choose others."
            )
        found.append(Prompt(question, (*model.start, *right[:same]), right[same], wrong[same]))
    return tuple(found)


def from_task(task: Task, kind: str = "") -> tuple[Question, ...]:
    """Two-way questions of any benchmark here (minimal pairs, facts): the right choice against the first wrong one. Items whose
    choices differ before they begin (leads) are left out."""
    found = []
    for item in task.items:
        if item.leads:
            continue
        wrong = next(choice for index, choice in enumerate(item.choices) if index != item.answer)
        found.append(Question(kind or task.name, item.language, item.context, item.choices[item.answer], wrong))
    return tuple(found)


def batches_of(prompts: Sequence[Prompt], size: int = BATCH) -> Iterator[list[int]]:
    """Indices of prompts of one length, at most `size` at a time."""
    by_length: dict[int, list[int]] = {}
    for index, prompt in enumerate(prompts):
        by_length.setdefault(len(prompt.ids), []).append(index)
    for same in by_length.values():
        for start in range(0, len(same), size):
            yield same[start : start + size]


def ids_of(prompts: Sequence[Prompt], chosen: Sequence[int]) -> Tensor:
    """Int [batch, time]."""
    return torch.tensor([prompts[index].ids for index in chosen])


def margins_in(
    model: LanguageModel, prompts: Sequence[Prompt], chosen: Sequence[int], states: Float[Tensor, "batch time hidden"]
) -> Float[Tensor, " batch"]:
    """Margins, float32, from what the head would see; differentiable."""
    pairs = torch.tensor([[prompts[i].right, prompts[i].wrong] for i in chosen], device=states.device)
    logits = exact_logits(model, states[:, -1], pairs)
    return logits[:, 0] - logits[:, 1]


@torch.no_grad()
def margins(model: LanguageModel, prompts: Sequence[Prompt], monitor: Monitor | None = None) -> Float[Tensor, " prompts"]:
    """The margin of every prompt on the model as it stands, float32, in their order."""
    monitor = monitor or Monitor()
    found = torch.zeros(len(prompts))
    for chosen in batches_of(prompts):
        ids = ids_of(prompts, chosen)
        found[chosen] = margins_in(model, prompts, chosen, model.hidden(ids)).cpu()
        monitor.advance(float(ids.numel()))
    return found


def num_tokens(prompts: Sequence[Prompt]) -> int:
    """Tokens of all prompts: the unit of work of one pass."""
    return sum(len(prompt.ids) for prompt in prompts)
