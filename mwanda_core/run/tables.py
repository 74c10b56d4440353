"""Statistics and outcomes as tables for figures: what each language did inside the model, and what was cut where."""

from collections.abc import Sequence

import pandas as pd
import torch

from mwanda_core.engine.experts import per_layer, usage
from mwanda_core.engine.measure import BlockStats
from mwanda_core.engine.outcome import LayerAllocation, LinearOutcome
from mwanda_core.languages import language
from mwanda_core.methods.allocation.cwl import correlation, log_levels
from mwanda_core.models import DecoderBlock
from mwanda_core.parts.statistics import InputStats


def activations(stats: Sequence[BlockStats]) -> pd.DataFrame:
    """Language x block x distinct input. With A_l[j] the root mean square of channel j and A[j] its mean over languages:

    rms        sqrt( mean_j A_l[j]^2 )                               how strongly the language drives this input
    deviation  sum_j (A_l[j] - A[j])^2 / sum_j A[j]^2                how far it is from the average language (0: like it)
    variance   sum_j Var_l A_l[j] / sum_j A[j]^2                     the same for all languages: their mean deviation
    """
    rows = []
    for block, by_name in enumerate(stats):
        for found in _distinct(by_name):
            rms = found.rms()
            mean = rms.mean(dim=0)
            scale = float(mean.square().sum()) or 1.0
            deviation = (rms - mean).square().sum(dim=1) / scale
            for row, code in enumerate(found.languages):
                rows.append(
                    (
                        code, language(code).name, block, _input_name(found), "+".join(found.modules),
                        float(rms[row].square().mean().sqrt()), float(deviation[row]), float(deviation.mean()),
                    )
                )  # fmt: skip
    return pd.DataFrame(rows, columns=["language", "name", "block", "input", "modules", "rms", "deviation", "variance"])


def similarity(stats: Sequence[BlockStats]) -> pd.DataFrame:
    """Language x language: Pearson correlation of log A_l over all channels of a block, averaged over blocks that have linears."""
    stats = [by_name for by_name in stats if by_name]
    languages = next(iter(stats[0].values())).languages
    total = torch.zeros(len(languages), len(languages), dtype=torch.float64)
    for by_name in stats:
        profile = torch.cat([log_levels(found.rms()) for found in _distinct(by_name)], dim=1)
        total += correlation(profile).cpu()
    mean = total / len(stats)
    rows = [
        (a, language(a).name, b, language(b).name, float(mean[i, j]))
        for i, a in enumerate(languages)
        for j, b in enumerate(languages)
    ]
    return pd.DataFrame(rows, columns=["language", "name", "other", "other_name", "correlation"])


def experts(blocks: Sequence[DecoderBlock], stats: Sequence[BlockStats]) -> pd.DataFrame:
    """Block x expert x language: tokens routed to the expert, and their share of all that its layer routed. Empty without experts."""
    return pd.DataFrame(usage(blocks, stats), columns=["block", "expert", "language", "tokens", "share"])


def layers(linears: Sequence[LinearOutcome]) -> pd.DataFrame:
    """One row a linear: block, module, kind, outputs, inputs, weights, allocated, achieved, kept, pruned, zeros_before."""
    columns = [
        "block",
        "module",
        "kind",
        "outputs",
        "inputs",
        "weights",
        "allocated",
        "achieved",
        "kept",
        "pruned",
        "zeros_before",
        "note",
    ]
    rows = [
        (o.block, o.module, o.kind, o.outputs, o.inputs, o.size, o.allocated, o.achieved, o.kept, o.size - o.kept, o.zeros_before, o.note)
        for o in linears
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def allocation(found: LayerAllocation, target: float) -> pd.DataFrame:
    """One row a block: its importance to the allocation, its weights, its sparsity, and the uniform target."""
    return pd.DataFrame(
        {
            "block": range(len(found.sizes)),
            "importance": found.importance,
            "weights": found.sizes,
            "sparsity": found.sparsity,
            "uniform": target,
        }
    )


def _distinct(by_name: BlockStats) -> list[InputStats]:
    """The distinct inputs of a block, in order; the experts of a layer as one."""
    return list({id(found): found for found in per_layer(by_name).values()}.values())


def _input_name(found: InputStats) -> str:
    """ "q, k, v" is what readers call the input of attention; the modules' own last names say it without a table."""
    return ", ".join(name.rpartition(".")[2] for name in found.modules)
