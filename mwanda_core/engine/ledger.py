"""Score and cut one linear, and keep account: what every walk does when a linear's statistics are there."""

import dataclasses

import torch
from torch import Tensor

from mwanda_core.engine.outcome import LayerAllocation, LinearOutcome
from mwanda_core.engine.plan import is_global
from mwanda_core.engine.weights import DenseCopy, bias_of
from mwanda_core.errors import InputError
from mwanda_core.methods.composition import Recipe
from mwanda_core.methods.repair import NoRepair
from mwanda_core.models import DecoderBlock, LanguageModel, PrunableLinear
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.masks import cut_, num_zeros, pack
from mwanda_core.parts.needs import SUMS, listed
from mwanda_core.parts.patterns import count_kept


def refuse_beyond_statistics(recipe: Recipe, walk: str) -> None:
    """Refuse a recipe that needs more than sums over the inputs of a linear.

    Raises InputError in one sentence.
    """
    beyond = recipe.needs - SUMS
    if beyond or not isinstance(recipe.repair, NoRepair):
        what = listed(beyond) or recipe.repair.title
        raise InputError(
            f"The {walk} walk works with sums over each input alone, and {recipe.title} needs {what}: choose the sequential mode, "
            "or a method such as wanda or m-wanda."
        )
    if is_global(recipe):
        raise InputError(
            f"The {walk} walk prunes before it has seen all scores, so it cannot compare weights of the whole model: choose the "
            "one-pass mode, or the row or layer scope."
        )


def targets_of(model: LanguageModel, allocation: LayerAllocation) -> dict[str, float]:
    """Full name of every linear -> the sparsity of its block."""
    return {
        block.full_name(linear): target
        for block, target in zip(model.blocks, allocation.sparsity, strict=True)
        for linear in block.linears
    }


@dataclasses.dataclass
class Ledger:
    """What was cut so far. `dense` None: nothing is kept to undo the cuts (the dense weights lie on a disk)."""

    recipe: Recipe
    dense: DenseCopy | None
    linears: list[LinearOutcome] = dataclasses.field(default_factory=list)
    masks: dict[str, Tensor] = dataclasses.field(default_factory=dict)
    updates: dict[str, Tensor] = dataclasses.field(default_factory=dict)
    num_moved: int = 0

    @torch.no_grad()
    def cut(self, block: DecoderBlock, linear: PrunableLinear, item: LinearEvidence, target: float) -> None:
        """Score, select, write.

        Raises InputError when a score is not a number.
        """
        score = self.recipe.score(item)
        solution = self.recipe.solve(item, score, target)
        del score  # Four bytes a weight: gone before the dense copy is made.
        zeros = num_zeros(linear.weight)
        moves = self.recipe.score.moves_bias and bias_of(linear) is not None
        dense = DenseCopy() if self.dense is None else self.dense
        if self.dense is not None or moves:
            dense.save(item.name, linear)
        if solution.weight is not None:
            linear.weight.copy_(solution.weight)
        cut_(linear.weight, solution.keep)
        self.masks[item.name] = pack(solution.keep).cpu()
        if solution.weight is not None:
            self.updates[item.name] = linear.weight.clone(memory_format=torch.contiguous_format).cpu()
        if moves:
            dense.shift_bias(item.name, linear, self.recipe.score.bias_shift(item, dense.lost(item.name, linear)))
            bias = bias_of(linear)
            assert bias is not None
            self.updates[f"{item.name}.bias"] = bias.clone().cpu()
            self.num_moved += 1
        outputs, inputs = linear.weight.shape
        self.linears.append(
            LinearOutcome(
                block=block.index, module=linear.name, kind=linear.kind, outputs=outputs, inputs=inputs,
                allocated=self.recipe.pattern.achievable(target), kept=count_kept(solution.keep), zeros_before=zeros,
                note=solution.note,
            )
        )  # fmt: skip

    def notes(self) -> tuple[str, ...]:
        """What a reader should know beside the figures."""
        if not self.recipe.score.moves_bias:
            return ()
        return (
            f"The mean of what {self.recipe.score.title} cut was added to the bias of {self.num_moved} linear layers; "
            f"{len(self.linears) - self.num_moved} have no bias and were not compensated.",
        )
