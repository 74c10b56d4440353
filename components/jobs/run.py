"""The job that carries out what stands in the form."""

from components.form.form import title_of, to_settings
from components.jobs.kind import Kind, Request, RunSaved, Workplace
from mwanda_core.progress import Monitor


def work(request: Request, monitor: Monitor, place: Workplace) -> RunSaved:
    """Prune and measure."""
    settings = to_settings(request)
    with place.store.started(settings, title_of(request)):  # A run that dies with the process is listed as unfinished.
        run = place.bench.run(settings, monitor)
        place.store.kept.save(run)
    return RunSaved(str(run.report.id))


def seconds_needed(request: Request) -> int:
    """GPU seconds to ask for: near what a small model takes."""
    languages = len(request["languages"]) + len(request["held_out"])
    calibration = len(request["languages"]) * float(request["tokens_per_language"]) / 20_000
    measuring = languages * float(request["eval_texts"]) * (0.10 if request["choices"] else 0.03)
    walk = 2.0 if request["mode"] == "sequential" else 1.0
    return round(min(110.0, max(40.0, 30.0 + 4.0 * walk * calibration + measuring)))


KIND = Kind("run", title_of, work, seconds_needed)
