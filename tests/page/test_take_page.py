"""The tab that takes a run away, without a browser: files, command, card, export, upload with a token that stays nowhere, cost,
names, deleting, taking in; and what a shared server refuses."""

import asyncio
import dataclasses
import html
import io
import json
import logging
import os
import re
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import huggingface_hub
import kept
import pandas as pd
import pytest
import tiny
import torch
from hub import FakeHub, typed
from pages import Script, drawn_page, with_
from safetensors.torch import load_file
from studied import NASTY, studied
from synthetic import report as synthetic_report
from test_page_callbacks import said  # noqa: F401
from transformers import AutoModelForCausalLM
from typer.testing import CliRunner

from components import run_names as notes, scratch as scratch_files
from components.app.page import Page
from components.app.sections import cards
from components.cards import export as figure_files
from components.i18n import words
from components.jobs import export as work, pruned
from components.jobs.compute import Compute, Local
from components.jobs.cost import CostMeasured
from components.jobs.kind import Workplace
from components.jobs.panel import JobPanel
from components.jobs.push import ModelPushed
from components.jobs.table import KINDS, work_in
from components.jobs.tokens import VAULT, Vault
from components.scratch import Scratch, Shelf
from components.sections.take import costs as cost_part, keep as keep_part, model as model_part, packing
from components.sections.take.section import Take
from components.store import EXAMPLE, RunStore
from components.widgets.inputs import widgets
from mwanda_core.after.costs import HARDWARE
from mwanda_core.after.repeat import again, card, passages_hash
from mwanda_core.cli.app import app
from mwanda_core.errors import InputError
from mwanda_core.parts.masks import unpack
from mwanda_core.progress import Monitor
from mwanda_core.run.experiment import Workbench
from mwanda_core.run.jobs import JobView
from mwanda_core.store.report import load_report

TOKEN = "hf_a-secret-that-nobody-may-see"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder of one real run of a tiny model on disk, and the run's id."""
    folder = tmp_path_factory.mktemp("made")
    source = folder / "a model"
    tiny.language_model().save(source)
    run = Workbench().run(dataclasses.replace(kept.SMALL, model=str(source), method="sparsegpt", dtype="float32"))
    run.save(folder / "runs" / run.report.id)
    return folder / "runs", run.report.id


@pytest.fixture(scope="module")
def drawn() -> Iterator[Page]:
    page = drawn_page()
    yield page
    page.close()


@pytest.fixture
def page(drawn: Page, made: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Page:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "gradio"))
    shutil.copytree(made[0], tmp_path / "runs")
    return with_(drawn, compute=Script(), store=RunStore(tmp_path / "runs"), scratch=Scratch())


@pytest.fixture
def working(page: Page) -> Iterator[Page]:
    """The page with a real worker."""
    place = Local(work_in(page.context.store, page.context.scratch))
    yield with_(page, compute=place)
    place.close()


def carried_out(page: Page, panel: JobPanel, begun: dict[Any, Any], done: Callable[..., Any]) -> list[dict[Any, Any]]:
    assert begun[panel.job], begun

    async def collect() -> list[dict[Any, Any]]:
        return [u async for u in panel.follow(page.context.compute, begun[panel.job], done)]

    return asyncio.run(collect())


def value(update: Any) -> Any:
    return update.get("value") if isinstance(update, dict) else update


# --- What is shown -------------------------------------------------------------------------------------------------------


def test_a_run_is_shown_with_command_card_and_model_card(page: Page, made: tuple[Path, str]) -> None:
    tab, run = page.section(Take).widgets, made[1]
    found = page.section(Take).show(run)
    report = page.context.store.load(run)
    assert value(found[tab.again.command]) == again(report).command
    assert found[tab.again.python] == again(report).python
    assert found[tab.again.card] == card(report, page.context.store.path(run))
    assert found[tab.model.body]["visible"]
    assert not found[tab.model.absent]["visible"]
    assert "## Base model" in found[tab.model.card]
    assert not found[tab.model.card].startswith("---")
    assert all(entry.source in found[tab.cost.hardware] for entry in HARDWARE)
    assert found[tab.cost.measure]["interactive"]
    assert found[tab.keep.own]["visible"]
    assert page.section(Take).show_link(run)[tab.files.link] == f"?run={run}"
    drawn = set(page.demo.blocks.values())
    assert set(found) <= drawn
    assert set(found) <= {page.context.banner, *widgets(tab)}


