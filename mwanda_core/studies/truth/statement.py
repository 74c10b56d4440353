"""Does it still know what is true? One sentence asked of probes in every block, of the dense model and of the pruned one."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mwanda_core.languages import parse_codes
from mwanda_core.parts.knobs import choice, text
from mwanda_core.progress import Monitor
from mwanda_core.run.settings import Settings
from mwanda_core.studies.base import Alone, Bench, Scale, Study, TableSpec
from mwanda_core.studies.options import listed
from mwanda_core.studies.truth.study import PROBES, STATEMENT_TOKENS, STATEMENTS

if TYPE_CHECKING:
    import numpy as np

    from mwanda_core.corpora.statements import Statement
    from mwanda_core.studies.result import StudyResult
    from mwanda_core.studies.truth.accuracy import Sayings


@dataclasses.dataclass(frozen=True)
class OneStatement(Study, Alone):
    """Probes are fitted on built-in statements and asked your sentence, block by block: on the dense model, and on the model pruned as the
    settings say, refitted there and as fitted on the dense one.

    Beside every answer stands how often the same probe is right on built-in statements about subjects that it was not fitted on.
    """

    statement: str = text(
        "The capital of Italy is Rome.", "A sentence that is true or false, with its full stop, in any language."
    )
    languages: str = text(
        "en,de,es,zh", "Languages of the statements that probes are fitted on: codes or names, separated by commas."
    )
    topics: str = text("capitals,words", "What those statements are about, of capitals, elements, words, sums.")
    probe: str = choice("ttpd", PROBES, "What reads truth from the states of a block.")

    name = "statement"
    title = "Does it still know what is true?"
    question = "Where in the model does this sentence read as true, before and after pruning?"
    source = "probes of Bürger et al. 2024 and Marks and Tegmark 2023; side by side is this project's"
    origin = "paper"
    of_run = True
    cost = "about 2500 tokens a language for each of two models, and one run"
    tables = (
        TableSpec("statement_blocks", "The sentence, block by block", {
            "model": "dense, pruned, or pruned and asked by the dense model's probe", "block": "from 0", "leaning": "above 0: true; 1 is how far the probe's own statements lie out",
            "accuracy": "share of other statements that the probe gets right here", "true": "whether it reads as true",
        }, "lines", "block", value="leaning", group="model"),
        TableSpec("statement_accuracy", "How far the probe can be trusted", {
            "model": "as above", "block": "from 0", "accuracy": "share right; one half is guessing",
        }, "lines", "block", value="accuracy", group="model"),
    )  # fmt: skip

    def check(self, settings: Settings) -> None:
        """There must be a sentence, and statements in the languages named."""
        from mwanda_core.corpora.statements import statements
        from mwanda_core.errors import InputError
        from mwanda_core.studies.truth.probes import require

        if not self.statement.strip():
            raise InputError("There is nothing to judge: write a sentence that is true or false, with its full stop.")
        for code in parse_codes(self.languages):
            statements(code, listed(self.topics))
        require()

    def estimate(self, settings: Settings, scale: Scale) -> float:
        """Statements through two models, and about as long for fitting."""
        return 3.0 * len(parse_codes(self.languages)) * STATEMENTS * STATEMENT_TOKENS * scale.token / 2 + 3.0 * scale.whole

    def run(self, bench: Bench, settings: Settings, monitor: Monitor) -> "StudyResult":
        """Dense, then pruned."""
        import pandas as pd

        from mwanda_core.corpora.statements import Statement, statements
        from mwanda_core.studies.result import StudyResult
        from mwanda_core.studies.truth.accuracy import sayings

        self.check(settings)
        model = bench.model(settings.model, settings.device, settings.dtype)
        known = [one for code in parse_codes(self.languages) for one in statements(code, listed(self.topics))]
        asked = [*known, Statement("own", "", self.statement.strip(), True, False, -1)]
        units = monitor.scaled(len(model.blocks))
        units.plan(float(sum(len(model.encode(one.text)) + len(model.start) for one in asked)))
        units.begin("Statements on the dense model")
        dense = sayings(model, asked, units)
        rows = list(self._rows("dense", dense, dense))
        with bench.pruned(settings, monitor) as run:
            label = f"{run.report.facts['recipe']['title']} {settings.sparsity:.0%}"
            units.begin("Statements on the pruned model")
            pruned = sayings(model, asked)
        rows += [*self._rows(label, pruned, pruned), *self._rows(f"{label}, dense probe", dense, pruned)]
        table = pd.DataFrame(rows)
        facts = {"study": self.name, "knobs": dataclasses.asdict(self), "settings": settings.to_dict()}
        return StudyResult({"statement_blocks": table, "statement_accuracy": table[["model", "block", "accuracy"]]}, facts)

    def _rows(self, label: str, fitted: "Sayings", asked: "Sayings") -> Iterator[dict[str, object]]:
        """A row a block; the last of the statements is the sentence, which no probe is fitted on."""
        import numpy as np

        from mwanda_core.studies.truth.accuracy import TRAIN
        from mwanda_core.studies.truth.probes import by_subject, probe

        own = len(fitted.asked) - 1
        learn = fitted.only(range(own))
        subjects = _across(learn.asked)
        split = by_subject(subjects, TRAIN, 0)
        for block in range(len(learn.states)):
            x, y = learn.states[block].numpy(), asked.states[block].numpy()
            made = probe(self.probe).fit(x[split.train], learn.true[split.train], learn.negated[split.train])
            spread = float(np.abs(made.score(x[split.train])).mean()) or 1.0
            leaning = float(made.score(y[own:])[0]) / spread
            right = float(((made.score(y[:own])[split.test] > 0) == learn.true[split.test]).mean())
            yield {"model": label, "block": block, "leaning": leaning, "accuracy": right, "true": leaning > 0}


def _across(asked: "Sequence[Statement]") -> "np.ndarray":
    """Subjects as numbers of their own in every topic, the same in every language."""
    import numpy as np

    keys = [(one.topic, one.subject) for one in asked]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return np.array([numbers[key] for key in keys])
