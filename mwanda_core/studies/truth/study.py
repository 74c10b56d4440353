"""Does a pruned model still tell true from false, in every language, and does TPLO help?"""

import dataclasses
from typing import TYPE_CHECKING

from mwanda_core.errors import InputError, UnknownName
from mwanda_core.languages import parse_codes
from mwanda_core.parts.knobs import choice, text, whole
from mwanda_core.progress import Monitor
from mwanda_core.run.settings import Settings
from mwanda_core.studies.base import Alone, Bench, Scale, Study, TableSpec
from mwanda_core.studies.options import listed

if TYPE_CHECKING:
    from mwanda_core.studies.result import StudyResult

RUN = "run"
"""In place of a method: the run of the settings, or the kept one that is asked about."""
PROBES = ("logistic", "mass-mean", "ttpd")
STATEMENTS, STATEMENT_TOKENS = 384, 14
"""Built-in statements of a language, and tokens of one, about; only for the estimate."""

_AT = {
    "model": "dense, or the method it is pruned by",
    "sparsity": "share pruned",
    "language": "code",
    "topic": "what is stated",
}
_RIGHT = {
    "accuracy": "share right, mean over resamples",
    "spread": "standard deviation over resamples",
    "n": "statements asked",
}


@dataclasses.dataclass(frozen=True)
class Truth(Study, Alone):
    """Probes read from the states of each block whether a statement is true: on the dense model, and on the model pruned by several
    methods at the sparsity of the settings, refitted there and as fitted on the dense one.

    Statements are this project's own (capitals, chemical symbols, words, sums), each also negated, or those of a folder.
    """

    name = "truth"
    title = "Truth"
    question = "Does the pruned model still tell true from false, in which languages, and does an allocation made for it help?"
    source = "Fu et al. 2025 (TPLO); probes of Bürger et al. 2024 and Marks and Tegmark 2023"
    origin = "reconstruction"
    of_run = True
    cost = "about 5000 tokens a language for the dense model and for each pruned one, and minutes of fitting probes"
    tables = (
        TableSpec("truth_summary", "Probes at the best block of the dense model", {
            **{key: value for key, value in _AT.items() if key != "topic"}, "fitted_on": "itself, or the dense model", "probe": "which",
            "protocol": "see docs/studies.md", "block": "from 0", "accuracy": "share right, mean over topics", "n": "statements asked",
        }, "bars", "model", value="accuracy", group="language"),
        TableSpec("truth_probes", "Probes by block", {
            **_AT, "fitted_on": "itself, or the dense model", "probe": "which", "protocol": "see docs/studies.md",
            "block": "from 0; -1: words alone", **_RIGHT,
        }, "lines", "block", value="accuracy", group="model"),
        TableSpec("truth_separability", "Where true and false lie apart", {
            **_AT, "name": "language", "polarity": "affirmative or negated", "kind": "published, or on standardised dimensions", "block": "from 0",
            "separability": "between / within", "share": "of the sum over blocks",
        }, "heat-map", "block", "language", "share"),
        TableSpec("truth_transfer", "Fitted in one language, asked in another", {
            "model": _AT["model"], "sparsity": _AT["sparsity"], "probe": "which", "trained_on": "code", "tested_on": "code", "block": "from 0", **_RIGHT,
        }, "heat-map", "tested_on", "trained_on", "accuracy"),
        TableSpec("truth_allocation", "Sparsity by block", {
            "model": _AT["model"], "block": "from 0", "sparsity": "share pruned",
        }, "lines", "block", value="sparsity", group="model"),
    )  # fmt: skip

    languages: str = text("en,de,es,zh", "Languages asked in: codes or names, separated by commas.")
    topics: str = text(
        "capitals,elements,words,sums", "What the statements are about; with a folder, its files' names (empty: all)."
    )
    folder: str = text(
        "",
        "In place of the built-in statements: a folder of CSV files with statement and label, or of BMLAMA's facts; 'hub': the sets of the paper "
        "(English, German); 'bmlama': facts in 53 languages, from where they are published.",
        of="path",
    )
    methods: str = text(
        "magnitude,wanda,owl,swl,tplo",
        "Named methods that the model is pruned by, one after the other; 'run': as all the settings say, or the kept run that is asked about.",
    )
    probes: str = text(
        "logistic,ttpd",
        f"Of {', '.join(PROBES)}. The first one chooses the block, the last one is asked across languages.",
    )
    resamples: int = whole(
        5, 1, 50, "Times that subjects are dealt anew into those a probe is fitted on and those it is asked."
    )
    calibration: str = choice(
        "corpus", ("corpus", "half"), "Corpus alone, or half of it and half statements with their verdicts."
    )

    @property
    def topic_names(self) -> tuple[str, ...]:
        """The topics, one by one."""
        return listed(self.topics)

    @property
    def probe_names(self) -> tuple[str, ...]:
        """The probes.

        Raises UnknownName for one that there is not.
        """
        found = listed(self.probes) or PROBES[:1]
        for name in found:
            if name not in PROBES:
                raise UnknownName("probe", name, PROBES)
        return found

    @property
    def named(self) -> tuple[str, ...]:
        """The methods with a name of their own."""
        return tuple(name for name in listed(self.methods) if name != RUN)

    def check(self, settings: Settings) -> None:
        """Statements, methods and probes must be there."""
        from mwanda_core.methods.recipes import recipe
        from mwanda_core.studies.truth.measure import asked_of
        from mwanda_core.studies.truth.probes import require

        for method in self.named:
            recipe(method)
        asked = asked_of(self, parse_codes(self.languages))
        if "ttpd" in self.probe_names and not any(one.negated for one in asked):
            raise InputError(
                "TTPD tells truth from polarity, so it needs negated statements, and there are none: choose other probes."
            )
        require()

    def estimate(self, settings: Settings, scale: Scale) -> float:
        """Statements through every model; fitting probes takes about as long."""
        models = 1 + len(listed(self.methods))
        once = len(parse_codes(self.languages)) * STATEMENTS * STATEMENT_TOKENS * scale.token
        return 2.0 * models * once + len(listed(self.methods)) * scale.whole

    def run(self, bench: Bench, settings: Settings, monitor: Monitor) -> "StudyResult":
        """Dense, then every method at the settings' sparsity; the calibration languages and texts are those of the settings."""
        import pandas as pd

        from mwanda_core.corpora.choosing import texts_named
        from mwanda_core.studies.result import StudyResult
        from mwanda_core.studies.truth.measure import DENSE, Comparison, asked_of, calibration, pruned

        self.check(settings)
        model = bench.model(settings.model, settings.device, settings.dtype)
        asked = asked_of(self, parse_codes(self.languages))
        codes = parse_codes(settings.languages)
        whole_model = monitor.scaled(len(model.blocks))
        found, allocation, corpus = Comparison(model, self, asked, whole_model), [], settings.texts
        found.add(DENSE, 0.0, found.dense)
        if self.named:
            texts, length = texts_named(settings.texts, codes), settings.sequence_length
            packed = calibration(model, texts, self, codes, length, settings.tokens_per_language, settings.seed)
            stats = bench.dense_stats(model, packed, monitor)
            corpus = packed.corpus
        for method in self.named:
            with pruned(model, packed, method, settings.sparsity, stats, monitor) as sparsities:
                monitor.begin(f"Statements on the model pruned by {method}")
                found.add(method, settings.sparsity)
            allocation += [{"model": method, "block": index, "sparsity": value} for index, value in enumerate(sparsities)]
        if RUN in listed(self.methods):
            with bench.pruned(settings, monitor) as run:
                label = f"{run.report.facts['recipe']['title']} {settings.sparsity:.0%}"
                monitor.begin(f"Statements on the model pruned by {label}")
                found.add(label, settings.sparsity)
                by_block = run.report.tables["allocation"][["block", "sparsity"]]
                allocation += [{"model": label, **row} for row in by_block.to_dict(orient="records")]
        facts = {
            "study": self.name, "knobs": dataclasses.asdict(self), "settings": settings.to_dict(), "best_block": found.best,
            "calibration": corpus,
        }  # fmt: skip
        tables = {**found.tables(), "allocation": pd.DataFrame(allocation)}
        return StudyResult({f"truth_{name}": table for name, table in tables.items()}, facts)
