"""The studies of masks by themselves: every table they declare is made, and the model is dense again."""

from pathlib import Path
from typing import Any

import pytest
import tiny

from mwanda_core.corpora import Packed
from mwanda_core.engine.measure import BlockStats, measure_model
from mwanda_core.errors import Cancelled, InputError
from mwanda_core.methods.composition import from_dict
from mwanda_core.models import LanguageModel
from mwanda_core.parts.needs import Need
from mwanda_core.progress import Monitor
from mwanda_core.run.settings import Settings
from mwanda_core.studies import study
from mwanda_core.studies.base import Alone
from mwanda_core.studies.result import load_study

SETTINGS = Settings(languages=("en", "sw"), held_out=(), tokens_per_language=256, sequence_length=64)

SMALL = [
    "prompts:texts=2:length=24:prefix=12",
    "metric-search:sampler=random:trials=6:positions=6:blocks=4",
    "one-calibration:texts=1:rounds=2",
]


class Bench:
    """A workbench that holds one tiny model."""

    def __init__(self, model: LanguageModel) -> None:
        self.held = model

    def model(self, source: str, device: str = "auto", dtype: str = "auto") -> LanguageModel:
        return self.held

    def dense_stats(self, model: LanguageModel, packed: Packed, monitor: Monitor) -> tuple[BlockStats, ...]:
        return measure_model(model, packed, frozenset({Need.POSITIVE, Need.MEAN}), monitor)

    def pruned(self, settings: Settings, monitor: Monitor | None = None) -> Any:
        raise AssertionError


@pytest.mark.parametrize("text", SMALL)
def test_a_study_makes_every_table_that_it_declares(llama: LanguageModel, text: str, tmp_path: Path) -> None:
    if text.startswith("metric"):
        pytest.importorskip("optuna")
    asked, before, monitor = study(text), tiny.all_bytes(llama), Monitor()
    assert isinstance(asked, Alone)
    asked.check(SETTINGS)
    found = asked.run(Bench(llama), SETTINGS, monitor)
    assert tiny.all_bytes(llama) == before
    assert monitor.done == pytest.approx(monitor.total, rel=0.3)
    assert set(found.tables) == {spec.name for spec in asked.tables}
    for spec in asked.tables:
        table = found.tables[spec.name]
        assert len(table)
        assert set(spec.columns) <= set(table.columns), spec.name
        assert {spec.x, spec.y, spec.value, spec.group, spec.low, spec.high} - {""} <= set(table.columns), spec.name
    kept = load_study(found.save(tmp_path / "kept"))
    assert set(kept.tables) == set(found.tables)
    if "recipe" in found.facts:
        assert from_dict(found.facts["recipe"]).to_dict() == found.facts["recipe"]


@pytest.mark.parametrize("text", SMALL)
def test_a_study_that_is_stopped_leaves_the_model_dense(llama: LanguageModel, text: str) -> None:
    if text.startswith("metric"):
        pytest.importorskip("optuna")
    before, seen = tiny.all_bytes(llama), []
    monitor = Monitor(on_progress=seen.append, is_cancelled=lambda: len(seen) > 12)
    asked = study(text)
    assert isinstance(asked, Alone)
    with pytest.raises(Cancelled):
        asked.run(Bench(llama), SETTINGS, monitor)
    assert tiny.all_bytes(llama) == before


def test_what_cannot_be_studied_is_refused_before_anything_is_loaded() -> None:
    with pytest.raises(InputError, match="nothing to score after a prefix of 64"):
        study("prompts:length=64").check(SETTINGS)
    for name in ("prompts", "metric-search", "one-calibration"):
        with pytest.raises(InputError, match="was given as 0"):
            study(name).check(Settings(sparsity=0.0))
