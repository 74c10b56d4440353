"""Several processes on one job (torchrun)."""

from mwanda_core.engine.distributed.group import Alone, Group, TorchGroup, joined
from mwanda_core.engine.distributed.pruning import add_up, prune_distributed, share_of

__all__ = [
    "Alone",
    "Group",
    "TorchGroup",
    "add_up",
    "joined",
    "prune_distributed",
    "share_of",
]
