"""`mwanda apply`, `runs anew`, `push` and `cost`: a kept run's masks on the dense model again, and what is done with the model then."""

import contextlib
import dataclasses
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mwanda_core.cli.options import Device, Json, OtherModel, RunName, StoreFolder, run_folder, store_in
from mwanda_core.cli.terminal import Bar, echo_json, plain_errors
from mwanda_core.errors import RunError

if TYPE_CHECKING:
    from mwanda_core.after.reapply import Applied
    from mwanda_core.models import LanguageModel

TOKEN = "HF_TOKEN"
"""The variable that the token is read from; it is never an option, for a shell keeps what was typed."""


def apply(
    run: RunName,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the model, empty or not there; by default one here, named after the run.")
    ] = None,
    sparsity: Annotated[
        float | None, typer.Option(help="Another sparsity, from the states that a run of 'unipruning' kept.")
    ] = None,
    pattern: Annotated[str, typer.Option(help="With states: N:M, or the scope (layer, row, global).")] = "",
    mix: Annotated[str, typer.Option(help="With a state for each language: weights such as sw=2,en=1, or max.")] = "",
    model: OtherModel = "",
    device: Device = "auto",
    store: StoreFolder = None,
    json_: Json = False,
) -> None:
    """Prune the dense model as a run did, from its masks alone (or anew from its states), and write the model with a model card."""
    with plain_errors():
        started = time.perf_counter()
        reader = None if sparsity is None and not pattern and not mix else _reader(sparsity, pattern, mix)
        # Whatever was asked for is in the name, so that two readings of one run do not meet.
        asked = (
            f"{sparsity:g}" if sparsity is not None else "",
            pattern.replace(":", "of"),
            mix.replace("=", "").replace(",", "-"),
        )
        out = out or Path("-".join([Path(run).name, *filter(None, asked), "model"]))
        with _applied(run, store, model, device, reader) as (dense, found):
            _export(dense, found, out)
            seconds = time.perf_counter() - started
            facts = {"run": found.report.id, "folder": str(out), "achieved": found.achieved, "seconds": seconds}
        if json_:
            echo_json(facts)
            return
        typer.echo(f"{found.report.title}: {found.achieved:.2%} of the prunable weights are zero. Written to {out}.")


def anew(
    run: RunName,
    sparsity: Annotated[float | None, typer.Option(help="Share to remove; by default the run's own.")] = None,
    pattern: Annotated[str, typer.Option(help="N:M, or the scope (layer, row, global); by default the run's own.")] = "",
    mix: Annotated[str, typer.Option(help="With a state for each language: weights such as sw=2,en=1, or max.")] = "",
    out: Annotated[Path | None, typer.Option(help="Folder for the new run; by default it is kept with the others.")] = None,
    store: StoreFolder = None,
    json_: Json = False,
) -> None:
    """Make another run of the states that a run of 'unipruning' kept, at another sparsity, pattern or mix: measured as the first was, without its walk."""
    with plain_errors("nothing was kept."):
        from mwanda_core.after.another_sparsity import kept_states, parse_mix, settings_at
        from mwanda_core.methods.recipes import from_dict
        from mwanda_core.parts.patterns import parse_pattern
        from mwanda_core.progress import Monitor
        from mwanda_core.run.experiment import Workbench
        from mwanda_core.run.settings import settings_from

        runs = store_in(store)
        report, mirror = kept_states(run_folder(runs, run))
        wanted = parse_pattern(pattern) if pattern else from_dict(report.facts["recipe"]).pattern
        share = float(report.facts["settings"]["sparsity"]) if sparsity is None else sparsity
        settings = settings_from(settings_at(report, mirror, share, wanted, parse_mix(mix)))
        found = Workbench().run(settings, Monitor(on_progress=Bar()), mirror)
        folder = found.save(out) if out is not None else runs.save(found)
        Bar.clear()
        summary = found.report.facts["summary"]
        if json_:
            echo_json({"run": found.report.id, "folder": str(folder), "summary": summary})
            return
        typer.echo(
            f"{found.report.title}: {summary['achieved_sparsity']:.2%} of the prunable weights are zero. Kept in {folder}."
        )


