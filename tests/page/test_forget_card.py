"""The cards "Forget this picture" and "Forget this sentence": jobs that show their looks, and what is drawn of them."""

import asyncio
import dataclasses
from pathlib import Path
from typing import Any

import pytest
import tiny
from pages import Script, drawn_page, with_
from test_page_callbacks import said, values_of  # noqa: F401

from components.environment import Visitor, acting_for
from components.figures.pictures import grey_pictures
from components.form import form
from components.i18n import words
from components.jobs.forget import KIND, MOST_STEPS, Forgotten, Trained, painter_of
from components.jobs.kind import Workplace
from components.jobs.study import KIND as STUDY
from components.scratch import Scratch
from components.sections.labs import forget, sentences
from components.sections.labs.section import Labs
from components.store import RunStore
from mwanda_core.errors import InputError, UnknownName
from mwanda_core.progress import Monitor
from mwanda_core.run.experiment import Workbench
from mwanda_core.run.jobs import JobView
from mwanda_core.run.settings import Settings
from mwanda_core.studies.memory import live, training
from mwanda_core.studies.memory.sentences import Rung

GREY = ((0.0, 1.0), (-1.0, 0.5))
PICTURE_GONE = live.PictureGone(
    0.4, 0.9, 0.3, GREY, GREY, GREY, (("en", "en", 1.0), ("en", "de", 0.5), ("de", "en", 0.5), ("de", "de", 1.0))
)
PICTURE_LOOKS = [
    live.PictureSought(
        tuple((s, who, 0.1 * s) for s in range(0, end, 10) for who in (live.ITSELF, live.UNSEEN)), GREY, GREY, GREY, GREY
    )
    for end in (10, 20)
]
SENTENCE_GONE = live.SentenceGone(
    "Four <score>", "years", 0.003, {live.DENSE: "years", live.PRUNED: "<b>", live.RANDOM: "years"},
    {live.DENSE: 1.0, live.PRUNED: 0.25, live.RANDOM: 0.75}, {live.DENSE: 0.1, live.PRUNED: 3.0, live.RANDOM: 0.5},
    (("en", live.PRUNED, 0.1), ("en", live.RANDOM, 0.0)), (("same", "translation (de)", 0.1), ("same", "same", 1.0)),
)  # fmt: skip
RUNGS = (Rung("same", 0.25, 3.0, 0.0), Rung("translation (de)", 0.5, 2.0, 0.1), Rung("steering", 0.75, 1.0, 0.5))
SENTENCE_LOOKS = [
    live.SentenceSought((), RUNGS),
    live.SentenceSought(((0, live.ITSELF, 0.25, 3.0), (0, live.UNSEEN, 0.0, 9.0)), RUNGS),
]


@pytest.fixture(scope="module")
def page() -> Any:
    made = drawn_page()
    yield with_(made)
    made.close()


@pytest.fixture
def place(tmp_path: Path) -> Any:
    scratch = Scratch()
    yield Workplace(Workbench(), RunStore(tmp_path), scratch)
    scratch.close()


def followed(updates: Any) -> list[dict[Any, Any]]:
    async def gather() -> list[dict[Any, Any]]:
        return [update async for update in updates]

    return asyncio.run(gather())


def views(looks: list[Any], result: Any) -> Script:
    """A job that shows its looks, each of them twice, and ends."""
    running = [JobView("job-1", "t", "running", found=look) for look in looks for _ in range(2)]
    return Script(*running, JobView("job-1", "t", "done", result=result, found=looks[-1] if looks else None))


def test_pictures_stand_side_by_side() -> None:
    fig = grey_pictures([("one", [[0.0, 1.0], [-1.0, 0.0]]), ("two", [[0.0]])])
    assert [trace.name for trace in fig.data] == ["one", "two"]
    assert fig.data[0].z[1][0] == -1.0


def test_the_picture_card_hands_on_and_draws_every_look_once(page: Any) -> None:
    card = page.section(Labs).widgets.forget
    place = Script()
    updates = forget.start(card, dataclasses.replace(page.context, quick=place), "seek-picture", "letter", "de", "nemo", "")
    assert updates[card.job.job] == "job-1"
    assert place.requests[0] == {
        "kind": "forget",
        "act": "seek-picture",
        "name": "letter",
        "language": "de",
        "method": "nemo",
        "checkpoint": "",
    }
    context = dataclasses.replace(page.context, quick=views(PICTURE_LOOKS, Forgotten(PICTURE_LOOKS[-1])))
    found = followed(forget.follow(card, context, "job-1"))
    drawn = [len(update[card.curve.plot].data[0].x) for update in found if card.curve.plot in update]
    assert drawn == [1, 2, 2]
    assert {trace.name for trace in found[-1][card.curve.plot].data} == {words.FORGET_ITSELF, words.FORGET_UNSEEN}
    assert found[-1][card.job.cancel]["interactive"] is False
    shown = forget.seen(card, PICTURE_GONE)
    assert len(shown[card.pictures.plot].data) == 3
    assert "0.30" in shown[card.said]
    assert shown[card.overlap.plot].data[0].z.diagonal() == pytest.approx(1.0)


