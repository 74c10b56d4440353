"""The sections Circuits and Truth: a job on the run shown, from its masks where it has some, and what is drawn of it at each size."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import tiny
from pages import Script, drawn_page, with_
from test_page_callbacks import said, values_of  # noqa: F401

from components.app.page import Page
from components.app.sections import group_of
from components.i18n import words
from components.jobs.kind import Workplace
from components.jobs.study import KIND, StudyAsked
from components.scratch import Scratch
from components.sections.inside import circuits, truth
from components.sections.inside.circuits import Circuits
from components.sections.inside.truth import Truth
from components.store import RunStore
from mwanda_core.progress import Monitor
from mwanda_core.run.experiment import Workbench
from mwanda_core.run.jobs import JobView
from mwanda_core.run.settings import Settings
from mwanda_core.studies import study
from mwanda_core.studies.circuits.study import KEPT, LOST, UNABLE
from mwanda_core.studies.truth import Truth as Languages
from mwanda_core.studies.truth.statement import OneStatement

SETTINGS = {
    "languages": ("en", "de"), "held_out": (), "sparsity": 0.5, "tokens_per_language": 64, "sequence_length": 32, "eval_texts": 2,
    "choices": False, "method": "magnitude",
}  # fmt: skip


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    made = drawn_page()
    yield with_(made)
    made.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """A store with one run of a small model that kept its masks, and one that did not."""
    folder, store = tmp_path_factory.mktemp("model"), RunStore(tmp_path_factory.mktemp("runs"))
    tiny.language_model("llama").save(folder)
    bench, scratch = Workbench(), Scratch()
    run = bench.run(Settings(model=str(folder), **SETTINGS))
    for name in ("with-masks", "without"):
        run.save(store.folder / name)
    for name in ("masks.safetensors", "manifest.json"):
        (store.folder / "without" / name).unlink()
    yield Workplace(bench, store, scratch)
    scratch.close()


def asked(page: Page, section: type[Circuits | Truth], run: str, **own: Any) -> dict[Any, Any]:
    """What the form and the section hold."""
    ours = page.section(section).widgets
    mine = {widget: widget.value for widget in vars(ours).values() if hasattr(widget, "value")}
    return values_of(page) | mine | {page.context.shown: run} | {getattr(ours, name): value for name, value in own.items()}


def test_they_stand_inside() -> None:
    assert group_of("circuits") == group_of("truth") == "inside"


def test_the_run_shown_is_asked_from_its_masks(page: Page, place: Workplace, said: list[str]) -> None:  # noqa: F811
    script = Script()
    page = with_(page, compute=script, store=place.store)
    section = page.section(Circuits)
    for run, kept in (("with-masks", True), ("without", False), ("", False)):
        updates = section.start(asked(page, Circuits, run, languages=["en", "de"], part="heads", prompts=4))
        assert updates[section.widgets.job.job] == "job-1", said
        request = script.requests[-1]
        assert request["run"] == (run if kept else "")
        assert (request["settings"]["method"] == "magnitude") == kept
        wanted = study(request["study"])
        assert (wanted.part, wanted.languages, wanted.prompts) == ("heads", "en,de", 4)  # type: ignore[attr-defined]
    refused = section.start(asked(page, Circuits, "", languages=[]))
    assert refused[section.widgets.job.job] == ""
    assert len(said) == 1


def test_what_a_job_finds_is_drawn_and_follows_the_slider(page: Page, place: Workplace) -> None:
    wanted = "circuits:languages=en,de:methods=attnlrp,random:prompts=4:part=heads"
    request = {
        "kind": KIND.name,
        "study": wanted,
        "settings": place.store.load("with-masks").facts["settings"],
        "run": "with-masks",
    }
    result = KIND.work(request, Monitor(), place)
    assert isinstance(result, StudyAsked)
    section = page.section(Circuits)

    async def follow() -> list[dict[Any, Any]]:
        script = Script(JobView("job-1", "t", "done", result=result))
        return [update async for update in with_(page, compute=script).section(Circuits).follow("job-1", 5)]

    (updates,) = asyncio.run(follow())
    ours = section.widgets
    assert updates[ours.after]["visible"]
    assert "Magnitude 50%" in updates[ours.said]
    assert len(updates[ours.pruned.table]) == 2
    table = result.found.tables["circuits_sizes"]
    for percent, share in ((4, 0.05), (50, 0.5), (13, 0.1), (15, 0.2)):
        assert circuits.nearest(percent / 100) == share
        drawn = section.resize(updates[ours.found], percent)[ours.blocks.plot].data[0]
        wide = table[table["kept"] == share].pivot_table(index="language", columns="block", values="share", sort=False)
        assert drawn.z.tolist() == wide.to_numpy().tolist()
    assert section.resize(None, 5)[ours.blocks.body]["visible"] is False
    assert set(pd.read_csv(Path(updates[ours.pruned.download]["value"]))["language"]) == {"en", "de"}


def test_the_sentence_says_whose_circuit_broke() -> None:
    row = {"run": "Wanda 50%", "dense_accuracy": 1.0}
    table = pd.DataFrame([
        {**row, "language": "de", "accuracy": 0.5, "verdict": LOST}, {**row, "language": "en", "accuracy": 0.75, "verdict": KEPT},
        {**row, "language": "sw", "accuracy": 0.25, "verdict": UNABLE}, {**row, "language": "fr", "accuracy": 0.25, "verdict": LOST},
    ])  # fmt: skip
    lost, kept, unable = circuits.said(table).splitlines()[-3:]
    assert lost == "- Lost: German (100%, after pruning 50%) and French (100%, after pruning 25%)."
    assert "English (100%, after pruning 75%)" in kept
    assert "Swahili" in unable
    assert "Lost" not in circuits.said(table[table["verdict"] == KEPT])


def test_languages_are_those_of_the_task(page: Page) -> None:
    section = page.section(Circuits)
    (updates,) = (section.choose("agreement", ["en", "zh"]),)
    found = updates[section.widgets.languages]
    assert found["value"] == ["en"]
    assert "zh" not in {code for _, code in found["choices"]}


def test_a_sentence_by_block_and_languages_between_each_other(page: Page, place: Workplace) -> None:
    pytest.importorskip("sklearn")
    section = page.section(Truth)
    values = asked(page, Truth, "with-masks", languages=["en", "de"], probe="mass-mean", statement="Rome is a city.")
    sentence, comparison = section.sentence(values), section.comparison(values)
    assert isinstance(sentence, OneStatement)
    assert isinstance(comparison, Languages)
    assert (sentence.statement, comparison.methods, comparison.probes) == ("Rome is a city.", "run", "logistic,mass-mean")
    settings = place.store.load("with-masks").facts["settings"]
    ours = section.widgets
    for text, told, plots in (
        ("statement:languages=en:topics=capitals:probe=mass-mean:statement=Rome is a city.", ours.said, ours.sentence),
        ("truth:languages=en,de:topics=capitals,words:methods=run:probes=mass-mean:resamples=1", ours.compared, ours.between),
    ):
        result = KIND.work({"study": text, "settings": settings, "run": "with-masks"}, Monitor(), place)
        assert isinstance(result, StudyAsked)
        updates = section.show(result)
        assert "Magnitude 50%" in updates[told]
        assert {plot.body for plot in plots} == {widget for widget in updates if isinstance(widget, type(plots[0].body))}
        assert all(updates[plot.body]["visible"] for plot in plots)
    heat = [section.show(result)[plot.plot].data[0] for plot in ours.between]
    assert [len(one.x) for one in heat] == [3, 3, 2, 2]
    assert heat[0].zmax == heat[1].zmax == max(max(map(max, one.z)) for one in heat[:2])


def test_the_verdict_is_that_of_the_best_block() -> None:
    rows = [
        {"model": model, "block": block, "accuracy": accuracy, "true": true, "leaning": 0.0}
        for model, verdicts in (
            ("dense", (False, True)),
            ("Wanda 50%", (True, False)),
            ("Wanda 50%, dense probe", (False, True)),
        )
        for block, (accuracy, true) in enumerate(zip((0.5, 0.9), verdicts, strict=True))
    ]
    told = truth.said(pd.DataFrame(rows), "Rome is a city.")
    assert "In block 1," in told
    assert "the dense model takes it as true" in told
    assert "takes it as false" in told
    assert told.endswith("as true.")
    assert words.TRUTH_TRUE in told
