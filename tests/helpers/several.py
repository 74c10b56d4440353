"""Several kept runs of one tiny model, with masks, for everything that puts runs side by side."""

import dataclasses
from pathlib import Path

import kept

from mwanda_core.store.report import RunReport

IDS = ("20260101-100000-wanda-50-aaaa", "20260102-100000-m-wanda-50-bbbb", "20260103-100000-wanda-60-cccc")
OTHER = "20260104-100000-wanda-50-dddd"
"""A run of another model."""


def save_all(folder: Path) -> None:
    """Wanda and M-Wanda at 50 %, Wanda at 60 %, and Wanda on a model of another family."""
    for id, method, family, changes in (
        (IDS[0], "wanda", "llama", {}),
        (IDS[1], "m-wanda", "llama", {}),
        (IDS[2], "wanda", "llama", {"sparsity": 0.6}),
        (OTHER, "wanda", "gpt2", {}),
    ):
        run, _ = kept.run_of(method, family, choices=True, **changes)
        facts = {**run.report.facts, "id": id}
        if id == OTHER:
            facts["model"] = {**facts["model"], "source": "another"}
        dataclasses.replace(run, report=RunReport(facts, run.report.tables)).save(folder / id)
