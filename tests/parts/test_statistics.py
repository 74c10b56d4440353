"""Per-language sums at a linear input: by hand, additive, indifferent to order and padding, equal to their definition."""

import pytest
import tiny
import torch
from hypothesis import given, strategies as st
from torch import Tensor
from torch.testing import assert_close

from mwanda_core.engine.measure import measure_model
from mwanda_core.engine.streams import batches
from mwanda_core.errors import InputError
from mwanda_core.parts.needs import SUMS
from mwanda_core.parts.statistics import Accumulator, InputStats
from mwanda_core.progress import Monitor

CPU = torch.device("cpu")


def measured(x: Tensor, rows: list[int], keep: Tensor | None = None, wants: frozenset[str] = SUMS) -> InputStats:
    languages = tuple(f"l{i}" for i in range(max(rows) + 1))
    sums = Accumulator(languages, x.shape[2], CPU, wants)
    sums.add(x, torch.tensor(rows), keep)
    return sums.stats(("q", "k"))


def test_by_hand() -> None:
    x = torch.tensor([[[1.0, -2.0], [3.0, 0.0]], [[0.0, 5.0], [-1.0, 1.0]]])  # 2 sequences, 2 tokens, 2 channels
    found = measured(x, [0, 1])
    assert found.sumsq.tolist() == [pytest.approx([10.0, 4.0]), pytest.approx([1.0, 26.0])]
    assert found.total.tolist() == [[4.0, -2.0], [-1.0, 6.0]]
    assert found.positive.tolist() == [[2.0, 0.0], [0.0, 2.0]]
    assert found.tokens.tolist() == [2.0, 2.0]
    assert found.rms()[0].tolist() == pytest.approx([5**0.5, 2**0.5])
    assert found.mean().tolist() == [[2.0, -1.0], [-0.5, 3.0]]
    assert found.probability().tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert found.width == 2
    assert found.modules == ("q", "k")
    assert found.sumsq.dtype == torch.float64


def test_what_is_not_wanted_stays_zero() -> None:
    found = measured(torch.ones(1, 3, 2), [0], wants=frozenset())
    assert found.sumsq.tolist() == [pytest.approx([3.0, 3.0])]
    assert not found.total.any()
    assert not found.positive.any()


def random_case(seed: int, sequences: int, time: int, width: int) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(sequences, time, width, generator=generator)
    rows = torch.arange(sequences) % 3
    lengths = torch.randint(1, time + 1, (sequences,), generator=generator)
    return x, rows, torch.arange(time)[None] < lengths[:, None]


CASES = given(st.integers(0, 10**6), st.integers(3, 7), st.integers(1, 6), st.integers(1, 5))


@CASES
def test_it_is_its_definition(seed: int, sequences: int, time: int, width: int) -> None:
    x, rows, keep = random_case(seed, sequences, time, width)
    found = measured(x, rows.tolist(), keep)
    for row in range(3):
        tokens = x[rows == row][keep[rows == row]].double()
        assert_close(found.sumsq[row], tokens.square().sum(dim=0), rtol=1e-6, atol=0)
        assert_close(found.total[row], tokens.sum(dim=0), rtol=1e-5, atol=1e-6)
        assert torch.equal(found.positive[row], (tokens > 0).sum(dim=0).double())
        assert int(found.tokens[row]) == len(tokens)


@CASES
def test_padding_and_batching_do_not_matter(seed: int, sequences: int, time: int, width: int) -> None:
    x, rows, keep = random_case(seed, sequences, time, width)
    whole = measured(x.masked_fill(~keep[:, :, None], 1e6), rows.tolist(), keep)
    parts = Accumulator(whole.languages, width, CPU, SUMS)
    for i in range(sequences):
        length = int(keep[i].sum())
        parts.add(x[i : i + 1, :length], rows[i : i + 1])
    assert_close(whole.sumsq, parts.stats().sumsq, rtol=1e-6, atol=0)
    assert torch.equal(whole.positive, parts.stats().positive)
    assert torch.equal(whole.tokens, parts.stats().tokens)


@CASES
def test_sums_of_two_halves_add_up(seed: int, sequences: int, time: int, width: int) -> None:
    x, rows, _ = random_case(seed, 2 * sequences, time, width)
    rows = torch.cat([rows[:sequences], rows[:sequences]])
    left, right = measured(x[:sequences], rows[:sequences].tolist()), measured(x[sequences:], rows[sequences:].tolist())
    both = measured(x, rows.tolist())
    assert_close((left + right).sumsq, both.sumsq, rtol=1e-12, atol=0)
    assert torch.equal((left + right).tokens, both.tokens)
    assert torch.equal((left + right).sumsq, (right + left).sumsq)


