"""What a served page wrote while browsers were looking at it."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def complaints(log: str) -> str:
    """The errors in a server's log; "" when there are none.

    One is not the page's: Gradio answers 404 to the stream of events of a browser that was closed between asking for an event and
    listening to its stream. It is left out where no frame of the project's own code is in it.
    """
    parts = re.split(r"(?m)^(?=ERROR:)", log)
    kept = [part for part in parts if "Traceback" in part and not _closed_too_soon(part)]
    return "".join(kept)


def _closed_too_soon(part: str) -> bool:
    # The door in front of Gradio hands everything on, and so stands in every trace.
    door = str(ROOT / "components" / "app" / "doors.py")
    frames = [line for line in part.splitlines() if line.lstrip().startswith('File "') and door not in line]
    ours = any(f'File "{ROOT / folder}' in line for line in frames for folder in ("components", "mwanda_core", "app.py"))
    return "in sse_stream" in part and "404: Not Found" in part and not ours
