"""A run of UniPruning read at another sparsity: the masks that a run at that sparsity has, and refused where there are no states."""

import dataclasses
from pathlib import Path

import kept
import pytest
import tiny

from mwanda_core.after.another_sparsity import apply_states, parse_mix
from mwanda_core.after.export import model_card
from mwanda_core.errors import InputError, RunError
from mwanda_core.methods.recipes import recipe
from mwanda_core.parts.patterns import NtoM
from mwanda_core.run.experiment import Run
from mwanda_core.store.format import STATES


def run_at(sparsity: float) -> tuple[Run, dict[str, bytes]]:
    """A run with a state for each language, and every byte of the model while it was pruned."""
    model = tiny.language_model("llama")
    method = recipe("unipruning").replace(states="each").to_dict()
    with kept.bench_of(model).pruned(dataclasses.replace(kept.SMALL, method=method, sparsity=sparsity)) as run:
        return run, tiny.all_bytes(model)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run at 50 % with a state for each language."""
    return run_at(0.5)[0].save(tmp_path_factory.mktemp("runs") / "run")


def test_another_sparsity_is_that_of_a_run_made_at_it(folder: Path) -> None:
    again, pruned = run_at(0.7)
    model = tiny.language_model("llama")
    dense = tiny.all_bytes(model)
    with apply_states(model, folder, 0.7) as found:
        assert tiny.same(found.masks, again.result.masks)
        assert tiny.all_bytes(model) == pruned
        assert found.achieved == again.result.achieved
        assert found.report.facts["summary"] == {"achieved_sparsity": found.achieved}
        assert "70% pruned" in model_card(found.report)
        assert list(found.report.tables["layers"]["kept"]) == [one.kept for one in again.result.linears]
    assert tiny.all_bytes(model) == dense


def test_a_pattern_and_a_mix_of_languages(folder: Path) -> None:
    model = tiny.language_model("llama")
    with apply_states(model, folder, 0.6, NtoM(2, 4), {"en": 1.0}) as english:
        assert {one.achieved for one in english.linears} == {0.5}
    with apply_states(model, folder, 0.6, NtoM(2, 4), "max") as most:
        assert not tiny.same(most.masks, english.masks)
    dense = tiny.all_bytes(model)
    with pytest.raises(InputError, match="no state of sw"):
        apply_states(model, folder, 0.6, mix={"sw": 1.0})
    with pytest.raises(InputError, match=r"between 0 and 0\.99"):
        apply_states(model, folder, 1.0)
    assert tiny.all_bytes(model) == dense


def test_runs_without_states_or_with_damaged_ones_are_refused(folder: Path, tmp_path: Path) -> None:
    model = tiny.language_model("llama")
    plain = kept.run_of("wanda")[0].save(tmp_path / "plain")
    with pytest.raises(RunError, match="keeps no states"):
        apply_states(model, plain, 0.6)
    file = folder / STATES
    whole = file.read_bytes()
    try:
        file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        with pytest.raises(RunError):
            apply_states(model, folder, 0.6)
    finally:
        file.write_bytes(whole)


def test_a_mix_is_read_from_text() -> None:
    assert parse_mix("") is None
    assert parse_mix("max") == "max"
    assert parse_mix("sw=2, en=1") == {"sw": 2.0, "en": 1.0}
    with pytest.raises(InputError, match="sw=2,en=1"):
        parse_mix("sw")
