"""What happens to a block's weights between two cuts. One method, one file; the table is literal."""

from mwanda_core.repair.base import BlockTask, Repair
from mwanda_core.repair.none import NoRepair
from mwanda_core.repair.regional import Regional

REPAIRS: dict[str, type[Repair]] = {
    "none": NoRepair,
    "regional": Regional,
}

__all__ = ["REPAIRS", "BlockTask", "NoRepair", "Regional", "Repair"]
