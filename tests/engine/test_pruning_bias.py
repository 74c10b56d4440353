"""STADE's compensation: the bias takes up the mean of what was cut, where there is one, and comes back bit for bit."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import making
import pytest
import tiny
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers.pytorch_utils import Conv1D

from mwanda_core.corpora import Packed
from mwanda_core.engine.outcome import MODES, PruneResult
from mwanda_core.engine.pruning import prune
from mwanda_core.engine.weights import DenseCopy, bias_of
from mwanda_core.errors import Cancelled, InputError
from mwanda_core.methods.recipes import recipe
from mwanda_core.methods.repair import Regional
from mwanda_core.methods.scores import Stade
from mwanda_core.methods.solvers import DSnoT, KeepTop, SparseGPT, Swaps
from mwanda_core.models import LanguageModel, PrunableLinear
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.masks import unpack
from mwanda_core.parts.patterns import NtoM, Unstructured
from mwanda_core.progress import Monitor
from mwanda_core.run.experiment import Settings, Workbench

WITH_BIASES = ("gpt2", "opt", "bloom")
STADE = recipe("stade")


def whole_model_means(model: LanguageModel, ids: Tensor) -> dict[str, Tensor]:
    """Mean input of every linear over all tokens of an ordinary forward, float64, found without the library's statistics."""
    seen: dict[str, Tensor] = {}

    def note(name: str):  # type: ignore[no-untyped-def]
        def hook(module: nn.Module, args: tuple[Tensor, ...]) -> None:
            seen[name] = args[0].double().reshape(-1, args[0].shape[-1]).mean(dim=0)

        return hook

    linears = [(block.full_name(linear), linear) for block in model.blocks for linear in block.linears]
    handles = [linear.module.register_forward_pre_hook(note(name)) for name, linear in linears]
    with torch.no_grad():
        model.hf(input_ids=ids, use_cache=False)
    for handle in handles:
        handle.remove()
    return seen


def affine(model: LanguageModel, means: dict[str, Tensor]) -> dict[str, Tensor]:
    """W mean(x) + b of every linear: its mean output, float64."""
    found = {}
    for block in model.blocks:
        for name, module in tiny.linear_modules(block.module).items():
            full = f"{block.path}.{name}"
            found[full] = tiny.oriented(module).double() @ means[full] + module.bias.detach().double()
    return found


def stored_means(model: LanguageModel, result: PruneResult) -> dict[str, Tensor]:
    """Means of the statistics that the masks were cut from."""
    return {
        block.full_name(linear): stats[linear.name].total.sum(dim=0) / stats[linear.name].tokens.sum()
        for block, stats in zip(model.blocks, result.stats, strict=True)
        for linear in block.linears
    }


def linear_of(weight: Tensor, bias: Tensor, transposed: bool) -> PrunableLinear:
    module: nn.Module = Conv1D(*weight.shape) if transposed else nn.Linear(weight.shape[1], weight.shape[0])
    module.weight.data = weight.T.contiguous() if transposed else weight.clone()
    module.bias.data = bias.clone()
    return PrunableLinear("linear", module, transposed)


@pytest.mark.parametrize("transposed", [False, True])
def test_a_constant_channel_goes_without_a_trace(transposed: bool) -> None:
    # Channel 1 is always 4 and scores 0 whatever its weight; 1, 3, 5, 7 stays. The biases gain 4 * 9 and 4 * -2.
    tokens = {"en": torch.tensor([[1.0, 4.0], [3.0, 4.0]]), "de": torch.tensor([[5.0, 4.0], [7.0, 4.0]])}
    linear = linear_of(torch.tensor([[2.0, 9.0], [-1.0, -2.0]]), torch.tensor([0.5, -3.0]), transposed)
    x = torch.cat(list(tokens.values()))
    before = linear.module(x)
    item = LinearEvidence("linear", linear.weight, making.stats(tokens), torch.ones(2))
    keep = Unstructured().keep(Stade()(item), 0.5)
    assert keep.tolist() == [[True, False], [True, False]]
    copy = DenseCopy()
    copy.write("linear", linear, keep)
    assert copy.lost("linear", linear).tolist() == [[0.0, 9.0], [0.0, -2.0]]
    copy.shift_bias("linear", linear, Stade().bias_shift(item, copy.lost("linear", linear)))
    assert linear.module.bias.tolist() == [36.5, -11.0]
    assert torch.equal(linear.module(x), before)
    copy.restore()
    assert linear.module.bias.tolist() == [0.5, -3.0]
    assert linear.weight.tolist() == [[2.0, 9.0], [-1.0, -2.0]]


