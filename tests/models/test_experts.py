"""Experts that lie together in one parameter are linears like any other: found, measured on the tokens routed to them, cut, put back."""

from pathlib import Path

import pytest
import tiny
import torch
from torch import Tensor, nn

from mwanda_core.engine.experts import FEWEST, usage, with_pooled
from mwanda_core.engine.measure import measure_model
from mwanda_core.engine.onload import OnloadSettings, prune_onloading
from mwanda_core.engine.onload.files import places
from mwanda_core.engine.pruning import prune
from mwanda_core.errors import Cancelled, InputError, ModelError
from mwanda_core.methods.recipes import recipe
from mwanda_core.models import LanguageModel, load
from mwanda_core.progress import Monitor
from mwanda_core.run.experiment import Settings, Workbench

STORED_OUT_IN, STORED_IN_OUT = ("mixtral", "qwen3_moe", "olmoe"), ("gpt_oss",)


def mixture(family: str) -> LanguageModel:
    return tiny.language_model(family, **tiny.MIXTURE)


def routed_inputs(model: LanguageModel, ids: Tensor) -> dict[int, Tensor]:
    """Expert of the first block -> the tokens that reach it, [n, hidden], from the experts module's own call."""
    found: dict[int, list[Tensor]] = {}

    def note(module: nn.Module, args: tuple[Tensor, ...]) -> None:
        hidden, chosen = args[0], args[1]
        for token, experts in enumerate(chosen.tolist()):
            for expert in experts:
                found.setdefault(expert, []).append(hidden[token])

    experts = model.blocks[0].module.mlp.experts
    handle = experts.register_forward_pre_hook(note)
    with torch.no_grad():
        model.hf(input_ids=ids, use_cache=False)
    handle.remove()
    return {expert: torch.stack(rows) for expert, rows in found.items()}


@pytest.mark.parametrize("family", [*STORED_OUT_IN, *STORED_IN_OUT])
def test_statistics_and_masks_are_those_of_the_tokens_routed_to_an_expert(family: str) -> None:
    model, packed = mixture(family), tiny.packed(per_language=8, time=48)
    dense = tiny.all_bytes(model)
    parameter = model.blocks[0].module.mlp.experts.gate_up_proj.detach().clone()
    wanted = {language: routed_inputs(model, packed.ids[packed.rows == row]) for row, language in enumerate(packed.languages)}
    result = prune(model, packed, recipe("wanda"), 0.5, "sequential")
    masks = tiny.masks_of(result)
    for expert in range(4):
        found = result.stats[0][f"mlp.experts.{expert}.gate_up_proj"]
        for row, language in enumerate(packed.languages):
            reached = wanted[language].get(expert, torch.zeros(0, 32))
            assert found.tokens[row] == len(reached)
            torch.testing.assert_close(found.sumsq[row], reached.double().square().sum(dim=0), rtol=1e-5, atol=1e-8)
        if bool((found.tokens < FEWEST).any()):
            continue
        weight = parameter[expert].T if family in STORED_IN_OUT else parameter[expert]
        score = weight.abs() * torch.cat([wanted[code][expert] for code in packed.languages]).square().mean(dim=0).sqrt()
        keep = masks[f"{model.blocks[0].path}.mlp.experts.{expert}.gate_up_proj"]
        assert keep.shape == weight.shape
        assert bool((keep.sum(dim=1) == 16).all())
        cut, kept = score.masked_fill(keep, -1).amax(dim=1), score.masked_fill(~keep, torch.inf).amin(dim=1)
        assert bool((cut <= kept * 1.0001).all())
    for block in model.blocks:
        for linear in block.linears:
            assert bool((linear.weight[~masks[block.full_name(linear)]] == 0).all())
    assert result.achieved == pytest.approx(0.5, abs=0.02)
    result.restore()
    assert tiny.all_bytes(model) == dense


