"""Weight and channels to a score per weight. One formula, one file; the table is literal."""

from mwanda_core.scores.base import Score
from mwanda_core.scores.magnitude import Magnitude
from mwanda_core.scores.ria import RIA
from mwanda_core.scores.wanda import Wanda

SCORES: dict[str, type[Score]] = {
    "magnitude": Magnitude,
    "wanda": Wanda,
    "ria": RIA,
}

__all__ = ["RIA", "SCORES", "Magnitude", "Score", "Wanda"]
