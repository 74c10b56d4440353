"""`mwanda protect`: a recipe under which the languages named lose at most so much, and what that costs the others."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from mwanda_core.cli.derived import OF_RUNS, Given, with_settings
from mwanda_core.cli.options import Json, StoreFolder, store_in
from mwanda_core.cli.terminal import Bar, echo_json, plain_errors
from mwanda_core.errors import InputError

if TYPE_CHECKING:
    from mwanda_core.sweeps.protect import Protection


@with_settings(but=OF_RUNS)
def protect(
    given: Given,
    limits: Annotated[
        list[str], typer.Argument(metavar="CODE=LIMIT...", help="sw=5%: perplexity up by at most 5 %; sw=0.05: nats per token.")
    ],
    tries: Annotated[int, typer.Option(help="Recipes tried, the one it starts from among them.")] = 24,
    try_texts: Annotated[int, typer.Option(help="Texts per language that a try is scored on.")] = 4,
    goal: Annotated[str, typer.Option(help="What is best beside the limits: 'worst' language or 'mean'.")] = "worst",
    search: Annotated[str, typer.Option(help="coordinate, random, or optuna (an optional package).")] = "coordinate",
    search_seed: Annotated[int | None, typer.Option(help="Seed of the search; empty: --seed.")] = None,
    store: StoreFolder = None,
    json_: Json = False,
) -> None:
    """Find weights of languages, and other knobs, under which the languages named lose at most so much; print what it cost.

    Two runs are kept: with the recipe that the search started from, and with the one it found; the page lists the search under
    "Protect a language".
    """
    with plain_errors():
        from mwanda_core.progress import Monitor
        from mwanda_core.run.experiment import Workbench
        from mwanda_core.sweeps import protect as protecting, protections
        from mwanda_core.sweeps.stored import known_runs

        settings = given.settings()
        kept = store_in(store)
        found = protecting.protect(
            Workbench(),
            settings,
            _limits(limits),
            protecting.SearchPlan(tries, try_texts, goal, search, search_seed),
            Monitor(on_progress=Bar()),
            known_runs(kept),
        )
        protections.keep(kept, found)
        Bar.clear()
        _print_protection(found, json_)


def _limits(given: list[str]) -> dict[str, float]:
    """Language -> nats per token. Raises InputError for words that are no limit."""
    from mwanda_core.languages import parse_codes
    from mwanda_core.sweeps.protect import nats

    found: dict[str, float] = {}
    for word in given:
        name, equals, text = word.partition("=")
        percent = text.strip().endswith("%")
        try:
            value = float(text.strip().removesuffix("%"))
        except ValueError:
            equals = ""
        if not equals or not name.strip():
            raise InputError(
                f"A limit is a language and a rise, such as sw=5% or sw=0.05 (nats per token); given was {word!r}."
            )
        found[parse_codes(name)[0]] = nats(value) if percent else value
    return found


def _print_protection(found: "Protection", json_: bool) -> None:
    from mwanda_core.after.repeat import command

    before, after = found.before.report.id, found.after.report.id
    if json_:
        facts: dict[str, Any] = {
            "kept": found.kept, "limits": found.limits, "words": found.words, "before": before, "after": after,
            "recipe": found.after.report.facts["recipe"], "command": command(found.settings),
            "probes": found.probes.to_dict(orient="records"),
            "comparison": found.comparison.languages.to_dict(orient="records"),
        }  # fmt: skip
        echo_json(facts)
        return
    frontier = found.probes[found.probes["front"]].drop(columns=["front", "taken"])
    typer.echo(
        f"{len(found.probes)} recipes were tried. No other one was better for both the protected and the other languages than these "
        "(increases of loss in nats per token on calibration texts; over: above the limit):\n"
    )
    typer.echo(frontier.to_string(index=False, float_format=lambda value: f"{value:.3f}", na_rep="-"))
    typer.echo("")
    for sentence in found.words:
        typer.echo(sentence)
    typer.echo(
        f"\nKept: {before} (starting recipe) and {after} (recipe found). The recipe found again:\n{command(found.settings)}"
    )
