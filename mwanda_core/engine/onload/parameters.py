"""A model's parameters by name, read from its files when they are wanted. One that has several names may be stored under any of them."""

import dataclasses
import functools
from collections.abc import Mapping

import torch
from torch import Tensor

from mwanda_core.engine.onload.files import Place
from mwanda_core.errors import ModelError
from mwanda_core.models import LanguageModel
from mwanda_core.models.conversion import Conversion


@dataclasses.dataclass(frozen=True)
class Parameters:
    """`model` knows how its files may differ from its parameters: a prefix left out (GPT-2), experts stored one by one."""

    model: LanguageModel
    places: Mapping[str, Place]
    dtype: torch.dtype
    device: torch.device
    folder: str

    def sources(self, name: str) -> tuple[str, ...]:
        """The names in the files of what a parameter is made of: one, or many for experts that lie together.

        Raises ModelError when they do not have it.
        """
        return self._stored(self._known_as(name))

    def names(self, name: str) -> tuple[str, ...]:
        """All names of a parameter, the first one first."""
        return self._names.get(self.model.tied.get(name, name), (name,))

    def all_sources(self, name: str) -> set[str]:
        """What the files hold of a parameter, under whatever name: tied ones may be there twice."""
        return {source for one in self.names(name) for source in self._stored(one)}

    def parameter(self, name: str) -> Tensor:
        """A parameter in the type and on the device of the job."""
        known = self._known_as(name)
        found = self._stored(known)
        if len(found) == 1 and known not in self._conversion.changed:
            return self._bring(found[0])
        return self._conversion.read(known, self._bring)

    def written(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Parameters by name, named and cut as the files have them."""
        tensors = {self._known_as(name): tensor for name, tensor in tensors.items()}
        plain = {name: tensor for name, tensor in tensors.items() if name not in self._conversion.changed}
        changed = {name: tensor for name, tensor in tensors.items() if name in self._conversion.changed}
        return {self.sources(name)[0]: tensor for name, tensor in plain.items()} | self._conversion.written(changed)

    def _known_as(self, name: str) -> str:
        """The name of a parameter that the files have."""
        found = next((one for one in self.names(name) if self._stored(one)), None)
        if found is None:
            raise ModelError(
                f"The weights in {self.folder!r} hold no {name!r}: they are incomplete, or stored in a form that only loading the "
                "whole model understands. Prune it in memory."
            )
        return found

    def _stored(self, name: str) -> tuple[str, ...]:
        prefix = self.model.hf.base_model_prefix
        for known in (name, name.removeprefix(f"{prefix}."), f"{prefix}.{name}"):
            if known in self.places:
                return (known,)
        return self._conversion.sources(name)

    @functools.cached_property
    def _names(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for name, first in self.model.tied.items():
            found[first] = (*found.get(first, ()), name)
        return found

    def of(self, places: Mapping[str, Place]) -> "Parameters":
        """The same model's, from a shard written earlier."""
        return dataclasses.replace(self, places=places)

    @functools.cached_property
    def _conversion(self) -> Conversion:
        return Conversion(self.model.hf, self.places)

    def _bring(self, name: str) -> Tensor:
        found = self.places[name].read()
        return found.to(self.device, self.dtype if found.is_floating_point() else found.dtype)
