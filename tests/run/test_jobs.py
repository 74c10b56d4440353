"""Jobs: order, one at a time, cancel, progress, errors in one sentence, and a history that does not grow."""

import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from mwanda_core.errors import Cancelled, InputError, ModelError
from mwanda_core.progress import Monitor
from mwanda_core.run.jobs import ENOUGH_FOR_ETA, JobManager, JobView

LONG = 20.0
"""Seconds after which a test gives up; nothing here takes a tenth of one."""


@pytest.fixture
def jobs() -> Iterator[JobManager]:
    manager = JobManager()
    yield manager
    manager.close(LONG)


class Gate:
    """Work that stops at a door: `entered` is set when it runs, and it goes on when `door` is set."""

    def __init__(self) -> None:
        self.entered, self.door = threading.Event(), threading.Event()

    def __call__(self, monitor: Monitor) -> str:
        monitor.plan(2.0)
        monitor.begin("before the door")
        self.entered.set()
        while not self.door.wait(0.005):
            monitor.advance(0.0)
        monitor.advance(2.0)
        return "through"


def test_a_job_runs_and_keeps_its_result(jobs: JobManager) -> None:
    id = jobs.submit(lambda monitor: 6 * 7, "the answer")
    view = jobs.wait(id, LONG)
    assert (view.state, view.result, view.fraction, view.title, view.error) == ("done", 42, 1.0, "the answer", "")
    assert view.finished
    assert view.log[-1].text == "Done"


def test_one_job_at_a_time_in_the_order_given(jobs: JobManager) -> None:
    first, order = Gate(), []
    running: list[int] = []

    def work(number: int) -> Any:
        def inner(monitor: Monitor) -> None:
            running.append(number)
            assert len(running) == 1
            order.append(number)
            running.remove(number)

        return inner

    gate = jobs.submit(first, "gate")
    ids = [jobs.submit(work(i), str(i)) for i in range(3)]
    assert first.entered.wait(LONG)
    assert [jobs.get(id).state for id in [gate, *ids]] == ["running", "queued", "queued", "queued"]
    assert [jobs.get(id).ahead for id in ids] == [1, 2, 3]
    first.door.set()
    assert all(jobs.wait(id, LONG).state == "done" for id in [gate, *ids])
    assert order == [0, 1, 2]


def test_a_job_shows_what_it_knows_and_ends_with_it_when_that_is_enough(jobs: JobManager) -> None:
    told = threading.Event()

    def work(monitor: Monitor) -> int:
        told.wait(LONG)
        known = 0
        while not monitor.is_enough():
            monitor.advance(1.0)
            known += 1
            monitor.show(known)
        return known

    id = jobs.submit(work, "looks")
    assert (jobs.get(id).can_end, jobs.get(id).found) == (False, None)
    told.set()
    started = time.monotonic()
    while not (view := jobs.get(id)).can_end and time.monotonic() - started < LONG:
        time.sleep(0.005)
    assert view.found > 0
    assert not jobs.enough(id).can_end
    view = jobs.wait(id, LONG)
    assert (view.state, view.can_end) == ("done", False)
    assert view.result == view.found >= 1
    with pytest.raises(InputError):
        jobs.enough("no such job")


def test_cancelling_a_running_job_takes_effect_at_its_next_report(jobs: JobManager) -> None:
    gate = Gate()
    id = jobs.submit(gate, "long")
    assert gate.entered.wait(LONG)
    jobs.cancel(id)
    view = jobs.wait(id, LONG)
    assert view.state == "cancelled"
    assert "cancelled" in view.error
    assert not view.cancelling


def test_a_cancel_is_seen_before_it_takes_effect(jobs: JobManager) -> None:
    entered, go_on = threading.Event(), threading.Event()

    def deaf(monitor: Monitor) -> str:
        entered.set()
        go_on.wait(LONG)
        return "finished all the same"

    id = jobs.submit(deaf, "deaf")
    assert entered.wait(LONG)
    assert jobs.cancel(id).cancelling
    assert jobs.get(id).state == "running"
    go_on.set()
    assert jobs.wait(id, LONG).result == "finished all the same"


