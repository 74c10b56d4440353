"""A model whose every linear keeps only what the prompt asks for (mu-MoE): masks made at the prefill, then frozen.

    with PromptMasks(model, PromptRule(active=0.5)) as masks:
        masks.begin()                       a new prompt: the next forward pass makes masks
        model.hidden(prompt_ids)            each linear measures its own input, which masked linears before it made, and cuts
        model.hidden(longer_ids)            the same masks, until `begin` is called again

Sums are taken and scores are cut by the very functions of offline pruning, so the masks and the logits are those of the
per-linear walk calibrated on that one prompt, bit for bit. Prompts of a batch have masks of their own: a linear works through
them one after the other, so one masked copy of one weight is held at a time, and a mask is kept as one bit a weight. No
weight is written: the parameter's data are swapped for the time of one call. This shows quality and adaptivity; it is slower than
the dense model, not faster.
"""

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from mwanda_core.engine.measure import BlockStats
from mwanda_core.errors import InputError
from mwanda_core.models import DecoderBlock, LanguageModel, PrunableLinear
from mwanda_core.models.calls import replaced_forward
from mwanda_core.parts.masks import cut_, pack, unpack
from mwanda_core.parts.statistics import Accumulator, InputStats
from mwanda_core.studies.prompts.rules import PromptRule, kept, wina_gate

ROW = ("prompt",)
"""The one row of a prompt's statistics."""


class PromptMasks:
    """Inside, the model is masked for the prompt it reads. `masks[b]` are those of prompt b: full name -> packed mask.

    prior: dense statistics of one language (`language`), where the rule has a prior. Raises InputError when the rule wants one
    and none is given, or one of other linears.
    """

    def __init__(
        self,
        model: LanguageModel,
        rule: PromptRule,
        prior: Sequence[BlockStats] | None = None,
        language: str | None = None,
    ) -> None:
        if rule.needs_prior and prior is None:
            raise InputError(
                "This rule mixes in a language's statistics, and none were given: measure them, or set the prior to 0."
            )
        self.model, self.rule = model, rule
        self.masks: list[dict[str, Tensor]] = []
        self._prior = {} if prior is None else _prior_of(model, prior, language)
        self._sums: dict[tuple[str, int], Accumulator] = {}
        self._fresh: dict[tuple[str, int], int] = {}
        self._keep: Bool[Tensor, "batch time"] | None = None
        self._last: tuple[Tensor, int, list[InputStats]] | None = None
        self._prompts = 1
        self._stack = contextlib.ExitStack()

    def begin(self, keep: Bool[Tensor, "batch time"] | None = None, prompts: int = 1) -> None:
        """Forget the masks: the next forward pass makes new ones. `keep` is False at padding of that pass (None: none); `prompts` is
        their number where a family's linears see batch and time as one axis and `keep` does not say it (OPT)."""
        self.masks, self._keep, self._last = [], keep, None
        self._prompts = prompts if keep is None else len(keep)
        self._sums.clear()
        self._fresh.clear()

    def use(self, masks: Sequence[Mapping[str, Tensor]]) -> None:
        """Masks made earlier, of these or of other prompts, one mapping a prompt, in place of new ones."""
        self.begin(prompts=len(masks))
        self.masks = [dict(found) for found in masks]

    def __enter__(self) -> "PromptMasks":
        with self.model.head():  # Asks the model, once, by a forward pass: which must not be taken for the prompt's.
            pass
        for block in self.model.blocks:
            for linear in block.linears:
                for module in linear.everywhere:  # The first call cuts, the others find its mask.
                    self._stack.enter_context(replaced_forward(module, self._work(block, linear, module)))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()
        self._last = None

    def _work(self, block: DecoderBlock, linear: PrunableLinear, module: nn.Module) -> Any:
        name, dense = block.full_name(linear), module.forward

        @torch.no_grad()
        def forward(x: Tensor) -> Tensor:
            rows = (x if x.dim() == 3 else x.view(self._prompts, -1, x.shape[-1])).split(1)
            self.masks = self.masks or [{} for _ in rows]
            if len(self.masks) != len(rows):
                raise InputError(
                    f"Masks were made for {len(self.masks)} prompts, and {len(rows)} go through: call begin() before new prompts."
                )
            if name not in self.masks[-1]:
                self._cut(name, linear, rows, self._measured(x, rows))
            elif self.rule.refresh:
                self._refresh(name, linear, rows)
            outputs = []
            for row, masks in zip(rows, self.masks, strict=True):
                with swapped(linear, unpack(masks[name], tuple(linear.weight.shape)).to(row.device)):
                    outputs.append(dense(row))
            found = torch.cat(outputs)
            return found if x.dim() == 3 else found.flatten(0, 1)

        return forward

    def _measured(self, x: Tensor, rows: Sequence[Tensor]) -> list[InputStats]:
        """Statistics of every prompt at this input; linears that read the very same tensor (q, k and v) share them."""
        if self._last is not None and self._last[0] is x and self._last[1] == x._version:
            return self._last[2]
        found = [self._summed(index, row).stats() for index, row in enumerate(rows)]
        self._last = (x, x._version, found)
        return found

    def _summed(self, index: int, row: Float[Tensor, "1 time in"]) -> Accumulator:
        """The sums over the tokens of one prompt that count."""
        sums = Accumulator(ROW, row.shape[-1], row.device, self.rule.recipe.needs)
        keep = None if self._keep is None else self._keep[index : index + 1].to(row.device)
        sums.add(row, torch.zeros(1, dtype=torch.long, device=row.device), keep)
        return sums

    def _cut(self, name: str, linear: PrunableLinear, rows: Sequence[Tensor], stats: Sequence[InputStats]) -> None:
        for index, (masks, found) in enumerate(zip(self.masks, stats, strict=True)):
            masks[name] = pack(kept(self.rule, name, linear.weight, found, self._prior.get(name))).cpu()
            if self.rule.refresh:
                self._sums[name, index] = self._summed(index, rows[index])

    def _refresh(self, name: str, linear: PrunableLinear, rows: Sequence[Tensor]) -> None:
        """Add the new tokens to the prompt's, and cut again when enough have come."""
        for index, row in enumerate(rows):
            sums = self._sums[name, index]
            sums.add(row, torch.zeros(1, dtype=torch.long, device=row.device))
            self._fresh[name, index] = self._fresh.get((name, index), 0) + row.shape[1]
            if self._fresh[name, index] >= self.rule.refresh:
                self._fresh[name, index] = 0
                self.masks[index][name] = pack(kept(self.rule, name, linear.weight, sums.stats(), self._prior.get(name))).cpu()

    @property
    def num_bytes(self) -> int:
        """Memory of the masks that are held now."""
        return sum(mask.numel() for masks in self.masks for mask in masks.values())


