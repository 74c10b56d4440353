"""`mwanda runs ...`: the runs that are kept, in the folder that the page keeps them in too."""

import dataclasses
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from mwanda_core.cli.options import Json, RunName, StoreFolder, run_folder, store_in
from mwanda_core.cli.terminal import Bar, echo_json, plain_errors
from mwanda_core.errors import InputError

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Runs that are kept: list, show, compare, delete, export, import."
)


@app.command("list")
def list_runs(
    words: Annotated[
        list[str] | None, typer.Argument(help="Only runs whose title, name, model or languages have these.")
    ] = None,
    model: Annotated[str, typer.Option(help="Only runs of this model.")] = "",
    method: Annotated[str, typer.Option(help="Only runs with a method of this title.")] = "",
    language: Annotated[str, typer.Option(help="Only runs that calibrated on or scored this language (its code).")] = "",
    order: Annotated[
        str, typer.Option(help="made, id, title, model, method, sparsity, mean_increase or worst_increase.")
    ] = "made",
    ascending: Annotated[bool, typer.Option("--ascending", help="Lowest first.")] = False,
    store: StoreFolder = None,
    json_: Json = False,
) -> None:
    """The runs that are kept, newest first; and below them what was started and never finished, and what cannot be read."""
    with plain_errors():
        from mwanda_core.cli.showing import entry_line

        kept = store_in(store)
        found = kept.find(
            " ".join(words or []), model=model, method=method, language=language, order=order, descending=not ascending
        )
        unfinished, damaged = kept.unfinished(), kept.damaged()
        if json_:
            echo_json(
                {
                    "folder": str(kept.folder),
                    "runs": [dataclasses.asdict(entry) for entry in found],
                    "unfinished": [dataclasses.asdict(entry) for entry in unfinished],
                    "damaged": damaged,
                }
            )
            return
        for entry in found:
            typer.echo(entry_line(entry))
        if not found:
            typer.echo(f"No run {'like this ' if words or model or method or language else ''}is kept in {kept.folder}.")
        for left in unfinished:
            typer.echo(
                f"Unfinished: {left.id}  {left.title}; started {left.started} UTC{f'; {left.error}' if left.error else ''}"
            )
        for folder, why in damaged.items():
            typer.echo(f"Damaged: {folder}  {why}")


@app.command()
def show(run: RunName, store: StoreFolder = None, json_: Json = False) -> None:
    """What a run did to every language, its notes, and the command that repeats it."""
    with plain_errors():
        from mwanda_core.after.repeat import again
        from mwanda_core.cli.showing import report_lines
        from mwanda_core.store.report import load_report

        folder = run_folder(store_in(store), run)
        report = load_report(folder)
        repeat = again(report)
        if json_:
            tables = {name: table.to_dict(orient="records") for name, table in report.tables.items()}
            echo_json({**report.facts, "folder": str(folder), "command": repeat.command, "tables": tables})
            return
        for line in report_lines(report):
            typer.echo(line)
        typer.echo(f"\n{folder}\n{repeat.command}")


@app.command()
def compare(
    runs: Annotated[list[str], typer.Argument(metavar="RUN RUN...", help="Two to six runs: names or folders.")],
    baseline: Annotated[str, typer.Option(help="The run that the others are compared with; empty: the first.")] = "",
    masks: Annotated[bool, typer.Option("--masks", help="Also how much the masks have in common, by pair and matrix.")] = False,
    store: StoreFolder = None,
    json_: Json = False,
) -> None:
    """Differences between runs by language, paired on the texts and items that both scored; and between their masks."""
    with plain_errors():
        from mwanda_core.after.comparison import compare_runs
        from mwanda_core.after.mask_comparison import compare_masks
        from mwanda_core.cli.comparing import mask_facts, mask_lines
        from mwanda_core.cli.showing import comparison_lines
        from mwanda_core.progress import Monitor
        from mwanda_core.store.report import load_report

        if baseline and baseline not in runs:
            raise InputError(f"The baseline must be one of the runs compared; it was given {baseline!r}.")
        kept = store_in(store)
        folders = [run_folder(kept, run) for run in runs]
        reports = [load_report(folder) for folder in folders]
        found = compare_runs(reports, runs.index(baseline) if baseline else 0)
        named = {report.id: folder for report, folder in zip(reports, folders, strict=True)}
        common = compare_masks(named, Monitor(on_progress=Bar())) if masks else None
        Bar.clear()
        if json_:
            facts = {
                "baseline": found.baseline,
                "runs": found.runs,
                "languages": found.languages.to_dict(orient="records"),
                "settings": found.settings.to_dict(orient="records"),
                "layers": found.layers.to_dict(orient="records"),
                "notes": found.notes,
            }
            echo_json(facts if common is None else {**facts, "masks": mask_facts(common)})
            return
        for line in comparison_lines(found):
            typer.echo(line)
        for line in mask_lines(common) if common is not None else ():
            typer.echo(line)


@app.command()
def delete(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Names of kept or unfinished runs.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    store: StoreFolder = None,
) -> None:
    """Delete runs for good, or drop unfinished ones from the list."""
    with plain_errors():
        kept = store_in(store)
        unfinished = {entry.id for entry in kept.unfinished()}
        if not yes:
            typer.confirm(f"Delete {', '.join(runs)} for good?", abort=True)
        for run in runs:
            kept.forget(run) if run in unfinished else kept.delete(run)
            typer.echo(f"Deleted {run}.")


@app.command()
def export(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Names or folders; more than one only with --tables.")],
    out: Annotated[Path, typer.Option(help="The zip file to write.")],
    tables: Annotated[bool, typer.Option("--tables", help="Only the tables, as CSV and Parquet, for other programs.")] = False,
    statistics: Annotated[bool, typer.Option(help="With the dense statistics.")] = True,
    store: StoreFolder = None,
) -> None:
    """Write a run as one zip file that `mwanda runs import` takes on another machine, or only its tables."""
    with plain_errors():
        from mwanda_core.after.export import tables_zip
        from mwanda_core.store.archive import export_zip
        from mwanda_core.store.report import load_report
        from mwanda_core.store.run_store import RunStore

        kept = store_in(store)
        folders = [run_folder(kept, run).resolve() for run in runs]
        if tables:
            tables_zip([load_report(folder) for folder in folders], out)
        elif len(folders) == 1:
            export_zip(RunStore(folders[0].parent), folders[0].name, out, statistics)
        else:
            raise InputError(f"A zip file holds one run; {len(folders)} were given: export them one by one, or add --tables.")
        typer.echo(f"Written to {out}.")


@app.command("import")
def import_run(
    source: Annotated[Path, typer.Argument(help="A zip file of a run, or the folder that `mwanda prune --out` wrote.")],
    store: StoreFolder = None,
    json_: Json = False,
) -> None:
    """Keep a run that comes from elsewhere, after every file was checked."""
    with plain_errors():
        from mwanda_core.store.archive import export_zip, import_zip
        from mwanda_core.store.run_store import RunStore

        kept = store_in(store)
        if source.is_dir():
            folder = source.resolve()
            with tempfile.TemporaryDirectory(prefix="mwanda-") as scratch:
                packed = export_zip(RunStore(folder.parent), folder.name, Path(scratch) / f"{folder.name}.zip")
                id = import_zip(kept, packed)
        else:
            id = import_zip(kept, source)
        facts: dict[str, Any] = {"run": id, "folder": str(kept.path(id))}
        echo_json(facts) if json_ else typer.echo(f"Kept as {id}.")