@pytest.mark.parametrize("family", ["mixtral", "gpt_oss"])
def test_the_input_of_the_way_down_is_what_the_expert_makes(family: str) -> None:
    model, packed = mixture(family), tiny.packed(("en",), per_language=8, time=48)
    experts = model.blocks[0].module.mlp.experts
    reached = routed_inputs(model, packed.ids)
    result = prune(model, packed, recipe("wanda"), 0.5, "one-pass")
    result.restore()
    for expert, x in reached.items():
        if family == "gpt_oss":
            middle = experts._apply_gate(x @ experts.gate_up_proj[expert] + experts.gate_up_proj_bias[expert])
        else:
            gate, up = (x @ experts.gate_up_proj[expert].T).chunk(2, dim=-1)
            middle = experts.act_fn(gate) * up
        found = result.stats[0][f"mlp.experts.{expert}.down_proj"]
        torch.testing.assert_close(found.sumsq[0], middle.double().square().sum(dim=0), rtol=1e-4, atol=1e-8)


@pytest.mark.parametrize("method", ["m-wanda", "sparsegpt", "magnitude"])
def test_other_methods_cut_experts_too(method: str) -> None:
    model = mixture("mixtral")
    dense = tiny.all_bytes(model)
    result = prune(model, tiny.packed(), recipe(method), 0.5)
    assert {outcome.kind for outcome in result.linears} >= {"gate_up_proj", "down_proj", "q_proj"}
    result.restore()
    assert tiny.all_bytes(model) == dense


def test_where_few_tokens_came_the_layer_stands_in_and_the_note_says_so() -> None:
    model = mixture("mixtral")
    result = prune(model, tiny.packed(per_language=1, time=8), recipe("wanda"), 0.5, "one-pass")
    assert any("stand in" in note and "block 0 expert 0 (en" in note for note in result.notes)
    block, own = model.blocks[0], result.stats[0]
    stats, _ = with_pooled(block, own, {})
    names = [f"mlp.experts.{number}.down_proj" for number in range(4)]
    layer = sum(own[name].sumsq for name in names) / sum(own[name].tokens for name in names)[:, None]
    for name in names:
        torch.testing.assert_close(stats[name].rms(), layer.sqrt())
        assert bool((stats[name].tokens >= 1).all())
    result.restore()


def test_usage_counts_every_choice_of_the_router() -> None:
    model, packed = mixture("mixtral"), tiny.packed(per_language=4, time=16)
    result = prune(model, packed, recipe("wanda"), 0.5, "one-pass")
    result.restore()
    rows = usage(model.blocks, result.stats)
    assert len(rows) == 2 * 4 * 3
    for language in packed.languages:
        mine = [row for row in rows if row["language"] == language and row["block"] == 1]
        assert sum(int(str(row["tokens"])) for row in mine) == 4 * 16 * 2
        assert sum(float(str(row["share"])) for row in mine) == pytest.approx(1.0)


def test_a_saved_mixture_is_the_pruned_one(tmp_path: Path) -> None:
    model = mixture("qwen3_moe")
    result = prune(model, tiny.packed(), recipe("wanda"), 0.5)
    model.save(tmp_path)
    again = load(str(tmp_path), "cpu", "float32")
    masks = tiny.masks_of(result)
    for block in again.blocks:
        for linear in block.linears:
            keep = masks[block.full_name(linear)]
            assert bool((linear.weight[~keep] == 0).all())
            assert bool((~keep).any())


@pytest.mark.parametrize("method", ["wanda", "m-wanda"])
@pytest.mark.parametrize("family", ["mixtral", "olmoe", "gpt_oss", "granitemoe"])
def test_from_disk_a_mixture_is_pruned_as_in_memory_bit_for_bit(family: str, method: str, tmp_path: Path) -> None:
    source, packed = tmp_path / "dense", tiny.packed(per_language=2, time=24)
    mixture(family).save(source)
    names = set(places(source))
    found = prune_onloading(source, tmp_path / "out", packed, recipe(method), 0.5, OnloadSettings("cpu", "float32"))
    model = load(str(source), "cpu", "float32")
    wanted = prune(model, packed, recipe(method), 0.5)
    assert set(places(tmp_path / "out")) == names
    again = load(str(tmp_path / "out"), "cpu", "float32").hf.state_dict()
    assert all(torch.equal(again[name], held) for name, held in model.hf.state_dict().items())
    assert (found.linears, found.notes, found.allocation) == (wanted.linears, wanted.notes, wanted.allocation)
    assert {outcome.module.split(".")[-2] for outcome in found.linears} >= {"0", "3"}


