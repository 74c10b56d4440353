"""`mwanda ...`: the same calls as the page. Heavy modules load inside the commands, so that `--help` is immediate."""

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mwanda_core.cli import attach
from mwanda_core.cli.derived import Given, with_settings
from mwanda_core.cli.options import Json
from mwanda_core.cli.terminal import EXIT_INPUT, Bar, echo_json, plain_errors
from mwanda_core.errors import InputError

if TYPE_CHECKING:
    from mwanda_core.run.experiment import Settings

__all__ = ["EXIT_INPUT", "app", "main"]

app = typer.Typer(
    # Plain help: rich alone takes longer to import than everything that `--help` needs.
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help=__doc__.split("\n")[0],
)


@app.command()
@with_settings(names_model=False)
def prune(
    given: Given,
    out: Annotated[Path | None, typer.Option(help="Folder for report.json, Parquet tables and masks.")] = None,
    save_model: Annotated[bool, typer.Option(help="Also write the pruned model to OUT/model (safetensors).")] = False,
    json_: Json = False,
) -> None:
    """Prune a model, measure every language before and after, and write the report."""
    with plain_errors():
        from mwanda_core.store.format import REPORT_FILE
        from mwanda_core.store.whole import refuse_occupied

        if save_model and out is None:
            raise InputError("--save-model needs a folder: add --out DIR.")
        settings = given.settings()
        refuse_occupied(out, REPORT_FILE, "run")
        if given.advice and not json_:
            typer.echo(f"{given.advice.sentence}\n")
        _run(settings, out, save_model, json_)


def _run(settings: "Settings", out: Path | None, save_model: bool, as_json: bool) -> None:
    from mwanda_core.after.export import export_model
    from mwanda_core.after.hub import licence_of
    from mwanda_core.cli.showing import report_lines
    from mwanda_core.progress import Monitor
    from mwanda_core.run.experiment import Workbench

    bench = Workbench()
    with bench.pruned(settings, Monitor(on_progress=Bar())) as run:
        if out is not None:
            run.save(out)
            if save_model:
                model = bench.model(settings.model, settings.device, settings.dtype)
                export_model(model, run.result, run.report, out / "model", licence_of(model.source))
    Bar.clear()
    if as_json:
        tables = {name: table.to_dict(orient="records") for name, table in run.report.tables.items()}
        echo_json({**run.report.facts, "tables": tables})
        return
    for line in report_lines(run.report):
        typer.echo(line)
    if out is not None:
        typer.echo(f"\nWritten to {out}.")


@app.command()
def methods(
    all_: Annotated[bool, typer.Option("--all", help="Also the parts that each is made of, with their knobs.")] = False,
    json_: Json = False,
) -> None:
    """The named methods by purpose; the first three are what fast, balanced and best stand for where nothing speaks against them."""
    from mwanda_core.methods.catalogue import method_lines
    from mwanda_core.methods.recipes import RECIPES

    if json_:
        typer.echo(json.dumps({name: found.to_dict() for name, found in RECIPES.items()}, ensure_ascii=False, indent=1))
        return
    for line in method_lines() if all_ else method_lines(False, max(60, shutil.get_terminal_size((100, 24)).columns)):
        typer.echo(line)


@app.command()
def parts(json_: Json = False) -> None:
    """Every part of every choice: its knobs, what it needs measured, and its source. `mwanda prune --score NAME` takes one."""
    from mwanda_core.methods.catalogue import part_entries, part_lines

    if json_:
        typer.echo(json.dumps(part_entries(), ensure_ascii=False, indent=1))
        return
    for line in part_lines():
        typer.echo(line)


@app.command()
def languages(json_: Json = False) -> None:
    """The languages with built-in passages."""
    from mwanda_core.corpora import builtin_languages
    from mwanda_core.languages import language

    found = [language(code) for code in builtin_languages()]
    if json_:
        typer.echo(json.dumps([vars(entry) for entry in found], ensure_ascii=False, indent=1))
        return
    for entry in found:
        typer.echo(f"{entry.code:<5}{entry.name:<14}{entry.endonym}  ({entry.script}, {entry.region})")


@app.command("app")
def app_command(
    host: Annotated[str, typer.Option(help="Address to listen on; the default is this machine alone.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one from 7860 on.")] = 0,
    allow_host: Annotated[list[str] | None, typer.Option(help="Further name that the page is reached by; repeatable.")] = None,
    trust_proxy: Annotated[list[str] | None, typer.Option(help="Proxy whose forwarded headers are believed.")] = None,
    root_path: Annotated[str, typer.Option(help="Path below which a proxy shows the page.")] = "",
    auth: Annotated[str, typer.Option(help="user:password that shows the owner; better in MWANDA_AUTH.")] = "",
) -> None:
    """Open the page in a browser."""
    with plain_errors():
        try:
            from components.app.page import launch
        except ModuleNotFoundError as error:
            raise InputError(f"The page needs the package {error.name}, which is not installed.") from error
        launch(host, port or None, False, root_path, allowed=allow_host or (), proxies=trust_proxy or (), login=auth)


attach(app)


def main() -> None:
    """The console script."""
    from mwanda_core.holding import ends_at_a_signal

    ends_at_a_signal()
    app()
