"""Targeted correction (SparC3): one behaviour removed, and what else went with it."""

from mwanda_core.studies.correction.study import Correction

__all__ = ["Correction"]
