"""What a model knows by heart: a study, a small text-to-image model, and sentences of a language model."""

from mwanda_core.studies.memory.study import Memory

__all__ = ["Memory"]
