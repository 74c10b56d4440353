"""What the server remembers of each page that is open: what its visitor's state is, and nothing else.

Gradio keeps for every page that was ever opened a description of all its widgets (megabytes, for up to 10,000 pages), which only
its deep links read; those are closed here (`components.app.doors`).
"""

from typing import Any

from gradio.state_holder import SessionState, StateHolder

MOST_SESSIONS = 1024
"""Pages whose state is kept; the one that was not used for longest makes room."""


class _Unwritten(dict[int, Any]):
    """Takes everything and keeps nothing."""

    def __setitem__(self, key: int, value: Any) -> None:
        return None


class Session(SessionState):
    """The state of one page, without a description of its widgets."""

    def __init__(self, blocks: Any) -> None:
        super().__init__(blocks)
        self.config_values = _Unwritten()

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

    def __getitem__(self, session_id: str) -> SessionState:
        if session_id not in self.session_data:
            self.session_data[session_id] = Session(self.blocks)
        return super().__getitem__(session_id)
