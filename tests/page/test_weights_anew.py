"""Other sparsities from a run's states on the page, without a browser: what is said, drawn, refused, and the run that is made."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import kept
import pytest
import tiny
from pages import Script, drawn_page, with_

from components.app.page import Page
from components.i18n import words
from components.jobs import anew as job
from components.jobs.kind import Workplace
from components.scratch import Scratch
from components.sections.weights.section import Weights
from components.store import EXAMPLE, RunStore
from mwanda_core.engine import mirror
from mwanda_core.methods.recipes import recipe
from mwanda_core.progress import Monitor
from mwanda_core.run.experiment import Workbench
from mwanda_core.store.report import load_report


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs of UniPruning, with a state for each language and with one; and Wanda's."""
    folder = tmp_path_factory.mktemp("made")
    tiny.language_model("llama").save(folder / "model")
    bench = Workbench()
    for name, method in {
        "each": recipe("unipruning").replace(states="each"),
        "one": recipe("unipruning"),
        "wanda": recipe("wanda"),
    }.items():
        settings = dataclasses.replace(
            kept.SMALL, model=str(folder / "model"), method=method.to_dict(), dtype="float32", held_out=()
        )
        bench.run(settings).save(folder / "runs" / name)
    return folder


@pytest.fixture(scope="module")
def drawn() -> Iterator[Page]:
    page = drawn_page()
    yield page
    page.close()


@pytest.fixture
def page_with(drawn: Page, made: Path) -> Callable[..., Page]:
    job.STATES.clear()
    return lambda compute=None: with_(drawn, compute=compute or Script(), store=RunStore(made / "runs"))


def test_only_a_run_with_states_has_the_slider(page_with: Callable[..., Page]) -> None:
    section = page_with().section(Weights)
    part = section.widgets.anew
    shown = section.show("each")
    assert shown[part.there.body]["visible"]
    assert (shown[part.sparsity], shown[part.pattern]["value"]) == (kept.SMALL.sparsity, "layer")
    assert shown[part.mix]["interactive"]
    assert {"max", f"{kept.SMALL.languages[0]}=1"} <= {value for _, value in shown[part.mix]["choices"]}
    assert not section.show("one")[part.mix]["interactive"]
    for run in ("wanda", EXAMPLE):
        assert not section.show(run)[part.there.body]["visible"]
        assert part.blocks.plot not in section.anew(run, 0.5, "layer", "")


def test_masks_are_looked_at_without_a_model(
    page_with: Callable[..., Page], made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    section = page_with().section(Weights)
    part = section.widgets.anew
    monkeypatch.setattr(Workbench, "model", lambda *_: pytest.fail("a model was loaded"))
    same = section.anew("each", kept.SMALL.sparsity, "layer", "")
    assert "the run that is shown keeps 100.0%, too" in same[part.said]
    more = section.anew("each", 0.75, "global", "max")
    assert more[part.said].startswith("75.0%")
    removed = more[part.blocks.plot].data[0].y
    assert len(removed) == 3
    assert len(set(removed)) > 1
    assert len(more[part.languages.plot].data[0].y) == len(kept.SMALL.languages)
    assert section.anew("one", 0.5, "2:4", "")[part.languages.plot] is None
    assert "There is no state of en" in section.anew("one", 0.5, "2:4", "en=1")[part.said]
    assert "such as sw=2,en=1" in section.anew("each", 0.5, "layer", "nonsense")[part.said]


def test_the_masks_become_a_run_without_another_walk(
    page_with: Callable[..., Page], made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script()
    section = page_with(script).section(Weights)
    section.make_anew("each", 0.7, "layer", "en=1")
    request = {"kind": "anew", "run": "each", "sparsity": 0.7, "pattern": "layer", "mix": "en=1"}
    assert script.requests == [request]
    monkeypatch.setattr(mirror, "descend", lambda *_, **__: pytest.fail("it walked again"))
    store = RunStore(made / "runs")
    result = job.KIND.work(request, Monitor(), Workplace(Workbench(), store, Scratch()))
    report = load_report(store.path(result.run))
    assert report.facts["summary"]["achieved_sparsity"] == pytest.approx(0.7, abs=0.01)
    assert report.facts["recipe"]["activation"]["weights_by_language"].startswith("en=1.0000")
    assert not report.tables["languages"].empty
    assert words.ANEW_JOB.format(run="each") == job.title(request)
    # The new run keeps the states, too, and stands at its own mix.
    assert "keeps 100.0%, too" in page_with().section(Weights).anew(result.run, 0.7, "layer", "")[section.widgets.anew.said]
