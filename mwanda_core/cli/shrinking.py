"""`mwanda shrink`: a model for some languages that is really smaller; the plan first, then the deed."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mwanda_core.cli.options import Json
from mwanda_core.cli.terminal import Bar, echo_json, plain_errors
from mwanda_core.errors import InputError

if TYPE_CHECKING:
    from mwanda_core.shrink import Made, Plan

_UNITS = {
    "": 1,
    "k": 10**3,
    "kb": 10**3,
    "m": 10**6,
    "mb": 10**6,
    "g": 10**9,
    "gb": 10**9,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
}


def shrink(
    model: Annotated[str, typer.Argument(help="gemma-3-270m (built in), a Hub id, or a folder.")] = "gemma-3-270m",
    languages: Annotated[
        str, typer.Option(help="Languages that the model is for: codes or English names, by commas.")
    ] = "en,sw",
    at_most: Annotated[str, typer.Option(help="Size on disk, such as 150MB; what is not given below is chosen to fit.")] = "",
    vocabulary: Annotated[str, typer.Option(help="Tokens that stay, such as 32768 or 32k (times 1024).")] = "",
    coverage: Annotated[
        float | None, typer.Option(help="In place of --vocabulary: tokens of the worst language that stay, 0.95.")
    ] = None,
    neurons: Annotated[float | None, typer.Option(help="Share of each MLP's neurons to remove, 0 to 1.")] = None,
    layers: Annotated[int | None, typer.Option(help="Decoder blocks that stay.")] = None,
    heads: Annotated[int | None, typer.Option(help="Query heads that stay in each block, as many in every group.")] = None,
    kv_groups: Annotated[
        int | None, typer.Option(help="Key and value heads that stay, with the query heads that share them.")
    ] = None,
    experts: Annotated[int | None, typer.Option(help="Experts that stay in each layer of a mixture.")] = None,
    expert_method: Annotated[str, typer.Option(help="How experts are chosen: fair, reap or frequency.")] = "fair",
    merge: Annotated[bool, typer.Option(help="Merge experts that go into those that stay.")] = False,
    method: Annotated[str, typer.Option(help="How neurons and heads are chosen: obs, flap, wanda-sp or magnitude.")] = "obs",
    rounds: Annotated[
        int,
        typer.Option(
            help="Times that neurons and heads are cut while languages that lose most get more weight; 1: all count the same."
        ),
    ] = 3,
    repair: Annotated[bool, typer.Option(help="Fit the neurons and heads that stay once more at the end.")] = True,
    ask_model: Annotated[
        bool, typer.Option(help="Ask the model which other tokens each language needs (exacter, slower).")
    ] = True,
    tokens: Annotated[int, typer.Option(help="Calibration tokens per language for neurons, heads and experts.")] = 1280,
    texts: Annotated[
        str, typer.Option(help="built-in, c4, wikipedia, flores+, or a folder with one <code>.txt per language.")
    ] = "built-in",
    gguf: Annotated[str, typer.Option(help="Also write a GGUF file for llama.cpp: F16, BF16, Q8_0 or Q4_0.")] = "",
    out: Annotated[Path | None, typer.Option(help="Folder for the smaller model; without it only the plan is shown.")] = None,
    save_plan: Annotated[Path | None, typer.Option(help="Write the plan here as JSON.")] = None,
    replay: Annotated[
        Path | None, typer.Option(help="Carry out a plan from its JSON; its own model and languages are used.")
    ] = None,
    json_: Json = False,
) -> None:
    """Make a model small for some languages: fewer tokens, blocks, heads, neurons and experts, with what every language loses."""
    with plain_errors():
        from mwanda_core.corpora.choosing import texts_named
        from mwanda_core.languages import parse_codes
        from mwanda_core.progress import Monitor
        from mwanda_core.shrink import Wishes, plan_job, read_plan
        from mwanda_core.store.whole import refuse_occupied

        monitor = Monitor(on_progress=Bar())
        refuse_occupied(out)
        if replay is not None:
            if out is None:
                raise InputError("A plan is carried out into a folder: add --out DIR.")
            plan = read_plan(replay)
        else:
            wishes: Wishes = Wishes(
                parse_codes(languages), tokens_in(vocabulary), coverage, neurons, layers, bytes_in(at_most), method, repair,
                256 if gguf else 64, ask_model, tokens, heads, kv_groups, experts, expert_method, merge, rounds,
            )  # fmt: skip
            plan = plan_job(model, wishes, texts_named(texts, wishes.languages), texts, monitor)
        Bar.clear()
        if save_plan is not None:
            plan.save(save_plan)
        if not json_:
            for line in plan_lines(plan):
                typer.echo(line)
        made = _made(plan, out, gguf, monitor) if out is not None else None
        Bar.clear()
        if json_:
            tables = {} if made is None else {name: table.to_dict(orient="records") for name, table in made.tables.items()}
            echo_json({"plan": plan.to_dict(), "tables": tables, "folder": None if out is None else str(out)})
        elif made is not None:
            for line in made_lines(made):
                typer.echo(line)


def _made(plan: "Plan", out: Path, gguf: str, monitor: object) -> "Made":
    from mwanda_core.after.hub import licence_of
    from mwanda_core.corpora import builtin, builtin_languages
    from mwanda_core.corpora.choosing import texts_named
    from mwanda_core.shrink import make_job
    from mwanda_core.shrink.job import seen_languages

    seen = seen_languages(plan.languages)
    shown = builtin(seen).evaluation if plan.texts == "built-in" and set(seen) <= set(builtin_languages()) else None
    return make_job(plan, texts_named(plan.texts, plan.languages), out, monitor, gguf, licence_of(plan.source), shown)  # type: ignore[arg-type]


def tokens_in(text: str) -> int | None:
    """ "32k" is 32 x 1024 tokens, as vocabularies are named.

    Raises InputError for what is no number of tokens.
    """
    if not text.strip():
        return None
    found = re.fullmatch(r"(\d+)(k?)", text.strip().lower())
    if found is None or not int(found.group(1)):
        raise InputError(f"--vocabulary takes a number of tokens such as 32768 or 32k; it was given {text!r}.")
    return int(found.group(1)) * (1024 if found.group(2) else 1)


def bytes_in(text: str) -> int | None:
    """ "150MB" is 150 million bytes; MiB and GiB are powers of two.

    Raises InputError for what is no size.
    """
    if not text.strip():
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]*)", text.strip().lower())
    if found is None or found.group(2) not in _UNITS:
        raise InputError(f"--at-most takes a size such as 150MB or 0.5GB; it was given {text!r}.")
    return int(float(found.group(1)) * _UNITS[found.group(2)])


def plan_lines(plan: "Plan") -> list[str]:
    """The plan for a terminal."""
    lines = [f"Plan for {', '.join(plan.languages)} ({plan.texts} texts)", ""]
    for step in plan.steps:
        lines.append(f"{step.step:11} {step.setting}")
        lines.append(
            f"{'':11} {step.megabytes_before:.1f} -> {step.megabytes_after:.1f} MB; bits per byte about {step.cost:+.1%} ({step.language})"
        )
        if step.coverage is not None and step.longer is not None:
            lines.append(
                f"{'':11} about {step.coverage:.1%} of the worst language's tokens stay; its texts get {step.longer:+.1%} longer"
            )
    lines += [
        "",
        f"In all {plan.megabytes:.1f} MB. Costs are estimates: each step measured alone, on calibration text held back from it.",
        *plan.notes,
    ]
    return lines


def made_lines(made: "Made") -> list[str]:
    """The result for a terminal."""
    lines = ["", "Measured on other texts"]
    lines += [f"  {row['verdict']}" for row in made.tables["languages"].to_dict(orient="records")]
    sizes = made.tables["sizes"].to_dict(orient="records")
    lines += [f"  {row['what']}: {row['megabytes']:.1f} MB ({row['share']:.0%})" for row in sizes]
    speed = made.tables["speed"].to_dict(orient="records")
    lines += [f"  {row['model']}: {row['tokens_per_second']:.1f} tokens per second ({row['ratio']:.2f} times)" for row in speed]
    return [*lines, "", f"Written to {made.folder}."]
