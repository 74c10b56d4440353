"""Arguments and options that several commands have, and what their words mean."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mwanda_core.errors import InputError, RunError

if TYPE_CHECKING:
    from mwanda_core.store.run_store import RunStore

RunName = Annotated[str, typer.Argument(metavar="RUN", help="The name of a kept run (see `mwanda runs list`), or its folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print as JSON.")]
StoreFolder = Annotated[
    Path | None, typer.Option("--store", help="Folder that runs are kept in; default: MWANDA_RUNS, else the cache folder.")
]
Model = Annotated[str, typer.Option(help="gemma-3-270m (built in), a Hub id, a folder, or a .gguf file.")]
OtherModel = Annotated[str, typer.Option("--model", help="Where the dense model is now; empty: where the run found it.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")]
Dtype = Annotated[str, typer.Option(help="auto, float32, bfloat16 or float16.")]
Tokens = Annotated[int, typer.Option(help="Calibration tokens per language.")]
SequenceLength = Annotated[int, typer.Option(help="Tokens in a sequence.")]
TextSource = Annotated[
    str, typer.Option("--texts", help="built-in, c4, wikipedia, flores+, or a folder with one <code>.txt per language.")
]
EvaluationTexts = Annotated[str, typer.Option(help="Other texts to score on; empty: the other half of --texts.")]
EvalTexts = Annotated[int, typer.Option(help="Texts scored per language.")]
Choices = Annotated[bool, typer.Option(help="Also score four-way choices.")]
Seed = Annotated[int, typer.Option(help="Order of the calibration passages and of the choices.")]


def store_in(folder: Path | None) -> "RunStore":
    """The store in a folder; the page's own where none is given."""
    from mwanda_core.models.cache import cache_folder
    from mwanda_core.store.run_store import RunStore, default_folder

    return RunStore(default_folder(cache_folder()) if folder is None else folder.expanduser())


def run_folder(store: "RunStore", name: str) -> Path:
    """The folder of a run that was given by its name in the store, or as a path.

    Raises RunError when there is no run of this name and no run in a folder of this name.
    """
    from mwanda_core.store.format import REPORT_FILE
    from mwanda_core.store.run_store import SAFE

    places = [*([store.path(name)] if SAFE.fullmatch(name) else []), *([Path(name).expanduser()] if name.strip() else [])]
    for place in places:
        if (place / REPORT_FILE).is_file():
            return place
    raise RunError(
        f"There is no run {name[:200]!r}: not in {str(store.folder)!r}, and not as a folder. `mwanda runs list` names those kept."
    )


def numbers(option: str, text: str) -> list[float]:
    """Numbers separated by commas.

    Raises InputError for a word that is no number.
    """
    found = []
    for word in text.split(","):
        try:
            found += [float(word)] if word.strip() else []
        except ValueError:
            raise InputError(f"{option} takes numbers separated by commas; it was given {word.strip()!r}.") from None
    return found


def names(text: str) -> tuple[str, ...]:
    """Words separated by commas, each once."""
    return tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))


def mixes_in(text: str) -> list[tuple[str, ...]]:
    """Mixes of languages separated by semicolons, codes within one by commas.

    Raises InputError when nothing is left or a code cannot be one.
    """
    from mwanda_core.languages import parse_codes

    return [parse_codes(mix) for mix in text.split(";") if mix.strip()] or [parse_codes("")]


def held_out_of(text: str, texts: str, calibrated: Sequence[str]) -> tuple[str, ...]:
    """Languages that are scored only: "auto" takes two built-in ones beside those calibrated on, "none" none.

    Raises InputError for a code that cannot be one.
    """
    from mwanda_core.languages import parse_codes

    if text == "auto":
        from mwanda_core.run.experiment import default_held_out

        return default_held_out(tuple(calibrated)) if texts == "built-in" else ()
    return () if text == "none" else parse_codes(text)
