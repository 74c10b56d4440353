"""Loading that tells how far it is and can be stopped: whoever loads a model hands in a function that is called at every tensor."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from typing import Any

from transformers import modeling_gguf_pytorch_utils as gguf
from transformers.utils import logging as transformers_logging

Step = Callable[[str, int, int], None]
"""Called with what is being done, tensors done, and tensors in all; what it raises ends the loading."""

LOADING, EXPANDING = "Loading the model", "Expanding the model; this is done once"

_step: ContextVar[Step | None] = ContextVar("step", default=None)


@contextlib.contextmanager
def watched(step: Step) -> Iterator[None]:
    """Inside, models are loaded under the eyes of `step`."""
    token = _step.set(step)
    before = transformers_logging.set_tqdm_hook(_bar)
    try:
        yield
    finally:
        transformers_logging.set_tqdm_hook(before)
        _step.reset(token)


@contextlib.contextmanager
def expanding() -> Iterator[None]:
    """Inside, a GGUF file is read tensor by tensor, each of them told."""
    usual = gguf.tqdm  # type: ignore[attr-defined]

    def tensors(found: Iterable[Any], *given: Any, **named: Any) -> Iterator[Any]:
        every = list(found)
        for place, tensor in enumerate(every):
            _tell(EXPANDING, place, len(every))
            yield tensor

    gguf.tqdm = tensors  # type: ignore[attr-defined]
    try:
        yield
    finally:
        gguf.tqdm = usual  # type: ignore[attr-defined]


def _tell(what: str, done: int, total: int) -> None:
    step = _step.get()
    if step is not None:
        step(what, done, total)


def _bar(factory: Callable[..., Any], given: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """The library's own bar: a walk over tensors is told at each of them, any other bar stays as it is."""
    return _walk(given[0], factory(*given, **named)) if given else factory(**named)


def _walk(found: Any, bar: Iterable[Any]) -> Iterator[Any]:
    total = len(found) if hasattr(found, "__len__") else 0
    for place, tensor in enumerate(bar):
        _tell(LOADING, place, total)
        yield tensor