def test_the_example_says_why_its_model_cannot_be_made(page: Page) -> None:
    tab = page.section(Take).widgets
    found = page.section(Take).show(EXAMPLE)
    assert not found[tab.model.body]["visible"]
    assert found[tab.model.absent] == {**found[tab.model.absent], "value": words.TAKE_NO_MASKS_EXAMPLE, "visible": True}
    assert not found[tab.cost.measure]["interactive"]
    assert not found[tab.keep.own]["visible"]
    assert found[tab.files.who] == words.TAKE_LINK_EXAMPLE
    assert "mwanda prune" in value(found[tab.again.command])


def test_nothing_and_what_cannot_be_read_change_nothing(page: Page, said: list[str]) -> None:  # noqa: F811
    assert set(page.section(Take).show("")) == {page.context.banner}
    assert set(page.section(Take).show("no-such-run")) == {page.context.banner}
    assert said == []  # Another event of the same change says it aloud.
    assert page.section(Take).show_link("")[page.section(Take).widgets.nothing]["visible"]
    for begun in (page.section(Take).export("", ""), page.section(Take).push("", "me/x", TOKEN, True)):
        assert begun[page.section(Take).widgets.model.job.job] == ""
    assert said == [words.TAKE_NOTHING] * 2


def test_a_run_of_another_version_says_that_it_cannot_be_repeated(
    page: Page, made: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tab, report = page.section(Take).widgets, page.context.store.load(made[1])
    facts = {**report.facts, "settings": {**report.facts["settings"], "warp": 9}}
    changed = dataclasses.replace(report, facts=facts)
    monkeypatch.setattr(page.context.store, "load", lambda run: changed)
    found = page.section(Take).show(made[1])
    assert "has no setting named warp" in found[tab.again.note]["value"]
    assert found[tab.again.command] == ""
    assert "could not be written" in found[tab.model.card]


# --- Files ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["tables", "run", "html", "card"])
def test_every_kind_of_file_is_made(page: Page, made: tuple[Path, str], kind: str) -> None:
    part = page.section(Take).widgets.files
    found = page.section(Take).make(made[1], kind)
    path = Path(found[part.download]["value"])
    assert found[part.download]["interactive"]
    assert path.stat().st_size > 100
    assert path.name in found[part.status]
    assert made[1] in path.name


def test_the_whole_run_goes_to_another_machine_and_the_example_too(page: Page, made: tuple[Path, str], tmp_path: Path) -> None:
    for run in (made[1], EXAMPLE):
        path = packing.make(page.context, "run", run)
        other = RunStore(tmp_path / f"other-{run}")
        tab = with_(page, store=other)
        copy = shutil.copy(path, tmp_path / "upload.zip")
        found = tab.section(Take).take_in(str(copy))
        assert not Path(copy).exists()
        taken = found[page.context.shown]
        pd.testing.assert_frame_equal(other.load(taken).tables["languages"], page.context.store.load(run).tables["languages"])
        if run != EXAMPLE:
            assert (other.path(taken) / "masks.safetensors").read_bytes() == (
                page.context.store.path(run) / "masks.safetensors"
            ).read_bytes()


def test_the_page_of_figures_stands_alone(page: Page, made: tuple[Path, str]) -> None:
    run = studied(6)
    text = figure_files.web_page(run, cards())
    named = [name for name, _, _ in figure_files.of_run(run, cards())]
    assert len(named) == len(set(named)) > 20
    assert text.count('class="plotly-graph-div"') == len(named)
    assert all(f'id="figure-{name}"' in text for name in named)
    assert text.count("plotly.js v") == 1
    outside = re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=", text.replace(_program(), ""))
    assert outside == []
    assert NASTY not in text.replace(_program(), "")


def _program() -> str:
    from plotly.offline import get_plotlyjs

    return get_plotlyjs()


def test_a_small_run_has_the_figures_that_it_can_have() -> None:
    named = {name for name, _, _ in figure_files.of_run(synthetic_report(1, accuracy=False), cards())}
    assert {"perplexity", "summary", "layers"} <= named
    assert not {"accuracy", "task-map", "overlap", "erank"} & named


def test_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("kaleido", reason="kaleido is not installed")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no chromium on the path")
    monkeypatch.setenv("BROWSER_PATH", chromium)
    run = synthetic_report(2, blocks=2)
    monkeypatch.setattr(figure_files, "of_run", lambda report, items: list(_first(report, items)))
    with zipfile.ZipFile(figure_files.pictures(run, cards(), "svg", tmp_path / "svg.zip")) as archive:
        assert archive.namelist() == ["perplexity.svg"]
        drawn = archive.read("perplexity.svg")
    assert drawn.startswith(b"<svg")
    assert run.tables["languages"]["name"].iloc[0].encode() in drawn


def _first(report: Any, items: Any) -> Iterator[Any]:
    yield next(found for found in _every(report, items) if found[0] == "perplexity")


_every = figure_files.of_run


def test_pictures_without_package_or_browser_are_one_sentence(
    page: Page,
    made: tuple[Path, str],
    monkeypatch: pytest.MonkeyPatch,
    said: list[str],  # noqa: F811
) -> None:
    part = page.section(Take).widgets.files
    monkeypatch.setitem(__import__("sys").modules, "kaleido", None)
    found = page.section(Take).make(made[1], "png")
    assert said == [words.TAKE_NO_KALEIDO]
    assert found[part.download] == {**found[part.download], "value": None, "interactive": False}

    class Broken:
        def __init__(self, **_: Any) -> None:
            raise RuntimeError("no browser")

    monkeypatch.setitem(__import__("sys").modules, "kaleido", type("k", (), {"Kaleido": Broken}))
    page.section(Take).make(made[1], "svg")
    assert said[1:] == [words.TAKE_NO_CHROME]
    page.section(Take).make(made[1], "zip bomb")
    assert "no file of the kind 'zip bomb'" in said[2]
    assert not list((page.context.scratch.folder / "files").iterdir())


# --- The same again ------------------------------------------------------------------------------------------------------


def test_the_command_on_the_card_gives_the_same_masks_and_figures(page: Page, made: tuple[Path, str], tmp_path: Path) -> None:
    report = page.context.store.load(made[1])
    text = packing.make(page.context, "card", made[1]).read_text(encoding="utf-8")
    command = re.search(r"```sh\n(.*) --out run\n```", text)
    assert command is not None
    done = CliRunner().invoke(app, [*typed(command[1]), "--out", str(tmp_path / "second")])
    assert done.exit_code == 0, done.output
    second = load_report(tmp_path / "second")
    assert tiny.same(
        load_file(tmp_path / "second" / "masks.safetensors"), load_file(page.context.store.path(made[1]) / "masks.safetensors")
    )
    pd.testing.assert_frame_equal(second.tables["languages"], report.tables["languages"], check_exact=True)
    # What the card says a repetition should give is what it gives.
    assert card(second, tmp_path / "second").partition("## What a repetition")[2] == text.partition("## What a repetition")[2]
    assert passages_hash(second) == passages_hash(report)
    assert passages_hash(report) in text
    for fact in (report.facts["model"]["fingerprint"], report.facts["versions"]["torch"], f"- seed: {kept.SMALL.seed}"):
        assert fact in text


def test_a_card_of_odd_words_stays_a_card(tmp_path: Path) -> None:
    found = kept.report(model="a `b` | <script>\n# no heading", evaluation_texts="x ``` y")
    text = card(found, tmp_path)
    outside = re.sub(r"(?m)^(`{3,})\w+\n.*?^\1$", "", text, flags=re.DOTALL)
    assert "# no heading" in text
    assert "\n# no heading" not in outside
    assert "<script>" not in outside
    assert "\n## Python\n" in outside
    assert "not kept" in outside


# --- The model -----------------------------------------------------------------------------------------------------------


def test_the_model_is_exported_as_a_zip_of_a_plain_folder(working: Page, made: tuple[Path, str], tmp_path: Path) -> None:
    part = working.section(Take).widgets.model
    begun = working.section(Take).export(made[1], "")
    views = carried_out(working, part.job, begun, lambda result: model_part.done(part, made[1], result))
    path = Path(views[-1][part.download]["value"])
    assert views[-1][part.export]["interactive"]
    assert not views[-1][part.job.cancel]["interactive"]
    assert "Done in" in views[-1][part.job.status]
    assert [file.name for file in path.parent.iterdir()] == [path.name]  # The folder that was packed is gone.
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "out")
    (folder,) = (tmp_path / "out").iterdir()
    assert {"config.json", "README.md", "tokenizer.json"} <= {file.name for file in folder.iterdir()}
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    state, stored = model.state_dict(), load_file(working.context.store.path(made[1]) / "masks.safetensors")
    assert stored
    for name, mask in stored.items():
        weight = state[f"{name}.weight"] if f"{name}.weight" in state else state[name]
        assert bool((weight[~unpack(mask, tuple(weight.shape))] == 0).all())
    # Opened again, the page still offers it; another run's tab does not.
    assert value(working.section(Take).show(made[1])[part.download]) == str(path)
    assert model_part.done(part, "another", work.ModelWritten(made[1], str(path), 1)) == {}


