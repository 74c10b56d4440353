"""The tab of single weights without a browser: map, matrix, window, story, and the job that fetches dense weights."""

import asyncio
import dataclasses
import functools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import kept
import numpy as np
import pandas as pd
import pytest
import tiny
import torch
from pages import Script, drawn_page, with_
from synthetic import report as synthetic_report
from test_page_callbacks import said  # noqa: F401

from components import environment
from components.app.page import Page
from components.figures import weights as figures
from components.i18n import words
from components.jobs import weights as dense
from components.jobs.compute import Compute, Local
from components.jobs.kind import Result, Workplace
from components.jobs.table import work_in
from components.scratch import Scratch, Shelf
from components.sections.weights import pictures, sentences
from components.sections.weights.section import Weights, menu_of
from components.store import EXAMPLE, RunStore
from components.widgets.clickable import LIBRARY, value_of
from mwanda_core.after.explain import Weighed, read_matrix, weigh
from mwanda_core.errors import ModelError, RunError
from mwanda_core.insight.patterns_seen import WINDOW
from mwanda_core.methods.recipes import recipe
from mwanda_core.methods.scores import Magnitude
from mwanda_core.models import load
from mwanda_core.parts.patterns import NtoM, Unstructured
from mwanda_core.progress import Monitor
from mwanda_core.run.experiment import Workbench
from mwanda_core.store.report import load_report

