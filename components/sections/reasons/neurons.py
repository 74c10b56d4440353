"""Language neurons: where, how much of them was removed, and what is left."""

from components import figures
from components.cards.spec import Card, Group, Heading, of_table
from components.i18n import words
from components.report import study_tables

GROUP = Group(
    "neurons",
    ("neurons", "neuron_blocks", "neuron_drift"),
    lambda: words.ABSENT.format(study=words.STUDY_TITLES["neurons"]),
    (
        Heading(("NEURONS_HEADING", "NEURONS_HELP")),
        Card(
            "neuron-blocks",
            "NEURONS_HEADING",
            of_table("neuron_blocks", figures.neurons_by_block),
            of_table("neuron_blocks", study_tables.neuron_blocks),
            csv="neuron_blocks",
            needs=("neuron_blocks",),
        ),
        Heading(("NEURONS_PRUNED_HEADING", "NEURONS_PRUNED_HELP")),
        Card(
            "neurons",
            "NEURONS_PRUNED_HEADING",
            of_table("neurons", figures.neurons_pruned),
            of_table("neurons", study_tables.neurons),
            csv="neurons",
            needs=("neurons",),
        ),
        Heading(("NEURONS_DRIFT_HEADING", "NEURONS_DRIFT_HELP")),
        Card(
            "neuron-drift",
            "NEURONS_DRIFT_HEADING",
            of_table("neuron_drift", figures.neurons_drift),
            of_table("neuron_drift", study_tables.neuron_drift),
            csv="neuron_drift",
            needs=("neuron_drift",),
        ),
    ),
)
