"""The job that plans a smaller model, or makes the one that was planned and packs it for the visitor to fetch."""

import dataclasses
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from components.engine import importing
from components.environment import shared_server
from components.form.form import is_local
from components.i18n import words
from components.jobs.export import UNITS, pack
from components.jobs.kind import LENT, Kind, Request, Result, Workplace
from components.jobs.pruned import LARGEST_SHARED
from mwanda_core.errors import InputError
from mwanda_core.progress import Monitor
from mwanda_core.run.jobs import JobView

if TYPE_CHECKING:
    from mwanda_core.shrink import Plan

MB = 10**6


@dataclasses.dataclass(frozen=True)
class SmallPlanned(Result):
    """A plan as data, and the wishes it was made for."""

    wishes: Mapping[str, Any]
    plan: Mapping[str, Any]

    def sentence(self, view: JobView) -> str:
        """That nothing was written."""
        return words.SMALL_PLANNED.format(time=words.seconds(view.elapsed))


@dataclasses.dataclass(frozen=True)
class SmallMade(Result):
    """The folder packed, the GGUF file where one was asked for, and the evidence's tables by name."""

    path: str
    gguf: str
    tables: Mapping[str, pd.DataFrame]

    def sentence(self, view: JobView) -> str:
        """Megabytes before and after."""
        before, after = self.tables["sizes"]["megabytes"].iloc[:2]
        return words.small_made(view.elapsed, float(before), float(after))


def check(wishes: Mapping[str, Any]) -> None:
    """Raises InputError in one sentence for what can be refused before anything is loaded."""
    if not str(wishes["model"]).strip():
        raise InputError(words.EMPTY_MODEL)
    if shared_server() and is_local(str(wishes["model"])):
        raise InputError(words.SHARED_FOLDER)
    if not wishes["languages"]:
        raise InputError(words.SMALL_NO_LANGUAGES)
    size = wishes["megabytes"]
    if not isinstance(size, int | float) or not 0 < size < 10**7:
        raise InputError(words.SMALL_NO_SIZE.format(given=repr(size)[:40]))
    for name, given in wishes["own"].items():
        if (
            name not in words.SMALL_OWN_STEPS
            or not isinstance(given, int | float)
            or given != round(given)
            or not 0 < given < 10**7
        ):
            raise InputError(words.SMALL_NO_NUMBER.format(given=repr(given)[:40]))
    if wishes["time"] not in words.SMALL_TIMES or wishes["gguf"] not in words.SMALL_GGUF_TYPES:
        raise InputError(words.SMALL_FIRST)


def work(request: Request, monitor: Monitor, place: Workplace) -> Result:
    """Plan, or carry a plan out.

    Raises InputError or ModelError in one sentence; nothing is left of what failed or was cancelled.
    """
    wishes = request["wishes"]
    check(wishes)
    monitor.begin(words.SMALL_STAGE_LOAD)
    with importing():
        from mwanda_core.corpora import builtin
        from mwanda_core.shrink import Wishes, plan_from, plan_job, source_folder
        from mwanda_core.shrink.gguf_export import check as check_gguf
    planned = plan_from(request["plan"]) if "plan" in request else None
    if planned is not None and planned.source != wishes["model"]:
        raise InputError(words.SMALL_CHANGED)
    folder = source_folder(wishes["model"])
    if shared_server() and folder.num_bytes > LARGEST_SHARED:
        most = words.take_size(LARGEST_SHARED)
        raise InputError(words.SMALL_TOO_LARGE.format(size=words.take_size(folder.num_bytes), most=most))
    if wishes["gguf"]:
        check_gguf(folder, wishes["gguf"])
    if planned is not None:
        return _make(planned, wishes, folder.num_bytes, monitor, place)
    longer, languages = wishes["time"] == "longer", tuple(wishes["languages"])
    own: dict[str, Any] = {name: int(given) for name, given in wishes["own"].items()}
    if "neurons" in own:
        own["neurons"] /= 100
    asked = Wishes(
        languages,
        **own,
        at_most=round(wishes["megabytes"] * MB),
        repair=longer,
        expected_by_model=longer,
        step=256 if wishes["gguf"] and folder.text_config.get("intermediate_size", 0) >= 1024 else 64,
        tokens=1280 if longer else 512,
        rounds=3 if longer else 1,
    )
    plan = plan_job(wishes["model"], asked, builtin(languages), "built-in", monitor)
    return SmallPlanned(wishes, plan.to_dict())


def _make(plan: "Plan", wishes: Mapping[str, Any], size: int, monitor: Monitor, place: Workplace) -> SmallMade:
    with importing():
        from mwanda_core.after.hub import licence_of
        from mwanda_core.corpora import builtin
        from mwanda_core.shrink import make_job
        from mwanda_core.shrink.job import seen_languages
    name = f"{Path(plan.source).name.removesuffix('.gguf')}-{'-'.join(plan.languages[:4])}"
    shelf = place.scratch.place("models", name, 3 * size)
    try:
        built, texts = shelf / ".built" / name, builtin(plan.languages)
        shown = builtin(seen_languages(plan.languages)).evaluation
        made = make_job(plan, texts, built, monitor, wishes["gguf"], licence_of(plan.source), shown)
        files = sorted(built.glob("*.gguf"))
        for file in files:
            file.rename(shelf / file.name)
        monitor.plan(UNITS)
        pack(built, shelf / f"{name}.zip", monitor)
    except BaseException:
        shutil.rmtree(shelf, ignore_errors=True)
        raise
    shutil.rmtree(shelf / ".built")
    return SmallMade(str(shelf / f"{name}.zip"), str(shelf / files[0].name) if files else "", made.tables)


KIND = Kind("small", lambda request: words.SMALL_JOB["make" if "plan" in request else "plan"], work, lambda request: LENT)
