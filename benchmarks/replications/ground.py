"""What sections share: the model, dense statistics, texts to choose on and texts to report on, made once a process."""

import functools
from typing import NamedTuple

import mwanda_core as mw
from benchmarks.common import calibration, lines, texts
from benchmarks.replications.section import Sources
from mwanda_core.corpora import Corpus, Packed
from mwanda_core.engine.measure import BlockStats, measure_model
from mwanda_core.engine.plan import evidence_of
from mwanda_core.methods.recipes import recipe
from mwanda_core.models import LanguageModel
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.progress import Monitor
from mwanda_core.studies.prompts.rules import FREE

LANGUAGES = ("en", "de", "zh", "sw")
CALIBRATION_LINES = 300
"""Lines of the calibration texts that statistics are taken of; what is chosen is chosen on the lines after them."""
TOKENS, LENGTH = 1024, 128


class Ground(NamedTuple):
    """See the module docstring; `packed` are the calibration tokens."""

    model: LanguageModel
    packed: Packed
    stats: tuple[BlockStats, ...]
    tuning: Corpus
    reported: Corpus


@functools.cache
def ground(sources: Sources) -> Ground:
    """Everything a section needs."""
    model = mw.load("gemma-3-270m")
    known = texts(sources.calibrate, LANGUAGES, 400)
    packed = calibration(model, lines(known, 0, CALIBRATION_LINES), LANGUAGES, TOKENS, LENGTH)
    stats = measure_model(model, packed, FREE, Monitor())
    return Ground(model, packed, stats, lines(known, CALIBRATION_LINES, None), texts(sources.evaluate, LANGUAGES))


def some_linears(base: Ground, every: int = 40) -> list[LinearEvidence]:
    """Every so many linears of the model, for questions that a few can answer."""
    found = [
        item
        for block in base.model.blocks
        for item in evidence_of(recipe("wanda"), block, base.stats[block.index]).linears.values()
    ]
    return found[::every]