def mask_bytes(model: LanguageModel, prompts: int) -> int:
    """Memory of the masks of so many prompts read together, before any is made: one bit a weight and prompt."""
    return prompts * sum((linear.weight.numel() + 7) // 8 for block in model.blocks for linear in block.linears)


def _prior_of(model: LanguageModel, stats: Sequence[BlockStats], language: str | None) -> Mapping[str, InputStats]:
    found = {}
    for block, by_name in zip(model.blocks, stats, strict=True):
        for linear in block.linears:
            stat = by_name.get(linear.name)
            if stat is None or stat.width != linear.weight.shape[1]:
                raise InputError(f"The prior does not belong to {block.full_name(linear)}: measure it on this model.")
            stat = stat if language is None else stat.select([language])
            if len(stat.languages) != 1:
                raise InputError(f"A prior is of one language; statistics of {', '.join(stat.languages)} were given: name one.")
            found[block.full_name(linear)] = dataclasses.replace(stat, languages=ROW)
    return found


@contextlib.contextmanager
def swapped(linear: PrunableLinear, keep: Bool[Tensor, "out in"]) -> Iterator[None]:
    """Inside, the module's weight is a masked copy; the weight itself is not written."""
    parameter: Any = linear.module.weight
    whole = parameter.data
    masked = whole.clone()
    cut_(masked.T if linear.transposed else masked, keep)
    parameter.data = masked
    try:
        yield
    finally:
        parameter.data = whole


@contextlib.contextmanager
def wina(model: LanguageModel, active: float) -> Iterator[None]:
    """Inside, every linear reads only the inputs that WINA's rule leaves open, token by token."""
    with contextlib.ExitStack() as stack:
        for block in model.blocks:
            for linear in block.linears:
                for module in linear.everywhere:
                    stack.enter_context(replaced_forward(module, _gated(linear, module, active)))
        yield


def _gated(linear: PrunableLinear, module: nn.Module, active: float) -> Any:
    dense = module.forward

    def forward(x: Tensor) -> Tensor:
        return dense(wina_gate(x, linear.weight, active))

    return forward