def test_a_stopped_job_on_a_mixture_goes_on_where_it_was(tmp_path: Path) -> None:
    source, packed, settings = tmp_path / "dense", tiny.packed(per_language=2, time=24), OnloadSettings("cpu", "float32")
    mixture("mixtral").save(source)
    stages: list[str] = []
    stopping = Monitor(
        is_cancelled=lambda: stages[-1:] == ["Pruning block 2 of 2"], on_progress=lambda p: stages.append(p.stage)
    )
    with pytest.raises(Cancelled):
        prune_onloading(source, tmp_path / "out", packed, recipe("wanda"), 0.5, settings, stopping)
    found = prune_onloading(source, tmp_path / "out", packed, recipe("wanda"), 0.5, settings)
    model = load(str(source), "cpu", "float32")
    wanted = prune(model, packed, recipe("wanda"), 0.5)
    again = load(str(tmp_path / "out"), "cpu", "float32").hf.state_dict()
    assert all(torch.equal(again[name], held) for name, held in model.hf.state_dict().items())
    assert (found.linears, found.notes) == (wanted.linears, wanted.notes)


@pytest.mark.parametrize("family", ["mixtral", "gpt_oss", "jamba"])
def test_per_linear_each_layer_of_experts_sees_what_the_pruned_ones_before_it_make(family: str) -> None:
    model, packed = mixture(family), tiny.packed(per_language=2, time=24)
    dense = tiny.all_bytes(model)
    result = prune(model, packed, recipe("wanda"), 0.5, "per-linear")
    # What is pruned now gives these inputs: each linear was fitted to what it really reads.
    now = measure_model(model, packed, recipe("wanda").needs, Monitor())
    for block, own, again in zip(model.blocks, result.stats, now, strict=True):
        assert set(own) == {linear.name for linear in block.linears}
        for name, found in own.items():
            torch.testing.assert_close(found.sumsq, again[name].sumsq, rtol=1e-4, atol=1e-9)
    order = [(outcome.block, outcome.module) for outcome in result.linears]
    assert order == [(block.index, linear.name) for block in model.blocks for linear in block.linears]
    result.restore()
    assert tiny.all_bytes(model) == dense


def test_what_cannot_be_done_with_experts_is_refused_before_any_work() -> None:
    model, packed = mixture("mixtral"), tiny.packed()
    dense = tiny.all_bytes(model)
    with pytest.raises(InputError, match="needs the gradient of the loss, which is not measured of experts"):
        prune(model, packed, recipe("gblm"), 0.5)
    with pytest.raises(ModelError, match="lie together in one parameter"):
        model.blocks[0].linears[-1].module.register_forward_pre_hook(lambda *_: None)
    assert tiny.all_bytes(model) == dense


def test_a_run_on_a_mixture_says_which_language_uses_which_expert() -> None:
    bench = Workbench()
    bench.adopt(mixture("mixtral"), "tiny")
    settings = Settings(
        model="tiny",
        languages=("en", "sw"),
        held_out=(),
        tokens_per_language=128,
        sequence_length=32,
        eval_texts=2,
        method="wanda",
    )
    report = bench.run(settings).report
    shares = report.tables["experts"].groupby(["block", "language"])["share"].sum()
    assert len(shares) == 4
    assert (shares - 1).abs().max() < 1e-9
    assert report.tables["activations"].notna().all().all()
    assert any("routed to" in note for note in report.facts["notes"])
