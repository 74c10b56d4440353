from .base import (
    Corpus as Corpus,
)
from .base import (
    Passage as Passage,
)
from .base import (
    Texts as Texts,
)
from .base import (
    split_even_odd as split_even_odd,
)
from .builtin import (
    builtin as builtin,
)
from .builtin import (
    builtin_languages as builtin_languages,
)
from .builtin import (
    passage_ids as passage_ids,
)
from .folder import (
    folder as folder,
)
from .folder import (
    folder_split as folder_split,
)
from .hub import (
    SOURCES as SOURCES,
)
from .hub import (
    hub as hub,
)
from .hub import (
    hub_split as hub_split,
)
from .packing import (
    Packed as Packed,
)
from .packing import (
    pack as pack,
)
