"""A score and a method of another package:  S_ij = |W_ij| c_j^power."""

import dataclasses

from mwanda_core.methods.composition import Recipe
from mwanda_core.methods.scores import Score
from mwanda_core.parts.knobs import number


@dataclasses.dataclass(frozen=True)
class Cubed(Score):
    """The weight's magnitude times a power of its channel."""

    power: float = number(3.0, 0.5, 5.0, 0.5, "Power of the channel.")

    title, source, origin, formula = "Cubed", "an example", "own", r"|W_{ij}| \, c_j^p"

    def __call__(self, evidence):
        return evidence.weight.abs() * evidence.channels**self.power


CUBED = Recipe("cubed", "Cubed Wanda", "Wanda with louder channels.", score=Cubed())
