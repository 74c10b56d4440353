"""A text source by name."""

from collections.abc import Sequence

from mwanda_core.corpora.base import Texts
from mwanda_core.corpora.builtin import builtin
from mwanda_core.corpora.folder import folder_split
from mwanda_core.corpora.hub import SOURCES, hub_split
from mwanda_core.corpora.statements import with_statements

STATEMENTS = "statements"
BUILT_IN = ("built-in", STATEMENTS)
"""Sources that come with the package."""


def texts_named(source: str, languages: Sequence[str]) -> Texts:
    """Calibration and evaluation halves of "built-in", of "statements" (built-in passages and statements with their verdicts), of a source
    on the Hub, or of a folder.

    Raises TextError when the source or a language cannot be had.
    """
    if source == "built-in":
        return builtin(tuple(languages))
    if source == STATEMENTS:
        return with_statements(tuple(languages))
    if source in SOURCES:
        return hub_split(source, tuple(languages))
    return folder_split(source, tuple(languages))
