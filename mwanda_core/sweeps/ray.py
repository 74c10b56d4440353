"""Many runs on a cluster with Ray: one task a run, results in a folder that all machines see.

What is in the store is not done again, so a sweep that was stopped goes on where it was. Ray starts a task anew when its
worker or its machine dies; a run is saved whole or not at all, so nothing is left half-done.
"""

import dataclasses
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mwanda_core.errors import InputError
from mwanda_core.run.settings import Settings, settings_from
from mwanda_core.store.keys import wanted_key
from mwanda_core.store.run_store import RunStore

Work = Callable[[dict[str, Any], str], None]
"""Does one run: its settings as plain data, and the folder of the store."""


@dataclasses.dataclass(frozen=True)
class RaySweep:
    """`done` were finished now, `skipped` were there before (keys of settings); `failed` says why, one sentence each."""

    done: tuple[str, ...]
    skipped: tuple[str, ...]
    failed: dict[str, str]


def run_and_save(settings: dict[str, Any], store: str) -> None:
    """One run on this machine, saved whole into the store."""
    from mwanda_core.run.experiment import Workbench

    keeper = RunStore(Path(store))
    keeper.save(Workbench().run(settings_from(settings)))


def ray_sweep(
    plan: Sequence[Settings],
    store: Path,
    *,
    address: str | None = None,
    cpus: float = 1.0,
    gpus: float = 0.0,
    retries: int = 3,
    work: Work = run_and_save,
) -> RaySweep:
    """Do every run of the plan that the store does not hold, on the cluster at `address` (None: this machine, or the cluster
    that the environment names; "auto": the one this machine belongs to).

    store: a folder that all machines see under this path. cpus, gpus: what one run takes. retries: how often a run is started
    anew after its worker died (its own errors are not retried). Raises InputError when ray is not installed or the plan is
    empty.
    """
    ray = _ray()
    if not plan:
        raise InputError("A sweep needs at least one run; the plan was empty.")
    keeper = RunStore(store)
    wanted = {wanted_key(settings): settings for settings in plan}
    skipped = tuple(key for key in wanted if keeper.find(key=key))
    began = not ray.is_initialized()
    if began:
        ray.init(address=address, log_to_driver=False, include_dashboard=False if address is None else None)
    try:
        task = ray.remote(num_cpus=cpus, num_gpus=gpus, max_retries=retries)(work)
        # To JSON and back: what a worker is given is what a stored run would give it.
        waiting = {
            task.remote(json.loads(json.dumps(settings.to_dict())), str(store.resolve())): key
            for key, settings in wanted.items()
            if key not in skipped
        }
        done, failed = _gather(ray, waiting)
    finally:
        if began:
            ray.shutdown()
    return RaySweep(tuple(done), skipped, failed)


def _gather(ray: Any, waiting: dict[Any, str]) -> tuple[list[str], dict[str, str]]:
    """Wait for all tasks; one that fails does not stop the others."""
    done: list[str] = []
    failed: dict[str, str] = {}
    left = list(waiting)
    while left:
        ready, left = ray.wait(left, num_returns=1)
        for reference in ready:
            try:
                ray.get(reference)
                done.append(waiting[reference])
            except ray.exceptions.RayError as error:
                cause = getattr(error, "cause", None) or error
                failed[waiting[reference]] = " ".join(str(cause).split())[:300] or type(cause).__name__
    return done, failed


def _ray() -> Any:
    try:
        import ray
    except ImportError as error:
        raise InputError('A sweep on a cluster needs Ray: pip install "mwanda-explorer[ray]".') from error
    return ray
