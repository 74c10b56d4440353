"""The faster arithmetic gives what the slow definition gives: sums in pieces, selection, writing, one watch a block, lean recordings."""

import math

import pytest
import tiny
import torch
from hypothesis import given, strategies as st
from torch import Tensor
from torch.testing import assert_close

from mwanda_core.corpora import Packed
from mwanda_core.engine.measure import input_groups, measure_block
from mwanda_core.engine.meters import Wants
from mwanda_core.engine.streams import record_all, record_lean
from mwanda_core.parts import statistics as sums
from mwanda_core.parts.masks import cut_, keep_top, keep_top_per_row, num_zeros
from mwanda_core.parts.needs import SUMS
from mwanda_core.parts.statistics import Accumulator
from mwanda_core.progress import Monitor

CPU = torch.device("cpu")
TYPES = [torch.float32, torch.bfloat16, torch.float16]


def accumulated(x: Tensor, rows: Tensor, languages: int) -> sums.InputStats:
    found = Accumulator([f"l{i}" for i in range(languages)], x.shape[2], CPU, SUMS)
    found.add(x, rows)
    return found.stats()


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("shape", [(3, 700, 300), (40, 30, 257), (1, 5, 200_000), (7, 1, 3)])
def test_sums_in_pieces_are_float64_sums(shape: tuple[int, int, int], dtype: torch.dtype) -> None:
    """Within 1e-6 of exact sums, whatever the pieces: several to a sequence, several sequences to one, wider than one."""
    x = torch.randn(shape).to(dtype)
    rows = torch.arange(shape[0]) % min(3, shape[0])
    found = accumulated(x, rows, 3)
    for row in range(min(3, shape[0])):
        exact = x[rows == row].double().flatten(0, 1)
        assert_close(found.sumsq[row], exact.square().sum(dim=0), rtol=1e-6, atol=0)
        assert_close(found.total[row], exact.sum(dim=0), rtol=1e-5, atol=1e-4)
        assert torch.equal(found.positive[row], (exact > 0).sum(dim=0).double())


def test_sums_of_a_sequence_do_not_depend_on_its_neighbours() -> None:
    x = torch.randn(9, 33, 96)
    together = accumulated(x, torch.arange(9), 9)
    for i in range(9):
        alone = accumulated(x[i : i + 1], torch.zeros(1, dtype=torch.long), 1)
        assert torch.equal(alone.sumsq[0], together.sumsq[i])
        assert torch.equal(alone.total[0], together.total[i])


def test_pieces_are_no_worse_than_the_whole() -> None:
    x = torch.rand(1, 4096, 64) + 1.0
    exact = x.double().square().sum(dim=1)[0]
    in_pieces = accumulated(x, torch.zeros(1, dtype=torch.long), 1).sumsq[0]
    whole = torch.linalg.vector_norm(x, dim=1).double().square()[0]
    assert (in_pieces - exact).abs().max() <= (whole - exact).abs().max() * 1.01


def by_kthvalue(score: Tensor, pruned: int) -> Tensor:
    """Selection as it was before: torch's kthvalue, ties by a running count."""
    threshold = torch.kthvalue(score, pruned, dim=1, keepdim=True).values
    prune, equal = score < threshold, score == threshold
    missing = pruned - prune.sum(dim=1, keepdim=True)
    return ~(prune | (equal & (equal.cumsum(dim=1) <= missing)))


