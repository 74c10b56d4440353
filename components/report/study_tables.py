"""Tables of benchmarks and studies as a visitor reads them: names, per cent, few digits. The files keep every digit."""

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from components.i18n import words
from components.i18n.names import language_names, renamed


def named(table: pd.DataFrame, titles: Mapping[str, str], shares: Sequence[str] = ()) -> pd.DataFrame:
    """The columns that have a title, in the order of the titles; shares as per cent, other figures to three digits."""
    table, shown = renamed(table), {}
    for column in (name for name in titles if name in table):
        values = table[column]
        if pd.api.types.is_float_dtype(values):
            values = values.map(lambda v, percent=column in shares: _number(100 * v if percent else v))
        shown[titles[column]] = list(values)
    return pd.DataFrame(shown)


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(f"{value:.3g}")


def span(low: pd.Series, high: pd.Series, form: str, scale: float = 1.0) -> list[str]:
    """Intervals in words; empty where there is none."""
    return [
        "" if math.isnan(a) or math.isnan(b) else words.SPAN.format(low=f"{scale * a:{form}}", high=f"{scale * b:{form}}")
        for a, b in zip(low, high, strict=True)
    ]


def benchmark(part: pd.DataFrame) -> pd.DataFrame:
    """Rows of `figures.ranked`. p-values stand in words: an uninformative row has none that means anything."""
    told = part["place"] < 2
    table = part.assign(
        interval=span(part["change_low"], part["change_high"], "+.0f", 100.0),
        p=[words.p_value(float(p)) if t else "" for p, t in zip(part["p"], told, strict=True)],
        p_holm=[words.p_value(float(p)) if t else "" for p, t in zip(part["p_holm"], told, strict=True)],
        verdict=[words.VERDICTS.get(str(v), str(v)) for v in part["verdict"]],
    )
    return named(table, words.TASK_COLUMNS, ("chance", "dense_accuracy", "pruned_accuracy", "change"))


def abilities(table: pd.DataFrame) -> pd.DataFrame:
    """Every ability and language, the largest loss first."""
    table = table.assign(
        interval=span(table["change_low"], table["change_high"], "+.0f", 100.0),
        verdict=[words.VERDICTS.get(str(v), str(v)) for v in table["verdict"]],
    )
    wanted = {key: words.TASK_COLUMNS[key] for key in words.TASK_COLUMNS if key not in ("p", "p_holm")}
    return named(table, {"title": words.ABILITY_KIND, **wanted}, ("chance", "dense_accuracy", "pruned_accuracy", "change"))


def overlap(table: pd.DataFrame) -> pd.DataFrame:
    """Every pair once, and every language with itself; the most alike first."""
    order = {code: i for i, code in enumerate(dict.fromkeys(table["language"]))}
    once = table[table["language"].map(order) <= table["other"].map(order)].sort_values("corrected", ascending=False)
    once = once.assign(name=language_names(once["language"]), other_name=language_names(once["other"]))
    return named(once, words.OVERLAP_COLUMNS)


def overlap_blocks(table: pd.DataFrame) -> pd.DataFrame:
    """Means by block."""
    same = table["language"] == table["other"]
    pairs, own = (part.groupby("block")["corrected"].mean() for part in (table[~same], table[same]))
    found = pd.DataFrame({"block": own.index, "pairs": pairs.reindex(own.index).to_numpy(), "ceiling": own.to_numpy()})
    return named(found, {"block": words.COLUMNS["block"], "pairs": words.LEGEND_PAIRS, "ceiling": words.LEGEND_CEILING})


def neuron_blocks(table: pd.DataFrame) -> pd.DataFrame:
    """Language x block, where there are any."""
    some = table[table["neurons"] > 0].sort_values("neurons", ascending=False, kind="stable")
    columns = {"name": words.COLUMNS["name"], "block": words.COLUMNS["block"], "neurons": words.NEURON_COLUMNS["neurons"]}
    return named(some, columns | {"share": words.NEURON_SHARE}, ("share",))


def neurons(table: pd.DataFrame) -> pd.DataFrame:
    """The share removed beside the random control."""
    table = table.assign(random_interval=span(table["random_low"], table["random_high"], ".1f", 100.0))
    return named(table, words.NEURON_COLUMNS, ("column", "random_column"))


def neuron_drift(table: pd.DataFrame) -> pd.DataFrame:
    """Still there, lost, new."""
    return named(table, {k: v for k, v in words.NEURON_COLUMNS.items() if k != "neurons"}, ("jaccard",))


def correlations(table: pd.DataFrame) -> pd.DataFrame:
    """Every figure and group of languages."""
    table = table.assign(
        predictor=[words.PREDICTORS.get(str(p), str(p)) for p in table["predictor"]],
        languages=[words.CORRELATION_GROUPS.get(str(g), str(g)) for g in table["languages"]],
        interval=span(table["pearson_low"], table["pearson_high"], "+.2f"),
    )
    return named(table, words.CORRELATION_COLUMNS)


def written(table: pd.DataFrame) -> pd.DataFrame:
    """Texts written, by language; the columns of the identifier only where there is one."""
    names = [str(name) for name in table.columns]
    shares = [name for name in names if name.startswith(("on_language", "script_share", "repetition"))] + ["same"]
    told = bool((table["identifiable"] > 0).any())
    columns = {k: v for k, v in words.WRITING_COLUMNS.items() if told or not k.startswith(("on_language", "p_value"))}
    return named(table, columns, shares)


def ranks(table: pd.DataFrame) -> pd.DataFrame:
    """Effective rank after the final norm, or the last block where there is none."""
    last = table[table["block"] == table["block"].max()]
    return named(last, {k: v for k, v in words.PROFILE_COLUMNS.items() if k in ("name", "erank_dense", "erank_pruned")})


def order(table: pd.DataFrame) -> pd.DataFrame:
    """tau by language, a column for each k."""
    wide = renamed(table).pivot_table(index="name", columns="k", values="tau", sort=False).add_prefix("tau_").reset_index()
    return named(wide, {k: v for k, v in words.PROFILE_COLUMNS.items() if k == "name" or k.startswith("tau_")})


def energy(table: pd.DataFrame) -> pd.DataFrame:
    """Shift of the centred energy."""
    part = table[table["kind"] == "centred"].sort_values("difference", ascending=False, kind="stable")
    part = part.assign(shift=part["difference"], shift_interval=span(part["difference_low"], part["difference_high"], "+.2f"))
    wanted = ("name", "shift", "shift_interval", "separation_dense", "separation_pruned")
    return named(part, {k: v for k, v in words.PROFILE_COLUMNS.items() if k in wanted})
