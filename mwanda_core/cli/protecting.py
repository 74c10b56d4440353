"""`mwanda protect`: a recipe under which the languages named lose at most so much, and what that costs the others."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from mwanda_core.cli.combining import Activation, Allocation, Knobs, Repair, Rows, Score, Solver, ZeroPattern, combined
from mwanda_core.cli.options import (
    Choices,
    Device,
    Dtype,
    EvalTexts,
    EvaluationTexts,
    Json,
    Model,
    Seed,
    SequenceLength,
    StoreFolder,
    TextSource,
    Tokens,
    held_out_of,
    store_in,
)
from mwanda_core.cli.terminal import Bar, echo_json, plain_errors
from mwanda_core.errors import InputError

if TYPE_CHECKING:
    from mwanda_core.sweeps.protect import Protection


def protect(
    limits: Annotated[
        list[str], typer.Argument(metavar="CODE=LIMIT...", help="sw=5%: perplexity up by at most 5 %; sw=0.05: nats per token.")
    ],
    tries: Annotated[int, typer.Option(help="Recipes tried, the one it starts from among them.")] = 24,
    try_texts: Annotated[int, typer.Option(help="Texts per language that a try is scored on.")] = 4,
    goal: Annotated[str, typer.Option(help="What is best beside the limits: 'worst' language or 'mean'.")] = "worst",
    search: Annotated[str, typer.Option(help="coordinate, random, or optuna (an optional package).")] = "coordinate",
    search_seed: Annotated[int | None, typer.Option(help="Seed of the search; empty: --seed.")] = None,
    method: Annotated[
        str, typer.Option(help="The method that the search starts from: a named one, or a recipe file (.json).")
    ] = "m-wanda",
    activation: Activation = "",
    score: Score = "",
    allocation: Allocation = "",
    rows: Rows = "",
    repair: Repair = "",
    solver: Solver = "",
    pattern: ZeroPattern = "",
    set_: Knobs = None,
    sparsity: Annotated[float, typer.Option(help="Share of the weights to remove, 0 to 0.99.")] = 0.5,
    languages: Annotated[str, typer.Option(help="Calibration languages: codes or English names, by commas.")] = "en,de,hi,sw",
    held_out: Annotated[str, typer.Option(help="Languages that are scored only; 'auto' takes two, 'none' none.")] = "auto",
    model: Model = "gemma-3-270m",
    tokens: Tokens = 1280,
    sequence_length: SequenceLength = 128,
    texts: TextSource = "built-in",
    evaluation_texts: EvaluationTexts = "",
    eval_texts: EvalTexts = 12,
    choices: Choices = True,
    seed: Seed = 0,
    device: Device = "auto",
    dtype: Dtype = "auto",
    store: StoreFolder = None,
    json_: Json = False,
) -> None:
    """Find weights of languages, and other knobs, under which the languages named lose at most so much; print what it cost.

    Two runs are kept: with the recipe that the search started from, and with the one it found; the page lists the search under
    "Protect a language".
    """
    with plain_errors():
        from mwanda_core.languages import parse_codes
        from mwanda_core.progress import Monitor
        from mwanda_core.run.experiment import Settings, Workbench
        from mwanda_core.sweeps import protect as protecting
        from mwanda_core.sweeps import protections

        codes = parse_codes(languages)
        parts = {
            "activation": activation, "score": score, "allocation": allocation, "rows": rows, "repair": repair, "solver": solver
        }  # fmt: skip
        start = combined(method, parts, pattern, set_ or []).to_dict()
        settings = Settings(
            model=model, languages=codes, held_out=held_out_of(held_out, texts, codes), method=start, sparsity=sparsity,
            tokens_per_language=tokens, sequence_length=sequence_length, texts=texts, evaluation_texts=evaluation_texts,
            eval_texts=eval_texts, choices=choices, seed=seed, device=device, dtype=dtype,
        )  # fmt: skip
        kept = store_in(store)
        found = protecting.protect(
            Workbench(),
            settings,
            _limits(limits),
            protecting.SearchPlan(tries, try_texts, goal, search, search_seed),
            Monitor(on_progress=Bar()),
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
