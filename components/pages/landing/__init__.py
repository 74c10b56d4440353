"""The first screen: who loses how much when weights go, from stored runs (`scripts/make_landing.py`); no model, no torch."""
