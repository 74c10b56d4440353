"""Pure functions: report or table -> plotly figure. No Gradio, no torch."""

from components.figures.activation import (
    ALL_INPUTS,
    blocks_with_experts,
    expert_heatmap,
    inputs,
    selected,
    similarity_matrix,
    variance_heatmap,
)
from components.figures.base import message
from components.figures.comparison import (
    run_accuracies,
    run_blocks,
    run_differences,
    run_front,
    run_losses,
)
from components.figures.described import described
from components.figures.forgetting import guard_curve, run_gains
from components.figures.languages import accuracy_dots, has_accuracy, informative, ordered, perplexity_dots, summary_heatmap
from components.figures.masks import mask_map, mask_matrix
from components.figures.multiples import text_panels
from components.figures.neurons import neurons_by_block, neurons_drift, neurons_pruned
from components.figures.overlap import overlap_by_block, overlap_heatmap
from components.figures.predictors import known_predictors, predictor_scatter
from components.figures.profile import EVERYONE, effective_rank, energy_shift, order_kept
from components.figures.sparsity import achieved_by_block, allocation_lines, layers_heatmap
from components.figures.tasks import CUSTOMARY, ranked, task_dots, task_map
from components.figures.worth import worth_scatter
from components.figures.writing import identified, on_language, repetition

__all__ = [
    "ALL_INPUTS",
    "CUSTOMARY",
    "EVERYONE",
    "accuracy_dots",
    "achieved_by_block",
    "allocation_lines",
    "blocks_with_experts",
    "described",
    "effective_rank",
    "energy_shift",
    "expert_heatmap",
    "guard_curve",
    "has_accuracy",
    "identified",
    "informative",
    "inputs",
    "known_predictors",
    "layers_heatmap",
    "mask_map",
    "mask_matrix",
    "message",
    "neurons_by_block",
    "neurons_drift",
    "neurons_pruned",
    "on_language",
    "order_kept",
    "ordered",
    "overlap_by_block",
    "overlap_heatmap",
    "perplexity_dots",
    "predictor_scatter",
    "ranked",
    "repetition",
    "run_accuracies",
    "run_blocks",
    "run_differences",
    "run_front",
    "run_gains",
    "run_losses",
    "selected",
    "similarity_matrix",
    "summary_heatmap",
    "task_dots",
    "task_map",
    "text_panels",
    "variance_heatmap",
    "worth_scatter",
]
