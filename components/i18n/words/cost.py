"""What a run will cost: one line under the button, a table, and words for what takes long."""

from components.i18n import words
from components.i18n.catalogue import gettext, ngettext, pgettext
from components.i18n.numbers import capital
from components.i18n.words.common import between, seconds
from mwanda_core.studies import STUDIES as _STUDIES, Beside as _Beside

COST_DETAILS = "What this run will cost"
COST_WAITING = "The cost of this run is being estimated ..."
COST_REFUSED = "This run cannot be started as it is set: {problem}"
COST_UNKNOWN_MODEL = (
    "How long this takes is not known before the first run: nothing has been read of this model yet. **Estimate memory** "
    "reads its sizes."
)
COST_STAGES = {
    "statistics": "calibrating",
    "pruning": "choosing and removing weights",
    "measuring": "measuring all languages",
    "studying": "benchmarks and studies",
}
COST_STEPS = {
    "statistics": "Statistics of the dense model",
    "guards": "Statistics of the guarded languages",
    "allocation statistics": "Statistics for the layerwise step",
    "full gradients": "Gradients through the whole model",
    "sensitivity": "What each block costs when pruned alone",
    "weighing languages": "Weighing languages by what they lose",
    "own walk": "Measuring block by block",
    "pruned walk": "Sending the text on through pruned blocks",
    "sequences": "Sending single sequences through the blocks",
    "regional gradients": "Gradients through one block at a time",
    "repair": "Repairing steps",
    "halves": "How far halves of the text agree",
    "distillation": "Learning from the dense model's own outputs",
    "solver": "Choosing weights",
    "scoring": "Measuring before and after",
    "benchmarks": "Benchmarks before and after",
    **{name: study.title for name, study in _STUDIES.items() if issubclass(study, _Beside)},
    "spared": "Finding the neurons to spare",
}
COST_TABLE_HEAD = "| Step | Passes over the calibration text |\n|---|---:|"
COST_PASSES = (
    "One pass is all calibration tokens through all blocks. Loading the model comes on top. Steps that an earlier run has "
    "done already (statistics, the dense model's scores) are not done again."
)
COST_NEEDS = {
    "full_gradient": "needs the gradient of the model's loss: up to 32 sequences backward through the whole model, and memory for "
    "a gradient of every weight",
    "relevance": "needs relevance by LRP: up to 32 sequences backward through the whole model, and memory for a number for every weight",
    "separability": "sends some 400 short true and false statements a language through the model",
    "regional_gradient": "needs gradients through one block at a time",
    "sensitivity": "prunes each block alone and measures the loss: the time grows with the square of the number of blocks",
    "language_losses": "cuts the whole model a few times and measures what each language loses",
    "gram": "keeps a matrix of products of channels for every input of a block",
    "sequences": "repairs each block with small gradient steps",
    "samples": "keeps the inputs of single sequences",
}
PART_NEEDS = "It {needs}."
COST_NEEDS_OF = "{method} {needs}."
COST_MINUTES = "It takes minutes where Wanda takes seconds."
MINUTES = 60.0
"""Seconds of pruning from which on the page says that a method takes minutes."""


def cost_line(total: float, apart: float, peak: str) -> str:
    """The two figures that a visitor wants before pressing the button. apart: what the time may be divided and multiplied by."""
    text = gettext("**About {time}**, up to {peak} of memory for model and data.")
    return text.format(time=between(total / apart, total * apart), peak=peak)


def cost_stages(by_stage: dict[str, float]) -> str:
    """Where the time goes, in one sentence."""
    one = pgettext("where the time goes", "{stage} {time}")
    told = [one.format(stage=words.COST_STAGES[stage], time=seconds(value)) for stage, value in by_stage.items()]
    return pgettext("end of a sentence", "{sentence}.").format(sentence=capital(pgettext("between clauses", ", ").join(told)))


def rate_source(runs: int, same: bool, device: str) -> str:
    """What the seconds rest on."""
    if not runs:
        text = gettext("This is for a typical {device}; after the first run here, the speed of this machine is used.")
        return text.format(device=device)
    if same:
        text = ngettext(
            "Speed measured on one earlier run of this method here.",
            "Speed measured on {runs} earlier runs of this method here.",
            runs,
        )
    else:
        text = ngettext("Speed measured on one earlier run here.", "Speed measured on {runs} earlier runs here.", runs)
    return text.format(runs=runs)
