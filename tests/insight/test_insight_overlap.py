"""Mask overlap: by hand, by its laws (identity, complement, symmetry, chance, ceiling), and by a slow count over dense masks."""

import dataclasses
import math
from pathlib import Path

import pandas as pd
import pytest
import tiny
import torch
from hypothesis import given, settings, strategies as st
from safetensors.torch import save_file
from torch import Tensor

from mwanda_core.engine.measure import BlockStats, measure_model
from mwanda_core.engine.pruning import prune
from mwanda_core.errors import InputError, RunError
from mwanda_core.insight.cuts import (
    Cut,
    alone,
    between_halves,
    by_language,
    by_method,
    halves,
    joined,
    only,
    overlap,
    side_by_side,
    to_mix,
    with_mix,
)
from mwanda_core.insight.overlap import diff, expected_iou, overlap_of_masks, pruned_together, stored_masks
from mwanda_core.methods.activation import Target, Weighted
from mwanda_core.methods.recipes import RECIPES, recipe
from mwanda_core.models import LanguageModel
from mwanda_core.parts.masks import pack
from mwanda_core.parts.needs import SUMS
from mwanda_core.parts.patterns import Unstructured
from mwanda_core.progress import Monitor
from mwanda_core.run import tables


def layers(sizes: dict[str, int]) -> pd.DataFrame:
    """A table of layers for full names like "m.0.q"."""
    rows = [(int(name.split(".")[1]), name.split(".", 2)[2], size) for name, size in sizes.items()]
    return pd.DataFrame(rows, columns=["block", "module", "weights"])


def packed_of(kept: str) -> Tensor:
    """A packed mask from a word of 1 (kept) and 0 (pruned)."""
    return pack(torch.tensor([letter == "1" for letter in kept]))


def pair(left: str, right: str) -> pd.Series:
    """The figures of two masks of one linear."""
    return diff({"m.0.q": packed_of(left)}, {"m.0.q": packed_of(right)}, layers({"m.0.q": len(left)})).iloc[0]


def test_by_hand() -> None:
    found = pair("0011110000", "0110011110")  # pruned: {0,1,6,7,8,9} and {0,3,4,9}
    assert (found["weights"], found["pruned"], found["other_pruned"]) == (10, 6, 4)
    assert (found["both"], found["only"], found["only_other"]) == (2, 4, 2)
    assert found["iou"] == 2 / 8
    expected = 0.24 / (0.6 + 0.4 - 0.24)
    assert found["expected"] == pytest.approx(expected)
    assert found["corrected"] == pytest.approx((0.25 - expected) / (1 - expected))


def test_expected_by_hand() -> None:
    assert expected_iou(0.5, 0.5) == pytest.approx(1 / 3)
    assert expected_iou(0.01, 0.01) == pytest.approx(0.01 / 1.99)
    assert expected_iou(0.2, 1.0) == pytest.approx(0.2)
    assert math.isnan(expected_iou(0.0, 0.0))


def test_identical_is_one_and_complement_is_zero() -> None:
    same = pair("0101100", "0101100")
    assert (same["iou"], same["corrected"]) == (1.0, 1.0)
    other = pair("0101100", "1010011")
    assert other["iou"] == 0.0
    assert other["corrected"] < 0
    nothing = pair("111", "111")
    assert math.isnan(nothing["iou"])


