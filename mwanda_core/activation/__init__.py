"""Languages to channel importance. One formula, one file; the table is literal."""

from mwanda_core.activation.base import Activation
from mwanda_core.activation.maximum import Maximum
from mwanda_core.activation.pooled import Pooled
from mwanda_core.activation.target import Target
from mwanda_core.activation.variance import Variance
from mwanda_core.activation.weighted import Weighted

ACTIVATIONS: dict[str, type[Activation]] = {
    "pooled": Pooled,
    "variance": Variance,
    "maximum": Maximum,
    "weighted": Weighted,
    "target": Target,
}

__all__ = ["ACTIVATIONS", "Activation", "Maximum", "Pooled", "Target", "Variance", "Weighted"]