def test_the_model_is_exported_into_a_folder_of_ones_own(
    working: Page,
    made: tuple[Path, str],
    tmp_path: Path,
    said: list[str],  # noqa: F811
) -> None:
    part, target = working.section(Take).widgets.model, tmp_path / "deep" / "model"
    begun = working.section(Take).export(made[1], f" {target} ")
    views = carried_out(working, part.job, begun, lambda result: model_part.done(part, made[1], result))
    assert str(target) in views[-1][part.job.status]
    assert (target / "README.md").is_file()
    assert part.download not in views[-1]
    begun = working.section(Take).export(made[1], str(target))
    views = carried_out(working, part.job, begun, lambda result: {})
    assert "is not empty" in views[-1][part.job.status]
    assert "is not empty" in said[0]


def test_a_cancelled_export_keeps_nothing(page: Page, made: tuple[Path, str]) -> None:
    bench = Workbench()
    request = {"kind": "export", "run": made[1], "folder": ""}
    for steps in (0, 2, 4, 6):
        left = iter([False] * steps)
        from mwanda_core.errors import Cancelled

        with pytest.raises(Cancelled):
            work.work(
                request,
                Monitor(is_cancelled=lambda left=left: next(left, True)),
                Workplace(bench, page.context.store, page.context.scratch),
            )
        assert not list((page.context.scratch.folder / "models").iterdir())
    source = page.context.store.load(made[1]).facts["settings"]["model"]
    assert bench.model(source, "auto", "float32").fingerprint == page.context.store.load(made[1]).facts["model"]["fingerprint"]


