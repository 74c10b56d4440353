"""A saved run applied to the dense model again, in the time that reading its files takes: no text, no forward pass.

    w'_ij = u_ij where the run's solver made new weights, else w_ij;    0 where the mask prunes

The result is bit-identical to what the run had, or nothing changes: every file is checked against its hash, every mask against
the shape of its weight and the number of weights that the run kept, and the model against the run's fingerprint, all before the
first weight is written.
"""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import pandas as pd
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from mwanda_core.engine.outcome import LinearOutcome
from mwanda_core.engine.weights import DenseCopy, bias_of
from mwanda_core.errors import RunError
from mwanda_core.models import LanguageModel, PrunableLinear
from mwanda_core.parts.masks import unpack
from mwanda_core.store.format import MASKS, UPDATES
from mwanda_core.store.integrity import check_files, manifest
from mwanda_core.store.report import RunReport, load_report
from mwanda_core.store.tensors import TensorInfo, keeps_some, read_header

_DTYPES = {torch.float32: "F32", torch.bfloat16: "BF16", torch.float16: "F16", torch.float64: "F64"}


@dataclasses.dataclass(frozen=True)
class Applied:
    """A model that is pruned as a run was; `restore` gives the dense weights back. Also a context manager that restores."""

    report: RunReport
    linears: tuple[LinearOutcome, ...]
    masks: Mapping[str, Tensor]
    updates: Mapping[str, Tensor]
    dense: DenseCopy

    @property
    def achieved(self) -> float:
        """Share of all prunable weights that the masks remove."""
        return 1.0 - sum(o.kept for o in self.linears) / sum(o.size for o in self.linears)

    def restore(self) -> None:
        """Give the model its dense weights back, bit for bit."""
        self.dense.restore()

    def __enter__(self) -> "Applied":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.restore()