METHODS: dict[str, Any] = {
    "wanda": recipe("wanda"),
    "layer": recipe("wanda").replace(pattern=Unstructured(scope="layer")),
    "2:4": recipe("wanda").replace(pattern=NtoM(2, 4)),
    "magnitude": recipe("wanda").replace(score=Magnitude()),
    "gblm": recipe("gblm"),
    "sparsegpt": recipe("sparsegpt"),
    "one": recipe("wanda"),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with runs of a tiny model on disk, by method; the first output of its matrices is wide enough for a window."""
    folder = tmp_path_factory.mktemp("made")
    tiny.language_model("llama", hidden_size=96, intermediate_size=160).save(folder / "model")
    bench = Workbench()
    for name, method in METHODS.items():
        changes: dict[str, Any] = {"languages": ("en",)} if name == "one" else {}
        settings = dataclasses.replace(
            kept.SMALL, model=str(folder / "model"), method=method.to_dict(), dtype="float32", held_out=(), **changes
        )
        bench.run(settings).save(folder / "runs" / name.replace(":", "-"))
    return folder


@pytest.fixture(scope="module")
def drawn() -> Iterator[Page]:
    page = drawn_page()
    yield page
    page.close()


@pytest.fixture
def page_with(drawn: Page, made: Path) -> Callable[..., Page]:
    dense.DENSE.clear()
    store = RunStore(made / "runs")
    return lambda compute=None: with_(drawn, compute=compute or Script(), store=store)


def story_of(made: Path, run: str, row: int = 3, column: int = 5) -> Weighed:
    report, folder = load_report(made / "runs" / run), made / "runs" / run
    return weigh(report, folder, read_matrix(report, folder, 1, "self_attn.q_proj"), loaded(made), row, column)


@functools.cache
def loaded(made: Path) -> torch.Tensor:
    """The dense weights of the matrix that the stories are about."""
    return load(str(made / "model"), "cpu", "float32").blocks[1].linears[0].weight


def visible(update: Any) -> bool:
    return bool(update["visible"])


# --- The page ----------------------------------------------------------------------------------------------------------


def test_the_example_has_a_map_and_the_masks_of_a_few_matrices(page_with: Callable[..., Page], said: list[str]) -> None:  # noqa: F811
    page = page_with()
    tab = page.section(Weights).widgets
    updates = page.section(Weights).show(EXAMPLE)
    assert not visible(updates[tab.masks.absent])
    assert visible(updates[tab.masks.body])
    block, module = updates[tab.block]["value"], updates[tab.module]["value"]
    assert [value for _, value in updates[tab.block]["choices"]] == [block]
    assert tab.pictures.density in page.section(Weights).open_matrix(EXAMPLE, block, module, "sorted")
    sent = json.loads(updates[tab.map])
    assert sent["described"] == words.WEIGHTS_MAP
    assert sent["figure"]["layout"]["yaxis"]["ticktext"] == [label for label, _ in menu_of(page.context.store.load(EXAMPLE))]
    nothing = {page.context.banner}
    assert set(page.section(Weights).open_matrix(EXAMPLE, 0, "mlp.down_proj", "sorted")) == {tab.pictures.title}
    assert "the masks of a few of its matrices only" in said[-1]
    for run in ("", "no-such-run", "../away"):
        assert set(page.section(Weights).show(run)) == nothing
        assert set(page.section(Weights).open_matrix(run, 0, "mlp.down_proj", "sorted")) == nothing
        assert set(page.section(Weights).why(run, 0, "mlp.down_proj", 0, 0, 0, 0)) == nothing


def test_a_click_on_the_map_opens_the_matrix(page_with: Callable[..., Page], made: Path) -> None:
    page = page_with()
    tab, seen = page.section(Weights).widgets, page.section(Weights).widgets.pictures
    shown = page.section(Weights).show("wanda")
    assert visible(shown[tab.masks.body])
    updates = page.section(Weights).click_map("wanda", "placed", 1, "down_proj")
    assert (updates[tab.block], updates[tab.module]) == (1, "mlp.down_proj")
    keep = read_matrix(load_report(made / "runs" / "wanda"), made / "runs" / "wanda", 1, "mlp.down_proj").keep
    assert keep.shape == (96, 160)
    assert "96 outputs × 160 inputs, 50.00% removed" in updates[seen.title]
    window = json.loads(updates[seen.window])["figure"]["data"][0]
    assert np.array_equal(window["z"], keep[:WINDOW, :WINDOW].int().tolist())
    assert (updates[seen.top]["maximum"], updates[seen.left]["maximum"]) == (32, 96)
    density = json.loads(updates[seen.density])["figure"]["data"][0]
    assert np.asarray(density["z"]).shape == (96, 96)
    assert [updates[tab.shares.rows].data[0].y[i] for i in (0, 95)] == [50.0, 50.0]
    assert np.allclose(updates[tab.shares.columns].data[0].y, 100 * (~keep).double().mean(dim=0), atol=1e-3)
    frames = json.loads(updates[tab.map])["figure"]["layout"]["shapes"]
    assert {(frame["x0"], frame["y0"]) for frame in frames} == {(0.5, 5.5)}
    # The menus do the same.
    assert page.section(Weights).open_matrix("wanda", 1, "mlp.down_proj", "placed")[seen.window] == updates[seen.window]


def test_an_n_to_m_pattern_is_named(page_with: Callable[..., Page]) -> None:
    page = page_with()
    title = page.section(Weights).widgets.pictures.title
    assert words.PICTURE_REGULAR.format(n=2, m=4) in page.section(Weights).open_matrix("2-4", 0, "mlp.up_proj", "sorted")[title]
    assert "pattern" not in page.section(Weights).open_matrix("wanda", 0, "mlp.up_proj", "sorted")[title]


def test_the_window_goes_where_it_is_sent(page_with: Callable[..., Page], made: Path) -> None:
    page = page_with()
    seen, place = page.section(Weights).widgets.pictures, ("wanda", 0, "mlp.down_proj")
    keep = read_matrix(load_report(made / "runs" / "wanda"), made / "runs" / "wanda", 0, "mlp.down_proj").keep

    def drawn_at(updates: dict[Any, Any]) -> tuple[int, int]:
        trace = json.loads(updates[seen.window])["figure"]["data"][0]
        top, left = trace["y"][0], trace["x"][0]
        assert np.array_equal(trace["z"], keep[top : top + WINDOW, left : left + WINDOW].int())
        return top, left

    assert drawn_at(page.section(Weights).move(*place, 7, 20, None, None)) == (7, 20)
    assert drawn_at(page.section(Weights).move(*place, 999, 999, 40, 100)) == (32, 96)
    updates = page.section(Weights).click_patch(*place, 50, 80)
    assert drawn_at(updates) == (18, 48) == (updates[seen.top], updates[seen.left])
    table = pd.read_csv(updates[seen.window_csv]["value"], index_col="row")
    assert np.array_equal(table.to_numpy(), keep[18 : 18 + WINDOW, 48 : 48 + WINDOW].int())
    assert set(page.section(Weights).move("wanda", 77, "mlp.down_proj", 0, 0, None, None)) == {page.context.banner}


def test_why_tells_the_story_and_brings_the_weight_into_the_window(page_with: Callable[..., Page], made: Path) -> None:
    page = page_with()
    tab, story = page.section(Weights).widgets, page.section(Weights).widgets.story
    updates = page.section(Weights).why("wanda", 1, "self_attn.q_proj", 90, 5, 0, 0)
    found = story_of(made, "wanda", 90, 5)
    assert updates[story.text] == sentences.story(found)
    assert updates[tab.pictures.top] == 32
    assert updates[tab.pictures.left] == 0
    assert visible(updates[story.languages])
    assert not visible(updates[story.needed])
    assert len(json.loads(updates[tab.pictures.window])["figure"]["layout"]["shapes"]) == 2
    table = pd.read_csv(updates[story.bars.download]["value"])
    assert list(table["language"]) == ["en", "el"]
    assert list(updates[story.bars.table]) == list(words.WHY_COLUMNS.values())
    assert sum(len(trace.x) for trace in updates[story.bars.plot].data) == 2
    # Nothing was typed, and what cannot be.
    assert page.section(Weights).why("wanda", 1, "self_attn.q_proj", None, 5, 0, 0) == {story.text: words.WHY_EMPTY}


def test_a_place_outside_is_one_sentence(page_with: Callable[..., Page], said: list[str]) -> None:  # noqa: F811
    page = page_with()
    updates = page.section(Weights).why("wanda", 1, "self_attn.q_proj", 96, 0, 0, 0)
    assert said == ["This matrix has rows 0 to 95; the row was given as 96."]
    assert "rows 0 to 95" in updates[page.section(Weights).widgets.story.text]
    page.section(Weights).open_matrix("wanda", 9, "self_attn.q_proj", "sorted")
    assert "no matrix" in said[1]


# --- Dense weights -----------------------------------------------------------------------------------------------------


def test_weights_that_are_not_ready_are_offered_and_fetched_by_a_job(
    page_with: Callable[..., Page], made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = page_with()
    story = page.section(Weights).widgets.story
    place = ("wanda", 1, "self_attn.q_proj")
    monkeypatch.setattr("mwanda_core.after.explain.ready_folder", lambda source, revision: None)
    updates = page.section(Weights).why(*place, 3, 5, 0, 0)
    assert visible(updates[story.needed])
    assert visible(updates[story.job.starts[0]])
    assert updates[story.text] in (words.WHY_KEPT, words.WHY_REMOVED)
    assert page.section(Weights).fetch(*place)[story.job.job] == "job-1"
    request = page.context.compute.requests[0]  # type: ignore[attr-defined]
    assert request == {"kind": "weights", "run": "wanda", "block": 1, "module": "self_attn.q_proj"}

    local: Compute = Local(work_in(page.context.store, page.context.scratch))
    page = with_(page, compute=local)

    async def wait() -> list[dict[Any, Any]]:
        return [u async for u in story.job.follow(local, page.section(Weights).fetch(*place)[story.job.job])]

    try:
        last = asyncio.run(wait())[-1]
    finally:
        local.close()
    assert last[story.job.starts[0]]["interactive"]
    assert words.DENSE_JOB in last[story.job.status]
    assert page.section(Weights).why(*place, 3, 5, 0, 0)[story.text] == sentences.story(story_of(made, "wanda"))


def test_only_where_files_do_not_serve_is_the_model_loaded(
    page_with: Callable[..., Page], made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, bench = page_with(), Workbench()
    request = {"run": "wanda", "block": 1, "module": "self_attn.q_proj"}

    def refuse(*given: Any) -> Any:
        raise ModelError("stored in another form")

    monkeypatch.setattr("mwanda_core.after.explain.dense_matrix", refuse)
    report = page.context.store.load("wanda")
    matrix = read_matrix(report, page.context.store.path("wanda"), 1, "self_attn.q_proj")
    with pytest.raises(ModelError, match="another form"):
        dense.dense_of(report, matrix)
    assert dense.fetch(request, Monitor(), Workplace(bench, page.context.store, page.context.scratch)) == Result()
    model = bench.model(str(made / "model"), "auto", "float32")
    before = tiny.all_bytes(model)
    found = dense.dense_of(report, matrix)
    assert found is not None
    assert torch.equal(found, model.blocks[1].linears[0].weight)
    found.zero_()  # A copy: the model in hand is not touched.
    assert tiny.all_bytes(model) == before
    dense.DENSE.clear()
    changed = Workbench()
    changed.adopt(
        tiny.language_model("llama", seed=5, hidden_size=96, intermediate_size=160), str(made / "model"), dtype="float32"
    )
    with pytest.raises(RunError, match="has changed since the run"):
        dense.fetch(request, Monitor(), Workplace(changed, page.context.store, page.context.scratch))


def test_a_shared_server_reads_no_folder(page_with: Callable[..., Page], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACE_ID", "someone/space")
    monkeypatch.setattr("components.store.opens_by_name", lambda id: True)
    assert environment.shared_server()
    page = page_with()
    story = page.section(Weights).widgets.story
    updates = page.section(Weights).why("wanda", 1, "self_attn.q_proj", 3, 5, 0, 0)
    assert updates[story.why_needed] == words.DENSE_SHARED
    assert not visible(updates[story.job.starts[0]])
    with pytest.raises(ModelError, match="shared server"):
        dense.fetch(
            {"run": "wanda", "block": 1, "module": "self_attn.q_proj"},
            Monitor(),
            Workplace(Workbench(), page.context.store, page.context.scratch),
        )


def test_the_last_few_matrices_stay_in_memory(page_with: Callable[..., Page]) -> None:
    page = page_with()
    report, folder = page.context.store.load("wanda"), page.context.store.path("wanda")
    modules = list(report.tables["layers"]["module"].iloc[:6])
    first = dense.dense_of(report, read_matrix(report, folder, 0, modules[0]))
    assert dense.dense_of(report, read_matrix(report, folder, 0, modules[0])) is first
    for module in modules[1:]:
        dense.dense_of(report, read_matrix(report, folder, 0, module))
    assert len(dense.DENSE) == dense.DENSE.most
    assert dense.dense_of(report, read_matrix(report, folder, 0, modules[0])) is not first


# --- Words -------------------------------------------------------------------------------------------------------------


def test_sentences_say_what_the_figures_say(made: Path) -> None:
    keep = unpack_of(made, "wanda")
    for kept_, row, column in ((True, *place_of(keep, True)), (False, *place_of(keep, False))):
        found = story_of(made, "wanda", row, column)
        text = sentences.story(found)
        assert text.startswith(words.WHY_KEPT if kept_ else words.WHY_REMOVED)
        assert found.story.goes_at is not None
        assert words.percent(found.story.goes_at, 1) in text
        assert ("It would go as soon as" in text) == kept_
        assert f"place {found.story.place} of 96 weights of its output, counted from the highest, and 48 of them stay" in text
        names = {"en": "English", "el": "Greek"}
        stays = [names[v.language] for v in found.story.languages if v.standing.kept]
        assert {0: words.WHY_NONE, 2: words.WHY_ALL}.get(
            len(stays), f"**{stays[:1] and stays[0]}** alone would have kept it"
        ) in text


def unpack_of(made: Path, run: str) -> torch.Tensor:
    return read_matrix(load_report(made / "runs" / run), made / "runs" / run, 1, "self_attn.q_proj").keep


def place_of(keep: torch.Tensor, kept_: bool) -> tuple[int, int]:
    return divmod(int((keep.flatten() == kept_).nonzero()[40]), keep.shape[1])


@pytest.mark.parametrize(
    ("run", "said_", "not_said"),
    [
        ("layer", ("weights of its matrix", "of its matrix"), ("whole model",)),
        ("2-4", ("of 4 neighbours", "It stays under every pattern"), ("It would",)),
        ("magnitude", (words.WHY_BLIND,), (words.WHY_ALL, words.WHY_NONE)),
        ("gblm", (words.WHY_GONE["full_gradient"], "Wanda's"), ("It would go", "It would stay")),
        ("sparsegpt", ("searches for the mask itself",), ("It would go", "It would stay")),
        ("one", (words.WHY_ONE_LANGUAGE.format(name="English"),), (words.WHY_ALL, words.WHY_NONE)),
    ],
)
def test_each_kind_of_method_has_its_own_words(run: str, said_: tuple[str, ...], not_said: tuple[str, ...], made: Path) -> None:
    # A row in which the choice by Wanda's score is not the one that was made, where there is one.
    found = [sentences.story(story_of(made, run, row, 5)) for row in range(0, 96, 7)]
    assert all(text in story for story in found for text in said_), found[0]
    never = [text for text in not_said if text.startswith("It would") and run in ("gblm", "sparsegpt")]
    assert not any(text in story for story in found for text in (never or not_said))


def test_what_is_missing_is_told(made: Path, tmp_path: Path) -> None:
    found = story_of(made, "wanda")
    bare = dataclasses.replace(found, story=dataclasses.replace(found.story, together=None, languages=()))
    assert sentences.story(bare).endswith(words.WHY_NO_STATISTICS)
    assert sentences.views_of(bare).empty
    other = dataclasses.replace(found, walked=False, spared=("sw",), story=dataclasses.replace(found.story, agrees=False))
    text = sentences.story(other)
    assert words.WHY_NOT_WALKED in text
    assert words.WHY_SPARED.format(names="Swahili") in text
    assert words.WHY_DIFFERS in text
    assert words.WHY_CHANGED not in text
    alone = dataclasses.replace(found, story=dataclasses.replace(found.story, agrees=False))
    assert words.WHY_CHANGED in sentences.story(alone)
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b", "c"]) == "a, b and c"


# --- Figures and files -------------------------------------------------------------------------------------------------


def test_figures_hold_what_they_are_given() -> None:
    fig = figures.density_map(np.array([[0.0, 1.0], [0.25, 0.5]]), (0, 1, 3), (0, 2, 4))
    assert [list(row) for row in fig.data[0].z] == [[0.0, 100.0], [25.0, 50.0]]
    assert tuple(fig.data[0].customdata[1][0]) == (1, 0, words.HOVER_PATCH.format(rows="1–2", columns="0–1"))
    flat = figures.density_map(np.full((2, 2), 0.5), (0, 1, 2), (0, 1, 2)).data[0]
    assert (flat.zmin, flat.zmax) == (49.5, 50.5)
    inside = figures.window_map(np.eye(4, dtype=bool), 10, 20, (11, 21))
    assert (inside.layout.shapes[0].x0, inside.layout.shapes[0].y0) == (20.5, 10.5)
    assert not figures.window_map(np.eye(4, dtype=bool), 10, 20, (14, 21)).layout.shapes
    assert list(figures.share_line(np.array([0.1, 0.5, 0.3]), True, True).data[0].y) == [50.0, 30.0, 10.0]
    assert list(figures.share_line(np.array([0.1, 0.5, 0.3]), False, False).data[0].y) == [10.0, 50.0, 30.0]
    report = synthetic_report(6)
    assert not figures.matrices_map(report).layout.shapes
    assert figures.matrices_map(report, 2, "q_proj").layout.shapes[0].x0 == 1.5
    assert LIBRARY.is_file()
    sent = json.loads(value_of(inside, "what"))
    assert (sent["described"], sent["failed"]) == ("what", words.CLICK_FAILED)


def test_files_are_whole_and_do_not_grow_without_end() -> None:
    table, scratch = pd.DataFrame({"share": [1 / 3]}), Scratch({"tables": Shelf(5, 5, 2**20)})
    paths = [Path(str(scratch.csv("a", table))) for _ in range(6)]
    assert not paths[0].exists()
    assert pd.read_csv(paths[-1])["share"][0] == 1 / 3
    assert scratch.csv("nothing", table[:0]) is None
    scratch.close()
    assert not scratch.folder.exists()
    assert pictures.WINDOW == WINDOW
