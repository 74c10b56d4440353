"""Why a run kept or pruned a weight, from the run's folder: its mask, its statistics, and the dense matrix alone.

The matrix is read by its place in the model's safetensors; the model itself is neither loaded nor touched. Masks of one matrix are
read alone as well, so that a picture of one costs the same in a large model.
"""

import dataclasses
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Bool, Float
from safetensors import SafetensorError, safe_open
from torch import Tensor

from mwanda_core.engine.onload.files import places
from mwanda_core.engine.onload.parameters import Parameters
from mwanda_core.errors import InputError, ModelError, RunError
from mwanda_core.insight.weight_story import Story, basis, check_place, story
from mwanda_core.methods.composition import Recipe, from_dict
from mwanda_core.models import DecoderBlock, LanguageModel, PrunableLinear
from mwanda_core.models.skeleton import drop, fill, may_hold_experts, skeleton, understood
from mwanda_core.models.stored import ready_folder, stored_folder
from mwanda_core.parts.masks import unpack
from mwanda_core.parts.statistics import InputStats
from mwanda_core.store.format import MASKS, STATISTICS, UPDATES, WALKED
from mwanda_core.store.report import RunReport
from mwanda_core.store.statistics_file import load_input
from mwanda_core.store.tensors import keeps_some, kept_masks, read_header


@dataclasses.dataclass(frozen=True)
class Matrix:
    """One weight matrix of a run. `name` is its full name in the model."""

    block: int
    module: str
    name: str
    keep: Bool[Tensor, "out in"]


@dataclasses.dataclass(frozen=True)
class Weighed:
    """The story of one weight, and what a reader must know beside it.

    new: the value that a solver gave the weight, None where values stayed. missing: see `Basis`. walked: whether the statistics are
    those that the mask was cut from; False for a run in another mode than one-pass that kept only the dense ones. spared: languages
    whose neurons were kept before all others.
    """

    matrix: Matrix
    story: Story
    recipe: Recipe
    new: float | None
    missing: tuple[str, ...]
    walked: bool
    spared: tuple[str, ...]

    @property
    def by_score(self) -> bool:
        """Whether the run kept the highest scores of this weight's group, and these are its scores."""
        return basis(self.recipe).by_score and self.story.agrees


def has_masks(folder: Path) -> bool:
    """Whether a run was kept with its masks."""
    return (Path(folder) / MASKS).is_file()


def read_matrix(report: RunReport, folder: Path, block: int, module: str) -> Matrix:
    """One matrix of a run and its mask.

    Raises RunError when the run has no such matrix, was kept without masks, or is damaged.
    """
    layers = report.tables["layers"]
    row = layers[(layers["block"] == block) & (layers["module"] == module)]
    if row.empty:
        known = ", ".join(dict.fromkeys(map(str, layers["module"])))
        raise RunError(
            f"This run has no matrix {module[:80]!r} in block {block}: its blocks are 0 to {layers['block'].max()}, its matrices {known}."
        )
    if not has_masks(folder):
        raise RunError(
            f"The run {report.id!r} was kept without its masks, so single weights cannot be looked at: run it again."
        )
    matrices = list(zip(map(int, layers["block"]), map(str, layers["module"]), strict=True))
    kept = kept_masks(folder / MASKS, matrices)
    name = kept.get((block, module))
    if name is None and keeps_some(folder / MASKS):
        raise RunError(
            f"The run {report.id!r} was kept with the masks of a few of its matrices only, and {block}.{module} is none of them: look at "
            f"one of {', '.join(f'{b}.{m}' for b, m in kept)[:200]}, or run it again."
        )
    shape = int(row["outputs"].iloc[0]), int(row["inputs"].iloc[0])
    if name is None or not all(0 < size < 2**31 for size in shape):
        raise RunError(f"The run {report.id!r} is damaged: its masks and its table of layers do not agree.")
    return Matrix(block, module, name, unpack(_tensor(folder / MASKS, name), shape))


def _tensor(path: Path, name: str) -> Tensor:
    try:
        with safe_open(path, framework="pt") as stored:
            return stored.get_tensor(name)
    except (OSError, SafetensorError) as error:
        raise RunError(f"The file {path.name!r} in {str(path.parent)!r} is missing or damaged and cannot be read.") from error


def statistics_of(report: RunReport, folder: Path, block: int, module: str) -> tuple[InputStats | None, bool]:
    """The statistics at the input of a matrix, and whether its mask was cut from these; None for a run kept without any.

    Raises RunError when they are damaged.
    """
    one_pass = report.facts["settings"].get("mode", "one-pass") == "one-pass"
    for name, own in ((WALKED, True), (STATISTICS, one_pass)):
        if (folder / name).is_file():
            read_header(folder / name)
            return load_input(folder / name, str(report.facts["model"].get("fingerprint")), block, module), own
    return None, False


