"""The job that uploads a run's pruned model. Its request holds a ticket of the vault, never the token."""

import dataclasses

from components.engine import importing
from components.i18n import words
from components.jobs.kind import Kind, Request, Result, Workplace
from components.jobs.pruned import size_of, write_model
from components.jobs.tokens import VAULT
from mwanda_core.progress import Monitor
from mwanda_core.run.jobs import JobView


@dataclasses.dataclass(frozen=True)
class ModelPushed(Result):
    """The address of the uploaded model of a run."""

    run: str
    address: str

    def sentence(self, view: JobView) -> str:
        """Its address."""
        return words.TAKE_PUSHED.format(time=words.seconds(view.elapsed), address=self.address)


def work(request: Request, monitor: Monitor, place: Workplace) -> ModelPushed:
    """Write the model into a folder that goes afterwards, and upload it.

    Raises InputError when it cannot be made, and what the Hub refuses in one sentence.
    """
    run, ticket = str(request["run"]), str(request["ticket"])
    try:
        size = size_of(place.store.load(run))
        with place.scratch.passing("models", run, size) as around:
            monitor.plan(4.0)
            folder = write_model(run, around / ".model", monitor, place)
            monitor.begin(words.TAKE_STAGE_PUSH)
            with importing():
                from mwanda_core.after.hub import push_model
            address = push_model(folder, str(request["name"]), VAULT.take(ticket), private=bool(request["private"]))
        return ModelPushed(run, address)
    finally:
        VAULT.forget(ticket)


KIND = Kind("push", lambda request: words.TAKE_JOB["push"].format(run=request["run"]), work, lambda request: 90)
