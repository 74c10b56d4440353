"""The reader of a server's log misses no error of the project."""

import pytest
import served

GRADIO = """ERROR:    Exception in ASGI application
Traceback (most recent call last):
  File "/somewhere/site-packages/gradio/routes.py", line 1838, in sse_stream
    raise HTTPException(
fastapi.exceptions.HTTPException: 404: Not Found

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
RuntimeError: Caught handled exception, but response already started.
"""
OURS = f"""Traceback (most recent call last):
  File "{served.ROOT / "components" / "callbacks.py"}", line 3, in show
    raise KeyError("en")
KeyError: 'en'
"""
CALM = "* Running on local URL:  http://127.0.0.1:7860\n"


@pytest.mark.parametrize("log", ["", CALM, CALM + GRADIO, CALM + GRADIO + GRADIO])
def test_a_browser_that_was_closed_is_no_complaint(log: str) -> None:
    assert served.complaints(log) == ""


@pytest.mark.parametrize("log", [OURS, CALM + OURS, GRADIO + OURS, OURS + GRADIO, GRADIO.replace("404", "500")])
def test_everything_else_is(log: str) -> None:
    assert "Traceback" in served.complaints(log)
