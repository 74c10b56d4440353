"""Pure functions: report -> plotly figure. No Gradio, no torch."""

from components.figures.activation import ALL_INPUTS, inputs, selected, similarity_matrix, variance_heatmap
from components.figures.languages import accuracy_dots, has_accuracy, ordered, perplexity_dots, summary_heatmap
from components.figures.sparsity import achieved_by_block, allocation_lines, layers_heatmap
from components.figures.worth import worth_scatter

__all__ = [
    "ALL_INPUTS",
    "accuracy_dots",
    "achieved_by_block",
    "allocation_lines",
    "has_accuracy",
    "inputs",
    "layers_heatmap",
    "ordered",
    "perplexity_dots",
    "selected",
    "similarity_matrix",
    "summary_heatmap",
    "variance_heatmap",
    "worth_scatter",
]
