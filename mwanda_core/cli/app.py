"""`mwanda ...`: the same calls as the page. Heavy modules load inside the commands, so that `--help` is immediate."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mwanda_core.cli import attach
from mwanda_core.cli.options import names
from mwanda_core.cli.terminal import EXIT_INPUT, Bar, echo_json, plain_errors
from mwanda_core.errors import InputError
from mwanda_core.studies import STUDIES, Beside

if TYPE_CHECKING:
    from mwanda_core.run.experiment import Settings

__all__ = ["EXIT_INPUT", "app", "main"]

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__.split("\n")[0])

_BESIDE = tuple(name for name, study in STUDIES.items() if issubclass(study, Beside))
_PART_HELP = "A part in place of the method's own: see `mwanda parts`."


@app.command()
def prune(
    model: Annotated[
        str, typer.Argument(help="gemma-3-270m (built in), a Hub id, a folder, or a .gguf file.")
    ] = "gemma-3-270m",
    languages: Annotated[
        str, typer.Option(help="Calibration languages: codes or English names, separated by commas.")
    ] = "en,de,hi,sw",
    held_out: Annotated[str, typer.Option(help="Languages that are scored only; 'auto' takes two, 'none' none.")] = "auto",
    sparsity: Annotated[float, typer.Option(help="Share of the weights to remove, 0 to 0.99.")] = 0.5,
    method: Annotated[str, typer.Option(help="A named method: see `mwanda methods`.")] = "m-wanda",
    activation: Annotated[str, typer.Option(help=_PART_HELP)] = "",
    score: Annotated[str, typer.Option(help=_PART_HELP)] = "",
    allocation: Annotated[str, typer.Option(help=_PART_HELP)] = "",
    rows: Annotated[str, typer.Option(help=_PART_HELP)] = "",
    repair: Annotated[str, typer.Option(help=_PART_HELP)] = "",
    solver: Annotated[str, typer.Option(help=_PART_HELP)] = "",
    pattern: Annotated[
        str,
        typer.Option(help="unstructured, layer, global, or N:M such as 2:4 (and --set mixed=true); empty: the method's own."),
    ] = "",
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="A knob, name=value, or choice.name=value (solver.alpha=0.5); may be repeated."),
    ] = None,
    mode: Annotated[str, typer.Option(help="sequential (Wanda's walk) or one-pass.")] = "one-pass",
    tokens: Annotated[int, typer.Option(help="Calibration tokens per language.")] = 1280,
    sequence_length: Annotated[int, typer.Option(help="Tokens in a sequence.")] = 128,
    texts: Annotated[
        str, typer.Option(help="built-in, c4, wikipedia, flores+, or a folder with one <code>.txt per language.")
    ] = "built-in",
    evaluation_texts: Annotated[str, typer.Option(help="Other texts to score on; empty: the other half of --texts.")] = "",
    eval_texts: Annotated[int, typer.Option(help="Texts scored per language.")] = 12,
    choices: Annotated[bool, typer.Option(help="Also score four-way choices.")] = True,
    seed: Annotated[int, typer.Option(help="Order of the calibration passages and of the choices.")] = 0,
    tasks: Annotated[
        str,
        typer.Option(
            help="Benchmarks to answer before and after, separated by commas: multiblimp, bmlama, xcopa, ... (docs/tasks.md)."
        ),
    ] = "",
    task_texts: Annotated[str, typer.Option(help="Where benchmarks come from: hub, or a folder.")] = "hub",
    task_items: Annotated[int, typer.Option(help="Questions per language and benchmark.")] = 100,
    studies: Annotated[
        str,
        typer.Option(
            help=f"Studies beside the losses, separated by commas: {', '.join(_BESIDE)}; 'all' for all of them. See `mwanda studies`."
        ),
    ] = "",
    spare_neurons: Annotated[
        str, typer.Option(help="Calibration languages whose language neurons are kept: codes or names, separated by commas.")
    ] = "",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")] = "auto",
    dtype: Annotated[str, typer.Option(help="auto, float32, bfloat16 or float16.")] = "auto",
    out: Annotated[Path | None, typer.Option(help="Folder for report.json, Parquet tables and masks.")] = None,
    save_model: Annotated[bool, typer.Option(help="Also write the pruned model to OUT/model (safetensors).")] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Prune a model, measure every language before and after, and write the report."""
    with plain_errors():
        from mwanda_core.cli.combining import combined
        from mwanda_core.languages import parse_codes
        from mwanda_core.run.experiment import Settings, default_held_out

        if save_model and out is None:
            raise InputError("--save-model needs a folder: add --out DIR.")
        codes = parse_codes(languages)
        parts = {
            "activation": activation, "score": score, "allocation": allocation, "rows": rows, "repair": repair, "solver": solver
        }  # fmt: skip
        others = {"auto": default_held_out(codes) if texts == "built-in" else (), "none": ()}
        settings = Settings(
            model=model,
            languages=codes,
            held_out=others[held_out] if held_out in others else parse_codes(held_out),
            method=combined(method, parts, pattern, set_ or []).to_dict(),
            sparsity=sparsity,
            mode=mode,
            tokens_per_language=tokens,
            sequence_length=sequence_length,
            texts=texts,
            evaluation_texts=evaluation_texts,
            eval_texts=eval_texts,
            choices=choices,
            seed=seed,
            tasks=names(tasks),
            task_texts=task_texts,
            task_items=task_items,
            studies=_BESIDE if studies.strip() == "all" else names(studies),
            spare_neurons=parse_codes(spare_neurons) if spare_neurons.strip() else (),
            device=device,
            dtype=dtype,
        )
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
    json_: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """The named methods by purpose, and the parts each is made of."""
    from mwanda_core.methods.catalogue import method_lines
    from mwanda_core.methods.recipes import RECIPES

    if json_:
        typer.echo(json.dumps({name: found.to_dict() for name, found in RECIPES.items()}, ensure_ascii=False, indent=1))
        return
    for line in method_lines():
        typer.echo(line)


@app.command()
def parts(
    json_: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Every part of every choice: its knobs, what it needs measured, and its source. `mwanda prune --score NAME` takes one."""
    from mwanda_core.methods.catalogue import part_entries, part_lines

    if json_:
        typer.echo(json.dumps(part_entries(), ensure_ascii=False, indent=1))
        return
    for line in part_lines():
        typer.echo(line)


@app.command()
def languages(
    json_: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
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
) -> None:
    """Open the page in a browser."""
    with plain_errors():
        try:
            from components.app.page import launch
        except ModuleNotFoundError as error:
            raise InputError(f"The page needs the package {error.name}, which is not installed.") from error
        launch(host, port or None)


attach(app)


def main() -> None:
    """The console script."""
    app()
