"""A tokenizer's table as tokenizer.json states it: what each token is, and which kind of table it is.

Three families can lose tokens safely: BPE over characters with bytes to fall back on (Gemma, Llama 2, Mistral), BPE over bytes (Qwen,
Llama 3, GPT-2) and Unigram (XGLM). Anything else is refused by name. Format: the `tokenizers` library's tokenizer.json, version 1.0.
"""

import dataclasses
import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mwanda_core.errors import ModelError
from mwanda_core.shrink.folders import TOKENIZER, ModelFolder

CHARACTERS, BYTES, UNIGRAM = "BPE with byte fallback", "byte-level BPE", "Unigram"
FAMILIES = (CHARACTERS, BYTES, UNIGRAM)

PINNED = 1024
"""Byte tokens below this id pin every id up to them: runtimes know the first ids of a family by heart (eos 1, newline 108)."""

_RESERVED = re.compile(r"unused|reserved|placeholder|madeup|extra_id|^\[PAD\d+\]$", re.IGNORECASE)
"""Names of tokens that only hold a place; they go unless something names them."""


@dataclasses.dataclass(frozen=True, eq=False)
class TokenTable:
    """`pieces`: id -> token of the model's own vocabulary; `added`: id -> entry of `added_tokens`."""

    family: str
    data: dict[str, Any]
    pieces: dict[int, str]
    added: dict[int, dict[str, Any]]

    @functools.cached_property
    def size(self) -> int:
        """One more than the largest id."""
        return 1 + max((*self.pieces, *self.added))

    @functools.cached_property
    def ids(self) -> dict[str, int]:
        """Token -> id, added tokens included."""
        return {piece: number for number, piece in self.pieces.items()} | {e["content"]: i for i, e in self.added.items()}

    @functools.cached_property
    def ranks(self) -> dict[tuple[str, str], int]:
        """Pair of symbols -> place among the merges; the first wins, as it does in the tokenizer."""
        found: dict[tuple[str, str], int] = {}
        for rank, (left, right) in enumerate(merges_of(self.data["model"])):
            found.setdefault((left, right), rank)
        return found

    @functools.cached_property
    def bytes(self) -> tuple[int, ...]:
        """The ids of the 256 byte tokens; empty for Unigram without them."""
        if self.family == BYTES:
            return tuple(self.ids[symbol] for symbol in byte_symbols() if symbol in self.ids)
        return tuple(self.ids[f"<0x{byte:02X}>"] for byte in range(256) if f"<0x{byte:02X}>" in self.ids)

    def text(self, number: int) -> str:
        """What a token writes, with spaces as U+2581; pieces of characters are left out."""
        piece = self.pieces.get(number, "")
        if self.family != BYTES:
            return piece
        table = _byte_of_symbol()
        return bytes(table[s] for s in piece if s in table).decode("utf-8", errors="ignore").replace(" ", "▁")

    @functools.cached_property
    def required(self) -> frozenset[int]:
        """What no choice may drop: bytes, the unknown token, added tokens that are no placeholders, what the post-processor
        adds, the pinned beginning; of Unigram one piece of the lowest score (the score of the unknown follows from it), and all
        single characters where there are no bytes to fall back on."""
        kept = {i for i, entry in self.added.items() if not _RESERVED.search(entry["content"])}
        kept |= {*self.bytes, *processed_ids(self.data.get("post_processor"))}
        model = self.data["model"]
        if model.get("unk_token") in self.ids:
            kept.add(self.ids[model["unk_token"]])
        if self.family == UNIGRAM:
            kept |= {model["unk_id"]} if model.get("unk_id") is not None else set()
            kept.add(min(range(len(model["vocab"])), key=lambda i: model["vocab"][i][1]))
            kept |= self._letters() if len(self.bytes) < 256 or not model.get("byte_fallback") else set()
        if self.family == CHARACTERS and max(self.bytes) < PINNED:
            kept |= {i for i in range(max(self.bytes) + 1) if i in self.pieces or i in self.added}
        return frozenset(kept)

    def _letters(self) -> set[int]:
        """Single characters, and pieces with a character that has no piece of its own: without bytes no text may lose them."""
        alone = {piece for piece in self.pieces.values() if len(piece) == 1}
        return {i for i, piece in self.pieces.items() if len(piece) == 1 or not alone.issuperset(piece)}


