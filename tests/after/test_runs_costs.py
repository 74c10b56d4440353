"""What a pruned model costs: bytes by addition, packed bytes by packing, times in turn; and the model is as it was."""

import zlib
from pathlib import Path

import kept
import pytest
import tiny
import torch
from safetensors.torch import save_file

from mwanda_core.after import costs
from mwanda_core.after.costs import BASES, HARDWARE, cost, packed_size
from mwanda_core.after.reapply import apply_masks
from mwanda_core.errors import Cancelled, RunError
from mwanda_core.progress import Monitor


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return kept.run_of("sparsegpt", sparsity=0.75)[0].save(tmp_path / "run")


def test_figures_by_their_definitions(folder: Path, tmp_path: Path) -> None:
    model = tiny.language_model()
    before = tiny.all_bytes(model)
    found = cost(model, folder, tokens=16, repeats=3)
    assert tiny.all_bytes(model) == before
    weights = {name: p.detach() for name, p in model.hf.named_parameters()}
    assert found.dense_bytes == found.pruned_bytes == sum(4 * p.numel() for p in weights.values())
    save_file(weights, tmp_path / "model.safetensors")
    assert 0 < (tmp_path / "model.safetensors").stat().st_size - found.dense_bytes < 10_000  # The header.
    assert found.dense_zip == sum(len(zlib.compress(p.numpy().tobytes(), 6)) for p in weights.values())
    assert found.pruned_zip < found.dense_zip < found.dense_bytes
    assert found.mask_bytes == sum((linear.weight.numel() + 7) // 8 for block in model.blocks for linear in block.linears)
    assert found.update_bytes == sum(4 * linear.weight.numel() for block in model.blocks for linear in block.linears)
    assert len(found.dense_times) == len(found.pruned_times) == 3
    assert min(*found.dense_times, *found.pruned_times) > 0
    assert found.zip_sampled == 1.0
    assert "(measured)" in found.words[1]


def test_dense_and_pruned_are_timed_in_turn(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny.language_model()
    dense = tiny.all_bytes(model)
    with apply_masks(model, folder):
        pruned = tiny.all_bytes(model)
    seen: list[str] = []

    def timed(given: object, ids: torch.Tensor) -> float:
        now = tiny.all_bytes(model)
        seen.append("dense" if now == dense else "pruned" if now == pruned else "neither")
        return 2.0 if now == pruned else [1.0, 9.0, 1.0, 3.0][len(seen) // 2 % 4]

    monkeypatch.setattr(costs, "forward_seconds", timed)
    found = cost(model, folder, repeats=4)
    assert seen == ["dense", *["dense", "pruned"] * 4]
    assert found.pruned_seconds == 2.0
    assert sorted(found.dense_times) == [1.0, 1.0, 3.0, 9.0]
    assert found.dense_seconds == 2.0
    assert "took 2000.0 ms dense and 2000.0 ms pruned" in found.words[3]


def test_a_sample_is_an_estimate_and_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny.language_model(hidden_size=64, intermediate_size=96)
    monkeypatch.setattr(costs, "PIECE", 1024)
    total, exact, whole = packed_size(model)
    again, estimate, share = packed_size(model, total // 4)
    assert (again, whole) == (total, 1.0)
    assert 0.15 < share < 0.5
    assert estimate == pytest.approx(exact, rel=0.03)  # Random weights pack alike everywhere.
    found = cost(tiny.language_model(), folder, repeats=1, sample=1000)
    assert found.zip_sampled < 1.0
    assert "estimated from" in found.words[1]


def test_stopping_and_refusing_leave_the_model(folder: Path) -> None:
    model = tiny.language_model()
    before = tiny.all_bytes(model)
    for steps in (0, 1, 2, 3, 4, 5):
        left = iter([False] * steps)
        with pytest.raises(Cancelled):
            cost(model, folder, repeats=2, monitor=Monitor(is_cancelled=lambda left=left: next(left, True)))
        assert tiny.all_bytes(model) == before
    with pytest.raises(RunError, match="other weights"):
        cost(tiny.language_model(seed=1), folder)


def test_every_statement_has_a_source() -> None:
    assert len(HARDWARE) >= 4
    for statement in HARDWARE:
        assert statement.text.endswith(".")
        assert statement.source
        assert statement.basis in BASES
        # What nobody measured here is no promise of this program.
        assert statement.basis != "vendor" or "NVIDIA" in statement.source
    assert 2 * 16 + 2 * 2 == 36
    assert 36 / 64 == 9 / 16
