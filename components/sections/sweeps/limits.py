"""The limits of a search, from what a visitor typed."""

import math
from collections.abc import Sequence
from typing import Any

from components.engine import importing
from components.environment import shared_server
from components.i18n import words
from components.i18n.names import language_name, typed_codes
from components.sections.sweeps.protect_widgets import MOST_TRIES
from mwanda_core.errors import InputError

MOST_SHARED = 12
"""Settings tried in one search on a server that is shared with strangers, who wait for it."""
HIGHEST = 10_000.0
"""Per cent of perplexity."""


def limits_of(chosen: Sequence[str], percent: float | None, own: str, calibrated: Sequence[str]) -> dict[str, float]:
    """Language -> nats per token, from one rise for all and lines such as "sw: 20".

    Raises InputError for a number that is no rise, or a language that is not calibrated on.
    """
    with importing():
        from mwanda_core.sweeps.protect import nats
    found: dict[str, float | None] = dict.fromkeys(chosen, percent)
    for line in own.splitlines():
        if not line.strip():
            continue
        name, mark, text = line.replace("=", ":").partition(":")
        try:
            value = float(text.replace("%", "").strip())
            codes = typed_codes(name)
        except ValueError:
            mark = ""
        if not mark or not name.strip():
            raise InputError(words.PROTECT_BAD_LINE.format(given=repr(line.strip())))
        found |= dict.fromkeys(codes, value)
    if not found:
        raise InputError(words.PROTECT_NONE)
    for code, rise in found.items():
        if rise is None or not math.isfinite(rise) or not 0 <= rise <= HIGHEST:
            raise InputError(words.PROTECT_BAD_PERCENT.format(given=rise))
        if code not in calibrated:
            raise InputError(words.PROTECT_STRANGER.format(given=language_name(code)))
    return {code: nats(float(value)) for code, value in found.items() if value is not None}


def plan_of(tries: float | None, goal: str, kind: str, seed: float | None) -> dict[str, Any]:
    """The fields of a `SearchPlan`.

    Raises InputError for numbers out of range.
    """
    most = MOST_SHARED if shared_server() else MOST_TRIES
    if tries is None or not 1 <= tries <= most:
        raise InputError(words.PROTECT_TRIES_RANGE.format(most=most, given=tries))
    if seed is None or seed < 0 or seed != int(seed):
        raise InputError(words.PROTECT_SEED_RANGE.format(given=seed))
    return {"tries": int(tries), "goal": goal, "kind": kind, "seed": int(seed)}