@settings(max_examples=15)
@given(st.integers(0, 10**6), st.integers(1, 40), st.integers(1, 40))
def test_counts_are_those_of_dense_masks(seed: int, first: int, second: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    sizes = {"m.0.q": first, "m.1.q": second}
    masks = {
        label: {name: torch.rand(size, generator=generator) < 0.6 for name, size in sizes.items()} for label in ("x", "y", "z")
    }
    found = overlap_of_masks(
        {label: {name: pack(keep) for name, keep in by_name.items()} for label, by_name in masks.items()}, layers(sizes)
    )
    matrix = found.matrix("iou")
    assert torch.equal(matrix, matrix.T) or matrix.isnan().any()
    for i, left in enumerate(masks.values()):
        for j, right in enumerate(masks.values()):
            a, b = (torch.cat([~keep for keep in m.values()]) for m in (left, right))
            chance = sum((~left[n]).double().mean() * (~right[n]).double().mean() * size for n, size in sizes.items())
            both, either = int((a & b).sum()), int((a | b).sum())
            assert int(found.both.sum(dim=0)[i, j]) == both
            assert found.expected().sum(dim=0)[i, j].item() == pytest.approx(float(chance))
            if either:
                assert matrix[i, j].item() == pytest.approx(both / either)


def test_chunks_of_a_long_mask_add_up() -> None:
    keep = torch.rand(3, 2**18 + 13, generator=torch.Generator().manual_seed(0)) < 0.3
    counted = pruned_together(torch.stack([pack(row) for row in keep]), keep.shape[1])
    slow = [[int((~a & ~b).sum()) for b in keep] for a in keep]
    assert counted.tolist() == slow


def test_independent_masks_have_no_corrected_overlap() -> None:
    """At two different sparsities, and in two linears of different sparsity: agreeing in the allocation is not agreeing."""
    generator = torch.Generator().manual_seed(1)
    sizes = {"m.0.q": 200_000, "m.1.q": 100_000}
    shares = {"x": (0.3, 0.8), "y": (0.3, 0.8), "z": (0.5, 0.6)}
    masks = {
        label: {
            name: pack(torch.rand(size, generator=generator) >= share)
            for (name, size), share in zip(sizes.items(), by_linear, strict=True)
        }
        for label, by_linear in shares.items()
    }
    corrected = overlap_of_masks(masks, layers(sizes)).matrix()
    assert (corrected - torch.eye(3)).abs().max() < 0.006


def test_what_does_not_belong_together_is_refused() -> None:
    with pytest.raises(InputError, match="do not cover the same linear layers"):
        diff({"m.0.q": packed_of("1")}, {"m.0.k": packed_of("1")}, layers({"m.0.q": 1}))
    with pytest.raises(InputError, match="one bit for each of its 17 weights"):
        diff({"m.0.q": packed_of("1")}, {"m.0.q": packed_of("1")}, layers({"m.0.q": 17}))
    with pytest.raises(InputError, match=r"no row for m\.0\.q"):
        diff({"m.0.q": packed_of("1")}, {"m.0.q": packed_of("1")}, layers({"m.0.k": 1}))


@pytest.fixture
def stats(llama: LanguageModel) -> tuple[BlockStats, ...]:
    """Dense statistics of halves of three languages of three tokens each, none of them shared."""
    packed = tiny.packed(per_language=8)
    planted = dataclasses.replace(packed, ids=10 + packed.ids % 3 + 3 * packed.rows[:, None])
    return measure_model(llama, halves(planted), SUMS, Monitor())


def test_halves_by_hand() -> None:
    packed = tiny.packed(("en", "sw"), per_language=5)
    found = halves(packed)
    assert found.languages == ("en#1", "en#2", "sw#1", "sw#2")
    assert torch.equal(found.ids, packed.ids[[0, 1, 2, 3, 5, 6, 7, 8]])
    assert found.rows.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert found.sources[4] == packed.sources[5]
    assert found.tokens_per_language == 24
    with pytest.raises(InputError, match="at least two sequences"):
        halves(tiny.packed(per_language=1))


def test_halves_join_to_the_whole(llama: LanguageModel) -> None:
    packed = tiny.packed(per_language=4)
    whole = measure_model(llama, packed, SUMS, Monitor())
    both = joined(measure_model(llama, halves(packed), SUMS, Monitor()))
    for one, other in zip(whole, both, strict=True):
        for name in one:
            assert other[name].languages == one[name].languages
            assert torch.allclose(other[name].sumsq, one[name].sumsq, rtol=1e-5)
            assert torch.equal(other[name].tokens, one[name].tokens)
        assert len({id(found) for found in other.values()}) == len({id(found) for found in one.values()})


def test_side_by_side_is_measuring_together(stats: tuple[BlockStats, ...]) -> None:
    whole = joined(stats)
    again = side_by_side(only(whole, ["sw"]), only(whole, ["en", "de"]))
    one = again[0]["self_attn.q_proj"]
    assert one.languages == ("sw", "en", "de")
    assert torch.equal(one.sumsq, whole[0]["self_attn.q_proj"].sumsq[[2, 0, 1]])
    assert again[0]["self_attn.k_proj"] is one
    with pytest.raises(InputError, match="sw would clash"):
        side_by_side(only(whole, ["sw"]), whole)


def test_magnitude_is_the_same_for_every_language(llama: LanguageModel, stats: tuple[BlockStats, ...]) -> None:
    found = overlap(llama, by_language(stats, recipe("magnitude"), 0.5))
    assert torch.equal(found.matrix(), torch.ones(6, 6, dtype=torch.float64))
    assert found.matrix("expected")[0, 1].item() == pytest.approx(1 / 3)


@pytest.mark.parametrize("method", ["wanda", "m-wanda", "ria", "training-share", "global"])
def test_a_languages_mask_is_that_of_pruning_on_it_alone(llama: LanguageModel, method: str) -> None:
    found = recipe("wanda", pattern=Unstructured(scope="global")) if method == "global" else recipe(method)
    packed = tiny.packed()
    stats = measure_model(llama, packed, SUMS, Monitor())
    masks, layers_table = {}, None
    for code in packed.languages:
        result = prune(llama, packed.only([code]), found, 0.5, "one-pass", stats=alone(stats, code))
        masks[code], layers_table = result.masks, tables.layers(result.linears)
        result.restore()
    assert layers_table is not None
    slow = overlap_of_masks(masks, layers_table)
    fast = overlap(llama, by_language(stats, found, 0.5))
    assert torch.equal(fast.both, slow.both)
    assert fast.names == slow.names
    assert fast.table(("block", "module")).equals(slow.table(("block", "module")))


def test_the_ceiling_is_above_other_languages(llama: LanguageModel, stats: tuple[BlockStats, ...]) -> None:
    """The languages share no token, so other text of one language is nearer to it than another language."""
    found = overlap(llama, by_language(stats, recipe("wanda"), 0.5))
    table = between_halves(found)
    matrix = table.pivot(index="language", columns="other", values="corrected")
    assert matrix.shape == (3, 3)
    assert (matrix.to_numpy() == matrix.to_numpy().T).all()
    own = table[table["language"] == table["other"]]
    across = table[table["language"] != table["other"]]
    assert own["corrected"].min() > across["corrected"].max() > 0
    assert own["of_ceiling"].to_numpy() == pytest.approx(1.0)
    assert across["of_ceiling"].max() < 1


def test_between_halves_by_hand(llama: LanguageModel, stats: tuple[BlockStats, ...]) -> None:
    found = overlap(llama, by_language(stats, recipe("wanda"), 0.5))
    iou = found.matrix("iou")
    table = between_halves(found).set_index(["language", "other"])
    assert found.names[:4] == ("en#1", "en#2", "de#1", "de#2")
    assert table.loc[("en", "en"), "iou"] == pytest.approx(iou[0, 1].item())
    assert table.loc[("en", "de"), "iou"] == pytest.approx((iou[0, 3] + iou[1, 2]).item() / 2)
    corrected = found.matrix()
    assert table.loc[("en", "de"), "ceiling"] == pytest.approx((corrected[0, 1] * corrected[2, 3]).sqrt().item())
    by_block = between_halves(found, ("block",))
    assert len(by_block) == 3 * 9
    part = found.table(("block",))
    wanted = part[(part["block"] == 1) & (part["name"] == "sw#1") & (part["other"] == "sw#2")]["iou"].item()
    chosen = by_block[(by_block["block"] == 1) & (by_block["language"] == "sw") & (by_block["other"] == "sw")]
    assert chosen["iou"].item() == pytest.approx(wanted)
    assert chosen["of_ceiling"].item() == pytest.approx(1.0)


def test_methods_by_block_and_module(llama: LanguageModel, stats: tuple[BlockStats, ...]) -> None:
    methods = {name: RECIPES[name] for name in ("wanda", "magnitude", "m-wanda")}
    found = overlap(llama, by_method(joined(stats), methods, 0.5))
    table = found.table(("block", "module"))
    assert list(table.columns[:4]) == ["block", "module", "name", "other"]
    assert len(table) == 9 * sum(len(block.linears) for block in llama.blocks)
    total = found.table()
    assert total["both"].sum() == table["both"].sum() == found.table(("module",))["both"].sum()
    wanda = total[(total["name"] == "wanda") & (total["other"] == "magnitude")].iloc[0]
    assert 0 < wanda["corrected"] < 1
    assert wanda["only"] == wanda["only_other"]


def test_the_mix_of_one_language_has_its_mask(llama: LanguageModel, stats: tuple[BlockStats, ...]) -> None:
    whole = joined(stats)
    found = to_mix(overlap(llama, with_mix(whole, ["en"], recipe("wanda"), 0.5)))
    assert list(found) == ["en", "de", "sw"]
    assert found["en"] == 1.0 > max(found["de"], found["sw"])
    both = to_mix(overlap(llama, with_mix(whole, ["en", "de"], recipe("wanda"), 0.5)))
    assert found["de"] < both["de"] < 1.0


def test_languages_that_an_activation_names_do_not_matter_alone(llama: LanguageModel, stats: tuple[BlockStats, ...]) -> None:
    plain = overlap(llama, by_language(stats, recipe("wanda"), 0.5))
    custom = Weighted(mix="custom", weights_by_language="en=2")
    for activation in (custom, Target("sw")):
        named = overlap(llama, by_language(stats, recipe("wanda", activation=activation), 0.5))
        assert torch.equal(named.both, plain.both)


def test_what_cannot_be_cut_is_refused(llama: LanguageModel, stats: tuple[BlockStats, ...]) -> None:
    with pytest.raises(InputError, match=r"SparseGPT measures more than statistics \(gram\)"):
        overlap(llama, by_language(stats, recipe("sparsegpt"), 0.5))
    with pytest.raises(InputError, match="cover 1 blocks; the model has 3"):
        overlap(llama, [Cut("en", recipe("wanda"), stats[:1], 0.5)])


def test_stored_masks_are_read_one_by_one(llama: LanguageModel, tmp_path: Path) -> None:
    packed = tiny.packed()
    results = []
    for name in ("wanda", "magnitude"):
        result = prune(llama, packed, recipe(name), 0.5, "one-pass")
        result.restore()
        save_file(dict(result.masks), tmp_path / f"{name}.safetensors")
        results.append(result)
    layers_table = tables.layers(results[0].linears)
    fresh = diff(results[0].masks, results[1].masks, layers_table)
    with stored_masks(tmp_path / "wanda.safetensors") as left, stored_masks(tmp_path / "magnitude.safetensors") as right:
        stored = diff(left, right, layers_table)
        assert len(left) == len(results[0].masks)
        with pytest.raises(KeyError):
            left["nothing"]
    assert stored.equals(fresh)
    assert list(fresh["block"]) == sorted(fresh["block"])
    assert (fresh["both"] + fresh["only"] == fresh["pruned"]).all()
    with pytest.raises(RunError, match="missing or damaged"), stored_masks(tmp_path / "nothing.safetensors"):
        pass


def test_a_cut_leaves_the_model_as_it_was(llama: LanguageModel, stats: tuple[BlockStats, ...]) -> None:
    before = tiny.all_bytes(llama)
    seen: list[float] = []
    monitor = Monitor(on_progress=lambda progress: seen.append(progress.fraction))
    cuts = by_language(stats, recipe("m-wanda"), 0.5)
    overlap(llama, cuts, monitor)
    assert tiny.all_bytes(llama) == before
    assert seen[-1] == pytest.approx(1.0)
    assert dataclasses.replace(cuts[0], sparsity=0.3).name == "en#1"
