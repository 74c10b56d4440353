"""One block in memory at a time: the same bits as in memory, resumed or refused after a stop, and loadable by plain transformers."""

import dataclasses
import json
from pathlib import Path

import pytest
import tiny
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from mwanda_core.corpora import Packed
from mwanda_core.engine.onload import OnloadEstimate, OnloadSettings, prune_onloading
from mwanda_core.engine.pruning import prune
from mwanda_core.errors import Cancelled, InputError, ModelError, RunError
from mwanda_core.methods.recipes import recipe
from mwanda_core.models import LanguageModel, wrap
from mwanda_core.progress import Monitor

FLOAT = OnloadSettings("cpu", "float32")


def stored(tmp_path: Path, family: str = "llama", shard: str = "5GB", **changes: object) -> Path:
    """A tiny model as a folder."""
    folder = tmp_path / f"{family}-{shard}"
    tiny.hf_model(family, **changes).save_pretrained(str(folder), max_shard_size=shard)
    tiny.tokenizer().save_pretrained(str(folder))
    return folder


def loaded(folder: Path) -> LanguageModel:
    hf = AutoModelForCausalLM.from_pretrained(str(folder), dtype=torch.float32)
    return wrap(hf, tiny.tokenizer())


def same_weights(folder: Path, wanted: LanguageModel) -> bool:
    found = loaded(folder).hf.state_dict()
    other = wanted.hf.state_dict()
    return found.keys() == other.keys() and all(torch.equal(found[name], other[name]) for name in other)


@pytest.mark.parametrize(
    "family", ["llama", "gpt2", "gemma3_text", "opt", "bloom", "phi3", "gpt_neox", "cohere2", "smollm3", "bart"]
)
def test_it_is_pruning_in_memory_bit_for_bit(family: str, tmp_path: Path, calibration: Packed) -> None:
    source = stored(tmp_path, family)
    found = prune_onloading(source, tmp_path / "out", calibration, recipe("m-wanda"), 0.5, FLOAT)
    model = loaded(source)
    wanted = prune(model, calibration, recipe("m-wanda"), 0.5)
    assert same_weights(tmp_path / "out", model)
    assert found.allocation == wanted.allocation
    assert found.linears == wanted.linears
    assert found.achieved == wanted.achieved
    assert found.notes == wanted.notes
    masks: dict[str, torch.Tensor] = {}
    for file in (tmp_path / "out" / "masks").iterdir():
        masks |= load_file(file)
    assert tiny.same(masks, wanted.masks)


@pytest.mark.parametrize("method", ["wanda", "owl", "stade", "ria", "sparsegpt", "trim", "alpha-pruning"])
def test_other_methods_too(method: str, tmp_path: Path, calibration: Packed) -> None:
    source = stored(tmp_path, "gpt2")
    settings = dataclasses.replace(FLOAT, allocation_share=0.4)
    prune_onloading(source, tmp_path / "out", calibration, recipe(method), 0.5, settings)
    model = loaded(source)
    prune(model, calibration, recipe(method), 0.5, allocation_share=0.4)
    assert same_weights(tmp_path / "out", model)


@pytest.mark.parametrize("waiting", ["memory", "disk"])
def test_sharded_sources_and_several_batches(waiting: str, tmp_path: Path) -> None:
    source = stored(tmp_path, "llama", "30KB")
    assert len(list(source.glob("*.safetensors"))) > 2
    many = tiny.packed(per_language=24, time=60)
    settings = dataclasses.replace(FLOAT, waiting=waiting)
    prune_onloading(source, tmp_path / "out", many, recipe("wanda"), 0.5, settings)
    model = loaded(source)
    prune(model, many, recipe("wanda"), 0.5)
    assert same_weights(tmp_path / "out", model)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"model-00001-of-00004.safetensors", "model.safetensors.index.json", "config.json", "tokenizer.json"} <= names
    assert "states" not in names
    assert not [path for path in tmp_path.iterdir() if "unfinished" in path.name]


