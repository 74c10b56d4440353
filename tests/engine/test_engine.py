"""What the engine measures for the wider family of methods, against slow and obvious definitions on whole models."""

import dataclasses

import pytest
import tiny
import torch
from torch import Tensor

from mwanda_core.engine import gradients, plan, sensitivity
from mwanda_core.engine.dense import block_pruner
from mwanda_core.engine.measure import measure_block, measure_model
from mwanda_core.engine.meters import Wants
from mwanda_core.engine.pruning import prune
from mwanda_core.engine.streams import batches, record_all
from mwanda_core.errors import Cancelled, InputError
from mwanda_core.methods.recipes import Recipe, recipe
from mwanda_core.methods.repair import NoRepair, Regional
from mwanda_core.methods.rows import Trim
from mwanda_core.methods.scores import WandaPP
from mwanda_core.parts.needs import Need, Scope, within
from mwanda_core.parts.patterns import NtoM, Unstructured
from mwanda_core.progress import Monitor

FAMILIES = ("llama", "gemma3_text", "gpt2", "bloom", "opt")


def whole_model_inputs(model: tiny.LanguageModel, ids: Tensor) -> dict[str, Tensor]:
    """Every linear's input in one ordinary forward, by full name, as [tokens, in]."""
    seen: dict[str, Tensor] = {}
    handles = []
    for block in model.blocks:
        for linear in block.linears:
            name = block.full_name(linear)
            handles.append(
                linear.module.register_forward_pre_hook(
                    lambda module, args, name=name: seen.__setitem__(name, args[0].reshape(-1, args[0].shape[-1]))
                )
            )
    with torch.no_grad():
        model.hf(input_ids=ids, use_cache=False)
    for handle in handles:
        handle.remove()
    return seen


