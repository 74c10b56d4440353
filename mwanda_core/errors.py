"""The error tree: everything a user can cause, each with one sentence that says what is wrong, what was given, what to do.

MwandaError(Exception)
|-- InputError(MwandaError, ValueError)      a setting, name or file the user gave cannot be used
|   |-- UnknownName                          not in a table; the message lists what is
|   |-- ModelError                           a model that cannot be found, read, or pruned
|   |   |-- DoesNotFit                       the estimate exceeds the memory there is
|   |-- TextError                            a corpus that is missing, too small, or not aligned
|   |-- RunError                             a stored run that is missing, damaged, or of another model
|-- Cancelled(MwandaError)                   the user asked to stop; nothing was changed
"""

import errno
import logging
import secrets
from collections.abc import Iterable
from pathlib import PurePath

log = logging.getLogger(__name__)


class MwandaError(Exception):
    """Root of every error this library raises on purpose."""


class InputError(MwandaError, ValueError):
    """A setting, name or file the user gave cannot be used."""


class UnknownName(InputError):
    """A name that stands in no table; the message lists the known names."""

    def __init__(self, what: str, given: object, known: Iterable[str]) -> None:
        names = ", ".join(known)
        Exception.__init__(self, f"There is no {what} named {given!r}. Choose one of: {names}.")


class ModelError(InputError):
    """A model that cannot be found, read, or pruned."""


class DoesNotFit(ModelError):
    """The memory estimate exceeds the memory there is."""


class TextError(InputError):
    """A corpus that is missing, too small, or not aligned."""


class RunError(InputError):
    """A stored run that is missing, damaged, or belongs to another model."""


class Cancelled(MwandaError):
    """The user asked to stop; the weights are as they were before."""


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FULL_WORDS = ("no space left", "os error 28", "os error 27", "file too large", "disk quota exceeded", "disk is full")
"""Arrow, safetensors and SQLite wrap the system's error in errors of their own."""


def sentence(error: BaseException) -> str:
    """One sentence for a person, of any error: of this library its own, of the disk or memory in plain words, else a code.

    The code stands in the log, before the traceback.
    """
    said = str(error)
    if isinstance(error, MwandaError):
        return said
    if isinstance(error, MemoryError) or "out of memory" in said.lower() or "can't allocate memory" in said:
        log.error("Out of memory", exc_info=error)
        return "The memory of this machine ran out: choose a smaller model, fewer languages or fewer calibration tokens."
    if getattr(error, "errno", None) in _FULL or any(words in said.lower() for words in _FULL_WORDS):
        return "The disk is full, or what may be written to it: free some space or choose another folder; nothing half-written stays."
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        name = PurePath(str(error.filename)).name
        return f"{name!r} cannot be read or written ({error.strerror}): look at its folder, or choose another one."
    code = secrets.token_hex(4)
    log.error("Code %s", code, exc_info=error)
    return f"Something unexpected went wrong ({type(error).__name__}); the log of the program has the details under the code {code}."
