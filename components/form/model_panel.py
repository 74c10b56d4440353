"""Which model: what the menu suggests, and how much memory a model would need."""

from components.engine import importing
from components.environment import shared_server
from components.form.form import default_model, is_local
from components.i18n import words
from mwanda_core.errors import InputError


def suggestions() -> list[tuple[str, str]]:
    """The models suggested, the default first. Imports the model library, which takes seconds the first time."""
    with importing():
        from mwanda_core.models import SUGGESTIONS

    first = default_model()
    named = [(text, name) for name, text in SUGGESTIONS.items()]
    return named if first in SUGGESTIONS else [(first, first), *named]


def estimate(model: str, tokens: float, languages: list[str]) -> str:
    """What a run on this model would need, in one sentence; a mistake is a sentence too."""
    with importing():
        from mwanda_core.models import choose_device, estimate_memory

    try:
        if not model or (shared_server() and is_local(model)):
            raise InputError(words.SHARED_FOLDER if model else words.EMPTY_MODEL)
        count = max(1, len(languages))
        found = estimate_memory(model, round(tokens) * count, count)
        device = choose_device("auto").type
    except InputError as error:
        return words.library(error)
    return words.memory(found.sentence(), words.DEVICE_NAMES.get(device, device))
