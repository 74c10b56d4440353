"""What a replication is: a claim with the paper's figure, what was done here, tables with controls, and a verdict in words."""

import dataclasses
from collections.abc import Callable, Mapping

import pandas as pd

Tables = dict[str, pd.DataFrame]


@dataclasses.dataclass(frozen=True)
class Sources:
    """Texts to choose settings on and texts to report on: names that `common.texts` knows."""

    calibrate: str
    evaluate: str


@dataclasses.dataclass(frozen=True)
class Section:
    """One claim. `stages` are measured one after the other, each `(sources, tables so far) -> its tables`; what is done is kept, so that an
    interrupted section goes on where it was. `verdict` reads the tables: its sentences hold no figure that is not computed from them."""

    name: str
    title: str
    paper: str
    claim: str
    published: str
    controls: str
    stages: Mapping[str, Callable[[Sources, Tables], Tables]]
    verdict: Callable[[Tables], list[str]]
    shown: tuple[str, ...] = ()
    """Tables in the report, in order; the others stand in the JSON alone."""
    derived: Callable[[Tables], Tables] = lambda done: {}
    """Tables that are computed from those measured, whenever the report is drawn."""
    most: tuple[str, ...] = ()
    """The stages that a verdict needs; () for all of them."""
