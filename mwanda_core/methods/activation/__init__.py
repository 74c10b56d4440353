"""Languages to channel importance. One formula, one file; the table is literal."""

from mwanda_core.methods.activation.base import Activation
from mwanda_core.methods.activation.maximum import Maximum
from mwanda_core.methods.activation.pooled import Pooled
from mwanda_core.methods.activation.target import Target
from mwanda_core.methods.activation.variance import Variance
from mwanda_core.methods.activation.weighted import Weighted
from mwanda_core.methods.activation.worst_first import WorstFirst
from mwanda_core.plugins import Table

_OWN: dict[str, type[Activation]] = {
    "pooled": Pooled,
    "variance": Variance,
    "maximum": Maximum,
    "weighted": Weighted,
    "target": Target,
    "worst-first": WorstFirst,
}

ACTIVATIONS = Table("activation", Activation, _OWN)

__all__ = ["ACTIVATIONS", "Activation", "Maximum", "Pooled", "Target", "Variance", "Weighted", "WorstFirst"]
