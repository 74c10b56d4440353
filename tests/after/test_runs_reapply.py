"""A saved run on the dense model again: bit-identical, or refused in one sentence with every bit of the model as it was."""

import dataclasses
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import kept
import pytest
import tiny
import torch
from safetensors.torch import load_file, save_file

from mwanda_core.after.reapply import apply_masks
from mwanda_core.errors import InputError, RunError
from mwanda_core.models import wrap
from mwanda_core.store.format import MANIFEST
from mwanda_core.store.integrity import write_manifest
from mwanda_core.store.report import load_report

CASES = [
    ("wanda", "llama"),
    ("m-wanda", "gemma3_text"),
    ("sparsegpt", "llama"),
    ("wanda++", "llama"),
    ("wanda", "gpt2"),
    ("sparsegpt", "gpt2"),
    ("stade", "gpt2"),
    ("trim", "bloom"),
]


@pytest.mark.parametrize(("method", "family"), CASES)
def test_the_same_bits_as_in_the_run(method: str, family: str, tmp_path: Path) -> None:
    run, pruned = kept.run_of(method, family)
    run.save(tmp_path / "run")
    model = tiny.language_model(family)
    dense = tiny.all_bytes(model)
    assert dense != pruned
    applied = apply_masks(model, tmp_path / "run")
    assert tiny.all_bytes(model) == pruned
    assert applied.achieved == run.result.achieved
    assert applied.linears == run.result.linears
    assert tiny.same(applied.masks, run.result.masks)
    assert tiny.same(applied.updates, run.result.updates)
    applied.restore()
    assert tiny.all_bytes(model) == dense
    with pytest.raises(ZeroDivisionError), apply_masks(model, tmp_path / "run"):
        _ = 1 / (tiny.all_bytes(model) != pruned)
    assert tiny.all_bytes(model) == dense


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run with new weights beside its masks."""
    return kept.run_of("sparsegpt")[0].save(tmp_path / "run")


def refused(folder: Path, said: str, family: str = "llama", **changes: object) -> None:
    model = tiny.language_model(family, **changes)  # type: ignore[arg-type]
    before = tiny.all_bytes(model)
    with pytest.raises(RunError, match=said) as caught:
        apply_masks(model, folder)
    assert "\n" not in str(caught.value)
    assert tiny.all_bytes(model) == before


def test_another_model(folder: Path) -> None:
    refused(folder, "has other weights, so the masks do not belong", seed=1)
    refused(folder, "does not fit this model: its masks.safetensors has", "gpt2")
    refused(folder, "has nothing for 'model.layers.3", num_hidden_layers=4)
    refused(
        folder, r"mlp.down_proj in masks.safetensors is U8 of shape \(192,\), and U8 of shape \(256,\)", intermediate_size=64
    )


def test_another_number_type_or_revision(folder: Path) -> None:
    half = wrap(tiny.hf_model("llama").to(torch.bfloat16), tiny.tokenizer())
    before = tiny.all_bytes(half)
    with pytest.raises(RunError, match="BF16 of shape"):
        apply_masks(half, folder)
    (folder / "updates.safetensors").unlink()
    manifested(folder)
    with pytest.raises(RunError, match="in float32, and this model is in bfloat16: load the model with dtype float32"):
        apply_masks(half, folder)
    assert tiny.all_bytes(half) == before
    data = (folder / "report.json").read_text().replace('"revision": ""', '"revision": "abc"')
    (folder / "report.json").write_text(data)
    manifested(folder)
    model = dataclasses.replace(tiny.language_model(), revision="def")
    with pytest.raises(RunError, match="at revision abc, and this model is at revision def"):
        apply_masks(model, folder)
    with apply_masks(tiny.language_model(), folder) as applied:  # A model from a folder has no revision; its weights decide.
        assert applied.updates == {}


def test_a_model_that_is_pruned_already(folder: Path) -> None:
    model = tiny.language_model()
    with apply_masks(model, folder), pytest.raises(RunError, match="pruned at the moment: give it its dense weights back"):
        apply_masks(model, folder)
    dense = tiny.language_model()
    assert dense.fingerprint
    with apply_masks(dense, folder):
        before = tiny.all_bytes(dense)
        with pytest.raises(RunError, match="pruned at the moment"):
            apply_masks(dense, folder)
        assert tiny.all_bytes(dense) == before


def manifested(folder: Path) -> None:
    """The manifest as somebody would write it who changed the files on purpose."""
    (folder / MANIFEST).unlink(missing_ok=True)
    write_manifest(folder)


def masks(folder: Path, change: Callable[[dict[str, torch.Tensor]], object], file: str = "masks.safetensors") -> None:
    found = load_file(folder / file)
    change(found)
    save_file(found, folder / file)
    manifested(folder)


Q = "model.layers.0.self_attn.q_proj"


@pytest.mark.parametrize(
    ("change", "file", "said"),
    [
        (lambda t: t.pop(Q), "masks", f"has nothing for '{Q}'"),
        (lambda t: t.update(more=t[Q].clone()), "masks", "has 'more', which this model has not"),
        (lambda t: t.update({Q: t[Q][:-1].clone()}), "masks", r"U8 of shape \(127,\), and U8 of shape \(128,\)"),
        (lambda t: t.update({Q: t[Q].to(torch.int16)}), "masks", "is I16"),
        (lambda t: t.update({Q: ~t[Q] | 1}), "masks", "do not agree"),
        (lambda t: t.clear(), "masks", "has nothing for"),
        (lambda t: t.update(more=t[Q].clone()), "updates", "has 'more'"),
        (lambda t: t.update({Q: t[Q].double()}), "updates", r"is F64 of shape \(32, 32\), and F32"),
        (lambda t: t.update({Q: t[Q].flatten()}), "updates", r"shape \(1024,\)"),
        (lambda t: t.update({Q: t[Q] / 0}), "updates", "not all finite"),
    ],
)
def test_tensors_that_do_not_fit(
    folder: Path, change: Callable[[dict[str, torch.Tensor]], object], file: str, said: str
) -> None:
    masks(folder, change, f"{file}.safetensors")
    refused(folder, said)


def test_tables_that_do_not_agree(folder: Path) -> None:
    for change in (
        lambda t: t.drop(columns="kept"), lambda t: t.iloc[1:], lambda t: t.assign(kept=t["kept"] + 1), lambda t: t.assign(kept="x"),
        lambda t: t.assign(block=t["block"] + 1), lambda t: t.assign(kept=float("nan")), lambda t: t.assign(module=None),
    ):  # fmt: skip
        change(load_report(folder).tables["layers"]).to_parquet(folder / "layers.parquet", index=False)
        manifested(folder)
        refused(folder, "do not agree")
        kept.run_of("sparsegpt")[0].save(folder)


def test_files_that_are_not_there(folder: Path) -> None:
    (folder / "masks.safetensors").rename(folder / "away")
    refused(folder, "is missing or damaged")
    os.mkfifo(folder / "masks.safetensors")
    refused(folder, "not a plain file")
    (folder / "masks.safetensors").unlink()
    (folder / "masks.safetensors").symlink_to(folder / "away")
    refused(folder, "not a plain file")
    (folder / "masks.safetensors").unlink()
    manifested(folder)
    refused(folder, "without masks that can be trusted")
    (folder / "away").rename(folder / "masks.safetensors")
    (folder / MANIFEST).unlink()
    refused(folder, "without masks that can be trusted")
    refused(folder.parent / "nothing", "missing or damaged")


def test_new_weights_that_came_from_elsewhere(tmp_path: Path) -> None:
    folder = kept.run_of("wanda")[0].save(tmp_path / "run")
    shutil.copy(folder / "masks.safetensors", folder / "updates.safetensors")
    refused(folder, "which was not written with it")


def mutate(path: Path, draw: random.Random) -> None:
    """One of the ways in which a file goes bad."""
    data = bytearray(path.read_bytes())
    kind = draw.randrange(7)
    if kind < 3 and data:  # A few flipped bits, near the start more often: headers are there.
        for _ in range(draw.choice((1, 1, 8))):
            place = draw.randrange(min(len(data), draw.choice((16, 300, len(data)))))
            data[place] ^= 1 << draw.randrange(8)
    elif kind == 3:
        del data[draw.randrange(len(data) + 1) :]
    elif kind == 4:
        data += draw.randbytes(draw.randrange(1, 50))
    elif kind == 5:
        start = draw.randrange(len(data) + 1)
        data[start : start + 40] = draw.randbytes(40)
    else:
        data = bytearray(draw.randbytes(draw.randrange(200)))
    path.write_bytes(data)


@pytest.mark.parametrize(("hostile", "times"), [(False, 88), (True, 50)])
def test_damage_is_one_sentence_and_changes_nothing(hostile: bool, times: int, tmp_path: Path) -> None:
    """Every file, damaged in many ways, with the old manifest and with one that agrees with the damage."""
    run, pruned = kept.run_of("sparsegpt")
    good = run.save(tmp_path / "good")
    model = tiny.language_model()
    dense = tiny.all_bytes(model)
    draw, errors, applied_anyway = random.Random(int(hostile)), 0, 0
    folder = tmp_path / "bad"
    for number in range(times):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(good, folder)
        names = sorted(file.name for file in folder.iterdir() if not (hostile and file.name == MANIFEST))
        file = folder / names[number % len(names)]
        mutate(file, draw)
        if hostile:
            manifested(folder)
        try:
            with apply_masks(model, folder):
                applied_anyway += 1
                # Damage that nothing can see is damage that changes nothing, unless somebody meant it.
                assert hostile or tiny.all_bytes(model) == pruned
        except InputError as error:
            errors += "\n" not in str(error)
        assert tiny.all_bytes(model) == dense, file.name
    assert errors > times // 3
    assert errors + applied_anyway == times
