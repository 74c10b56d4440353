"""Distillation's loop by hand: Adam's first steps, the rise and fall of the rate, whose turn it is, and which look stays."""

import itertools
from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from mwanda_core.methods.repair.base import TrainingTask
from mwanda_core.methods.repair.distillation import Adam, Distillation


def valley(aims: Sequence[float], judged: Sequence[Sequence[float]]) -> tuple[TrainingTask, Tensor]:
    """One 1 x 3 matrix whose last weight is pruned; down to `aims`; what is judged are squares of the distance to other points."""
    weight, keep = torch.tensor([[1.0, -1.0, 0.0]]), torch.tensor([[True, True, False]])
    goal = torch.tensor([list(aims)])

    def gradients(sequences: Sequence[int], positions: Sequence[int], temperature: float) -> list[Tensor]:
        return [2 * (weight - goal)]

    def divergences() -> tuple[float, ...]:
        return tuple(float((weight - torch.tensor([list(point)])).square().sum()) for point in judged)

    task = TrainingTask([weight], [keep], [[0, 1], [2]], [[3]] * len(judged), 4, gradients, divergences, lambda: None)
    return task, weight


def test_adam_by_hand() -> None:
    """rms of the kept weights (3, 4): sqrt(12.5). The first step of Adam is the sign, the second (0.9 m + 0.1 g) / 0.19 over the root of
    (0.99 s + 0.01 g^2) / 0.0199."""
    weight, keep = torch.tensor([[3.0, 4.0, 0.0]]), torch.tensor([[True, True, False]])
    adam, scale = Adam.of([weight], [keep]), 12.5**0.5
    adam.step([torch.tensor([[5.0, -2.0, 7.0]])], 0.01)
    assert weight.tolist() == [pytest.approx([3 - 0.01 * scale, 4 + 0.01 * scale, 0])]
    adam.step([torch.tensor([[-5.0, 0.0, 7.0]])], 0.01)
    size = (0.01 * 25 * 1.99 / 0.0199) ** 0.5
    first = 3 - 0.01 * scale - 0.01 * scale * ((0.9 * 0.1 * 5 - 0.1 * 5) / 0.19) / size
    assert float(weight[0, 0]) == pytest.approx(first)
    assert float(weight[0, 2]) == 0


def test_half_precision_moves_by_less_than_its_own_steps() -> None:
    weight, keep = torch.ones(1, 1, dtype=torch.bfloat16), torch.ones(1, 1, dtype=torch.bool)
    adam = Adam.of([weight], [keep])
    for _ in range(4):
        adam.step([torch.ones(1, 1)], 0.001)
    assert float(weight) == pytest.approx(0.996, abs=0.002)
    assert float(adam.copies[0]) == pytest.approx(0.996, abs=1e-5)


def test_the_rate_rises_and_falls() -> None:
    repair = Distillation(steps=20)
    assert [repair.slope(step) for step in (1, 2, 11, 20)] == pytest.approx([0.5, 1, 10 / 19, 1 / 19])


def test_languages_take_turns_and_every_sequence_comes_once_before_any_comes_twice() -> None:
    task, _ = valley([0, 0, 0], [[0, 0, 0]])
    steps = list(itertools.islice(Distillation(tokens=8, share=0.5).draws(task), 6))
    assert all(len(positions) == 2 and positions == sorted(set(positions)) for _, positions in steps)
    flat = [sequence for sequences, _ in steps for sequence in sequences]
    assert all(2 in sequences for sequences, _ in steps)  # Two languages, two places a step; the second has one sequence.
    assert sorted(flat) == [0] * 3 + [1] * 3 + [2] * 6
    assert steps == list(itertools.islice(Distillation(tokens=8, share=0.5).draws(task), 6))


def test_it_ends_at_the_goal_and_what_is_pruned_stays_zero() -> None:
    task, weight = valley([0.5, -0.5, 3], [[0.5, -0.5, 0]])
    trained = Distillation(steps=100, rate=0.05).train(task)
    assert weight.tolist() == [pytest.approx([0.5, -0.5, 0], abs=0.02)]
    assert trained.steps >= 75
    assert trained.before == (0.5,)
    assert trained.after[0] < 0.001


def test_the_look_that_was_best_stays() -> None:
    """What is judged lies half way: going on passes it, and the last look is not the one that stays."""
    task, weight = valley([-1, 1, 0], [[0.2, -0.2, 0]])
    trained = Distillation(steps=40, rate=0.1).train(task)
    assert trained.steps in (10, 20, 30)
    assert float((weight - torch.tensor([[0.2, -0.2, 0]])).square().sum()) == pytest.approx(trained.after[0])
    assert trained.after[0] < trained.before[0]


def test_nothing_stays_that_harms_any_group() -> None:
    task, weight = valley([0, 0, 0], [[0, 0, 0], [1, -1, 0]])
    trained = Distillation(steps=40).train(task)
    assert trained.steps == 0
    assert weight.tolist() == [[1, -1, 0]]
