"""Trimming a vocabulary, by its laws, on a small model of each family of tokenizers."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import trimming
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, AutoTokenizer

from mwanda_core.errors import InputError, ModelError
from mwanda_core.progress import Monitor
from mwanda_core.shrink import counts, likeness, vocabulary
from mwanda_core.shrink.choice import Chosen, choose
from mwanda_core.shrink.folders import ModelFolder, model_folder
from mwanda_core.shrink.tokens import parse

HOSTILE = [
    "",
    " ",
    "漢字とかな",
    "नमस्ते",
    "a\n\n\nb\t",
    "👩‍👩‍👧 ❤️",
    "x" * 50,
    "naïve Ñandú",
    "\u200b\x00z",
    "<bos> <eos> <unused0>",
]


def chosen(folder: ModelFolder, budget: int = 448) -> Chosen:
    """The vocabulary for Swahili and English."""
    table = vocabulary.table_of(folder)
    tokenizer = Tokenizer.from_file(str(folder.path / "tokenizer.json"))
    seen = counts.count(tokenizer, trimming.passages("sw", "en"), table.size)
    order = likeness.table_order(table).astype(np.float32)
    frequencies = counts.smoothed(seen, np.tile(order, (2, 1)))
    return choose(table, frequencies, sorted(vocabulary.kept_ids(folder, table)), budget=budget)


@pytest.fixture(params=trimming.KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def pair(kind: str, tmp_path: Path) -> tuple[ModelFolder, ModelFolder, Chosen]:
    """A model, the same trimmed, and what was kept."""
    before = model_folder(trimming.saved(kind, tmp_path / "before"))
    kept = chosen(before)
    (tmp_path / "after").mkdir()
    vocabulary.trim(before, kept.ids, tmp_path / "after", Monitor())
    return before, model_folder(tmp_path / "after"), kept


def loaded(folder: ModelFolder) -> tuple[Any, Any]:
    model, info = AutoModelForCausalLM.from_pretrained(folder.path, output_loading_info=True)
    assert not info["missing_keys"]
    assert not info["unexpected_keys"]
    assert not info["mismatched_keys"]
    return model.eval(), AutoTokenizer.from_pretrained(folder.path)


def sentences() -> list[str]:
    """Pieces of held-out text: short ones, so that some are covered whole and some are not."""
    texts = [t for items in trimming.passages("sw", "en", "de", part="evaluation").values() for t in items]
    return [" ".join(words[i : i + 4]) for words in (text.split() for text in texts) for i in range(0, len(words), 4)]


@pytest.mark.parametrize("prefix", [False, True])
def test_covered_text_keeps_its_tokens_and_every_text_its_letters(
    pair: tuple[ModelFolder, ModelFolder, Chosen], prefix: bool
) -> None:
    before, after, kept = pair
    (_, old), (_, new) = loaded(before), loaded(after)
    number = {old_id: new_id for new_id, old_id in enumerate(kept.ids)}
    covered = 0
    for text in [*sentences(), *HOSTILE]:
        a = old(text, add_special_tokens=prefix)["input_ids"]
        b = new(text, add_special_tokens=prefix)["input_ids"]
        if all(i in number for i in a):
            covered += len(a) > 0
            assert b == [number[i] for i in a]
        assert new.decode(b) == old.decode(a)
    assert covered > 20


def test_states_are_the_same_and_the_loss_falls_by_what_was_dropped(
    pair: tuple[ModelFolder, ModelFolder, Chosen],
) -> None:
    """log p'(t|c) = log p(t|c) - log P(K|c), to the last bit of the states and the rounding of the logits."""
    before, after, kept = pair
    (big, old), (small, new) = loaded(before), loaded(after)
    number = {old_id: new_id for new_id, old_id in enumerate(kept.ids)}
    ids = list(kept.ids)
    texts = [t for t in sentences() if all(i in number for i in old(t)["input_ids"])][:8]
    assert texts
    for text in texts:
        a, b = torch.tensor([old(text)["input_ids"]]), torch.tensor([new(text)["input_ids"]])
        with torch.no_grad():
            dense, trim = big(a, output_hidden_states=True), small(b, output_hidden_states=True)
        for x, y in zip(dense.hidden_states, trim.hidden_states, strict=True):
            assert torch.equal(x, y)
        long, short = dense.logits.double().log_softmax(-1), trim.logits.double().log_softmax(-1)
        mass = long[..., ids].logsumexp(-1, keepdim=True)
        torch.testing.assert_close(short, long[..., ids] - mass, rtol=0, atol=1e-5)
        assert bool((short >= long[..., ids] - 1e-5).all())


