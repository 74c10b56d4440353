"""A prune that is cancelled or fails leaves nothing behind, and a finished one can be undone, bit for bit."""

import dataclasses
import math
from collections.abc import Callable

import pytest
import tiny
import torch
from torch import Tensor

from mwanda_core.corpora import Packed
from mwanda_core.engine.outcome import MODES, PruneResult
from mwanda_core.engine.pruning import prune
from mwanda_core.engine.weights import DenseCopy, natural_zeros, zeros_in
from mwanda_core.errors import Cancelled
from mwanda_core.methods.recipes import recipe
from mwanda_core.methods.scores.base import Score
from mwanda_core.methods.solvers import KeepTop, Solution, Solver
from mwanda_core.models import LanguageModel
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.patterns import Pattern
from mwanda_core.progress import Monitor, Progress


def counted(run: Callable[[Monitor], object]) -> int:
    """How many times a job asks whether it was cancelled."""
    asked = []
    run(Monitor(is_cancelled=lambda: bool(asked.append(1))))
    return len(asked)


class CancelAt:
    """True from the n-th question on."""

    def __init__(self, n: int) -> None:
        self.left = n

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


@pytest.mark.parametrize("mode", MODES[:2])
@pytest.mark.parametrize("name", ["m-wanda", "wanda"])
def test_a_cancelled_prune_leaves_every_bit(name: str, mode: str, calibration: Packed) -> None:
    model = tiny.language_model("llama")
    before = tiny.all_bytes(model)

    def run(monitor: Monitor) -> PruneResult:
        return prune(model, calibration, recipe(name), 0.5, mode, monitor=monitor)  # type: ignore[arg-type]

    steps = counted(lambda monitor: run(monitor).restore())
    assert steps > 20
    for step in [*range(0, steps, max(1, steps // 12)), steps - 1]:
        with pytest.raises(Cancelled, match="the weights are as they were before"):
            run(Monitor(is_cancelled=CancelAt(step)))
        assert tiny.all_bytes(model) == before, step
        assert not any(m._forward_pre_hooks or "forward" in m.__dict__ for m in model.hf.modules())


@dataclasses.dataclass(frozen=True)
class Fails(Solver):
    """Keeps the top of the first few linears and then fails."""

    title = "Fails"
    formula = ""
    source = "these tests"
    origin = "own"
    after: int = 0
    seen: list[int] = dataclasses.field(default_factory=list)

    def solve(self, evidence: LinearEvidence, score: Tensor, pattern: Pattern, sparsity: float) -> Solution:
        self.seen.append(1)
        if len(self.seen) > self.after:
            raise ZeroDivisionError("a solver's own mistake")
        return KeepTop().solve(evidence, score, pattern, sparsity)


@pytest.mark.parametrize("mode", MODES[:2])
@pytest.mark.parametrize("after", [0, 1, 6, 7, 12, 20])
def test_a_failing_solver_leaves_every_bit(after: int, mode: str, calibration: Packed) -> None:
    model = tiny.language_model("llama")
    before = tiny.all_bytes(model)
    with pytest.raises(ZeroDivisionError, match="a solver's own mistake"):
        prune(model, calibration, recipe("m-wanda", solver=Fails(after)), 0.5, mode)  # type: ignore[arg-type]
    assert tiny.all_bytes(model) == before


def test_a_failing_listener_and_an_interrupt_leave_every_bit(llama: LanguageModel, calibration: Packed) -> None:
    before = tiny.all_bytes(llama)

    def interrupt(progress: Progress) -> None:
        if progress.fraction > 0.6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prune(llama, calibration, recipe("wanda"), 0.5, monitor=Monitor(interrupt))
    assert tiny.all_bytes(llama) == before


@dataclasses.dataclass(frozen=True)
class AllEqual(Score):
    """Every weight scores the same: only the index decides."""

    title = "All equal"
    formula = "1"
    source = "these tests"
    origin = "own"

    def __call__(self, evidence: LinearEvidence) -> Tensor:
        return torch.ones_like(evidence.weight)


def test_ties_are_broken_by_index(llama: LanguageModel, calibration: Packed) -> None:
    result = prune(llama, calibration, recipe("wanda", score=AllEqual()), 0.25)
    for keep in tiny.masks_of(result).values():
        cut = keep.shape[1] // 4
        assert not keep[:, :cut].any()
        assert keep[:, cut:].all()


def test_restore_is_for_every_bit_pattern(llama: LanguageModel) -> None:
    linear = llama.blocks[0].linears[0]
    linear.weight[0, :4] = torch.tensor([-0.0, math.nan, math.inf, 1e-45])
    before = tiny.all_bytes(llama)
    copy = DenseCopy()
    keep = torch.zeros_like(linear.weight, dtype=torch.bool)
    copy.write("a", linear, keep)
    assert not linear.weight.any()
    assert not torch.signbit(linear.weight).any()
    copy.write("a", linear, keep)
    copy.restore()
    assert tiny.all_bytes(llama) == before
    copy.restore()
    assert tiny.all_bytes(llama) == before


def test_natural_zeros_are_counted_apart(llama: LanguageModel) -> None:
    assert zeros_in(llama) == 0
    llama.blocks[0].linears[0].weight[0, :3] = torch.tensor([0.0, -0.0, 1e-30])
    assert natural_zeros(llama.blocks[0].linears[0].weight) == 2
    assert zeros_in(llama) == 2
