"""The processes that torchrun started, as one group."""

import contextlib
import datetime
import os
from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.engine.group import Alone, Group
from mwanda_core.errors import InputError


class TorchGroup(Group):
    """The default group of torch.distributed, which must have been initialised."""

    def __init__(self) -> None:
        self.rank, self.size = torch.distributed.get_rank(), torch.distributed.get_world_size()

    def sum(self, values: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
        total = values.clone()
        torch.distributed.all_reduce(total)
        # An all-reduce may add in another order in each process; what process 0 has counts for all.
        torch.distributed.broadcast(total, src=0)
        return total


@contextlib.contextmanager
def joined(device: str = "cpu", minutes: float = 30.0) -> Iterator[Group]:
    """Inside, the processes that torchrun started are one group: gloo on CPUs, NCCL on GPUs.

    A process that stops ends the others at the next sum, after `minutes` at the latest. Without torchrun's variables in the
    environment this process is alone. Raises InputError where torch was built without torch.distributed.
    """
    if "WORLD_SIZE" not in os.environ:
        yield Alone()
        return
    if not torch.distributed.is_available():
        raise InputError("This torch was built without torch.distributed: run one process, or install another build.")
    if device.startswith("cuda"):
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    backend = "nccl" if device.startswith("cuda") else "gloo"
    torch.distributed.init_process_group(backend, timeout=datetime.timedelta(minutes=minutes))
    try:
        yield TorchGroup()
    finally:
        torch.distributed.destroy_process_group()
