"""Token losses: transformers' own loss, whatever the chunks and the padding."""

import pytest
import tiny
import torch
from torch.testing import assert_close

from mwanda_core.evaluation import losses as home
from mwanda_core.evaluation.losses import chunked_losses, sequence_losses
from mwanda_core.models import LanguageModel


def own_loss(model: LanguageModel, ids: list[int], first: int) -> float:
    """Summed loss in nats of tokens first, first + 1, ... by the model's own labels argument."""
    labels = torch.tensor([ids]).clone()
    labels[0, :first] = -100
    with torch.no_grad():
        found = model.hf(input_ids=torch.tensor([ids]), labels=labels)
    return float(found.loss) * (len(ids) - first)


def sequences() -> list[list[int]]:
    return [tiny.random_ids(1, length, seed=length)[0].tolist() for length in (14, 11, 5, 2)]


@pytest.mark.parametrize("num_start", [0, 1, 3])
def test_they_are_transformers_own_losses(family: str, num_start: int) -> None:
    model = tiny.language_model(family)
    given = sequences()[: 3 if num_start == 3 else 4]
    found = sequence_losses(model, given, num_start)
    assert found == pytest.approx([own_loss(model, ids, max(1, num_start)) for ids in given], rel=1e-4)


@pytest.mark.parametrize("family", ["llama", "gemma2"])
def test_chunks_do_not_matter(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny.language_model(family)
    whole = sequence_losses(model, sequences(), 1)
    for chunk, cache in ((260, 10**6), (1, 1), (3 * 260, 2 * 260), (10**9, 260)):
        monkeypatch.setattr(home, "LOSS_CHUNK_ELEMENTS", chunk)
        monkeypatch.setattr(home, "CACHE_ELEMENTS", cache)
        assert sequence_losses(model, sequences(), 1) == pytest.approx(whole, rel=1e-5)


def test_no_more_logits_than_allowed_are_held(llama: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "LOSS_CHUNK_ELEMENTS", 5 * tiny.VOCABULARY)
    shapes = []
    with llama.head() as head:

        def noting(states: torch.Tensor) -> torch.Tensor:
            shapes.append(len(states))
            return head(states)

        chunked_losses(noting, torch.randn(12, 32), torch.zeros(12, dtype=torch.long), tiny.VOCABULARY)
    assert shapes == [5, 5, 2]


def test_by_hand() -> None:
    logits = torch.tensor([[0.0, 0.0], [2.0, 0.0]])
    found = chunked_losses(lambda states: logits, torch.zeros(2, 3), torch.tensor([0, 1]), 2)
    assert_close(found, torch.tensor([2.0, 1.0 + torch.e**2]).log())
    assert chunked_losses(lambda states: logits[:0], torch.zeros(0, 3), torch.zeros(0, dtype=torch.long), 2).shape == (0,)


def test_large_logits_do_not_overflow() -> None:
    logits = torch.tensor([[1e4, 0.0, -1e4]], dtype=torch.bfloat16)
    found = chunked_losses(lambda states: logits, torch.zeros(1, 3), torch.tensor([1]), 3)
    assert_close(found, torch.tensor([float(logits[0, 0])]))


def test_padding_does_not_matter(family: str) -> None:
    model = tiny.language_model(family)
    together = sequence_losses(model, sequences(), 1)
    alone = [sequence_losses(model, [ids], 1)[0] for ids in sequences()]
    assert together == pytest.approx(alone, rel=1e-4)


def test_a_padding_token_inside_a_text_counts(llama: LanguageModel) -> None:
    ids = [5, tiny.PAD, tiny.PAD, 7, tiny.PAD]
    assert sequence_losses(llama, [ids, sequences()[0]], 1)[0] == pytest.approx(own_loss(llama, ids, 1), rel=1e-4)


def test_a_sequence_without_scored_tokens_costs_nothing(llama: LanguageModel) -> None:
    assert sequence_losses(llama, [[5]], 1) == [0.0]
    assert sequence_losses(llama, [[5, 6, 7], [5]], 1)[1] == 0.0
