"""Does an allocation protect the blocks that matter? Layerwise allocations against measured sensitivity, on a real model.

    python -m benchmarks.allocations_check --calibrate NTREX --evaluate FLORES

NTREX and FLORES stand for folders with one <code>.txt per language, or for a source on the Hub ("flores+", "wikipedia"). For every
allocation: the rank correlation over blocks between its importance and the loss that each block costs when it alone is pruned
(per weight, on the calibration texts), and the mean increase of the loss over the dense model, in nats per token on other texts,
when Wanda's score prunes 50 % with the allocation at half its default strength, at the default, and at the default with its
importance reversed. An allocation that is right about a model has a positive correlation, and is worse when reversed.
"""

import argparse
import dataclasses
from collections.abc import Sequence

import pandas as pd
import torch
from jaxtyping import Float
from torch import Tensor

import mwanda_core as mw
from benchmarks.common import calibration, dense_of, lines, provenance, scored, table_of, texts, trial, write
from benchmarks.defaults import TUNE_LINES, calibrate_name
from mwanda_core.corpora import Packed
from mwanda_core.engine import sensitivity
from mwanda_core.engine.dense import block_pruner
from mwanda_core.engine.measure import BlockStats, measure_model
from mwanda_core.engine.plan import evidence_of, sampled
from mwanda_core.methods.allocation import ALLOCATIONS, Allocation, Uniform
from mwanda_core.methods.recipes import recipe
from mwanda_core.models import LanguageModel
from mwanda_core.parts.evidence import BlockEvidence
from mwanda_core.parts.needs import SUMS, Need
from mwanda_core.progress import Monitor

NAME = "allocations"
LANGUAGES = ("en", "de", "ru", "zh", "hi", "ar")
TOKENS, LENGTH, TARGET = 480, 96, 0.5


@dataclasses.dataclass(frozen=True)
class Given(Allocation):
    """Sparsities found before, one a block."""

    title = "Given"
    formula = r"s_k"
    source = "this benchmark"
    origin = "own"
    reads_statistics = False

    sparsities: tuple[float, ...] = ()

    def importance(self, blocks: Sequence[BlockEvidence]) -> Float[Tensor, " blocks"]:
        return torch.zeros(len(blocks), dtype=torch.float64)

    def spread(
        self, importance: Float[Tensor, " blocks"], sizes: Float[Tensor, " blocks"], target: float
    ) -> Float[Tensor, " blocks"]:
        return torch.tensor(self.sparsities, dtype=torch.float64)


def strength_of(part: Allocation) -> str:
    """The knob that scales an allocation."""
    return next(field.name for field in dataclasses.fields(part) if field.name in ("strength", "eps"))


def variants(
    part: Allocation, importance: Float[Tensor, " blocks"], sizes: Float[Tensor, " blocks"]
) -> dict[str, tuple[float, ...]]:
    """Sparsities at half and full strength, and at full strength with the importance reversed."""
    knob = strength_of(part)
    half = dataclasses.replace(part, **{knob: getattr(part, knob) / 2})
    found = {
        "half": half.spread(importance, sizes, TARGET),
        "full": part.spread(importance, sizes, TARGET),
        "reversed": part.spread(-importance, sizes, TARGET),
    }
    return {name: tuple(spread.tolist()) for name, spread in found.items()}


def measured(model: LanguageModel, packed: Packed, stats: tuple[BlockStats, ...]) -> list[BlockEvidence]:
    """Evidence of every block of the dense model, with the loss that each language loses when the block alone is pruned."""
    wanda = recipe("wanda")
    damage = sensitivity.measure(
        model, sampled(packed, Need.SENSITIVITY.sample), block_pruner(wanda, stats, TARGET, {}), Monitor()
    )
    evidence = [evidence_of(wanda, block, found) for block, found in zip(model.blocks, stats, strict=True)]
    return [dataclasses.replace(e, sensitivity=d) for e, d in zip(evidence, damage, strict=True)]


def main() -> None:
    """See the module docstring."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--calibrate", required=True)
    parser.add_argument("--evaluate", required=True)
    parser.add_argument("--texts", type=int, default=3, help="evaluation texts of each language")
    given = parser.parse_args()
    model = mw.load("gemma-3-270m")
    packed = calibration(model, texts(given.calibrate, LANGUAGES), LANGUAGES, TOKENS, LENGTH)
    corpus = lines(texts(given.evaluate, LANGUAGES), 0, TUNE_LINES)
    sets = dense_of(model, {"texts": scored(model, corpus, given.texts, LENGTH)})
    stats = measure_model(model, packed, SUMS, Monitor())
    evidence = measured(model, packed, stats)
    sizes = torch.tensor([block.size for block in model.blocks], dtype=torch.float64)

    def increase(sparsities: tuple[float, ...]) -> float:
        row, _ = trial(model, packed, recipe("wanda", allocation=Given(sparsities)), TARGET, sets, stats=stats)
        return float(str(row["texts_mean_increase"]))

    parts = {name: cls() for name, cls in ALLOCATIONS.items() if cls is not Uniform}
    importances = {name: part.importance(evidence) for name, part in parts.items()}
    truth = pd.Series(importances["sensitivity"].tolist())
    rows = [{"allocation": Uniform.title, "full": increase((TARGET,) * len(sizes))}]
    for name, part in parts.items():
        found = variants(part, importances[name], sizes)
        rank = pd.Series(importances[name].tolist()).corr(truth, method="spearman")
        knob = f"{strength_of(part)} {getattr(part, strength_of(part))}"
        row = {"allocation": part.title, "strength": knob, "rank correlation": rank}
        row |= {which: increase(sparsities) for which, sparsities in found.items()}
        row |= {"sparsities": list(found["full"]), "importance": importances[name].tolist()}
        rows.append(row)
        print(pd.DataFrame(rows[-1:]).drop(columns=["sparsities", "importance"]).to_string(index=False), flush=True)
    frame = pd.DataFrame(rows)
    command = (
        f"python -m benchmarks.allocations_check --calibrate {calibrate_name(given.calibrate)} "
        f"--evaluate {calibrate_name(given.evaluate)} --texts {given.texts}"
    )
    facts = provenance(
        command, languages=LANGUAGES, tokens=packed.num_tokens, scored_tokens=sets["texts"][0].num_tokens, target=TARGET
    )
    heading = "Allocations against measured sensitivity: Gemma 3 270M, 50 %, one-pass, increase in nats per token"
    shown = frame[["allocation", "strength", "rank correlation", "half", "full", "reversed"]]
    write(NAME, frame, facts, heading, table_of(shown.astype(object).where(shown.notna(), "-")))


if __name__ == "__main__":
    main()
