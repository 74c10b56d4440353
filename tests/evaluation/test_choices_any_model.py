"""Choices are scored right by every kind of model: also where keys and values cannot be kept and picked by rows."""

import pytest
import tiny
import torch

from mwanda_core.evaluation.batching import Choice
from mwanda_core.evaluation.choices import score_groups
from mwanda_core.models import LanguageModel

SMALL = {"vocab_size": tiny.VOCABULARY, "hidden_size": 32, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
ATTENTION = {"num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 48}
RECURRENT = {
    "mamba": SMALL | {"num_hidden_layers": 2, "state_size": 4},
    "lfm2": SMALL | ATTENTION | {"num_hidden_layers": 3, "layer_types": ["conv", "full_attention", "conv"]},
}


def by_hand(model: LanguageModel, choice: Choice) -> float:
    with torch.no_grad():
        logits = model.hf(input_ids=torch.tensor([choice.ids])).logits[0].log_softmax(-1)
    return sum(float(logits[place - 1, choice.ids[place]]) for place in range(choice.first, len(choice.ids)))


@pytest.mark.parametrize("family", [*RECURRENT, "llama", "bloom", "gpt2"])
def test_choices_equal_the_model_s_own_logits(family: str) -> None:
    model = tiny.language_model(family, **RECURRENT.get(family, {}))
    assert model.keeps_rows == (family not in RECURRENT)
    contexts = tiny.random_ids(3, 120, seed=2).tolist()
    groups = [
        [Choice((*context, *tail), 120) for tail in tiny.random_ids(3, 4 + i, seed=i).tolist()]
        for i, context in enumerate(contexts)
    ]
    found = dict(pair for batch in score_groups(model, groups) for pair in batch)
    for index, group in enumerate(groups):
        wanted = [by_hand(model, choice) for choice in group]
        assert found[index].loglikelihoods == pytest.approx(wanted, rel=1e-3, abs=1e-3)
