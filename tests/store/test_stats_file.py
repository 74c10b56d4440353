"""Statistics go to a file and come back exactly, and masks cut from either are equal."""

from pathlib import Path

import pytest
import tiny
import torch

from mwanda_core.engine.measure import measure_model
from mwanda_core.engine.pruning import prune
from mwanda_core.errors import RunError
from mwanda_core.methods.recipes import recipe
from mwanda_core.parts.needs import SUMS
from mwanda_core.progress import Monitor
from mwanda_core.store.statistics_file import load_stats, save_stats


@pytest.mark.parametrize("family", ["llama", "gpt2", "bloom"])
def test_round_trip_gives_the_same_masks_without_a_forward_pass(family: str, tmp_path: Path) -> None:
    model, packed = tiny.language_model(family), tiny.packed()
    stats = measure_model(model, packed, SUMS, Monitor())
    save_stats(tmp_path / "s.safetensors", stats, model.fingerprint)
    again = load_stats(tmp_path / "s.safetensors", model.fingerprint)
    for old, new in zip(stats, again, strict=True):
        assert set(old) == set(new)
        for name, found in old.items():
            assert new[name].languages == found.languages
            assert new[name].modules == found.modules
            for part in ("sumsq", "total", "positive", "tokens"):
                assert torch.equal(getattr(new[name], part), getattr(found, part))
        assert len({id(s) for s in new.values()}) == len({id(s) for s in old.values()})
    masks = []
    for given in (stats, again):
        result = prune(model, packed, recipe("m-wanda"), 0.5, "one-pass", stats=given)
        masks.append(result.masks)
        result.restore()
    assert tiny.same(*masks)


def test_wrong_model_and_damage_are_one_sentence(tmp_path: Path) -> None:
    model = tiny.language_model("llama")
    path = tmp_path / "s.safetensors"
    save_stats(path, measure_model(model, tiny.packed(), SUMS, Monitor()), model.fingerprint)
    with pytest.raises(RunError, match="another model"):
        load_stats(path, "somebody else")
    whole = path.read_bytes()
    for damaged in (b"", whole[:50], whole[: len(whole) // 2], b"\xff" * 200):
        path.write_bytes(damaged)
        with pytest.raises(RunError, match="missing or damaged"):
            load_stats(path, model.fingerprint)
    with pytest.raises(RunError, match="missing or damaged"):
        load_stats(tmp_path / "none", model.fingerprint)
