"""Circuits (SparC3): the smallest part of a model that still does a task, in several languages."""

from mwanda_core.studies.circuits.study import Circuits

__all__ = ["Circuits"]
