"""The only place that knows transformers' insides: load, estimate memory, find blocks and linears, record and replay.

Names load on first use (`__init__.pyi` lists them): a menu of models must not wait for transformers.
"""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
