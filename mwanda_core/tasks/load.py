"""The table of sets, and one way to get a task of any of them: from the Hub or from a local folder."""

from collections.abc import Sequence
from pathlib import Path

from mwanda_core.errors import InputError, TextError, UnknownName
from mwanda_core.plugins import Table
from mwanda_core.tasks.adapter import Adapter
from mwanda_core.tasks.base import Item, Task, chosen
from mwanda_core.tasks.bmlama import BMLAMA
from mwanda_core.tasks.files import read_items
from mwanda_core.tasks.minimal_pairs import BLIMP, LINDSEA, MULTIBLIMP
from mwanda_core.tasks.questions import BELEBELE, BELEBELE_CLOZE, GLOBAL_MMLU
from mwanda_core.tasks.sentence_pairs import PAWS_X, XNLI
from mwanda_core.tasks.stories import XSTORYCLOZE, XWINOGRAD
from mwanda_core.tasks.truthfulqa import TRUTHFULQA
from mwanda_core.tasks.xcopa import XCOPA

_OWN: dict[str, Adapter] = {
    adapter.name: adapter
    for adapter in (
        MULTIBLIMP, BLIMP, LINDSEA, BMLAMA, XCOPA, XSTORYCLOZE, XWINOGRAD, BELEBELE, BELEBELE_CLOZE, XNLI, PAWS_X, GLOBAL_MMLU, TRUTHFULQA,
    )
}  # fmt: skip

TASKS = Table("task", Adapter, _OWN)

HUB = "hub"


def load_task(
    name: str, languages: Sequence[str] | None = None, source: str | Path = HUB, limit: int | None = None, seed: int = 0
) -> Task:
    """A task by name: "hub", or a folder that holds the set as published or in the project's own form (docs/tasks.md).

    A folder may be that of the set, or one above it. `languages` are all there are unless given. At most `limit` items a
    language, chosen by `seed`; in a parallel set the same questions in every language. A name that is not in `TASKS` is
    looked for in the folder as <name>.jsonl. Raises UnknownName for a name, InputError for a limit below 1, and TextError
    for a folder, file or language that is missing.
    """
    if limit is not None and limit < 1:
        raise InputError(f"At least one item a language is needed; the limit given was {limit}.")
    folder = None if source == HUB else Path(source).expanduser()
    if folder is not None and not folder.is_dir():
        raise TextError(f'There is no folder {str(source)!r} to read items from. Give a folder, or "{HUB}".')
    if name not in TASKS:
        if folder is None or not (folder / f"{name}.jsonl").is_file():
            raise UnknownName("task", name, TASKS)
        own = read_items(folder / f"{name}.jsonl")
        return _task(own.name, own.title, own.items, languages or own.languages, limit, seed)
    adapter = TASKS[name]
    codes = tuple(languages) if languages else _all(adapter, folder)
    items: list[Item] = []
    for code in codes:
        items += adapter.from_hub(code) if folder is None else adapter.from_folder(folder, code)
    return _task(name, adapter.title, items, codes, limit, seed, adapter)


def _all(adapter: Adapter, folder: Path | None) -> tuple[str, ...]:
    if folder is None:
        return tuple(code for code in adapter.languages if code not in adapter.local_only)
    found = adapter.local_languages(folder)
    if not found:
        raise TextError(f"The folder {str(folder)!r} has no files of {adapter.title} ({', '.join(adapter.layout)}).")
    return found


def _task(
    name: str,
    title: str,
    items: Sequence[Item],
    codes: Sequence[str],
    limit: int | None,
    seed: int,
    adapter: Adapter | None = None,
) -> Task:
    parallel = adapter is not None and adapter.parallel
    apart = adapter.apart if adapter is not None else ()
    kept: list[Item] = []
    for part, together in (([c for c in codes if c not in apart], parallel), ([c for c in codes if c in apart], False)):
        kept += chosen([item for item in items if item.language in part], limit, seed, together, part)
    empty = [code for code in codes if not any(item.language == code for item in kept)]
    if empty:
        raise TextError(f"{title} has no items in {', '.join(empty)}.")
    ordered = tuple(item for code in codes for item in kept if item.language == code)
    return Task(name, title, ordered, parallel, adapter.reading if adapter is not None else "raw")
