"""Beyond perplexity: effective rank, order of the likeliest words, energy (ACBench-style)."""

import dataclasses
from typing import Any

import gradio as gr

from components import figures
from components.i18n import words
from components.i18n.names import language_name
from components.report import study_tables
from components.widgets.inputs import FigureAndTable, Section, figure_and_table, filled, section
from mwanda_core.store.report import RunReport

NEEDED = ("profile_layers", "profile_ranking", "profile_energy")


@dataclasses.dataclass(frozen=True)
class ProfilePart:
    """Widgets of the part."""

    section: Section
    which: gr.Dropdown
    rank: FigureAndTable
    order: FigureAndTable
    energy: FigureAndTable


def draw() -> ProfilePart:
    """Draw the part where the caller stands."""
    with section("profile", words.ABSENT.format(study=words.STUDY_TITLES["profile"])) as shown:
        gr.Markdown(f"{words.PROFILE_HEADING}\n{words.PROFILE_HELP}")
        gr.Markdown(f"{words.ERANK_HEADING}\n{words.ERANK_HELP}")
        which = gr.Dropdown(
            [(words.PROFILE_ALL, figures.EVERYONE)], value=figures.EVERYONE, label=words.PROFILE_LANGUAGE, elem_id="profile-language"
        )  # fmt: skip
        rank = figure_and_table("erank", words.ERANK_HEADING.strip("# "))
        gr.Markdown(f"{words.TAU_HEADING}\n{words.TAU_HELP}")
        order = figure_and_table("tau", words.TAU_HEADING.strip("# "))
        gr.Markdown(f"{words.ENERGY_HEADING}\n{words.ENERGY_HELP}")
        energy = figure_and_table("energy", words.ENERGY_HEADING.strip("# "))
    return ProfilePart(shown, which, rank, order, energy)


def show(part: ProfilePart, report: RunReport, files: dict[str, str]) -> dict[Any, Any]:
    """The part's contents for a report."""
    if any(name not in report.tables for name in NEEDED):
        return part.section.show(False)
    layers, ranking, energy = (report.tables[name] for name in NEEDED)
    codes = [str(code) for code in dict.fromkeys(layers["language"])]
    menu = [(words.PROFILE_ALL, figures.EVERYONE), *((language_name(code), code) for code in codes)]
    return {
        **part.section.show(True),
        part.which: gr.update(choices=menu, value=figures.EVERYONE),
        **filled(part.rank, figures.effective_rank(layers), study_tables.ranks(layers), files["profile_layers"]),
        **filled(part.order, figures.order_kept(ranking), study_tables.order(ranking), files["profile_ranking"]),
        **filled(part.energy, figures.energy_shift(energy), study_tables.energy(energy), files["profile_energy"]),
    }


def change(part: ProfilePart, report: RunReport, code: str | None) -> dict[Any, Any]:
    """Another language's effective rank."""
    if "profile_layers" not in report.tables:
        return {}
    return {part.rank.plot: figures.effective_rank(report.tables["profile_layers"], code or figures.EVERYONE)}
