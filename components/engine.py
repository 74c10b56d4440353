"""The engine's modules are imported when they are first needed, one thread at a time.

Torch and transformers take seconds to import, so the page is up before them; and several of its events may want them at
the same moment. Two threads that import modules which import each other can be handed half-made ones, so every late import
of the page stands inside `importing()`.
"""

import contextlib
import threading
from collections.abc import Iterator

_LOCK = threading.RLock()


@contextlib.contextmanager
def importing() -> Iterator[None]:
    """Inside, no other thread of the page imports the engine."""
    with _LOCK:
        yield