@pytest.mark.parametrize("waiting", ["memory", "disk"])
def test_a_repair_is_that_in_memory_and_goes_on_after_a_stop(waiting: str, tmp_path: Path, calibration: Packed) -> None:
    source, entry = stored(tmp_path, "gemma3_text"), recipe("wanda++", rounds=2, rate=1e-4)
    settings = dataclasses.replace(FLOAT, waiting=waiting)
    with pytest.raises(Cancelled):
        prune_onloading(source, tmp_path / "out", calibration, entry, 0.5, settings, stopping_after(1))
    seen: list[float] = []
    monitor = Monitor(on_progress=lambda progress: seen.append(progress.fraction))
    found = prune_onloading(source, tmp_path / "out", calibration, entry, 0.5, settings, monitor)
    model = loaded(source)
    wanted = prune(model, calibration, entry, 0.5)
    assert same_weights(tmp_path / "out", model)
    assert found.linears == wanted.linears
    assert monitor.done == pytest.approx(monitor.total)


def test_protected_weights_are_those_in_memory(tmp_path: Path, calibration: Packed) -> None:
    source = stored(tmp_path)
    model = loaded(source)
    protect = {
        block.full_name(linear): torch.rand(linear.weight.shape, generator=torch.Generator().manual_seed(block.index)) < 0.3
        for block in model.blocks
        for linear in block.linears[1:]
    }
    prune_onloading(source, tmp_path / "out", calibration, recipe("m-wanda"), 0.5, FLOAT, protect=protect)
    prune(model, calibration, recipe("m-wanda"), 0.5, protect=protect)
    assert same_weights(tmp_path / "out", model)
    with pytest.raises(InputError, match="Weights are protected by their rank"):
        prune_onloading(source, tmp_path / "other", calibration, recipe("swaps"), 0.5, FLOAT, protect=protect)


def test_half_precision_is_the_type_of_the_result(tmp_path: Path, calibration: Packed) -> None:
    source = stored(tmp_path)
    prune_onloading(source, tmp_path / "out", calibration, recipe("wanda"), 0.5, OnloadSettings("cpu", "bfloat16"))
    model = wrap(AutoModelForCausalLM.from_pretrained(str(source), dtype=torch.bfloat16), tiny.tokenizer())
    prune(model, calibration, recipe("wanda"), 0.5)
    found = AutoModelForCausalLM.from_pretrained(str(tmp_path / "out"))
    assert found.dtype == torch.bfloat16
    assert all(torch.equal(found.state_dict()[name], tensor) for name, tensor in model.hf.state_dict().items())
    assert json.loads((tmp_path / "out" / "config.json").read_text())["dtype"] == "bfloat16"


def stopping_after(count: int) -> Monitor:
    """A monitor that cancels when block `count` begins to be pruned."""
    monitor = Monitor()
    return Monitor(
        is_cancelled=lambda: f"Pruning block {count + 1}" in monitor.stage, on_progress=lambda p: _follow(monitor, p.stage)
    )


def _follow(monitor: Monitor, stage: str) -> None:
    monitor.stage = stage


@pytest.mark.parametrize("method", ["wanda", "m-wanda", "stade"])
def test_a_stopped_job_goes_on_where_it_was(method: str, tmp_path: Path, calibration: Packed) -> None:
    source = stored(tmp_path, "gpt2")
    target = tmp_path / "out"
    with pytest.raises(Cancelled):
        prune_onloading(source, target, calibration, recipe(method), 0.5, FLOAT, stopping_after(2))
    assert not target.exists()
    unfinished = tmp_path / ".out.unfinished"
    before = {path.name: path.stat().st_mtime_ns for path in unfinished.glob("*.safetensors")}
    assert len(before) == 3  # Two blocks, and everything else.
    stages: list[str] = []
    again = Monitor(on_progress=lambda progress: stages.append(progress.stage))
    found = prune_onloading(source, target, calibration, recipe(method), 0.5, FLOAT, again)
    assert not any("Measuring" in stage for stage in stages)
    assert all((target / name).stat().st_mtime_ns == time for name, time in before.items())
    model = loaded(source)
    wanted = prune(model, calibration, recipe(method), 0.5)
    assert same_weights(target, model)
    assert found.linears == wanted.linears
    assert found.notes == wanted.notes
    assert not unfinished.exists()


