"""`mwanda studies` and `mwanda tasks` list what can be asked of a model, `mwanda study NAME` asks it. All read the tables."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mwanda_core.cli.derived import OF_RUNS, Given, with_settings
from mwanda_core.cli.options import Json, StoreFolder, run_folder, store_in
from mwanda_core.cli.terminal import Bar, echo_json, plain_errors

if TYPE_CHECKING:
    from mwanda_core.studies.base import TableSpec
    from mwanda_core.studies.result import StudyResult

MOST_ROWS = 24
"""Rows of a table that are printed; the files have all."""


def studies(json_: Json = False) -> None:
    """The studies: what each asks, how, what it costs, and its settings."""
    from mwanda_core.studies import described

    _print(described.entries(), described.lines(), json_)


def tasks(json_: Json = False) -> None:
    """The benchmarks: what each asks, in which languages, and where it comes from."""
    from mwanda_core.tasks import described

    _print(described.entries(), described.lines(), json_)


def _print(entries: list[dict[str, Any]], lines: Iterator[str], as_json: bool) -> None:
    if as_json:
        echo_json(entries)
        return
    for line in lines:
        typer.echo(line)


@with_settings(but=OF_RUNS, combines=False)
def study(
    given: Given,
    name: Annotated[str, typer.Argument(help="Which: see `mwanda studies`.")],
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="A setting of the study, name=value; may be repeated.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for study.json and Parquet tables.")] = None,
    run: Annotated[
        str,
        typer.Option(
            "--run", metavar="RUN", help="A kept run (its name, or its folder) that is asked about, with its settings."
        ),
    ] = "",
    store: StoreFolder = None,
    json_: Json = False,
) -> None:
    """Ask one study of a model: `mwanda study profile --set texts=8 --out DIR`; or of a kept run: `mwanda study circuits --run RUN`."""
    with plain_errors():
        from mwanda_core.progress import Monitor
        from mwanda_core.store.whole import refuse_occupied
        from mwanda_core.studies import study_with

        wanted = study_with(name, set_ or [])
        from mwanda_core.run.experiment import Workbench
        from mwanda_core.run.study_alone import check_study, run_study, seconds
        from mwanda_core.store.format import STUDY_FILE

        settings, folder = given.settings(), None
        if run:
            from mwanda_core.after.asking import ask_run, check_asked
            from mwanda_core.run.settings import settings_from
            from mwanda_core.store.report import read_facts

            check_asked(wanted)
            folder = run_folder(store_in(store), run)
            facts = read_facts(folder)
            settings = settings_from({**facts["settings"], "dtype": facts["model"].get("dtype", "auto")})
        check_study(wanted, settings)
        refuse_occupied(out, STUDY_FILE, "study")
        bench = Workbench()
        model = bench.model(settings.model, settings.device, settings.dtype)
        expected = seconds(wanted, settings, model)
        typer.echo(f"{wanted.title}: about {_spoken(expected)} on such a machine.", err=True)
        monitor = Monitor(on_progress=Bar())
        found = (
            run_study(wanted, bench, settings, monitor) if folder is None else ask_run(wanted, folder, model, bench, monitor)
        )
        Bar.clear()
        if out is not None:
            found.save(out)
        if json_:
            tables = {key: table.to_dict(orient="records") for key, table in found.tables.items()}
            echo_json({**found.facts, "notes": list(found.notes), "tables": tables})
            return
        for line in result_lines(found, wanted.tables):
            typer.echo(line)
        if out is not None:
            typer.echo(f"\nWritten to {out}.")


def result_lines(found: "StudyResult", specs: "tuple[TableSpec, ...]") -> Iterator[str]:
    """Every declared table with the columns that its study describes, then notes."""
    for spec in specs:
        if spec.name not in found.tables:
            continue
        table = found.tables[spec.name]
        shown = [column for column in table.columns if column in spec.columns]
        yield f"{spec.title} ({spec.name})"
        yield table[shown].head(MOST_ROWS).to_string(index=False, float_format=lambda value: f"{value:.4g}", max_colwidth=48)
        if len(table) > MOST_ROWS:
            yield f"... and {len(table) - MOST_ROWS} more rows"
        yield ""
    for note in found.notes:
        yield f"Note: {note}"


def _spoken(seconds: float) -> str:
    return f"{max(1, round(seconds))} s" if seconds < 90 else f"{round(seconds / 60)} min"
