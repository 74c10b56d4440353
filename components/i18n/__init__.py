"""Texts, languages and names."""
