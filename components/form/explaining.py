"""A method in words: what it is, what it is made of, every formula with its source. Pure functions from parts to Markdown."""

from collections.abc import Mapping

from components.form.combining import Parts, parts_with
from components.i18n import words
from components.i18n.numbers import together
from mwanda_core.parts.part import describe

UNUSUAL = ("rows", "repair")
"""Choices that nearly every method leaves at "nothing special": told only where a method does something."""


def explain(summary: str, parts: Parts) -> str:
    """What a named method is, what is special about it, and whether its formulas are the paper's own."""
    plain = parts_with("wanda", {})
    special = [
        words.library(describe(c, type(part)).summary)
        for c, part in parts.items()
        if c in ("activation", "allocation") and type(part) is not type(plain[c])
    ]
    return together([words.library(summary), *special[:1], *_unsure(parts)])


def explain_own(title: str, parts: Parts, others: Mapping[str, str]) -> str:
    """What a combination is made of."""
    changes = "; ".join(
        words.COMBINED_CHANGE.format(choice=words.part_name(choice), part=words.library(parts[choice].title))
        for choice in others
    )
    return together([words.COMBINED.format(method=words.library(title), changes=changes), *_unsure(parts)])


def _unsure(parts: Parts) -> list[str]:
    return [words.HAS_RECONSTRUCTION] if any(part.origin == "reconstruction" for part in parts.values()) else []


def formulas(parts: Parts) -> str:
    """Every part with its formula, its source, and whether that is the paper's own formula."""
    lines = []
    plain = parts_with("wanda", {})
    for choice, part in parts.items():
        if choice in UNUSUAL and type(part) is type(plain[choice]):
            continue
        told = describe(choice, type(part))
        lines += [
            f"**{words.part_name(choice)}: {words.library(told.title)}**\n",
            together(
                [
                    words.library(told.summary),
                    *(words.PART_NEEDS.format(needs=words.COST_NEEDS[n]) for n in told.needs if n in words.COST_NEEDS),
                ]
            )
            + "\n",
            f"$$\n{told.formula}\n$$\n",
            f"*{told.source}; {words.ORIGINS[told.origin]}.*\n",
        ]
    return "\n".join(lines)
