"""`mwanda prompt`: one prompt with all weights, with one mask for everybody, and with the mask it asks for itself."""

from typing import Annotated

import typer

from mwanda_core.cli.options import Device, Dtype, Json, Model
from mwanda_core.cli.terminal import Bar, echo_json, plain_errors
from mwanda_core.errors import InputError

_WIDTH = 17


def prompt(
    text: Annotated[str, typer.Argument(help="The prompt; its first half makes masks, its second half is scored.")],
    active: Annotated[float, typer.Option(help="Share of the weights of every row that stay.")] = 0.5,
    language: Annotated[str, typer.Option(help="The prompt's language: a code, or 'auto' to tell it from the text.")] = "auto",
    prior: Annotated[float, typer.Option(help="Pseudo-tokens of the language mixed into the prompt's statistics.")] = 64.0,
    refresh: Annotated[int, typer.Option(help="Make masks anew every so many written tokens; 0: never.")] = 0,
    new_tokens: Annotated[int, typer.Option(help="Tokens to go on with.")] = 24,
    tokens: Annotated[int, typer.Option(help="Calibration tokens per language for static masks and the prior.")] = 1024,
    model: Model = "gemma-3-270m",
    device: Device = "auto",
    dtype: Dtype = "auto",
    json_: Json = False,
) -> None:
    """Prune for one prompt (mu-MoE): losses and continuations under its own mask, beside those of static masks."""
    with plain_errors("nothing was changed."):
        from mwanda_core.models import load
        from mwanda_core.progress import Monitor
        from mwanda_core.studies.prompts.answers import Question, ask, calibration_of, language_statistics

        question = Question(text, language, active, prior, refresh, new_tokens)
        code = question.told()
        calibration_of(["en", code])
        if tokens < 1:
            raise InputError(f"Calibration needs at least one token per language; the number was given as {tokens}.")
        loaded = load(model, device=device, dtype=dtype)
        monitor = Monitor(on_progress=Bar())
        table = ask(loaded, question, language_statistics(loaded, ("en", code), tokens, monitor), monitor)
        Bar.clear()
        rows = table.to_dict(orient="records")
        if json_:
            echo_json({"language": code, "active": active, "prior": prior, "rows": rows})
            return
        scored = rows[0]["tokens"]
        typer.echo(f"Language: {code}. Losses in nats per token over the last {scored} tokens of the prompt.")
        typer.echo(f"{'':<{_WIDTH}}{'from 1st half':>14}{'from all':>10}  goes on")
        for row in rows:
            written = " ".join(row["continuation"].split())
            typer.echo(f"{row['condition']:<{_WIDTH}}{row['loss']:>14.3f}{row['loss_seen']:>10.3f}  {written}")
