r"""Language neurons: MLP neurons that fire for few languages (LAPE, Tang et al. 2024, section 2).

A neuron i is one entry of the MLP's activation function: a row of the gate (and up) matrix and a column of the down matrix. With
P_l[i] = share of the tokens of language l with act_fn(gate(x))_i > 0:

    q_l[i]  = P_l[i] / sum_m P_m[i]                        (0 where no language fires it)
    LAPE[i] = - sum_l q_l[i] ln q_l[i]                     0: one language; ln L: all alike

 1. bar = the k-th smallest of all P_l[i], k = round(0.95 * their number); neurons that no language fires above it are dropped
 2. of the others, the round(0.01 * number of all neurons) with the lowest LAPE are language neurons
 3. such a neuron belongs to every language that fires it above the bar

The 1 % and 95 % are the published ones; two of the steps (2 where fewer neurons are left than wanted, and ties by index) are
not spelled out there and are this project's.

Where a model's neurons are is found by `mlps.find_mlps`.
"""

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from mwanda_core.corpora import Packed
from mwanda_core.engine.streams import record_all
from mwanda_core.errors import InputError
from mwanda_core.insight.cuts import HALF, base
from mwanda_core.insight.mlps import Mlp
from mwanda_core.languages import language
from mwanda_core.models import LanguageModel, TokenBatch
from mwanda_core.progress import Monitor

RATE, BAR = 0.01, 0.95
"""Share of all neurons that become language neurons; percentile of all P that "fires" means. Both as published."""


@dataclasses.dataclass(frozen=True)
class Firing:
    """Tokens of each language that fire each neuron. Neurons of all MLPs one after the other; `blocks` and `sizes` are by MLP."""

    languages: tuple[str, ...]
    blocks: tuple[int, ...]
    sizes: tuple[int, ...]
    positive: Float[Tensor, "neurons languages"]
    tokens: Float[Tensor, " languages"]

    def probability(self) -> Float[Tensor, "neurons languages"]:
        """P, float64 in [0, 1]."""
        return self.positive / self.tokens

    def select(self, names: Sequence[str], languages: Sequence[str] = ()) -> "Firing":
        """Some languages (or halves), in that order, under other names where `languages` gives some.

        Raises InputError for a name that was not measured.
        """
        missing = [name for name in names if name not in self.languages]
        if missing:
            raise InputError(f"No neurons were measured for {', '.join(missing)}; measured were {', '.join(self.languages)}.")
        at = [self.languages.index(name) for name in names]
        renamed = tuple(languages) or tuple(names)
        return Firing(renamed, self.blocks, self.sizes, self.positive[:, at], self.tokens[at])

    def joined(self) -> "Firing":
        """Whole languages from halves (measured on `cuts.halves`): their counts add up."""
        codes = tuple(dict.fromkeys(base(name) for name in self.languages))
        first, second = (self.select([f"{code}{HALF}{half}" for code in codes], codes) for half in (1, 2))
        return dataclasses.replace(first, positive=first.positive + second.positive, tokens=first.tokens + second.tokens)


@dataclasses.dataclass(frozen=True)
class LanguageNeurons:
    """member[l, i]: neuron i belongs to language l. entropy: LAPE in nats, infinite where a neuron was dropped."""

    languages: tuple[str, ...]
    blocks: tuple[int, ...]
    sizes: tuple[int, ...]
    entropy: Float[Tensor, " neurons"]
    member: Bool[Tensor, "languages neurons"]

    def of(self, code: str) -> Bool[Tensor, " neurons"]:
        """The neurons of one language."""
        return self.member[self.languages.index(code)]

    def by_block(self) -> pd.DataFrame:
        """Language x block: language, name, block, neurons, share (of the block's neurons)."""
        counts = torch.stack([part.sum(dim=1) for part in self.member.split(self.sizes, dim=1)], dim=1).tolist()
        rows = [
            (code, language(code).name, block, counts[row][column], counts[row][column] / self.sizes[column])
            for row, code in enumerate(self.languages)
            for column, block in enumerate(self.blocks)
        ]
        return pd.DataFrame(rows, columns=["language", "name", "block", "neurons", "share"])