def token_table(folder: ModelFolder) -> TokenTable:
    """The table of a model's tokenizer.

    Raises ModelError, naming the kind, for one that cannot be trimmed.
    """
    file = folder.path / TOKENIZER
    if not file.is_file():
        raise ModelError(f"{str(folder.path)!r} has no tokenizer.json: save its tokenizer with save_pretrained first.")
    return parse(read_tokenizer(file))


def read_tokenizer(file: Path) -> dict[str, Any]:
    """tokenizer.json as data, each symbol of a merge held once (a table of 500,000 merges repeats its symbols).

    Raises ModelError for a file that is no tokenizer.
    """
    seen: dict[str, str] = {}

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = {seen.setdefault(k, k): v for k, v in pairs}
        if "merges" in found and isinstance(found["merges"], list):
            found["merges"] = [
                (seen.setdefault(m[0], m[0]), seen.setdefault(m[1], m[1])) if isinstance(m, list) else m
                for m in found["merges"]
            ]
        return found

    try:
        data = json.loads(file.read_bytes(), object_pairs_hook=once)
        if not isinstance(data["model"]["vocab"], dict | list):
            raise TypeError
    except (OSError, ValueError, KeyError, TypeError):
        raise ModelError(f"{str(file)!r} is no tokenizer.json: get the file again.") from None
    return data


def parse(data: dict[str, Any]) -> TokenTable:
    """The table that a tokenizer.json states.

    Raises ModelError, naming the kind, for one that cannot be trimmed.
    """
    family = _family(data)
    vocab = data["model"]["vocab"]
    pieces = {i: piece for piece, i in vocab.items()} if isinstance(vocab, dict) else {i: p for i, (p, _) in enumerate(vocab)}
    # An added token whose words stand in the vocabulary takes the vocabulary's id when the file is loaded.
    known = {piece: i for i, piece in pieces.items()}
    added = {known.get(entry["content"], entry["id"]): entry for entry in data.get("added_tokens") or []}
    table = TokenTable(family, data, pieces, added)
    if family != UNIGRAM and len(table.bytes) < 256:
        raise ModelError(
            f"This {family} tokenizer has {len(table.bytes)} of the 256 bytes, so texts of dropped characters would be lost: it "
            "cannot be trimmed."
        )
    return table


def _family(data: dict[str, Any]) -> str:
    model = data["model"]
    kind = str(
        model.get("type") or ("Unigram" if isinstance(model["vocab"], list) else "BPE" if "merges" in model else "unknown")
    )
    if kind == "Unigram":
        return UNIGRAM
    if kind != "BPE":
        raise ModelError(f"Tokenizers of the kind {kind} cannot be trimmed here: only {', '.join(FAMILIES)}.")
    odd = [name for name in ("dropout", "continuing_subword_prefix", "end_of_word_suffix") if model.get(name)]
    if odd:
        raise ModelError(f"This BPE tokenizer has {odd[0]} set to {model[odd[0]]!r}; trimming is proved only without it.")
    if model.get("byte_fallback"):
        return CHARACTERS
    if any(part.get("type") == "ByteLevel" for part in _parts(data.get("pre_tokenizer"))):
        return BYTES
    raise ModelError(
        "This BPE tokenizer has no bytes to fall back on, so texts of dropped characters would be lost: it stays whole."
    )


def _parts(component: Any) -> Iterator[dict[str, Any]]:
    """A component of tokenizer.json and those it is a sequence of."""
    if isinstance(component, dict):
        yield component
        for value in component.values():
            for item in value if isinstance(value, list) else []:
                yield from _parts(item)


def merges_of(model: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The merges of a BPE model, which older files write as "a b"."""
    for merge in model.get("merges") or []:
        left, right = merge.split(" ", 1) if isinstance(merge, str) else merge
        yield left, right


def processed_ids(processor: Any) -> set[int]:
    """Ids that a post-processor puts around a text."""
    found: set[int] = set()
    for part in _parts(processor):
        specials = part.get("special_tokens")
        for entry in specials.values() if isinstance(specials, dict) else []:
            found |= set(entry["ids"])
        found |= {part[name][1] for name in ("sep", "cls") if isinstance(part.get(name), list)}
    return found


@functools.cache
def byte_symbols() -> tuple[str, ...]:
    """The printable character that stands for each byte in byte-level BPE (GPT-2): printable Latin-1 for itself, others from 256 on."""
    plain = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = iter(range(256, 512))
    return tuple(chr(byte if byte in plain else next(others)) for byte in range(256))


@functools.cache
def _byte_of_symbol() -> dict[str, int]:
    return {symbol: byte for byte, symbol in enumerate(byte_symbols())}
