"""Masks for this prompt: mu-MoE (Koike-Akino, Liu & Wang 2025), with a prior of the prompt's language, its baselines and controls.

masks       the context manager: every linear keeps, of each row, what the prompt itself asks for
rules       what is kept: the prompt's statistics alone, with a prior, by ranks; WINA's gate beside
protocols   losses of texts under every condition: from the whole window (sees the future) and from a prefix (fair)
routing     how much the masks of two prompts have in common, on parallel passages
answers     one prompt under every condition: losses, continuations
"""
