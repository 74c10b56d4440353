"""Can one behaviour be taken out of a model and nothing else, and does what is found in one language hold in the others?"""

import dataclasses
from typing import TYPE_CHECKING

from mwanda_core.errors import InputError
from mwanda_core.languages import parse_codes
from mwanda_core.parts.knobs import choice, number, text, whole
from mwanda_core.progress import Monitor
from mwanda_core.run.settings import Settings
from mwanda_core.studies.base import Alone, Bench, Scale, Study, TableSpec

if TYPE_CHECKING:
    from mwanda_core.studies.result import StudyResult

BEHAVIOURS = ("wrong language", "repetition", "words")
SAMPLE_TOKENS = 64


@dataclasses.dataclass(frozen=True)
class Correction(Study, Alone):
    """Removes the few MLP neurons that serve an unwanted behaviour most beyond what they do for ordinary text, and shows what that
    behaviour, the other texts and the writing lose, beside as many random neurons.

    What general text needs most is never removed. Found on one half of the samples, judged on the other.
    """

    name = "correction"
    title = "Targeted correction"
    question = "Can one behaviour be removed and nothing else, and does it go in the other languages, too?"
    source = "Hatefi et al. 2025 (SparC3), equation 7; the general top is excluded first by this project"
    origin = "reconstruction"
    cost = "three passes of some 100 short texts, backward; writing 40 tokens after a few openings, several times"
    tables = (
        TableSpec("correction_behaviour", "Removed in one language, asked in all", {
            "found_in": "language that neurons were found in, 'all', or 'random' (as many by chance)", "on": "language asked", "neurons": "removed",
            "dense": "log-probability a token of the unwanted text, before", "without": "after", "change": "after less before; the lower, the better",
        }, "heat-map", "on", "found_in", "change"),
        TableSpec("correction_losses", "What ordinary text loses", {
            "found_in": "as above", "language": "code", "neurons": "removed", "dense_loss": "nats a token", "loss": "nats a token", "increase": "nats a token",
        }, "bars", "language", value="increase", group="found_in"),
        TableSpec("correction_writing", "What the model writes", {
            "found_in": "as above, or 'dense'", "language": "code", "neurons": "removed", "uniqueness": "different tokens among all",
            "repeating": "share of texts with fewer than half of their tokens different", "length": "tokens",
            "script_share": "letters of the language's script", "on_language": "share of texts in the opening's language (empty without py3langid)",
            "listed": "listed words a text (empty without lists)", "listed_mass": "probability that a listed word begins next (empty without lists)",
        }, "bars", "language", value="uniqueness", group="found_in"),
        TableSpec("correction_others", "Other unwanted behaviours", {
            "found_in": "as above", "behaviour": "which", "on": "language asked", "neurons": "removed", "change": "log-probability a token, after less before",
        }),
        TableSpec("correction_places", "Where removed neurons are", {
            "found_in": "as above", "block": "from 0", "neurons": "removed there",
        }, "bars", "block", value="neurons", group="found_in"),
    )  # fmt: skip

    behaviour: str = choice(
        "wrong language", BEHAVIOURS, "Going on in another language, repeating oneself, or words of a list."
    )
    languages: str = text("en,de,es", "Languages asked in: codes or names, separated by commas.")
    words: str = text(
        "",
        "Folder with a list of words per language (<code>.txt, one a line, or <code>.json): for the behaviour 'words', and counted beside the others.",
        of="path",
    )
    neurons: int = whole(20, 1, 5000, "Neurons that are removed.")
    spared: float = number(0.05, 0.0, 0.9, 0.01, "Share of neurons, by general relevance, that is never removed.")
    draws: int = whole(1, 1, 10, "Times that as many neurons are removed by chance, as a control.")
    samples: int = whole(12, 4, 200, "Texts per language and kind; half to find, half to judge.")

    def check(self, settings: Settings) -> None:
        """The list of words must be named where it is asked for."""
        parse_codes(self.languages)
        if self.behaviour == "words" and not self.words.strip():
            raise InputError("Removing words needs a list of them: name a folder with one <code>.txt per language.")

    def estimate(self, settings: Settings, scale: Scale) -> float:
        """Relevance, judging and writing."""
        codes = len(parse_codes(self.languages))
        return (3 + codes + 4 + self.draws) * 2 * codes * self.samples * SAMPLE_TOKENS * scale.token

    def run(self, bench: Bench, settings: Settings, monitor: Monitor) -> "StudyResult":
        """On the dense model of the settings, with their texts."""
        from mwanda_core.corpora.choosing import texts_named
        from mwanda_core.studies.correction.measure import corrected
        from mwanda_core.studies.result import StudyResult

        self.check(settings)
        model = bench.model(settings.model, settings.device, settings.dtype)
        texts = texts_named(settings.texts, parse_codes(self.languages))
        tables = corrected(model, self, texts, monitor.scaled(len(model.blocks)))
        facts = {"study": self.name, "knobs": dataclasses.asdict(self), "settings": settings.to_dict()}
        return StudyResult(tables, facts)