@torch.no_grad()
def measure_firing(model: LanguageModel, mlps: Sequence[Mlp], packed: Packed, monitor: Monitor | None = None) -> Firing:
    """Which neurons fire in which language, on the model as it stands: one pass of the tokens, block by block.

    `halves(packed)` in place of `packed` gives what `stability` wants.
    """
    monitor = monitor or Monitor()
    recordings = record_all(model, packed)
    hidden = [recording.hidden for recording in recordings]
    by_block = {mlp.block: mlp for mlp in mlps}
    counts = []
    for block in model.blocks:
        monitor.begin(f"Neurons of block {block.index + 1} of {len(model.blocks)}")
        mlp = by_block.get(block.index)
        with _counting(mlp, len(packed.languages), model.device) as (count, current):
            for index, recording in enumerate(recordings):
                current[:] = [recording.batch]
                hidden[index] = model.replay(block, recording, hidden[index])
                monitor.advance(recording.batch.num_tokens)
        if mlp is not None:
            counts.append(count)
    tokens = torch.bincount(packed.rows, minlength=len(packed.languages)).double() * packed.ids.shape[1]
    positive = torch.cat(counts, dim=1).T.contiguous().cpu()
    return Firing(packed.languages, tuple(m.block for m in mlps), tuple(m.neurons for m in mlps), positive, tokens)


@contextlib.contextmanager
def _counting(mlp: Mlp | None, languages: int, device: torch.device) -> Iterator[tuple[Tensor, list[TokenBatch]]]:
    current: list[TokenBatch] = []
    if mlp is None:
        yield torch.zeros(languages, 0, dtype=torch.float64), current
        return
    count = torch.zeros(languages, mlp.neurons, dtype=torch.float64, device=device)

    def hook(module: nn.Module, args: Any, output: Tensor) -> None:
        batch = current[0]
        fired = output.reshape(*batch.ids.shape, -1) > 0
        count.index_add_(0, batch.rows, fired.sum(dim=1, dtype=torch.int32).double())

    handle = mlp.activation.register_forward_hook(hook)
    try:
        yield count, current
    finally:
        handle.remove()


def entropies(probability: Float[Tensor, "neurons languages"]) -> Float[Tensor, " neurons"]:
    """LAPE in nats, float64; 0 where no language fires the neuron. The order of the languages does not matter, bit for bit."""
    total = probability.sort(dim=1).values.sum(dim=1, keepdim=True)
    share = torch.where(total > 0, probability / total, 0.0)
    return -torch.special.xlogy(share, share).sort(dim=1).values.sum(dim=1)


def language_neurons(firing: Firing, rate: float = RATE, bar: float = BAR) -> LanguageNeurons:
    """Steps 1 to 3 of the module's docstring.

    Raises InputError for fewer than two languages, or shares outside (0, 1).
    """
    if len(firing.languages) < 2:
        raise InputError(f"Language neurons need at least two languages; measured were {', '.join(firing.languages)}.")
    if not (0 < rate < 1 and 0 < bar < 1):
        raise InputError(f"The share of neurons and the percentile must lie between 0 and 1; they were {rate} and {bar}.")
    probability = firing.probability()
    everything = probability.flatten()
    height = everything.kthvalue(max(1, round(len(everything) * bar))).values
    above = probability > height
    entropy = torch.where(above.any(dim=1), entropies(probability), torch.inf)
    wanted = min(round(len(entropy) * rate), int(torch.isfinite(entropy).sum()))
    chosen = torch.zeros(len(entropy), dtype=torch.bool)
    chosen[entropy.argsort(stable=True)[:wanted]] = True
    return LanguageNeurons(firing.languages, firing.blocks, firing.sizes, entropy, (above & chosen[:, None]).T.contiguous())