def apply_masks(model: LanguageModel, folder: Path) -> Applied:
    """Prune the dense model as the run in a folder did.

    Raises RunError in one sentence, with the model unchanged, for a run that is missing, damaged, without masks, or of another
    model, revision or number type, and for a model that is pruned at the moment.
    """
    folder = Path(folder)
    report = load_report(folder)
    known = manifest(folder)
    if known is None or MASKS not in known:
        raise RunError(
            f"The run in {str(folder)!r} was saved without masks that can be trusted, so it cannot be applied: run it again."
        )
    names = [name for name in (MASKS, UPDATES) if name in known]
    if UPDATES not in known and (folder / UPDATES).exists():
        raise RunError(f"The run in {str(folder)!r} is damaged: it holds {UPDATES}, which was not written with it.")
    check_files(folder, names)
    linears = linears_of(model)
    if keeps_some(folder / MASKS):
        raise RunError(
            f"The run in {str(folder)!r} was kept with the masks of a few of its matrices only, so it cannot be applied: run it again."
        )
    _check_shapes(
        folder, linears, MASKS, {name: TensorInfo("U8", ((w.weight.numel() + 7) // 8,)) for name, w in linears.items()}
    )
    if UPDATES in names:
        live = {name: linear.weight for name, linear in linears.items()} | _biases(linears)
        wanted = {name: TensorInfo(_DTYPES.get(w.dtype, "?"), tuple(w.shape)) for name, w in live.items()}
        _check_shapes(folder, linears, UPDATES, wanted, some=True)
    check_model(model, report.facts["model"], folder)
    masks = _load(folder / MASKS)
    updates = _load(folder / UPDATES) if UPDATES in names else {}
    outcomes = _outcomes(model, report.tables["layers"], masks, folder)
    for name, weight in updates.items():
        if not bool(torch.isfinite(weight).all()):
            raise RunError(f"The run in {str(folder)!r} is damaged: its new weights of {name} are not all finite.")
    return Applied(report, outcomes, masks, updates, write_masks(model, masks, updates))


def linears_of(model: LanguageModel) -> dict[str, PrunableLinear]:
    """Every prunable linear by its full name."""
    return {block.full_name(linear): linear for block in model.blocks for linear in block.linears}


def _biases(linears: Mapping[str, PrunableLinear]) -> dict[str, Tensor]:
    """Live biases under the names that `PruneResult.updates` gives them."""
    found = {f"{name}.bias": bias_of(linear) for name, linear in linears.items()}
    return {name: bias for name, bias in found.items() if bias is not None}


def check_model(model: LanguageModel, facts: Mapping[str, Any], folder: Path) -> None:
    """Raises RunError when the run was made on other weights than those of the model now."""
    run = f"The run in {str(folder)!r} was made on {facts['source']!r}"
    dtype = str(model.dtype).removeprefix("torch.")
    if facts.get("dtype", dtype) != dtype:
        raise RunError(f"{run} in {facts['dtype']}, and this model is in {dtype}: load the model with dtype {facts['dtype']}.")
    theirs, ours = str(facts.get("revision", "")), model.revision
    if theirs and ours and theirs != ours:
        raise RunError(f"{run} at revision {theirs}, and this model is at revision {ours}: load that revision.")
    # A fingerprint that was cached stays the dense model's while masks are on it: a copy takes it anew.
    now = (dataclasses.replace(model) if "fingerprint" in vars(model) else model).fingerprint
    if now == facts.get("fingerprint"):
        return
    if model.fingerprint == facts.get("fingerprint"):
        raise RunError("The model is pruned at the moment: give it its dense weights back, then apply the run.")
    raise RunError(f"{run}, and this model ({model.source!r}) has other weights, so the masks do not belong to it.")


def _check_shapes(
    folder: Path, linears: Mapping[str, PrunableLinear], file: str, wanted: Mapping[str, TensorInfo], some: bool = False
) -> None:
    """Raises RunError unless the file has one tensor of the right type and shape for every linear (`some`: for some), no others."""
    found = read_header(folder / file).tensors
    extra = sorted(set(found) - set(wanted))
    missing = [] if some else [name for name in linears if name not in found]
    if extra or missing:
        what = f"has {extra[0][:80]!r}, which this model has not" if extra else f"has nothing for {missing[0]!r}"
        raise RunError(f"The run in {str(folder)!r} does not fit this model: its {file} {what}.")
    for name, info in found.items():
        if info != wanted[name]:
            raise RunError(
                f"The run in {str(folder)!r} does not fit this model: {name} in {file} is {info.dtype} of shape {info.shape}, and "
                f"{wanted[name].dtype} of shape {wanted[name].shape} is needed."
            )


def _load(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"The file {path.name!r} in {str(path.parent)!r} is missing or damaged and cannot be read.") from error


def _outcomes(
    model: LanguageModel, layers: pd.DataFrame, masks: Mapping[str, Tensor], folder: Path
) -> tuple[LinearOutcome, ...]:
    """What the run says of every linear, against its masks.

    Raises RunError when the table and the masks differ.
    """
    damaged = RunError(f"The run in {str(folder)!r} is damaged: its masks and its table of layers do not agree.")
    try:
        rows = {(int(row["block"]), str(row["module"])): row for row in layers.to_dict(orient="records")}
        found = []
        for block in model.blocks:
            for linear in block.linears:
                row = rows[block.index, linear.name]
                outputs, inputs = linear.weight.shape
                keep = unpack(masks[block.full_name(linear)], (outputs, inputs))
                kept = int(keep.sum())
                if int(row["kept"]) != kept:
                    raise damaged
                found.append(
                    LinearOutcome(
                        block.index, linear.name, linear.kind, outputs, inputs, float(row["allocated"]), kept,
                        int(row["zeros_before"]), str(row["note"]),
                    )
                )  # fmt: skip
    except (KeyError, ValueError, TypeError, OverflowError) as error:
        raise damaged from error
    if len(rows) != len(found):
        raise damaged
    return tuple(found)


def write_masks(model: LanguageModel, masks: Mapping[str, Tensor], updates: Mapping[str, Tensor]) -> DenseCopy:
    """Prune with masks that were checked against this model; what is returned puts the dense weights back."""
    dense = DenseCopy()
    try:
        for name, linear in linears_of(model).items():
            keep = unpack(masks[name], tuple(linear.weight.shape)).to(linear.weight.device)
            new = updates.get(name)
            dense.write(name, linear, keep, None if new is None else new.to(linear.weight.device))
            if (bias := updates.get(f"{name}.bias")) is not None:
                dense.write_bias(name, linear, bias.to(linear.weight.device))
    except BaseException:
        dense.restore()
        raise
    return dense
