"""The whole job, the same from Python, the command line and the page: plan, carry out, measure, and write the card."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from mwanda_core.corpora import Corpus, Texts, builtin, builtin_languages
from mwanda_core.models.stored import stored_folder
from mwanda_core.progress import Monitor
from mwanda_core.shrink import card, evidence
from mwanda_core.shrink.deed import carry_out
from mwanda_core.shrink.folders import ModelFolder, model_folder
from mwanda_core.shrink.gated import model_of
from mwanda_core.shrink.plan import Plan, Wishes
from mwanda_core.shrink.planning import check, make_plan
from mwanda_core.spreadsheet import write_csv


@dataclasses.dataclass(frozen=True, eq=False)
class Made:
    """A model made small, with its evidence: tables by name ("languages", "sizes", "speed", "texts")."""

    folder: Path
    plan: Plan
    tables: dict[str, pd.DataFrame]


def source_folder(source: str) -> ModelFolder:
    """The files of a model: built in, on the Hub, or a folder. Raises ModelError when it cannot be had."""
    return model_folder(stored_folder(source))


def rivals_of(languages: Sequence[str]) -> list[list[str]]:
    """Built-in texts of the languages that are not kept."""
    others = [code for code in builtin_languages() if code not in languages]
    return [[p.text for p in items] for items in builtin(others).calibration.passages.values()] if others else []


SHOWN = ("de", "hi", "th", "ru", "ja")
"""Languages, chosen to differ in script, that the evidence shows whether they were kept or not."""


def seen_languages(languages: Sequence[str]) -> list[str]:
    """Those kept, and a few that were not: dropped languages are shown as dropped."""
    return [*languages, *(code for code in SHOWN if code not in languages)]


def plan_job(source: str, wishes: Wishes, texts: Texts, texts_name: str, monitor: Monitor) -> Plan:
    """What will be cut; nothing is written. Raises InputError for wishes that cannot be, ModelError for a model that cannot be cut."""
    folder = source_folder(source)
    check(folder, wishes)
    monitor.begin("planning")
    return make_plan(source, folder, wishes, texts.calibration, rivals_of(wishes.languages), texts_name, monitor)


def make_job(
    plan: Plan, texts: Texts, out: Path, monitor: Monitor, gguf: str = "", licence: str = "", shown: Corpus | None = None
) -> Made:
    """Carry out a plan and measure the result. `shown`: evaluation texts, of dropped languages too; the plan's own where none.

    Raises as `carry_out`; the folder is there with its card and evidence, or not at all.
    """
    folder = source_folder(plan.source)
    evaluation = shown or texts.evaluation
    tables: dict[str, pd.DataFrame] = {}

    def finish(built: Path) -> None:
        monitor.begin("measuring")
        dense, small = model_of(folder), model_of(model_folder(built))
        tables["languages"] = evidence.languages_table(dense, small, folder, plan, evaluation, monitor)
        tables["speed"] = evidence.decoding_speed({"original": dense, "small": small})
        tables["texts"] = evidence.writing_table(dense, small, evaluation.select(plan.languages), monitor)
        tables["sizes"] = evidence.sizes_table(folder.path, built)
        written = card.card(plan, tables["languages"], tables["sizes"], tables["speed"], licence, gguf)
        (built / card.FILE_NAME).write_text(written, encoding="utf-8")
        for name, table in tables.items():
            write_csv(table, built / f"evidence-{name}.csv")

    carry_out(plan, folder, texts.calibration, out, monitor, gguf, finish)
    return Made(Path(out), plan, tables)