def test_another_job_does_not_take_it_up(tmp_path: Path, calibration: Packed) -> None:
    source = stored(tmp_path)
    with pytest.raises(Cancelled):
        prune_onloading(source, tmp_path / "out", calibration, recipe("wanda"), 0.5, FLOAT, stopping_after(1))
    with pytest.raises(RunError, match="unfinished job with other settings"):
        prune_onloading(source, tmp_path / "out", calibration, recipe("wanda"), 0.6, FLOAT)
    (tmp_path / ".out.unfinished" / "unfinished.json").write_text("{")
    with pytest.raises(RunError, match=r"journal .* is damaged"):
        prune_onloading(source, tmp_path / "out", calibration, recipe("wanda"), 0.5, FLOAT)


def test_the_estimate_comes_before_anything_is_written(tmp_path: Path, calibration: Packed) -> None:
    source = stored(tmp_path)
    seen: list[OnloadEstimate] = []

    def announce(estimate: OnloadEstimate) -> None:
        seen.append(estimate)
        raise InputError("No.")

    with pytest.raises(InputError, match="No"):
        prune_onloading(
            source, tmp_path / "out", calibration, recipe("wanda"), 0.5, dataclasses.replace(FLOAT, announce=announce)
        )
    assert [path.name for path in tmp_path.iterdir()] == [source.name]
    estimate = seen[0]
    model = tiny.language_model("llama")
    assert estimate.model == 4 * model.num_parameters
    assert estimate.block == 4 * sum(p.numel() for p in model.blocks[0].module.parameters())
    assert estimate.outer == 4 * (260 * 32 + 32)
    assert estimate.activations == 9 * 12 * 32 * 4
    assert "one block" in estimate.sentence()


def test_what_cannot_be_done_is_refused(tmp_path: Path, calibration: Packed) -> None:
    source = stored(tmp_path)
    out = tmp_path / "out"
    for name, said in (
        ("gradient", "has one block in memory at a time, and .* the gradient of the loss"),
        ("m-wanda-measured", "has one block in memory at a time, and .* the loss when each block alone is pruned"),
    ):
        with pytest.raises(InputError, match=said):
            prune_onloading(source, out, calibration, recipe(name), 0.5, FLOAT)
    with pytest.raises(InputError, match="row or layer scope"):
        prune_onloading(source, out, calibration, recipe("wanda", scope="global"), 0.5, FLOAT)
    with pytest.raises(InputError, match="exists already"):
        prune_onloading(source, source, calibration, recipe("wanda"), 0.5, FLOAT)
    with pytest.raises(InputError, match="memory or disk"):
        prune_onloading(source, out, calibration, recipe("wanda"), 0.5, dataclasses.replace(FLOAT, waiting="tape"))
    with pytest.raises(ModelError, match=r"no config\.json"):
        prune_onloading(tmp_path, out, calibration, recipe("wanda"), 0.5, FLOAT)


@pytest.mark.parametrize("damage", ["cut", "header", "missing"])
def test_damaged_weights_are_said(damage: str, tmp_path: Path, calibration: Packed) -> None:
    source = stored(tmp_path)
    file = source / "model.safetensors"
    data = file.read_bytes()
    if damage == "cut":
        file.write_bytes(data[:-20_000])
    elif damage == "header":
        file.write_bytes(b"\xff" * 100)
    else:
        file.write_bytes(data.replace(b"model.layers.1.mlp.up_proj", b"model.layers.1.mlp.xx_proj"))
    with pytest.raises(
        ModelError, match=r"ends before|damaged|no safetensors file|hold no 'model.layers.1.mlp.up_proj.weight'"
    ):
        prune_onloading(source, tmp_path / "out", calibration, recipe("wanda"), 0.5, FLOAT)
    assert not (tmp_path / "out").exists()
