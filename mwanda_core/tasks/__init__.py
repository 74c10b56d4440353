"""Benchmarks in many languages, scored by likelihood: dense against pruned, item by item.

Names load on first use (`__init__.pyi` lists them): a menu must not wait for torch.
"""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
