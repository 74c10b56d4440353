"""Languages to channel importance. One formula, one file; the table is literal."""

from mwanda_core.activation.base import Activation
from mwanda_core.activation.pooled import Pooled
from mwanda_core.activation.variance import Variance

ACTIVATIONS: dict[str, type[Activation]] = {
    "pooled": Pooled,
    "variance": Variance,
}

__all__ = ["ACTIVATIONS", "Activation", "Pooled", "Variance"]