def test_every_id_is_renumbered(pair: tuple[ModelFolder, ModelFolder, Chosen]) -> None:
    before, after, kept = pair
    (big, old), (small, new) = loaded(before), loaded(after)
    number = {old_id: new_id for new_id, old_id in enumerate(kept.ids)}
    assert small.config.vocab_size == len(kept.ids) == len(new)
    for name in ("pad_token_id", "bos_token_id", "eos_token_id"):
        assert getattr(new, name) == number[getattr(old, name)] == getattr(small.config, name)
    assert small.generation_config.eos_token_id == [number[i] for i in big.generation_config.eos_token_id]
    data = json.loads((after.path / "tokenizer.json").read_text(encoding="utf-8"))
    assert data["padding"]["pad_id"] == new.pad_token_id
    assert data["post_processor"]["special_tokens"]["<bos>"]["ids"] == [new.bos_token_id]
    for old_id, new_id in number.items():
        assert new.convert_ids_to_tokens(new_id) == old.convert_ids_to_tokens(old_id)
        assert torch.equal(small.get_input_embeddings().weight[new_id], big.get_input_embeddings().weight[old_id])
        assert torch.equal(small.get_output_embeddings().weight[new_id], big.get_output_embeddings().weight[old_id])
    assert not (after.path / "tokenizer.model").exists(), "a stale one is paired with the wrong rows by converters"


@pytest.mark.parametrize(
    ("family", "tied"), [("llama", True), ("llama", False), ("gemma3_text", True), ("gpt2", True), ("bloom", True)]
)
def test_tied_and_untied_heads(family: str, tied: bool, tmp_path: Path) -> None:
    before = model_folder(trimming.saved(trimming.BYTES, tmp_path / "before", family, tie_word_embeddings=tied))
    kept = chosen(before)
    (tmp_path / "after").mkdir()
    vocabulary.trim(before, kept.ids, tmp_path / "after", Monitor())
    (big, _), (small, _) = loaded(before), loaded(model_folder(tmp_path / "after"))
    assert torch.equal(small.get_output_embeddings().weight, big.get_output_embeddings().weight[list(kept.ids)])
    assert (small.get_output_embeddings().weight is small.get_input_embeddings().weight) == tied


def test_files_of_a_sharded_model_stay_as_they_were_cut(tmp_path: Path) -> None:
    model = trimming.model(trimming.BYTES)
    model.hf.save_pretrained(tmp_path / "before", max_shard_size="60KB")
    model.tokenizer.save_pretrained(tmp_path / "before")
    before = model_folder(tmp_path / "before")
    assert len({one.file for one in before.tensors.values()}) > 1
    kept = chosen(before)
    (tmp_path / "after").mkdir()
    vocabulary.trim(before, kept.ids, tmp_path / "after", Monitor())
    small, _ = loaded(model_folder(tmp_path / "after"))
    assert torch.equal(small.get_input_embeddings().weight, model.hf.get_input_embeddings().weight[list(kept.ids)])


def test_the_worst_language_is_served_first(tmp_path: Path) -> None:
    """With one token apart from what is required, it goes to the language with the least share."""
    before = model_folder(trimming.saved(trimming.BYTES, tmp_path / "before"))
    table = vocabulary.table_of(before)
    named = vocabulary.kept_ids(before, table)
    free = sorted(set(table.pieces) - named)
    frequencies = np.zeros((2, table.size), dtype=np.float32)
    frequencies[0, free[5]], frequencies[0, free[7]] = 0.6, 0.4
    frequencies[1, free[9]] = 0.2
    frequencies[1, min(named)] = 0.8
    found = choose(table, frequencies, sorted(named), coverage=0.59)
    assert free[5] in found.ids, "the first language had nothing, and this is its most frequent token"
    assert min(found.coverage) >= 0.59
    wider = choose(table, frequencies, sorted(named), coverage=0.95)
    assert {free[5], free[7], free[9]} <= set(wider.ids)


