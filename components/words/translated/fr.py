"""X."""
PRUNE = "X"
