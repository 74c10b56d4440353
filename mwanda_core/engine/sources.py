"""Where a walk finds the weights of a block: they are there (`Resident`), or read from a disk when its turn comes (`onload`)."""

import abc
from typing import TYPE_CHECKING

from mwanda_core.models import DecoderBlock

if TYPE_CHECKING:
    from mwanda_core.engine.ledger import Ledger


class WeightSource(abc.ABC):
    """Brings the weights of one block after the other, and takes the pruned ones."""

    @abc.abstractmethod
    def load(self, block: DecoderBlock) -> None:
        """Bring the dense weights of a block into the model."""

    @abc.abstractmethod
    def resume(self, block: DecoderBlock) -> bool:
        """Whether an earlier job has pruned this block; its pruned weights are then in the model."""

    @abc.abstractmethod
    def store(self, block: DecoderBlock, ledger: "Ledger") -> None:
        """A block has been pruned: keep what must outlast this process."""

    @abc.abstractmethod
    def drop(self, block: DecoderBlock) -> None:
        """The walk is done with a block."""


class Resident(WeightSource):
    """The whole model is in memory."""

    def load(self, block: DecoderBlock) -> None:
        """It is there."""

    def resume(self, block: DecoderBlock) -> bool:
        return False

    def store(self, block: DecoderBlock, ledger: "Ledger") -> None:
        """It stays in the model."""

    def drop(self, block: DecoderBlock) -> None:
        """It stays in the model."""


RESIDENT = Resident()
