"""Long work outside the request that asked for it: one worker thread, one job at a time, cancel, progress, history.

    queued -> running -> done | failed | cancelled          queued -> cancelled

Work that does not stop within `PATIENCE` seconds of a cancel (it waits for a disk that is gone, or computes in a library that asks
nobody) is abandoned with its thread: the job has failed, another thread takes the next one, and whatever the first still gives
is dropped. Works keep what they hold per thread, so the next job meets nothing half-changed.

A job lives in the manager and not in a web request, so closing a page does not end it and anyone who knows its id finds
it again. Snapshots (`JobView`) are plain frozen data; only the manager changes a job, and only under its lock.
"""

import collections
import dataclasses
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any, Literal

from mwanda_core.errors import Cancelled, InputError, sentence
from mwanda_core.progress import Monitor, Progress

JobState = Literal["queued", "running", "done", "cancelled", "failed"]
Work = Callable[[Monitor], Any]

FINISHED: frozenset[JobState] = frozenset({"done", "cancelled", "failed"})
MAX_LOG = 400
"""Lines kept per job: more than the blocks and languages of any run so far, and bounded all the same."""
PATIENCE = 10.0
"""Seconds after a cancel at which work that goes on is abandoned."""
ENOUGH_FOR_ETA = 0.03
"""Share of the work after which the time left is worth showing."""


@dataclasses.dataclass(frozen=True)
class LogLine:
    """What was said `seconds` after the job was submitted."""

    seconds: float
    text: str


@dataclasses.dataclass(frozen=True)
class JobView:
    """A snapshot. fraction in [0, 1]; elapsed and left in seconds (left is None while unknown); ahead: jobs before it; found: what the work
    showed last (`Monitor.show`); can_end: whether `enough` would have it end with that, where the work asks (`Monitor.is_enough`)."""

    id: str
    title: str
    state: JobState
    stage: str = ""
    detail: str = ""
    fraction: float = 0.0
    elapsed: float = 0.0
    left: float | None = None
    ahead: int = 0
    cancelling: bool = False
    log: tuple[LogLine, ...] = ()
    result: Any = None
    error: str = ""
    found: Any = None
    can_end: bool = False

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in FINISHED


class _Job:
    """The live side of a view; touched only under the manager's lock (`cancelled` is an event and needs none)."""

    def __init__(self, id: str, title: str, work: Work, now: float) -> None:
        self.id, self.title, self.work = id, title, work
        self.state: JobState = "queued"
        self.stage = self.detail = self.error = ""
        self.fraction = 0.0
        self.result: Any = None
        self.found: Any = None
        self.submitted = self.started = now
        self.origin: tuple[float, float] | None = None
        self.cancelled, self.enough = threading.Event(), threading.Event()
        self.log: collections.deque[LogLine] = collections.deque(maxlen=MAX_LOG)
        self.ended: float | None = None

    def say(self, now: float, text: str) -> None:
        self.log.append(LogLine(now - self.submitted, text))

    def report(self, now: float, progress: Progress) -> None:
        """Take over a report. Work is announced in pieces, so the share done can fall; what is shown never does."""
        if progress.stage != self.stage:
            self.say(now, progress.stage)
        self.stage, self.detail = progress.stage, progress.detail
        if progress.found is not None:
            self.found = progress.found
        if progress.total > 0:
            self.fraction = max(self.fraction, progress.fraction)
            if self.origin is None:  # Loading has no share of the work: the clock of the estimate starts after it.
                self.origin = (now, self.fraction)

    def left(self, now: float) -> float | None:
        """Seconds left at the pace so far."""
        if self.state != "running" or self.origin is None:
            return None
        since, before = self.origin
        gained = self.fraction - before
        return (now - since) * (1.0 - self.fraction) / gained if gained >= ENOUGH_FOR_ETA else None

    def view(self, now: float, ahead: int) -> JobView:
        start = self.submitted if self.state == "queued" else self.started
        elapsed = (now if self.ended is None else self.ended) - start
        return JobView(
            self.id, self.title, self.state, self.stage, self.detail, self.fraction, elapsed, self.left(now), ahead,
            self.cancelled.is_set() and self.state not in FINISHED, tuple(self.log), self.result, self.error, self.found,
            self.state == "running" and self.found is not None and not self.enough.is_set() and not self.cancelled.is_set(),
        )  # fmt: skip


