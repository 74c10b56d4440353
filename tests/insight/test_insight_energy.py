"""Energy by its laws; and the profile of a model: one pass, whatever the padding and the chunks, nothing where nothing changed."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
import tiny
import torch
from scipy import stats as scipy_stats
from torch.testing import assert_close

from mwanda_core.errors import Cancelled, InputError
from mwanda_core.evaluation import EvaluationSet, ScoredText
from mwanda_core.insight import profiling as home
from mwanda_core.insight.energy import centred_energy, energy, separation, shuffled
from mwanda_core.insight.profile_tables import ENERGY, LAYERS, POSITIONS, RANKING, compare_profiles
from mwanda_core.insight.profiling import Profile, TextProfile, as_set, profile, profile_work
from mwanda_core.insight.ranking import has_ties
from mwanda_core.insight.spectra import effective_rank
from mwanda_core.models import LanguageModel, wrap
from mwanda_core.progress import Monitor, Progress


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
def test_energy_obeys_its_laws(temperature: float) -> None:
    logits = 5 * noise(30, 50)
    found = energy(logits, temperature)
    assert_close(energy(logits + 2.5, temperature), found - 2.5)
    assert_close(energy(logits[:, torch.randperm(50)], temperature), found)
    assert (found <= -logits.max(dim=1).values + 1e-5).all()
    assert (found >= -logits.max(dim=1).values - temperature * math.log(50) - 1e-5).all()


@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
def test_centred_energy_is_free_of_every_offset(temperature: float) -> None:
    logits = 5 * noise(30, 50)
    found = centred_energy(logits, temperature)
    assert_close(centred_energy(logits + 100 * noise(30, 1, seed=1), temperature), found, rtol=1e-4, atol=1e-3)
    assert_close(found, energy(logits - logits.mean(dim=1, keepdim=True), temperature))
    assert (found <= -temperature * math.log(50) + 1e-5).all()
    assert float(centred_energy(torch.full((1, 8), 7.0))) == pytest.approx(-math.log(8))


def test_energy_by_hand() -> None:
    assert float(energy(torch.zeros(1, 8))) == pytest.approx(-math.log(8))
    assert float(energy(torch.zeros(1, 8), 2.0)) == pytest.approx(-2 * math.log(8))
    assert float(energy(torch.tensor([[math.log(3.0), math.log(4.0)]]))) == pytest.approx(-math.log(7))
    assert energy(torch.zeros(1, 8, dtype=torch.bfloat16)).dtype == torch.float32


def test_separation_is_the_area_under_the_curve() -> None:
    assert separation(np.array([1.0, 2.0]), np.array([3.0, 4.0])) == 1.0
    assert separation(np.array([3.0, 4.0]), np.array([1.0, 2.0])) == 0.0
    assert separation(np.array([1.0, 2.0]), np.array([1.0, 2.0])) == 0.5
    text, other = np.random.default_rng(0).integers(0, 9, (2, 30))
    found = separation(text.astype(float), other.astype(float))
    assert found == pytest.approx(np.mean([(b > a) + 0.5 * (a == b) for a in text for b in other]))
    assert found == pytest.approx(scipy_stats.mannwhitneyu(other, text).statistic / 900)
    assert math.isnan(separation(np.array([1.0, math.nan]), np.array([1.0])))
    assert math.isnan(separation(np.array([]), np.array([1.0])))


def test_shuffled_tokens_are_the_text_s_own_in_another_order() -> None:
    ids = (1, *range(10, 40))
    mixed = shuffled(ids, 1, seed=0)
    assert mixed == shuffled(ids, 1, seed=0)
    assert mixed[0] == 1
    assert sorted(mixed) == sorted(ids)
    assert mixed != ids
    assert mixed != shuffled(ids, 1, seed=1)


def texts(num_start: int = 1) -> EvaluationSet:
    """Texts of several lengths in two languages, each opened alike."""
    lengths = {"en": (14, 9, 5, 2), "sw": (7, 12, 3, 11)}
    found = []
    for row, (code, several) in enumerate(lengths.items()):
        for i, length in enumerate(several):
            ids = tiny.random_ids(1, length, seed=100 * row + i)[0].tolist()
            found.append(ScoredText(f"t{i}", code, (*[tiny.BOS] * num_start, *ids), length))
    return EvaluationSet("random", num_start, tuple(found), ())


def damage(model: LanguageModel, sparsity: float = 0.7) -> None:
    """Zero the smallest weights of every linear."""
    for block in model.blocks:
        for linear in block.linears:
            edge = linear.weight.abs().flatten().quantile(sparsity)
            linear.weight[linear.weight.abs() < edge] = 0.0


def equal(left: Profile, right: Profile, exactly: bool = True) -> None:
    assert left.digest == right.digest
    for a, b in zip(left.texts, right.texts, strict=True):
        assert (a.language, a.id) == (b.language, b.id)
        assert torch.equal(a.tokens, b.tokens)
        for name in ("ranks", "logits", "energies", "shuffled"):
            tolerance = {"rtol": 0.0, "atol": 0.0} if exactly else {"rtol": 1e-4, "atol": 1e-4}
            assert_close(getattr(a, name), getattr(b, name), equal_nan=True, **tolerance)


def slow(model: LanguageModel, text: ScoredText, num_start: int) -> TextProfile:
    """One text alone through the whole model, with all its logits."""
    first = max(1, num_start)

    def run(ids: tuple[int, ...]) -> tuple[torch.Tensor, list[torch.Tensor], torch.Tensor]:
        given = torch.tensor([ids])
        with torch.no_grad():
            return model.hf(input_ids=given).logits[0, first - 1 : -1], tiny.block_outputs(model, given), model.hidden(given)

    logits, blocks, final = run(text.ids)
    mixed, _, _ = run(shuffled(text.ids, num_start, 0))
    # A scale or a cap after the head keeps the order, and is left out of the logits that are kept.
    head = model.hf.get_output_embeddings()
    tokens = logits.topk(20, dim=1).indices
    values = torch.nn.functional.linear(final[0, first - 1 : -1], head.weight, head.bias).gather(1, tokens)
    ranks = [effective_rank(states[0, num_start:]) for states in [*blocks, final]]
    plain = [-part.double().exp().sum(dim=1).log() for part in (logits, mixed)]
    both = [
        torch.stack([e, e + part.double().mean(dim=1)], dim=1).float() for e, part in zip(plain, (logits, mixed), strict=True)
    ]
    places = torch.tensor(ranks, dtype=torch.float64)
    return TextProfile(text.language, text.id, places, tokens.int(), values.detach(), both[0], both[1])


def test_a_profile_is_each_text_s_own(family: str) -> None:
    model, given = tiny.language_model(family), texts()
    found = profile(model, given, Monitor())
    wanted = Profile(found.digest, tuple(slow(model, text, given.num_start) for text in given.texts))
    equal(found, wanted, exactly=False)


@pytest.mark.parametrize("num_start", [0, 1, 2])
def test_the_opening_is_left_out(num_start: int) -> None:
    model, given = tiny.language_model("llama"), texts(num_start)
    found = profile(model, given, Monitor())
    equal(found, Profile(found.digest, tuple(slow(model, text, num_start) for text in given.texts)), exactly=False)
    assert [len(text.energies) for text in found.texts] == [len(text.ids) - max(1, num_start) for text in given.texts]


def test_padded_and_alone_are_alike(llama: LanguageModel) -> None:
    together = profile(llama, texts(), Monitor())
    for code, ids in ((text.language, text) for text in texts().texts):
        alone = profile(llama, dataclasses.replace(texts(), texts=(ids,)), Monitor())
        wanted = next(text for text in together.texts if (text.language, text.id) == (code, ids.id))
        equal(Profile("", alone.texts), Profile("", (wanted,)), exactly=False)


@pytest.mark.parametrize("rows", [1, 3])
def test_no_more_logits_than_allowed_are_held(llama: LanguageModel, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    whole = profile(llama, texts(), Monitor())
    monkeypatch.setattr(home, "LOSS_CHUNK_ELEMENTS", rows * tiny.VOCABULARY)
    monkeypatch.setattr(home, "CACHE_ELEMENTS", tiny.VOCABULARY)
    sizes: list[int] = []
    real = home._energies
    monkeypatch.setattr(home, "_energies", lambda logits, t: (sizes.append(len(logits)), real(logits, t))[1])
    equal(profile(llama, texts(), Monitor()), whole, exactly=False)
    assert max(sizes) == rows


def test_an_unchanged_model_differs_in_nothing(family: str) -> None:
    model = tiny.language_model(family)
    dense = profile(model, texts(), Monitor())
    again = profile(model, texts(), Monitor(), dense)
    equal(dense, again)
    tables = compare_profiles(dense, again)
    assert (tables["layers"]["difference"] == 0.0).all()
    assert (tables["energy"]["difference"] == 0.0).all()
    assert (tables["ranking"][["tau", "rho"]] == 1.0).all().all()
    assert (tables["ranking"]["dropped"] == 0).all()
    for name, column in (("energy", "separation"), ("energy", "shuffled"), ("positions", "energy"), ("layers", "erank")):
        pd.testing.assert_series_equal(tables[name][f"{column}_dense"], tables[name][f"{column}_pruned"], check_names=False)


@pytest.mark.parametrize("family", ["llama", "gemma3_text", "gpt2"])
def test_damage_is_seen_and_grows(family: str) -> None:
    rows = []
    for sparsity in (0.2, 0.8):
        model = tiny.language_model(family)
        dense = profile(model, texts(), Monitor())
        damage(model, sparsity)
        rows.append(compare_profiles(dense, profile(model, texts(), Monitor(), dense)))
    small, large = (tables["ranking"].groupby("k")["tau"].mean() for tables in rows)
    assert (small < 1.0).all()
    assert (large < small).all()
    assert (rows[1]["energy"]["difference"].abs() > 1e-3).all()
    assert (rows[1]["layers"]["difference"].abs() > 1e-3).all()


def test_a_block_that_writes_one_direction_lowers_the_rank_from_there_on(llama: LanguageModel) -> None:
    given = texts()
    dense = profile(llama, given, Monitor())
    # Block 1 adds one direction, very large, with a size that depends on the token: all but one dimension drown.
    block = llama.blocks[1]
    linear = next(one for one in block.linears if one.name == "mlp.down_proj")
    linear.weight.copy_(torch.outer(noise(linear.weight.shape[0]), 1e3 * noise(linear.weight.shape[1], seed=1)))
    layers = compare_profiles(dense, profile(llama, given, Monitor(), dense))["layers"]
    for _, group in layers.groupby("language"):
        change = group["difference"].to_numpy()
        assert change[0] == 0.0
        assert (change[1:] < -0.5).all()
        assert (group["erank_pruned"].to_numpy()[1] < 1.5).all()


def made(
    code: str, id: str, ranks: list[float], logits: list[list[float]], energies: list[float], out: list[float]
) -> TextProfile:
    tokens = torch.arange(len(logits[0]), dtype=torch.int32).expand(len(logits), -1)
    places = torch.tensor(ranks, dtype=torch.float64)
    plain, mixed = (torch.tensor(values) for values in (energies, out))
    pairs = [torch.stack([plain, 2 * plain], dim=1), torch.stack([mixed, mixed], dim=1)]
    return TextProfile(code, id, places, tokens, torch.tensor(logits), pairs[0], pairs[1])


def test_the_tables_by_hand() -> None:
    flat, turned, tied = [3.0, 2.0, 1.0], [1.0, 2.0, 3.0], [1.0, 1.0, 1.0]
    dense = Profile("d", (
        made("sw", "a", [2.0, 4.0], [flat, flat], [-5.0, -7.0], [-4.0, -4.0]),
        made("sw", "b", [4.0, 6.0], [flat], [-6.0], [-1.0]),
    ))  # fmt: skip
    pruned = Profile("d", (
        made("sw", "a", [1.0, 3.0], [flat, turned], [-4.0, -5.0], [-4.0, -4.5]),
        made("sw", "b", [2.0, 6.0], [tied], [-3.0], [-9.0]),
    ))  # fmt: skip
    tables = compare_profiles(dense, pruned)
    assert [tuple(tables[name]) for name in ("layers", "ranking", "energy", "positions")] == [
        LAYERS,
        RANKING,
        ENERGY,
        POSITIONS,
    ]
    layers = tables["layers"]
    assert layers["place"].tolist() == ["block", "final norm"]
    assert layers[["erank_dense", "erank_pruned", "difference"]].to_numpy().tolist() == [[3.0, 1.5, -1.5], [5.0, 4.5, -0.5]]
    # Differences -1 and -2: standard error 1/2, Student's t with one degree of freedom.
    assert layers.loc[0, "difference_high"] == pytest.approx(-1.5 + 0.5 * scipy_stats.t.ppf(0.975, 1))
    ranking = tables["ranking"].iloc[0]
    assert (ranking["k"], ranking["positions"], ranking["dropped"]) == (3, 3, 1)
    assert ranking["tied"] == pytest.approx(1 / 3)
    assert ranking["tau"] == ranking["rho"] == 0.0
    assert len(tables["ranking"]) == 1, "there are no 10 tokens to rank"
    assert tables["energy"]["kind"].tolist() == ["plain", "centred"]
    assert tables["energy"]["difference"].tolist() == [2.0, 4.0]
    row = tables["energy"].iloc[0]
    assert row[["energy_dense", "energy_pruned", "difference", "shuffled_dense"]].tolist() == [-6.0, -4.0, 2.0, -3.0]
    assert row["separation_dense"] == 1.0
    assert row["separation_pruned"] == pytest.approx((1.5 + 1.0 + 0.0) / 9)  # -4, -4.5 and -9 against -4, -5, -3
    assert tables["positions"]["texts"].tolist() == [2, 2, 1, 1]
    assert tables["positions"]["energy_dense"].tolist() == [-5.5, -11.0, -7.0, -14.0]


def test_a_broken_model_is_shown_as_not_a_number(llama: LanguageModel) -> None:
    dense = profile(llama, texts(), Monitor())
    llama.blocks[0].linears[-1].weight.fill_(torch.nan)
    tables = compare_profiles(dense, profile(llama, texts(), Monitor(), dense))
    assert tables["layers"]["erank_pruned"].isna().all()
    assert tables["layers"]["erank_dense"].notna().all()
    assert tables["energy"][["energy_pruned", "separation_pruned"]].isna().all().all()
    assert (tables["ranking"]["dropped"] == tables["ranking"]["positions"]).all()
    assert tables["ranking"]["tau"].isna().all()


def test_a_16_bit_model_s_logits_are_told_apart() -> None:
    """Its own are so coarse that the largest are mostly tied; the head's rows in float32 say which is larger."""
    model = wrap(tiny.hf_model("llama").to(torch.bfloat16), tiny.tokenizer(), source="tiny")
    dense = profile(model, texts(), Monitor())
    found = torch.cat([text.logits for text in dense.texts])
    assert (found[:, :-1] >= found[:, 1:]).all()
    coarse = found.to(torch.bfloat16).float()
    assert has_ties(coarse).double().mean() > 0.8
    assert has_ties(found).double().mean() < 0.1


