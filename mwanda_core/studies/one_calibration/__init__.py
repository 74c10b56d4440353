"""UniPruning (Ding et al. 2025): one calibration, then any sparsity, any N:M and any mix of languages without a forward pass.

    reading    masks from the states: one sparsity or pattern after the other, nested; mixes of languages; a model cut by them
    weighing   a second mirror descent, over the weights of languages
    files      the states in a folder, and back
The walk that makes the states is `engine/mirror.py`, its formulas `methods/scores/unipruning.py`.
"""
