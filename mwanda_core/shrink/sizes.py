"""What the parts of a model weigh, so that the size of a smaller one is known before it is made."""

import dataclasses

from mwanda_core.shrink import experts, gated, heads, vocabulary
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
    per_head: float = 0.0
    """A query head in one block."""
    per_group: float = 0.0
    """A key and a value head in one block."""
    attention: heads.Attention = dataclasses.field(default_factory=lambda: heads.Attention(0, 0, 0))
    per_expert: float = 0.0
    """Over all layers."""
    experts: int = 0

    def total(
        self, tokens: int, num_layers: int, width: int, attention: heads.Attention | None = None, num_experts: int | None = None
    ) -> float:
        """Weights and tokenizer of a model with these numbers; all heads and experts where none are given."""
        block = self.per_layer - self.per_neuron * (self.width - width)
        if attention is not None:
            block -= self.per_head * (self.attention.heads - attention.heads)
            block -= self.per_group * (self.attention.groups - attention.groups)
        gone = 0.0 if num_experts is None else self.per_expert * (self.experts - num_experts)
        return self.fixed + self.per_token * tokens + num_layers * block - gone + self.tokenizer * tokens / self.tokens

    def widest(self, tokens: int, num_layers: int, budget: float, step: int, attention: heads.Attention | None = None) -> int:
        """Most neurons that fit, a multiple of `step`; 0 where nothing fits."""
        spare = budget - self.total(tokens, num_layers, 0, attention)
        return min(self.width, int(spare / (num_layers * self.per_neuron)) // step * step) if spare > 0 else 0

    def most_experts(self, tokens: int, budget: float) -> int:
        """Most experts of each layer that fit; 0 where none do."""
        spare = budget - self.total(tokens, self.layers, self.width, None, 0)
        return max(0, min(self.experts, int(spare / self.per_expert)))


def sizes(folder: ModelFolder) -> Sizes:
    """Of a model's folder; where blocks cannot be cut, all but vocabulary and experts is fixed."""
    per_token, rows = vocabulary.bytes_per_token(folder), vocabulary.num_rows(folder)
    tokenizer = (folder.path / TOKENIZER).stat().st_size
    if folder.model_type not in gated.FAMILIES:
        fixed, count = folder.num_bytes - round(per_token * rows), experts.count_of(folder)
        each = experts.num_bytes(folder) if count else 0.0
        return Sizes(fixed, per_token, rows, 0.0, 0, 0.0, 0, tokenizer, per_expert=each, experts=count)
    path, width, found = gated.path_of(folder), gated.width(folder), heads.attention_of(folder)
    inside = {name: one for name, one in folder.tensors.items() if name.startswith(path)}

    def weigh(*parts: str) -> float:
        """Of these parts of the first block."""
        return sum(
            one.num_bytes for name, one in inside.items() if name.startswith(tuple(f"{path}0.{part}." for part in parts))
        )

    down, out = (f"{path}0.{part}.bias" for part in (gated.DOWN, heads.OUT))  # As long as the hidden state: they stay.
    stay = {name: inside[name].num_bytes if name in inside else 0 for name in (down, out)}
    body = sum(one.num_bytes for one in inside.values())
    fixed = folder.num_bytes - body - sum(one.num_bytes for one in vocabulary.by_token(folder).values())
    count = gated.num_layers(folder)
    return Sizes(
        fixed, per_token, rows, body / count, count, (weigh(gated.GATE, gated.UP, gated.DOWN) - stay[down]) / width, width, tokenizer,
        (weigh(heads.QUERY, heads.OUT) - stay[out]) / found.heads, weigh(heads.KEY, heads.VALUE) / found.groups, found,
    )  # fmt: skip
