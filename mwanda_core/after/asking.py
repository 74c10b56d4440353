"""A study asked of a run that was kept: what is looked at beside the dense model is the model as that run pruned it, from its masks."""

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mwanda_core.after.reapply import Applied, apply_masks
from mwanda_core.errors import InputError
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.run.settings import Settings, settings_from
from mwanda_core.run.study_alone import run_study
from mwanda_core.store.report import RunReport, load_report
from mwanda_core.studies import STUDIES, Study
from mwanda_core.studies.base import Bench
from mwanda_core.studies.result import StudyResult

if TYPE_CHECKING:
    from mwanda_core.corpora import Packed
    from mwanda_core.engine.measure import BlockStats


@dataclasses.dataclass(frozen=True)
class KeptRun:
    """What a study reads of a run (`run.experiment.Run`), of one that was kept."""

    report: RunReport
    result: Applied


@dataclasses.dataclass(frozen=True)
class _Kept:
    """A workbench on which a run is not made anew but put on from its masks, whatever the settings."""

    bench: Bench
    dense: LanguageModel
    folder: Path

    def model(self, source: str, device: str = "auto", dtype: str = "auto") -> LanguageModel:
        return self.dense

    def dense_stats(self, model: LanguageModel, packed: "Packed", monitor: Monitor) -> "tuple[BlockStats, ...]":
        return self.bench.dense_stats(model, packed, monitor)

    @contextlib.contextmanager
    def pruned(self, settings: Settings, monitor: Monitor | None = None) -> Iterator[Any]:
        with apply_masks(self.dense, self.folder) as applied:
            yield KeptRun(applied.report, applied)


def check_asked(study: Study) -> None:
    """Raises InputError for a study that does not look at a run."""
    if not study.of_run:
        able = ", ".join(name for name, kind in STUDIES.items() if kind.of_run)
        raise InputError(f"The study {study.name!r} cannot be asked of a kept run; {able} can.")


def ask_run(study: Study, folder: Path, model: LanguageModel, bench: Bench, monitor: Monitor) -> StudyResult:
    """The study's tables and notes, with the settings of the run; facts name the run, too. `model`: the run's dense one. It is dense again
    afterwards, bit for bit.

    Raises InputError for a study that does not look at a run, RunError for a run that cannot be applied to this model, and what
    `run_study` raises.
    """
    check_asked(study)
    report = load_report(Path(folder))
    settings = settings_from(report.facts["settings"])
    found = run_study(study, _Kept(bench, model, Path(folder)), settings, monitor)
    return dataclasses.replace(found, facts={**found.facts, "run": report.id})
