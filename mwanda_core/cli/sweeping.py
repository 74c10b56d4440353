"""`mwanda sweep`: many runs from one plan, with the Pareto front of what they cost."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mwanda_core.cli.combining import COMBINED, one_method
from mwanda_core.cli.derived import PARTS, Given, default_held_out, with_settings
from mwanda_core.cli.options import Json, StoreFolder, mixes_in, names, numbers, store_in
from mwanda_core.cli.terminal import EXIT_INPUT, Bar, echo_json, plain_errors
from mwanda_core.errors import InputError

if TYPE_CHECKING:
    from mwanda_core.sweeps.sweep import SweepResult

OWN = ("method", "sparsity", "languages", "held_out", "seed")
"""Settings that a sweep asks for in words of its own: several of each."""


@with_settings(but=OWN)
def sweep(
    given: Given,
    name: Annotated[str, typer.Option(help="The sweep's name; its plan is kept under it.")] = "sweep",
    sparsity: Annotated[str, typer.Option(help="Shares of the weights to remove, separated by commas.")] = "0.5",
    method: Annotated[
        str,
        typer.Option(
            help="Methods separated by commas: named ones (see `mwanda methods`), recipe files (.json), and 'combined', which the "
            "options for parts put together."
        ),
    ] = "m-wanda",
    start: Annotated[str, typer.Option("--combine", help="The method whose parts 'combined' starts from.")] = "m-wanda",
    languages: Annotated[
        str, typer.Option(help="Mixes of calibration languages, separated by semicolons: en,de;en,sw")
    ] = "en,de,hi,sw",
    held_out: Annotated[
        str, typer.Option(help="Languages scored only; 'auto': every language of any mix, and two more; 'none': none.")
    ] = "auto",
    seeds: Annotated[str, typer.Option(help="Orders of the calibration passages, separated by commas.")] = "0",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the plan kept under --name; options of the plan are not looked at.")
    ] = False,
    store: StoreFolder = None,
    json_: Json = False,
) -> None:
    """Run every combination that is not kept yet, and print all results with the Pareto front of mean against worst loss.

    Options for parts, --pattern and --set put one more method together, 'combined'; named methods stay as they are. Every run is kept as soon as it is finished, so the same command goes on after a cancel, a crash or a kill.
    """
    with plain_errors("runs that were finished are kept, and the same command goes on with the others."):
        from mwanda_core.languages import parse_codes
        from mwanda_core.progress import Monitor
        from mwanda_core.run.experiment import Workbench
        from mwanda_core.sweeps.sweep import load_sweep, plan_sweep, run_sweep

        kept = store_in(store)
        kept.tidy()
        if resume:
            plan = load_sweep(kept, name)
        else:
            mixes = mixes_in(languages)
            everyone = tuple(dict.fromkeys(code for mix in mixes for code in mix))
            # Every run scores every language of any mix, so that their means are over the same languages.
            others = default_held_out(everyone, given.typed["texts"])
            alike = {"auto": (*everyone, *others), "none": ()}
            base = given.settings(
                languages=mixes[0], held_out=alike[held_out] if held_out in alike else parse_codes(held_out), method="m-wanda"
            )
            plan = plan_sweep(
                base,
                sparsities=numbers("--sparsity", sparsity),
                methods=_methods(names(method), start, given),
                mixes=mixes,
                seeds=_whole(seeds),
            )
        found = run_sweep(Workbench(), kept, plan, name, Monitor(on_progress=Bar()))
        Bar.clear()
        _print_sweep(found, json_)
    if not found.runs:
        raise typer.Exit(EXIT_INPUT)


def _methods(wanted: Sequence[str], start: str, given: Given) -> "list[str | dict[str, Any]]":
    """Every method of the list; the one put together comes last where options name it and the list does not."""
    asked = given.changes_method
    if COMBINED in wanted and not asked:
        raise InputError(
            f"{COMBINED!r} is the method that --{', --'.join(PARTS)}, --pattern and --set put together; none of them was given."
        )
    everything = [*wanted, *([COMBINED] if asked and COMBINED not in wanted else [])]
    if not everything:
        raise InputError("--method takes names of methods separated by commas; it was given none.")
    return [given.method(start).to_dict() if word == COMBINED else one_method(word) for word in everything]


def _whole(text: str) -> list[int]:
    found = numbers("--seeds", text)
    if any(value != int(value) for value in found):
        raise InputError(f"--seeds takes whole numbers separated by commas; it was given {text!r}.")
    return [int(value) for value in found]


def _print_sweep(found: "SweepResult", json_: bool) -> None:
    best = found.table["id"][found.table["front"]].tolist() if found.runs else []
    if json_:
        echo_json(
            {
                "name": found.name,
                "runs": found.runs,
                "skipped": found.skipped,
                "refused": found.refused,
                "front": best,
                "table": found.table.to_dict(orient="records"),
            }
        )
        return
    for title, why in found.refused.items():
        typer.echo(f"Refused: {title}: {why}", err=True)
    if not found.runs:
        return
    wanted = ["method", "sparsity", "languages", "seed", "mean_increase", "worst_language", "worst_increase", "front", "id"]
    shown = found.table[wanted].assign(front=["*" if there else "" for there in found.table["front"]])
    typer.echo(shown.to_string(index=False, float_format=lambda value: f"{value:.3f}", na_rep="-"))
    typer.echo(f"\n{len(found.runs)} runs, {found.skipped} of them kept from before; increases of loss in nats per token.")
    typer.echo(f"* On the front of mean against worst increase: {', '.join(best) or 'none, for nothing was scored'}.")