def test_what_cannot_be_exported_is_refused_before_a_job_begins(
    page: Page,
    made: tuple[Path, str],
    monkeypatch: pytest.MonkeyPatch,
    said: list[str],  # noqa: F811
) -> None:
    place: Any = page.context.compute
    page.section(Take).export(EXAMPLE, "")
    page.section(Take).export(made[1], "relative/folder")
    monkeypatch.setattr(scratch_files, "SPARE", 2**80)
    page.section(Take).export(made[1], "/tmp")
    assert said[0] == words.TAKE_NO_MASKS_EXAMPLE
    assert "must be a whole path" in said[1]
    assert "of disk are needed" in said[2]
    assert place.requests == []
    with pytest.raises(InputError, match="of disk are needed"):
        work.work(
            {"kind": "export", "run": made[1]}, Monitor(), Workplace(Workbench(), page.context.store, page.context.scratch)
        )
    (page.context.store.path(made[1]) / pruned.MASKS).unlink()
    page.section(Take).export(made[1], "")
    assert said[3] == words.TAKE_NO_MASKS


def test_the_shelf_keeps_the_last_few(monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = Scratch({"test": Shelf(3, 2, 1000), "small": Shelf(9, 9, 15)})
    places = []
    for number in range(5):
        place = scratch.place("test", f"run-{number}", 10)
        (place / "model.zip").write_bytes(b"x" * 10)
        os.utime(place, ns=(number * 10**9 + 10**18 * 10, number * 10**9 + 10**18 * 10))
        places.append(place)
    assert [place.exists() for place in places] == [False, False, True, True, True]
    assert scratch.find("test", "run-4") == places[4] / "model.zip"
    assert scratch.find("test", "run-1") is None
    assert stat.S_IMODE(places[4].stat().st_mode) == 0o700
    monkeypatch.setenv("SPACE_ID", "someone/space")
    scratch.place("test", "run-5", 10)
    assert sum(place.exists() for place in places) == 1
    for number in range(3):
        (scratch.place("small", f"r{number}", 1) / "f").write_bytes(b"x" * 10)
    assert len(list((scratch.folder / "small").iterdir())) < 3
    scratch.close()
    assert not scratch.folder.exists()


# --- The Hub -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("refuse", [False, True])
def test_a_token_goes_to_the_hub_and_stays_nowhere(
    refuse: bool, working: Page, made: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str],  # noqa: F811
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    hub, part = FakeHub(refuse), working.section(Take).widgets.model
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: hub)
    requests: list[Any] = []
    submit = working.context.compute.submit
    monkeypatch.setattr(working.context.compute, "submit", lambda request: requests.append(request) or submit(request))
    begun = working.section(Take).push(made[1], " me/pruned ", f" {TOKEN} ", True)
    assert begun[part.token] == ""
    seen: list[Any] = []
    views = carried_out(working, part.job, begun, lambda result: seen.append(result) or {})
    assert [how["token"] for _, how in hub.asked] == [TOKEN, TOKEN]
    assert hub.asked[0][1]["private"] is True
    job: JobView = working.context.compute.jobs.get(begun[part.job.job])  # type: ignore[attr-defined]
    printed = capfd.readouterr()
    held = [repr(requests), json.dumps(requests), repr(begun), repr(views), repr(seen), repr(job), repr(said), repr(VAULT)]
    for text in (*held, caplog.text, printed.out, printed.err):
        assert TOKEN not in text
    assert all(TOKEN.encode() not in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert len(VAULT) == 0
    assert not list((working.context.scratch.folder / "models").iterdir())
    if refuse:
        assert job.state == "failed"
        assert "did not take the model 'me/pruned'" in html.unescape(views[-1][part.job.status])
    else:
        assert seen == [ModelPushed(made[1], "https://huggingface.co/me/pruned")]
        assert "https://huggingface.co/me/pruned" in views[-1][part.job.status]


def test_a_bad_name_or_no_token_is_said_at_once_and_the_field_is_emptied(
    page: Page,
    made: tuple[Path, str],
    said: list[str],  # noqa: F811
) -> None:
    part = page.section(Take).widgets.model
    for name, token, sentence in (("model", TOKEN, "named owner/name"), ("me/x", " ", "A token with the right")):
        begun = page.section(Take).push(made[1], name, token, True)
        assert begun[part.token] == ""
        assert begun[part.job.job] == ""
        assert sentence in said[-1]
    assert len(VAULT) == 0


def test_a_token_is_forgotten_when_the_queue_is_full(page: Page, made: tuple[Path, str], said: list[str]) -> None:  # noqa: F811
    class Full(Script):
        def submit(self, request: Any) -> str:
            raise InputError("8 runs are waiting already.")

    full: Compute = Full()
    begun = with_(page, compute=full).section(Take).push(made[1], "me/x", TOKEN, True)
    assert begun[page.section(Take).widgets.model.job.job] == ""
    assert said == ["8 runs are waiting already."]
    assert len(VAULT) == 0


def test_the_vault_gives_a_token_once_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    vault, now = Vault(), [0.0]
    monkeypatch.setattr("components.jobs.tokens.time.monotonic", lambda: now[0])
    ticket = vault.put(TOKEN)
    assert TOKEN not in ticket + repr(vault)
    assert vault.take(ticket) == TOKEN
    old = vault.put(TOKEN)
    now[0] = 3601.0
    for gone in (ticket, old, "x"):
        with pytest.raises(InputError, match="no longer held"):
            vault.take(gone)
    assert len(vault) == 0


def test_the_token_field_hides_what_is_typed(page: Page) -> None:
    part = page.section(Take).widgets.model
    assert part.token.type == "password"
    assert part.private.value is True


# --- Cost ----------------------------------------------------------------------------------------------------------------


def test_what_a_run_costs_is_measured_and_told(working: Page, made: tuple[Path, str]) -> None:
    part = working.section(Take).widgets.cost
    begun = part.job.begin(working.context.compute, lambda: cost_part.request(made[1], 16, 3))
    views = carried_out(working, part.job, begun, lambda result: cost_part.done(part, made[1], result))
    table = views[-1][part.table]["value"]
    assert list(table) == list(words.TAKE_COST_COLUMNS)
    what, dense, pruned, share = (list(table[name]) for name in table)
    assert what[0] == words.TAKE_COST_ROWS["bytes"]
    assert dense[0] == pruned[0]
    assert share[0] == "1.00"
    assert float(share[1]) < 1.0
    assert 0 < float(share[2]) < 0.05
    assert what[3] == words.TAKE_COST_ROWS["updates"]
    assert "median of 3" in what[4]
    assert dense[4].endswith(" ms")
    assert share[5] == ""
    assert views[-1][part.text]["value"].count("\n- ") == 3
    assert cost_part.done(part, "another", CostMeasured(made[1], None)) == {}  # type: ignore[arg-type]
    with pytest.raises(InputError, match="nothing to take away"):
        cost_part.request("", 1, 1)
    assert cost_part.request("x", 10**9, -5) == {"kind": "cost", "run": "x", "tokens": 1024, "repeats": 1}


def test_results_of_these_jobs_are_never_taken_for_runs(page: Page) -> None:
    views = [JobView("job-1", "t", "done", result=work.ModelWritten("r", "/tmp/x.zip", 1))]
    shown = with_(page, compute=Script(*views))

    async def collect() -> list[dict[Any, Any]]:
        return [u async for u in shown.context.watch("job-1")]

    assert all(page.context.shown not in update for update in asyncio.run(collect()))
    assert {"export", "push", "cost", "settings"} <= set(KINDS)
    for kind in ("export", "push", "cost"):
        assert KINDS[kind].title({"kind": kind, "run": "r", "ticket": "secret"}).endswith(" of r")
        assert KINDS[kind].seconds({}) > 0


def test_a_job_is_followed_however_it_ends(page: Page, said: list[str]) -> None:  # noqa: F811
    panel = page.section(Take).widgets.model.job

    async def collect(*views: JobView, job: str = "job-1") -> list[dict[Any, Any]]:
        return [u async for u in panel.follow(Script(*views), job, lambda result: {})]

    stopping, stopped = asyncio.run(
        collect(JobView("job-1", "t", "running", cancelling=True), JobView("job-1", "t", "cancelled", error="x"))
    )
    assert not stopping[panel.cancel]["interactive"]
    assert words.TAKE_CANCELLED in stopped[panel.status]
    (lost,) = asyncio.run(collect(job="other"))
    assert "not known here any more" in lost[panel.status]
    assert lost[panel.starts[0]]["interactive"]
    assert set(asyncio.run(collect(job=""))[0]) == {panel.status}
    asyncio.run(collect(JobView("job-1", "t", "failed", error="The disk is full.")))
    assert said == ["The disk is full."]
    place = Script()
    panel.stop(place, "job-1")
    panel.stop(place, "")
    assert place.cancelled == ["job-1"]


# --- Runs of one's own -----------------------------------------------------------------------------------------------------


def test_a_run_gets_a_name_of_its_own(page: Page, made: tuple[Path, str], said: list[str]) -> None:  # noqa: F811
    part, run = page.section(Take).widgets.keep, made[1]
    keep_part.name(part, page.context.store, run, "  the   good\none ")
    assert page.section(Take).show(run)[part.note] == "the good one"
    assert page.context.store.choices()[0][0].startswith("the good one: ")
    keep_part.name(part, page.context.store, run, "x" * 81)
    assert "has at most 80 characters" in said[-1]
    assert notes.read(page.context.store.folder) == {run: "the good one"}
    keep_part.name(part, page.context.store, run, "")
    assert notes.read(page.context.store.folder) == {}
    (page.context.store.folder / notes.FILE).write_text("[1")
    assert notes.read(page.context.store.folder) == {}
    keep_part.name(part, page.context.store, EXAMPLE, "mine")
    assert said[-1] == words.TAKE_DELETE_EXAMPLE


def test_a_run_is_deleted_only_when_that_is_meant(page: Page, made: tuple[Path, str], said: list[str]) -> None:  # noqa: F811
    run = made[1]
    page.context.store.load(run)
    assert page.context.shown not in page.section(Take).delete(run, False)
    assert said == [words.TAKE_DELETE_ASK]
    assert page.section(Take).delete(run, True)[page.context.shown] == EXAMPLE
    with pytest.raises(InputError, match="missing or damaged"):
        page.context.store.load(run)  # Not from memory either.
    page.section(Take).delete(EXAMPLE, True)
    page.section(Take).delete("../x", True)
    assert said[1] == words.TAKE_DELETE_EXAMPLE
    assert "is not the name of a run" in said[2]
    assert page.context.store.has_example()


def test_only_whole_runs_are_taken_in(page: Page, tmp_path: Path, said: list[str]) -> None:  # noqa: F811
    part = page.section(Take).widgets.keep
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../evil", "x")
    for data in (b"no zip", packed.getvalue()):
        (tmp_path / "u.zip").write_bytes(data)
        found = page.section(Take).take_in(str(tmp_path / "u.zip"))
        assert page.context.shown not in found
        assert said[-1] in found[part.status].replace("&#x27;", "'")
        assert not (tmp_path / "u.zip").exists()
    assert set(page.section(Take).take_in(None)) == {part.archive}
    assert len(page.context.store.kept.entries()) == 1


# --- A shared server -------------------------------------------------------------------------------------------------------


def test_a_shared_server_writes_no_folders_and_manages_no_runs(
    page: Page,
    made: tuple[Path, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    said: list[str],  # noqa: F811
) -> None:
    run, part = made[1], page.section(Take).widgets
    path = packing.make(page.context, "run", run)
    monkeypatch.setenv("SPACE_ID", "someone/space")
    monkeypatch.setattr("components.jobs.pruned.is_local", lambda source: False)
    page.section(Take).export(run, str(tmp_path / "x"))
    assert said.pop() == words.TAKE_SHARED_FOLDER
    with pytest.raises(InputError, match="writes into no folders"):
        work.work(
            {"kind": "export", "run": run, "folder": str(tmp_path / "x")},
            Monitor(),
            Workplace(Workbench(), page.context.store, page.context.scratch),
        )
    monkeypatch.setattr(pruned, "LARGEST_SHARED", 1000)
    page.section(Take).export(run, "")
    assert "hands out at most 1 KiB" in said.pop()
    page.section(Take).delete(run, True)
    keep_part.name(part.keep, page.context.store, run, "x")
    assert page.context.shown not in page.section(Take).take_in(str(path))
    assert said == [words.TAKE_LOCAL_ONLY] * 3
    assert page.context.store.load(run)
    found = page.section(Take).show(run)
    assert found[part.files.who] == words.TAKE_LINK_SHARED.format(days=30, size=words.take_size(20 * 2**30))
    assert not found[part.keep.own]["visible"]
    monkeypatch.undo()
    monkeypatch.setenv("SPACE_ID", "someone/space")
    with pytest.raises(InputError, match="shared server"):
        pruned.dense(Workbench(), page.context.store.path(run))
    assert not model_part.can_sign_in()
