"""What a model can still do, in which language: tool calls, arguments, workflows, needles, a small world (after ACBench)."""

from mwanda_core.studies.abilities.study import Abilities

__all__ = ["Abilities"]
