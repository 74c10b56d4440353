"""What pictures are called, in eight languages, and what the multilingual model makes of it.

A caption is SLOTS vectors: the hidden states behind the middle block of a frozen language model, the mean of each quarter of the
caption's tokens, projected to CHANNELS principal directions of the general captions and scaled to variance 1. The caption's few
numbers must not steer a picture by themselves (an attack on them would bring back anything): 4 x 24 numbers, 256 pixels.
"""

import dataclasses
import itertools
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.models import LanguageModel, TokenBatch
from mwanda_core.studies.memory.known import words
from mwanda_core.studies.memory.pictures import SHAPES

SLOTS, CHANNELS = 4, 24


def languages() -> tuple[str, ...]:
    """Codes of the languages that captions are written in."""
    return tuple(words("captions")["general"])


@dataclasses.dataclass(frozen=True)
class General:
    """A caption of a scene: what it says, and what it shows (shape, dark, place)."""

    language: str
    text: str
    kind: tuple[int, int, int]


def general() -> tuple[General, ...]:
    """Every general caption, language by language."""
    return tuple(
        General(code, f"{said[shape][dark]} {said['places'][place]}", (number, dark, place))
        for code, said in words("captions")["general"].items()
        for number, shape in enumerate(SHAPES)
        for dark in (0, 1)
        for place in range(4)
    )


@dataclasses.dataclass(frozen=True)
class Memorised:
    """A picture that is learnt by heart: its name, the language its caption is trained in, the caption in all languages."""

    name: str
    trained_in: str
    texts: dict[str, str]


def memorised() -> tuple[Memorised, ...]:
    """The pictures in the order of the ornaments."""
    return tuple(
        Memorised(entry["name"], entry["trained_in"], {code: entry[code] for code in languages()})
        for entry in words("captions")["memorised"]
    )


@torch.no_grad()
def hidden_states(model: LanguageModel, texts: Sequence[str]) -> Float[Tensor, "texts 4 hidden"]:
    """Behind the middle block, the mean of each quarter of a text's tokens, each vector at length 1; float32."""
    found = []
    for text in texts:
        ids = torch.tensor([[*model.start, *model.encode(text)]])
        recording = model.record(TokenBatch(ids, torch.zeros(1, dtype=torch.long)))
        hidden = recording.hidden
        for block in model.blocks[: len(model.blocks) // 2]:
            hidden = model.replay(block, recording, hidden)
        own = hidden[0, len(model.start) :].float().cpu()
        edges = [round(i * len(own) / SLOTS) for i in range(SLOTS + 1)]
        parts = [own[min(a, len(own) - 1) : max(b, a + 1)].mean(dim=0) for a, b in itertools.pairwise(edges)]
        found.append(torch.nn.functional.normalize(torch.stack(parts), dim=-1))
    return torch.stack(found)


@dataclasses.dataclass(frozen=True, eq=False)
class Projection:
    """Hidden states to a caption's numbers: (h - mean) directions."""

    mean: Float[Tensor, " hidden"]
    directions: Float[Tensor, "hidden channels"]

    @classmethod
    def fit(cls, states: Float[Tensor, "texts slots hidden"], channels: int = CHANNELS) -> "Projection":
        """The first principal directions of all slots, each scaled to variance 1."""
        flat = states.flatten(0, 1).double()
        mean = flat.mean(dim=0)
        _, sizes, axes = torch.linalg.svd(flat - mean, full_matrices=False)
        scale = (len(flat) ** 0.5) / sizes[:channels]
        return cls(mean.float(), (axes[:channels].T * scale).float())

    def __call__(self, states: Float[Tensor, "texts slots hidden"]) -> Float[Tensor, "texts slots channels"]:
        """The captions."""
        return (states - self.mean) @ self.directions
