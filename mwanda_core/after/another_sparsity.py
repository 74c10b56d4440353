"""Another sparsity, pattern or mix of languages from the states that a run of UniPruning kept: no text, no forward pass."""

import dataclasses
from pathlib import Path
from typing import Any

import pandas as pd
from safetensors.torch import load_file

from mwanda_core.after.reapply import Applied, check_model, linears_of, write_masks
from mwanda_core.engine.mirror import Mirror
from mwanda_core.engine.outcome import LinearOutcome
from mwanda_core.errors import InputError, RunError
from mwanda_core.methods.recipes import Recipe, from_dict
from mwanda_core.models import LanguageModel
from mwanda_core.parts.masks import num_zeros, unpack
from mwanda_core.parts.patterns import Pattern, Unstructured
from mwanda_core.store.format import MASKS, STATES
from mwanda_core.store.integrity import check_files, manifest
from mwanda_core.store.report import RunReport, load_report
from mwanda_core.store.tensors import kept_masks
from mwanda_core.studies.one_calibration import reading
from mwanda_core.studies.one_calibration.files import load_states


def has_states(folder: Path) -> bool:
    """Whether a run was kept with its states."""
    known = manifest(Path(folder))
    return known is not None and STATES in known


def kept_states(folder: Path) -> tuple[RunReport, Mirror]:
    """A run's report and its states, checked against their hashes; no model is read.

    Raises RunError in one sentence for a run without states, or damaged ones.
    """
    report = load_report(folder)
    if not has_states(folder):
        raise RunError(
            f"The run in {str(folder)!r} keeps no states, so it has one sparsity only: prune with the method 'unipruning', and keep the run."
        )
    check_files(folder, [STATES])
    return report, load_states(folder, str(report.facts["model"]["fingerprint"]))


def states_of(model: LanguageModel, folder: Path) -> tuple[RunReport, Mirror]:
    """The same, checked against this model.

    Raises RunError as `kept_states`, and for another model.
    """
    report, mirror = kept_states(folder)
    check_model(model, report.facts["model"], folder)
    reading.check_model(model, mirror)
    return report, mirror


@dataclasses.dataclass(frozen=True)
class Look:
    """Masks of another sparsity, before any model is cut. achieved: share removed. inside: of the weights that stay, the share that the run
    keeps, too. blocks, languages: as `reading.look` gives them."""

    achieved: float
    inside: float
    blocks: pd.DataFrame
    languages: pd.DataFrame


def look_at(
    folder: Path, report: RunReport, mirror: Mirror, sparsity: float, pattern: Pattern, mix: reading.Mix = None
) -> Look:
    """What a run's states say at another sparsity, pattern and mix (None: the run's own); nothing but the run's files is read.

    Raises InputError as `apply_states`, RunError for a run that is damaged.
    """
    made, layers = from_dict(report.facts["recipe"]), report.tables["layers"]
    matrices = list(zip(map(int, layers["block"]), map(str, layers["module"]), strict=True))
    blocks = {name: block for (block, _), name in kept_masks(folder / MASKS, matrices).items()}
    if set(blocks) != set(mirror.states):
        raise RunError(f"The run in {str(folder)!r} is damaged: its masks and its states are not of the same matrices.")
    _check_sparsity(sparsity)
    for name, state in mirror.states.items():
        pattern.check(state.shape[2], name)
    mix = mix if mix is not None else reading.mix_of(made, mirror)
    masks, own = reading.masks_at(mirror, sparsity, pattern, mix), load_file(folder / MASKS)
    size = sum(state[0].numel() for state in mirror.states.values())
    stays = sum(int(unpack(mask, (8 * mask.numel(),)).sum()) for mask in masks.values())
    both = sum(int(unpack(mask & own[name], (8 * mask.numel(),)).sum()) for name, mask in masks.items())
    found = reading.look(mirror, masks, blocks, mix)
    return Look(1.0 - stays / size, both / max(1, stays), found["blocks"], found["languages"])


