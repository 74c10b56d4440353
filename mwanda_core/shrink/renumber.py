"""New ids for every place that names a token: tokenizer.json, the tokenizer's settings, the model's, and those for generation.

Kept ids are numbered 0, 1, 2, ... in their old order, so that added tokens that stood last stand last.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mwanda_core.errors import ModelError
from mwanda_core.shrink.folders import GENERATION, TOKENIZER_CONFIG, ModelFolder
from mwanda_core.shrink.tokens import UNIGRAM, TokenTable, merges_of

_ONE = re.compile(r"(_token_id|_token_index|_token_ids)$")
_SUPPRESSED = ("suppress_tokens", "begin_suppress_tokens")
_SIZES = ("vocab_size", "vocab_size_per_layer_input")


def new_ids(kept: Sequence[int]) -> dict[int, int]:
    """Old id -> new id."""
    return {old: new for new, old in enumerate(sorted(kept))}


def named_ids(folder: ModelFolder, table: TokenTable) -> set[int]:
    """Ids that the model's files name: in configurations, as special tokens, in a chat template."""
    found: set[int] = set()
    for config in (folder.config, folder.json(GENERATION)):
        found |= _ids_in(config)
    settings = folder.json(TOKENIZER_CONFIG)
    words = {word for key, value in settings.items() if key.endswith(("_token", "_tokens")) for word in _words_in(value)}
    found |= {table.ids[word] for word in words if word in table.ids}
    if table.data.get("padding"):
        found.add(table.data["padding"]["pad_id"])
    template = str(settings.get("chat_template") or "")
    for file in sorted(folder.path.glob("chat_template*")):
        template += file.read_text(encoding="utf-8", errors="ignore")
    found |= {number for number, entry in table.added.items() if template and entry["content"] in template}
    return {number for number in found if number in table.pieces or number in table.added}


def _ids_in(config: Any) -> set[int]:
    """Ids under keys that name tokens, at any depth."""
    found: set[int] = set()
    for key, value in config.items() if isinstance(config, dict) else ():
        if _ONE.search(key):
            found |= {v for v in (value if isinstance(value, list) else [value]) if isinstance(v, int) and v >= 0}
        elif isinstance(value, dict):
            found |= _ids_in(value)
    return found


def _words_in(value: Any) -> set[str]:
    if isinstance(value, str):
        return {value}
    if isinstance(value, dict):
        return (
            {value["content"]} if isinstance(value.get("content"), str) else {w for v in value.values() for w in _words_in(v)}
        )
    return {word for item in value for word in _words_in(item)} if isinstance(value, list) else set()


def tokenizer_json(table: TokenTable, ids: Mapping[int, int]) -> dict[str, Any]:
    """tokenizer.json of the kept tokens: the vocabulary and the merges that stay inside it, every id renumbered."""
    data = dict(table.data)
    model = dict(data["model"])
    if table.family == UNIGRAM:
        model["vocab"] = [entry for number, entry in enumerate(model["vocab"]) if number in ids]
        if model.get("unk_id") is not None:
            model["unk_id"] = ids[model["unk_id"]]
    else:
        model["vocab"] = {piece: ids[number] for piece, number in model["vocab"].items() if number in ids}
        kept = model["vocab"]
        model["merges"] = [[a, b] for a, b in merges_of(model) if a in kept and b in kept and a + b in kept]
    data["model"] = model
    entries = sorted((ids[number], entry) for number, entry in table.added.items() if number in ids)
    data["added_tokens"] = [entry | {"id": number} for number, entry in entries]
    data["post_processor"] = _processor(data.get("post_processor"), ids)
    if data.get("padding"):
        data["padding"] = data["padding"] | {"pad_id": ids[data["padding"]["pad_id"]]}
    return data


def _processor(part: Any, ids: Mapping[int, int]) -> Any:
    """A post-processor with its ids renumbered, sequences of them included."""
    if isinstance(part, list):
        return [_processor(item, ids) for item in part]
    if not isinstance(part, dict):
        return part
    found = {key: _processor(value, ids) for key, value in part.items()}
    if isinstance(part.get("special_tokens"), dict):
        specials = part["special_tokens"]
        found["special_tokens"] = {word: entry | {"ids": [ids[i] for i in entry["ids"]]} for word, entry in specials.items()}
    for name in ("sep", "cls"):
        if isinstance(part.get(name), list):
            found[name] = [part[name][0], ids[part[name][1]]]
    return found


def tokenizer_config(settings: Mapping[str, Any], ids: Mapping[int, int]) -> dict[str, Any]:
    """tokenizer_config.json with the keys of `added_tokens_decoder` renumbered and dropped tokens left out."""
    found = dict(settings)
    if isinstance(found.get("added_tokens_decoder"), dict):
        found["added_tokens_decoder"] = {
            str(ids[int(old)]): entry for old, entry in found["added_tokens_decoder"].items() if int(old) in ids
        }
    return found


def model_config(config: Mapping[str, Any], ids: Mapping[int, int], rows: int) -> dict[str, Any]:
    """config.json or generation_config.json with every id and size renumbered; `rows`: the embedding's before.

    Raises ModelError for settings whose meaning is not known here.
    """
    found: dict[str, Any] = {}
    for key, value in config.items():
        if key == "vocab_offset":
            raise ModelError(
                "This model gives images or sound a range of token ids of their own, which cannot be renumbered here."
            )
        if key in _SIZES and isinstance(value, int):
            found[key] = len(ids) if value >= rows else sum(old < value for old in ids)
        elif _ONE.search(key):
            found[key] = [_new(v, ids) for v in value] if isinstance(value, list) else _new(value, ids)
        elif key in _SUPPRESSED and isinstance(value, list):
            found[key] = [ids[v] for v in value if v in ids]
        elif key == "bad_words_ids" and isinstance(value, list):
            found[key] = [[ids[v] for v in words] for words in value if all(v in ids for v in words)]
        elif key == "forced_decoder_ids" and isinstance(value, list):
            found[key] = [[place, ids[v]] for place, v in value if v in ids]
        elif key == "sequence_bias" and value:
            raise ModelError("The settings for generation hold a sequence_bias, which is not renumbered here: remove it first.")
        else:
            found[key] = model_config(value, ids, rows) if isinstance(value, dict) else value
    return found


def _new(value: Any, ids: Mapping[int, int]) -> Any:
    """An id that the tokenizer does not have (a placeholder of the configuration) becomes none at all."""
    return ids.get(value) if isinstance(value, int) and value >= 0 else value