def test_the_sentence_card_hands_on_the_form_and_draws(page: Any, said: list[str]) -> None:  # noqa: F811
    card = page.section(Labs).widgets.sentences
    place = Script()
    values = values_of(page) | {card.sentence: "gettysburg", card.method: "wanda", card.share: 0.003}
    updates = sentences.start(card, dataclasses.replace(page.context, compute=place), "forget-sentence", values)
    assert updates[card.job.job] == "job-1", said
    assert place.requests[0]["settings"]["model"] == Settings().model
    assert KIND.title(place.requests[0]) == words.FORGET_JOBS["forget-sentence"]
    shown = sentences.seen(card, SENTENCE_GONE)
    assert "25%" in shown[card.said]
    assert "&lt;b&gt;" in shown[card.written]
    assert "<b>" not in shown[card.written]
    assert {trace.name for trace in shown[card.texts.plot].data} == {words.FORGET_PRUNED, words.SENTENCE_RANDOM}
    context = dataclasses.replace(page.context, compute=views(SENTENCE_LOOKS, Forgotten(SENTENCE_LOOKS[-1])))
    found = followed(sentences.follow(card, context, "job-1"))
    assert sum(card.ladder.plot in update for update in found) == 3
    ladder = found[-1][card.ladder.plot]
    assert [trace.name for trace in ladder.data] == [words.SENTENCE_ITSELF, words.SENTENCE_UNSEEN]
    assert list(ladder.data[0].y) == [0.25, 0.5, 0.75]
    assert "25%" in found[-1][card.said]


def test_cancel_is_handed_to_the_worker(page: Any) -> None:
    card, place = page.section(Labs).widgets.forget, Script()
    assert card.job.stop(place, "job-1")[card.job.cancel]["interactive"] is False
    assert place.cancelled == ["job-1"]


def test_the_job_asks_the_loaded_model_and_leaves_it_dense(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny.language_model("llama")
    place.bench.adopt(model, "tiny/one")
    before, asked = tiny.all_bytes(model), []
    monkeypatch.setattr(live, "forget_sentence", lambda *given: asked.append(given) or SENTENCE_GONE)
    request = {
        "act": "forget-sentence",
        "name": "mbuyu",
        "method": "balanced",
        "share": 0.01,
        "settings": Settings(model="tiny/one").to_dict(),
    }
    assert KIND.work(request, Monitor(), place) == Forgotten(SENTENCE_GONE)
    assert asked[0][0] is model
    assert (asked[0][1], asked[0][2], asked[0][4]) == ("mbuyu", "balanced", 0.01)
    assert tiny.all_bytes(model) == before


def test_a_model_is_trained_watched_and_asked(page: Any, place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "BATCH", 4)
    result = KIND.work({"act": "train-pictures", "steps": 2, "seed": 4}, Monitor(), place)
    assert isinstance(result, Trained)
    assert [row["steps"] for row in result.rows] == [1, 2]
    assert painter_of(result.path).scenes.equal(painter_of().scenes)
    assert not painter_of(result.path).pictures.equal(painter_of().pictures)
    card = page.section(Labs).widgets.forget
    context = dataclasses.replace(page.context, compute=views([result.rows[:1]], result))
    found = followed(forget.watch(card, context, "job-1"))
    assert len(found[0][card.way.plot].data) == 2
    assert found[-1][card.trained] == result.path
    assert found[-1][card.file]["value"] == result.path


@pytest.mark.parametrize(
    ("request_", "said_"),
    [
        ({"act": "sing"}, "named 'sing'"),
        ({"act": "seek-picture", "name": "mona lisa", "language": "en", "method": "nemo"}, "no picture named"),
        ({"act": "seek-picture", "name": "letter", "language": "xx", "method": "nemo"}, "no language of captions"),
        ({"act": "seek-sentence", "name": "letter", "method": "wanda", "share": 0.1}, "no sentence named"),
        ({"act": "seek-sentence", "name": "mbuyu", "method": "nemo", "share": 0.1}, "no way to find the weights of sentences"),
        ({"act": "train-pictures", "steps": MOST_STEPS + 1, "seed": 0}, f"1 to {MOST_STEPS}"),
    ],
)
def test_what_there_is_not_is_refused(request_: dict[str, Any], said_: str, place: Workplace) -> None:
    with pytest.raises((InputError, UnknownName), match=said_):
        KIND.work(request_, Monitor(), place)


def test_strangers_name_no_files_of_this_machine(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MWANDA_SHARED", "1")
    with acting_for(Visitor()):
        for text in ("truth:folder=/etc", "memory:train=2:checkpoint=/tmp/x", "abilities:folder=/etc", "correction:words=/etc"):
            with pytest.raises(InputError, match="shared server"):
                STUDY.work({"study": text, "settings": Settings().to_dict()}, Monitor(), place)
        with pytest.raises(InputError, match="shared server"):
            form.check({"studies": ("abilities:folder=/etc",)})
        form.check({"studies": ("abilities:items=4",)})
