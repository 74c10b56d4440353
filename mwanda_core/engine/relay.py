"""Work on many chunks in step: each runs to a common stopping point before any goes on, and nothing is computed twice.

A forward pass cannot be left half-way and taken up again, but a thread can wait. Every chunk has a thread, and one baton:
of all threads and the caller exactly one runs at any time, so there are no races and the order is always the same. The
cost is two hand-overs (tens of microseconds) a chunk and stopping point.
"""

import threading
from collections.abc import Callable
from types import TracebackType

import torch


class _Stopped(BaseException):
    """Unwinds a waiting chunk. Not an Exception, so that no model code catches it."""


class Relay:
    """`count` chunks that run one at a time. Use as a context manager: its threads end with it.

    The threads stay from one `run` to the next, since each keeps a team of helper threads of its own for matrix products.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self.current = 0
        self._go = [threading.Semaphore(0) for _ in range(count)]
        self._back = threading.Semaphore(0)
        self._work: Callable[[int], None] | None = None
        self._open = [False] * count
        self._error: BaseException | None = None
        self._stopping = False
        self._threads = [threading.Thread(target=self._loop, args=(index,), daemon=True) for index in range(count)]

    def __enter__(self) -> "Relay":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._work = None
        for go in self._go:
            go.release()
        for thread in self._threads:
            thread.join()

    def run(self, work: Callable[[int], None], between: Callable[[], None]) -> None:
        """`work(index)` for every chunk, without gradients; it may call `pause`. Whenever every unfinished chunk is
        paused, `between()` is called, and they go on.

        An error in a chunk or in `between` stops all chunks and is raised here.
        """
        self._work = work
        self._open = [True] * self.count
        try:
            while True:
                for index in range(self.count):
                    if self._open[index]:
                        self._hand_to(index)
                if not any(self._open):
                    return
                between()
        finally:
            self._stopping = True
            for index in range(self.count):
                if self._open[index]:
                    self._hand_to(index)
            self._stopping = False

    @property
    def num_open(self) -> int:
        """Chunks that have not finished."""
        return sum(self._open)

    def pause(self) -> None:
        """Called by a chunk: wait until every other chunk has paused or finished and `between` has run."""
        mine = self._go[self.current]
        self._back.release()
        mine.acquire()
        if self._stopping:
            raise _Stopped

    def _hand_to(self, index: int) -> None:
        self.current = index
        self._go[index].release()
        self._back.acquire()
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    def _loop(self, index: int) -> None:
        while True:
            self._go[index].acquire()
            if self._work is None:
                return
            try:
                # The gradient mode belongs to a thread, so the caller's does not count here.
                with torch.no_grad():
                    if not self._stopping:
                        self._work(index)
            except _Stopped:
                pass
            except BaseException as error:
                self._error = error
            self._open[index] = False
            self._back.release()
