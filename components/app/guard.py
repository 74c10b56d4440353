"""No event of the page answers with a bare exception: what nobody foresaw becomes one sentence with a code, whose traceback is in the log.

What comes in is looked at first: half of a surrogate pair and whole numbers beyond 64 bits are valid JSON to Python, and fail only
when the answer is written, where no visitor would be told.
"""

import asyncio
import functools
from typing import Any

import gradio as gr

from components.i18n import words
from mwanda_core.errors import sentence
from mwanda_core.store.integrity import refuse_unsayable


def guard(demo: gr.Blocks) -> None:
    """Stand before every event and endpoint, their conversions of values included; called when all is connected."""
    inner = demo.process_api

    @functools.wraps(inner)
    async def guarded(block_fn: Any, inputs: Any, *given: Any, **named: Any) -> Any:
        try:
            refuse_unsayable(inputs)
            return await inner(block_fn, inputs, *given, **named)
        except (gr.Error, asyncio.CancelledError, KeyboardInterrupt, GeneratorExit):
            raise
        except BaseException as error:  # Panics of Rust libraries are no Exceptions, and sys.exit would end the server.
            raise gr.Error(words.library(sentence(error)), print_exception=False) from None

    demo.__dict__["process_api"] = guarded
