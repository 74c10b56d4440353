"""No repair: the kept weights stay as they are."""

import dataclasses

from mwanda_core.methods.repair.base import BlockRepair, BlockTask


@dataclasses.dataclass(frozen=True)
class NoRepair(BlockRepair):
    """The kept weights stay as they are."""

    title = "None"
    formula = r"\widehat W = M \odot W"
    source = "Sun et al. 2024 (Wanda)"
    origin = "paper"
    scope = None

    def optimise(self, task: BlockTask) -> None:
        return None

    def steps(self, sequences: int) -> int:
        return 0
