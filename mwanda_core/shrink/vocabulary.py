"""A smaller vocabulary: fewer rows of the embedding and of the head, and nothing else changed.

Laws, which are tests. On text whose tokens are all kept, the tokens are the same (renumbered), hidden states are bit for bit the same, and
with P(K | c) the probability that the model gives the kept tokens after a context c,

    log p'(t | c) = log p(t | c) - log P(K | c)  >=  log p(t | c):

the loss can only fall, by exactly the mean of -log P(K | c). Other text needs more tokens, so models are compared per byte.
"""

import dataclasses
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from mwanda_core.errors import ModelError
from mwanda_core.progress import Monitor
from mwanda_core.shrink import renumber, tensors
from mwanda_core.shrink.counts import encoded
from mwanda_core.shrink.folders import (
    CONFIG,
    GENERATION,
    INDEX,
    TOKENIZER,
    TOKENIZER_CONFIG,
    ModelFolder,
    carry,
    write_json,
)
from mwanda_core.shrink.tokens import TokenTable, token_table

_BY_TOKEN = ("embed_tokens", "lm_head", "wte", "embed_in", "embed_out", "word_embeddings", "embed_tokens_per_layer", "shared")
"""Modules whose tensors have a row for each token."""


UNIT = 16 * 2**20
"""Bytes written that are one unit of progress."""


@dataclasses.dataclass(frozen=True)
class Reach:
    """What one language's text is in the kept tokens, beside all of them."""

    language: str
    coverage: float
    """Share of the tokens that are kept."""
    tokens_per_character: float
    trimmed_tokens_per_character: float

    @property
    def longer(self) -> float:
        """How much longer texts become, as a share."""
        return self.trimmed_tokens_per_character / self.tokens_per_character - 1


def table_of(folder: ModelFolder) -> TokenTable:
    """The tokens that the model has rows for.

    Raises ModelError for a tokenizer or a model that cannot be trimmed.
    """
    table = token_table(folder)
    rows = num_rows(folder)
    # Gemma's tokenizer names an image token that its text-only models have no row for.
    pieces = {number: piece for number, piece in table.pieces.items() if number < rows}
    added = {number: entry for number, entry in table.added.items() if number < rows}
    return dataclasses.replace(table, pieces=pieces, added=added)


def by_token(folder: ModelFolder) -> dict[str, tensors.Stored]:
    """The tensors with a row for each token.

    Raises ModelError when there is none, or another tensor has as many rows (what it is, is not known then).
    """
    found = {name: one for name, one in folder.tensors.items() if _module(name) in _BY_TOKEN}
    if not found:
        raise ModelError(
            f"No embedding was found in {str(folder.path)!r}: its family names it in a way that is not known here."
        )
    size = max(one.shape[0] for one in found.values())
    others = [n for n, one in folder.tensors.items() if n not in found and size >= 4096 and size in one.shape]
    if others:
        raise ModelError(f"{others[0]} has a place for each token too, and it is not known here how to cut it.")
    return found


def _module(name: str) -> str:
    return name.rsplit(".", 2)[-2] if "." in name else name


def num_rows(folder: ModelFolder) -> int:
    """Rows of the embedding."""
    return max(one.shape[0] for one in by_token(folder).values())


def bytes_per_token(folder: ModelFolder) -> float:
    """Bytes that each token costs in all its tensors."""
    return sum(one.num_bytes / one.shape[0] for one in by_token(folder).values())


def kept_ids(folder: ModelFolder, table: TokenTable) -> set[int]:
    """What no choice may drop, with what the model's files name."""
    return {*table.required, *renumber.named_ids(folder, table)}


def trimmed_tokenizer(table: TokenTable, kept: Sequence[int]) -> Tokenizer:
    """The tokenizer of the kept tokens, in memory."""
    return Tokenizer.from_str(json.dumps(renumber.tokenizer_json(table, renumber.new_ids(kept)), ensure_ascii=False))


