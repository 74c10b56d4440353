"""What the states' masks cost: loss increases by sparsity, and by the language that a state is of."""

from collections.abc import Mapping, Sequence

import pandas as pd

from mwanda_core.engine.measure import BlockStats
from mwanda_core.engine.mirror import Mirror
from mwanda_core.methods.recipes import recipe
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.studies.cutting import cut_to, masks_from
from mwanda_core.studies.one_calibration.reading import Mix, masks_at
from mwanda_core.studies.prompts.protocols import COLUMNS, increases
from mwanda_core.studies.texts import Window, loss_from


def by_sparsity(
    model: LanguageModel,
    states: Mapping[str, Mirror],
    stats: Sequence[BlockStats],
    texts: Sequence[Window],
    sparsities: Sequence[float],
    monitor: Monitor,
) -> pd.DataFrame:
    """Method by sparsity, increase over the dense model with its interval: states read again, and Wanda cut anew."""
    monitor.plan(float(sum(len(text.ids) for text in texts) * (1 + len(sparsities) * (len(states) + 1))))
    rows = _losses(model, texts, 1.0, "dense", monitor)
    for sparsity in sparsities:
        monitor.begin(f"Masks of {sparsity:.0%}")
        masks = {name: masks_at(state, sparsity) for name, state in states.items()}
        masks["wanda"] = masks_from(model, recipe("wanda"), stats, sparsity)
        for name, found in masks.items():
            with cut_to(model, found):
                rows += _losses(model, texts, 1.0 - sparsity, name, monitor)
    table = increases(pd.DataFrame(rows, columns=list(COLUMNS)))
    table.insert(0, "sparsity", (1.0 - table.pop("active")).round(6))
    return table.rename(columns={"condition": "method"})


def by_language(
    model: LanguageModel,
    state: Mirror,
    texts: Sequence[Window],
    sparsity: float,
    monitor: Monitor,
    mixes: Mapping[str, Mix] | None = None,
) -> pd.DataFrame:
    """Mix of states, language scored, increase over the dense model; by default each language's own, all alike, and what any needs most."""
    mixes = mixes or {**{code: {code: 1.0} for code in state.languages}, "all alike": None, "most needed by any": "max"}
    monitor.plan(float(sum(len(text.ids) for text in texts) * (1 + len(mixes))))
    dense = _losses(model, texts, 1.0, "dense", monitor)
    tables = []
    for name, mix in mixes.items():
        monitor.begin(f"State: {name}")
        with cut_to(model, masks_at(state, sparsity, mix=mix)):
            rows = _losses(model, texts, 1.0 - sparsity, name, monitor)
        tables.append(increases(pd.DataFrame([*dense, *rows], columns=list(COLUMNS)), ("condition", "language")))
    return pd.concat(tables, ignore_index=True).rename(columns={"condition": "state"})


def _losses(
    model: LanguageModel, texts: Sequence[Window], active: float, condition: str, monitor: Monitor
) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for text in texts:
        nll = loss_from(model, text.ids, 1)
        rows.append((text.language, text.name, active, condition, 0, len(text.ids) - 1, nll))
        monitor.advance(float(len(text.ids)))
    return rows
