"""A recipe: one part for each choice, with its knobs. It goes to and from JSON; named ones stand in `recipes.py`."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from jaxtyping import Float
from torch import Tensor

from mwanda_core.errors import InputError
from mwanda_core.methods.activation import ACTIVATIONS, Activation, Pooled
from mwanda_core.methods.allocation import ALLOCATIONS, Allocation, Uniform
from mwanda_core.methods.repair import REPAIRS, NoRepair, Refit, Regional, Repair, Training
from mwanda_core.methods.rows import ROWS, RowAllocation, UniformRows, keep_by_row
from mwanda_core.methods.scores import SCORES, Score, Wanda
from mwanda_core.methods.solvers import SOLVERS, KeepTop, Solution, Solver
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.masks import refuse_nan
from mwanda_core.parts.needs import Need
from mwanda_core.parts.part import build, plain
from mwanda_core.parts.patterns import PATTERNS, Pattern, Unstructured

_TABLES: dict[str, Mapping[str, type[Any]]] = {
    "activation": ACTIVATIONS,
    "score": SCORES,
    "allocation": ALLOCATIONS,
    "rows": ROWS,
    "repair": REPAIRS,
    "solver": SOLVERS,
    "pattern": PATTERNS,
}


@dataclasses.dataclass(frozen=True)
class Recipe:
    """activation x score x allocation x rows x repair x solver, under a pattern.

    Raises InputError for choices that exclude each other.
    """

    name: str
    title: str
    summary: str
    activation: Activation = Pooled()
    score: Score = Wanda()
    allocation: Allocation = Uniform()
    rows: RowAllocation = UniformRows()
    repair: Repair = NoRepair()
    solver: Solver = KeepTop()
    pattern: Pattern = Unstructured()

    def __post_init__(self) -> None:
        if isinstance(self.repair, Regional) and not isinstance(self.solver, KeepTop):
            raise InputError(
                f"{self.repair.title} cuts a block many times, which the solver {self.solver.title!r} is not made for: choose the "
                "solver 'keep-top'."
            )
        if isinstance(self.repair, Refit | Training) and self.score.moves_bias:
            raise InputError(
                f"{self.score.title} moves biases to make up for what it cut, and {self.repair.title!r} fits weights to biases as they "
                "were: choose another score, or no repair."
            )
        if isinstance(self.rows, UniformRows):
            return
        if not (isinstance(self.pattern, Unstructured) and self.pattern.scope == "row"):
            raise InputError(
                f"{self.rows.title} gives rows different numbers of weights, which only the unstructured pattern with row scope "
                f"allows; the pattern was given as {self.pattern.title!r}."
            )
        if not isinstance(self.solver, KeepTop):
            raise InputError(
                f"{self.rows.title} gives rows different numbers of weights, which the solver {self.solver.title!r} cannot "
                "follow: choose the solver 'keep-top'."
            )

    @property
    def needs(self) -> frozenset[Need]:
        """Everything that some part wants measured."""
        parts = (self.activation, self.score, self.allocation, self.rows, self.repair, self.solver)
        return frozenset().union(*(part.needs for part in parts))

    def solve(self, evidence: LinearEvidence, score: Float[Tensor, "out in"], sparsity: float) -> Solution:
        """The kept weights of one linear at a sparsity."""
        if not isinstance(self.rows, UniformRows):
            refuse_nan(score)
            return Solution(keep_by_row(score, self.rows.rows(evidence, score, sparsity)))
        return self.solver.solve(evidence, score, self.pattern, sparsity)

    def to_dict(self) -> dict[str, Any]:
        """Plain data; `from_dict` is the inverse."""
        parts = {choice: plain(table, getattr(self, choice)) for choice, table in _TABLES.items()}
        return {"name": self.name, "title": self.title, "summary": self.summary, **parts}

    def replace(self, **settings: Any) -> "Recipe":
        """A copy with knobs changed: `replace(lam=1.0, strength=0.1)`, or whole parts: `replace(pattern=NtoM(2, 4))`.

        A bare knob name goes to the part that has it; "allocation.strength" names the part. Raises InputError for a
        name that no part has, or that several have.
        """
        whole = {key: value for key, value in settings.items() if key in _TABLES}
        base = dataclasses.replace(self, **whole)
        knobs: dict[str, dict[str, Any]] = {}
        for key, value in settings.items():
            if key not in whole:
                choice, name = base._owner(key)
                knobs.setdefault(choice, {})[name] = value
        # All knobs of a part at once: N and M, say, are only valid together.
        changed = {choice: dataclasses.replace(getattr(base, choice), **values) for choice, values in knobs.items()}
        return dataclasses.replace(base, **changed)

    def _owner(self, key: str) -> tuple[str, str]:
        head, dot, tail = key.rpartition(".")
        homes = [
            choice
            for choice in _TABLES
            if (not dot or choice == head) and tail in {f.name for f in dataclasses.fields(getattr(self, choice))}
        ]
        if len(homes) == 1:
            return homes[0], tail
        known = [f"{choice}.{field.name}" for choice in _TABLES for field in dataclasses.fields(getattr(self, choice))]
        problem = "is not a setting of" if not homes else "names several settings of"
        raise InputError(f"{key!r} {problem} {self.title}. Its settings are: {', '.join(known) or 'none'}.")


def from_dict(data: Mapping[str, Any]) -> Recipe:
    """A recipe from plain data; absent choices take Wanda's.

    Raises UnknownName or InputError for a part or knob that does not exist.
    """
    extra = sorted(set(data) - set(_TABLES) - {"name", "title", "summary"})
    if extra:
        raise InputError(f"A recipe has no field named {', '.join(extra)}; its choices are {', '.join(_TABLES)}.")
    parts = {choice: build(choice, table, data[choice]) for choice, table in _TABLES.items() if choice in data}
    name = str(data.get("name", "custom"))
    return Recipe(name, str(data.get("title", name)), str(data.get("summary", "")), **parts)
