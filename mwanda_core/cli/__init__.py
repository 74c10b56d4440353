"""The commands for runs after they are finished, one file a group. Heavy modules load inside the commands, as in `cli`."""

import typer

from mwanda_core.cli import applied, explaining, prompting, protecting, shrinking, stored, study, sweeping, unfinished


def attach(app: typer.Typer) -> None:
    """Give `mwanda` the commands `runs ...`, `apply`, `push`, `cost`, `sweep`, `protect`, `prompt`, `studies`, `study`, `tasks` and `shrink`."""
    stored.app.command("apply")(applied.apply)
    stored.app.command("anew")(applied.anew)
    stored.app.command("weight")(explaining.weight)
    stored.app.command("unfinished")(unfinished.unfinished)
    stored.app.command("resume")(unfinished.resume)
    app.add_typer(stored.app, name="runs")
    for command in (
        applied.apply,
        applied.push,
        applied.cost,
        sweeping.sweep,
        protecting.protect,
        prompting.prompt,
        study.studies,
        study.study,
        study.tasks,
        shrinking.shrink,
    ):
        app.command()(command)
