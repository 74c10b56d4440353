"""The dense matrix behind a story: read alone from the model's files where they lie ready, else fetched by a job.

The last few matrices stay in memory. Only where the files are stored in a form that nothing but loading understands does the job
load the whole model, on the workbench that runs share; the model is dense between runs, and is only read.
"""

from typing import TYPE_CHECKING

from components.engine import importing
from components.environment import shared_server
from components.form.form import is_local
from components.i18n import words
from components.jobs.kind import Kind, Request, Result, Workplace
from components.scratch import Recent
from mwanda_core.errors import InputError, ModelError, RunError
from mwanda_core.progress import Monitor
from mwanda_core.store.report import RunReport

if TYPE_CHECKING:
    from torch import Tensor

    from mwanda_core.after.explain import Matrix

DENSE: "Recent[Tensor]" = Recent(4)
"""(fingerprint of the model, name of the matrix) -> its weights: the last few."""


def dense_of(report: RunReport, matrix: "Matrix", fetch: bool = False) -> "Tensor | None":
    """The dense weights of a matrix; None where they would have to be fetched or expanded first and `fetch` is False.

    Raises ModelError when they cannot be had in this way.
    """
    key = str(report.facts["model"].get("fingerprint")), matrix.name
    held = DENSE.get(key)
    if held is not None:
        return held
    with importing():
        from mwanda_core.after.explain import dense_matrix, is_ready, model_of

    if shared_server() and is_local(model_of(report)[0]):
        raise ModelError(words.DENSE_SHARED)
    if not fetch and not is_ready(report):
        return None
    return DENSE.put(key, dense_matrix(report, matrix))


def fetch(request: Request, monitor: Monitor, place: Workplace) -> Result:
    """Afterwards `dense_of` has the matrix at once.

    Raises InputError in one sentence when the weights cannot be had.
    """
    with importing():
        from mwanda_core.after.explain import model_of, read_matrix

    run_id = str(request["run"])
    report = place.store.load(run_id)
    matrix = read_matrix(report, place.store.path(run_id), int(request["block"]), str(request["module"]))
    monitor.begin(words.DENSE_JOB)
    try:
        dense_of(report, matrix, fetch=True)
        return Result()
    except ModelError as reason:
        if shared_server() and is_local(model_of(report)[0]):
            raise
        first = reason
    monitor.begin(words.DENSE_LOADING)
    source, _, dtype = model_of(report)
    try:
        model = place.bench.model(source, "auto", str(dtype).removeprefix("torch."))
    except InputError as error:
        raise error from first
    key = str(report.facts["model"].get("fingerprint")), matrix.name
    if model.fingerprint != key[0]:
        raise RunError(words.DENSE_OTHER.format(source=source))
    linear = next(item for item in model.blocks[matrix.block].linears if item.name == matrix.module)
    DENSE.put(key, linear.weight.detach().to("cpu", copy=True))
    return Result()


KIND = Kind("weights", lambda request: words.DENSE_JOB, fetch)
