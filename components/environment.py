"""Where the page is served: on a machine of one's own, or on one that strangers share."""

import os


def shared_server() -> bool:
    """Whether visitors are strangers to each other and to this machine's files (a Hugging Face Space)."""
    return bool(os.environ.get("SPACE_ID"))
