"""The named methods, as plain data. A name here is what menus, the command line and result tables show."""

from collections.abc import Mapping
from typing import Any

from mwanda_core.errors import UnknownName
from mwanda_core.methods.activation import Maximum, Target, Variance, Weighted, WorstFirst
from mwanda_core.methods.allocation import CWL, DLP, OWL, TPLO, AlphaPruning, Sensitivity
from mwanda_core.methods.composition import Recipe, from_dict
from mwanda_core.methods.repair import Distillation, LeastSquares, Regional
from mwanda_core.methods.rows import Trim
from mwanda_core.methods.scores import (
    GBLM,
    RIA,
    Gradient,
    Leap,
    Magnitude,
    OptiShear,
    PrunerZero,
    Relevance,
    Stade,
    UniPruning,
    WandaPP,
)
from mwanda_core.methods.solvers import DSnoT, SparseFW, SparseGPT, Swaps
from mwanda_core.parts.patterns import Unstructured
from mwanda_core.plugins import Table

__all__ = ["RECIPES", "Recipe", "from_dict", "recipe"]


def recipe(method: "str | Recipe | Mapping[str, Any]", **settings: Any) -> Recipe:
    """A named method, a recipe, or plain data, with knobs changed.

    Raises UnknownName listing the named methods.
    """
    if isinstance(method, Recipe):
        found = method
    elif isinstance(method, str):
        if method not in RECIPES:
            raise UnknownName("method", method, RECIPES)
        found = RECIPES[method]
    else:
        found = from_dict(method)
    return found.replace(**settings) if settings else found


_REPAIRED = "then what stays is fitted to the dense model's outputs, as far as that harms no language left out of the fit."
_DISTILLED = "what stays is fitted to the dense model's outputs, and learns for some steps what the dense model would say next in all built-in languages."