class JobManager:
    """Runs submitted work one piece at a time, in order, on one thread of its own. patience: seconds (`PATIENCE`)."""

    def __init__(
        self, max_queued: int = 8, history: int = 50, clock: Callable[[], float] = time.monotonic, patience: float = PATIENCE
    ) -> None:
        self._max_queued, self._history, self._clock, self._patience = max_queued, history, clock, patience
        self._changed = threading.Condition()
        self._jobs: dict[str, _Job] = {}
        self._queue: collections.deque[_Job] = collections.deque()
        self._running: _Job | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    def submit(self, work: Work, title: str) -> str:
        """Queue work; the id returned is random, so that knowing it is leave to see the job.

        Raises InputError when the queue is full or the manager was closed.
        """
        with self._changed:
            if self._closed:
                raise InputError("The server is shutting down and takes no more runs.")
            if len(self._queue) >= self._max_queued:
                raise InputError(f"{len(self._queue)} runs are waiting already: try again when some of them are done.")
            job = _Job(secrets.token_hex(8), title, work, self._clock())
            self._jobs[job.id] = job
            self._queue.append(job)
            self._forget()
            if self._thread is None:
                self._begin()
            self._changed.notify_all()
            return job.id

    def get(self, id: str) -> JobView:
        """The job as it stands.

        Raises InputError for an id that was never given out or is no longer kept.
        """
        with self._changed:
            return self._view(self._find(id))

    def knows(self, id: str) -> bool:
        """Whether `get` would find the job."""
        with self._changed:
            return id in self._jobs

    def active(self) -> JobView | None:
        """The running job, else the next one, else None."""
        with self._changed:
            job = self._running or (self._queue[0] if self._queue else None)
            return None if job is None else self._view(job)

    def cancel(self, id: str) -> JobView:
        """Ask a job to stop: a queued one is cancelled at once, a running one at its next report.

        Raises InputError as `get` does. A finished job stays as it is.
        """
        with self._changed:
            job = self._find(id)
            if job.state == "running" and not job.cancelled.is_set():
                self._watch(job)
            if job.state not in FINISHED:
                job.cancelled.set()
            if job.state == "queued":
                self._queue.remove(job)
                self._end(job, "cancelled", error="The run was cancelled before it began.")
            self._changed.notify_all()
            return self._view(job)

    def enough(self, id: str) -> JobView:
        """Ask a running job to end well with what it knows; one that knows nothing yet goes on until it does.

        Raises InputError as `get` does.
        """
        with self._changed:
            job = self._find(id)
            job.enough.set()
            return self._view(job)

    def wait(self, id: str, timeout: float) -> JobView:
        """The job once it is finished, or as it stands after `timeout` seconds.

        Raises InputError as `get` does.
        """
        with self._changed:
            job = self._find(id)
            self._changed.wait_for(lambda: job.state in FINISHED, timeout)
            return self._view(job)

    def close(self, timeout: float = 10.0) -> None:
        """Cancel everything and wait for the thread: the interpreter must not end inside a tensor operation."""
        with self._changed:
            self._closed = True
            for job in [*self._queue, *([self._running] if self._running else [])]:
                self.cancel(job.id)
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(timeout)

    def _begin(self) -> None:
        self._thread = threading.Thread(target=self._serve, name="mwanda-jobs", daemon=True)
        self._thread.start()

    def _watch(self, job: _Job) -> None:
        """Abandon a job that was cancelled unless it ends in time."""

        def watch() -> None:
            with self._changed:
                if not self._changed.wait_for(lambda: job.state in FINISHED or self._closed, self._patience):
                    self._running = None
                    self._end(job, "failed", error=_plain_words(self._patience))
                    self._begin()

        threading.Thread(target=watch, name="mwanda-jobs-watch", daemon=True).start()

    def _serve(self) -> None:
        while (job := self._next()) is not None:
            self._carry_out(job)

    def _next(self) -> _Job | None:
        with self._changed:
            mine = threading.current_thread()
            self._changed.wait_for(lambda: self._queue or self._closed or self._thread is not mine)
            if not self._queue or self._thread is not mine:
                return None
            job = self._running = self._queue.popleft()
            job.state, job.started = "running", self._clock()
            self._changed.notify_all()
            return job

    def _carry_out(self, job: _Job) -> None:
        def heard(progress: Progress) -> None:
            with self._changed:
                if job.state == "running":
                    job.report(self._clock(), progress)

        state: JobState = "failed"
        result, error = None, ""
        try:
            result = job.work(Monitor(heard, job.cancelled.is_set, job.enough.is_set))
            state = "done"
        except Cancelled as reason:
            state, error = "cancelled", str(reason)
        except BaseException as reason:
            # The thread must outlive whatever a job raises, SystemExit and panics of Rust included.
            error = sentence(reason)
        with self._changed:
            if job.state == "running":  # Else it was abandoned, and others run.
                self._running = None
                self._end(job, state, result, error)

    def _end(self, job: _Job, state: JobState, result: Any = None, error: str = "") -> None:
        job.ended = self._clock()
        job.state, job.result, job.error = state, result, error
        job.work = _done  # What the work closes over (texts, settings) need not live as long as the history.
        if state == "done":
            job.fraction = 1.0
        job.say(job.ended, error or "Done")
        self._changed.notify_all()

    def _view(self, job: _Job) -> JobView:
        ahead = 0
        if job.state == "queued":
            ahead = list(self._queue).index(job) + (self._running is not None)
        return job.view(self._clock(), ahead)

    def _find(self, id: str) -> _Job:
        if id not in self._jobs:
            # No list of known ids here: an id is also what lets a visitor see a job.
            raise InputError("This run is not known here any more: the server was restarted, or many runs came after it.")
        return self._jobs[id]

    def _forget(self) -> None:
        """Drop the oldest finished jobs beyond the history."""
        finished = [id for id, job in self._jobs.items() if job.state in FINISHED]
        for id in finished[: max(0, len(self._jobs) - self._history)]:
            del self._jobs[id]


def _done(monitor: Monitor) -> None:
    return None


def _plain_words(patience: float) -> str:
    """Of a job that was abandoned."""
    return (
        f"The run did not stop within {patience:g} seconds of being cancelled, so it was left behind with its model; the next run loads "
        "the model anew."
    )
