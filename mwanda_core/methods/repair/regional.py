r"""Wanda++'s regional optimiser (Yang et al. 2025, section 3.3).

    repeat `rounds` times:   cut by the recipe's score;  draw `samples` sequences;
        for each of them one RMSprop step on   || f_dense(X_n) - f(X_n) ||_F^2 / numel

f is the block as its weights are now. The steps are not masked: a weight that was cut may grow back and is scored again in the
next round; the engine's final cut restores the exact sparsity. Gradients are zeroed before every step (the released
reimplementation accumulates them within a round). Sequences are drawn by `seed`.
"""

import dataclasses

import torch

from mwanda_core.methods.repair.base import BlockRepair, BlockTask
from mwanda_core.parts.knobs import number, whole
from mwanda_core.parts.needs import Need


@dataclasses.dataclass(frozen=True)
class Regional(BlockRepair):
    """Small steps that pull the pruned block's output back to the dense block's, between repeated cuts."""

    title = "Regional optimiser (Wanda++)"
    formula = r"\min_W \lVert f_{\text{dense}}(X_n) - f_W(X_n)\rVert_F^2"
    source = "Yang et al. 2025 (Wanda++), regional optimisation"
    origin = "paper"
    needs = frozenset({Need.SEQUENCES})

    rounds: int = whole(5, 1, 20, "Cuts, each followed by one pass over the drawn sequences.")
    samples: int = whole(32, 1, 256, "Sequences drawn in each round (all, if there are fewer).")
    rate: float = number(3e-7, 0.0, 1e-3, 1e-7, "Learning rate of RMSprop.")
    seed: int = whole(0, 0, 2**31 - 1, "Which sequences are drawn.")

    def optimise(self, task: BlockTask) -> None:
        if self.rate == 0:
            return
        generator = torch.Generator().manual_seed(self.seed)
        optimiser = torch.optim.RMSprop(list(task.weights), lr=self.rate)
        for _ in range(self.rounds):
            task.cut()
            for index in torch.randperm(len(task.targets), generator=generator)[: self.samples].tolist():
                task.tick()
                optimiser.zero_grad(set_to_none=True)
                with torch.enable_grad():
                    loss = (task.forward(index) - task.targets[index]).square().mean()
                    loss.backward()
                optimiser.step()

    def steps(self, sequences: int) -> int:
        return self.rounds * min(self.samples, sequences) if self.rate else 0
