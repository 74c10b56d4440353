"""Layer-wise relevance propagation: the rules under which a gradient becomes a relevance, in a context that leaves no trace."""

from mwanda_core.attribution.rules import RULES, lrp

__all__ = ["RULES", "lrp"]
