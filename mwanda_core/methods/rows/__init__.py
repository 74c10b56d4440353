"""A linear's sparsity to a sparsity per output row. One formula, one file; the table is literal."""

from mwanda_core.methods.rows.base import MAX_ROW_SPARSITY, RowAllocation, keep_by_row, row_counts
from mwanda_core.methods.rows.trim import Trim
from mwanda_core.methods.rows.uniform import UniformRows
from mwanda_core.plugins import Table

_OWN: dict[str, type[RowAllocation]] = {
    "uniform": UniformRows,
    "trim": Trim,
}

ROWS = Table("rows", RowAllocation, _OWN)

__all__ = ["MAX_ROW_SPARSITY", "ROWS", "RowAllocation", "Trim", "UniformRows", "keep_by_row", "row_counts"]
