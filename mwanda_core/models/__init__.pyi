from .anatomy import (
    DecoderBlock as DecoderBlock,
)
from .anatomy import (
    PrunableLinear as PrunableLinear,
)
from .cache import (
    EMBEDDED as EMBEDDED,
)
from .cache import (
    SUGGESTIONS as SUGGESTIONS,
)
from .cache import (
    cache_folder as cache_folder,
)
from .cache import (
    embedded_available as embedded_available,
)
from .calls import (
    Recording as Recording,
)
from .calls import (
    TokenBatch as TokenBatch,
)
from .calls import (
    block_in_float32 as block_in_float32,
)
from .calls import (
    in_float32 as in_float32,
)
from .language_model import LanguageModel as LanguageModel
from .loading import (
    choose_device as choose_device,
)
from .loading import (
    choose_dtype as choose_dtype,
)
from .loading import (
    estimate_memory as estimate_memory,
)
from .loading import (
    load as load,
)
from .loading import (
    wrap as wrap,
)
from .memory import (
    LOSS_CHUNK_ELEMENTS as LOSS_CHUNK_ELEMENTS,
)
from .memory import (
    MemoryEstimate as MemoryEstimate,
)
from .memory import (
    estimate as estimate,
)
from .memory import (
    require as require,
)
from .packing import (
    ROW_TOKENS as ROW_TOKENS,
)
from .packing import (
    Layout as Layout,
)
from .packing import (
    Tree as Tree,
)
from .packing import (
    layout as layout,
)
