"""The default job of the page on the built-in model, as a visitor waits for it: when the first figure is there, and when the last one is.

    python -m benchmarks.default_job [--device cuda]

Three jobs in one process whose engine is imported, as the page's is when somebody presses Prune: cold (no model in memory), warm (another
sparsity: the model and its statistics are at hand), and the cold one's scores again with all texts and all choices at once, as they were before there
were looks. Dense scores come with the package. Seconds since Prune, by the clock and in CPU time over all threads, which other programs
disturb less; a first figure counts when it is drawn. Goals on two quiet cores: the first figure after 10 s, the end after 40.
"""

import argparse
import dataclasses
import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import torch

from benchmarks.common import command_of, provenance, table_of, write
from components import figures
from components.form.form import make_request, new_form, to_settings
from mwanda_core.models import choose_device
from mwanda_core.progress import Monitor, Progress
from mwanda_core.run.experiment import Workbench
from mwanda_core.run.settings import Settings
from mwanda_core.store.report import RunReport

FIRST_GOAL, END_GOAL = 10.0, 40.0


class Line:
    """The time line of one job."""

    def __init__(self, job: str) -> None:
        self.job, self.rows = job, list[dict[str, Any]]()
        self.started, self.cpu = time.perf_counter(), time.process_time()

    def heard(self, progress: Progress) -> None:
        """Work was reported, and sometimes what is known so far."""
        if progress.found is not None:
            self.shown(progress.found)

    def shown(self, report: RunReport) -> None:
        """More is known: the figure is drawn, as the page draws it."""
        figures.perplexity_dots(report).to_plotly_json()
        texts = report.tables["languages"]["texts"]
        answered = 0 if report.tables["choices"].empty else report.tables["choices"]["language"].nunique()
        moment = "end" if not report.facts.get("interim") else "first figure" if not self.rows else "more"
        self.rows.append(
            {
                "job": self.job, "moment": moment, "seconds": time.perf_counter() - self.started,
                "cpu_seconds": time.process_time() - self.cpu, "texts": f"{texts.min()}-{texts.max()}", "choices": answered,
                "half_widest": float((report.tables["languages"]["increase_high"] - report.tables["languages"]["increase_low"]).max() / 2),
            }
        )  # fmt: skip


def one(bench: Workbench, job: str, settings: Settings) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """The time line of a job, and what its stages took."""
    line = Line(job)
    report = bench.run(settings, Monitor(line.heard)).report
    line.shown(report)
    return line.rows, {"job": job, **report.facts["timings"]}  # type: ignore[dict-item]


def main() -> None:
    """See the module docstring."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--device", default="auto")
    parser.add_argument("--skip-all", action="store_true", help="leave out the job that scores everything at once")
    given = parser.parse_args()
    usual = dataclasses.replace(to_settings(make_request(new_form())), device=given.device)
    device = choose_device(given.device)
    bench = Workbench()
    jobs = {"cold": usual, "warm": dataclasses.replace(usual, sparsity=0.6)}
    if not given.skip_all:
        jobs["all at once"] = dataclasses.replace(usual, precision=0.0)
    rows, stages, load = [], [], {}
    for job, settings in jobs.items():
        load[job] = [round(number, 1) for number in os.getloadavg()]
        found, timings = one(bench, job, settings)
        rows += found
        stages.append(timings)
        # After every job: a benchmark that is cut off leaves what it measured.
        keep(pd.DataFrame(rows), stages, load, usual.precision, device, command_of("default_job", parser, given))


def keep(
    frame: pd.DataFrame, stages: Sequence[Mapping[str, Any]], load: Mapping[str, list[float]], precision: float, device: torch.device,
    command: str,
) -> None:  # fmt: skip
    """Write the results."""
    hardware = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
    milestones = frame[frame["moment"] != "more"]
    facts = provenance(
        command, device=hardware, cores=os.cpu_count(), load_before=load, goals={"first": FIRST_GOAL, "end": END_GOAL},
        precision=precision, stages=stages,
    )  # fmt: skip
    body = (
        f"{table_of(milestones)}\n\n## Stages, seconds by the clock\n\n{table_of(pd.DataFrame(stages))}\n\n"
        f"{torch.get_num_threads()} threads on {os.cpu_count()} cores, device {hardware}. Goals on two quiet cores: first figure {FIRST_GOAL:g} s, end {END_GOAL:g} s. "
        f"Programs that were running when each job began (load average over 1, 5, 15 minutes): {load}."
    )
    name = "default_job" if device.type == "cpu" else f"default_job_{device.type}"
    write(name, frame, facts, f"The default job on {hardware}: Gemma 3 270M, six languages, up to 12 texts each", body)


if __name__ == "__main__":
    main()
