from .anatomy import (
    DecoderBlock as DecoderBlock,
    PrunableLinear as PrunableLinear,
)
from .cache import (
    EMBEDDED as EMBEDDED,
    SUGGESTIONS as SUGGESTIONS,
    cache_folder as cache_folder,
    embedded_available as embedded_available,
)
from .calls import (
    Recording as Recording,
    TokenBatch as TokenBatch,
    block_in_float32 as block_in_float32,
    in_float32 as in_float32,
)
from .language_model import LanguageModel as LanguageModel
from .loading import (
    choose_device as choose_device,
    choose_dtype as choose_dtype,
    estimate_memory as estimate_memory,
    load as load,
    wrap as wrap,
)
from .memory import (
    LOSS_CHUNK_ELEMENTS as LOSS_CHUNK_ELEMENTS,
    MemoryEstimate as MemoryEstimate,
    estimate as estimate,
    require as require,
)
from .packing import (
    ROW_TOKENS as ROW_TOKENS,
    Layout as Layout,
    Tree as Tree,
    layout as layout,
)