def test_half_precision_is_summed_in_float32() -> None:
    x = torch.full((1, 4096, 1), 300.0, dtype=torch.float16)  # 300^2 is beyond float16, and so is 4096 x 300.
    found = measured(x, [0])
    assert_close(found.rms()[0, 0].item(), 300.0, rtol=1e-6, atol=0)
    assert_close(found.mean()[0, 0].item(), 300.0, rtol=1e-6, atol=0)
    bfloat = measured(torch.full((1, 4096, 1), 1.0, dtype=torch.bfloat16), [0])
    assert_close(bfloat.sumsq[0, 0].item(), 4096.0, rtol=1e-6, atol=0)


def test_select_and_add_refuse_what_does_not_fit() -> None:
    found = measured(torch.randn(3, 2, 4), [0, 1, 2])
    some = found.select(["l2", "l0"])
    assert some.languages == ("l2", "l0")
    assert torch.equal(some.sumsq, found.sumsq[[2, 0]])
    assert torch.equal(some.tokens, found.tokens[[2, 0]])
    assert some.modules == found.modules
    with pytest.raises(InputError, match="No statistics were measured for fr; measured were l0, l1, l2"):
        found.select(["fr"])
    with pytest.raises(InputError, match="cannot be added"):
        _ = found + some
    moved = found.to("cpu")
    assert torch.equal(moved.total, found.total)


def test_stats_are_not_changed_by_what_is_added_later() -> None:
    sums = Accumulator(["a"], 1, CPU, SUMS)
    sums.add(torch.ones(1, 2, 1), torch.tensor([0]))
    early = sums.stats()
    sums.add(torch.ones(1, 2, 1), torch.tensor([0]))
    assert early.tokens.tolist() == [2.0]
    assert sums.stats().tokens.tolist() == [4.0]


@pytest.mark.parametrize("family", ["llama", "gemma3_text", "gpt2", "opt", "bloom"])
def test_measured_inside_a_model(family: str, calibration: tiny.Packed) -> None:
    """Against hooks on the plain modules during one ordinary forward, with float64 sums."""
    model = tiny.language_model(family)
    found = measure_model(model, calibration, SUMS, Monitor())
    seen: dict[str, Tensor] = {}
    handles = [
        module.register_forward_pre_hook(lambda m, args, name=name: seen.__setitem__(name, args[0].reshape(9, 12, -1)))
        for name, module in tiny.linear_modules(model.hf).items()
    ]
    with torch.no_grad():
        model.hf(input_ids=calibration.ids)
    for handle in handles:
        handle.remove()
    for block in model.blocks:
        for linear in block.linears:
            stats = found[block.index][linear.name]
            x = seen[block.full_name(linear)].double()
            for row in range(3):
                tokens = x[calibration.rows == row].flatten(0, 1)
                assert_close(stats.sumsq[row], tokens.square().sum(dim=0), rtol=1e-5, atol=1e-9)
                assert_close(stats.total[row], tokens.sum(dim=0), rtol=1e-4, atol=1e-4)
                assert torch.equal(stats.positive[row], (tokens > 0).sum(dim=0).double())
            assert stats.tokens.tolist() == [36.0] * 3
            assert stats.languages == tiny.LANGUAGES


def test_linears_that_read_one_tensor_share_one_measurement(llama: tiny.LanguageModel, calibration: tiny.Packed) -> None:
    for by_name in measure_model(llama, calibration, SUMS, Monitor()):
        groups = {stats.modules for stats in by_name.values()}
        assert groups == {
            ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"), ("self_attn.o_proj",),
            ("mlp.gate_proj", "mlp.up_proj"), ("mlp.down_proj",),
        }  # fmt: skip
        assert by_name["self_attn.q_proj"] is by_name["self_attn.v_proj"]
        assert by_name["mlp.gate_proj"] is not by_name["mlp.down_proj"]


def test_batches_cover_everything_once(calibration: tiny.Packed) -> None:
    for tokens in (1, 24, 100, 10**6):
        parts = list(batches(calibration, tokens))
        assert torch.equal(torch.cat([part.ids for part in parts]), calibration.ids)
        assert torch.equal(torch.cat([part.rows for part in parts]), calibration.rows)
        assert all(part.ids.numel() <= max(tokens, 12) for part in parts)
