"""Score, sparsity, pattern to kept weights. One method, one file; the table is literal.

`quadratic` is no method: it holds the arithmetic of the layer-wise error that several of them share.
"""

from mwanda_core.methods.solvers.base import Solution, Solver
from mwanda_core.methods.solvers.dsnot import DSnoT
from mwanda_core.methods.solvers.keep_top import KeepTop
from mwanda_core.methods.solvers.sparsefw import SparseFW
from mwanda_core.methods.solvers.sparsegpt import SparseGPT
from mwanda_core.methods.solvers.swaps import Swaps
from mwanda_core.plugins import Table

_OWN: dict[str, type[Solver]] = {
    "keep-top": KeepTop,
    "sparsegpt": SparseGPT,
    "sparsefw": SparseFW,
    "swaps": Swaps,
    "dsnot": DSnoT,
}

SOLVERS = Table("solver", Solver, _OWN)

__all__ = ["SOLVERS", "DSnoT", "KeepTop", "Solution", "Solver", "SparseFW", "SparseGPT", "Swaps"]