def settings_at(
    report: RunReport, mirror: Mirror, sparsity: float, pattern: Pattern, mix: reading.Mix = None
) -> dict[str, Any]:
    """The settings of a run like this one at another sparsity, pattern and mix, as plain data: with the states it needs no walk
    (`Workbench.run`).

    Raises InputError as `apply_states`.
    """
    _check_sparsity(sparsity)
    made = reading.with_mix(from_dict(report.facts["recipe"]), mirror, mix).replace(pattern=pattern)
    return {**report.facts["settings"], "method": made.to_dict(), "sparsity": pattern.achievable(sparsity)}


def _check_sparsity(sparsity: float) -> None:
    if not 0.0 <= sparsity <= 0.99:
        raise InputError(f"The sparsity must lie between 0 and 0.99; it was given as {sparsity}.")


def apply_states(
    model: LanguageModel, folder: Path, sparsity: float, pattern: Pattern | None = None, mix: reading.Mix = None
) -> Applied:
    """Prune the dense model at a sparsity that the run was not made at. N:M sets the sparsity itself; mix: weights by language, "max",
    or None for the run's own. The report given is the run's without what was measured at its own sparsity.

    Raises RunError as `states_of`, InputError for a sparsity outside 0 to 0.99, a mix without states, or a width that N:M does not divide.
    """
    _check_sparsity(sparsity)
    folder, pattern = Path(folder), pattern or Unstructured("layer")
    report, mirror = states_of(model, folder)
    made = from_dict(report.facts["recipe"])
    mix = mix if mix is not None else reading.mix_of(made, mirror)
    for name, linear in linears_of(model).items():
        pattern.check(linear.weight.shape[1], name)
    masks, wanted = reading.masks_at(mirror, sparsity, pattern, mix), pattern.achievable(sparsity)
    outcomes = []
    for block in model.blocks:
        for linear in block.linears:
            (outputs, inputs), mask = linear.weight.shape, masks[block.full_name(linear)]
            kept, zeros = int(unpack(mask, (outputs, inputs)).sum()), num_zeros(linear.weight)
            outcomes.append(LinearOutcome(block.index, linear.name, linear.kind, outputs, inputs, wanted, kept, zeros))
    found = Applied(report, tuple(outcomes), masks, {}, write_masks(model, masks, {}))
    return dataclasses.replace(
        found, report=_unmeasured(report, found, sparsity, pattern, reading.with_mix(made, mirror, mix), mix)
    )


def _unmeasured(
    report: RunReport, found: Applied, sparsity: float, pattern: Pattern, made: Recipe, mix: reading.Mix
) -> RunReport:
    facts: dict[str, Any] = {**report.facts, "recipe": made.replace(pattern=pattern).to_dict()}
    facts["settings"] = {**facts["settings"], "sparsity": pattern.achievable(sparsity)}
    facts["summary"] = {"achieved_sparsity": found.achieved}
    given = ", ".join(f"{code} {weight:g}" for code, weight in mix.items()) if isinstance(mix, dict) else mix or "all alike"
    facts["notes"] = [
        *facts["notes"], f"Cut from the states of run {report.id} (languages: {given}); losses were not measured at this sparsity."
    ]  # fmt: skip
    layers = report.tables["layers"].copy()
    kept = {(one.block, one.module): one for one in found.linears}
    rows = [kept[int(block), str(module)] for block, module in zip(layers["block"], layers["module"], strict=True)]
    layers["allocated"], layers["kept"] = [one.allocated for one in rows], [one.kept for one in rows]
    if "achieved" in layers:
        layers["achieved"] = [one.achieved for one in rows]
    tables: dict[str, pd.DataFrame] = {"languages": report.tables["languages"].iloc[:0], "layers": layers}
    return RunReport(facts, tables)


def parse_mix(text: str) -> reading.Mix:
    """ "sw=2,en=1" as weights, "max", or nothing.

    Raises InputError for what is neither.
    """
    if text in ("", "max"):
        return text or None
    try:
        return {code.strip(): float(weight) for code, _, weight in (part.partition("=") for part in text.split(","))}
    except ValueError:
        raise InputError(f"A mix is weights by language, such as sw=2,en=1, or 'max'; it was given {text!r}.") from None
