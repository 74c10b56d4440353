"""Other ways through the blocks than the one loop: each linear pruned at the moment its input arrives."""

from mwanda_core.walks.cutting import SUMS, Ledger, refuse_beyond_statistics, targets_of
from mwanda_core.walks.per_linear import check_per_linear, chunk_tokens, prune_per_linear, walk_per_linear
from mwanda_core.walks.relay import Relay

__all__ = [
    "SUMS",
    "Ledger",
    "Relay",
    "check_per_linear",
    "chunk_tokens",
    "prune_per_linear",
    "refuse_beyond_statistics",
    "targets_of",
    "walk_per_linear",
]
