"""What the languages do inside the model."""

from components import figures
from components.cards.section import CardSection
from components.cards.spec import Card, Control, Group, Heading, Menu, Note, Row, once
from components.i18n import words
from components.report import tables
from mwanda_core.store.report import RunReport


def _inputs(report: RunReport | None) -> Menu:
    names = figures.inputs(report) if report else []
    return [(words.KIND_ALL, figures.ALL_INPUTS), *((name, name) for name in names)]


def _blocks(report: RunReport | None) -> Menu:
    return [
        (words.OVERLAP_BLOCK.format(block=block), block) for block in (figures.blocks_with_experts(report) if report else [])
    ]


class Activation(CardSection):
    """How differently the languages use each block, and which resemble each other."""

    id, title = "activation", "TAB_ACTIVATION"
    items = (
        Heading(("ACTIVATION_HEADING",)),
        Row((Control("kind", "KIND", _inputs), Control("measure", "MEASURE", "MEASURES", "deviation", menu=False))),
        Note(
            "activation-help",
            lambda report, measure: words.ACTIVATION_HELP if measure == "deviation" else words.RMS_HELP,
            reads=("measure",),
            empty=lambda: words.ACTIVATION_HELP,
        ),
        Card(
            "variance",
            "ACTIVATION_HEADING",
            figures.variance_heatmap,
            lambda report, kind, measure: tables.activations(figures.selected(report, kind)),
            csv="activations",
            reads=("kind", "measure"),
            table_reads=True,
            needs=("activations",),
            exports=once("variance", strength=(figures.ALL_INPUTS, "rms")),
        ),
        Heading(("SIMILARITY_HEADING", "SIMILARITY_HELP")),
        Card("similarity", "similarity", figures.similarity_matrix, tables.similarity, csv="similarity", needs=("similarity",)),
        Group(
            "experts",
            ("experts",),
            str,
            (
                Heading(("EXPERTS_HEADING", "EXPERTS_HELP")),
                Control("expert_block", "EXPERTS_BLOCK", _blocks),
                Card(
                    "experts",
                    "EXPERTS_HEADING",
                    figures.expert_heatmap,
                    tables.experts,
                    csv="experts",
                    reads=("expert_block",),
                    table_reads=True,
                    needs=("experts",),
                    exports=lambda report: iter(
                        [("experts", words.EXPERTS_HEADING.strip("# "), (figures.blocks_with_experts(report)[0],))]
                    ),
                ),
            ),
        ),
    )
