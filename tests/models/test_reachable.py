"""Whether a tokenizer reads its own tokens, by a tokenizer with its merges and the same without them."""

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from mwanda_core.corpora import builtin
from mwanda_core.errors import ModelError
from mwanda_core.models.reachable import check_reachable


def trained() -> Tokenizer:
    """A BPE tokenizer of two languages."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.decoder = decoders.Metaspace()
    texts = [passage.text for passages in builtin(["en", "sw"]).calibration.passages.values() for passage in passages]
    made.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=600, show_progress=False))
    return made


def test_a_tokenizer_with_its_merges_reads_its_words() -> None:
    check_reachable("a model", PreTrainedTokenizerFast(tokenizer_object=trained()))


def test_a_vocabulary_without_merges_is_refused() -> None:
    made = trained()
    made.model = models.BPE(vocab=made.get_vocab(), merges=[])
    with pytest.raises(ModelError, match=r"makes of 'a model' does not read its own tokens \(0 of \d+ tried\)"):
        check_reachable("a model", PreTrainedTokenizerFast(tokenizer_object=made))


def test_letters_alone_need_no_merges() -> None:
    letters = Tokenizer(models.BPE(vocab={letter: place for place, letter in enumerate("abcdefgh")}, merges=[]))
    check_reachable("a model", PreTrainedTokenizerFast(tokenizer_object=letters))
