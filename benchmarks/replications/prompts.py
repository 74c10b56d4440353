"""mu-MoE: is a mask made for the prompt better than an offline mask?"""

from collections.abc import Callable

import pandas as pd

from benchmarks.replications.ground import LANGUAGES, TOKENS, ground
from benchmarks.replications.section import Section, Sources, Tables
from mwanda_core.studies.prompts.protocols import Comparison, against, compare_protocols, increases, prefix_sweep
from mwanda_core.studies.prompts.routing import by_relation, routing
from mwanda_core.studies.prompts.rules import PromptRule
from mwanda_core.studies.texts import Window, windows

PRIORS = (16.0, 64.0, 256.0)
RANK_WEIGHT = 0.5
"""Not chosen: ranking every row twice takes most of half a minute a prompt."""
ACTIVE = (0.5, 0.7)
PREFIX = 64


def choose(sources: Sources, done: Tables) -> Tables:
    """n0, on texts that no figure is reported of."""
    model, _, stats, tuning, _ = ground(sources)
    rules = {f"prior {n0:g}": PromptRule(0.5, prior_tokens=n0) for n0 in PRIORS}
    found = prefix_sweep(model, windows(model, tuning, 1, 128), stats, (PREFIX,), {"mu-moe": PromptRule(0.5), **rules})
    return {"chosen on other texts": increases(found, ("condition", "prefix"))}


def best(done: Tables, kind: str) -> float:
    """The setting of least loss on the texts to choose on."""
    found = done["chosen on other texts"]
    mine = found[found["condition"].str.startswith(kind)]
    return float(str(mine.loc[mine["increase"].idxmin(), "condition"]).split()[1])


OFFLINE = ("dense", "magnitude", "wanda, own language", "wanda, English", "wanda, far language", "wina")
ONLINE = ("mu-moe, window", "mu-moe, prefix", "prior, prefix", "control, same language", "control, other language")


def losses(active: float, conditions: tuple[str, ...], name: str) -> Callable[[Sources, Tables], Tables]:
    """A stage: rows of losses under some conditions at a share of active weights."""

    def stage(sources: Sources, done: Tables) -> Tables:
        model, _, stats, _, reported = ground(sources)
        settings = Comparison((active,), conditions, PREFIX, best(done, "prior"))
        return {f"losses {name}": compare_protocols(model, windows(model, reported, 2, 128), stats, settings)}

    return stage


PAIRS = (
    ("mu-moe, window", "wanda, own language"), ("mu-moe, prefix", "wanda, own language"), ("mu-moe, prefix", "wanda, English"),
    ("mu-moe, prefix", "wanda, far language"), ("prior, prefix", "mu-moe, prefix"), ("prior, prefix", "wanda, own language"),
    ("mu-moe, prefix", "wina"), ("control, same language", "mu-moe, prefix"), ("control, other language", "mu-moe, prefix"),
)  # fmt: skip


def derived(done: Tables) -> Tables:
    """Increases and paired differences from the rows of losses."""
    rows = [table for name, table in done.items() if name.startswith("losses ")]
    if not rows:
        return {}
    found = pd.concat(rows, ignore_index=True)
    found = found[(found["condition"] != "dense") | ~found.duplicated(["window", "condition"])]
    pairs = [table for pair in PAIRS if len(table := against(found, *pair))]
    return (by_length(done["prefixes"]) if "prefixes" in done else {}) | {
        "conditions": increases(found),
        "paired differences": pd.concat(pairs, ignore_index=True) if pairs else pd.DataFrame(),
        "conditions by language": increases(found, ("active", "condition", "language")),
    }


LENGTHS = (8, 16, 32, 64, 128, 256)
"""Tokens of a prompt whose mask is made; the 64 tokens after the longest are scored, whichever it is."""


def sweep(sources: Sources, done: Tables) -> Tables:
    """How long must a prompt be? The same 64 tokens are scored under the mask of the first 8 to 256 tokens of a text a language."""
    model, _, stats, _, reported = ground(sources)
    texts = windows(model, reported, 1, LENGTHS[-1] + 64)
    rules = {"mu-moe": PromptRule(0.5), "prior": PromptRule(0.5, prior_tokens=best(done, "prior"))}
    found = prefix_sweep(model, texts, stats, LENGTHS, rules)
    alone = prefix_sweep(model, texts, stats, LENGTHS[-1:], {"language alone": PromptRule(0.5, prior_tokens=float("inf"))})
    return {"prefixes": pd.concat([found, alone[alone["condition"] != "dense"]], ignore_index=True)}


