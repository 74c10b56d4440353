"""Score, sparsity, pattern to kept weights. One method, one file; the table is literal."""

from mwanda_core.solvers.base import Solution, Solver
from mwanda_core.solvers.keep_top import KeepTop

SOLVERS: dict[str, type[Solver]] = {
    "keep-top": KeepTop,
}

__all__ = ["SOLVERS", "KeepTop", "Solution", "Solver"]