def reach(
    before: Tokenizer, after: Tokenizer, kept: Sequence[int], size: int, texts: Mapping[str, Sequence[str]]
) -> tuple[Reach, ...]:
    """Coverage and length of texts by language, in all tokens and in the kept ones."""
    inside = np.zeros(size, dtype=bool)
    inside[list(kept)] = True
    found = []
    for code, items in texts.items():
        old = [np.asarray(ids, dtype=np.int64) for ids in encoded(before, items)]
        new = sum(map(len, encoded(after, items)))
        total, characters = sum(map(len, old)), sum(map(len, items))
        found.append(Reach(code, float(sum(inside[ids].sum() for ids in old)) / total, total / characters, new / characters))
    return tuple(found)


def trim(folder: ModelFolder, kept: Sequence[int], target: Path, monitor: Monitor) -> None:
    """Write the model with these tokens into an empty folder; its weights are copied from file to file.

    Raises ModelError for ids that the tokenizer does not have, or that leave out what no choice may drop.
    """
    table = table_of(folder)
    unknown = [number for number in kept if number not in table.pieces and number not in table.added]
    lost = kept_ids(folder, table) - set(kept)
    if unknown or lost:
        what = (
            f"names token {unknown[0]}, which this model does not have"
            if unknown
            else f"drops token {min(lost)}, which it needs"
        )
        raise ModelError(f"The vocabulary {what}: plan the trim for this model again.")
    rows, ids = num_rows(folder), renumber.new_ids(kept)
    write_json(target / CONFIG, renumber.model_config(folder.config, ids, rows))
    if folder.json(GENERATION):
        write_json(target / GENERATION, renumber.model_config(folder.json(GENERATION), ids, rows))
    if folder.json(TOKENIZER_CONFIG):
        write_json(target / TOKENIZER_CONFIG, renumber.tokenizer_config(folder.json(TOKENIZER_CONFIG), ids))
    with (target / TOKENIZER).open("w", encoding="utf-8") as stream:
        json.dump(renumber.tokenizer_json(table, ids), stream, ensure_ascii=False)
    carry(folder, target)
    rowed, old = by_token(folder), sorted(kept)

    def cut(one: tensors.Stored) -> tensors.Piece:
        return tensors.rows(one, [i for i in old if i < one.shape[0]]) if one.name in rowed else tensors.whole(one)

    write_weights(folder, {name: cut(one) for name, one in folder.tensors.items()}, target, monitor)


def write_weights(folder: ModelFolder, pieces: Mapping[str, tensors.Piece], target: Path, monitor: Monitor) -> None:
    """Write tensors into files as the source has them; a name that the source does not have goes to its first file.

    Units of progress: `UNIT` bytes, so that writing weighs beside other work as much as it takes.
    """
    monitor = monitor.scaled(1 / UNIT)
    files = sorted({one.file.name for one in folder.tensors.values()})
    homes = {name: folder.tensors[name].file.name if name in folder.tensors else files[0] for name in pieces}
    monitor.plan(sum(piece.num_bytes for piece in pieces.values()))
    used = [file for file in files if file in homes.values()]
    for file in used:
        tensors.write(target / file, {name: piece for name, piece in pieces.items() if homes[name] == file}, monitor)
    if len(used) > 1 or (folder.path / INDEX).is_file():
        total = sum(piece.num_bytes for piece in pieces.values())
        write_json(target / INDEX, {"metadata": {"total_size": total}, "weight_map": homes})


def copy_without_weights(folder: ModelFolder, target: Path, config: Mapping[str, Any]) -> None:
    """Tokenizer and settings as they are, and a new configuration."""
    write_json(target / CONFIG, config)
    for name in (GENERATION, TOKENIZER, TOKENIZER_CONFIG):
        if (folder.path / name).is_file():
            shutil.copyfile(folder.path / name, target / name)
    carry(folder, target)
