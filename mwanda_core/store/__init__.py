"""Runs on disk: reports, tensors, integrity, journal, index, archives."""
