"""`mwanda runs unfinished` and `mwanda runs resume`: runs whose program ended before they did."""

import dataclasses
from typing import Annotated

import typer

from mwanda_core.cli.options import Json, StoreFolder, store_in
from mwanda_core.cli.terminal import Bar, echo_json, plain_errors
from mwanda_core.errors import RunError


def unfinished(store: StoreFolder = None, json_: Json = False) -> None:
    """Runs that were started and never finished, because the program was killed or crashed; the newest first."""
    with plain_errors():
        from mwanda_core.store.run_store import REDONE

        kept = store_in(store)
        found = kept.unfinished()
        if json_:
            echo_json(
                {"folder": str(kept.folder), "unfinished": [dataclasses.asdict(entry) for entry in found], "note": REDONE}
            )
            return
        for entry in found:
            typer.echo(f"{entry.id}  {entry.title}; started {entry.started} UTC{f'; {entry.error}' if entry.error else ''}")
        typer.echo(f"\n`mwanda runs resume ID` starts one again. {REDONE}" if found else "No run was cut off.")


def resume(
    run: Annotated[str, typer.Argument(metavar="ID", help="The name of an unfinished run: see `mwanda runs unfinished`.")],
    store: StoreFolder = None,
    json_: Json = False,
) -> None:
    """Start a run that was cut off again, with its own settings, and keep it; what was scored of the dense model is not scored
    again."""
    with plain_errors("the run stays in the list of unfinished ones."):
        from mwanda_core.cli.showing import report_lines
        from mwanda_core.progress import Monitor
        from mwanda_core.run.experiment import Workbench

        kept = store_in(store)
        kept.tidy()
        entry = next((left for left in kept.unfinished() if left.id == run), None)
        if entry is None:
            raise RunError(f"There is no unfinished run named {run[:60]!r}; `mwanda runs unfinished` lists them.")
        settings = entry.again()
        # The old entry goes when the new run is kept: cancelled or refused, the run is as unfinished as before.
        with kept.started(settings, entry.title):
            found = Workbench().run(settings, Monitor(on_progress=Bar()))
            folder = kept.save(found)
        kept.forget(entry.id)
        Bar.clear()
        if json_:
            echo_json({"run": found.report.id, "folder": str(folder)})
            return
        for line in report_lines(found.report):
            typer.echo(line)
        typer.echo(f"\nKept as {found.report.id}.")
