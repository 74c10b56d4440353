"""Several processes on one job (torchrun): `prune(..., group=group)` in each of them, inside `with joined() as group`."""

from mwanda_core.engine.distributed.group import TorchGroup, joined
from mwanda_core.engine.group import Alone, Group

__all__ = ["Alone", "Group", "TorchGroup", "joined"]
