"""What evidence says beyond bits per byte: true endings, memory; and that a pruned model is not made small."""

from pathlib import Path

import pytest
import torch
import trimming

from mwanda_core.corpora import builtin
from mwanda_core.errors import ModelError
from mwanda_core.progress import Monitor
from mwanda_core.shrink import Wishes, evidence, gated
from mwanda_core.shrink.folders import model_folder
from mwanda_core.shrink.planning import check


def test_endings_are_told_by_model_and_language() -> None:
    model, corpus = trimming.model(trimming.BYTES), builtin(("en", "sw")).evaluation
    found = evidence.endings(model, corpus, 4, Monitor())
    assert {code: len(items) for code, items in found.items()} == {"en": 4, "sw": 4}
    right = sum(one.correct for one in found["en"])
    assert evidence._endings_row(found["en"], found["en"])[:3] == (4, right, right)
    assert evidence._endings_row([], []) == (0, 0, 0, False)
    sure = [found["en"][0]._replace(correct=True)] * 8
    assert evidence._endings_row(sure, found["sw"])[3]


def test_memory_is_that_of_the_weights(tmp_path: Path) -> None:
    model = trimming.model(trimming.BYTES)
    (row,) = evidence.decoding_speed({"it": model}, rounds=1, tokens=2).to_dict(orient="records")
    assert row["memory_megabytes"] == pytest.approx(4 * sum(p.numel() for p in model.hf.parameters()) / 10**6)


def test_a_pruned_model_is_not_cut_in_its_blocks(tmp_path: Path) -> None:
    model = trimming.model(trimming.BYTES)
    with torch.no_grad():
        for block in model.blocks:
            gated.linear_of(block).weight[:, ::2] = 0.0
    model.save(tmp_path / "pruned")
    (tmp_path / "pruned" / "tokenizer.json").write_text(trimming.tokenizer_text(trimming.BYTES))
    folder = model_folder(tmp_path / "pruned")
    with pytest.raises(ModelError, match=r"pruned \(50%"):
        check(folder, Wishes(("en",), heads=2))
    check(folder, Wishes(("en",), vocabulary=448))
