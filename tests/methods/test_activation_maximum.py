"""Maximum over languages."""

import making
import torch

from mwanda_core.methods.activation import Maximum


def test_by_hand() -> None:
    # en: rms (3, 1); de: rms (1, 2).
    found = making.stats({"en": torch.tensor([[3.0, 1.0], [-3.0, -1.0]]), "de": torch.tensor([[1.0, 2.0]])})
    assert Maximum().channels(found).tolist() == [3.0, 2.0]


def test_by_reference() -> None:
    tokens = {"en": making.noise(5, 4), "de": 2 * making.noise(7, 4, seed=1), "sw": making.noise(3, 4, seed=2)}
    wanted = [max(float((x[:, j] ** 2).mean().sqrt()) for x in tokens.values()) for j in range(4)]
    torch.testing.assert_close(Maximum().channels(making.stats(tokens)), torch.tensor(wanted))


def test_gram_weights_are_those_of_the_tokens() -> None:
    found = making.stats({"en": making.noise(1, 2), "de": making.noise(3, 2)})
    assert Maximum().weights(found).tolist() == [0.25, 0.75]
