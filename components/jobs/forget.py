"""The jobs of the cards "Forget this picture" and "Forget this sentence": one pruned away, then searched for; and another picture model trained.

Pictures are a model of their own, small enough for any worker; sentences are pruned in the form's model, on the workbench that runs share.
"""

import dataclasses
import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components.engine import importing
from components.environment import shared_server
from components.form.form import is_local
from components.i18n import words
from components.jobs.kind import LENT, Kind, Request, Result, Workplace
from mwanda_core.errors import InputError, UnknownName
from mwanda_core.progress import Monitor
from mwanda_core.studies.memory.known import words as texts_of
from mwanda_core.studies.memory.study import Memory

if TYPE_CHECKING:
    from mwanda_core.studies.memory.training import Painter

FILE, SIZE = "pictures.safetensors", 2 * 2**20
MOST_STEPS = 4000
"""Of a training that is asked for on the page."""


@dataclasses.dataclass(frozen=True)
class Forgotten(Result):
    """What one of the functions of `mwanda_core.studies.memory.live` found."""

    found: Any


@dataclasses.dataclass(frozen=True)
class Trained(Result):
    """Where the new picture model lies, and the rows of its training."""

    path: str
    rows: tuple[Mapping[str, float], ...]


@functools.lru_cache(maxsize=4)
def painter_of(path: str = "") -> "Painter":
    """The picture model that comes along, or one that was trained on the page.

    Raises RunError when its file is gone.
    """
    with importing():
        from mwanda_core.studies.memory.training import load_painter

        return load_painter(Path(path) if path else None)


def _pictures(request: Request, monitor: Monitor, place: Workplace) -> Forgotten:
    name, code, method = (str(request[key]) for key in ("name", "language", "method"))
    Memory(names=name, methods=method).refuse()
    if code not in texts_of("captions")["general"]:
        raise UnknownName("language of captions", code, tuple(texts_of("captions")["general"]))
    with importing():
        from mwanda_core.studies.memory import live
    act = live.forget_picture if request["act"] == "forget-picture" else live.seek_picture
    return Forgotten(act(painter_of(str(request.get("checkpoint") or "")), name, code, method, monitor))


def _sentences(request: Request, monitor: Monitor, place: Workplace) -> Forgotten:
    share, name, method = float(request["share"]), str(request["name"]), str(request["method"])
    Memory(what="sentences", names=name, methods=method, share=share).refuse()
    with importing():
        from mwanda_core.run.settings import settings_from
        from mwanda_core.studies.memory import live
    settings = settings_from(request["settings"])
    if shared_server() and is_local(settings.model):
        raise InputError(words.SHARED_FOLDER)
    model = place.bench.model(settings.model, settings.device, settings.dtype)
    act = live.forget_sentence if request["act"] == "forget-sentence" else live.seek_sentence
    return Forgotten(act(model, name, method, monitor, share))


def _training(request: Request, monitor: Monitor, place: Workplace) -> Trained:
    steps, seed = int(request["steps"]), int(request["seed"])
    Memory(train=steps, seed=seed)
    if not 0 < steps <= MOST_STEPS:
        raise InputError(words.FORGET_TRAIN_STEPS_REFUSED.format(most=MOST_STEPS, given=steps))
    with importing():
        from mwanda_core.studies.memory.training import retrained, save_painter
    monitor.plan(1.0)
    made, looks = retrained(painter_of(), steps, seed, monitor)
    path = place.scratch.put("files", f"pictures-{seed}-{steps}", FILE, SIZE, lambda target: save_painter(made, target))
    monitor.advance(1.0)
    return Trained(str(path), tuple({str(key): float(value) for key, value in row.items()} for row in looks.to_dict("records")))


ACTS: dict[str, Callable[[Request, Monitor, Workplace], Result]] = {
    "forget-picture": _pictures,
    "seek-picture": _pictures,
    "forget-sentence": _sentences,
    "seek-sentence": _sentences,
    "train-pictures": _training,
}


def work(request: Request, monitor: Monitor, place: Workplace) -> Result:
    """Do what the request's `act` says.

    Raises InputError for what there is not, Cancelled when stopped.
    """
    act = str(request.get("act"))
    if act not in ACTS:
        raise UnknownName("thing to do with what is known by heart", act, tuple(ACTS))
    return ACTS[act](request, monitor, place)


KIND = Kind("forget", lambda request: words.FORGET_JOBS.get(str(request.get("act")), ""), work, lambda request: LENT)
