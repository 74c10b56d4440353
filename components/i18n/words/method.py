"""The method panel: named methods, parts put together freely, their settings and formulas."""

from components.i18n import words
from components.i18n.catalogue import gettext, pgettext

METHOD = "Method"
SPARSITY = "Sparsity (% of weights removed)"
SPARSITY_INFO = "Embeddings and output head stay whole."
PURPOSES = {
    "fast": "fast: seconds",
    "balanced": "balanced: minutes",
    "best": "best: half an hour",
    "simple": "simple and fast",
    "languages": "mixes languages",
    "layers": "uneven over blocks",
    "solvers": "optimises weights",
    "gradients": "uses gradients",
    "other": "more",
}

LEVEL = "Let it choose"
LEVELS = {"fast": "Fast", "balanced": "Balanced", "best": "Best"}
LEVEL_TIMES = {"fast": "seconds", "balanced": "minutes", "best": "half an hour"}
LEVEL_LINE = "**{level}** ({time}): {method}. {expected}"
LEVEL_EXPECTED = "Expected loss increase against Wanda's: {seen} ({low} to {high}) in languages chosen."
LEVEL_BOTH = "Expected loss increase against Wanda's: {seen} ({low} to {high}) in languages chosen, {unseen} ({unseen_low} to {unseen_high}) in others."
LEVEL_UNMEASURED = "What it gives was not measured for such a setting."
LEVEL_ONE = "With one language nothing but Wanda is left of M-Wanda."
LEVEL_LOST = "What this level would take first lost to Wanda with about so many languages and tokens."

COMBINE = "Combine it yourself (advanced)"
COMBINE_HELP = (
    "A method is a combination of choices. Each menu starts at the choice of the method above; change one and you have "
    "a method of your own. Formulas and settings below follow."
)
COMBINE_BACK = "Back to the named method"
COMBINED = "**Your own combination**, put together from {method}: {changes}."
COMBINED_CHANGE = "{choice}: {part}"
PROBLEM = "**This cannot be run.** {problem}"
PATTERN = "Where zeros may lie"
PATTERNS = {
    "unstructured": "Anywhere, compared within each output row",
    "layer": "Anywhere, compared within each matrix",
    "global": "Anywhere, compared within the whole model",
    "2:4": "2 of every 4 kept (50%)",
    "4:8": "4 of every 8 kept (50%)",
    "n:m": "N of every M kept, your own N and M",
    "mixed": "Mixed N:M, N differs from block to block",
}
PATTERN_N, PATTERN_M = "N: weights kept", "M: neighbours in a group"
PATTERN_FIXED = "{pattern} removes exactly {sparsity} in every block: that is the sparsity, and all blocks are treated alike."
PATTERN_MIXED = "Each block keeps the number of every M that comes nearest to its own sparsity."
PATTERN_WHOLE = "N and M must be whole numbers; they were given as {n} and {m}."
METHOD_DETAILS = "Formulas of this method"
HAS_RECONSTRUCTION = "*Not all of its formulas could be checked against the paper: see below.*"
METHOD_LOADING = "The methods are being read ..."
KNOBS = "Settings of this method"
NO_KNOBS = "This method has no settings."
MORE_KNOBS = "{count} further settings keep their defaults here; Python and the command line can set them."
PART_NAMES = {
    "activation": "Importance of an input channel",
    "score": "Score of a weight",
    "allocation": "Sparsity of each block",
    "solver": "From scores to weights",
    "rows": "Sparsity of each output row",
    "repair": "Repair of the weights that stay",
}
ORIGINS = {
    "paper": "formula as published",
    "reconstruction": "our reconstruction: the paper's exact formula could not be checked",
    "own": "this project's own formula",
}
KNOB_LABELS = {
    "lam": "λ (lambda)",
    "gamma": "γ (gamma)",
    "spread": "Spread",
    "strength": "Layerwise strength Λ",
    "protect": "Which blocks keep more weights",
    "power": "Exponent a",
    "outlier": "Outlier threshold M",
    "mapping": "What decides a block's sparsity",
    "aggregate": "Damage over languages",
    "transform": "Scale of damage",
    "mix": "Where the weights of languages come from",
    "eps": "ε (epsilon)",
    "alpha": "α (alpha)",
    "max_rate": "Largest learning rate",
    "max_swaps": "Most swaps",
    "language": "Target language",
    "weights_by_language": "Weight of each language",
    "blocksize": "Columns at once",
}
TEXT_HELP = {
    "language": "One of the calibration languages; the others are measured but play no part. None chosen: the first of them.",
    "weights_by_language": "For example en=1, sw=3. A language not named counts 1, and 0 leaves it out.",
}
CHOICE_LABELS = {
    "std": "standard deviation",
    "cv": "coefficient of variation",
    "different": "where languages differ",
    "shared": "where languages agree",
    "rank": "its place among the blocks",
    "linear": "its correlation itself",
}


def knob_label(name: str, unit: str) -> str:
    """A setting by its symbol or plain name."""
    label = words.KNOB_LABELS.get(name) or pgettext("setting", plain(name))
    return pgettext("setting", "{label} ({unit})").format(label=label, unit=gettext(unit)) if unit else label


def choice_label(name: str) -> str:
    """What a setting can be, in words where it has any."""
    return words.CHOICE_LABELS.get(name) or pgettext("choice", name)


def plain(name: str) -> str:
    """A field's name as a label."""
    return name.replace("_", " ").capitalize()


def part_name(choice: str) -> str:
    """What a part of a method decides."""
    return words.PART_NAMES.get(choice, choice.replace("_", " ").capitalize())