def model_of(report: RunReport) -> tuple[str, str, torch.dtype]:
    """Source, revision and type of the numbers of the model that a run was made on.

    Raises RunError when the run does not say.
    """
    facts: Mapping[str, Any] = report.facts["model"]
    source, revision = report.facts["settings"].get("model", facts["source"]), facts.get("revision", "")
    dtype = getattr(torch, str(facts.get("dtype", "float32")), None)
    if not isinstance(source, str) or not isinstance(revision, str) or not isinstance(dtype, torch.dtype):
        raise RunError(f"The run {report.id!r} is damaged: it does not say which model it was made on.")
    return source, revision, dtype


def is_ready(report: RunReport, source: str = "") -> bool:
    """Whether `dense_matrix` would neither fetch nor expand anything.

    Raises ModelError for a model that cannot be had at all.
    """
    named, revision, _ = model_of(report)
    return ready_folder(source or named, revision) is not None


def dense_matrix(report: RunReport, matrix: Matrix, source: str = "") -> Float[Tensor, "out in"]:
    """The dense weights of one matrix, bit for bit as loading the model gives them. source: where the model is now.

    Raises ModelError when the model cannot be had, its files are stored in a form that only loading understands, or they hold
    another shape.
    """
    named, revision, dtype = model_of(report)
    folder = stored_folder(source or named, revision if not source else "")
    model, weights, found = *_skeleton(str(folder), (folder / "config.json").stat().st_mtime_ns, dtype), None
    for block in model.blocks[matrix.block : matrix.block + 1]:
        found = next((linear for linear in block.linears if block.full_name(linear) == matrix.name), None)
    if found is None or tuple(found.weight.shape) != tuple(matrix.keep.shape):
        raise ModelError(
            f"{named!r} has no matrix {matrix.name!r} of shape {tuple(matrix.keep.shape)}: the run is of another model."
        )
    if found.stacked:
        return _expert(model.blocks[matrix.block], found, weights)
    weight = weights.parameter(f"{matrix.name}.weight")
    return weight.T if found.transposed else weight


def _expert(block: DecoderBlock, linear: PrunableLinear, weights: Parameters) -> Tensor:
    """One of the matrices that lie together in a parameter, which is read whole."""
    name = linear.among
    fill(block.module, {name: weights.parameter(f"{block.path}.{name}")})
    try:
        return linear.weight.clone()
    finally:
        drop(block.module)


@functools.lru_cache(maxsize=4)
def _skeleton(folder: str, changed: int, dtype: torch.dtype) -> tuple[LanguageModel, Parameters]:
    """Building the model without its weights takes up to seconds; `changed` is the time of its configuration."""
    model = skeleton(Path(folder), dtype)
    weights = Parameters(model, places(Path(folder)), dtype, torch.device("cpu"), folder)
    if may_hold_experts(model):
        model = understood(model, weights.parameter)
        drop(model.hf)
    return model, weights


def weigh(report: RunReport, folder: Path, matrix: Matrix, dense: Float[Tensor, "out in"], row: int, column: int) -> Weighed:
    """The story of one weight of a run. `dense`: as `dense_matrix` gives it, or from the loaded model.

    Raises InputError for a place outside the matrix, RunError when the run is damaged.
    """
    check_place(matrix.keep.shape, row, column)
    recipe = recipe_of(report)
    stats, walked = statistics_of(report, folder, matrix.block, matrix.module)
    if stats is not None and stats.width != dense.shape[1]:
        raise RunError(f"The run {report.id!r} is damaged: its statistics do not belong to {matrix.name}.")
    told = story(recipe, dense.cpu(), matrix.keep, stats, row, column)
    new = None
    if (folder / UPDATES).is_file() and matrix.name in read_header(folder / UPDATES).tensors:
        values = _tensor(folder / UPDATES, matrix.name)
        new = float(values[row, column]) if values.shape == matrix.keep.shape else None
    spared = tuple(map(str, report.facts["settings"].get("spare_neurons", ())))
    return Weighed(matrix, told, recipe, new, basis(recipe).missing, walked, spared)


def recipe_of(report: RunReport) -> Recipe:
    """The recipe that a run says it was made with.

    Raises RunError for one that this version does not know.
    """
    try:
        return from_dict(report.facts["recipe"])
    except (InputError, TypeError, KeyError, ValueError) as error:
        raise RunError(f"The run {report.id!r} was made with a method that this version does not know.") from error
