"""Questions asked of a model and what pruning did to it: whose masks agree, which neurons belong to a language, what foretells damage."""

from mwanda_core.insight.cuts import (
    Cut,
    between_halves,
    by_language,
    by_method,
    halves,
    joined,
    only,
    overlap,
    side_by_side,
    to_mix,
    with_mix,
)
from mwanda_core.insight.generation import (
    Continuation,
    Generations,
    GenerationSettings,
    Prompt,
    builtin_prompts,
    generate,
    generation_work,
    prompts_from,
)
from mwanda_core.insight.mlps import Mlp, find_mlps
from mwanda_core.insight.neuron_damage import drift, pruned_shares, pruned_table, random_like, stability
from mwanda_core.insight.neuron_effects import Protection, protect, silenced, silencing
from mwanda_core.insight.neurons import Firing, LanguageNeurons, entropies, language_neurons, measure_firing
from mwanda_core.insight.overlap import Overlap, diff, expected_iou, overlap_of_masks, stored_masks
from mwanda_core.insight.predictors import correlations, predictors, similarity_to_mix
from mwanda_core.insight.profile_tables import compare_profiles
from mwanda_core.insight.profiling import Profile, TextProfile, profile, profile_work
from mwanda_core.insight.writing import compare_generations

__all__ = [
    "Continuation",
    "Cut",
    "Firing",
    "GenerationSettings",
    "Generations",
    "LanguageNeurons",
    "Mlp",
    "Overlap",
    "Profile",
    "Prompt",
    "Protection",
    "TextProfile",
    "between_halves",
    "builtin_prompts",
    "by_language",
    "by_method",
    "compare_generations",
    "compare_profiles",
    "correlations",
    "diff",
    "drift",
    "entropies",
    "expected_iou",
    "find_mlps",
    "generate",
    "generation_work",
    "halves",
    "joined",
    "language_neurons",
    "measure_firing",
    "only",
    "overlap",
    "overlap_of_masks",
    "predictors",
    "profile",
    "profile_work",
    "prompts_from",
    "protect",
    "pruned_shares",
    "pruned_table",
    "random_like",
    "side_by_side",
    "silenced",
    "silencing",
    "similarity_to_mix",
    "stability",
    "stored_masks",
    "to_mix",
    "with_mix",
]
