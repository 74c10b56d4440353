"""Where a run is carried out: on a worker thread of this process, or on a GPU that is lent for one request (ZeroGPU).

Both give the same: `submit` a request, `views` until it is finished, `cancel`. Locally a job belongs to the server and
outlives the visitor. On ZeroGPU the GPU call is a generator inside the visitor's own request, in a forked process, so
it ends with the page; only plain data and a folder of files come back, never a CUDA tensor.
"""

import abc
import asyncio
import dataclasses
import os
import secrets
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from components.environment import Visitor, acted, shared_server, visitor
from components.i18n import words
from components.jobs.kind import Request
from components.jobs.table import Work, kind_of, work_in
from components.scratch import Scratch
from components.store import RunStore
from mwanda_core.errors import InputError
from mwanda_core.run.jobs import JobManager, JobView

MOST_EACH = 3
"""Jobs of one stranger that wait or run at a time: the others have places, too."""
POLL = 0.4
"""Seconds between two looks at a job."""


class Compute(abc.ABC):
    """Somewhere to run jobs."""

    outlives_page: bool
    """Whether a page that is opened again finds its job."""

    @abc.abstractmethod
    def submit(self, request: Request) -> str:
        """Take a request on; the id of the job.

        Raises InputError when it is refused.
        """

    @abc.abstractmethod
    def views(self, id: str) -> AsyncIterator[JobView]:
        """The job again and again, until it is finished.

        Raises InputError for a job that is not known (any more).
        """

    @abc.abstractmethod
    def cancel(self, id: str) -> None:
        """Ask a job to stop; nothing happens when it is over or unknown."""

    def enough(self, id: str) -> None:
        """Ask a job to end well with what it knows; nothing happens where that cannot be (`JobView.can_end`)."""
        return None

    @abc.abstractmethod
    def knows(self, id: str) -> bool:
        """Whether `views` would show the job."""

    @abc.abstractmethod
    def active(self) -> str:
        """The id of the job in progress, "" when there is none."""

    @abc.abstractmethod
    def close(self) -> None:
        """End what is running; the program is about to stop."""


class Local(Compute):
    """One worker thread in this process."""

    outlives_page = True

    def __init__(self, work: Work) -> None:
        self.jobs = JobManager()
        self._work = work
        self._strangers: dict[str, str] = {}
        self._lock = threading.Lock()

    def submit(self, request: Request) -> str:
        who, title = visitor(), kind_of(request).title(request)
        with self._lock:
            if shared_server():
                self._refuse_greed(who.address)
            id = self.jobs.submit(acted(who, lambda monitor: self._work(request, monitor)), title)
            if shared_server():
                self._strangers[id] = who.address
            return id

    def _refuse_greed(self, address: str) -> None:
        self._strangers = {
            id: of for id, of in self._strangers.items() if self.jobs.knows(id) and not self.jobs.get(id).finished
        }
        if sum(of == address for of in self._strangers.values()) >= MOST_EACH:
            raise InputError(words.TOO_MANY_JOBS.format(most=MOST_EACH))

    async def views(self, id: str) -> AsyncIterator[JobView]:
        while True:
            view = self.jobs.get(id)
            yield view
            if view.finished:
                return
            await asyncio.sleep(POLL)

    def cancel(self, id: str) -> None:
        if self.jobs.knows(id):
            self.jobs.cancel(id)

    def enough(self, id: str) -> None:
        if self.jobs.knows(id):
            self.jobs.enough(id)

    def knows(self, id: str) -> bool:
        return self.jobs.knows(id)

    def active(self) -> str:
        view = self.jobs.active()
        return "" if view is None else view.id

    def close(self) -> None:
        self.jobs.close()


class ZeroGPU(Compute):
    """One generator under `spaces.GPU` per job, started by the request that looks at it."""

    outlives_page = False

    def __init__(self, work: Work, gpu: Callable[..., Callable[[Any], Any]]) -> None:
        def steps(request: Request, who: Visitor) -> Iterator[JobView]:
            # A manager of its own: threads and locks of the parent process do not survive the fork.
            manager = JobManager()
            id = manager.submit(acted(who, lambda monitor: work(request, monitor)), kind_of(request).title(request))
            try:
                while True:
                    view = manager.wait(id, POLL)
                    yield view
                    if view.finished:
                        return
            finally:
                manager.close()

        self._steps = gpu(duration=_seconds)(steps)
        self._waiting: dict[str, tuple[Request, Visitor]] = {}
        self._cancelled: set[str] = set()

    def submit(self, request: Request) -> str:
        id = secrets.token_hex(8)
        self._waiting[id] = request, visitor()
        return id

    async def views(self, id: str) -> AsyncIterator[JobView]:
        if id not in self._waiting:
            raise InputError(words.GPU_TAB_CLOSED)
        steps = self._steps(*self._waiting.pop(id))
        try:
            while (view := await asyncio.to_thread(next, steps, None)) is not None:
                if id in self._cancelled and not view.finished:
                    yield dataclasses.replace(view, id=id, state="cancelled", error=words.CANCELLED)
                    return
                yield dataclasses.replace(view, id=id, can_end=False)  # Nothing but its end reaches the other process.
        finally:
            self._cancelled.discard(id)
            steps.close()

    def cancel(self, id: str) -> None:
        self._cancelled.add(id)

    def knows(self, id: str) -> bool:
        return id in self._waiting

    def active(self) -> str:
        return ""

    def close(self) -> None:
        self._waiting.clear()


def _seconds(request: Request, who: Visitor) -> int:
    return kind_of(request).seconds(request)


def make_compute(store: RunStore, scratch: Scratch) -> Compute:
    """ZeroGPU where the environment says so, else the local worker."""
    if os.environ.get("SPACES_ZERO_GPU"):
        import spaces

        return ZeroGPU(work_in(store, scratch), spaces.GPU)
    return Local(work_in(store, scratch))
