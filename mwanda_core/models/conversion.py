"""Files whose tensors are named or cut otherwise than the model's parameters: the rules are transformers' own.

    files        mlp.experts.0.gate_proj.weight, mlp.experts.0.up_proj.weight, mlp.experts.1. ...     as the Hub stores mixtures
    parameter    mlp.experts.gate_up_proj [experts, out, in]                                          as the model holds them

What a parameter is made of is found from the files' headers alone, by carrying the rules out on tensors without memory; values are only
moved, never calculated, so what is written back has the same bits.
"""

import copy
import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor
from transformers import PreTrainedModel
from transformers.conversion_mapping import get_model_conversion_mapping
from transformers.core_model_loading import (
    WeightConverter,
    WeightRenaming,
    dot_natural_key,
    rename_source_key,
    revert_weight_conversion,
)


@runtime_checkable
class Stored(Protocol):
    """What a file's header says of a tensor."""

    @property
    def dtype(self) -> torch.dtype: ...
    @property
    def shape(self) -> tuple[int, ...]: ...


@dataclasses.dataclass(frozen=True)
class _Group:
    """Tensors of the files that are converted together: (name in the files, the rule's pattern that it fits)."""

    target: str
    rule: Any
    parts: tuple[tuple[str, str], ...]


class Conversion:
    """What a model's parameters are made of, for files with the tensors `places`."""

    def __init__(self, model: PreTrainedModel, places: Mapping[str, Stored]) -> None:
        self._model, self._places = model, places
        self._groups = self._made()
        self.changed = frozenset(name for name, group in self._groups.items() if isinstance(group.rule, WeightConverter))
        """Parameters that the files do not hold as they are."""

    def sources(self, name: str) -> tuple[str, ...]:
        """Names in the files of what a parameter is made of; () for one that the files do not have."""
        group = self._groups.get(name)
        return () if group is None else tuple(part for part, _ in group.parts)

    def read(self, name: str, bring: Callable[[str], Tensor]) -> Tensor:
        """A parameter; `bring` reads a tensor of the files by its name there."""
        return self._convert(self._groups[name], bring)[name]

    def written(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Changed parameters by name, named and cut as the files have them."""
        return dict(revert_weight_conversion(self._model, dict(tensors))) if tensors else {}

    def _made(self) -> dict[str, _Group]:
        rules = get_model_conversion_mapping(self._model)
        renamings = [rule for rule in rules if isinstance(rule, WeightRenaming)]
        converters = [rule for rule in rules if isinstance(rule, WeightConverter)]
        by_pattern = {pattern: rule for rule in converters for pattern in rule.source_patterns}
        held = self._model.state_dict()
        parts: dict[str, list[tuple[str, str]]] = {}
        for name in sorted(self._places, key=dot_natural_key):
            target, pattern = rename_source_key(name, renamings, converters, self._model.base_model_prefix, held)
            parts.setdefault(target, []).append((name, pattern or name))
        found: dict[str, _Group] = {}
        for target, members in parts.items():
            group = _Group(target, by_pattern.get(members[0][1]) or WeightRenaming(members[0][0], target), tuple(members))
            found |= dict.fromkeys(self._convert(group, self._shape), group)
        return found

    def _shape(self, name: str) -> Tensor:
        return torch.empty(self._places[name].shape, dtype=self._places[name].dtype, device="meta")

    def _convert(self, group: _Group, bring: Callable[[str], Tensor]) -> dict[str, Tensor]:
        rule = copy.deepcopy(group.rule)
        for name, pattern in group.parts:
            rule.add_tensor(group.target, name, pattern, bring(name))
        made: Iterable[tuple[str, Any]] = rule.convert(group.target, model=self._model, config=self._model.config).items()
        return {name: value[0] if isinstance(value, list) else value for name, value in made}
