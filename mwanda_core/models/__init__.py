"""The only place that knows transformers' insides: load, estimate memory, find blocks and linears, record and replay."""

from mwanda_core.models.anatomy import DecoderBlock, PrunableLinear
from mwanda_core.models.cache import EMBEDDED, cache_folder, embedded_available
from mwanda_core.models.calls import Recording, TokenBatch, block_in_float32, in_float32
from mwanda_core.models.language_model import LanguageModel
from mwanda_core.models.loading import SUGGESTIONS, choose_device, choose_dtype, estimate_memory, load, wrap
from mwanda_core.models.memory import LOSS_CHUNK_ELEMENTS, MemoryEstimate, estimate, require

__all__ = [
    "EMBEDDED",
    "LOSS_CHUNK_ELEMENTS",
    "SUGGESTIONS",
    "DecoderBlock",
    "LanguageModel",
    "MemoryEstimate",
    "PrunableLinear",
    "Recording",
    "TokenBatch",
    "block_in_float32",
    "cache_folder",
    "choose_device",
    "choose_dtype",
    "embedded_available",
    "estimate",
    "estimate_memory",
    "in_float32",
    "load",
    "require",
    "wrap",
]
