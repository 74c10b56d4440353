"""The Compare tab without a browser: choosing, figures and tables by hand, masks, bad input, links, files, the form filled."""

import asyncio
import dataclasses
import json
import math
import re
import shutil
import types
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import kept
import pandas as pd
import pytest
import several
from pages import Script, drawn_page, with_
from several import IDS, OTHER
from test_page_callbacks import after, collect, said, values_of  # noqa: F401

from components import figures
from components.app.page import Page
from components.form import cloning, fill as form_fill
from components.form.form import make_request, to_settings
from components.i18n import words
from components.jobs.compute import Local
from components.jobs.table import work_in
from components.scratch import Scratch, Shelf
from components.sections.compare import choice as choosing, readable, section, widgets as drawing
from components.sections.compare.section import Compare
from components.sections.compare.tables import compared
from components.store import EXAMPLE, EXAMPLES, RunStore
from components.widgets.inputs import widgets
from mwanda_core.after.comparison import compare_runs
from mwanda_core.after.mask_comparison import compare_masks
from mwanda_core.store.format import MASKS
from mwanda_core.store.report import RunReport

HERE = "http://127.0.0.1:7860/sub/?run=x#y"
PLAIN = HERE.partition("?")[0]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    several.save_all(folder)
    return folder


@pytest.fixture
def own(runs: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    shutil.copytree(runs, tmp_path / "runs")
    return tmp_path / "runs"


@pytest.fixture(scope="module")
def drawn() -> Iterator[Page]:
    page = drawn_page()
    yield page
    page.close()


@pytest.fixture
def page_on(drawn: Page) -> Iterator[Callable[[Path], Page]]:
    made: list[Local] = []

    def on(folder: Path) -> Page:
        store, scratch = RunStore(folder), Scratch()
        made.append(Local(work_in(store, scratch)))
        return with_(drawn, store=store, quick=made[-1], scratch=scratch)

    yield on
    for place in made:
        place.close()


@pytest.fixture
def page(page_on: Callable[[Path], Page], runs: Path) -> Page:
    return page_on(runs)


def visit(**query: str) -> Any:
    return types.SimpleNamespace(query_params=query, headers={"referer": HERE})


def compare(page: Page, *ids: str, baseline: str = "", job: str = "") -> dict[Any, Any]:
    return page.section(Compare).compare(list(ids), baseline or None, job, visit())


def value(update: Any) -> Any:
    return update["value"] if isinstance(update, dict) else update


# --- Choosing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("run-1", ["run-1"]),
        ("https://here.org/page/?run=run-1&__theme=dark", ["run-1"]),
        ("?compare=a,b%2Cc", ["a", "b", "c"]),
        (" a, b;\nb ?run=c ", ["a", "b", "c"]),
        ("", []),
        ("?run=", ["?run="]),
    ],
)
def test_links_and_names_are_read(text: str, found: list[str]) -> None:
    assert choosing.ids_in(text) == found


def test_labels_are_short_distinct_and_say_what_differs() -> None:
    plain = [
        kept.report(f"r{i}", **changes) for i, changes in enumerate(({}, {"seed": 1}, {"sparsity": 0.6}, {"method": "ria"}))
    ]
    assert choosing.labels_of(plain) == ("A: Wanda 50% 0", "B: Wanda 50% 1", "C: Wanda 60%", "D: RIA 50%")
    same = choosing.labels_of([kept.report("a"), kept.report("b")])
    assert same == ("A: Wanda 50%", "B: Wanda 50%")
    long = choosing.labels_of([kept.report("a", languages=("en", "sw") * 9), kept.report("b", languages=("en",))])
    assert all(len(label) <= choosing.LONGEST + 3 for label in long)


