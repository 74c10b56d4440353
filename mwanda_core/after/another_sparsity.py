"""Another sparsity, pattern or mix of languages from the states that a run of UniPruning kept: no text, no forward pass."""

import dataclasses
from pathlib import Path
from typing import Any

import pandas as pd

from mwanda_core.after.reapply import Applied, check_model, linears_of, write_masks
from mwanda_core.engine.mirror import Mirror
from mwanda_core.engine.outcome import LinearOutcome
from mwanda_core.errors import InputError, RunError
from mwanda_core.methods.recipes import from_dict
from mwanda_core.models import LanguageModel
from mwanda_core.parts.masks import num_zeros, unpack
from mwanda_core.parts.patterns import Pattern, Unstructured
from mwanda_core.store.format import STATES
from mwanda_core.store.integrity import check_files, manifest
from mwanda_core.store.report import RunReport, load_report
from mwanda_core.studies.one_calibration import reading
from mwanda_core.studies.one_calibration.files import load_states


def states_of(model: LanguageModel, folder: Path) -> tuple[RunReport, Mirror]:
    """A run's report and its states, checked against their hashes and this model.

    Raises RunError in one sentence for a run without states, damaged ones, or another model.
    """
    report, known = load_report(folder), manifest(folder)
    if known is None or STATES not in known:
        raise RunError(
            f"The run in {str(folder)!r} keeps no states, so it has one sparsity only: prune with the method 'unipruning', and keep the run."
        )
    check_files(folder, [STATES])
    check_model(model, report.facts["model"], folder)
    mirror = load_states(folder, str(report.facts["model"]["fingerprint"]))
    reading.check_model(model, mirror)
    return report, mirror


def apply_states(
    model: LanguageModel, folder: Path, sparsity: float, pattern: Pattern | None = None, mix: reading.Mix = None
) -> Applied:
    """Prune the dense model at a sparsity that the run was not made at. N:M sets the sparsity itself; mix: weights by language, "max",
    or None for all alike. The report given is the run's without what was measured at its own sparsity.

    Raises RunError as `states_of`, InputError for a sparsity outside 0 to 0.99, a mix without states, or a width that N:M does not divide.
    """
    if not 0.0 <= sparsity <= 0.99:
        raise InputError(f"The sparsity must lie between 0 and 0.99; it was given as {sparsity}.")
    folder, pattern = Path(folder), pattern or Unstructured("layer")
    report, mirror = states_of(model, folder)
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
    return dataclasses.replace(found, report=_unmeasured(report, found, sparsity, pattern, mix))


def _unmeasured(report: RunReport, found: Applied, sparsity: float, pattern: Pattern, mix: reading.Mix) -> RunReport:
    facts: dict[str, Any] = {**report.facts, "recipe": from_dict(report.facts["recipe"]).replace(pattern=pattern).to_dict()}
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
