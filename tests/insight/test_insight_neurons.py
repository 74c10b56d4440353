"""Language neurons: LAPE by hand and by a slow reference, planted neurons found in every family, their damage, their protection."""

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
import tiny
import torch
from hypothesis import given, strategies as st
from torch import Tensor

from mwanda_core.engine.pruning import prune
from mwanda_core.errors import InputError, ModelError
from mwanda_core.insight.cuts import halves
from mwanda_core.insight.mlps import Mlp, find_mlps
from mwanda_core.insight.neuron_damage import PrunedShares, drift, pruned_shares, pruned_table, random_like, stability
from mwanda_core.insight.neuron_effects import language_losses, protect, silenced, silencing
from mwanda_core.insight.neurons import Firing, LanguageNeurons, entropies, language_neurons, measure_firing
from mwanda_core.methods.recipes import recipe
from mwanda_core.models import LanguageModel
from mwanda_core.parts.masks import keep_top, lifted, pack
from mwanda_core.parts.patterns import NtoM, Unstructured
from mwanda_core.progress import Monitor

GATES = {
    "gpt2": ("mlp.c_fc",), "gpt_neox": ("mlp.dense_h_to_4h",), "bloom": ("mlp.dense_h_to_4h",), "opt": ("fc1",), "xglm": ("fc1",),
    "phi3": ("mlp.gate_up_proj", "mlp.gate_up_proj"),
}  # fmt: skip
DOWNS = {"gpt2": "mlp.c_proj", "gpt_neox": "mlp.dense_4h_to_h", "bloom": "mlp.dense_4h_to_h", "opt": "fc2", "xglm": "fc2"}


def firing(rows: list[list[float]], tokens: float = 100.0, sizes: tuple[int, ...] = ()) -> Firing:
    """From probabilities [neurons, languages]."""
    probability = torch.tensor(rows, dtype=torch.float64)
    languages = ("en", "de", "sw", "hi")[: probability.shape[1]]
    sizes = sizes or (len(probability),)
    counts = torch.full((len(languages),), tokens, dtype=torch.float64)
    return Firing(languages, tuple(range(len(sizes))), sizes, probability * tokens, counts)


def test_entropies_by_hand() -> None:
    found = entropies(torch.tensor([[0.3, 0.3, 0.3], [0.0, 0.7, 0.0], [0.0, 0.0, 0.0], [0.2, 0.2, 0.0]], dtype=torch.float64))
    assert found.tolist() == pytest.approx([math.log(3), 0.0, 0.0, math.log(2)])


def test_the_rules_by_hand() -> None:
    """Ten neurons, two languages, bar 0.75: the 15th of 20 probabilities; a fifth of the neurons is wanted."""
    rows = [[0.5, 0.5]] * 5 + [[0.9, 0.1], [0.1, 0.8], [0.7, 0.6], [0.01, 0.0], [0.6, 0.9]]
    found = language_neurons(firing(rows), rate=0.2, bar=0.75)
    # Sorted: 0, .01, .1, .1, ten times .5, .6 (the 15th), .6, .7, .8, .9, .9. Neuron 8 is purest but never fires above .6.
    assert math.isinf(found.entropy[8])
    assert math.isinf(found.entropy[0])
    assert [code for code in found.languages if found.of(code).any()] == ["en", "de"]
    assert found.of("en").nonzero().flatten().tolist() == [5]
    assert found.of("de").nonzero().flatten().tolist() == [6]
    more = language_neurons(firing(rows), rate=0.4, bar=0.75)
    assert more.of("en").nonzero().flatten().tolist() == [5, 7]
    assert more.of("de").nonzero().flatten().tolist() == [6, 9]
    everything = language_neurons(firing(rows), rate=0.9, bar=0.75)
    assert int(everything.member.any(dim=0).sum()) == 4, "dropped neurons never belong to a language"


def slow_lape(probability: np.ndarray, rate: float, bar: float) -> list[set[int]]:
    """The definition, neuron by neuron."""
    neurons, languages = probability.shape
    height = sorted(probability.flatten())[max(1, round(neurons * languages * bar)) - 1]
    entropy = {}
    for i in range(neurons):
        if not (probability[i] > height).any():
            continue
        share = probability[i] / probability[i].sum()
        entropy[i] = -sum(q * math.log(q) for q in share if q > 0)
    chosen = sorted(entropy, key=lambda i: (round(entropy[i], 12), i))[: round(neurons * rate)]
    return [{i for i in chosen if probability[i, column] > height} for column in range(languages)]