@pytest.mark.parametrize("family", FAMILIES)
def test_gram_matrices_are_weighted_sums_over_languages(family: str) -> None:
    model, packed = tiny.language_model(family), tiny.packed()
    weights = torch.tensor([0.5, 0.3, 0.2])
    recordings = record_all(model, packed)
    block = model.blocks[0]
    wants = Wants(within(Scope.BLOCK), weights / packed.tokens_per_language)
    found = measure_block(model, block, recordings, [r.hidden for r in recordings], packed.languages, wants, Monitor())
    expected: dict[str, Tensor] = {}
    for row, weight in enumerate(weights):
        inputs = whole_model_inputs(model, packed.ids[packed.rows == row])
        for linear in block.linears:
            x = inputs[block.full_name(linear)].double()
            expected[linear.name] = expected.get(linear.name, 0) + float(weight) * x.T @ x / len(x)
    for name, gram in found.measured[Need.GRAM].items():
        torch.testing.assert_close(gram.double(), expected[name], rtol=1e-4, atol=1e-5)
    last = whole_model_inputs(model, packed.ids)
    for linear in block.linears:
        x = last[block.full_name(linear)].reshape(*packed.ids.shape, -1)[:, -1]
        torch.testing.assert_close(found.measured[Need.SAMPLES][linear.name], x.T, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_full_gradient_is_the_root_mean_square_of_the_loss_gradient(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model, packed = tiny.language_model(family), tiny.packed()
    monkeypatch.setattr(gradients, "LOSS_CHUNK_ELEMENTS", 3 * tiny.VOCABULARY)  # several chunks a sequence
    found = gradients.full(model, packed, Monitor())
    squares: dict[str, Tensor] = {}
    for ids in packed.ids:
        for parameter in model.hf.parameters():
            parameter.requires_grad_(True)
        model.hf(input_ids=ids[None], labels=ids[None], use_cache=False).loss.backward()
        for block in model.blocks:
            for linear in block.linears:
                grad = linear.module.weight.grad
                grad = grad.T if linear.transposed else grad
                name = block.full_name(linear)
                squares[name] = squares.get(name, 0) + grad.square()
        model.hf.zero_grad()
        model.hf.requires_grad_(False)
    for name, total in squares.items():
        torch.testing.assert_close(found[name], (total / len(packed.ids)).sqrt(), rtol=1e-4, atol=1e-7)
    assert all(p.grad is None and not p.requires_grad for p in model.hf.parameters())


def test_regional_gradient_agrees_with_finite_differences() -> None:
    model, packed = tiny.language_model("llama"), tiny.packed(per_language=1)
    recordings = [model.record(batch) for batch in batches(packed, 1)]
    block = model.blocks[1]
    hidden = [torch.randn(r.hidden.shape, generator=torch.Generator().manual_seed(i)) for i, r in enumerate(recordings)]
    found = gradients.regional(model, block, recordings, hidden, Monitor())
    linear = block.linears[0]
    step = 1e-2
    for row, column in ((0, 0), (3, 5), (7, 1)):
        slopes = []
        for recording, entering in zip(recordings, hidden, strict=True):
            norms = []
            for sign in (1, -1):
                linear.weight[row, column] += sign * step
                with torch.no_grad():
                    norms.append(float(model.replay(block, recording, entering).norm()))
                linear.weight[row, column] -= sign * step
            slopes.append((norms[0] - norms[1]) / (2 * step))
        slope = (sum(s**2 for s in slopes) / len(slopes) / packed.ids.shape[1]) ** 0.5
        assert float(found[linear.name][row, column]) == pytest.approx(slope, rel=0.02, abs=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_sensitivity_is_the_loss_increase_of_one_block_alone(family: str) -> None:
    model, packed = tiny.language_model(family), tiny.packed()
    before = tiny.all_bytes(model)
    chosen = recipe("wanda")
    stats = measure_model(model, packed, frozenset(), Monitor())
    pruner = block_pruner(chosen, stats, 0.5, {})
    found = sensitivity.measure(model, packed, pruner, Monitor())
    assert tiny.all_bytes(model) == before

    def losses() -> list[float]:
        with torch.no_grad():
            return [
                float(model.hf(input_ids=packed.ids[packed.rows == row], labels=packed.ids[packed.rows == row]).loss)
                for row in range(3)
            ]

    dense = losses()
    for block, by_language in zip(model.blocks, found, strict=True):
        undo = pruner(block)
        pruned = losses()
        undo()
        for row, code in enumerate(packed.languages):
            assert by_language[code] == pytest.approx(pruned[row] - dense[row], abs=2e-5)


def test_global_scope_cuts_the_lowest_scores_of_the_whole_model() -> None:
    model, packed = tiny.language_model("llama"), tiny.packed()
    chosen = recipe("magnitude").replace(pattern=Unstructured(scope="global"))
    everything = torch.cat([linear.weight.abs().flatten() for b in model.blocks for linear in b.linears])
    count = int(everything.numel() * 0.37 + 1e-6)
    threshold = everything.sort().values[count]
    result = prune(model, packed, chosen, 0.37, "one-pass")
    left = torch.cat([linear.weight.abs().flatten() for b in model.blocks for linear in b.linears])
    assert sum(o.size - o.kept for o in result.linears) == count
    assert torch.equal(left > 0, everything >= threshold)


def test_global_scope_is_refused_where_it_cannot_work() -> None:
    model, packed = tiny.language_model("llama"), tiny.packed()
    chosen = recipe("wanda").replace(pattern=Unstructured(scope="global"))
    with pytest.raises(InputError, match="one-pass"):
        prune(model, packed, chosen, 0.5, "sequential")
    with pytest.raises(InputError, match="uniform"):
        prune(model, packed, recipe("m-wanda").replace(pattern=Unstructured(scope="global")), 0.5, "one-pass")


@pytest.mark.parametrize("mode", ["one-pass", "sequential"])
def test_regional_optimiser_with_rate_zero_changes_no_kept_weight(mode: str) -> None:
    model, packed = tiny.language_model("llama"), tiny.packed()
    plain = recipe("wanda").replace(score=WandaPP())
    result = prune(model, packed, plain, 0.5, mode)  # type: ignore[arg-type]
    expected = tiny.all_bytes(model)
    result.restore()
    prune(model, packed, plain.replace(repair=Regional(rate=0.0)), 0.5, mode)  # type: ignore[arg-type]
    assert tiny.all_bytes(model) == expected


def test_regional_optimiser_at_sparsity_zero_leaves_the_weights() -> None:
    """Nothing is cut, so the loss and its gradient are exactly zero."""
    model, packed = tiny.language_model("llama"), tiny.packed()
    before = tiny.all_bytes(model)
    prune(model, packed, recipe("wanda").replace(repair=Regional(rate=1e-3, rounds=2)), 0.0, "sequential")
    assert tiny.all_bytes(model) == before


@pytest.mark.parametrize("pattern", [Unstructured(), NtoM(2, 4)])
def test_regional_optimiser_brings_blocks_closer_to_the_dense_ones(pattern: Unstructured | NtoM) -> None:
    """On the sequences it was run on, on average over blocks, and with exact sparsity at the end."""

    def block_errors(repair: NoRepair | Regional) -> list[float]:
        model, packed = tiny.language_model("llama"), tiny.packed(per_language=8)
        recordings = [model.record(batch) for batch in batches(gradients.spread_sequences(packed, gradients.NUM_SEQUENCES), 1)]
        dense = []
        with torch.no_grad():
            hidden = [r.hidden for r in recordings]
            inputs = []
            for block in model.blocks:
                inputs.append(hidden)
                hidden = [model.replay(block, r, h) for r, h in zip(recordings, hidden, strict=True)]
                dense.append(hidden)
        result = prune(model, packed, recipe("wanda").replace(repair=repair, pattern=pattern), 0.5, "one-pass")
        assert all(o.kept * 2 == o.size for o in result.linears)
        with torch.no_grad():
            return [
                sum(
                    float((model.replay(block, r, h) - d).square().mean())
                    for r, h, d in zip(recordings, entering, leaving, strict=True)
                )
                for block, entering, leaving in zip(model.blocks, inputs, dense, strict=True)
            ]

    assert sum(block_errors(Regional(rate=3e-4, rounds=3))) < 0.95 * sum(block_errors(NoRepair()))


def test_repair_is_undone_when_cancelled() -> None:
    model, packed = tiny.language_model("gpt2"), tiny.packed()
    before = tiny.all_bytes(model)
    for step in (1, 9, 17, 40):
        calls = iter(range(10**6))
        monitor = Monitor(is_cancelled=lambda calls=calls, step=step: next(calls) >= step)
        with pytest.raises(Cancelled):
            prune(model, packed, recipe("wanda").replace(repair=Regional(rate=1e-3)), 0.5, "sequential", monitor=monitor)
        assert tiny.all_bytes(model) == before


def test_choices_that_exclude_each_other_are_refused() -> None:
    with pytest.raises(InputError, match="row scope"):
        recipe("wanda").replace(rows=Trim(), pattern=NtoM(2, 4))
    with pytest.raises(InputError, match="has no setting"):
        recipe({"score": {"name": "wanda", "power": 1}})


def test_planned_work_is_what_is_reported() -> None:
    """The progress bar ends at its end: within 5 % for every mode and need."""
    model, packed = tiny.language_model("llama"), tiny.packed(per_language=12)
    base = recipe("wanda")
    variants: list[tuple[Recipe, str]] = [
        (base, "one-pass"),
        (base, "sequential"),
        (recipe("m-wanda"), "sequential"),
        (base.replace(score=WandaPP()), "one-pass"),
        (base.replace(repair=Regional(rounds=2)), "one-pass"),
    ]
    for chosen, mode in variants:
        monitor = Monitor()
        prune(model, packed, chosen, 0.5, mode, monitor=monitor)  # type: ignore[arg-type]
        assert monitor.done == pytest.approx(monitor.total, rel=0.05), (chosen.title, mode)


def test_measured_sensitivity_reaches_the_allocation() -> None:
    from mwanda_core.methods.allocation import Sensitivity

    model, packed = tiny.language_model("llama"), tiny.packed()
    chosen = dataclasses.replace(recipe("wanda"), allocation=Sensitivity(strength=0.1))
    result = prune(model, packed, chosen, 0.5, "one-pass")
    expected = sensitivity.measure(
        model_again := tiny.language_model("llama"),
        plan.sampled(packed, Need.SENSITIVITY.sample),
        block_pruner(chosen, measure_model(model_again, packed, frozenset(), Monitor()), 0.5, {}),
        Monitor(),
    )
    worst = max(range(len(expected)), key=lambda k: sum(expected[k].values()))
    assert min(range(len(expected)), key=lambda k: result.allocation.sparsity[k]) == worst
