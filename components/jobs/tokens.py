"""Tokens on their way to the Hub. A job's request is plain data that may be printed, kept and sent; so it holds a ticket, and the
token itself is here, in memory, for one use and one hour at most."""

import secrets
import threading
import time

from components.i18n import words
from mwanda_core.errors import InputError

LIFETIME = 3600.0


class Vault:
    """Ticket -> token. Shows nothing of what it holds."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def put(self, token: str) -> str:
        """Hold a token; the ticket for it."""
        ticket = secrets.token_hex(16)
        with self._lock:
            self._expire()
            self._held[ticket] = token, time.monotonic()
        return ticket

    def take(self, ticket: str) -> str:
        """The token, which is forgotten.

        Raises InputError when it is not held (any more).
        """
        with self._lock:
            self._expire()
            found = self._held.pop(ticket, None)
        if found is None:
            raise InputError(words.TAKE_TOKEN_GONE)
        return found[0]

    def forget(self, ticket: str) -> None:
        """Drop a token that will not be used."""
        with self._lock:
            self._held.pop(ticket, None)

    def __len__(self) -> int:
        return len(self._held)

    def _expire(self) -> None:
        now = time.monotonic()
        self._held = {key: value for key, value in self._held.items() if now - value[1] < LIFETIME}


VAULT = Vault()