@given(st.integers(0, 10**6), st.integers(10, 60), st.integers(2, 4), st.sampled_from([0.01, 0.1, 0.3]))
def test_it_is_its_definition(seed: int, neurons: int, languages: int, rate: float) -> None:
    counts = torch.randint(0, 1000, (neurons, languages), generator=torch.Generator().manual_seed(seed)).double()
    found = language_neurons(firing((counts / 1000).tolist(), tokens=1000.0), rate=rate, bar=0.8)
    wanted = slow_lape(found_probability(counts), rate, 0.8)
    assert [set(row.nonzero().flatten().tolist()) for row in found.member] == wanted


def found_probability(counts: Tensor) -> np.ndarray:
    """As the library divides."""
    return (counts / 1000 * 1000 / 1000).numpy()


@given(st.integers(0, 10**6), st.permutations(range(4)))
def test_the_order_of_languages_only_permutes(seed: int, order: list[int]) -> None:
    probability = torch.rand(40, 4, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    assert torch.equal(entropies(probability), entropies(probability[:, order]))
    plain = language_neurons(firing(probability.tolist()), rate=0.2)
    turned = language_neurons(firing(probability[:, order].tolist()), rate=0.2)
    assert torch.equal(turned.member, plain.member[order])


def test_settings_that_mean_nothing_are_refused() -> None:
    with pytest.raises(InputError, match="at least two languages"):
        language_neurons(firing([[0.5]]))
    with pytest.raises(InputError, match="between 0 and 1"):
        language_neurons(firing([[0.5, 0.4]]), rate=0.0)
    with pytest.raises(InputError, match="No neurons were measured for fr"):
        firing([[0.5, 0.4]]).select(["fr"])


def test_neurons_are_found_in_every_family(family: str) -> None:
    model = tiny.language_model(family)
    mlps = find_mlps(model)
    assert [mlp.block for mlp in mlps] == [block.index for block in model.blocks]
    for mlp in mlps:
        assert mlp.neurons == (128 if family in ("gpt_neox", "bloom") and mlp.neurons != 48 else 48)
        assert [name for name, _ in mlp.rows] == list(GATES.get(family, ("mlp.gate_proj", "mlp.up_proj")))
        assert [first for _, first in mlp.rows] == ([0, 48] if family == "phi3" else [0] * len(mlp.rows))
        assert mlp.down == DOWNS.get(family, "mlp.down_proj")


def test_firing_is_its_definition(family: str) -> None:
    """One ordinary forward of the whole model, and the activation module's output."""
    model = tiny.language_model(family)
    packed = tiny.packed()
    mlps = find_mlps(model)
    found = measure_firing(model, mlps, packed)
    seen: list[Tensor] = []
    handles = [
        mlp.activation.register_forward_hook(lambda module, args, output: seen.append(output.reshape(len(packed.ids), 12, -1)))
        for mlp in mlps
    ]
    with torch.no_grad():
        model.hf(input_ids=packed.ids, use_cache=False)
    for handle in handles:
        handle.remove()
    slow = torch.cat([
        torch.stack([(out[packed.rows == row] > 0).double().mean(dim=(0, 1)) for row in range(3)], dim=1) for out in seen
    ])  # fmt: skip
    assert found.languages == packed.languages
    assert torch.allclose(found.probability(), slow, atol=0.02)  # A value at zero may round to either side.
    assert (found.probability() - slow).abs().mean() < 1e-4


def test_a_model_without_neurons_is_refused(llama: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    for block in llama.blocks:
        silu = torch.nn.functional.silu
        mlp: Any = block.module.mlp
        mlp.act_fn = None
        monkeypatch.setattr(
            mlp, "forward", lambda x, mlp=mlp, silu=silu: mlp.down_proj(silu(mlp.gate_proj(x)) * mlp.up_proj(x))
        )
    with pytest.raises(ModelError, match="No neurons were found in tiny llama"):
        find_mlps(llama)


PLANTED = 7


@pytest.fixture
def planted(llama: LanguageModel) -> LanguageModel:
    """Neuron 7 of block 0 fires on Swahili tokens alone, and what it gives is large: channel 0 of the embedding is +-20, its gate
    reads that channel alone, and nothing else in the model reads it; attention of block 0 gives nothing."""
    with torch.no_grad():
        hf: Any = llama.hf
        swahili = 4 + 2 * ((tiny.VOCABULARY - 4) // 3)
        hf.model.embed_tokens.weight[:, 0] = -20.0
        hf.model.embed_tokens.weight[swahili:, 0] = 20.0
        for layer in hf.model.layers:
            layer.input_layernorm.weight[0] = 0.0
            layer.post_attention_layernorm.weight[0] = 0.0
            layer.mlp.gate_proj.weight[:, 0] = 0.0
        hf.model.norm.weight[0] = 0.0
        block = hf.model.layers[0]
        block.self_attn.o_proj.weight.zero_()
        block.post_attention_layernorm.weight[0] = 1.0
        block.mlp.gate_proj.weight[PLANTED] = 0.0
        block.mlp.gate_proj.weight[PLANTED, 0] = 10.0
        block.mlp.down_proj.weight[:, PLANTED] *= 3.0
    return llama


def test_a_planted_neuron_is_found(planted: LanguageModel) -> None:
    packed = tiny.packed(per_language=6)
    found = language_neurons(measure_firing(planted, find_mlps(planted), packed), rate=0.1, bar=0.6)
    assert bool(found.of("sw")[PLANTED])
    assert not found.of("en")[PLANTED]
    assert found.entropy[PLANTED] == 0.0
    table = found.by_block()
    assert len(table) == 9
    assert table["neurons"].sum() == int(found.member.sum())
    assert table[(table["language"] == "sw") & (table["block"] == 0)]["neurons"].item() >= 1


def only_planted(model: LanguageModel, code: str = "sw") -> LanguageNeurons:
    """The planted neuron alone, as a result."""
    mlps = find_mlps(model)
    member = torch.zeros(3, sum(mlp.neurons for mlp in mlps), dtype=torch.bool)
    member[tiny.LANGUAGES.index(code), PLANTED] = True
    sizes = tuple(mlp.neurons for mlp in mlps)
    return LanguageNeurons(tiny.LANGUAGES, (0, 1, 2), sizes, torch.zeros(member.shape[1]), member)


def test_silencing_a_planted_neuron_hurts_its_language_alone(planted: LanguageModel) -> None:
    packed = tiny.packed(per_language=4, seed=1)
    before = tiny.all_bytes(planted)
    seen: list[float] = []
    monitor = Monitor(on_progress=lambda progress: seen.append(progress.fraction))
    table = silencing(planted, find_mlps(planted), only_planted(planted), packed, draws=2, monitor=monitor)
    assert len(table) == 3 * 3 * 3
    assert seen[-1] == pytest.approx(1.0)
    effect = table[(table["silenced"] == "sw") & (table["control"] == "neurons")].set_index("language")["increase"].abs()
    assert effect["sw"] > 1e-3
    assert effect[["en", "de"]].max() < 1e-6
    assert set(silencing(planted, find_mlps(planted), only_planted(planted), packed, languages=["sw"])["silenced"]) == {"sw"}
    nobody = table[(table["silenced"] == "en")]
    assert (nobody["increase"] == 0).all(), "a language without neurons changes nothing"
    assert (nobody["neurons"] == 0).all()
    assert tiny.all_bytes(planted) == before
    assert torch.equal(language_losses(planted, packed, Monitor()), language_losses(planted, packed, Monitor()))


def test_silencing_is_zeroing_the_down_column(family: str) -> None:
    model = tiny.language_model(family)
    packed, mlps = tiny.packed(), find_mlps(model)
    total = sum(mlp.neurons for mlp in mlps)
    chosen = torch.zeros(total, dtype=torch.bool)
    chosen[[1, 5, mlps[0].neurons + 2]] = True
    with silenced(mlps, chosen):
        muted = language_losses(model, packed, Monitor())
    dense = language_losses(model, packed, Monitor())
    with torch.no_grad():
        for mlp, mine in zip(mlps, chosen.split([mlp.neurons for mlp in mlps]), strict=True):
            down = next(linear for linear in model.blocks[mlp.block].linears if linear.name == mlp.down)
            down.weight[:, mine] = 0
    assert torch.allclose(language_losses(model, packed, Monitor()), muted, atol=1e-6)
    assert not torch.allclose(muted, dense, atol=1e-6)


def test_silencing_ends_when_something_fails(planted: LanguageModel) -> None:
    mlps, packed = find_mlps(planted), tiny.packed()
    before = language_losses(planted, packed, Monitor())
    with pytest.raises(RuntimeError, match="stop"), silenced(mlps, only_planted(planted).of("sw")):
        raise RuntimeError("stop")
    assert torch.equal(language_losses(planted, packed, Monitor()), before)


def tiny_mlp(rows: tuple[tuple[str, int], ...] = (("mlp.gate_proj", 0), ("mlp.up_proj", 0))) -> Mlp:
    return Mlp(0, torch.nn.Identity(), 48, rows, "mlp.down_proj")


def test_pruned_shares_by_hand(llama: LanguageModel) -> None:
    gate, up, down = torch.ones(48, 32), torch.ones(48, 32), torch.ones(32, 48)
    gate[3, :16] = 0
    up[3, :8] = 0
    down[:4, 3] = 0
    names = {"mlp.gate_proj": gate, "mlp.up_proj": up, "mlp.down_proj": down}
    masks = {f"{llama.blocks[0].path}.{name}": pack(keep.bool()) for name, keep in names.items()}
    found = pruned_shares(llama, [tiny_mlp()], masks)
    assert found.rows[3].item() == 24 / 64
    assert found.column[3].item() == 4 / 32
    assert found.whole[3].item() == 28 / 96
    assert found.whole.sum() == found.whole[3]


def test_row_scope_prunes_the_same_of_every_neurons_rows(family: str) -> None:
    model = tiny.language_model(family)
    result = prune(model, tiny.packed(), recipe("wanda"), 0.5, "one-pass")
    found = pruned_shares(model, find_mlps(model), result.masks)
    assert torch.equal(found.rows, torch.full_like(found.rows, 0.5))
    assert found.column.mean().item() == pytest.approx(0.5)
    assert found.column.std() > 0


def test_pruned_table_by_hand() -> None:
    member = torch.zeros(2, 8, dtype=torch.bool)
    member[0, [0, 5]] = True
    member[1, 1] = True
    found = LanguageNeurons(("en", "sw"), (0, 1), (4, 4), torch.zeros(8), member)
    column = torch.tensor([1.0, 0.2, 0.5, 0.5, 0.1, 0.8, 0.1, 0.1], dtype=torch.float64)
    half = torch.full_like(column, 0.5)
    table = pruned_table(found, PrunedShares(half, column, (column + half) / 2), draws=400).set_index("language")
    assert table.loc["en", ["neurons", "rows", "column", "above"]].tolist() == [2, 0.5, 0.9, 1.0]
    assert table.loc["sw", "column"] == 0.2
    assert table.loc["sw", "above"] == 0.0
    # The control of en: one of neurons 2, 3 (0.5 each) and one of 4, 6, 7 (0.1 each).
    assert table.loc["en", "random_column"] == pytest.approx(0.3)
    assert table.loc["sw", ["random_low", "random_high"]].tolist() == pytest.approx([0.5, 0.5])


def test_the_random_control_matches_blocks_and_avoids_language_neurons() -> None:
    probability = torch.rand(200, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    found = language_neurons(firing(probability.tolist(), sizes=(150, 50)), rate=0.1, bar=0.7)
    for code in found.languages:
        control = random_like(found, code, 5, seed=1)
        assert torch.equal(control[:, :150].sum(dim=1), found.of(code)[:150].sum().expand(5))
        assert torch.equal(control.sum(dim=1), found.of(code).sum().expand(5))
        assert not (control & found.member.any(dim=0)).any()
        assert torch.equal(control, random_like(found, code, 5, seed=1))
        assert not torch.equal(control, random_like(found, code, 5, seed=2))
    crowded = dataclasses.replace(found, member=torch.ones_like(found.member))
    with pytest.raises(InputError, match="random control of equal size"):
        random_like(crowded, "en", 1)


def test_drift_by_hand() -> None:
    before = torch.tensor([[True, True, True, False], [False, False, False, False]])
    after = torch.tensor([[False, True, True, True], [False, False, False, False]])
    make = [LanguageNeurons(("en", "sw"), (0,), (4,), torch.zeros(4), member) for member in (before, after)]
    row = drift(*make).iloc[0]
    assert row[["before", "after", "shared", "lost", "new", "jaccard"]].tolist() == [3, 3, 2, 1, 1, 0.5]
    assert math.isnan(drift(*make).iloc[1]["jaccard"])
    assert drift(make[0], make[0])["jaccard"].iloc[0] == 1.0
    with pytest.raises(InputError, match="one model with the same languages"):
        drift(make[0], dataclasses.replace(make[1], languages=("en", "de")))


def test_stability_is_the_drift_between_halves(llama: LanguageModel) -> None:
    packed, mlps = tiny.packed(per_language=4), find_mlps(llama)
    both = measure_firing(llama, mlps, halves(packed))
    whole = measure_firing(llama, mlps, packed)
    assert torch.equal(both.joined().positive, whole.positive)
    assert torch.equal(both.joined().tokens, whole.tokens)
    assert both.joined().languages == packed.languages
    found = stability(both, rate=0.1, bar=0.6)
    assert found["language"].tolist() == list(packed.languages)
    assert found["jaccard"].dropna().between(0, 1).all()
    same = dataclasses.replace(both, positive=both.positive[:, [0, 0, 2, 2, 4, 4]])
    assert (stability(same, rate=0.1, bar=0.6)["jaccard"].dropna() == 1).all()


@given(st.integers(0, 10**6), st.integers(0, 12))
def test_lifting_ranks_the_protected_first_and_keeps_the_order(seed: int, pruned: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    score = torch.randn(5, 12, generator=generator) * 10 ** torch.randint(-20, 20, (5, 12), generator=generator).float()
    score[0, :4] = torch.tensor([0.0, -0.0, torch.inf, 1e-45])
    must = torch.rand(5, 12, generator=generator) < 0.3
    keep = keep_top(lifted(score, must), pruned)
    for row in range(5):
        order = sorted(range(12), key=lambda j: (bool(must[row, j]), float(score[row, j])))
        assert keep[row].nonzero().flatten().tolist() == sorted(order[pruned:])
    nothing = torch.zeros_like(must)
    assert torch.equal(keep_top(lifted(score, nothing), pruned), keep_top(score, pruned))
    with pytest.raises(InputError, match="NaN"):
        keep_top(lifted(torch.full((1, 2), torch.nan), torch.ones(1, 2, dtype=torch.bool)), 1)


def test_protected_neurons_stay_and_counts_are_exact(family: str) -> None:
    model = tiny.language_model(family)
    mlps = find_mlps(model)
    chosen = torch.zeros(sum(mlp.neurons for mlp in mlps), dtype=torch.bool)
    chosen[[0, 3, 9, mlps[0].neurons + 4]] = True
    generator = torch.Generator().manual_seed(0)
    for pattern, rows in ((Unstructured(), False), (Unstructured(scope="layer"), True), (NtoM(2, 4), False)):
        found = protect(model, mlps, chosen, with_rows=rows)
        linears = {block.full_name(linear): linear for block in model.blocks for linear in block.linears}
        assert set(found) <= set(linears)
        for name, must in found.items():
            assert must.shape == linears[name].weight.shape
            score = torch.rand(must.shape, generator=generator)
            keep = pattern.keep(lifted(score, must), 0.5)
            assert torch.equal(keep.sum(), pattern.keep(score, 0.5).sum())
            assert keep[must].all()
        packed_masks = {
            name: pack(found[name] if name in found else torch.zeros(linear.weight.shape, dtype=torch.bool))
            for name, linear in linears.items()
        }
        shares = pruned_shares(model, mlps, packed_masks)
        assert torch.equal(shares.column == 0, chosen)
        assert torch.equal(shares.rows == 0, chosen & rows)
