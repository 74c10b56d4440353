"""`mwanda studies` and `mwanda tasks` list what can be asked of a model, `mwanda study NAME` asks it. All read the tables."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mwanda_core.cli import options
from mwanda_core.cli.options import Json, held_out_of
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


def study(
    name: Annotated[str, typer.Argument(help="Which: see `mwanda studies`.")],
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="A setting of the study, name=value; may be repeated.")
    ] = None,
    model: options.Model = "gemma-3-270m",
    languages: Annotated[str, typer.Option(help="Calibration languages, separated by commas.")] = "en,de,hi,sw",
    held_out: Annotated[str, typer.Option(help="Languages that are scored only; 'auto' takes two, 'none' none.")] = "auto",
    method: Annotated[str, typer.Option(help="How the model is pruned where the study asks that.")] = "m-wanda",
    sparsity: Annotated[float, typer.Option(help="Share of the weights to remove there.")] = 0.5,
    tokens: options.Tokens = 1280,
    sequence_length: options.SequenceLength = 128,
    texts: options.TextSource = "built-in",
    eval_texts: options.EvalTexts = 12,
    seed: options.Seed = 0,
    device: options.Device = "auto",
    dtype: options.Dtype = "auto",
    out: Annotated[Path | None, typer.Option(help="Folder for study.json and Parquet tables.")] = None,
    json_: Json = False,
) -> None:
    """Ask one study of a model: `mwanda study profile --set texts=8 --out DIR`."""
    with plain_errors():
        from mwanda_core.languages import parse_codes
        from mwanda_core.progress import Monitor
        from mwanda_core.studies import study_with

        wanted = study_with(name, set_ or [])
        from mwanda_core.run.experiment import Settings, Workbench
        from mwanda_core.run.study_alone import run_study, seconds

        codes = parse_codes(languages)
        settings = Settings(
            model=model, languages=codes, held_out=held_out_of(held_out, texts, codes), method=method, sparsity=sparsity,
            tokens_per_language=tokens, sequence_length=sequence_length, texts=texts, eval_texts=eval_texts, seed=seed, device=device,
            dtype=dtype,
        )  # fmt: skip
        bench = Workbench()
        expected = seconds(wanted, settings, bench.model(settings.model, settings.device, settings.dtype))
        typer.echo(f"{wanted.title}: about {_spoken(expected)} on such a machine.", err=True)
        found = run_study(wanted, bench, settings, Monitor(on_progress=Bar()))
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
