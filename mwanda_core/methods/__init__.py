"""Formulas, one file each, and the named methods made of them."""
