"""Where jobs run: the local worker, and ZeroGPU with a stand-in for the `spaces` package."""

import asyncio
import pickle
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from components.form.form import make_request, new_form, title_of, to_settings
from components.i18n import words
from components.jobs import compute
from components.jobs.compute import Compute, Local, ZeroGPU, make_compute
from components.jobs.kind import RunSaved
from components.jobs.run import seconds_needed
from components.jobs.table import work_in
from components.scratch import Scratch
from components.store import RunStore
from mwanda_core.errors import Cancelled, InputError
from mwanda_core.progress import Monitor
from mwanda_core.run.jobs import JobView

REQUEST = make_request(new_form())


def quick(request: Any, monitor: Monitor) -> str:
    monitor.plan(2.0)
    monitor.begin("Measuring block 1 of 1")
    monitor.advance(2.0)
    return "a-run"


def endless(request: Any, monitor: Monitor) -> str:
    import time

    while True:
        monitor.advance(0.0)
        time.sleep(0.005)


def failing(request: Any, monitor: Monitor) -> str:
    raise InputError("That cannot be done.")


class Spaces:
    """Like `spaces.GPU`: notes the duration asked for, and sends what comes and goes through pickle as a fork does."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.closed = 0

    def GPU(self, duration: Callable[..., int]) -> Callable[[Any], Any]:  # noqa: N802
        def decorate(steps: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
            def wrapped(*given: Any) -> Iterator[Any]:
                self.asked.append(duration(*given))
                try:
                    for item in steps(*pickle.loads(pickle.dumps(given))):  # noqa: S301
                        yield pickle.loads(pickle.dumps(item))  # noqa: S301
                finally:
                    self.closed += 1

            return wrapped

        return decorate


def places(work: Any) -> dict[str, Callable[[], Compute]]:
    return {"local": lambda: Local(work), "zero": lambda: ZeroGPU(work, Spaces().GPU)}


async def follow(place: Compute, id: str) -> list[JobView]:
    return [view async for view in place.views(id)]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compute, "POLL", 0.01)


@pytest.mark.parametrize("where", ["local", "zero"])
def test_a_request_is_carried_out_and_its_run_named(where: str) -> None:
    place = places(quick)[where]()
    views = asyncio.run(follow(place, place.submit(REQUEST)))
    assert (views[-1].state, views[-1].result) == ("done", "a-run")
    assert all(not view.finished for view in views[:-1])
    place.close()


@pytest.mark.parametrize("where", ["local", "zero"])
def test_an_error_is_a_sentence(where: str) -> None:
    place = places(failing)[where]()
    last = asyncio.run(follow(place, place.submit(REQUEST)))[-1]
    assert (last.state, last.error) == ("failed", "That cannot be done.")
    place.close()


@pytest.mark.parametrize("where", ["local", "zero"])
def test_cancel_ends_the_views(where: str) -> None:
    place = places(endless)[where]()

    async def run() -> JobView:
        id = place.submit(REQUEST)
        async for view in place.views(id):
            if view.state == "running":
                place.cancel(id)
        return view

    assert asyncio.run(asyncio.wait_for(run(), 20)).state == "cancelled"
    place.close()


def test_cancelling_what_is_not_there_does_nothing() -> None:
    for place in (Local(quick), ZeroGPU(quick, Spaces().GPU)):
        place.cancel("nobody")
        place.close()


def test_a_local_job_outlives_the_one_who_looks() -> None:
    place = Local(quick)

    async def glance(id: str) -> str:
        async for view in place.views(id):
            return view.state
        return ""

    id = place.submit(REQUEST)
    asyncio.run(glance(id))
    assert place.jobs.wait(id, 20).state == "done"
    assert place.knows(id)
    assert place.outlives_page
    place.close()


def test_the_active_job_can_be_found_without_its_id() -> None:
    place = Local(endless)
    assert place.active() == ""
    id = place.submit(REQUEST)
    assert place.active() == id
    place.close()
    assert place.active() == ""


def test_an_unknown_job_is_refused() -> None:
    for place in (Local(quick), ZeroGPU(quick, Spaces().GPU)):
        with pytest.raises(InputError):
            asyncio.run(follow(place, "nobody"))
        place.close()


def test_a_gpu_job_belongs_to_the_request_that_looks_first() -> None:
    spaces = Spaces()
    place = ZeroGPU(quick, spaces.GPU)
    id = place.submit(REQUEST)
    assert place.knows(id)
    asyncio.run(follow(place, id))
    assert not place.knows(id)
    assert spaces.asked == [seconds_needed(REQUEST)]
    assert spaces.closed == 1
    with pytest.raises(InputError, match=words.GPU_TAB_CLOSED.split(".")[0]):
        asyncio.run(follow(place, id))


def test_a_closed_tab_ends_the_gpu_call() -> None:
    spaces = Spaces()
    place = ZeroGPU(endless, spaces.GPU)

    async def leave() -> None:
        views = place.views(place.submit(REQUEST))
        await anext(views)
        await views.aclose()  # type: ignore[attr-defined]

    asyncio.run(leave())
    assert spaces.closed == 1


def test_the_seconds_asked_for_grow_with_the_work_and_stay_in_bounds() -> None:
    small = seconds_needed(make_request(new_form(languages=("en",), held_out=(), eval_texts=2, choices=False)))
    usual = seconds_needed(REQUEST)
    large = seconds_needed(
        make_request(new_form(languages=("en",) * 30, tokens_per_language=16384, mode="sequential", eval_texts=100))
    )
    assert 40 <= small <= usual <= large <= 110
    assert small < large


def test_the_environment_chooses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    monkeypatch.delenv("SPACES_ZERO_GPU", raising=False)
    assert isinstance(make_compute(store, Scratch()), Local)
    monkeypatch.setenv("SPACES_ZERO_GPU", "1")
    monkeypatch.setitem(sys.modules, "spaces", types.SimpleNamespace(GPU=Spaces().GPU))
    found = make_compute(store, Scratch())
    assert isinstance(found, ZeroGPU)
    assert not found.outlives_page


def test_the_real_work_saves_its_run_and_keeps_its_bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from synthetic import report

    from mwanda_core.run import experiment

    made: list[Any] = []

    class Stub:
        def __init__(self) -> None:
            made.append(self)

        def run(self, settings: Any, monitor: Monitor) -> Any:
            monitor.begin("Pruning")
            found = report(2, id=f"run-{settings.seed}")
            return types.SimpleNamespace(report=found, save=found.save)

    monkeypatch.setattr(experiment, "Workbench", Stub)
    store = RunStore(tmp_path)
    work = work_in(store, Scratch())
    stages: list[str] = []
    for seed in (1, 2):
        monitor = Monitor(on_progress=lambda progress: stages.append(progress.stage))
        assert work(make_request(new_form(seed=seed)), monitor) == RunSaved(f"run-{seed}")
        assert store.load(f"run-{seed}").id == f"run-{seed}"
    assert len(made) == 1
    assert stages == [words.STARTING, "Pruning"] * 2


def test_a_run_that_breaks_is_listed_as_unfinished_and_one_that_is_cancelled_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mwanda_core.run import experiment

    store = RunStore(tmp_path)
    raised: list[BaseException] = []

    class Stub:
        def run(self, settings: Any, monitor: Monitor) -> Any:
            assert (tmp_path / ".started").is_dir()
            assert store.kept.unfinished() == []  # This process lives.
            raise raised[0]

    monkeypatch.setattr(experiment, "Workbench", Stub)
    work = work_in(store, Scratch())
    for error, listed in ((Cancelled("stop"), []), (InputError("no"), []), (MemoryError(), ["MemoryError"])):
        raised[:] = [error]
        with pytest.raises(type(error)):
            work(REQUEST, Monitor())
        assert [left.error for left in store.kept.unfinished()] == listed
    (left,) = store.kept.unfinished()
    assert left.again() == to_settings(REQUEST)
    assert left.title == title_of(REQUEST)


def test_what_a_killed_process_left_is_tidied_at_the_first_use(tmp_path: Path) -> None:
    half = tmp_path / ".deleted-0123456789abcdef"
    half.mkdir()
    store = RunStore(tmp_path)
    assert half.is_dir()
    assert all(id.startswith("example") for _, id in store.choices())
    assert not half.exists()