def test_token_ids_by_language_will_do(llama: LanguageModel) -> None:
    ids = {"en": [[5, 6, 7, 8], [9, 10, 11]], "de": [[20, 21, 22]]}
    found = profile(llama, ids, Monitor())
    assert [(text.language, len(text.energies)) for text in found.texts] == [("en", 3), ("en", 2), ("de", 2)]
    equal(found, profile(llama, as_set(ids), Monitor()))
    nothing = profile(llama, {}, Monitor())
    assert all(table.empty for table in compare_profiles(nothing, nothing).values())


def test_only_what_belongs_together_is_compared(llama: LanguageModel) -> None:
    dense = profile(llama, texts(), Monitor())
    other = profile(llama, {"en": [[5, 6, 7]]}, Monitor())
    with pytest.raises(InputError, match="different texts"):
        compare_profiles(dense, other)
    with pytest.raises(InputError, match="of other texts"):
        profile(llama, {"en": [[5, 6, 7]]}, Monitor(), dense)
    with pytest.raises(InputError, match="of other texts"):
        profile(llama, texts(), Monitor(), dense, temperature=2.0)
    damage(llama)
    with pytest.raises(InputError, match="give the dense profile"):
        compare_profiles(dense, profile(llama, texts(), Monitor()))
    with pytest.raises(InputError, match="must be positive"):
        profile(llama, texts(), Monitor(), temperature=0.0)
    with pytest.raises(InputError, match="has none"):
        profile(llama, {"en": [[5]]}, Monitor())


def test_progress_adds_up_and_a_cancel_leaves_nothing(llama: LanguageModel) -> None:
    seen: list[Progress] = []
    before, weights = profile(llama, texts(), Monitor(on_progress=seen.append)), tiny.all_bytes(llama)
    assert seen[-1].done == pytest.approx(profile_work(llama, texts()))
    for stop in range(1, len(seen) + 1, 3):
        calls: list[int] = []
        with pytest.raises(Cancelled):
            profile(
                llama, texts(), Monitor(is_cancelled=lambda calls=calls, stop=stop: (calls.append(1), len(calls) >= stop)[1])
            )
    assert tiny.all_bytes(llama) == weights
    assert not any("forward" in module.__dict__ for module in llama.hf.modules())
    equal(profile(llama, texts(), Monitor()), before)
