"""Arguments and options that several commands have, and what their words mean."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mwanda_core.errors import InputError, RunError
from mwanda_core.run.settings import all_settings

if TYPE_CHECKING:
    from mwanda_core.store.run_store import RunStore

RunName = Annotated[str, typer.Argument(metavar="RUN", help="The name of a kept run (see `mwanda runs list`), or its folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print as JSON.")]
StoreFolder = Annotated[
    Path | None, typer.Option("--store", help="Folder that runs are kept in; default: MWANDA_RUNS, else the cache folder.")
]
OtherModel = Annotated[str, typer.Option("--model", help="Where the dense model is now; empty: where the run found it.")]
Device = Annotated[str, typer.Option(help=all_settings()["device"].knob.help)]
Dtype = Annotated[str, typer.Option(help=all_settings()["dtype"].knob.help)]
Model = Annotated[str, typer.Option(help=all_settings()["model"].knob.help)]


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

    Raises InputError for a word that is no number, and for none at all.
    """
    found = []
    for word in text.split(","):
        try:
            found += [float(word)] if word.strip() else []
        except ValueError:
            raise InputError(f"{option} takes numbers separated by commas; it was given {word.strip()!r}.") from None
    if not found:
        raise InputError(f"{option} takes numbers separated by commas; it was given none.")
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
