"""Several processes on one job (torchrun), and many jobs on several machines (Ray)."""

from mwanda_core.distributed.group import Alone, Group, TorchGroup, joined
from mwanda_core.distributed.pruning import add_up, prune_distributed, share_of
from mwanda_core.distributed.sweeping import RaySweep, ray_sweep

__all__ = [
    "Alone",
    "Group",
    "RaySweep",
    "TorchGroup",
    "add_up",
    "joined",
    "prune_distributed",
    "ray_sweep",
    "share_of",
]
