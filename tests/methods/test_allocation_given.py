"""Sparsities given block by block: by hand, exact in sum, as a search writes them, and what is refused."""

import pytest
import tiny
import torch
from hypothesis import given, strategies as st

from mwanda_core.corpora import Packed
from mwanda_core.engine.measure import measure_model
from mwanda_core.engine.pruning import prune
from mwanda_core.errors import InputError
from mwanda_core.methods.allocation import Given
from mwanda_core.methods.allocation.given import parse_differences
from mwanda_core.methods.recipes import from_dict, recipe
from mwanda_core.models import LanguageModel
from mwanda_core.parts.evidence import BlockEvidence
from mwanda_core.progress import Monitor
from mwanda_core.studies.cutting import masks_from
from mwanda_core.studies.metric_search.ratios import found_allocation


def spread(text: str, sizes: list[float], target: float) -> list[float]:
    blocks = [BlockEvidence(index, {}) for index in range(len(sizes))]
    part = Given(text)
    return part.spread(part.importance(blocks), torch.tensor(sizes, dtype=torch.float64), target).tolist()


def test_by_hand() -> None:
    assert spread("0.1, -0.1", [1.0, 1.0, 1.0], 0.5) == pytest.approx([0.6, 0.4, 0.5])
    # The mean weighs blocks by their size: 3 * 0.1 / 4 too much is taken from each.
    assert spread("0.1", [3.0, 1.0], 0.5) == pytest.approx([0.525, 0.425])
    assert spread("", [1.0, 2.0], 0.3) == pytest.approx([0.3, 0.3])


@given(st.lists(st.sampled_from([-0.1, -0.05, 0.0, 0.05]), min_size=1, max_size=9), st.sampled_from([0.3, 0.5, 0.7]))
def test_the_mean_is_the_target(differences: list[float], target: float) -> None:
    sizes = [1.0 + place % 3 for place in range(len(differences))]
    found = spread(", ".join(map(str, differences)), sizes, target)
    assert sum(s * n for s, n in zip(found, sizes, strict=True)) / sum(sizes) == pytest.approx(target, abs=1e-9)


def test_what_a_search_found_is_cut_exactly_and_travels_as_json(llama: LanguageModel, calibration: Packed) -> None:
    levels = [0.55, 0.45, 0.5]
    made = recipe("optishear").replace(allocation=found_allocation(levels, 0.5))
    again = from_dict(made.to_dict())
    stats = measure_model(llama, calibration, frozenset(), Monitor())
    found = prune(llama, calibration, again, 0.5, "one-pass", stats=stats)
    found.restore()
    assert tiny.same(found.masks, masks_from(llama, recipe("optishear"), stats, levels))


def test_what_cannot_be_read_is_refused(llama: LanguageModel, calibration: Packed) -> None:
    for text in ("a", "0.1,,0.2", "1.5", "nan"):
        with pytest.raises(InputError, match="from -1 to 1"):
            Given(text)
    assert parse_differences(" ") == []
    with pytest.raises(InputError, match="given for 4 blocks, and the model has 3"):
        prune(llama, calibration, recipe("wanda").replace(allocation=Given("0,0,0,0")), 0.5, "one-pass")
