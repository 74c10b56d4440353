"""What happens to weights beside the cut: between two cuts of a block, or to the kept ones afterwards. One method, one file; the table is
literal."""

from mwanda_core.methods.repair.base import (
    BlockRepair,
    BlockTask,
    Fitted,
    LinearTask,
    Refit,
    Repair,
    Trained,
    Training,
    TrainingTask,
)
from mwanda_core.methods.repair.distillation import Distillation
from mwanda_core.methods.repair.least_squares import LeastSquares
from mwanda_core.methods.repair.none import NoRepair
from mwanda_core.methods.repair.regional import Regional
from mwanda_core.methods.repair.windows import Windows
from mwanda_core.plugins import Table

_OWN: dict[str, type[Repair]] = {
    "none": NoRepair,
    "regional": Regional,
    "least-squares": LeastSquares,
    "windows": Windows,
    "distillation": Distillation,
}

REPAIRS = Table("repair", Repair, _OWN)

__all__ = [
    "REPAIRS",
    "BlockRepair",
    "BlockTask",
    "Distillation",
    "Fitted",
    "LeastSquares",
    "LinearTask",
    "NoRepair",
    "Refit",
    "Regional",
    "Repair",
    "Trained",
    "Training",
    "TrainingTask",
    "Windows",
]
