"""Pruning with one decoder block in memory at a time, for models larger than the memory there is."""

from mwanda_core.engine.onload.job import Onloaded, OnloadSettings
from mwanda_core.engine.onload.memory import OnloadEstimate, estimate_onloading
from mwanda_core.engine.onload.pruning import prune_onloading
from mwanda_core.engine.onload.states import Copier, CudaCopier, HostCopier, Shelf, States

__all__ = [
    "Copier",
    "CudaCopier",
    "HostCopier",
    "OnloadEstimate",
    "OnloadSettings",
    "Onloaded",
    "Shelf",
    "States",
    "estimate_onloading",
    "prune_onloading",
]
