"""A model's parameters by name, read from its files when they are wanted."""

import dataclasses
from collections.abc import Mapping

import torch
from torch import Tensor

from mwanda_core.engine.onload.files import Place
from mwanda_core.errors import ModelError
from mwanda_core.models import DecoderBlock


@dataclasses.dataclass(frozen=True)
class Parameters:
    """`prefix` is the name of the family's inner model ("transformer" of GPT-2), which some files leave out."""

    places: Mapping[str, Place]
    prefix: str
    dtype: torch.dtype
    device: torch.device
    folder: str

    def key(self, name: str) -> str:
        """The name that the files use for a parameter.

        Raises ModelError when they do not have it.
        """
        for known in (name, name.removeprefix(f"{self.prefix}."), f"{self.prefix}.{name}"):
            if known in self.places:
                return known
        raise ModelError(
            f"The weights in {self.folder!r} hold no {name!r}: they are incomplete, or stored in a form that only loading the "
            "whole model understands. Prune it in memory."
        )

    def parameter(self, name: str) -> Tensor:
        """A parameter in the type and on the device of the job."""
        return self._bring(self.places[self.key(name)])

    def stored(self, places: Mapping[str, Place], block: DecoderBlock, name: str) -> Tensor:
        """A parameter of a block from a shard written earlier."""
        return self._bring(places[self.key(f"{block.path}.{name}")])

    def _bring(self, place: Place) -> Tensor:
        found = place.read()
        return found.to(self.device, self.dtype if found.is_floating_point() else found.dtype)