@pytest.mark.parametrize("family", WITH_BIASES)
def test_the_mean_output_of_every_linear_is_unchanged(family: str, calibration: Packed) -> None:
    model = tiny.language_model(family)
    means = whole_model_means(model, calibration.ids)
    before = affine(model, means)
    prune(model, calibration, STADE, 0.5, "one-pass")
    for name, after in affine(model, means).items():
        torch.testing.assert_close(after, before[name], rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize("mode", MODES[:2])
@pytest.mark.parametrize(
    "changes",
    [{"solver": SparseGPT()}, {"solver": DSnoT()}, {"solver": Swaps()}, {"pattern": NtoM(2, 4)}, {"repair": Regional(rounds=1, rate=1e-3)}],
    ids=["sparsegpt", "dsnot", "swaps", "2:4", "regional"],
)  # fmt: skip
def test_and_so_it_is_after_every_solver_and_repair(changes: dict[str, object], mode: str, calibration: Packed) -> None:
    dense, model = tiny.language_model("gpt2"), tiny.language_model("gpt2")
    result = prune(model, calibration, STADE.replace(**changes), 0.5, mode)  # type: ignore[arg-type]
    means = stored_means(model, result)
    before = affine(dense, means)
    for name, after in affine(model, means).items():
        torch.testing.assert_close(after, before[name], rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize("mode", MODES[:2])
@pytest.mark.parametrize("family", WITH_BIASES)
def test_the_shift_is_the_published_sum(family: str, mode: str, calibration: Packed) -> None:
    dense, model = tiny.language_model(family), tiny.language_model(family)
    result = prune(model, calibration, STADE, 0.5, mode)  # type: ignore[arg-type]
    means, masks = stored_means(model, result), tiny.masks_of(result)
    for block in dense.blocks:
        for name, module in tiny.linear_modules(block.module).items():
            full = f"{block.path}.{name}"
            weight, bias = tiny.oriented(module), module.bias.double()
            for i in range(0, len(weight), 7):
                pruned = [j for j in range(weight.shape[1]) if not masks[full][i, j]]
                wanted = float(bias[i]) + sum(float(weight[i, j]) * float(means[full][j]) for j in pruned)
                assert float(result.updates[f"{full}.bias"][i]) == pytest.approx(wanted, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("family", WITH_BIASES)
def test_dense_weights_masks_and_updates_make_the_pruned_model(family: str, calibration: Packed) -> None:
    model, again = tiny.language_model(family), tiny.language_model(family)
    before = tiny.all_bytes(model)
    result = prune(model, calibration, STADE, 0.5)
    pruned = tiny.all_bytes(model)
    assert pruned.keys() == before.keys(), "plain transformers must load it"
    copy = DenseCopy()
    for block in again.blocks:
        for linear in block.linears:
            full = block.full_name(linear)
            copy.write(full, linear, unpack(result.masks[full], tuple(linear.weight.shape)))
            bias = bias_of(linear)
            assert bias is not None
            assert not torch.equal(bias, result.updates[f"{full}.bias"])
            copy.write_bias(full, linear, result.updates[f"{full}.bias"])
    assert tiny.all_bytes(again) == pruned
    assert len(result.updates) == len(result.linears)
    copy.restore()
    assert tiny.all_bytes(again) == before
    result.restore()
    assert tiny.all_bytes(model) == before


def notes_about_biases(notes: Sequence[str]) -> list[str]:
    return [note for note in notes if "bias" in note]


@pytest.mark.parametrize(("family", "moved", "without"), [("gpt2", 12, 0), ("llama", 0, 21), ("qwen2", 9, 12)])
def test_the_notes_count_who_was_compensated(family: str, moved: int, without: int, calibration: Packed) -> None:
    model = tiny.language_model(family)
    names = set(model.hf.state_dict())
    result = prune(model, calibration, STADE, 0.5, "one-pass")
    assert notes_about_biases(result.notes) == [
        f"The mean of what STADE cut was added to the bias of {moved} linear layers; {without} have no bias and were not "
        "compensated."
    ]
    assert len(result.updates) == moved
    assert set(model.hf.state_dict()) == names


def test_it_can_be_switched_off_and_no_other_score_does_it(calibration: Packed) -> None:
    off = STADE.replace(compensate="none")
    for chosen in (off, recipe("wanda"), recipe("dsnot")):
        dense, model = tiny.language_model("gpt2"), tiny.language_model("gpt2")
        result = prune(model, calibration, chosen, 0.5)
        assert result.updates == {}
        assert notes_about_biases(result.notes) == []
        for old, new in zip(dense.blocks, model.blocks, strict=True):
            for was, linear in zip(old.linears, new.linears, strict=True):
                assert torch.equal(was.module.bias, linear.module.bias)
    on = prune(tiny.language_model("gpt2"), calibration, STADE, 0.5, "one-pass")
    assert tiny.same(on.masks, prune(tiny.language_model("gpt2"), calibration, off, 0.5, "one-pass").masks)
    with pytest.raises(InputError, match=r"Stade\.compensate must be one of bias, none"):
        Stade(compensate="weights")


def test_it_lowers_the_error_of_the_first_block(calibration: Packed) -> None:
    """Its own linears only: the mean of an error of mean zero is smaller than that of any other."""
    errors = []
    for compensate in ("bias", "none"):
        model = tiny.language_model("gpt2")
        dense = tiny.block_outputs(model, calibration.ids)[0]
        prune(model, calibration, STADE.replace(compensate=compensate), 0.6, "one-pass")
        errors.append(float((tiny.block_outputs(model, calibration.ids)[0] - dense).mean(dim=(0, 1)).square().sum()))
    assert errors[0] < errors[1]


@pytest.mark.parametrize("mode", MODES[:2])
def test_a_cancelled_prune_leaves_every_bias(mode: str, calibration: Packed) -> None:
    model = tiny.language_model("gpt2")
    before = tiny.all_bytes(model)
    asked: list[int] = []
    prune(model, calibration, STADE, 0.5, mode, monitor=Monitor(is_cancelled=lambda: bool(asked.append(1)))).restore()  # type: ignore[arg-type]
    assert tiny.all_bytes(model) == before
    for step in range(0, len(asked), max(1, len(asked) // 6)):
        left = iter(range(step))
        monitor = Monitor(is_cancelled=lambda left=left: next(left, None) is None)
        with pytest.raises(Cancelled):
            prune(model, calibration, STADE, 0.5, mode, monitor=monitor)  # type: ignore[arg-type]
        assert tiny.all_bytes(model) == before, step


@dataclasses.dataclass(frozen=True)
class FailsLate(KeepTop):
    """Fails at the last linear but one."""

    seen: list[int] = dataclasses.field(default_factory=list)

    def solve(self, *given: object):  # type: ignore[no-untyped-def, override]
        self.seen.append(1)
        if len(self.seen) == 11:
            raise ZeroDivisionError("a solver's own mistake")
        return KeepTop.solve(self, *given)  # type: ignore[arg-type]


def test_a_failed_prune_leaves_every_bias(calibration: Packed) -> None:
    model = tiny.language_model("gpt2")
    before = tiny.all_bytes(model)
    with pytest.raises(ZeroDivisionError):
        prune(model, calibration, STADE.replace(solver=FailsLate()), 0.5)
    assert tiny.all_bytes(model) == before


def test_half_precision_biases_are_rounded_once_and_come_back(calibration: Packed) -> None:
    model = tiny.language_model("gpt2")
    model.hf.bfloat16()
    before = tiny.all_bytes(model)
    result = prune(model, calibration, STADE, 0.5, "one-pass")
    assert all(update.dtype == torch.bfloat16 for update in result.updates.values())
    assert tiny.all_bytes(model) != before
    result.restore()
    assert tiny.all_bytes(model) == before


def test_a_saved_run_holds_the_biases(tmp_path: Path) -> None:
    bench = Workbench()
    bench.adopt(tiny.language_model("gpt2"), "tiny")
    run = bench.run(
        Settings(
            model="tiny", languages=("en", "el"), method="stade", tokens_per_language=128, sequence_length=64, eval_texts=1,
            choices=False,
        )
    )  # fmt: skip
    saved = load_file(run.save(tmp_path / "run") / "updates.safetensors")
    assert len(saved) == 12
    assert all(name.endswith(".bias") and torch.equal(tensor, run.result.updates[name]) for name, tensor in saved.items())
    assert len(notes_about_biases(run.report.facts["notes"])) == 1
