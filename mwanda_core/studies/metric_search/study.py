"""OptiShear as a study: which metric prunes this model best, and for which language?"""

import dataclasses
import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from mwanda_core.errors import InputError
from mwanda_core.parts.knobs import choice, whole
from mwanda_core.progress import Monitor
from mwanda_core.run.settings import Settings
from mwanda_core.studies.base import Alone, Bench, Scale, Study, TableSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from mwanda_core.methods.recipes import Recipe
    from mwanda_core.studies.metric_search.space import Metric
    from mwanda_core.studies.result import StudyResult

SEARCHERS = ("evopress", "nsga-iii", "nsga-ii", "tpe", "random")
SAMPLERS = ("nsga-iii", "nsga-ii", "tpe", "random", "everything")
CUT = 1500.0
"""Cutting every linear once, in tokens through the model."""
CLASSES = 315
"""Trials of the sampler "everything"."""
STEP = 0.05
"""Between neighbouring sparsities of a block (the released code's)."""


@dataclasses.dataclass(frozen=True)
class MetricSearchStudy(Study, Alone):
    """Metrics are put together from transforms of weights and inputs and tried on cached statistics; the damage is the divergence from the
    dense model's predictions, language by language.

    What is found, each block's sparsity included where it was searched, is a recipe like any other (in the facts of the result), checked on texts
    that it was not chosen on. What was measured is kept: a search that was cancelled goes on when it is asked for again.
    """

    sampler: str = choice("nsga-iii", SAMPLERS, "How to search; 'everything' tries each of the 315 classes once.")
    objective: str = choice("mean", ("mean", "worst", "each"), "The mean over languages, the worst, or each for itself.")
    trials: int = whole(60, 1, 3000, "Metrics tried.")
    population: int = whole(20, 2, 500, "Of the genetic samplers.")
    positions: int = whole(24, 1, 1024, "Tokens of a text per language whose predictions are compared.")
    measure: str = choice("kl", ("kl", "js", "norm"), "The divergence; 'norm' is the released code's, of raw logits.")

    blocks: int = whole(
        0, 0, 1000, "Block sparsities tried afterwards with the metric found, their mean being the settings' sparsity; 0: none."
    )
    searcher: str = choice("evopress", SEARCHERS, "How block sparsities are searched.")

    name = "metric-search"
    title = "The metric is searched"
    question = (
        "Which metric prunes this model best, is it better than Wanda on other texts, and does one metric serve all languages?"
    )
    source = "Liu et al. 2025, arXiv:2502.10735 (OptiShear); the languages as objectives are this project's"
    origin = "paper"
    cost = "about five seconds a trial on a CPU"
    tables = (
        TableSpec(
            "search_trials", "Trials", {"trial": "in order", "label": "the metric", "mean": "over languages", "worst": "language", "best": "so far"},
            "lines", "trial", value="best",
        ),
        TableSpec(
            "search_front", "Metrics that no other beats in every language (damage relative to Wanda's)",
            {"label": "the metric", "mean": "over languages", "worst": "language"},
        ),
        TableSpec(
            "search_transfer", "Metric found on one language, used in another",
            {"found_on": "language", "used_in": "language", "excess": "damage above that language's best, as a share", "metric": "the one found"},
            "heat-map", "used_in", "found_on", "excess",
        ),
        TableSpec(
            "search_blocks", "Block sparsities tried",
            {"trial": "in order, the first uniform", "mean": "over languages", "worst": "language", "best": "so far", "cost": "so far, in trials"},
            "lines", "trial", value="best",
        ),
        TableSpec(
            "search_levels", "Block sparsities found", {"block": "number", "sparsity": "share removed"}, "bars", "block", value="sparsity",
        ),
        TableSpec(
            "search_check", "Winners on other texts (relative to Wanda)",
            {"which": "the winner", "metric": "as found", "found": "where it was chosen", "elsewhere": "on other texts"},
        ),
    )  # fmt: skip

    def check(self, settings: Settings) -> None:
        """A sparsity to search at."""
        if not 0.0 < settings.sparsity <= 0.99:
            raise InputError(f"A metric is searched at a sparsity above 0; it was given as {settings.sparsity}.")
        if self.blocks and not STEP <= settings.sparsity <= 0.99 - STEP:
            raise InputError(
                f"Block sparsities are searched {STEP:g} around the sparsity, which was given as {settings.sparsity}: choose one between "
                f"{STEP:g} and {0.99 - STEP:g}, or search none."
            )

    def estimate(self, settings: Settings, scale: Scale) -> float:
        """A cut and a short pass a trial."""
        trials = CLASSES if self.sampler == "everything" else self.trials
        trials += 2 * self.blocks  # EvoPress's children are looked at, too.
        return scale.whole + (trials + 6) * (CUT + scale.languages * (self.positions + 8)) * scale.token

    def run(self, bench: Bench, settings: Settings, monitor: Monitor) -> "StudyResult":
        """Search on one half of the texts, check on the other."""
        import pandas as pd

        from mwanda_core.methods.recipes import recipe
        from mwanda_core.models import cache_folder
        from mwanda_core.studies.metric_search import bench as trials, languages, ratios, search
        from mwanda_core.studies.metric_search.space import WANDA, Metric
        from mwanda_core.studies.result import StudyResult
        from mwanda_core.studies.texts import calibration, halves, windows

        model, texts = bench.model(settings.model, settings.device, settings.dtype), halves(settings)
        stats = bench.dense_stats(model, calibration(model, texts.calibration, settings), monitor)
        scaled, first, length = monitor.scaled(float(len(model.blocks))), 8, self.positions + 8
        # The first windows of the calibration half are those of the statistics too; what is reported is of the other half.
        mine, other = (
            trials.Bench(
                model,
                stats,
                windows(model, half, 1, length),
                settings.sparsity,
                first=first,
                measure=self.measure,
                monitor=scaled,
            )
            for half in (texts.calibration, texts.evaluation)
        )
        count = CLASSES if self.sampler == "everything" else self.trials
        scaled.plan((count + 2 * self.blocks + 6) * mine.trial_cost())
        kept = cache_folder() / "searches"
        journal = search.Journal(mine.of_metric, kept / f"{mine.digest()}.jsonl")
        known, quiet = len(journal.known), Monitor(is_cancelled=monitor.is_cancelled)
        told = search.Search(self.sampler, self.objective, self.trials, settings.seed, self.population)
        tried = search.search(journal, told, quiet)
        codes = list(mine.languages)
        table = languages.relative(journal.table(), codes)
        table["mean"], table["worst"] = table[codes].mean(axis=1), table[codes].max(axis=1)
        winners = {
            "best mean": table.iloc[int(table["mean"].argmin())],
            "best worst": table.iloc[int(table["worst"].argmin())],
            "equal damage": languages.equal_damage(table, codes),
        }
        moved = (
            languages.transfer(table, codes)
            .melt(["found on", "metric"], codes, "used_in", "excess")
            .rename(columns={"found on": "found_on"})
        )
        best, wanda = Metric(*winners["best mean"][list(Metric._fields)]), other.of_metric(WANDA)
        found = recipe("wanda").replace(score=best.score())
        tables = {
            "search_trials": tried,
            "search_front": languages.front(table, codes),
            "search_transfer": moved,
            "search_check": checked(winners, other.of_metric, wanda),
        }
        if self.blocks:
            asked = ratios.RatioSearch(self.searcher, self.blocks, settings.seed, STEP, population=self.population)
            rows = ratios.search_ratios(mine, found, asked, quiet, kept / f"{mine.digest()}-{digest_of(found)}.jsonl")
            chosen = rows.iloc[int(rows["mean"].argmin())]
            there, start = other.of_recipe(found, list(chosen["sparsities"])), mine.of_metric(WANDA)
            ratio = {code: there[code] / wanda[code] for code in codes}
            row = {
                "which": "best mean, block sparsities too",
                "metric": best.label,
                "found": sum(chosen[code] / start[code] for code in codes) / len(codes),
                "elsewhere": sum(ratio.values()) / len(codes),
                **ratio,
            }
            tables["search_check"] = pd.concat([tables["search_check"], pd.DataFrame([row])], ignore_index=True)
            tables["search_blocks"] = rows.drop(columns="sparsities")
            tables["search_levels"] = pd.DataFrame(
                {"block": range(len(chosen["sparsities"])), "sparsity": chosen["sparsities"]}
            )
            found = found.replace(allocation=ratios.found_allocation(chosen["sparsities"], settings.sparsity))
        facts = {
            "model": model.source,
            "recipe": found.to_dict() | {"name": "custom", "title": f"Found: {best.label}"},
            "measured": len(journal.known),
            "known_before": known,
            "hypervolume": languages.hypervolume(table, codes),
        }
        return StudyResult(tables, facts)


def digest_of(recipe: "Recipe") -> str:
    """A short name for a recipe in a file's name."""
    return hashlib.sha256(repr(recipe.to_dict()).encode()).hexdigest()[:12]


def checked(
    winners: "Mapping[str, pd.Series]", measure: "Callable[[Metric], Mapping[str, float]]", wanda: Mapping[str, float]
) -> "pd.DataFrame":
    """Each winner's damage relative to Wanda's, where it was chosen and on other texts."""
    import pandas as pd

    from mwanda_core.studies.metric_search.space import Metric

    rows = []
    for which, row in winners.items():
        there = measure(Metric(*row[list(Metric._fields)]))
        elsewhere = {code: there[code] / wanda[code] for code in wanda}
        rows.append(
            {
                "which": which,
                "metric": row["label"],
                "found": row["mean"],
                "elsewhere": sum(elsewhere.values()) / len(elsewhere),
                **elsewhere,
            }
        )
    return pd.DataFrame(rows)