def test_cancelling_a_waiting_job_is_immediate_and_lets_the_others_pass(jobs: JobManager) -> None:
    gate = Gate()
    jobs.submit(gate, "gate")
    doomed, last = jobs.submit(lambda monitor: 1, "doomed"), jobs.submit(lambda monitor: 2, "last")
    assert jobs.cancel(doomed).state == "cancelled"
    assert jobs.get(last).ahead == 1
    gate.door.set()
    assert jobs.wait(last, LONG).result == 2
    assert jobs.get(doomed).result is None


def test_cancelling_a_finished_job_changes_nothing(jobs: JobManager) -> None:
    id = jobs.submit(lambda monitor: 1, "short")
    before = jobs.wait(id, LONG)
    after = jobs.cancel(id)
    assert (after.state, after.result, after.cancelling) == (before.state, before.result, False)


def test_a_user_error_becomes_its_own_sentence(jobs: JobManager) -> None:
    def work(monitor: Monitor) -> None:
        raise ModelError("There is no model 'x': check the spelling.")

    view = jobs.wait(jobs.submit(work, "bad"), LONG)
    assert (view.state, view.error) == ("failed", "There is no model 'x': check the spelling.")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ZeroDivisionError("division by zero"), "unexpected"),
        (SystemExit("leaving now"), "unexpected"),
        (MemoryError(), "memory"),
        (RuntimeError("CUDA out of memory. Tried to allocate"), "memory"),
    ],
)
def test_any_other_error_becomes_a_general_sentence_and_the_worker_lives_on(
    jobs: JobManager, caplog: pytest.LogCaptureFixture, error: BaseException, said: str
) -> None:
    def work(monitor: Monitor) -> None:
        raise error

    with caplog.at_level(logging.ERROR, logger="mwanda_core.errors"):
        view = jobs.wait(jobs.submit(work, "broken"), LONG)
    assert view.state == "failed"
    assert said in view.error
    assert str(error) not in view.error or not str(error)
    assert "Traceback" in caplog.text
    assert jobs.wait(jobs.submit(lambda monitor: "alive", "next"), LONG).result == "alive"


def test_a_job_that_cancels_itself_counts_as_cancelled(jobs: JobManager) -> None:
    def work(monitor: Monitor) -> None:
        raise Cancelled("stopped by hand")

    view = jobs.wait(jobs.submit(work, "self"), LONG)
    assert (view.state, view.error) == ("cancelled", "stopped by hand")


