"""One parameter that several layers read is one linear: measured over all its calls, cut once, counted once, restored once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shared_layers
import tiny
import torch
from torch import Tensor, nn

from benchmarks.families import tiny_model
from mwanda_core.engine import sensitivity
from mwanda_core.engine.gradients import checkpointed, gradients_at_some
from mwanda_core.engine.ledger import Ledger
from mwanda_core.engine.measure import measure_model
from mwanda_core.engine.mirror import mean_squares
from mwanda_core.engine.onload import OnloadSettings, prune_onloading
from mwanda_core.engine.outcome import MODES
from mwanda_core.engine.pruning import prune
from mwanda_core.engine.weights import DenseCopy
from mwanda_core.errors import Cancelled
from mwanda_core.methods.recipes import RECIPES, recipe
from mwanda_core.methods.repair import LeastSquares
from mwanda_core.methods.solvers import Swaps
from mwanda_core.models import DecoderBlock, LanguageModel, PrunableLinear, load
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.masks import unpack
from mwanda_core.parts.needs import SUMS
from mwanda_core.parts.patterns import NtoM
from mwanda_core.progress import Monitor

PACKED = tiny.packed(("en", "de"), per_language=2, time=12)
Q = "model.layers.0.self_attn.q_proj"


def _weights(model: LanguageModel) -> dict[str, Tensor]:
    return {block.full_name(linear): linear.weight for block in model.blocks for linear in block.linears}


@torch.no_grad()
def _inputs(model: LanguageModel, ids: Tensor) -> dict[str, Tensor]:
    """Full name -> all rows that plain hooks see a parameter read, whatever module reads it, [calls, sequences, time, in]."""
    names = {weight.data_ptr(): name for name, weight in _weights(model).items()}
    seen: dict[str, list[Tensor]] = {}
    handles = [
        module.register_forward_pre_hook(lambda m, args: seen.setdefault(names[m.weight.data_ptr()], []).append(args[0]))
        for module in model.hf.model.layers.modules()
        if isinstance(module, nn.Linear)
    ]
    model.hf(input_ids=ids, use_cache=False)
    for handle in handles:
        handle.remove()
    return {name: torch.stack(calls) for name, calls in seen.items()}


@pytest.mark.parametrize("way", shared_layers.WAYS)
def test_every_parameter_is_one_linear_and_no_other_is_left(way: str) -> None:
    model = shared_layers.shared(way)
    held = {m.weight.data_ptr() for m in model.hf.model.layers.modules() if isinstance(m, nn.Linear)}
    assert [w.data_ptr() for w in _weights(model).values()] == list(
        dict.fromkeys(w.data_ptr() for w in _weights(model).values())
    )
    assert {w.data_ptr() for w in _weights(model).values()} == held
    assert not any("self_attn" in note or "mlp" in note for note in model.skipped)


@pytest.mark.parametrize("way", shared_layers.WAYS)
def test_statistics_are_those_of_plain_hooks_over_all_calls(way: str) -> None:
    model = shared_layers.shared(way)
    found = measure_model(model, PACKED, SUMS, Monitor())
    seen = _inputs(model, PACKED.ids)
    for block, stats in zip(model.blocks, found, strict=True):
        assert set(stats) == {linear.name for linear in block.linears}
        for linear in block.linears:
            rows = seen[block.full_name(linear)].double()
            for row, language in enumerate(PACKED.languages):
                mine = rows[:, PACKED.rows == PACKED.languages.index(language)].flatten(0, -2)
                torch.testing.assert_close(stats[linear.name].sumsq[row], mine.square().sum(0), rtol=1e-5, atol=1e-9)
                torch.testing.assert_close(stats[linear.name].total[row], mine.sum(0), rtol=1e-4, atol=1e-5)
                assert stats[linear.name].tokens[row] == len(mine)


@pytest.mark.parametrize("way", shared_layers.WAYS)
def test_one_pass_masks_are_wandas_by_plain_hooks_and_the_other_walks_cut_as_much(way: str) -> None:
    model = shared_layers.shared(way)
    dense, seen = tiny.all_bytes(model), _inputs(model, PACKED.ids)
    for mode in MODES:
        result = prune(model, PACKED, recipe("wanda"), 0.5, mode)
        weights = _weights(model)
        assert sorted(result.masks) == sorted(weights)
        assert [(o.block, o.module) for o in result.linears] == [(b.index, x.name) for b in model.blocks for x in b.linears]
        zeros = sum(int((p == 0).sum()) for p in model.hf.model.layers.parameters())  # Each parameter once.
        assert zeros == sum(w.numel() for w in weights.values()) // 2, mode
        assert result.achieved == 0.5
        again = {name: mask.clone() for name, mask in result.masks.items()}
        result.restore()
        assert tiny.all_bytes(model) == dense, mode
        second = prune(model, PACKED, recipe("wanda"), 0.5, mode)
        second.restore()
        assert all(torch.equal(second.masks[name], mask) for name, mask in again.items()), mode
        for name, weight in _weights(model).items() if mode == "one-pass" else ():
            score = weight.abs() * seen[name].flatten(0, -2).square().sum(0).sqrt()
            cut = score.argsort(dim=1)[:, : weight.shape[1] // 2]
            wanted = torch.ones_like(weight, dtype=torch.bool).scatter_(1, cut, False)
            assert torch.equal(unpack(again[name], tuple(weight.shape)), wanted), name


@torch.no_grad()
def test_the_walk_measures_its_home_behind_pruned_blocks_and_later_calls_on_the_dense_model() -> None:
    """By hand: rebuilt from plain forward passes of a dense model and of one pruned up to the home."""
    model = shared_layers.shared("over blocks")
    down = "model.layers.0.mlp.down_proj"
    dense = _inputs(model, PACKED.ids)[down].double().square()  # Its first call is in the first block, before anything is cut.
    result = prune(model, PACKED, recipe("wanda"), 0.5)
    stats = result.stats[0]["mlp.down_proj"]
    torch.testing.assert_close(stats.sumsq.sum(0), dense.flatten(0, -2).sum(0), rtol=1e-5, atol=1e-9)
    assert stats.tokens.tolist() == [48, 48]
    result.restore()
    # Linear by linear, the home's own input comes from linears that are pruned, the later block's from the dense model.
    stats = prune(model, PACKED, recipe("wanda"), 0.5, "per-linear").stats[0]["mlp.down_proj"]
    here = stats.sumsq.sum(0) - dense[1].flatten(0, -2).sum(0)
    torch.testing.assert_close(
        here, _inputs(model, PACKED.ids)[down][0].double().square().flatten(0, -2).sum(0), rtol=1e-4, atol=1e-7
    )


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_cuts_once_and_undoes(name: str) -> None:
    model, chosen = shared_layers.shared("both"), RECIPES[name]
    dense, target = tiny.all_bytes(model), chosen.pattern.achievable(0.5) if isinstance(chosen.pattern, NtoM) else 0.5
    result = prune(model, PACKED, chosen, target, "one-pass")
    for full, weight in _weights(model).items():
        assert not weight[~unpack(result.masks[full], tuple(weight.shape))].any()
    assert len(result.masks) == len(result.linears) == len(_weights(model)) == 19
    result.restore()
    assert tiny.all_bytes(model) == dense


@pytest.mark.parametrize(
    "name", ["owl", "dlp", "alpha-pruning", "m-wanda", "m-wanda-measured", "tplo", "wanda++", "measured-swaps-repair"]
)
def test_blocks_whose_linears_are_all_at_home_elsewhere_weigh_nothing(name: str) -> None:
    model = shared_layers.shared("a block twice")
    result = prune(model, PACKED, recipe(name), 0.5)
    assert (result.allocation.sizes[2], len(result.masks)) == (0, 14)
    assert abs(result.achieved - 0.5) < 1 / 32
    result.restore()


@pytest.mark.parametrize("mode", MODES)
def test_gram_matrices_are_sums_over_all_calls(mode: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    model = shared_layers.shared("both")
    seen, grams, cut = _inputs(model, PACKED.ids), dict[str, Tensor](), Ledger.cut

    def note(ledger: Ledger, block: DecoderBlock, linear: PrunableLinear, item: LinearEvidence) -> None:
        grams[item.name] = item.gram.clone()  # type: ignore[union-attr]
        cut(ledger, block, linear, item)

    monkeypatch.setattr(Ledger, "cut", note)
    prune(model, PACKED, recipe("sparsegpt"), 0.5, mode).restore()
    for name in grams if mode == "one-pass" else (Q,) if mode == "sequential" else ():
        rows = seen[name].flatten(0, -2)
        wanted = rows.T @ rows
        torch.testing.assert_close(grams[name] / grams[name].trace(), wanted / wanted.trace(), rtol=1e-4, atol=1e-6)
    assert len(seen[Q]) == 3
    assert grams[Q].shape == (32, 32)


@torch.no_grad()
def test_measured_sensitivity_sees_the_later_calls_of_what_is_pruned() -> None:
    model = shared_layers.shared("both")

    def without(block: DecoderBlock) -> Callable[[], None]:
        linear = next(x for x in block.linears if x.name.endswith(("q_proj", "k_proj")))
        copy = DenseCopy()
        copy.write(linear.name, linear, torch.zeros_like(linear.weight, dtype=torch.bool))
        return copy.restore

    def loss() -> float:
        logits = model.hf(input_ids=PACKED.ids, use_cache=False).logits
        return float(nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), PACKED.ids[:, 1:].flatten()))

    found = sensitivity.measure(model, PACKED, without, Monitor())
    dense = loss()
    for block, by_language in zip(model.blocks, found, strict=True):
        undo = without(block)
        assert sum(by_language.values()) / 2 == pytest.approx(loss() - dense, abs=1e-4)
        undo()


@pytest.mark.parametrize("way", ["over blocks", "both", "universal"])
def test_repair_fits_once_by_what_all_calls_read(way: str) -> None:
    """Least squares with no pull has the least error over all calls: no single weight of a shared linear can move without a loss."""
    model = shared_layers.shared(way)
    dense_bytes, names = tiny.all_bytes(model), [b.full_name(x) for b in model.blocks for x in b.linears if x.shared]
    before = {name: weight.clone() for name, weight in _weights(model).items()}
    read = _inputs(model, PACKED.ids)
    result = prune(model, PACKED, recipe("wanda", repair=LeastSquares()), 0.5, "one-pass")
    notes = {f"{model.blocks[o.block].path}.{o.module}": o.note for o in result.linears}
    assert sum("repaired" in note for note in notes.values()) > 0
    now = _inputs(model, PACKED.ids)
    assert [len(now[name]) for name in names] == [len(read[name]) for name in names]
    for name in names:
        keep = unpack(result.masks[name], tuple(before[name].shape))
        assert not _weights(model)[name][~keep].any()
        aim = read[name].flatten(0, -2) @ before[name].T
        errors = [(now[name].flatten(0, -2) @ w.T - aim).square().sum() for w in (_weights(model)[name], before[name] * keep)]
        assert name not in result.updates or errors[0] < errors[1]
    result.restore()
    assert tiny.all_bytes(model) == dense_bytes


def test_a_call_that_is_run_again_on_the_way_back_counts_once() -> None:
    model = shared_layers.shared("both")
    linears = {block.full_name(linear): linear for block in model.blocks for linear in block.linears}
    seen = _inputs(model, PACKED.ids[:1])
    with model.head():  # Asks the model, once, by a forward pass.
        pass
    with checkpointed(model), mean_squares(linears) as found:
        gradients_at_some(model, linears, PACKED.ids[:1], 4, torch.Generator().manual_seed(0))
    for name, rows in seen.items():
        torch.testing.assert_close(found[name], rows.square().flatten(0, -2).mean(0), rtol=1e-4, atol=1e-6)


def test_order_of_languages_and_sequences_does_not_matter() -> None:
    model = shared_layers.shared("both")
    one = measure_model(model, PACKED, SUMS, Monitor())
    other = measure_model(model, PACKED.only(("de", "en")), SUMS, Monitor())
    for stats, turned in zip(one, other, strict=True):
        for name, mine in stats.items():
            torch.testing.assert_close(mine.sumsq, turned[name].select(("en", "de")).sumsq, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("family", ["zamba", "zamba2"])
def test_from_disk_an_interrupted_job_goes_on_to_the_same_bits(family: str, tmp_path: Path) -> None:
    hf = tiny_model(family)
    tiny.randomise(hf, 0)
    hf.save_pretrained(str(tmp_path / "dense"))
    tiny.tokenizer().save_pretrained(str(tmp_path / "dense"))
    model = load(str(tmp_path / "dense"), "cpu", "float32")
    settings = OnloadSettings("cpu", "float32")
    method = recipe("owl").replace(solver=Swaps()) if family == "zamba" else recipe("sparsegpt")
    steps: list[str] = []

    def stop() -> bool:
        return any("Pruning block 4" in step for step in steps)

    with pytest.raises(Cancelled):
        prune_onloading(
            tmp_path / "dense",
            tmp_path / "out",
            PACKED,
            method,
            0.5,
            settings,
            Monitor(lambda progress: steps.append(progress.stage), stop),
        )
    done = prune_onloading(tmp_path / "dense", tmp_path / "out", PACKED, method, 0.5, settings)
    result = prune(model, PACKED, method, 0.5)
    assert [(o.block, o.module, o.kept) for o in done.linears] == [(o.block, o.module, o.kept) for o in result.linears]
    found = type(hf).from_pretrained(str(tmp_path / "out"), dtype=torch.float32).state_dict()
    for name, tensor in model.hf.state_dict().items():
        assert torch.equal(found[name], tensor), name
    result.restore()
