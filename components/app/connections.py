"""Connections that do not go on are closed, and one address does not get them all.

uvicorn waits for ever for a request whose head or body never ends. Its protocol is given a clock, and put in place of its own once the
server runs.
"""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from components.app.rules import is_loopback

HEAD_SECONDS, BODY_SECONDS = 15.0, 30.0
"""A request's head is there after so long; a body never rests for longer."""
MOST_OF_ONE, MOST = 64, 1024
"""Connections of one address (this machine and trusted proxies apart), and of all."""


class Patient(H11Protocol):
    """uvicorn's protocol, whose patience ends."""

    head, body, most_of_one = HEAD_SECONDS, BODY_SECONDS, MOST_OF_ONE
    counts_addresses = True
    _waits: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """A connection came: it is closed again where its address has enough of them."""
        super().connection_made(transport)
        mine = [one for one in self.connections if self.client and (getattr(one, "client", None) or "")[:1] == self.client[:1]]
        near = self.client is None or is_loopback(self.client[0])
        if len(self.connections) > MOST or (self.counts_addresses and not near and len(mine) > self.most_of_one):
            transport.abort()
        else:
            self._wait(self.head)

    def data_received(self, data: bytes) -> None:
        """Bytes came: a head has one time for all of them, a body has it again with each."""
        super().data_received(data)
        state = self.conn.their_state
        if state is h11.SEND_BODY:
            self._wait(self.body)
        elif state is not h11.IDLE:
            self._wait(None)
        elif self._waits is None:  # The next request on this connection has begun.
            self._wait(self.head)

    def on_response_complete(self) -> None:
        """The answer is out: uvicorn's own time for connections at rest begins."""
        self._wait(None)
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._wait(None)
        super().connection_lost(exc)

    def _wait(self, seconds: float | None) -> None:
        if self._waits is not None:
            self._waits.cancel()
        self._waits = None if seconds is None else self.loop.call_later(seconds, self.transport.abort)


def be_patient(config: Any, counting: bool) -> None:
    """Give the connections of a running server the clock; counting: whether connections of one address are counted."""
    config.http_protocol_class = type("Counting", (Patient,), {"counts_addresses": counting})
