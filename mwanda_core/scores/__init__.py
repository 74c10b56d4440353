"""Weight and channels to a score per weight. One formula, one file; the table is literal."""

from mwanda_core.scores.base import Score
from mwanda_core.scores.gblm import GBLM
from mwanda_core.scores.gradient import Gradient
from mwanda_core.scores.magnitude import Magnitude
from mwanda_core.scores.pruner_zero import PrunerZero
from mwanda_core.scores.ria import RIA
from mwanda_core.scores.stade import Stade
from mwanda_core.scores.wanda import Wanda
from mwanda_core.scores.wandapp import WandaPP

SCORES: dict[str, type[Score]] = {
    "magnitude": Magnitude,
    "wanda": Wanda,
    "ria": RIA,
    "stade": Stade,
    "wanda++": WandaPP,
    "gblm": GBLM,
    "pruner-zero": PrunerZero,
    "gradient": Gradient,
}

__all__ = ["GBLM", "RIA", "SCORES", "Gradient", "Magnitude", "PrunerZero", "Score", "Stade", "Wanda", "WandaPP"]
