r"""Windows: the kept weights of an attention part, an MLP, or a whole block learn together to give the dense one's outputs.

For a window f of block k, with X what enters the block in the pruned model (everything before it pruned and repaired) and Z what enters it
in the dense one, over tokens t of all languages in turn,

    min over W in S of   mean over t of   || f_W(X)_t - f_dense(Z)_t ||^2 / || f_dense(Z)_t ||^2

A single matrix can only be fitted to what it should have given; a window holds the nonlinearity and may move an error from one matrix into
another. Each token counts relative to its own output, or the first one alone would decide in models with massive activations. Steps, left-out languages and the
gate are those of `distillation`: a window stays as it is unless whom it did not learn from gains.

Reconstruction of windows against dense activations is from "A Free Lunch in LLM Compression" (2025); steps relative to each matrix and the
judge are ours.
"""

import dataclasses

from mwanda_core.methods.repair.base import Refit, Trained, Training, TrainingTask
from mwanda_core.methods.repair.distillation import FIRST, JUDGED_SHARE, LOOKS, Distillation
from mwanda_core.parts.knobs import choice, number, whole


@dataclasses.dataclass(frozen=True)
class Windows(Training):
    """After the cut, and after least squares, the weights that stay in a block, or in its attention and its MLP one after the other, learn
    together to give again what the dense ones gave, as long as languages and texts that they do not learn from gain by it."""

    title = "Windows: block, or attention and MLP"
    formula = r"\min_{W \in S}\ \sum_t \lVert f_W(X)_t - f_{\text{dense}}(Z)_t\rVert^2 / \lVert f_{\text{dense}}(Z)_t\rVert^2"
    source = "this project; windows after A Free Lunch in LLM Compression (2025)"
    origin = "own"
    at_once = False

    first: str = choice("least-squares", tuple(FIRST), "What gives the kept weights new values before the first step.")
    window: str = choice("block", ("block", "parts"), "The whole block, or its parts (attention, MLP) one after the other.")
    steps: int = whole(30, 0, 100_000, "Steps a window; 0: none.")
    rate: float = number(0.002, 0.0, 0.1, 0.0005, "Largest step of a weight, in units of the root mean square of its matrix.")
    tokens: int = whole(1024, 1, 10**7, "Tokens a step.")
    seed: int = whole(0, 0, 2**31 - 1, "Which sequences come when.")

    @property
    def refit(self) -> Refit | None:
        return FIRST[self.first]

    @property
    def parted(self) -> bool:
        """Whether the parts of a block are windows of their own."""
        return self.window == "parts"

    def passes(self, texts: float, blocks: float, head: float) -> float:
        windows = 2 if self.parted else 1
        return blocks * (2 * texts + windows * (3 * self.steps * self.tokens + (LOOKS + 1) * JUDGED_SHARE * texts))

    def train(self, task: TrainingTask) -> Trained:
        loop = Distillation("none", self.steps, self.rate, self.tokens, 1.0, 1.0, self.seed)
        return loop.train(task)