def test_runs_are_added_by_link_and_mistakes_are_told(page: Page, said: list[str]) -> None:  # noqa: F811
    tab = page.section(Compare).widgets
    updates = page.section(Compare).add([IDS[0]], f"http://x/?run={IDS[1]}")
    assert updates[tab.chosen]["value"] == list(IDS[:2])
    assert set(IDS[:2]) <= {name for _, name in updates[tab.chosen]["choices"]}
    assert updates[tab.paste] == ""
    assert said == []
    page.section(Compare).add([IDS[0]], "  ")
    page.section(Compare).add([IDS[0]], "no-such-run ../../etc")
    page.section(Compare).add([IDS[0]], IDS[0])
    assert said == [
        words.COMPARE_EMPTY_LINK,
        words.COMPARE_UNREADABLE.format(name="no-such-run"),
        words.COMPARE_UNREADABLE.format(name="../../etc"),
        words.COMPARE_AGAIN.format(name=IDS[0]),
    ]
    assert page.section(Compare).add_shown([], EXAMPLE)[tab.chosen]["value"] == [EXAMPLE]
    page.section(Compare).add_shown([], "")
    assert said[-1] == words.COMPARE_NO_SHOWN


def test_a_seventh_run_is_refused_and_the_six_stay(page_on: Callable[[Path], Page], tmp_path: Path, said: list[str]) -> None:  # noqa: F811
    page = page_on(tmp_path)
    names = [f"r{i}" for i in range(7)]
    for name in names:
        kept.report(name).save(tmp_path / name)
    tab = page.section(Compare).widgets
    assert tab.chosen.max_choices == 6
    assert (
        tab.chosen not in page.section(Compare).add(names[:6], "r6")
        or "value" not in page.section(Compare).add(names[:6], "r6")[tab.chosen]
    )
    assert said[0] == words.COMPARE_SIX
    assert page.section(Compare).add(names[:5], "r5 r6")[tab.chosen]["value"] == names[:6]
    arrived = page.section(Compare).arrive_runs(visit(compare=",".join(names)))
    assert arrived[tab.chosen]["value"] == names[:6]
    assert said[-1] == words.COMPARE_FIRST_SIX.format(count=7)


