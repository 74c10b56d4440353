"""Masks from UniPruning's states: exact counts, nesting, mixes, patterns, files, and the model given back."""

from pathlib import Path

import pytest
import tiny
import torch

from mwanda_core.corpora import Packed
from mwanda_core.engine.mirror import Mirror, descend
from mwanda_core.errors import InputError, RunError
from mwanda_core.methods.scores.unipruning import UniPruning
from mwanda_core.models import LanguageModel
from mwanda_core.parts.masks import num_pruned, unpack
from mwanda_core.parts.patterns import NtoM, Unstructured
from mwanda_core.progress import Monitor
from mwanda_core.studies.one_calibration.files import load_states, save_states
from mwanda_core.studies.one_calibration.reading import cut_at, importance, masks_at, nested, weights_of

STILL = UniPruning(learning_rate=0.0, threshold=0.0, metric="ria")


@pytest.fixture
def mirror(llama: LanguageModel, calibration: Packed) -> Mirror:
    return descend(llama, calibration, STILL, Monitor(), by_language=True)


def kept(mirror: Mirror, masks: dict[str, torch.Tensor], name: str) -> torch.Tensor:
    return unpack(masks[name], tuple(mirror.states[name].shape[1:]))


@pytest.mark.parametrize("scope", ["row", "layer", "global"])
def test_counts_are_exact_in_every_scope(mirror: Mirror, scope: str) -> None:
    masks = masks_at(mirror, 0.37, Unstructured(scope))
    sizes = {name: state[0].numel() for name, state in mirror.states.items()}
    if scope == "global":
        total = sum(int((~kept(mirror, masks, name)).sum()) for name in masks)
        assert total == num_pruned(sum(sizes.values()), 0.37)
        return
    for name in masks:
        mask = kept(mirror, masks, name)
        groups = mask if scope == "row" else mask.reshape(1, -1)
        assert ((~groups).sum(dim=1) == num_pruned(groups.shape[1], 0.37)).all()


def test_n_of_m_keeps_n_of_every_m(mirror: Mirror) -> None:
    masks = masks_at(mirror, 0.5, NtoM(2, 4))
    assert all((kept(mirror, masks, name).reshape(-1, 4).sum(dim=1) == 2).all() for name in masks)


@pytest.mark.parametrize("scope", ["row", "layer", "global"])
def test_masks_of_one_state_are_nested(mirror: Mirror, scope: str) -> None:
    found = nested(mirror, (0.7, 0.3, 0.5), Unstructured(scope))
    assert found["share_inside"].tolist() == [1.0, 1.0]
    assert found["sparser"].tolist() == [0.5, 0.7]


def test_a_mix_of_one_language_is_its_state_and_equal_weights_are_the_default(mirror: Mirror) -> None:
    name = next(iter(mirror.states))
    assert torch.equal(importance(mirror, name, {"de": 2.0}), mirror.states[name][1].abs())
    torch.testing.assert_close(importance(mirror, name), importance(mirror, name, {"en": 1, "de": 1, "sw": 1}))
    assert weights_of(mirror, {"sw": 3.0, "en": 1.0}) == [0.25, 0.0, 0.75]


def test_the_most_needed_by_any_is_never_below_a_languages_own_share(mirror: Mirror) -> None:
    name = next(iter(mirror.states))
    most = importance(mirror, name, "max")
    for code in mirror.languages:
        mine = importance(mirror, name, {code: 1.0})
        assert (most >= mine / mine.mean() - 1e-6).all()


def test_a_cut_keeps_the_dense_weights_and_gives_them_back(llama: LanguageModel, mirror: Mirror) -> None:
    before = tiny.all_bytes(llama)
    dense = {block.full_name(linear): linear.weight.clone() for block in llama.blocks for linear in block.linears}
    with cut_at(llama, mirror, 0.5) as masks:
        for block in llama.blocks:
            for linear in block.linears:
                name = block.full_name(linear)
                mask = kept(mirror, masks, name)
                assert torch.equal(linear.weight[mask], dense[name][mask])
                assert not linear.weight[~mask].any()
    assert tiny.all_bytes(llama) == before


def test_states_come_back_from_a_folder(llama: LanguageModel, mirror: Mirror, tmp_path: Path) -> None:
    save_states(tmp_path / "states", mirror, llama.fingerprint)
    found = load_states(tmp_path / "states", llama.fingerprint)
    assert (found.settings, found.languages) == (mirror.settings, mirror.languages)
    assert all(torch.equal(found.states[name], state) for name, state in mirror.states.items())
    assert tiny.same(masks_at(found, 0.6), masks_at(mirror, 0.6))
    with pytest.raises(RunError, match="belong to another model"):
        load_states(tmp_path / "states", "0" * 64)
    with pytest.raises(RunError, match="missing or damaged"):
        load_states(tmp_path, llama.fingerprint)
    (tmp_path / "states" / "states.safetensors").write_bytes(b"broken")
    with pytest.raises(RunError, match="missing or damaged"):
        load_states(tmp_path / "states", llama.fingerprint)


def test_what_cannot_be_read_is_refused(llama: LanguageModel, mirror: Mirror, calibration: Packed) -> None:
    with pytest.raises(InputError, match="There is no state of fr; there are states of en, de, sw"):
        masks_at(mirror, 0.5, mix={"fr": 1.0})
    with pytest.raises(InputError, match="0 or more"):
        masks_at(mirror, 0.5, mix={"en": 0.0})
    with pytest.raises(InputError, match="or 'max'"):
        masks_at(mirror, 0.5, mix="least")
    one = descend(llama, calibration, STILL, Monitor())
    with pytest.raises(InputError, match="it is one state for all languages"):
        masks_at(one, 0.5, mix={"en": 1.0})
    with pytest.raises(InputError, match="do not belong to"), cut_at(tiny.language_model("gpt2"), mirror, 0.5):
        pass
