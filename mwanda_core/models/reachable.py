"""Whether a tokenizer reads its own tokens: one that was put together without its merges cuts every word into letters, and says nothing."""

from typing import Any

from mwanda_core.errors import ModelError

LOOKED_AT = 256
"""Tokens that are tried, evenly spaced over the vocabulary."""

LEAST = 0.5
"""Share of them that must be read as themselves: nearly all are, where merges are there; next to none, where they are not."""

MARKS = ("▁", "Ġ")
"""What a word's first piece begins with, in SentencePiece's and in byte-level vocabularies."""

LETTERS = 3
"""A token of fewer letters may well be read without any merge."""


def check_reachable(source: str, tokenizer: Any) -> None:
    """Read the text of some of the vocabulary's words and expect each word back as one token.

    Raises ModelError where most are not: a conversion of the vocabulary lost what joins letters, as transformers did up to 5.17
    with the vocabulary of Gemma 3 in GGUF files.
    """
    vocabulary = tokenizer.get_vocab()
    # Pieces of a word's middle cannot stand alone; where beginnings are marked, those are tried.
    begins = sorted(number for piece, number in vocabulary.items() if piece.startswith(MARKS)) or sorted(vocabulary.values())
    some = begins[:: max(1, len(begins) // (8 * LOOKED_AT))]
    texts = ((number, tokenizer.decode([number]).strip()) for number in some)
    words = [(number, text) for number, text in texts if len(text) >= LETTERS and text.isalpha()]
    tried = words[:: max(1, len(words) // LOOKED_AT)]
    found = sum(any(_read(tokenizer, form) == [number] for form in (text, f" {text}")) for number, text in tried)
    if found < LEAST * len(tried):
        import transformers

        raise ModelError(
            f"The tokenizer that transformers {transformers.__version__} makes of {source!r} does not read its own tokens ({found} of {len(tried)} "
            "tried), so every text would be cut wrongly: install a newer transformers, or get the model with its tokenizer.json."
        )


def _read(tokenizer: Any, text: str) -> list[int]:
    return tokenizer.encode(text, add_special_tokens=False)
