"""Truth (TPLO): whether true and false statements can be told apart inside a model, before and after pruning."""

from mwanda_core.studies.truth.study import Truth

__all__ = ["Truth"]
