"""Kinds of work that the page starts, and where they run."""
