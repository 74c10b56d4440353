"""No event of the page answers with a bare exception: what nobody foresaw becomes one sentence with a code, whose traceback is in the log.

What comes in is looked at first: half of a surrogate pair and whole numbers beyond 64 bits are valid JSON to Python, and fail only
when the answer is written, where no visitor would be told. Events that take values as they are (`UNCHECKED` in `components.context`) and
Gradio's own widgets count on values of the right kind: a menu that was sent a hundred thousand choices holds the server for minutes.
"""

import asyncio
import functools
from typing import Any

import gradio as gr

from components.i18n import words
from mwanda_core.errors import InputError, sentence
from mwanda_core.store.integrity import refuse_unsayable

MOST_CHOSEN, LONGEST_CHOICE = 1024, 4000
"""Choices of one menu, and characters of each: there are 204 languages, and paths of folders have up to 4,000."""
LONGEST, MOST_PARTS = 200_000, 200_000
"""Characters of a text that is typed; numbers and texts within one value, such as the cells of a table."""


def guard(demo: gr.Blocks) -> None:
    """Stand before every event and endpoint, their conversions of values included; called when all is connected."""
    inner = demo.process_api

    @functools.wraps(inner)
    async def guarded(block_fn: Any, inputs: Any, *given: Any, **named: Any) -> Any:
        try:
            refuse_unsayable(inputs)
            function = demo.fns[block_fn] if isinstance(block_fn, int) else block_fn
            for block, value in zip(function.inputs, inputs if isinstance(inputs, list | tuple) else (), strict=False):
                refuse_misfit(block, value)
            return await inner(block_fn, inputs, *given, **named)
        except (gr.Error, asyncio.CancelledError, KeyboardInterrupt, GeneratorExit):
            raise
        except BaseException as error:  # Panics of Rust libraries are no Exceptions, and sys.exit would end the server.
            raise gr.Error(words.library(sentence(error)), print_exception=False) from None

    demo.__dict__["process_api"] = guarded


def refuse_misfit(block: Any, value: Any) -> None:
    """Refuse what no widget of this kind sends.

    Raises InputError in one sentence.
    """
    if isinstance(block, gr.CheckboxGroup) or getattr(block, "multiselect", False):
        fits = value is None or (
            isinstance(value, list | tuple) and len(value) <= MOST_CHOSEN and all(_scalar(one, LONGEST_CHOICE) for one in value)
        )
    elif isinstance(block, gr.Checkbox | gr.Dropdown | gr.Number | gr.Radio | gr.Slider | gr.Textbox):
        fits = _scalar(value, LONGEST)
    else:
        fits = _parts(value, MOST_PARTS) >= 0
    if not fits:
        raise InputError(words.MISFIT.format(name=getattr(block, "label", None) or type(block).__name__))


def _scalar(value: Any, longest: int) -> bool:
    return value is None or isinstance(value, bool | int | float) or (isinstance(value, str) and len(value) <= longest)


def _parts(value: Any, most: int) -> int:
    """How many more parts a value might have had; less than nothing for one that has too many."""
    if isinstance(value, dict | list | tuple):
        for item in (*value, *value.values()) if isinstance(value, dict) else value:
            most = _parts(item, most)
            if most < 0:
                break
    return most - 1
