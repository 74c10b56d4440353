"""Where the page is served, where its data lies, and who asks: the owner of the machine, or a stranger.

Only what listens on this machine alone, and was told of nothing that lets others in, is the owner's without asking. Anywhere else whoever
asks is a stranger until shown to be the owner (`components.app.doors` looks, and notes it in the request).
"""

import contextlib
import dataclasses
import re
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from mwanda_core.files import SHARED, opened

__all__ = [
    "ASSETS",
    "NOTED",
    "SHARED",
    "Visitor",
    "acted",
    "acting_for",
    "opened",
    "opens_by_name",
    "shared_server",
    "visitor",
    "without_paths",
]

ASSETS = Path(__file__).resolve().parents[1] / "assets"
"""What the page shows before anything is computed; it stands beside this package, in the project as where it is installed."""

NOTED = "mwanda.visitor"
"""Under this name a request's scope holds its `Visitor`."""

_LOCK = re.compile(r".*-[0-9a-f]{16}")
"""An id that ends in 64 random bits: whoever knows it was given it."""
_PATH = re.compile(r"(?<![\w:/.])(?:~|[A-Za-z]:)?[/\\](?:[^\s/\\'\"<>|]+[/\\])+([^\s/\\'\"<>|]*)")


@dataclasses.dataclass(frozen=True)
class Visitor:
    """Who asks. owner: whether they may do what the owner may. address: what tells one stranger from another; "" when not known."""

    owner: bool = False
    address: str = ""


_acting: ContextVar[Visitor | None] = ContextVar("acting", default=None)


def shared_server() -> bool:
    """Whether who asks here and now is a stranger, to the other visitors and to this machine's files."""
    return opened() and not visitor().owner


def opens_by_name(id: str) -> bool:
    """Whether knowing this id is leave to see what it names: to strangers, only what cannot be guessed is open."""
    return not shared_server() or _LOCK.fullmatch(id) is not None


def visitor() -> Visitor:
    """Who asks: whom a job is done for, else the visitor of the running event, else a stranger without an address."""
    acting = _acting.get()
    if acting is not None:
        return acting
    from gradio.context import LocalContext  # The lists of settings alone must not need Gradio.

    request = getattr(LocalContext.request.get(None), "request", None)
    return getattr(request, "scope", {}).get(NOTED) or Visitor()


@contextlib.contextmanager
def acting_for(who: Visitor) -> Iterator[None]:
    """Inside, work is done for this visitor: a job has no request of its own."""
    token = _acting.set(who)
    try:
        yield
    finally:
        _acting.reset(token)


def acted(who: Visitor, work: Callable[..., Any]) -> Callable[..., Any]:
    """`work`, done for this visitor in whatever thread calls it."""

    def done(*given: Any) -> Any:
        with acting_for(who):
            return work(*given)

    return done


def without_paths(text: str) -> str:
    """A sentence as strangers may read it: of a path of this machine only its last name is left."""
    return _PATH.sub(lambda found: found[1] or "…", text) if shared_server() and ("/" in text or "\\" in text) else text
