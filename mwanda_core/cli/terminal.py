"""What every command does with a terminal: one line of progress, a mistake as one sentence, and JSON that every program reads."""

import contextlib
import json
import logging.handlers
import math
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from mwanda_core.errors import Cancelled, sentence

if TYPE_CHECKING:
    from mwanda_core.progress import Progress

EXIT_INPUT, EXIT_CANCELLED = 2, 130
LOG = "errors.log"
"""In the cache folder: tracebacks of errors that nobody foresaw, under their codes."""


class Bar:
    """One line on a terminal's standard error, rewritten; nothing where standard error is not a terminal."""

    def __init__(self) -> None:
        self._started, self._last = time.monotonic(), 0.0

    def __call__(self, progress: "Progress") -> None:
        now = time.monotonic()
        if not sys.stderr.isatty() or now - self._last < 0.2:
            return
        self._last = now
        elapsed, fraction = now - self._started, progress.fraction
        left = f"{elapsed / fraction - elapsed:4.0f} s left" if 0.02 < fraction < 1 else ""
        sys.stderr.write(f"\r\x1b[K{fraction:4.0%}  {left}  {progress.stage}")
        sys.stderr.flush()

    @staticmethod
    def clear() -> None:
        """Leave the line empty for what is printed next."""
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")


@contextlib.contextmanager
def plain_errors(cancelled: str = "nothing was written.") -> Iterator[None]:
    """Whatever goes wrong is one sentence on standard error and a code, never a traceback. cancelled: what is said after a cancel."""
    try:
        yield
    except (SystemExit, GeneratorExit, BrokenPipeError, typer.Exit, typer.Abort):
        raise
    except (Cancelled, KeyboardInterrupt):
        Bar.clear()
        typer.echo(f"Cancelled; {cancelled}", err=True)
        raise typer.Exit(EXIT_CANCELLED) from None
    except BaseException as error:  # Panics of Rust libraries are no Exceptions.
        Bar.clear()
        with _logged(error) as file:
            said = sentence(error).replace("the log of the program", str(file))
        typer.echo(f"Error: {said.encode('utf-8', 'replace').decode()}", err=True)
        raise typer.Exit(EXIT_INPUT) from None


@contextlib.contextmanager
def _logged(error: BaseException) -> Iterator[Path]:
    """Inside, what is logged goes to a file beside the cache, which is begun anew when it is large."""
    from mwanda_core.models.cache import cache_folder

    file = cache_folder() / LOG
    handler: logging.Handler = logging.NullHandler()
    with contextlib.suppress(OSError):  # A full or read-only disk may be the error itself.
        file.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(
            file, maxBytes=2**20, backupCount=1, delay=True, encoding="utf-8", errors="replace"
        )
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log = logging.getLogger("mwanda_core.errors")
    before, log.propagate = log.propagate, False
    log.addHandler(handler)
    try:
        yield file
    finally:
        log.removeHandler(handler)
        log.propagate = before
        handler.close()


def echo_json(value: Any) -> None:
    """Print plain data, dataclass fields and table rows as one line of JSON."""
    typer.echo(json.dumps(plain(value), ensure_ascii=False, allow_nan=False))


def plain(value: Any) -> Any:
    """The same data as JSON knows it: a number that is none is null, and numpy's numbers are numbers."""
    import numpy as np

    if isinstance(value, np.generic | np.ndarray):
        return plain(value.tolist())
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
