"""Progress and cancellation, passed down as one object so that long work reports and stops at the same points."""

import dataclasses
from collections.abc import Callable
from typing import Any

from mwanda_core.errors import Cancelled


@dataclasses.dataclass(frozen=True)
class Progress:
    """One report: `done` of `total` units of work in `stage` (units are arbitrary but constant within a job). found: what there is so far,
    as plain data, for work that is looked at while it runs."""

    stage: str
    done: float
    total: float
    detail: str = ""
    found: Any = None

    @property
    def fraction(self) -> float:
        """Between 0 and 1; 0 while nothing is planned yet (a model is loading)."""
        return min(1.0, self.done / self.total) if self.total > 0 else 0.0


def _ignore(progress: Progress) -> None:
    return None


def _never() -> bool:
    return False


@dataclasses.dataclass
class Monitor:
    """Carries progress up and cancellation down. Call `advance` often: it is where a cancel takes effect. is_enough: whether what was shown is
    enough for whoever looks."""

    on_progress: Callable[[Progress], None] = _ignore
    is_cancelled: Callable[[], bool] = _never
    is_enough: Callable[[], bool] = _never
    total: float = 0.0
    done: float = 0.0
    stage: str = ""

    def plan(self, units: float) -> None:
        """Announce `units` more work, so that the fraction shown covers the whole job and not one stage."""
        self.total += units

    def begin(self, stage: str) -> None:
        """Enter a stage (a short phrase shown to the user)."""
        self.stage = stage
        self.advance(0.0)

    def advance(self, units: float, detail: str = "") -> None:
        """Report `units` of finished work.

        Raises Cancelled if the user asked to stop.
        """
        if self.is_cancelled():
            raise Cancelled("The run was cancelled; the weights are as they were before.")
        self.done += units
        self.on_progress(Progress(self.stage, self.done, max(self.total, self.done), detail))

    def show(self, found: Any) -> None:
        """Hand up what there is so far: plain data, which is looked at by others and not changed any more.

        Raises Cancelled as `advance` does.
        """
        self.advance(0.0)
        self.on_progress(Progress(self.stage, self.done, max(self.total, self.done), found=found))

    def scaled(self, factor: float) -> "Monitor":
        """A monitor for work counted in another unit, one of which is `factor` of this one's."""
        return _Scaled(self, factor)


class _Scaled(Monitor):
    """Passes everything on, in the outer monitor's units."""

    def __init__(self, outer: Monitor, factor: float) -> None:
        self._outer, self._factor = outer, factor
        self.is_cancelled, self.is_enough = outer.is_cancelled, outer.is_enough

    def plan(self, units: float) -> None:
        self._outer.plan(units * self._factor)

    def begin(self, stage: str) -> None:
        self._outer.begin(stage)

    def advance(self, units: float, detail: str = "") -> None:
        self._outer.advance(units * self._factor, detail)

    def show(self, found: Any) -> None:
        self._outer.show(found)

    def scaled(self, factor: float) -> Monitor:
        return _Scaled(self, factor)
