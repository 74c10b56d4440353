"""A sweep on Ray: what is there is not done again, a dead worker's run is started anew, and without Ray one sentence."""

import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mwanda_core.errors import InputError
from mwanda_core.run.settings import Settings
from mwanda_core.store.keys import wanted_key
from mwanda_core.store.run_store import RunStore
from mwanda_core.sweeps.ray import ray_sweep

PLAN = [Settings(model="tiny", method="wanda", sparsity=s, languages=("en", "de")) for s in (0.3, 0.5)]


def test_without_ray_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match=r'needs Ray: pip install "mwanda-explorer\[ray\]"'):
        ray_sweep(PLAN, tmp_path)


class FakeRay:
    """Ray's few calls that are used, in this process; a task whose worker dies is started anew up to `max_retries` times."""

    class exceptions:  # noqa: N801
        class RayError(Exception):
            pass

    def __init__(self) -> None:
        self.events: list[str] = []
        self.results: dict[object, Exception | None] = {}

    def is_initialized(self) -> bool:
        return False

    def init(self, **settings: Any) -> None:
        self.events.append(f"init {settings['address']}")

    def shutdown(self) -> None:
        self.events.append("shutdown")

    def remote(self, num_cpus: float, num_gpus: float, max_retries: int) -> Any:
        outer = self

        class Task:
            def __init__(self, work: Any) -> None:
                self.work = work

            def remote(self, *arguments: Any) -> object:
                reference = object()
                outer.results[reference] = self.tried(arguments, max_retries)
                return reference

            def tried(self, arguments: Any, left: int) -> Exception | None:
                try:
                    self.work(*arguments)
                except KeyboardInterrupt:  # The worker is dead.
                    outer.events.append("died")
                    return self.tried(arguments, left - 1) if left else FakeRay.exceptions.RayError("worker died")
                except Exception as error:
                    return FakeRay.exceptions.RayError(str(error))
                return None

        return Task

    def wait(self, references: list[object], num_returns: int) -> tuple[list[object], list[object]]:
        return references[:num_returns], references[num_returns:]

    def get(self, reference: object) -> None:
        if (error := self.results[reference]) is not None:
            raise error


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeRay:
    found = FakeRay()
    monkeypatch.setitem(sys.modules, "ray", found)
    return found


def test_every_run_is_done_and_a_failure_stops_no_other(fake: FakeRay, tmp_path: Path) -> None:
    seen: list[float] = []

    def work(settings: dict[str, Any], store: str) -> None:
        assert store == str(tmp_path.resolve())
        seen.append(settings["sparsity"])
        if settings["sparsity"] == 0.3:
            raise ValueError("no such\n model")

    result = ray_sweep([*PLAN, PLAN[0]], tmp_path, work=work)
    assert seen == [0.3, 0.5]
    assert result.done == (wanted_key(PLAN[1]),)
    assert result.failed == {wanted_key(PLAN[0]): "no such model"}
    assert fake.events == ["init None", "shutdown"]


def test_a_dead_worker_is_replaced_and_not_for_ever(fake: FakeRay, tmp_path: Path) -> None:
    deaths: dict[float, int] = {}

    def work(settings: dict[str, Any], store: str) -> None:
        sparsity = settings["sparsity"]
        deaths[sparsity] = deaths.get(sparsity, 0) + 1
        if sparsity == 0.5 or deaths[sparsity] == 1:
            raise KeyboardInterrupt

    result = ray_sweep(PLAN, tmp_path, retries=2, work=work)
    assert deaths == {0.3: 2, 0.5: 3}
    assert result.done == (wanted_key(PLAN[0]),)
    assert result.failed == {wanted_key(PLAN[1]): "worker died"}


def test_what_the_store_holds_is_skipped(fake: FakeRay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    present = wanted_key(PLAN[0])
    monkeypatch.setattr(RunStore, "find", lambda self, key="": ["a run"] if key == present else [])
    seen: list[float] = []
    result = ray_sweep(PLAN, tmp_path, work=lambda settings, store: seen.append(settings["sparsity"]))
    assert seen == [0.5]
    assert result.skipped == (present,)


def test_an_empty_plan_is_refused(fake: FakeRay, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="plan was empty"):
        ray_sweep([], tmp_path)


@pytest.fixture
def two_nodes() -> Iterator[Any]:
    """A cluster of two nodes on this machine."""
    pytest.importorskip("ray")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import ray
        from ray.cluster_utils import Cluster

        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        cluster.add_node(num_cpus=1)
        ray.init(address=cluster.address, log_to_driver=False)
        yield cluster
        ray.shutdown()
        cluster.shutdown()


@pytest.mark.ray
@pytest.mark.filterwarnings("ignore")
def test_two_nodes_and_a_worker_that_is_killed(two_nodes: Any, tmp_path: Path) -> None:
    def work(settings: dict[str, Any], store: str) -> None:
        import os
        import signal

        name = f"{store}/tries-{settings['sparsity']}"
        with open(name, "a") as stream:
            stream.write("x")
        if settings["sparsity"] == 0.5 and os.path.getsize(name) == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        if settings["sparsity"] == 0.7:
            raise ValueError("cannot be")

    plan = [*PLAN, Settings(model="tiny", method="wanda", sparsity=0.7, languages=("en", "de"))]
    result = ray_sweep(plan, tmp_path, cpus=1, work=work)
    assert sorted(result.done) == sorted(map(wanted_key, PLAN))
    assert result.failed == {wanted_key(plan[2]): "cannot be"}
    tries = {name: len((tmp_path / f"tries-{name}").read_text()) for name in ("0.3", "0.5", "0.7")}
    assert tries == {"0.3": 1, "0.5": 2, "0.7": 1}
    assert os.getpid() > 0
