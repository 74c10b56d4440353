"""The only place that knows transformers' insides: load, estimate memory, find blocks and linears, record and replay.

Names load on first use: a menu of models must not wait for transformers.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mwanda_core.models.anatomy import DecoderBlock, PrunableLinear
    from mwanda_core.models.cache import EMBEDDED, SUGGESTIONS, cache_folder, embedded_available
    from mwanda_core.models.calls import Recording, TokenBatch, block_in_float32, in_float32
    from mwanda_core.models.language_model import LanguageModel
    from mwanda_core.models.loading import choose_device, choose_dtype, estimate_memory, load, wrap
    from mwanda_core.models.memory import LOSS_CHUNK_ELEMENTS, MemoryEstimate, estimate, require
    from mwanda_core.models.packing import ROW_TOKENS, Layout, Tree, layout

_HOMES = {
    "anatomy": "DecoderBlock PrunableLinear",
    "cache": "EMBEDDED SUGGESTIONS cache_folder embedded_available",
    "calls": "Recording TokenBatch block_in_float32 in_float32",
    "language_model": "LanguageModel",
    "loading": "choose_device choose_dtype estimate_memory load wrap",
    "memory": "LOSS_CHUNK_ELEMENTS MemoryEstimate estimate require",
    "packing": "ROW_TOKENS Layout Tree layout",
}
_HOME = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = [
    "EMBEDDED",
    "LOSS_CHUNK_ELEMENTS",
    "ROW_TOKENS",
    "SUGGESTIONS",
    "DecoderBlock",
    "LanguageModel",
    "Layout",
    "MemoryEstimate",
    "PrunableLinear",
    "Recording",
    "TokenBatch",
    "Tree",
    "block_in_float32",
    "cache_folder",
    "choose_device",
    "choose_dtype",
    "embedded_available",
    "estimate",
    "estimate_memory",
    "in_float32",
    "layout",
    "load",
    "require",
    "wrap",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"mwanda_core.models.{_HOME[name]}"), name)
    globals()[name] = value
    return value