@given(st.integers(0, 10**6), st.integers(2, 70), st.booleans(), st.sampled_from([*TYPES, torch.float64]))
def test_selection_is_bit_for_bit_what_it_was(seed: int, n: int, tied: bool, dtype: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(seed)
    score = torch.randn(11, n, generator=generator)
    score = (score.round() if tied else score).to(dtype)
    pruned = 1 + seed % (n - 1)
    assert torch.equal(keep_top(score, pruned), by_kthvalue(score, pruned))
    counts = torch.randint(0, n + 1, (11,), generator=generator)
    rows = keep_top_per_row(score, counts)
    for row, count in enumerate(counts.tolist()):
        assert torch.equal(rows[row], keep_top(score[row : row + 1], count)[0])


def test_infinite_scores_are_numbers() -> None:
    score = torch.tensor([[math.inf, -math.inf, 1.0, 2.0, math.inf, 0.0]])
    assert keep_top(score, 3).tolist() == [[True, False, False, True, True, False]]
    assert keep_top(score[:, :4], 1).tolist() == [[True, False, True, True]]


@pytest.mark.parametrize("dtype", [*TYPES, torch.float64])
@pytest.mark.parametrize("turned", [True, False])
def test_cutting_is_filling_with_zero(dtype: torch.dtype, turned: bool) -> None:
    weight = torch.randn(6, 9).to(dtype)
    weight[0, 0], weight[1, 1], weight[2, 2], weight[3, 3] = math.nan, -0.0, math.inf, math.nan
    keep = torch.rand(6, 9) > 0.5
    keep[0, 0], keep[1, 1], keep[2, 2], keep[3, 3] = False, True, False, True
    stored = weight.T.contiguous() if turned else weight.clone()
    cut_(stored.T if turned else stored, keep)
    wanted = weight.masked_fill(~keep, 0).contiguous()
    found = (stored.T if turned else stored).contiguous()
    assert torch.equal(found.view(torch.uint8), wanted.view(torch.uint8))
    assert num_zeros(found) == wanted.numel() - int(torch.count_nonzero(wanted))


@pytest.mark.parametrize("family", ["llama", "opt", "cohere2"])
def test_the_first_batch_goes_through_a_block_once(family: str) -> None:
    many = tiny.packed(per_language=24, time=60)
    model = tiny.language_model(family)
    recordings = record_all(model, many)
    calls: list[int] = []
    model.blocks[0].module.register_forward_pre_hook(lambda module, args: calls.append(1))
    hidden = [recording.hidden for recording in recordings]
    measured = measure_block(model, model.blocks[0], recordings, hidden, many.languages, Wants(SUMS), Monitor())
    assert len(calls) == len(recordings) == len(measured.outputs) == 3
    groups = input_groups(model, model.blocks[0], recordings[0], hidden[0])
    assert {measured.stats[names[0]].modules for names in groups} == set(groups)


def test_a_block_that_writes_into_its_inputs_is_measured_before_it_does(llama: tiny.LanguageModel, calibration: Packed) -> None:
    block = llama.blocks[0]
    wanted = _stats(llama, calibration)

    def overwrite(module: torch.nn.Module, args: tuple[Tensor, ...], output: Tensor) -> None:
        args[0].zero_()

    block.module.mlp.down_proj.register_forward_hook(overwrite)
    assert torch.equal(_stats(llama, calibration), wanted)


def _stats(model: tiny.LanguageModel, packed: Packed) -> Tensor:
    recordings = record_all(model, packed)
    hidden = [recording.hidden for recording in recordings]
    done = measure_block(model, model.blocks[0], recordings, hidden, packed.languages, Wants(SUMS), Monitor())
    return done.stats["mlp.down_proj"].sumsq


@pytest.mark.parametrize("family", ["gemma3_text", "bloom", "llama"])
def test_lean_recordings_replay_alike_and_share_what_is_equal(family: str) -> None:
    many = tiny.packed(per_language=24, time=60)
    model = tiny.language_model(family)
    lean = list(record_lean(model, many))
    for (recording, entering), whole in zip(lean, record_all(model, many), strict=True):
        assert torch.equal(entering, whole.hidden)
        assert recording.hidden.numel() == 0
        for block in model.blocks:
            assert torch.equal(model.replay(block, recording, entering), model.replay(block, whole, entering))
    tables = [value for value in lean[0][0].calls[0].kwargs.values() if isinstance(value, tuple)]
    again = [value for value in lean[1][0].calls[0].kwargs.values() if isinstance(value, tuple)]
    for one, other in zip(tables, again, strict=True):
        assert all(a is b for a, b in zip(one, other, strict=True))
