"""One run: overview, activations, sparsity, languages, tables."""
