"""Cut, repair, protect, move biases, and keep account: what every walk does once a linear's statistics are there."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from mwanda_core.engine import experts, gradients
from mwanda_core.engine.outcome import LayerAllocation, LinearOutcome
from mwanda_core.engine.weights import DenseCopy, bias_of, natural_zeros
from mwanda_core.methods.composition import Recipe
from mwanda_core.methods.repair import BlockRepair, BlockTask, Fitted, NoRepair
from mwanda_core.methods.solvers import Solution
from mwanda_core.models import DecoderBlock, LanguageModel, PrunableLinear, Recording, block_in_float32, in_float32
from mwanda_core.parts.evidence import BlockEvidence, LinearEvidence
from mwanda_core.parts.masks import cut_, lifted, pack
from mwanda_core.parts.patterns import count_kept
from mwanda_core.progress import Monitor

REPAIR_COST = 3.0
"""A forward and a backward pass in float32, in forward passes; only for the progress bar."""


def targets_of(model: LanguageModel, allocation: LayerAllocation) -> dict[str, float]:
    """Full name of every linear -> the sparsity of its block."""
    return {
        block.full_name(linear): target
        for block, target in zip(model.blocks, allocation.sparsity, strict=True)
        for linear in block.linears
    }


@dataclasses.dataclass
class Ledger:
    """What is to be cut, and what was cut so far.

    targets: full name of a linear -> its sparsity. protect: full name -> Bool [out, in] of weights to be kept before all
    others. undo False: nothing is kept to undo the cuts (the dense weights lie on a disk).
    """

    recipe: Recipe
    targets: Mapping[str, float]
    protect: Mapping[str, Tensor] = dataclasses.field(default_factory=dict)
    undo: bool = True
    dense: DenseCopy = dataclasses.field(default_factory=DenseCopy)
    linears: list[LinearOutcome] = dataclasses.field(default_factory=list)
    masks: dict[str, Tensor] = dataclasses.field(default_factory=dict)
    updates: dict[str, Tensor] = dataclasses.field(default_factory=dict)
    num_moved: int = 0
    lacking: dict[int, list[list[str]]] = dataclasses.field(default_factory=dict)
    """Of blocks with experts, what each expert was lacking (`experts.lacking`)."""

    @property
    def repairs(self) -> bool:
        """Whether weights change before the cut."""
        return isinstance(self.recipe.repair, BlockRepair) and not isinstance(self.recipe.repair, NoRepair)

    def solve(self, item: LinearEvidence) -> Solution:
        """What is kept of a linear, and its new weights.

        Raises InputError when a score is not a number.
        """
        score = self.recipe.score(item)
        if item.name in self.protect:
            score = lifted(score, self.protect[item.name])
        return self.recipe.solve(item, score, self.targets[item.name])

    @torch.no_grad()
    def cut(self, block: DecoderBlock, linear: PrunableLinear, item: LinearEvidence) -> None:
        """Score, select, write.

        Raises InputError when a score is not a number.
        """
        solution = self.solve(item)
        zeros = natural_zeros(linear.weight)
        self._save(block, linear)
        if solution.weight is not None:
            linear.weight.copy_(solution.weight)
        cut_(linear.weight, solution.keep)
        self.masks[item.name] = pack(solution.keep).cpu()
        if solution.weight is not None or self.repairs:
            self.updates[item.name] = linear.weight.clone(memory_format=torch.contiguous_format).cpu()
        self._move_bias(linear, item)
        outputs, inputs = linear.weight.shape
        self.linears.append(
            LinearOutcome(
                block=block.index,
                module=linear.name,
                kind=linear.kind,
                outputs=outputs,
                inputs=inputs,
                allocated=self.recipe.pattern.achievable(self.targets[item.name]),
                kept=count_kept(solution.keep),
                zeros_before=zeros,
                note=solution.note,
            )
        )

    def _save(self, block: DecoderBlock, linear: PrunableLinear) -> None:
        """Copy the weight before its first write, where something will ask for it: an undo, or the bias for what was lost."""
        if self.undo or (self.recipe.score.moves_bias and bias_of(linear) is not None):
            self.dense.save(block.full_name(linear), linear)

    def _move_bias(self, linear: PrunableLinear, item: LinearEvidence) -> None:
        """Let the bias take up what the score says it should; a layer without one is left as it is."""
        if not self.recipe.score.moves_bias or (bias := bias_of(linear)) is None:
            return
        self.dense.shift_bias(item.name, linear, self.recipe.score.bias_shift(item, self.dense.lost(item.name, linear)))
        self.updates[f"{item.name}.bias"] = bias.clone().cpu()
        self.num_moved += 1

    def repair(
        self,
        model: LanguageModel,
        block: DecoderBlock,
        evidence: Callable[[], BlockEvidence],
        recordings: Sequence[Recording],
        entering: Sequence[Tensor],
        monitor: Monitor,
    ) -> None:
        """Let the recipe's repair change the block's weights, in float32; the final cut is still to come.

        Linears that other blocks call, too, stay as they are: what it would gain here, they might lose. evidence: of the weights as they are when it is called. recordings, entering: single sequences and what enters the block.
        """
        learning = [linear for linear in block.linears if not linear.elsewhere]
        if not self.repairs or not learning:
            return
        assert isinstance(self.recipe.repair, BlockRepair)
        for linear in block.linears:
            self._save(block, linear)
        with block_in_float32(block):
            # The block is called in float32, so what it is called with must be, too.
            calls = [in_float32(recording) for recording in recordings]
            inputs = [hidden.float() for hidden in entering]

            def forward(index: int) -> Tensor:
                return model.replay(block, calls[index], inputs[index])

            def cut() -> None:
                for linear in block.linears:
                    # Evidence anew for each linear: cutting one must not hold the scores of the others.
                    keep = self.solve(evidence().linears[linear.name]).keep
                    linear.weight.masked_fill_(~keep, 0)

            def tick() -> None:
                monitor.advance(REPAIR_COST * calls[0].batch.num_tokens)

            with torch.no_grad():
                outputs = [forward(index) for index in range(len(inputs))]
            with gradients.wanting_gradients(learning) as weights:
                self.recipe.repair.optimise(BlockTask(weights, forward, outputs, cut, tick))

    def in_order(self, block: DecoderBlock) -> None:
        """Put the outcomes of a block just cut in the order of its linears."""
        places = {linear.name: place for place, linear in enumerate(block.linears)}
        start = len(self.linears) - len(places)
        self.linears[start:] = sorted(self.linears[start:], key=lambda outcome: places[outcome.module])

    @torch.no_grad()
    def refit(self, name: str, home: tuple[int, str], linear: PrunableLinear, fitted: Fitted) -> None:
        """Write the new values of the weights that an earlier cut kept, if there are any. name, home: the linear's full name, and its block
        and name there."""
        if fitted.weight is not None:
            linear.weight.copy_(fitted.weight)
            self.updates[name] = linear.weight.clone(memory_format=torch.contiguous_format).cpu()
        place = next(i for i, o in enumerate(self.linears) if (o.block, o.module) == home)
        old = self.linears[place]
        self.linears[place] = dataclasses.replace(old, note="; ".join(filter(None, (fitted.note, old.note))))

    def forget(self) -> None:
        """Begin a new page: what was cut is kept elsewhere, and can no longer be undone."""
        assert not self.undo, "the dense weights would be lost"
        self.dense = DenseCopy()
        for entries in (self.linears, self.masks, self.updates):
            entries.clear()

    def notes(self, linears: Sequence[LinearOutcome]) -> tuple[str, ...]:
        """What a reader should know beside the figures of all linears."""
        routed = experts.notes(self.lacking)
        if not self.recipe.score.moves_bias:
            return routed
        return (
            f"The mean of what {self.recipe.score.title} cut was added to the bias of {self.num_moved} linear layers; "
            f"{len(linears) - self.num_moved} have no bias and were not compensated.",
            *routed,
        )
