"""What the server remembers of each page that is open: what its visitor's state is, and nothing else.

Gradio keeps for every page that was ever opened a description of all its widgets (megabytes, for up to 10,000 pages), which only
its deep links read; those are closed here (`components.app.doors`). And it gives every caller a list of its own of all widgets, and
forgets no page that was left. Here a session holds the widgets that differ from those of everybody, and of the sessions behind which
no page is open (any more) the last few are kept: a browser that lost its connection for a while finds its state again.
"""

import collections
from collections.abc import MutableMapping
from typing import Any, cast

from gradio.state_holder import SessionState, StateHolder

from components.app.doors import API

MOST_SESSIONS = 1024
"""Pages whose state is kept; the one that was not used for longest makes room."""
MOST_LEFT = 24
"""Of those, pages that were left; and as many of callers that never had one open."""


class _Unwritten(dict[int, Any]):
    """Takes everything and keeps nothing."""

    def __setitem__(self, key: int, value: Any) -> None:
        return None


class Session(SessionState):
    """The state of one page, without a description of its widgets."""

    def __init__(self, blocks: Any) -> None:
        # Not Gradio's own beginning, which copies and describes every widget.
        everybody = blocks.default_config
        self.blocks_config = object.__new__(type(everybody))
        self.blocks_config.__dict__.update(everybody.__dict__, blocks=collections.ChainMap({}, everybody.blocks))
        self.config_values = _Unwritten()
        self.state_data: dict[int, Any] = {}
        self._state_ttl: dict[int, Any] = {}
        self.is_closed, self.STATE_TTL_WHEN_CLOSED = False, 3600
        self.had_page = False

    def _update_config(self, key: int) -> None:
        return None

    def _update_value_in_config(self, key: int, value: Any) -> None:
        return None


class Sessions(StateHolder):
    """The open pages of a server. blocks: what Gradio serves."""

    def __init__(self, blocks: Any) -> None:
        super().__init__()
        self.set_blocks(blocks)
        self.capacity = MOST_SESSIONS
        self._open: collections.Counter[str] = collections.Counter()

    def __getitem__(self, session_id: str) -> SessionState:
        if session_id not in self.session_data:
            self.session_data[session_id] = Session(self.blocks)
            self._forget()
        return super().__getitem__(session_id)

    def watching(self, app: Any) -> Any:
        """An ASGI application around Gradio's that sees which pages are open: each holds a request for as long as it is."""

        async def watched(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
            name = scope.get("path", "").partition(f"{API}/heartbeat/")[2]
            if not name:
                await app(scope, receive, send)
                return
            self._open[name] += 1
            cast(Session, self[name]).had_page = True
            try:
                await app(scope, receive, send)
            finally:
                self._open[name] -= 1
                if not self._open[name]:
                    del self._open[name]
                self.update(name)  # Of those that were left it is the last.
                self._forget()

        return watched

    def _forget(self) -> None:
        """Keep `MOST_LEFT` sessions of pages that were left, and as many of callers without one; of both those that were used last."""
        queue = self.blocks._queue
        with self.lock:
            left = [
                (name, cast(Session, held).had_page) for name, held in list(self.session_data.items()) if name not in self._open
            ]
            for had_page in (True, False):
                mine = [name for name, had in left if had is had_page]
                for name in mine[: max(0, len(mine) - MOST_LEFT)]:
                    del self.session_data[name]
                    self.time_last_used.pop(name, None)
                    if not queue.pending_event_ids_session.get(name):  # Nobody waits for what was said there.
                        queue.pending_event_ids_session.pop(name, None)
                        queue.pending_messages_per_session.pop(name, None)