def test_budgets_that_cannot_be_are_refused(tmp_path: Path) -> None:
    before = model_folder(trimming.saved(trimming.CHARACTERS, tmp_path / "before"))
    with pytest.raises(InputError, match="too small"):
        chosen(before, budget=100)
    table = vocabulary.table_of(before)
    assert len(chosen(before, budget=10**6).ids) == len(table.pieces.keys() | table.added.keys())
    with pytest.raises(InputError, match="one of the two"):
        choose(table, np.ones((1, table.size)), [])
    with pytest.raises(InputError, match="share"):
        choose(table, np.ones((1, table.size)), [], coverage=1.5)


def test_a_choice_is_closed_and_its_size_a_round_number(kind: str, tmp_path: Path) -> None:
    before = model_folder(trimming.saved(kind, tmp_path / "before"))
    kept = chosen(before)
    assert len(kept.ids) == 448
    tokenizer = vocabulary.trimmed_tokenizer(vocabulary.table_of(before), kept.ids)
    assert tokenizer.get_vocab_size() == 448


def changed(kind: str, **model: Any) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(trimming.tokenizer_text(kind))
    data["model"].update(model)
    return data


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (changed(trimming.BYTES, type="WordPiece"), "WordPiece"),
        (changed(trimming.BYTES, dropout=0.1), "dropout"),
        (changed(trimming.BYTES, end_of_word_suffix="</w>"), "end_of_word_suffix"),
        (changed(trimming.CHARACTERS, byte_fallback=False), "no bytes"),
    ],
)
def test_other_tokenizers_are_refused_by_name(data: dict[str, Any], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        parse(data)


def test_a_tokenizer_that_lacks_bytes_is_refused() -> None:
    data = changed(trimming.CHARACTERS)
    vocab = data["model"]["vocab"]
    data["model"]["vocab"] = {("<gone>" if piece == "<0x41>" else piece): number for piece, number in vocab.items()}
    with pytest.raises(ModelError, match="255 of the 256 bytes"):
        parse(data)


def test_a_plan_for_another_model_is_refused(tmp_path: Path) -> None:
    before = model_folder(trimming.saved(trimming.BYTES, tmp_path / "before"))
    (tmp_path / "after").mkdir()
    with pytest.raises(ModelError, match="does not have"):
        vocabulary.trim(before, [*range(300), 10**6], tmp_path / "after", Monitor())
    with pytest.raises(ModelError, match="which it needs"):
        vocabulary.trim(before, range(300, 600), tmp_path / "after", Monitor())


def unusual(what: str) -> dict[str, Any]:
    """tokenizer.json of a tokenizer that is right but not as usual."""
    if what == "no merges":  # Single characters and bytes, and words that no merge makes.
        return changed(trimming.CHARACTERS, merges=[])
    if what == "whole words":  # Llama 3: a word that is in the table is taken whole, whatever the merges say.
        return changed(trimming.BYTES, ignore_merges=True)
    data = changed(trimming.CHARACTERS)
    word = max((piece for piece in data["model"]["vocab"] if piece.isascii() and piece.isalpha()), key=lambda p: (len(p), p))
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "special", "normalized"), False)
    data["added_tokens"].append(
        {"id": data["model"]["vocab"][word], "content": word, **flags}
    )  # A usual piece, named as an added token.
    data["added_tokens"].sort(key=lambda entry: entry["id"])
    return data


@pytest.mark.parametrize("what", ["no merges", "whole words", "an added token inside the vocabulary"])
def test_unusual_tokenizers_are_trimmed_right(what: str) -> None:
    data = unusual(what)
    table, before = parse(data), Tokenizer.from_str(json.dumps(data))
    seen = counts.count(before, trimming.passages("sw", "en"), table.size)
    kept = choose(table, counts.smoothed(seen, np.ones((2, table.size), dtype=np.float32)), sorted(table.required), budget=640)
    after, number = vocabulary.trimmed_tokenizer(table, kept.ids), {old: new for new, old in enumerate(kept.ids)}
    covered = 0
    for text in [*sentences(), *HOSTILE]:
        old, new = before.encode(text).ids, after.encode(text).ids
        if all(i in number for i in old):
            covered += 1
            assert new == [number[i] for i in old]
        assert after.decode(new) == before.decode(old)
    assert covered > 20