class Clock:
    """Time that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def step_by_step(work_steps: list[tuple[str, float, float]], clock: Clock) -> list[JobView]:
    """Views after each (stage, seconds that pass, share of 10 units done)."""
    views = []
    manager = JobManager(clock=clock)
    ready = threading.Event()

    def work(monitor: Monitor) -> None:
        ready.wait(LONG)
        for stage, passed, units in work_steps:
            clock.now += passed
            if units and not monitor.total:
                monitor.plan(10.0)
                monitor.advance(0.0)
            if stage != monitor.stage:
                monitor.begin(stage)
            monitor.advance(units)
            views.append(manager.get(id))

    id = manager.submit(work, "steps")
    ready.set()
    views.append(manager.wait(id, LONG))
    manager.close(LONG)
    return views


def test_progress_time_and_log() -> None:
    clock = Clock()
    views = step_by_step(
        [("Loading", 5.0, 0.0), ("Measuring", 0.0, 2.5), ("Measuring", 5.0, 2.5), ("Scoring", 10.0, 5.0)], clock
    )
    loading, first, half, whole, done = views
    # Nothing is planned while loading: no share, no estimate.
    assert (loading.fraction, loading.left, loading.elapsed) == (0.0, None, 5.0)
    assert first.fraction == 0.25
    # By hand: half the work took 5 s since it was planned, so the other half takes 5 s.
    assert half.fraction == 0.5
    assert half.left == pytest.approx(5.0)
    assert whole.left == pytest.approx(0.0)
    assert (done.state, done.elapsed, done.left) == ("done", 20.0, None)
    assert [(line.seconds, line.text) for line in done.log] == [
        (5.0, "Loading"),
        (5.0, "Measuring"),
        (20.0, "Scoring"),
        (20.0, "Done"),
    ]


def test_the_share_done_never_falls_when_more_work_is_announced(jobs: JobManager) -> None:
    seen: list[float] = []

    def work(monitor: Monitor) -> None:
        for _ in range(5):
            monitor.plan(10.0)
            monitor.advance(8.0)
            seen.append(jobs.get(id).fraction)

    started = threading.Event()
    id = jobs.submit(lambda monitor: (started.wait(LONG), work(monitor)), "growing")
    started.set()
    assert jobs.wait(id, LONG).state == "done"
    assert seen == sorted(seen)
    assert seen[0] == 0.8


def test_no_estimate_before_enough_is_known() -> None:
    clock = Clock()
    little = 10 * ENOUGH_FOR_ETA / 2
    views = step_by_step([("Measuring", 1.0, little), ("Measuring", 1.0, little), ("Measuring", 1.0, little)], clock)
    assert [view.left is None for view in views[:3]] == [True, False, False]


def test_the_queue_is_bounded() -> None:
    manager, gate = JobManager(max_queued=2), Gate()
    manager.submit(gate, "gate")
    assert gate.entered.wait(LONG)
    manager.submit(lambda monitor: 1, "a")
    manager.submit(lambda monitor: 2, "b")
    with pytest.raises(InputError, match="2 runs are waiting"):
        manager.submit(lambda monitor: 3, "c")
    gate.door.set()
    manager.close(LONG)


def test_the_history_is_bounded_and_forgets_the_oldest() -> None:
    manager = JobManager(history=3)
    ids = []
    for i in range(6):
        ids.append(manager.submit(lambda monitor, i=i: i, str(i)))
        manager.wait(ids[-1], LONG)
    assert [manager.knows(id) for id in ids] == [False, False, False, True, True, True]
    with pytest.raises(InputError, match="not known here any more"):
        manager.get(ids[0])
    manager.close(LONG)


def test_an_unknown_id_is_refused_without_naming_others(jobs: JobManager) -> None:
    secret = jobs.submit(lambda monitor: 1, "mine")
    for call in (jobs.get, jobs.cancel, lambda id: jobs.wait(id, 0.0)):
        with pytest.raises(InputError) as caught:
            call("0123456789abcdef")
        assert secret not in str(caught.value)


def test_active_names_the_running_job_then_the_next_then_none(jobs: JobManager) -> None:
    assert jobs.active() is None
    gate = Gate()
    id = jobs.submit(gate, "gate")
    later = jobs.submit(lambda monitor: 1, "later")
    assert gate.entered.wait(LONG)
    found = jobs.active()
    assert found is not None
    assert found.id == id
    gate.door.set()
    jobs.wait(later, LONG)
    assert jobs.active() is None


def test_wait_gives_up_after_its_time(jobs: JobManager) -> None:
    gate = Gate()
    id = jobs.submit(gate, "gate")
    assert gate.entered.wait(LONG)
    assert jobs.wait(id, 0.01).state == "running"
    gate.door.set()
    assert jobs.wait(id, LONG).state == "done"


def test_close_cancels_everything_ends_the_thread_and_takes_no_more() -> None:
    manager, gate = JobManager(), Gate()
    running, waiting = manager.submit(gate, "gate"), manager.submit(lambda monitor: 1, "waiting")
    assert gate.entered.wait(LONG)
    manager.close(LONG)
    assert (manager.get(running).state, manager.get(waiting).state) == ("cancelled", "cancelled")
    assert not any(thread.name == "mwanda-jobs" and thread.is_alive() for thread in threading.enumerate())
    with pytest.raises(InputError, match="shutting down"):
        manager.submit(lambda monitor: 1, "late")


def test_a_finished_job_lets_go_of_what_it_worked_on() -> None:
    import gc
    import weakref

    class Load:
        pass

    manager, load = JobManager(), Load()
    held = weakref.ref(load)
    id = manager.submit(lambda monitor, load=load: None, "holding")
    manager.wait(id, LONG)
    manager.close(LONG)
    del load
    gc.collect()
    assert held() is None


def test_many_visitors_submit_and_look_at_once(jobs: JobManager) -> None:
    results: list[int] = []
    manager = JobManager(max_queued=100)

    def visitor(number: int) -> None:
        id = manager.submit(lambda monitor: (time.sleep(0.001), number)[1], str(number))
        results.append(manager.wait(id, LONG).result)

    threads = [threading.Thread(target=visitor, args=(i,)) for i in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    manager.close(LONG)
    assert sorted(results) == list(range(20))
