"""What happens to a block's weights between two cuts. One method, one file; the table is literal."""

from mwanda_core.methods.repair.base import BlockTask, Repair
from mwanda_core.methods.repair.none import NoRepair
from mwanda_core.methods.repair.regional import Regional
from mwanda_core.plugins import Table

_OWN: dict[str, type[Repair]] = {
    "none": NoRepair,
    "regional": Regional,
}

REPAIRS = Table("repair", Repair, _OWN)

__all__ = ["REPAIRS", "BlockTask", "NoRepair", "Regional", "Repair"]
