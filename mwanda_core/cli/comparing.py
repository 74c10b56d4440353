"""Masks of compared runs as lines of text and as JSON."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mwanda_core.after.mask_comparison import MaskComparison

_WIDTH = 10


def mask_facts(found: "MaskComparison") -> dict[str, Any]:
    """Plain data: the runs, the run x run matrix, and every pair in the whole and by block and matrix."""
    return {
        "runs": found.names,
        "without": found.without,
        "matrix": found.matrix().to_numpy().tolist(),
        "pairs": found.pairs().to_dict(orient="records"),
        "modules": found.pairs(("module",)).to_dict(orient="records"),
        "layers": found.pairs(("block", "module")).to_dict(orient="records"),
        "notes": found.notes,
    }


def mask_lines(found: "MaskComparison") -> Iterator[str]:
    """The run x run matrix, then for every pair the overlap by module (mean, lowest and highest of its blocks), then notes."""
    numbers = {name: str(place) for place, name in enumerate(found.names, 1)}
    yield ""
    yield "Pruned weights in common, corrected for chance (1: the same mask, 0: as two independent masks):"
    yield "    " + "".join(f"{number:>{_WIDTH}}" for number in numbers.values())
    matrix = found.matrix()
    for name, number in numbers.items():
        cells = "".join(f"{_figure(value):>{_WIDTH}}" for value in list(matrix.loc[name]))
        yield f"{number:>3} {cells}  {name}"
    whole, layers = found.pairs(("module",)), found.pairs(("block", "module"))
    width = max(len(str(module)) for module in whole["module"]) + 2
    for row in found.pairs().to_dict(orient="records"):
        pair = [(table["name"] == row["name"]) & (table["other"] == row["other"]) for table in (whole, layers)]
        yield ""
        yield (
            f"{numbers[row['name']]} and {numbers[row['other']]}: of the weights that one keeps, {row['kept_share']:.1%} are kept by both"
        )
        yield f"  {'matrix':<{width}}{'corrected':>{_WIDTH}}{'lowest':>{_WIDTH}}{'highest':>{_WIDTH}}{'kept by both':>14}"
        for module in whole[pair[0]].to_dict(orient="records"):
            each = layers[pair[1] & (layers["module"] == module["module"])]["corrected"]
            figures = "".join(f"{_figure(value):>{_WIDTH}}" for value in (module["corrected"], each.min(), each.max()))
            yield f"  {module['module']:<{width}}{figures}{_share(module['kept_share']):>14}"
    for name in found.without:
        yield f"Note: {name} was kept without masks and is left out here."
    for note in found.notes:
        yield f"Note: {note}"


def _figure(value: float) -> str:
    """Three digits; a dash where neither prunes anything or both prune everything."""
    return "-" if math.isnan(value) else f"{value:.3f}"


def _share(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.1%}"
