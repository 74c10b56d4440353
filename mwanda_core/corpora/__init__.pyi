from .base import (
    Corpus as Corpus,
    Passage as Passage,
    Texts as Texts,
    split_even_odd as split_even_odd,
)
from .builtin import (
    builtin as builtin,
    builtin_languages as builtin_languages,
    passage_ids as passage_ids,
)
from .folder import (
    folder as folder,
    folder_split as folder_split,
)
from .hub import (
    SOURCES as SOURCES,
    hub as hub,
    hub_split as hub_split,
)
from .packing import (
    Packed as Packed,
    pack as pack,
)