def push(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A kept run, its folder, or a folder that `mwanda apply` wrote.")],
    name: Annotated[str, typer.Argument(metavar="OWNER/NAME", help="The model's name on the Hub.")],
    public: Annotated[bool, typer.Option("--public", help="Let everyone see it; else only its owner does.")] = False,
    model: OtherModel = "",
    device: Device = "auto",
    store: StoreFolder = None,
    json_: Json = False,
) -> None:
    """Upload the pruned model with its card to the Hugging Face Hub. The token is read from the variable HF_TOKEN."""
    with plain_errors("what the Hub had by then stays there."):
        from mwanda_core.after.hub import check_upload, push_model

        token = os.environ.get(TOKEN, "")
        check_upload(name, token)
        if (Path(run) / "config.json").is_file():
            address = push_model(Path(run), name, token, private=not public)
        else:
            with tempfile.TemporaryDirectory(prefix="mwanda-") as scratch:
                folder = Path(scratch) / "model"
                with _applied(run, store, model, device) as (dense, found):
                    _export(dense, found, folder)
                address = push_model(folder, name, token, private=not public)
        echo_json({"address": address}) if json_ else typer.echo(address)


def cost(
    run: RunName,
    tokens: Annotated[int, typer.Option(min=1, help="Tokens of the forward that is timed.")] = 64,
    repeats: Annotated[int, typer.Option(min=1, help="Forwards timed, dense and pruned each.")] = 7,
    model: OtherModel = "",
    device: Device = "auto",
    store: StoreFolder = None,
    json_: Json = False,
) -> None:
    """Measure on this machine what a run saves: bytes of the model, of a zip file, of the masks, and the time of a forward."""
    with plain_errors():
        from mwanda_core.after import costs
        from mwanda_core.progress import Monitor

        folder = run_folder(store_in(store), run)
        found = costs.cost(
            _dense(folder, model, device), folder, tokens=tokens, repeats=repeats, monitor=Monitor(on_progress=Bar())
        )
        Bar.clear()
        if json_:
            medians = {"dense_seconds": found.dense_seconds, "pruned_seconds": found.pruned_seconds}
            echo_json({**dataclasses.asdict(found), **medians, "words": found.words})
            return
        for sentence in found.words:
            typer.echo(sentence)
        typer.echo("\nWhat hardware makes of zeros:")
        for statement in found.statements:
            typer.echo(f"- {statement.text} [{statement.source}; {costs.BASES[statement.basis]}]")


def _dense(folder: Path, model: str, device: str) -> "LanguageModel":
    """The dense model of a run, in the run's number type.

    Raises RunError when the run cannot be read, ModelError when the model cannot be had.
    """
    from mwanda_core.models import load
    from mwanda_core.store.report import read_facts

    facts = read_facts(folder)
    source, dtype = facts["settings"].get("model", facts["model"]["source"]), facts["model"].get("dtype", "auto")
    if not isinstance(source, str) or not isinstance(dtype, str):
        raise RunError(f"The run in {str(folder)!r} is damaged: it does not say which model it was made on.")
    return load(model or source, device, dtype)


@contextlib.contextmanager
def _applied(
    run: str, store: Path | None, model: str, device: str, reader: "Callable[[LanguageModel, Path], Applied] | None" = None
) -> "Iterator[tuple[LanguageModel, Applied]]":
    """The model of a run, pruned inside the `with`: by its masks, or as `reader` does."""
    from mwanda_core.after.reapply import apply_masks

    folder = run_folder(store_in(store), run)
    dense = _dense(folder, model, device)
    with (reader or apply_masks)(dense, folder) as found:
        yield dense, found


def _reader(sparsity: float | None, pattern: str, mix: str) -> "Callable[[LanguageModel, Path], Applied]":
    """Masks from states; without a sparsity, at the run's own."""
    from mwanda_core.after.another_sparsity import apply_states, parse_mix
    from mwanda_core.parts.patterns import parse_pattern
    from mwanda_core.store.report import read_facts

    wanted, chosen = parse_pattern(pattern) if pattern else None, parse_mix(mix)

    def read(dense: "LanguageModel", folder: Path) -> "Applied":
        share = float(read_facts(folder)["settings"]["sparsity"]) if sparsity is None else sparsity
        return apply_states(dense, folder, share, wanted, chosen)

    return read


def _export(dense: "LanguageModel", found: "Applied", folder: Path) -> None:
    from mwanda_core.after.export import export_model
    from mwanda_core.after.hub import licence_of

    export_model(dense, found, found.report, folder, licence_of(dense.source))
