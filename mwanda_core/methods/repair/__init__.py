"""What happens to a block's weights between two cuts. One method, one file; the table is literal."""

from mwanda_core.methods.repair.base import BlockTask, Repair
from mwanda_core.methods.repair.none import NoRepair
from mwanda_core.methods.repair.regional import Regional

REPAIRS: dict[str, type[Repair]] = {
    "none": NoRepair,
    "regional": Regional,
}

__all__ = ["REPAIRS", "BlockTask", "NoRepair", "Regional", "Repair"]
