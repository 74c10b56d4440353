"""Blocks to a sparsity each. One formula, one file; the table is literal."""

from mwanda_core.allocation.base import Allocation
from mwanda_core.allocation.cwl import CWL
from mwanda_core.allocation.owl import OWL
from mwanda_core.allocation.uniform import Uniform

ALLOCATIONS: dict[str, type[Allocation]] = {
    "uniform": Uniform,
    "owl": OWL,
    "cwl": CWL,
}

__all__ = ["ALLOCATIONS", "CWL", "OWL", "Allocation", "Uniform"]
