"""A tokenizer in GGUF's words: which kind, its tokens with scores or merges, and what each token is.

A SentencePiece-style BPE becomes kind "llama", where the adjacent pair whose concatenation has the best score is merged first, the
leftmost among equals: with minus the first rank that makes a token as its score this is the same order as the merges', so covered text
keeps its tokens there too. Byte-level BPE becomes kind "gpt2" with its merges and the name of its way of cutting words.
"""

import dataclasses
from typing import Any

from mwanda_core.errors import ModelError
from mwanda_core.shrink.tokens import BYTES, CHARACTERS, TokenTable, merges_of

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = range(1, 7)

_CUTS = {
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+": "llama-bpe",
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+": "qwen2",
}
"""Regular expression of a pre-tokenizer -> the name that llama.cpp has for it."""


@dataclasses.dataclass(frozen=True)
class Words:
    """What `tokenizer.ggml.*` holds."""

    model: str
    pre: str
    tokens: tuple[str, ...]
    types: tuple[int, ...]
    scores: tuple[float, ...] | None
    merges: tuple[str, ...] | None
    space_prefix: bool | None
    opens: bool
    """Whether a text begins with the opening token."""


def words(table: TokenTable, rows: int) -> Words:
    """The table for a model with so many rows.

    Raises ModelError for a tokenizer that llama.cpp has no equal of.
    """
    if table.family not in (CHARACTERS, BYTES):
        raise ModelError(f"A {table.family} tokenizer is not written to GGUF here.")
    tokens, types = [], []
    for number in range(rows):
        piece = table.pieces.get(number)
        entry = table.added.get(number)
        tokens.append(entry["content"] if entry else piece if piece is not None else f"[PAD{number}]")
        types.append(_type(table, piece, entry))
    opens = bool(_opening(table))
    if table.family == BYTES:
        merges = tuple(f"{a} {b}" for a, b in merges_of(table.data["model"]))
        return Words("gpt2", _cut_of(table), tuple(tokens), tuple(types), None, merges, None, opens)
    ranks: dict[str, int] = {}
    for rank, (a, b) in enumerate(merges_of(table.data["model"])):
        ranks.setdefault(a + b, rank)
    scores = tuple(-float(ranks.get(token, len(ranks))) for token in tokens)
    return Words("llama", "default", tuple(tokens), tuple(types), scores, None, _prefixes(table), opens)


def _type(table: TokenTable, piece: str | None, entry: dict[str, Any] | None) -> int:
    if entry is not None:
        if entry["content"] == table.data["model"].get("unk_token"):
            return UNKNOWN
        return CONTROL if entry.get("special") else USER_DEFINED
    if piece is None:
        return UNUSED
    return BYTE if table.family == CHARACTERS and len(piece) == 6 and piece[:3] == "<0x" and piece[-1] == ">" else NORMAL


def _opening(table: TokenTable) -> list[Any]:
    """Special tokens that the post-processor puts before a single text."""
    processor = table.data.get("post_processor") or {}
    parts = [processor, *processor.get("processors", [])]
    return [piece for part in parts for piece in part.get("single", [])[:1] if "SpecialToken" in piece]


def _cut_of(table: TokenTable) -> str:
    before = table.data.get("pre_tokenizer") or {}
    parts = [before, *before.get("pretokenizers", [])]
    for part in parts:
        pattern = (part.get("pattern") or {}).get("Regex") if part.get("type") == "Split" else None
        if pattern is not None and pattern in _CUTS:
            return _CUTS[pattern]
    if not any(part.get("type") == "Split" for part in parts) and any(
        part.get("use_regex", True) for part in parts if part.get("type") == "ByteLevel"
    ):
        return "gpt-2"
    raise ModelError("This tokenizer cuts words in a way that llama.cpp's names here do not include: no GGUF file was written.")


def _prefixes(table: TokenTable) -> bool:
    """Whether a space is put before a text."""
    normaliser = table.data.get("normalizer") or {}
    parts = [normaliser, *normaliser.get("normalizers", []), table.data.get("pre_tokenizer") or {}]
    return any(
        p.get("type") == "Prepend" or (p.get("type") == "Metaspace" and p.get("prepend_scheme") != "never") for p in parts
    )