_NAMED = (
    Recipe(
        "m-wanda",
        "M-Wanda",
        "Wanda with cross-lingual variance in the criterion, and more weights left in blocks where languages differ.",
        activation=Variance(),
        allocation=CWL(),
    ),
    Recipe(
        "m-wanda-measured",
        "M-Wanda, measured",
        "Wanda's score; each block's sparsity from the loss that every language loses when this block alone is pruned.",
        allocation=Sensitivity(),
    ),
    Recipe(
        "measured-swaps",
        "Measured + swaps",
        "Each block's sparsity from the loss that the languages lose on average when it alone is pruned; then kept and pruned weights "
        "change places as long as the layer's output error falls.",
        allocation=Sensitivity(),
        solver=Swaps(),
    ),
    Recipe(
        "worst-swaps",
        "Measured for the worst language + swaps",
        "As measured + swaps, but each block counts by the language that loses most, and sparsities differ more.",
        allocation=Sensitivity(aggregate="worst", strength=0.2),
        solver=Swaps(),
    ),
    Recipe("wanda", "Wanda", "Weight magnitude times the norm of its input, compared within each output row."),
    Recipe("magnitude", "Magnitude", "The absolute value of the weight; the calibration text plays no part.", score=Magnitude()),
    Recipe("ria", "RIA", "Weights relative to their row and column, times a softened input norm.", score=RIA()),
    Recipe(
        "m-wanda-steady",
        "M-Wanda, steadied",
        "M-Wanda with as much of its layerwise step as two halves of the text agree on.",
        activation=Variance(),
        allocation=CWL(steady=True),
    ),
    Recipe(
        "m-ria",
        "M-Wanda on RIA",
        "M-Wanda's channel importance and layerwise sparsity under RIA's score.",
        activation=Variance(),
        score=RIA(),
        allocation=CWL(),
    ),
    Recipe("maximum", "Maximum over languages", "Every channel counts as in the language that uses it most.", activation=Maximum()),
    Recipe("worst-first", "Worst language first", "Languages weigh the more, the more they lose, in a few rounds of cutting and looking.", activation=WorstFirst()),
    Recipe(
        "worst-first-repair", "Worst language first + measured + swaps + repair", f"Languages weigh the more, the more they lose, in blocks' sparsities, swaps and repair alike; {_REPAIRED}",
        activation=WorstFirst(), allocation=Sensitivity(aggregate="weighted"), solver=Swaps(), repair=LeastSquares(),
    ),
    Recipe("training-share", "Mixed by training share", "Languages weigh as much as in typical web text.", activation=Weighted(mix="training share")),
    Recipe("target", "One target language", "Only the first calibration language decides.", activation=Target()),
    Recipe("owl", "OWL", "Wanda's score; blocks with more outlying scores keep more weights.", allocation=OWL()),
    Recipe("tplo", "TPLO", "Wanda's score; early blocks keep more where scores have outliers, later ones where true and false statements lie apart.", allocation=TPLO()),
    Recipe("swl", "Separability alone", "TPLO's weak baseline: every block keeps more the further true and false statements lie apart after it.", allocation=TPLO(pivot=0)),
    Recipe("alpha-pruning", "AlphaPruning", "Wanda's score; blocks whose spectra have heavier tails keep more weights.", allocation=AlphaPruning()),
    Recipe("dlp", "DLP", "Wanda's score; blocks with a lower median of scores against their mean keep more weights.", allocation=DLP()),
    Recipe("trim", "TRIM", "Wanda's score; each output row gets a sparsity that its output can bear.", rows=Trim()),
    Recipe("stade", "STADE", "Weight magnitude times the spread of its input over tokens; biases take up the mean of what is cut.", score=Stade()),
    Recipe("wanda++", "Wanda++", "Wanda plus a gradient through the weight's own block, then small repairing steps.", score=WandaPP(), repair=Regional()),
    Recipe("gradient", "Weight times gradient", "Weight magnitude times the gradient of the model's loss.", score=Gradient()),
    Recipe("relevance", "Relevance (SparC3)", "How much of the prediction passes through a weight, by layer-wise relevance propagation.", score=Relevance()),
    Recipe("gblm", "GBLM-Pruner", "Wanda plus weight times loss gradient.", score=GBLM()),
    Recipe("pruner-zero", "Pruner-Zero", "The symbolic score found by genetic search: squared weight times scaled gradient.", score=PrunerZero()),
    Recipe(
        "optishear", "OptiShear", "A metric of OptiShear's search space: weights relative to their row and column, times the root of the input.",
        score=OptiShear("identity", "relative", "sqrt"),
    ),
    Recipe(
        "unipruning", "UniPruning", "A saliency smoothed over samples while the weights follow the task; one state serves every sparsity.",
        score=UniPruning(), pattern=Unstructured("layer"),
    ),
    Recipe("leap", "LEAP (learned gates)", "A gate for every weight, learned on the model's loss from Wanda's mask on: slow.", score=Leap()),
    Recipe("sparsegpt", "SparseGPT", "Prunes column by column and adjusts the weights that remain.", solver=SparseGPT()),
    Recipe("sparsefw", "SparseFW", "Optimises the mask on each layer's output error, from Wanda's mask.", solver=SparseFW()),
    Recipe("swaps", "Wanda with swaps", "Swaps kept for pruned weights within rows as long as the output error falls.", solver=Swaps()),
    Recipe("dsnot", "DSnoT", "Swaps weights within rows so that their mean effects cancel.", solver=DSnoT()),
    Recipe("wanda-repair", "Wanda + repair", f"Wanda's mask; {_REPAIRED}", repair=LeastSquares()),
    Recipe(
        "m-wanda-repair", "M-Wanda + repair", f"M-Wanda's mask; {_REPAIRED}",
        activation=Variance(), allocation=CWL(), repair=LeastSquares(),
    ),
    Recipe("measured-repair", "Measured + repair", f"The mask of M-Wanda, measured; {_REPAIRED}", allocation=Sensitivity(), repair=LeastSquares()),
    Recipe(
        "measured-swaps-repair", "Measured + swaps + repair", f"The mask of measured + swaps; {_REPAIRED}",
        allocation=Sensitivity(), solver=Swaps(), repair=LeastSquares(),
    ),
    Recipe("swaps-repair", "Wanda with swaps + repair", f"The mask of Wanda with swaps; {_REPAIRED}", solver=Swaps(), repair=LeastSquares()),
    Recipe("swaps-repair-distil", "Wanda with swaps + repair + distillation", f"The mask of Wanda with swaps; {_DISTILLED}", solver=Swaps(), repair=Distillation()),
    Recipe(
        "measured-swaps-repair-distil", "Measured + swaps + repair + distillation", f"The mask of measured + swaps; {_DISTILLED}",
        allocation=Sensitivity(), solver=Swaps(), repair=Distillation(),
    ),
)  # fmt: skip

RECIPES = Table("method", Recipe, {entry.name: entry for entry in _NAMED})
