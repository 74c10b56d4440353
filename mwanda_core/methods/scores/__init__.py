"""Weight and channels to a score per weight. One formula, one file; the table is literal."""

from mwanda_core.methods.scores.base import Score
from mwanda_core.methods.scores.gblm import GBLM
from mwanda_core.methods.scores.gradient import Gradient
from mwanda_core.methods.scores.leap import Leap
from mwanda_core.methods.scores.magnitude import Magnitude
from mwanda_core.methods.scores.optishear import OptiShear
from mwanda_core.methods.scores.pruner_zero import PrunerZero
from mwanda_core.methods.scores.relevance import Relevance
from mwanda_core.methods.scores.ria import RIA
from mwanda_core.methods.scores.stade import Stade
from mwanda_core.methods.scores.unipruning import UniPruning
from mwanda_core.methods.scores.wanda import Wanda
from mwanda_core.methods.scores.wandapp import WandaPP
from mwanda_core.plugins import Table

_OWN: dict[str, type[Score]] = {
    "magnitude": Magnitude,
    "wanda": Wanda,
    "ria": RIA,
    "stade": Stade,
    "wanda++": WandaPP,
    "gblm": GBLM,
    "pruner-zero": PrunerZero,
    "gradient": Gradient,
    "relevance": Relevance,
    "optishear": OptiShear,
    "unipruning": UniPruning,
    "leap": Leap,
}

SCORES = Table("score", Score, _OWN)

__all__ = [
    "GBLM", "RIA", "SCORES", "Gradient", "Leap", "Magnitude", "OptiShear", "PrunerZero", "Relevance", "Score", "Stade", "UniPruning", "Wanda", "WandaPP",
]  # fmt: skip