def by_length(rows: pd.DataFrame) -> Tables:
    """Increases for every length of the prompt, and how each compares with the mask of the language alone."""
    alone = rows[rows["condition"] == "language alone"]
    pairs = []
    for condition in ("mu-moe", "prior"):
        for length, mine in rows[rows["condition"] == condition].groupby("prefix"):
            found = against(pd.concat([mine, alone]), condition, "language alone")
            pairs.append(found.drop(columns="active").assign(prefix=length))
    return {
        "length of the prompt": increases(rows, ("condition", "prefix")),
        "length against the language alone": pd.concat(pairs, ignore_index=True)[
            ["prefix", "condition", "other", "texts", "difference", "se", "low", "high"]
        ],
    }


def fused(sources: Sources, done: Tables) -> Tables:
    """Rank fusion beside the prior, one text a language."""
    model, _, stats, _, reported = ground(sources)
    rules = {
        "mu-moe": PromptRule(0.5), "prior": PromptRule(0.5, prior_tokens=best(done, "prior")),
        "ranks": PromptRule(0.5, rank_weight=RANK_WEIGHT),
    }  # fmt: skip
    found = prefix_sweep(model, windows(model, reported, 1, 128), stats, (PREFIX,), rules)
    return {"ranks beside the prior": increases(found, ("condition", "prefix"))}


def overlap(sources: Sources, done: Tables) -> Tables:
    """The routing map on parallel lines."""
    model, _, _, _, reported = ground(sources)
    prompts = []
    for code in LANGUAGES:
        for place in range(2):
            joined = " ".join(passage.text for passage in reported.passages[code][2 * place : 2 * place + 2])
            prompts.append(Window(code, f"passage {place}", (*model.start, *model.encode(joined))))
    pairs, found = routing(model, prompts, PromptRule(0.5))
    return {"overlap by kind of pair": by_relation(pairs), "routing map": found}


def verdict(done: Tables) -> list[str]:
    """Sentences computed from the tables."""
    table = done["paired differences"].set_index(["active", "condition", "other"])

    def said(active: float, condition: str, other: str) -> str:
        if (active, condition, other) not in table.index:
            return "not measured"
        row = table.loc[(active, condition, other)]
        word = "better" if row["high"] < 0 else "worse" if row["low"] > 0 else "not told apart"
        return f"{row['difference']:+.3f} nats per token ({row['low']:+.3f} to {row['high']:+.3f}: {word})"

    shares = sorted({key[0] for key in table.index})
    found = []
    for condition, other in (
        ("mu-moe, window", "wanda, own language"), ("mu-moe, prefix", "wanda, own language"), ("mu-moe, prefix", "wanda, English"),
        ("prior, prefix", "mu-moe, prefix"), ("prior, prefix", "wanda, own language"), ("control, same language", "mu-moe, prefix"),
    ):  # fmt: skip
        found.append(
            f"{condition} against {other}: " + "; ".join(f"at {a:.0%} active {said(a, condition, other)}" for a in shares) + "."
        )
    if "length against the language alone" in done:
        rows = done["length against the language alone"]
        for condition in ("mu-moe", "prior"):
            mine = rows[rows["condition"] == condition]
            each = ", ".join(
                f"{prefix} tokens {difference:+.3f} ({low:+.3f} to {high:+.3f})"
                for prefix, difference, low, high in zip(
                    mine["prefix"], mine["difference"], mine["low"], mine["high"], strict=True
                )
            )
            found.append(f"{condition} of a prompt's beginning against its language alone, the same tokens scored: {each}.")
    return found


SECTION = Section(
    "prompts",
    "mu-MoE: pruning for the prompt",
    "Koike-Akino, Liu & Wang 2025 (arXiv 2505.18451). Its tables could not be read: no figure is quoted.",
    "Masks made from the prompt itself beat offline masks on perplexity, most at moderate shares of active weights, because nothing shifts "
    "between calibration and use.",
    "Only the direction of the abstract.",
    "The window protocol lets the scored tokens shape the mask (it flatters); the prefix protocol does not. Masks of other prompts of the same and "
    "of another language; magnitude; WINA; offline Wanda on the text's own language, on English, on the least similar language. "
    f"{TOKENS} calibration tokens a language from NTREX, n0 chosen on other NTREX lines, losses of FLORES tokens {PREFIX} to 128 of "
    "two texts in each of four languages (lengths of a prompt: tokens 256 to 320 of one text each); intervals are over texts.",
    {
        "choose": choose,
        **{
            f"{kind} {active:.0%}": losses(active, conditions, f"{kind} {active:.0%}")
            for active in ACTIVE
            for kind, conditions in (("online", ONLINE), ("offline", OFFLINE))
        },
        "overlap": overlap,
        "sweep": sweep,
        "fused": fused,
    },
    verdict,
    (
        "conditions",
        "paired differences",
        "chosen on other texts",
        "length of the prompt",
        "length against the language alone",
        "ranks beside the prior",
        "overlap by kind of pair",
        "routing map",
    ),
    derived,
)
