"""How long a sweep or a search will take here, from the estimate of single runs."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from components.engine import importing
from components.form.cost import RECENT, sizes_of
from components.store import RunStore

if TYPE_CHECKING:
    from mwanda_core.run.settings import Settings


def seconds_of(todo: "Sequence[Settings]", store: RunStore) -> float | None:
    """Seconds for runs one after the other; None where the model's sizes are not known yet.

    Statistics of a mix of languages are measured once, and the dense model is scored once.
    """
    with importing():
        from mwanda_core.methods.recipes import recipe
        from mwanda_core.models import choose_device, choose_dtype
        from mwanda_core.run import estimate
    if not todo:
        return 0.0
    device = choose_device("auto")
    earlier = store.recent(RECENT)
    sizes = sizes_of(todo[0].model, store, earlier, choose_dtype("auto", device).itemsize)
    if sizes is None:
        return None
    rates: dict[Any, Any] = {}
    seen: set[tuple[Any, ...]] = set()
    total = 0.0
    for settings in todo:
        found = recipe(settings.method)
        if found not in rates:
            rates[found] = estimate.rate_of(earlier, found, device.type, sizes)
        by_stage = estimate.cost(found, settings, sizes, rates[found]).seconds
        total += by_stage["pruning"] + by_stage.get(estimate.STUDYING, 0.0)
        total += by_stage["measuring"] * (0.5 if seen else 1.0)
        measured = (settings.languages, settings.seed)
        total += 0.0 if measured in seen else by_stage["statistics"]
        seen.add(measured)
    return total


def seconds_of_search(settings: "Settings", tries: int, texts: int, store: RunStore) -> float | None:
    """Seconds for a search of so many tries, and the two runs it ends in."""
    whole = dataclasses.replace(settings, mode="one-pass")
    small = dataclasses.replace(whole, eval_texts=texts, choices=False, held_out=(), tasks=(), studies=(), spare_neurons=())
    both = seconds_of((whole, whole), store)
    first, more = seconds_of((small,), store), seconds_of((small, small), store)
    if both is None or first is None or more is None:
        return None
    return both + (more - first) * tries
