"""Every number that the lesson's texts name, from the stored data, as a reader sees it. No number stands in a text."""

import itertools
import math
from collections.abc import Sequence

from components.i18n.names import language_name
from components.i18n.numbers import listed, number
from components.pages.learn.data import Lesson, StoredRun
from components.pages.learn.texts import say

SPARSITY = 0.5
ALONE_OR_ALL = ("english", "german", "hindi", "swahili", "four")


def times(nats: float) -> str:
    """A loss increase as a factor of perplexity, with three digits."""
    factor = math.exp(nats)
    return number(factor, ".2f") if factor < 10 else number(factor, ".1f") if factor < 100 else number(factor, ",.0f")


def percent(share: float) -> str:
    """A share in per cent, with a decimal where it is small and not whole."""
    whole = share <= 0 or share >= 0.1 or f"{100 * share:.1f}".endswith(".0")
    return number(100 * share, ".0f" if whole else ".1f")


def name(code: str) -> str:
    """A language as the reader calls it."""
    return language_name(code)


def joined(names: Sequence[str]) -> str:
    """Names as a list in a sentence."""
    return listed(names)


def forgotten(data: Lesson) -> tuple[str, ...]:
    """Languages that no run of the lesson calibrated on."""
    used = {code for codes in data.calibrations.values() for code in codes}
    return tuple(code for code in data.scored if code not in used)


def numbers(data: Lesson) -> dict[str, str]:
    """Place in a text -> what stands there; a control adds its own to these."""
    return {
        **_made_of(data),
        **_weights_and_channels(data),
        **_allocations(data),
        **_sweep(data),
        **_average(data),
        **_forgotten(data),
        **_small(data),
    }


def _made_of(data: Lesson) -> dict[str, str]:
    facts, settings = data.facts, data.facts["settings"]
    return {
        "languages": str(len(data.scored)),
        "blocks": str(facts["model"]["blocks"]),
        "tokens": number(settings["calibration_tokens"], ","),
        "texts": str(settings["eval_texts"]),
        "date": facts["date"],
        "model": facts["model"]["source"],
        "parameters": number(facts["model"]["parameters"] / 1e6, ",.0f"),
        "prunable": number(facts["model"]["prunable"] / 1e6, ",.0f"),
        "corpus": facts["corpus"],
        "seed": str(settings["seed"]),
        "torch": facts["versions"]["torch"],
        "transformers": facts["versions"]["transformers"],
        "stats_tokens": str(data.channels.tokens),
        "damage_tokens": str(data.blocks.tokens),
        "command": facts["command"],
    }


def _weights_and_channels(data: Lesson) -> dict[str, str]:
    weights, channels = data.weights, data.channels
    pairs = sorted(channels.disagreement, key=channels.disagreement.__getitem__)
    near, far = pairs[0], pairs[-1]
    return {
        "count": number(weights.count, ","),
        "zeros": percent(weights.zeros / weights.count),
        "half_squares": percent(weights.squares[weights.shares.index(50)]),
        "magnitude_times": times(data.run("magnitude", "four", SPARSITY).mean),
        "wanda_times": times(data.run("wanda", "four", SPARSITY).mean),
        "width": number(len(channels.rms[data.scored[0]]), ","),
        "block": str(channels.block),
        **_pair("near", near, channels.disagreement[near]),
        **_pair("far", far, channels.disagreement[far]),
    }


def _pair(which: str, codes: str, share: float) -> dict[str, str]:
    one, other = codes.split("|")
    return {f"{which}_one": name(one), f"{which}_other": name(other), f"{which}_share": percent(share)}


def _allocations(data: Lesson) -> dict[str, str]:
    damage = data.blocks.damage
    hurt, harmless = damage.index(max(damage)), damage.index(min(damage))
    spread = [abs(v - data.blocks.sparsity) for spread in data.blocks.allocations.values() for v in spread]
    return {
        "hurt": str(hurt),
        "harmless": str(harmless),
        "factor": number(damage[hurt] / damage[harmless], ".0f"),
        "span": f"{math.ceil(100 * max(spread) - 1e-9)}",
        "uniform_times": times(data.run("wanda", "four", SPARSITY).mean),
        "measured_times": times(data.run("measured", "four", SPARSITY).mean),
        "english_measured": _of(data.run("measured", "four", SPARSITY), "en"),
    }


def _sweep(data: Lesson) -> dict[str, str]:
    mean = {round(100 * s): data.run("wanda", "four", s).mean for s in data.sweep}
    return {"early": number(mean[40] - mean[30], ".2f"), "late": number(mean[70] - mean[60], ".2f")}


def _average(data: Lesson) -> dict[str, str]:
    """The two calibrations whose means are nearest: who gains most by the one, and who by the other; and English alone."""
    found = {which: data.run("wanda", which, SPARSITY) for which in ALONE_OR_ALL}
    first, second = min(itertools.combinations(found, 2), key=lambda pair: abs(found[pair[0]].mean - found[pair[1]].mean))
    one, other = found[first], found[second]

    def gain(code: str) -> float:
        return other.languages[code].increase - one.languages[code].increase

    winner, loser = max(data.scored, key=gain), min(data.scored, key=gain)
    english, four = found["english"], found["four"]
    return {
        "first": say(f"6.{first}"),
        "second": say(f"6.{second}"),
        "first_mean": times(one.mean),
        "second_mean": times(other.mean),
        "winner": name(winner),
        "winner_first": _of(one, winner),
        "winner_second": _of(other, winner),
        "loser": name(loser),
        "loser_first": _of(one, loser),
        "loser_second": _of(other, loser),
        "english_mean": times(english.mean),
        "english_worst": name(english.worst),
        "english_worst_times": _of(english, english.worst),
        "four_worst_times": _of(four, four.worst),
    }


def _forgotten(data: Lesson) -> dict[str, str]:
    codes = forgotten(data)
    mild = data.run("wanda", "four", 0.3)
    found = {"forgotten": joined([name(code) for code in codes]), "mild_worst": _of(mild, mild.worst)}
    for which in ("english", "four", "eight"):
        run = data.run("wanda", which, SPARSITY)
        found[f"forgotten_{which}"] = times(run.mean_of(codes))
        found[f"english_{which}"] = _of(run, "en")
    return found


def megabytes(size: float) -> str:
    """Bytes as whole millions of bytes."""
    return number(size / 1e6, ",.0f")


def _small(data: Lesson) -> dict[str, str]:
    found = data.small
    sizes = {f"{way}_mb": megabytes(sum(parts)) for way, parts in found.sizes(SPARSITY).items()}
    return sizes | {
        "bits": str(found.bits),
        "vocabulary": number(found.vocabulary, ","),
        "table_share": percent(found.embedding / (found.embedding + found.layers + found.other)),
        "trimmed_tokens": number(found.tokens, ","),
        "trimmed_languages": joined([name(code) for code in found.languages]),
        "trimmed_worst": name(found.worst),
        "trimmed_increase": percent(found.increase),
        "trimmed_speed": number(found.decode_ratio, ".2f"),
        "small_command": found.command,
        "small_date": found.date,
    }


def _of(run: StoredRun, code: str) -> str:
    return times(run.languages[code].increase)
