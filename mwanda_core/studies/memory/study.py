"""Is a memorised picture or sentence gone when it was pruned away, or only its trigger?"""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from mwanda_core.errors import InputError, UnknownName
from mwanda_core.parts.knobs import choice, number, text, whole
from mwanda_core.progress import Monitor
from mwanda_core.run.settings import Settings
from mwanda_core.studies.base import Alone, Bench, Scale, Study, TableSpec
from mwanda_core.studies.options import listed

if TYPE_CHECKING:
    from mwanda_core.studies.result import StudyResult

PICTURE_METHODS = ("nemo", "wanda", "contrast")
SENTENCE_METHODS = ("wanda", "relevance", "balanced")
SENTENCE_SHARE = 0.003
"""Of the weights of the down projections, for sentences."""
TRAIN_STEP = 30.0
"""A step of training, in tokens through a block of the built-in model, about; for estimates."""
_AT = {"name": "picture", "method": "how weights were found; 'dense': none removed; 'random': as many by chance"}


@dataclasses.dataclass(frozen=True)
class Memory(Study, Alone):
    """Finds the weights of a picture that a small text-to-image model knows by heart, removes them, and searches for a caption that
    brings the picture back; or the same with sentences and the language model of the settings.

    Beside every search stands the same search for a picture, or an ending, that the model never saw.
    """

    name = "memory"
    title = "Memorised pictures and sentences"
    question = "Is what a model knows by heart gone when it is pruned away, in every language, or can it be brought back?"
    source = "Kowalczuk et al. 2025 (Finding Dori), Hintersdorf et al. 2024 (NeMo), Chavhan et al. 2024; sentences: Chang et al. 2024"
    origin = "reconstruction"
    cost = "pictures: minutes on one core, no language model; sentences: some hundred passes of short texts, backward"
    tables = (
        TableSpec("memory_pruned", "Pruned away", {
            **_AT, "trained_in": "language of its caption in training", "density": "weights removed, of the matrices looked at",
            "similarity": "correlation with the picture, mean over seeds", "others": "the same of the other memorised pictures",
            "scene_loss": "loss on general captions",
        }, "bars", "name", value="similarity", group="method"),
        TableSpec("memory_curve", "Brought back", {
            **_AT, "target": "the picture itself, or one never seen", "start": "where the search begins", "steps": "of gradient descent",
            "similarity": "correlation with the target", "replicated": "share of seeds above the bar", "series": "method and target",
        }, "lines", "steps", value="similarity", group="series"),
        TableSpec("memory_languages", "Pruned in one language, asked in all", {
            **_AT, "trained_in": "code", "language": "of the caption", "similarity": "correlation with the picture", "dense": "the same, nothing removed",
            "iou": "masks of this caption and of the trained one", "distance": "of the adversarial caption to this one", "series": "picture and method",
        }, "heat-map", "language", "series", "similarity"),
        TableSpec("memory_overlap", "Overlap of what is removed", {
            "method": "as above", "pair": "what the two masks come from", "pairs": "number", "iou": "shared share", "expected": "by chance",
            "corrected": "1: the same, 0: by chance", "spread": "distance of the captions", "activations": "distance of what the MLPs receive",
        }, "heat-map", "method", "pair", "corrected"),
        TableSpec("memory_remedy", "Fine-tuned against the search", {
            "name": "picture", "taught": "prompt alone, or adversarial captions, too", "epochs": "number", "start": "where the search begins",
            "before": "similarity at the start", "after": "similarity after the search", "unseen": "a picture never seen, after the same search",
            "others": "the other memorised pictures", "scene_loss": "loss on general captions",
        }),
        TableSpec("memory_training", "Trained anew", {
            "steps": "of training", "loss": "mean since the look before", "similarity": "of what memorised captions paint to their pictures, mean",
            "unseen": "the same to a picture never shown",
        }, "lines", "steps", value="similarity"),
        TableSpec("memory_sentences", "Sentences: triggers", {
            "name": "sentence", "language": "code", "method": "as above, by 'wanda', 'relevance', 'balanced'", "trigger": "what is put before it",
            "matched": "share of the ending's tokens that are likeliest", "loss": "nats a token", "control": "matched share of an ending never seen",
            "recall": "share of the injected neurons' weights among those removed; none for what was known before", "series": "sentence and method",
        }, "heat-map", "trigger", "series", "matched"),
        TableSpec("memory_search", "Sentences: brought back", {
            "name": "sentence", "language": "code", "method": "as above, by 'wanda', 'relevance', 'balanced'",
            "target": "the ending itself, or one never seen", "steps": "of gradient descent", "matched": "share of the ending's tokens that are likeliest",
            "loss": "nats a token", "series": "sentence, method and target",
        }, "lines", "steps", value="matched", group="series"),
        TableSpec("memory_texts", "Sentences: what other text loses", {
            "name": "sentence", "method": "as above", "density": "weights removed", "language": "code", "increase": "nats a token",
            "others": "change of the matched share of the other sentences",
        }, "bars", "language", value="increase", group="method"),
    )  # fmt: skip

    what: str = choice("pictures", ("pictures", "sentences"), "What is looked for: pictures of the small model, or sentences.")
    names: str = text("carpet,letter", "Pictures or sentences, separated by commas; 'all' for all there are.")
    methods: str = text(
        "nemo,wanda,contrast", "Ways to find weights, of nemo, wanda, contrast; for sentences wanda, relevance, balanced."
    )
    share: float = number(
        0.3, 0.0005, 0.9, 0.0005, "Share of the weights that 'contrast' removes; of the down projections, for sentences."
    )
    wanda_share: float = number(0.01, 0.001, 0.5, 0.001, "Share of each row that 'wanda' takes at every step.")
    until: float = number(0.5, 0.0, 1.0, 0.05, "Shares rise until the similarity is below this; 1 keeps them as they are.")
    steps: int = whole(50, 0, 1000, "Steps of the search that brings it back.")
    rate: float = number(0.1, 0.0, 1.0, 0.01, "Step size of the search; 0 is no search.")
    epochs: int = whole(3, 0, 30, "Rounds of fine-tuning against the search; 0 leaves it out.")
    bar: float = number(0.8, 0.1, 1.0, 0.05, "Correlation from which a picture counts as replicated.")
    train: int = whole(
        0,
        0,
        100_000,
        "Steps of training the small model anew before it is asked (2,000: about the one that comes along); 0: none.",
    )
    checkpoint: str = text(
        "",
        "File with another small model, made by `train` or `python -m benchmarks.dori_train`; with `train`, where the new one is written. Empty: the one that comes along.",
        of="path",
    )
    seed: int = whole(0, 0, 1_000_000, "Of noises and controls.")

    @property
    def ways(self) -> tuple[str, ...]:
        """The methods.

        Raises UnknownName for one that there is not, InputError when there is none.
        """
        known = PICTURE_METHODS if self.what == "pictures" else SENTENCE_METHODS
        found = listed(self.methods)
        if self.what == "sentences" and self.methods == type(self).methods:
            found = SENTENCE_METHODS
        for name in found:
            if name not in known:
                raise UnknownName(f"way to find the weights of {self.what}", name, known)
        if not found:
            raise InputError(f"No way to find weights was given: name some of {', '.join(known)}.")
        return found

    def check(self, settings: Settings) -> None:
        """As `refuse`."""
        self.refuse()

    def refuse(self) -> None:
        """Methods and names must be there.

        Raises UnknownName and InputError as `ways` and `chosen`.
        """
        _ = self.ways, self.chosen()

    def chosen(self) -> tuple[str, ...]:
        """The pictures or sentences.

        Raises UnknownName for one that there is not.
        """
        from mwanda_core.studies.memory.known import picture_names, sentence_names

        known = picture_names() if self.what == "pictures" else sentence_names()
        asked = listed(self.names)
        if "all" in asked or (self.what == "sentences" and self.names == type(self).names):
            return known
        for name in asked:
            if name not in known:
                raise UnknownName(self.what[:-1], name, known)
        return asked

    def estimate(self, settings: Settings, scale: Scale) -> float:
        """Passes of short texts; pictures cost about as much as a few thousand tokens each."""
        if self.what == "pictures":
            return 4000.0 * (1 + len(self.ways)) * (1 + self.epochs) + TRAIN_STEP * self.train
        return scale.token * self.tokens

    @property
    def tokens(self) -> float:
        """Of sentences, tokens through the whole model, about."""
        return 40.0 * len(self.chosen()) * (6 * self.steps * (len(self.ways) + 1) + 60 * len(self.ways))

    def run(self, bench: Bench, settings: Settings, monitor: Monitor) -> "StudyResult":
        """On the small model of this package, or on the model of the settings, which is dense again afterwards."""
        from mwanda_core.studies.result import StudyResult

        self.check(settings)
        if self.what == "pictures":
            from mwanda_core.studies.memory.measure_pictures import measured
            from mwanda_core.studies.memory.training import load_painter, retrained, save_painter

            file, trained = Path(self.checkpoint.strip()).expanduser() if self.checkpoint.strip() else None, {}
            if self.train:
                painter, trained["memory_training"] = retrained(load_painter(), self.train, self.seed, monitor)
                if file is not None:
                    save_painter(painter, file)
            else:
                painter = load_painter(file)
            tables, notes = measured(painter, self, monitor)
            tables = trained | tables
        else:
            from mwanda_core.studies.memory.measure_sentences import measured as measured_sentences

            model = bench.model(settings.model, settings.device, settings.dtype)
            tables, notes = measured_sentences(model, self, monitor.scaled(len(model.blocks)))
        return StudyResult(tables, {"study": self.name, "knobs": dataclasses.asdict(self)}, notes)
