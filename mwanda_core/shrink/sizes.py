"""What the parts of a model weigh, so that the size of a smaller one is known before it is made."""

import dataclasses

from mwanda_core.shrink import gated, vocabulary
from mwanda_core.shrink.folders import TOKENIZER, ModelFolder


@dataclasses.dataclass(frozen=True)
class Sizes:
    """What the parts of a model weigh, in bytes."""

    fixed: int
    per_token: float
    tokens: int
    per_layer: float
    layers: int
    per_neuron: float
    """In one block."""
    width: int
    tokenizer: int

    def total(self, tokens: int, num_layers: int, width: int) -> float:
        """Weights and tokenizer of a model with these numbers."""
        body = num_layers * (self.per_layer - self.per_neuron * (self.width - width))
        return self.fixed + self.per_token * tokens + body + self.tokenizer * tokens / self.tokens

    def widest(self, tokens: int, num_layers: int, budget: float, step: int) -> int:
        """Most neurons that fit, a multiple of `step`; 0 where nothing fits."""
        spare = budget - self.total(tokens, num_layers, 0)
        return min(self.width, int(spare / (num_layers * self.per_neuron)) // step * step) if spare > 0 else 0


def sizes(folder: ModelFolder) -> Sizes:
    """Of a model's folder; where blocks cannot be cut, all but the vocabulary is fixed."""
    if folder.model_type not in gated.FAMILIES:
        return _fixed_blocks(folder)
    rows, path = vocabulary.by_token(folder), gated.path_of(folder)
    inside = {name: one for name, one in folder.tensors.items() if name.startswith(path)}
    neuron = sum(
        one.num_bytes / gated.width(folder)
        for name, one in inside.items()
        if name.startswith(f"{path}0.")
        and any(part in name for part in (gated.GATE, gated.UP, gated.DOWN))
        and gated.width(folder) in one.shape
    )
    body = sum(one.num_bytes for one in inside.values())
    fixed = folder.num_bytes - body - sum(one.num_bytes for one in rows.values())
    count = gated.num_layers(folder)
    file = folder.path / TOKENIZER
    per_token = vocabulary.bytes_per_token(folder)
    return Sizes(
        fixed, per_token, vocabulary.num_rows(folder), body / count, count, neuron, gated.width(folder), file.stat().st_size
    )


def _fixed_blocks(folder: ModelFolder) -> Sizes:
    """Where only the vocabulary is cut: everything else is fixed."""
    per_token, rows = vocabulary.bytes_per_token(folder), vocabulary.num_rows(folder)
    fixed = folder.num_bytes - round(per_token * rows)
    return Sizes(fixed, per_token, rows, 0.0, 0, 0.0, 0, (folder.path / TOKENIZER).stat().st_size)
