"""Texts of the tab that makes a model small for some languages."""

from collections.abc import Mapping
from typing import Any

from components.i18n.catalogue import gettext
from components.i18n.words.common import number, percent, seconds

TAB_SMALL = "Make it small"
SMALL_HELP = (
    "Zeros save neither bytes nor time. What does: dropping the words of languages that you do not need, then decoder blocks and neurons. "
    "Answer three questions, look at the plan, then make the model in the form really smaller: a folder that plain transformers loads."
)
SMALL_LANGUAGES = "My languages"
SMALL_LANGUAGES_INFO = "All others may be lost, and the evidence says which were."
SMALL_SIZE = "At most so many MB"
SMALL_SIZE_INFO = "Of the folder; the cheapest steps that fit are looked for by measuring."
SMALL_TIME = "How long may it take?"
SMALL_TIMES = {
    "short": "Short: letters and frequent words say what to keep",
    "longer": "Longer: the model is asked which words it expects, and what stays is repaired at the end",
}
SMALL_GGUF = "Also a file for llama.cpp"
SMALL_GGUF_TYPES = {
    "": "No",
    "Q8_0": "Yes, 8 bits (Q8_0)",
    "Q4_0": "Yes, 4 bits (Q4_0)",
    "BF16": "Yes, BF16",
    "F16": "Yes, F16",
}
SMALL_OWN = "Choose the steps yourself"
SMALL_OWN_HELP = "What stays of each; 0 is chosen to fit the size."
SMALL_OWN_STEPS = {
    "vocabulary": "Tokens that stay", "experts": "Experts of a layer", "layers": "Decoder blocks", "heads": "Attention heads",
    "groups": "Key and value heads", "neurons": "Neurons to remove, per cent",
}  # fmt: skip
SMALL_NO_NUMBER = "What stays is given as whole numbers above zero; it was given {given}."
SMALL_PLAN = "Plan"
SMALL_MAKE = "Make it small"
SMALL_MAKE_INFO = "Costs are estimates: each step was measured alone, on calibration texts held back from it."
SMALL_FIRST = "Plan first: press Plan, and look at what each step saves and costs."
SMALL_NO_LANGUAGES = "Choose at least one language that the smaller model is for."
SMALL_NO_SIZE = "The size is a number of MB above zero, such as 230; it was given {given}."
SMALL_CHANGED = "Something was changed since this plan was made, so it is not carried out: press Plan again."
SMALL_TOO_LARGE = "The model has {size}, and this shared server makes models of at most {most} small: do it on your own machine with `mwanda shrink`."
SMALL_NO_GGUF = "A file for llama.cpp needs the package gguf, which is not installed here: choose No, or run pip install gguf."
SMALL_JOB = {"plan": "Plan of a smaller model", "make": "A smaller model"}
SMALL_STAGE_LOAD = "Fetching the model"
SMALL_PLANNED = "Planned in {time}. Nothing was written yet."
SMALL_PLAN_HEADING = "### The plan"
SMALL_STEPS = {
    "start": "As it is", "vocabulary": "Fewer tokens", "experts": "Fewer experts", "layers": "Fewer decoder blocks",
    "heads": "Fewer attention heads", "neurons": "Fewer neurons",
}  # fmt: skip
SMALL_PLAN_COLUMNS = ("Step", "What stays", "MB after it", "Saves, MB", "Bits per byte, worst language")
SMALL_AXIS_MB = "MB on disk"
SMALL_AXIS_CHANGE = "Bits per byte, change in per cent"
SMALL_KEPT, SMALL_DROPPED = "kept", "dropped"
SMALL_EVIDENCE_HEADING = "### What each language lost"
SMALL_EVIDENCE_HELP = (
    "Measured on texts that nothing was chosen on. Bits per byte compare models of different vocabularies; less is better. Dropped languages are "
    "shown as dropped."
)
SMALL_EVIDENCE_COLUMNS = (
    "Language",
    "Wanted",
    "Tokens that stay",
    "Texts longer by",
    "Bits per byte before",
    "After",
    "Change",
    "True endings found",
)
SMALL_ENDINGS = "{before}, now {after} of {items}"
SMALL_GUESSING = "the original guesses"
SMALL_LOST = "The smaller model can no longer write {name}: {share} of its tokens are left."
SMALL_WRITING = "The same openings, continued by both models"
SMALL_WRITING_COLUMNS = ("Language", "Opening", "Original", "Smaller model")
SMALL_ZIP = "Download the folder (ZIP)"
SMALL_GGUF_FILE = "Download the GGUF file"
SMALL_CANCELLED = "Stopped; nothing was kept."
SMALL_SPEED = "Decoded here, one token at a time: {before} tokens per second before and {after} now ({ratio} times)."


def small_what_stays(step: str, plan: Mapping[str, Any]) -> str:
    """What a step leaves; `plan` as data."""
    if step == "vocabulary":
        return gettext("{tokens} tokens").format(tokens=number(len(plan["vocabulary"]), ",d"))
    if step == "experts":
        return gettext("{count} experts in each layer").format(count=number(len(next(iter(plan["experts"].values()))), "d"))
    if step == "layers":
        return gettext("all decoder blocks but {gone}").format(gone=", ".join(map(str, plan["gone"])))
    if step == "heads":
        return gettext("{heads} heads in {groups} groups in each block").format(
            heads=number(plan["heads"], "d"), groups=number(plan["groups"], "d")
        )
    return gettext("{width} neurons in each block").format(width=number(plan["width"], ",d"))


def small_estimate(cost: float, language: str) -> str:
    """What a step is estimated to cost."""
    return gettext("about {change} ({language})").format(change=small_change(cost), language=language)


def small_change(share: float) -> str:
    """A change with its sign."""
    return f"{'+' if share >= 0 else '-'}{percent(abs(share), 1)}"


def small_made(elapsed: float, before: float, after: float) -> str:
    """How the job ended well; megabytes."""
    return gettext("Done in {time}: {before} MB became {after} MB.").format(
        time=seconds(elapsed), before=number(before, ".1f"), after=number(after, ".1f")
    )
