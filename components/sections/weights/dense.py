"""The dense matrix behind a story: read alone from the model's files where they lie ready, else fetched by a job.

The last few matrices stay in memory. Only where the files are stored in a form that nothing but loading understands does the job
load the whole model, on the workbench that runs share; the model is dense between runs, and is only read.
"""

import collections
import json
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from components.engine import importing
from components.form.form import is_local, shared_server
from components.i18n import words
from components.store import RunStore
from mwanda_core.errors import InputError, ModelError, RunError
from mwanda_core.progress import Monitor
from mwanda_core.store.report import RunReport

if TYPE_CHECKING:
    from torch import Tensor

    from mwanda_core.after.explain import Matrix
    from mwanda_core.run.experiment import Workbench

KEPT = 4
KIND = "weights"

_kept: "collections.OrderedDict[tuple[str, str], Tensor]" = collections.OrderedDict()
_lock = threading.Lock()


def dense_of(report: RunReport, matrix: "Matrix", fetch: bool = False) -> "Tensor | None":
    """The dense weights of a matrix; None where they would have to be fetched or expanded first and `fetch` is False.

    Raises ModelError when they cannot be had in this way.
    """
    key = str(report.facts["model"].get("fingerprint")), matrix.name
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    with importing():
        from mwanda_core.after.explain import dense_matrix, is_ready, model_of

    if shared_server() and is_local(model_of(report)[0]):
        raise ModelError(words.DENSE_SHARED)
    if not fetch and not is_ready(report):
        return None
    return _keep(key, dense_matrix(report, matrix))


def _keep(key: tuple[str, str], weight: "Tensor") -> "Tensor":
    with _lock:
        _kept[key] = weight
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return weight


def forget() -> None:
    """Drop what is in memory."""
    with _lock:
        _kept.clear()


def fetch(request: Mapping[str, Any], monitor: Monitor, bench: "Workbench", store: RunStore) -> str:
    """The work of the job: afterwards `dense_of` has the matrix at once. Returns the run's id in JSON.

    Raises InputError in one sentence when the weights cannot be had.
    """
    with importing():
        from mwanda_core.after.explain import model_of, read_matrix

    run_id = str(request["run"])
    report = store.load(run_id)
    matrix = read_matrix(report, store.path(run_id), int(request["block"]), str(request["module"]))
    monitor.begin(words.DENSE_JOB)
    try:
        dense_of(report, matrix, fetch=True)
        return json.dumps({"run": run_id})
    except ModelError as reason:
        if shared_server() and is_local(model_of(report)[0]):
            raise
        first = reason
    monitor.begin(words.DENSE_LOADING)
    source, _, dtype = model_of(report)
    try:
        model = bench.model(source, "auto", str(dtype).removeprefix("torch."))
    except InputError as error:
        raise error from first
    key = str(report.facts["model"].get("fingerprint")), matrix.name
    if model.fingerprint != key[0]:
        raise RunError(words.DENSE_OTHER.format(source=source))
    linear = next(item for item in model.blocks[matrix.block].linears if item.name == matrix.module)
    _keep(key, linear.weight.detach().to("cpu", copy=True))
    return json.dumps({"run": run_id})


def title(request: Mapping[str, Any]) -> str:
    """One line for the job."""
    return words.DENSE_JOB


def seconds(request: Mapping[str, Any]) -> int:
    """GPU seconds to ask for: none are needed, and a lender gives at least some."""
    return 60
