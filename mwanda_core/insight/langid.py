"""Which language is a text in? A naive Bayes classifier over byte n-grams (Lui & Baldwin 2011), from the optional package
`py3langid`: 4.6 MB, no network, BSD licence.

Its answer is limited to the languages that this project knows by name (all of which it covers) and to "not a language"
(`NO_LANGUAGE`: numbers, markup). On the first twelve words of the built-in evaluation passages in 25 languages it errs on
none but Indonesian, which it takes for Malay in a fifth of them.
"""

import dataclasses
import functools
import importlib.util
from typing import Any

from mwanda_core.errors import InputError
from mwanda_core.languages import LANGUAGES

NO_LANGUAGE = "zxx"
"""ISO 639's code for content that is not in a language."""


@dataclasses.dataclass(frozen=True)
class Identified:
    """A language by its code, and its probability in [0, 1] among those that can be told."""

    language: str
    probability: float


def available() -> bool:
    """Whether the optional package is installed."""
    return importlib.util.find_spec("py3langid") is not None


def knows(code: str) -> bool:
    """Whether a text can be told to be in this language.

    Raises InputError as `identify`.
    """
    return code in _identifier().labels


def identify(text: str) -> Identified | None:
    """The likeliest language; None for a text without letters.

    Raises InputError when the package is not installed.
    """
    identifier = _identifier()
    if not any(ch.isalpha() for ch in text):
        return None
    code, probability = identifier.classify(text)
    return Identified(str(code), float(probability))


@functools.cache
def _identifier() -> Any:
    if not available():
        raise InputError(
            'Telling languages apart needs the package py3langid, which is not installed: run pip install "mwanda-explorer[langid]".'
        )
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    # An identifier of our own: the package's shared one keeps its settings for whoever else uses it.
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages({*LANGUAGES, NO_LANGUAGE} & set(identifier.labels))
    return identifier
