"""README.md of a model made small: what was removed, what each language lost, how it was measured, how to use it and to do it again."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from mwanda_core.shrink.plan import FILE, Plan

FILE_NAME = "README.md"

_LIMITS = (
    "Languages that are not in the table were not measured, and their words may be gone from the vocabulary.",
    "Bits per byte were measured on a few short texts a language; other domains have other words.",
    "What the base model gets wrong (facts, bias, safety), this model gets wrong too, and nothing here measured it.",
)

_GEMMA = (
    "Gemma is provided under and subject to the Gemma Terms of Use found at ai.google.dev/gemma/terms. This is a modified version of a "
    "Gemma model: files were changed as described below. The terms and the prohibited use policy hold for it too and must be passed on."
)


def card(
    plan: Plan, languages: pd.DataFrame, sizes: pd.DataFrame, speed: pd.DataFrame | None, licence: str, gguf: str = ""
) -> str:
    """The card's text. `languages`, `sizes` and `speed` are tables of `evidence`."""
    name = plan.source.rstrip("/").rpartition("/")[2]
    head: dict[str, Any] = {
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        "tags": ["pruning", "vocabulary-trimming"],
    }
    if plan.source == "gemma-3-270m":
        head["base_model"] = "google/gemma-3-270m"
    elif re.fullmatch(r"[\w.-]+/[\w.-]+", plan.source):
        head["base_model"] = plan.source
    if licence:
        head["license"] = licence
    head["language"] = [code for code in plan.languages if re.fullmatch(r"[a-z]{2,3}", code)]
    kept = ", ".join(languages[languages["role"] == "kept"]["name"])
    lines = [
        "---", *(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items() if value), "---", "",
        f"# {_cell(name)}, made small for {_cell(kept)}", "",
        *([_GEMMA, ""] if licence == "gemma" else []),
        "## What was removed", "", "| Step | What stays | MB before | MB after |", "|---|---|---:|---:|",
        *(f"| {s.step} | {_cell(s.setting)} | {s.megabytes_before:.1f} | {s.megabytes_after:.1f} |" for s in plan.steps), "",
        *(["The neurons and heads that stay were fitted by least squares to give what all gave, and once more at the end.", ""] if plan.repair else []),
        "## Languages", "", *_languages(languages), "",
        "## Size and speed", "", *_rows(sizes, {"what": "", "megabytes": "MB", "share": "of the original"}), "",
        *(_rows(speed, {"model": "", "tokens_per_second": "tokens/s, decoded one by one here", "ratio": "times", "memory_megabytes": "MB of memory for weights"}) if speed is not None else []), "",
        "## Use", "", "```python", "from transformers import AutoModelForCausalLM, AutoTokenizer", "",
        'model = AutoModelForCausalLM.from_pretrained("THIS FOLDER")', 'tokenizer = AutoTokenizer.from_pretrained("THIS FOLDER")', "```", "",
        *([f"The file `*-{gguf}.gguf` runs in llama.cpp.", ""] if gguf else []),
        "## Base model", "", f"- Model: `{_cell(plan.source)}`",
        f"- Licence: {_cell(licence) or 'not known here: see the page of the base model'}. It holds for this model too.", "",
        "## Limits", "", *(f"- {limit}" for limit in _LIMITS), *(f"- {_cell(note)}" for note in plan.notes), "",
        "## The same again", "", f"`mwanda shrink --replay {FILE} --out DIR` carries out the plan in this folder.", "",
    ]  # fmt: skip
    return "\n".join(lines)


def _languages(table: pd.DataFrame) -> list[str]:
    head = [
        "| Language | Tokens kept | Tokens per character | Bits per byte | Change | True endings found | |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    for row in table.to_dict(orient="records"):
        head.append(
            f"| {_cell(row['name'])} | {row['coverage']:.1%} | {row['tokens_per_character']:.3f} to {row['small_tokens_per_character']:.3f} | "
            f"{row['dense_bits']:.3f} to {row['small_bits']:.3f} | {row['change']:+.1%} | {_endings(row)} | {_cell(row['verdict'])} |"
        )
    return [
        *head,
        "",
        "Measured on texts that nothing was chosen on. Tokens kept: share of the text's tokens that are in the smaller vocabulary. True endings: of "
        'passages, among three of others; "guessing" where the base model does not do better than that.',
    ]


def _endings(row: Mapping[Any, Any]) -> str:
    if not row["items"]:
        return ""
    return f"{row['dense_right']} to {row['small_right']} of {row['items']}" if row["informative"] else "guessing"


def _rows(table: pd.DataFrame, titles: Mapping[str, str]) -> list[str]:
    lines = [f"| {' | '.join(titles.values())} |", f"|---|{'---:|' * (len(titles) - 1)}"]
    for row in table.to_dict(orient="records"):
        lines.append("| " + " | ".join(_cell(v) if isinstance(v, str) else f"{v:.2f}" for v in (row[c] for c in titles)) + " |")
    return lines


def _cell(text: object) -> str:
    """Text inside a line or a cell of Markdown."""
    return re.sub(r"[|`<>\[\]]", " ", " ".join(str(text).split()))