def test_a_shared_server_lists_nobody_s_runs(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    assert {name for _, name in choosing.menu(page.context.store, [])} == {*IDS, OTHER, *EXAMPLES}
    monkeypatch.setenv("SPACE_ID", "someone/space")
    monkeypatch.setattr("components.store.opens_by_name", lambda id: True)
    assert [name for _, name in choosing.menu(page.context.store, [])] == list(EXAMPLES)
    assert [name for _, name in choosing.menu(page.context.store, [IDS[0]])] == [IDS[0], *EXAMPLES]
    assert page.section(Compare).add([], f"?run={IDS[1]}")[page.section(Compare).widgets.chosen]["value"] == [IDS[1]]


# --- A comparison ------------------------------------------------------------------------------------------------------


def test_a_comparison_fills_every_part(page: Page) -> None:
    tab = page.section(Compare).widgets
    updates = compare(page, *IDS)
    assert updates[tab.body]["visible"]
    assert updates[tab.text] == ""
    assert [name for _, name in updates[tab.baseline]["choices"]] == list(IDS)
    assert updates[tab.baseline]["value"] == IDS[0]
    for part in (tab.losses, tab.differences, tab.accuracies, tab.blocks, tab.front):
        assert updates[part.plot].data
        assert len(updates[part.table])
        assert Path(updates[part.download]["value"]).is_file()
    assert set(updates) <= set(widgets(tab, section.APART))
    assert updates[tab.accuracy_body]["visible"]
    assert not updates[tab.masks.body]["visible"]
    assert not updates[tab.notes]["visible"]


def test_the_figures_say_what_the_reports_say(runs: Path) -> None:
    store = RunStore(runs)
    chosen = choosing.read(store, IDS)
    found = compared(chosen, IDS[1])
    assert found.labels == ("A: Wanda 50%", "B: M-Wanda 50%", "C: Wanda 60%")
    assert found.baseline == "B: M-Wanda 50%"
    drawn = figures.run_losses(found.languages, found.labels)
    names = drawn.layout.yaxis.ticktext
    tables = [report.tables["languages"].set_index("name")["increase"] for report in chosen.reports]
    worst = pd.concat(tables, axis=1).max(axis=1)
    assert list(names) == list(worst.sort_values(ascending=False).index)
    for trace, table in zip(drawn.data, tables, strict=True):
        assert dict(zip((names[round(y)] for y in trace.y), trace.x, strict=True)) == pytest.approx(dict(table))
    assert len({(trace.marker.color, trace.marker.symbol[0]) for trace in drawn.data}) == 3
    library = compare_runs(chosen.reports, 1).languages.set_index(["run", "name"])
    shown = figures.run_differences(found.languages, found.labels, found.baseline)
    assert [trace.name for trace in shown.data] == ["A: Wanda 50%", "C: Wanda 60%"]
    for trace, id in zip(shown.data, (IDS[0], IDS[2]), strict=True):
        for x, y, symbol in zip(trace.x, trace.y, trace.marker.symbol, strict=True):
            row = library.loc[(id, names[round(y)])]
            assert x == pytest.approx(row["loss_difference"])
            assert symbol.endswith("-open") == bool(row["loss_low"] <= 0 <= row["loss_high"])
    blocks = figures.run_blocks(found.blocks, found.labels)
    assert list(blocks.data[2].y) == pytest.approx([60.0] * 3, abs=2.0)


def test_mean_and_worst_are_over_the_languages_that_all_measured(runs: Path) -> None:
    chosen = choosing.read(RunStore(runs), IDS[:2])
    left, right = chosen.reports
    fewer = RunReport(right.facts, {**right.tables, "languages": right.tables["languages"].iloc[:2]})
    found = compared(dataclasses.replace(chosen, reports=(left, fewer)), "")
    assert found.common == 2
    wanted = left.tables["languages"].iloc[:2]["increase"]
    row = found.front.set_index("run").loc[found.labels[0]]
    assert (row["mean"], row["worst"]) == (pytest.approx(wanted.mean()), pytest.approx(wanted.max()))
    alone = RunReport(right.facts, {**right.tables, "languages": right.tables["languages"].iloc[:0]})
    empty = compared(dataclasses.replace(chosen, reports=(left, alone)), "")
    assert empty.common == 0
    assert figures.run_front(empty.front, empty.labels).layout.annotations[0].text == words.COMPARE_FRONT_NONE


def test_verdicts_by_hand() -> None:
    nan = math.nan
    for values, said_so in (
        ((0.1, -0.1, 0.3), words.COMPARE_WITHIN),
        ((-0.2, -0.3, -0.1), words.COMPARE_BETTER),
        ((0.2, 0.1, 0.3), words.COMPARE_WORSE),
        ((0.2, nan, nan), words.COMPARE_NO_INTERVAL),
        ((nan, nan, nan), words.COMPARE_NOT),
    ):
        assert readable.verdict(*values) == said_so


def test_settings_show_only_what_differs(page: Page, runs: Path) -> None:
    tab = page.section(Compare).widgets
    table = value(compare(page, IDS[0], IDS[2])[tab.settings])
    assert table[words.COMPARE_SETTING].tolist() == ["sparsity"]
    assert table.iloc[0].tolist() == ["sparsity", "0.5", "0.6"]
    chosen = choosing.read(RunStore(runs), IDS[:1])
    twin = RunReport({**chosen.reports[0].facts, "id": "twin"}, chosen.reports[0].tables)
    found = compared(choosing.Chosen(("a", "b"), (*chosen.reports, twin), ()), "")
    same = drawing.show(tab, found, page.section(Compare).files(found, None), ())
    assert words.COMPARE_SETTINGS_SAME in same[tab.settings_text]
    assert not same[tab.settings]["visible"]
    assert all(verdict == words.COMPARE_WITHIN for verdict in same[tab.differences.table][words.COMPARE_COLUMNS["verdict"]])


def test_runs_without_accuracy_hide_that_part(page_on: Callable[[Path], Page], tmp_path: Path) -> None:
    for name, method in (("a", "wanda"), ("b", "ria")):
        plain = kept.report(name, method=method)
        tables = {key: table for key, table in plain.tables.items() if key != "choices"}
        RunReport(plain.facts, tables).save(tmp_path / name)
    page = page_on(tmp_path)
    updates = compare(page, "a", "b")
    assert updates[page.section(Compare).widgets.body]["visible"]
    assert not updates[page.section(Compare).widgets.accuracy_body]["visible"]


def test_runs_of_different_models_say_what_their_losses_mean(page: Page) -> None:
    tab = page.section(Compare).widgets
    notes = compare(page, IDS[0], OTHER)[tab.notes]
    assert notes["visible"]
    assert words.COMPARE_MODELS in notes["value"]
    # Another tokenizer, or texts that differ, and there is no difference: said once for all languages.
    assert notes["value"].count("Not compared") <= 1


def test_texts_that_were_not_the_same_are_told_once(runs: Path) -> None:
    chosen = choosing.read(RunStore(runs), IDS[:2])
    left, right = chosen.reports
    renamed = right.tables["texts"].assign(text="other " + right.tables["texts"]["text"].astype(str))
    found = compared(
        dataclasses.replace(chosen, reports=(left, RunReport(right.facts, {**right.tables, "texts": renamed}))), ""
    )
    told = readable.unpaired(found)
    assert "B: M-Wanda 50%" in told
    assert told.count("English") == 1
    assert set(readable.differences(found)[words.COMPARE_COLUMNS["verdict"]]) == {words.COMPARE_NOT}
    assert (
        figures.run_differences(found.languages, found.labels, found.baseline).layout.annotations[0].text == words.COMPARE_NOT
    )


@pytest.mark.parametrize(
    ("ids", "told"),
    [
        ((), words.COMPARE_NONE),
        (IDS[:1], words.COMPARE_ONE),
        ((IDS[0], "no-such-run"), words.COMPARE_UNREADABLE.format(name="no-such-run")),
        ((IDS[0], "../../etc/passwd"), words.COMPARE_UNREADABLE.format(name="../../etc/passwd")),
    ],
)
def test_too_few_runs_say_what_is_missing(page: Page, ids: tuple[str, ...], told: str) -> None:
    tab = page.section(Compare).widgets
    updates = compare(page, *ids)
    assert told in updates[tab.text]
    assert not updates[tab.body]["visible"]
    assert str(page.context.store.folder) not in updates[tab.text]


def test_a_damaged_run_is_left_out_and_the_others_compared(page_on: Callable[[Path], Page], own: Path) -> None:
    (own / IDS[1] / "languages.parquet").write_bytes(b"nothing")
    page = page_on(own)
    tab = page.section(Compare).widgets
    updates = compare(page, *IDS)
    assert updates[tab.text] == words.COMPARE_UNREADABLE.format(name=IDS[1])
    assert updates[tab.body]["visible"]
    assert [name for _, name in updates[tab.baseline]["choices"]] == [IDS[0], IDS[2]]
    report = kept.report("thin")
    RunReport(report.facts, {**report.tables, "layers": pd.DataFrame({"block": [0]})}).save(own / "thin")
    told = compare(page, IDS[0], "thin")
    assert "lacks a table or a column" in told[tab.text]
    assert not told[tab.body]["visible"]


def test_links_name_the_runs_and_open_them(page: Page) -> None:
    tab = page.section(Compare).widgets
    address = compare(page, *IDS, baseline=IDS[1])[tab.link]
    assert address == f"http://127.0.0.1:7860/sub/?compare={','.join(IDS)}&baseline={IDS[1]}"
    assert choosing.ids_in(address) == list(IDS)
    query = dict(part.split("=") for part in address.partition("?")[2].split("&"))
    arrived = page.section(Compare).arrive(visit(**query)) | page.section(Compare).arrive_runs(visit(**query))
    assert arrived[tab.chosen]["value"] == list(IDS)
    assert arrived[tab.baseline]["value"] == IDS[1]
    assert "value" not in page.section(Compare).arrive_runs(visit(run=IDS[0]))[tab.chosen]
    bare = page.section(Compare).compare(list(IDS), None, "", types.SimpleNamespace(query_params={}, headers={}))
    assert bare[tab.link] == f"?compare={','.join(IDS)}"


def test_a_baseline_from_a_link_waits_for_its_runs(page: Page) -> None:
    tab = page.section(Compare).widgets
    assert tab.baseline not in compare(page, baseline=IDS[1])
    assert compare(page, IDS[0], baseline=IDS[1])[tab.baseline]["value"] == IDS[0]
    assert compare(page, *IDS, baseline=IDS[1])[tab.baseline]["value"] == IDS[1]


def test_everything_comes_as_one_file(page: Page) -> None:
    path = compare(page, *IDS)[page.section(Compare).widgets.everything]["value"]
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        facts = json.loads(archive.read("comparison.json"))
        csv = pd.read_csv(archive.open("csv/languages.csv"))
        parquet = pd.read_parquet(archive.open("parquet/languages.parquet"))
    tables = ("runs", "settings", "languages", "blocks", "layers", "front", "gains")
    assert names == {"comparison.json", *(f"csv/{t}.csv" for t in tables), *(f"parquet/{t}.parquet" for t in tables)}
    assert facts["baseline"] == IDS[0]
    assert list(facts["runs"].values()) == list(IDS)
    library = compare_runs(choosing.read(page.context.store, IDS).reports).languages
    key = ["run", "language"]
    ours = parquet.assign(run=parquet["run"].map(facts["runs"])).sort_values(key)["loss_difference"]
    assert ours.to_list() == library.sort_values(key)["loss_difference"].to_list()
    assert csv["loss_difference"].to_list() == pytest.approx(parquet["loss_difference"].to_list())


def test_files_of_old_comparisons_go(page: Page, runs: Path) -> None:
    page = with_(page, scratch=Scratch({"sets": Shelf(3, 3, 2**30)}))
    found = compared(choosing.read(page.context.store, IDS[:2]), "")
    first = page.section(Compare).files(found, None)["zip"]
    for number in range(3):
        page.section(Compare).files(dataclasses.replace(found, baseline=str(number)), None)
    assert not Path(first).exists()


# --- Masks -------------------------------------------------------------------------------------------------------------


def masks_done(page: Page, *ids: str) -> list[dict[Any, Any]]:
    """Press the button, follow the job to its end, and show what it found."""
    started = page.section(Compare).start_masks(list(ids))
    job = started[page.section(Compare).widgets.masks.job.job]
    followed = asyncio.run(collect(page.section(Compare).follow_masks(job)))
    return [started, *followed, page.section(Compare).masks_ready(list(ids), None)]


def test_masks_are_compared_on_demand(page: Page, runs: Path) -> None:
    tab, part = page.section(Compare).widgets, page.section(Compare).widgets.masks
    started, *followed, ready = masks_done(page, *IDS)
    assert started[part.job.cancel]["interactive"]
    assert followed[-1][part.job.starts[0]]["interactive"]
    assert not followed[-1][part.job.cancel]["interactive"]
    assert ready[part.body]["visible"]
    library = compare_masks({id: runs / id for id in IDS})
    z = ready[part.matrix.plot].data[0].z
    assert [list(line) for line in z] == [pytest.approx(row) for row in library.matrix().to_numpy().tolist()]
    wanted = library.pairs(("block", "module")).query("name == @IDS[0] and other == @IDS[1]")
    shown = ready[part.map.plot].data[0].z
    assert len(shown) == 7
    assert sorted(v for line in shown for v in line) == pytest.approx(sorted(wanted["corrected"]))
    other = page.section(Compare).pair(list(IDS), IDS[2], IDS[0], "kept_share")[part.map.plot].data[0].z
    wanted = library.pairs(("block", "module")).query("name == @IDS[0] and other == @IDS[2]")
    assert sorted(v for line in other for v in line) == pytest.approx(sorted(100 * wanted["kept_share"]))
    same = page.section(Compare).pair(list(IDS), IDS[0], IDS[0], "corrected")[part.map.plot]
    assert same.layout.annotations[0].text == words.COMPARE_MASKS_TWO
    with zipfile.ZipFile(ready[tab.everything]["value"]) as archive:
        assert {"csv/masks.csv", "parquet/mask_layers.parquet"} <= set(archive.namelist())
    # Known now: another baseline shows them at once.
    again = compare(page, *IDS, baseline=IDS[2])
    assert again[part.body]["visible"]
    assert set(ready) | set(started) <= set(widgets(tab, section.APART))


def test_runs_without_masks_are_left_out_of_them(page_on: Callable[[Path], Page], own: Path) -> None:
    (own / IDS[2] / MASKS).unlink()
    page = page_on(own)
    part = page.section(Compare).widgets.masks
    *_, ready = masks_done(page, *IDS)
    assert words.COMPARE_MASKS_WITHOUT.format(runs="C: Wanda 60%") in ready[part.job.status]
    assert [name for _, name in ready[part.first]["choices"]] == list(IDS[:2])
    assert len(ready[part.matrix.plot].data[0].z) == 2


def test_the_examples_are_compared_before_anything_was_computed(page: Page) -> None:
    section = page.section(Compare)
    assert section.begin([], EXAMPLES[0], visit())[section.widgets.chosen]["value"] == list(EXAMPLES)
    assert "value" not in section.begin([IDS[0]], EXAMPLES[0], visit())[section.widgets.chosen]
    # A link's runs are on their way, and their baseline must not be lost to the examples.
    linked = types.SimpleNamespace(query_params={}, headers={"referer": f"{PLAIN}?compare={IDS[0]},{IDS[1]}&baseline={IDS[1]}"})
    assert "value" not in section.begin([], EXAMPLES[0], linked)[section.widgets.chosen]
    assert "value" not in section.begin([], IDS[0], visit())[section.widgets.chosen]
    # Before the run of an address is there, the address says which it will be.
    assert "value" not in section.begin([], "", visit())[section.widgets.chosen]
    plain = types.SimpleNamespace(query_params={}, headers={"referer": PLAIN})
    assert section.begin([], "", plain)[section.widgets.chosen]["value"] == list(EXAMPLES)
    *_, ready = masks_done(page, *EXAMPLES)
    part = section.widgets.masks
    assert "4 of 126 matrices" in ready[part.job.status]
    assert len(ready[part.matrix.plot].data[0].z) == 2


@pytest.mark.parametrize(
    ("ids", "told"),
    [
        ((IDS[0], IDS[2]), words.COMPARE_MASKS_FEW),
        ((IDS[0], EXAMPLE), "belong to different models"),
        ((IDS[0], OTHER), "belong to different models"),
        ((IDS[0], IDS[1]), "is damaged or missing"),
    ],
)
def test_masks_that_cannot_be_compared_say_why(
    page_on: Callable[[Path], Page],
    own: Path,
    ids: tuple[str, ...],
    told: str,
    said: list[str],  # noqa: F811
) -> None:
    page = page_on(own)
    part = page.section(Compare).widgets.masks
    (own / IDS[2] / MASKS).unlink()
    content = (own / IDS[1] / MASKS).read_bytes()
    (own / IDS[1] / MASKS).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    *_, last, ready = masks_done(page, *ids)
    assert told in last[part.job.status].replace("&#x27;", "'")
    assert str(own) not in last[part.job.status]
    assert last[part.job.starts[0]]["interactive"]
    assert set(ready) == {part.job.job}
    assert len(said) == 1


def test_other_runs_stop_the_comparison_of_masks_and_the_button_does(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    part = page.section(Compare).widgets.masks
    stopped: list[str] = []
    monkeypatch.setattr(page.context.quick, "cancel", stopped.append)
    page.section(Compare).asked.put("job", IDS[:2])
    kept_going = compare(page, *IDS[:2], baseline=IDS[1], job="job")
    assert stopped == []
    assert part.job.status not in kept_going
    assert part.job.status in compare(page, *IDS, job="job")
    assert not page.section(Compare).stop_masks("job")[part.job.cancel]["interactive"]
    assert stopped == ["job", "job"]


def test_a_cancelled_comparison_of_masks_says_so(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    from mwanda_core.run.jobs import JobView

    part = page.section(Compare).widgets.masks
    page = with_(page, quick=Script(JobView("job-1", "t", "cancelled")))
    (last,) = asyncio.run(collect(page.section(Compare).follow_masks("job-1")))
    assert words.COMPARE_MASKS_CANCELLED in last[part.job.status]
    (lost,) = asyncio.run(collect(page.section(Compare).follow_masks("job-2")))
    assert "not known here" in lost[part.job.status]
    assert list(asyncio.run(collect(page.section(Compare).follow_masks("")))[0]) == [part.job.status]


# --- The form ----------------------------------------------------------------------------------------------------------


def test_the_settings_of_a_run_reach_the_form_and_make_the_same_request(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    import gradio as gr

    monkeypatch.setattr(gr, "Info", lambda text: None)
    report = page.context.store.load(IDS[2])
    updates = page.section(Compare).clone(IDS[2]) | page.section(Compare).clone_languages(IDS[2])
    told = updates.pop(page.section(Compare).widgets.clone.text)
    form = page.context.form.read(after(values_of(page), updates))
    settings = to_settings(make_request(form))
    assert (settings.sparsity, settings.languages, settings.held_out) == (0.6, ("en", "el"), ("sw",))
    stored = {**report.facts["settings"], "method": report.facts["recipe"]}
    unlike = {name for name, had in stored.items() if had != json.loads(json.dumps(settings.to_dict()))[name]}
    assert unlike <= {"model"}
    assert words.CLONE_DONE.format(title="")[:20] in told
    assert set(updates) <= set(form_fill.outputs(page.context.form))


@pytest.mark.parametrize("method", ["m-wanda", "target", "trim", "worst-swaps", "wanda++"])
@pytest.mark.parametrize("pattern", ["unstructured", "mixed", "n:m"])
def test_widgets_hold_what_the_form_says(page: Page, method: str, pattern: str) -> None:
    from components.form.form import new_form

    if method == "trim" and pattern != "unstructured":
        pattern = "unstructured"
    sparsity = 0.625 if pattern == "n:m" else 0.5
    wanted = to_settings(
        make_request(new_form(method=method, pattern=pattern, n=3, m=8, sparsity=sparsity, languages=("sw", "en")))
    )
    form, _ = cloning.form_from_settings(wanted)
    updates, notes = form_fill.fill(page.context.form, form)
    updates |= form_fill.fill_languages(page.context.form, form)
    found = to_settings(make_request(page.context.form.read(after(values_of(page), updates))))
    assert found == wanted
    assert notes == ()
    p = page.context
    assert updates[p.form.method.n]["visible"] == (pattern == "n:m")
    assert updates[p.form["sparsity"]]["interactive"] == (pattern != "n:m")


def test_values_that_no_control_has_are_brought_near_and_said(page: Page) -> None:
    from components.form.form import new_form

    wide = new_form(tokens_per_language=100_000, sparsity=0.97, eval_texts=0, tasks=("of-a-later-version",), texts="/none")
    updates, notes = form_fill.fill(page.context.form, wide)
    p = page.context
    assert updates[p.form["tokens_per_language"]] == p.form["tokens_per_language"].maximum
    assert updates[p.form["sparsity"]]["value"] == 97
    assert updates[p.form["tasks"]] == []
    assert updates[p.form.fields["texts"].box]["visible"]
    text = " ".join(notes)
    assert "97" not in text  # The control has all that may be set.
    for part in ("100000", "of-a-later-version"):
        assert part in text


def test_a_run_that_cannot_be_cloned_leaves_the_form(page: Page, said: list[str]) -> None:  # noqa: F811
    told = page.section(Compare).widgets.clone.text
    assert page.section(Compare).clone(None) == {told: words.CLONE_NONE}
    assert list(page.section(Compare).clone("no-such-run")) == [told]
    assert list(page.section(Compare).clone_languages("no-such-run")) == [page.context.form.group]
    assert said == [words.CLONE_NONE, words.COMPARE_UNREADABLE.format(name="no-such-run")]
    report = kept.report("odd")
    odd = RunReport({**report.facts, "settings": {**report.facts["settings"], "seed": "seven"}}, report.tables)
    odd.save(page.context.store.path("odd"))
    assert page.section(Compare).clone("odd") == {told: words.CLONE_UNREADABLE}


def test_no_text_of_the_tab_has_a_placeholder_left(page: Page) -> None:
    updates = compare(page, *IDS)
    for update in updates.values():
        text = value(update) if isinstance(update, str) or (isinstance(update, dict) and "value" in update) else ""
        assert not re.search(r"\{[a-z]+\}", text if isinstance(text, str) else "")
