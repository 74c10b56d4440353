"""Blocks to a sparsity each. One formula, one file; the table is literal."""

from mwanda_core.methods.allocation.alpha_pruning import AlphaPruning
from mwanda_core.methods.allocation.base import Allocation
from mwanda_core.methods.allocation.cwl import CWL
from mwanda_core.methods.allocation.dlp import DLP
from mwanda_core.methods.allocation.given import Given
from mwanda_core.methods.allocation.owl import OWL
from mwanda_core.methods.allocation.sensitivity import Sensitivity
from mwanda_core.methods.allocation.tplo import TPLO
from mwanda_core.methods.allocation.uniform import Uniform
from mwanda_core.plugins import Table

_OWN: dict[str, type[Allocation]] = {
    "uniform": Uniform,
    "owl": OWL,
    "cwl": CWL,
    "dlp": DLP,
    "alphapruning": AlphaPruning,
    "sensitivity": Sensitivity,
    "tplo": TPLO,
    "given": Given,
}

ALLOCATIONS = Table("allocation", Allocation, _OWN)

__all__ = ["ALLOCATIONS", "CWL", "DLP", "OWL", "TPLO", "Allocation", "AlphaPruning", "Given", "Sensitivity", "Uniform"]
