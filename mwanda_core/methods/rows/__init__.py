"""A linear's sparsity to a sparsity per output row. One formula, one file; the table is literal."""

from mwanda_core.methods.rows.base import MAX_ROW_SPARSITY, RowAllocation, keep_by_row, row_counts
from mwanda_core.methods.rows.trim import Trim
from mwanda_core.methods.rows.uniform import UniformRows

ROWS: dict[str, type[RowAllocation]] = {
    "uniform": UniformRows,
    "trim": Trim,
}

__all__ = ["MAX_ROW_SPARSITY", "ROWS", "RowAllocation", "Trim", "UniformRows", "keep_by_row", "row_counts"]
