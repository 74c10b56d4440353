"""Small models with trained tokenizers of the three families that can be trimmed, as folders on disk."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tiny
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from mwanda_core.corpora import builtin
from mwanda_core.models import LanguageModel, wrap
from mwanda_core.shrink.tokens import BYTES, CHARACTERS, FAMILIES, UNIGRAM

SPECIAL = ["<pad>", "<bos>", "<eos>", "<unk>"]
KINDS = FAMILIES
SIZE = 700


def passages(*codes: str, part: str = "calibration") -> dict[str, list[str]]:
    """Built-in passages by language."""
    corpus = getattr(builtin(codes), part)
    return {code: [passage.text for passage in items] for code, items in corpus.passages.items()}


@functools.cache
def tokenizer_text(kind: str, size: int = SIZE) -> str:
    """tokenizer.json of a tokenizer trained on English, German and Swahili passages."""
    texts = [text for items in passages("en", "de", "sw").values() for text in items]
    if kind == BYTES:
        backend = Tokenizer(models.BPE())
        backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        backend.decoder = decoders.ByteLevel()
        trainer: Any = trainers.BpeTrainer(
            vocab_size=size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), special_tokens=[]
        )
        backend.train_from_iterator(texts, trainer)
        backend.add_special_tokens([*SPECIAL, "<|reserved_7|>", "<|tool|>"])
    elif kind == CHARACTERS:
        backend = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
        backend.normalizer = normalizers.Replace(" ", "▁")
        backend.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
        marked = [*SPECIAL, "<unused0>", "<unused1>", *(f"<0x{b:02X}>" for b in range(256))]
        trainer = trainers.BpeTrainer(vocab_size=size + 262, special_tokens=marked)
        # Words, so that the trainer is quick; encoding sees the whole text, as Gemma's does.
        backend.train_from_iterator([f" {word}" for text in texts for word in text.split()], trainer)
    else:
        backend = Tokenizer(models.Unigram())
        backend.pre_tokenizer = pre_tokenizers.Metaspace()
        backend.decoder = decoders.Metaspace()
        trainer = trainers.UnigramTrainer(vocab_size=size, special_tokens=SPECIAL, unk_token="<unk>")
        backend.train_from_iterator(texts, trainer)
    bos = backend.token_to_id("<bos>")
    backend.post_processor = processors.TemplateProcessing(single="<bos> $A", special_tokens=[("<bos>", bos)])
    backend.enable_padding(pad_id=backend.token_to_id("<pad>"), pad_token="<pad>")
    data = json.loads(backend.to_str())
    if kind == CHARACTERS:
        data["added_tokens"] = [e for e in data["added_tokens"] if not e["content"].startswith("<0x")]
    return json.dumps(data)


def model(kind: str, family: str = "llama", seed: int = 0, **changes: Any) -> LanguageModel:
    """A random model with a row for each of the tokenizer's tokens and three rows more, as published models have."""
    text = tokenizer_text(kind)
    backend = Tokenizer.from_str(text)
    names = dict(zip(("pad_token_id", "bos_token_id", "eos_token_id"), map(backend.token_to_id, SPECIAL), strict=False))
    sizes: Mapping[str, Any] = {"vocab_size": backend.get_vocab_size() + 3}
    hf = tiny.hf_model(family, seed, **{**sizes, **names, **changes})
    hf.generation_config.eos_token_id = [names["eos_token_id"], names["pad_token_id"]]
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token="<pad>", bos_token="<bos>", eos_token="<eos>", unk_token="<unk>"
    )
    return wrap(hf, tokenizer, source=f"tiny {family} with {kind}")


def saved(kind: str, folder: Path, family: str = "llama", seed: int = 0, **changes: Any) -> Path:
    """The model as an ordinary folder; its tokenizer.json is the one that was trained, untouched."""
    model(kind, family, seed, **changes).save(folder)
    (folder / "tokenizer.json").write_text(tokenizer_text(kind), encoding="utf-8")
    (folder / "tokenizer.model").write_text("stale", encoding="utf-8")
    return folder


__all__ = ["BYTES", "CHARACTERS", "KINDS", "SPECIAL", "UNIGRAM", "model", "passages", "saved", "tokenizer_text"]
