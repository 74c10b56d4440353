"""Small finished runs for the tests of what happens to runs afterwards: synthetic reports, and real runs of a tiny model.

Heavy modules load inside the functions: the test that kills processes starts them without transformers."""

import dataclasses
import functools
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from mwanda_core.methods.recipes import recipe
from mwanda_core.run.settings import Settings
from mwanda_core.store.report import RunReport

if TYPE_CHECKING:
    from mwanda_core.models import LanguageModel
    from mwanda_core.run.experiment import Run, Workbench

SMALL = Settings(
    model="tiny",
    languages=("en", "el"),
    held_out=("sw",),
    tokens_per_language=128,
    sequence_length=32,
    eval_texts=2,
    choices=False,
)


def bench_of(model: "LanguageModel") -> "Workbench":
    """A workbench with a model under the name that `SMALL` asks for."""
    from mwanda_core.run.experiment import Workbench

    found = Workbench()
    found.adopt(model, "tiny")
    return found


@functools.cache
def run_of(method: str = "wanda", family: str = "llama", **changes: Any) -> tuple["Run", dict[str, bytes]]:
    """A run, and every byte of the model while it was pruned."""
    import tiny

    model = tiny.language_model(family)
    with bench_of(model).pruned(dataclasses.replace(SMALL, method=method, **changes)) as run:
        return run, tiny.all_bytes(model)


def report(id: str = "20260101-000000-wanda-50-0000", **settings: Any) -> RunReport:
    """A report typed in; three texts and four items in each of two languages."""
    wanted = Settings(**({"model": "tiny", "languages": ("en", "sw"), "method": "wanda"} | settings))
    facts = {
        "id": id, "settings": wanted.to_dict(), "recipe": recipe(wanted.method).to_dict(), "notes": [], "timings": {"total": 1.0},
        "model": {"source": wanted.model, "fingerprint": "abc", "revision": "", "dtype": "float32", "device": "cpu"},
        "summary": {"mean_increase": 0.3, "worst_language": "sw", "worst_increase": 0.4, "achieved_sparsity": wanted.sparsity},
        "versions": {"torch": "2"},
    }  # fmt: skip
    return RunReport(facts, tables())


def tables(shift: float = 0.0) -> dict[str, pd.DataFrame]:
    """Tables whose figures can be checked by hand: pruned losses are `shift` nats a token higher than in the plain ones."""
    tokens = [10, 20, 30]
    texts = pd.DataFrame(
        [
            (code, f"t{i}", n, 4 * n, 3.0 * n, (3.5 + 0.1 * i + shift) * n)
            for code in ("en", "sw")
            for i, n in enumerate(tokens)
        ],
        columns=["language", "text", "tokens", "bytes", "nll_dense", "nll_pruned"],
    )
    choices = pd.DataFrame(
        [(code, f"i{i}", 0, True, i % 2 == 0) for code in ("en", "sw") for i in range(4)],
        columns=["language", "item", "answer", "correct_dense", "correct_pruned"],
    )
    rows = []
    for code, name in (("en", "English"), ("sw", "Swahili")):
        part = texts[texts["language"] == code]
        dense, pruned = (part[column].sum() / part["tokens"].sum() for column in ("nll_dense", "nll_pruned"))
        rows.append(
            {
                "language": code, "name": name, "role": "calibration", "dense_loss": dense, "pruned_loss": pruned,
                "increase": pruned - dense, "perplexity_ratio": math.exp(pruned - dense), "ratio_low": 1.0, "ratio_high": 2.0,
                "dense_accuracy": 1.0, "pruned_accuracy": 0.5,
            }
        )  # fmt: skip
    layers = pd.DataFrame(
        {"block": [0, 0, 1], "module": ["a.q", "a.k", "a.q"], "kind": ["q", "k", "q"], "achieved": [0.5, 0.4, 0.6]}
    )
    return {"languages": pd.DataFrame(rows), "layers": layers, "texts": texts, "choices": choices}


def content(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
