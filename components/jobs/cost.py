"""The job that measures what a run saves: bytes, compressed bytes, time."""

import dataclasses
from typing import TYPE_CHECKING

from components.engine import importing
from components.i18n import words
from components.jobs.kind import Kind, Request, Result, Workplace
from components.jobs.pruned import dense
from mwanda_core.progress import Monitor
from mwanda_core.run.jobs import JobView

if TYPE_CHECKING:
    from mwanda_core.after.costs import ModelCost


@dataclasses.dataclass(frozen=True)
class CostMeasured(Result):
    """What was measured of a run."""

    run: str
    cost: "ModelCost"

    def sentence(self, view: JobView) -> str:
        """That it was measured."""
        return words.TAKE_MEASURED.format(time=words.seconds(view.elapsed))


def work(request: Request, monitor: Monitor, place: Workplace) -> CostMeasured:
    """Measure the dense model and the pruned one.

    Raises ModelError when the model cannot be had.
    """
    run = str(request["run"])
    folder = place.store.path(run)
    monitor.begin(words.TAKE_STAGE_LOAD)
    with importing():
        from mwanda_core.after import costs
    model = dense(place.bench, folder)
    return CostMeasured(
        run, costs.cost(model, folder, tokens=int(request["tokens"]), repeats=int(request["repeats"]), monitor=monitor)
    )


KIND = Kind("cost", lambda request: words.TAKE_JOB["cost"].format(run=request["run"]), work, lambda request: 90)
