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

from collections.abc import Iterable


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
