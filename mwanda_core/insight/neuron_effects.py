"""What silencing language neurons does to the loss, and how a mask can spare them.

The effect of silencing the neurons of one language on the loss of another (Tang et al. 2024, section 3) stands beside that of as
many random neurons of the same blocks. Sparing neurons is this project's: their weights are ranked above all others, and every
comparison group still keeps exactly as many weights as before.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from mwanda_core.corpora import Packed
from mwanda_core.engine.streams import batches
from mwanda_core.evaluation.losses import chunked_losses
from mwanda_core.insight.mlps import Mlp
from mwanda_core.insight.neuron_damage import random_like
from mwanda_core.insight.neurons import LanguageNeurons
from mwanda_core.languages import language
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor


class Protection(Mapping[str, Tensor]):
    """Full name of a linear -> Bool [out, in], True where a weight must be kept. A mask is made when it is asked for."""

    def __init__(
        self, rows: Mapping[str, Tensor], columns: Mapping[str, Tensor], shapes: Mapping[str, tuple[int, int]]
    ) -> None:
        self._rows, self._columns, self._shapes = dict(rows), dict(columns), dict(shapes)

    def __getitem__(self, name: str) -> Bool[Tensor, "out in"]:
        must = torch.zeros(self._shapes[name], dtype=torch.bool)
        if name in self._rows:
            must |= self._rows[name][:, None]
        if name in self._columns:
            must |= self._columns[name][None, :]
        return must

    def __iter__(self) -> Iterator[str]:
        return iter(self._shapes)

    def __len__(self) -> int:
        return len(self._shapes)


def protect(model: LanguageModel, mlps: Sequence[Mlp], chosen: Bool[Tensor, " neurons"], with_rows: bool = False) -> Protection:
    """The weights of some neurons (`found.of("sw")`, `found.member.any(dim=0)`) as a mask of what must be kept, by full name.

    The down column alone, unless `with_rows`: a pattern that prunes the same number of every row cannot spare a whole row, so
    gate and up rows are for the layer and global scopes. `lifted` turns it into scores that keep all counts exact.
    """
    rows: dict[str, Tensor] = {}
    columns: dict[str, Tensor] = {}
    shapes: dict[str, tuple[int, int]] = {}
    for mlp, mine in zip(mlps, chosen.split([mlp.neurons for mlp in mlps]), strict=True):
        block = model.blocks[mlp.block]
        linears = {linear.name: linear for linear in block.linears}
        columns[block.full_name(linears[mlp.down])] = mine
        used = {mlp.down: linears[mlp.down]}
        for name, first in mlp.rows if with_rows else ():
            full = block.full_name(linears[name])
            rows.setdefault(full, torch.zeros(len(linears[name].weight), dtype=torch.bool))
            rows[full][first : first + mlp.neurons] |= mine
            used[name] = linears[name]
        shapes |= {block.full_name(linear): (linear.weight.shape[0], linear.weight.shape[1]) for linear in used.values()}
    return Protection(rows, columns, shapes)


@contextlib.contextmanager
def silenced(mlps: Sequence[Mlp], chosen: Bool[Tensor, " neurons"]) -> Iterator[None]:
    """Inside, the chosen neurons give 0; afterwards the model is as it was, whatever happened. No weight is written."""

    def mute(which: Tensor) -> Any:
        def hook(module: nn.Module, args: Any, output: Tensor) -> Tensor:
            return output.masked_fill(which.to(output.device), 0)

        return hook

    with contextlib.ExitStack() as stack:
        for mlp, mine in zip(mlps, chosen.split([mlp.neurons for mlp in mlps]), strict=True):
            if bool(mine.any()):
                stack.callback(mlp.activation.register_forward_hook(mute(mine)).remove)
        yield


@torch.no_grad()
def language_losses(model: LanguageModel, packed: Packed, monitor: Monitor) -> Float[Tensor, " languages"]:
    """Mean loss per token of each language (nats, float64), on the model as it stands."""
    total = torch.zeros(len(packed.languages), dtype=torch.float64)
    count = torch.zeros_like(total)
    for batch in batches(packed):
        hidden = model.hidden(batch.ids)[:, :-1].flatten(0, 1)
        with model.head() as head:
            losses = chunked_losses(head, hidden, batch.ids[:, 1:].flatten().to(hidden.device), model.vocabulary)
        rows = batch.rows.repeat_interleave(batch.ids.shape[1] - 1)
        total.index_add_(0, rows, losses.double().cpu())
        count.index_add_(0, rows, torch.ones(len(rows), dtype=torch.float64))
        monitor.advance(batch.num_tokens)
    return total / count


def silencing(
    model: LanguageModel,
    mlps: Sequence[Mlp],
    found: LanguageNeurons,
    packed: Packed,
    *,
    languages: Sequence[str] = (),
    draws: int = 1,
    seed: int = 0,
    monitor: Monitor | None = None,
) -> pd.DataFrame:
    """Language x language effect of silencing (Tang et al. 2024, section 3): silenced, control ("neurons" or "random"), draw,
    neurons, language (of the text), dense_loss, loss, increase (nats per token).

    languages: those whose neurons are silenced, one after the other; all of `found` unless some are named. Each costs 1 + draws
    passes of the text, which should not be what the neurons were found on. One unit of progress is one scored token.
    """
    monitor = monitor or Monitor()
    wanted = tuple(languages) or found.languages
    monitor.plan(packed.num_tokens * (1 + len(wanted) * (1 + draws)))
    monitor.begin("Scoring with all neurons")
    dense = language_losses(model, packed, monitor)
    rows = []
    for code in wanted:
        sets = [("neurons", 0, found.of(code))]
        sets += [("random", draw, chosen) for draw, chosen in enumerate(random_like(found, code, draws, seed))]
        for control, draw, chosen in sets:
            monitor.begin(
                f"Scoring without the {language(code).name} neurons" + (" (random control)" if control == "random" else "")
            )
            with silenced(mlps, chosen):
                losses = language_losses(model, packed, monitor)
            rows += [
                (code, control, draw, int(chosen.sum()), text, float(dense[i]), float(losses[i]), float(losses[i] - dense[i]))
                for i, text in enumerate(packed.languages)
            ]
    names = ["silenced", "control", "draw", "neurons", "language", "dense_loss", "loss", "increase"]
    return pd.DataFrame(rows, columns=names)
