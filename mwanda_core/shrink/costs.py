"""What a cut would cost, found by doing it on a scratch copy and reading text held back from it: bits per byte by language."""

import dataclasses
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from mwanda_core.corpora import Corpus, Packed, pack
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.shrink import experts, heads, layers, likeness, neurons, vocabulary
from mwanda_core.shrink.choice import Chosen, choose
from mwanda_core.shrink.common import COMMON, common_texts
from mwanda_core.shrink.counts import Counts, count, smoothed
from mwanda_core.shrink.expectation import expectation
from mwanda_core.shrink.folders import TOKENIZER, ModelFolder, model_folder
from mwanda_core.shrink.gated import DOWN, linear_of, model_of
from mwanda_core.shrink.moments import Moments, equal_weights, moments
from mwanda_core.shrink.perbyte import bits_per_byte, worst

HELD_BACK = 4
"""Every so many-th calibration text is not counted and not calibrated on: costs are measured on these. Measured on counted text a smaller
vocabulary would cost nothing, since that text is covered."""
READ = 8
"""Most texts per language that costs are measured on."""
SEQUENCE = 128


def parted(corpus: Corpus) -> tuple[Corpus, Corpus]:
    """The texts that are counted, and those that costs are measured on; the same ones where a language has too few to part."""
    if min(map(len, corpus.passages.values())) < HELD_BACK:
        return corpus, corpus
    kept = {c: tuple(p for i, p in enumerate(items) if (i + 1) % HELD_BACK) for c, items in corpus.passages.items()}
    held = {c: items[HELD_BACK - 1 :: HELD_BACK][:READ] for c, items in corpus.passages.items()}
    return Corpus(corpus.name, kept, corpus.parallel), Corpus(corpus.name, held, corpus.parallel)


def texts_of(corpus: Corpus, most: int | None = None) -> dict[str, list[str]]:
    """Texts by language."""
    return {code: [passage.text for passage in items[:most]] for code, items in corpus.passages.items()}


class Bench:
    """One model on its way to being cut; keeps what several candidates share. Use as a context: its scratch folder goes at the end."""

    def __init__(self, folder: ModelFolder, corpus: Corpus, rivals: Sequence[Sequence[str]], monitor: Monitor) -> None:
        self.folder, self.monitor = folder, monitor
        self.corpus, held = parted(corpus)
        self.texts, self.held = texts_of(self.corpus), texts_of(held)
        self._rivals = rivals
        self._scratch = tempfile.TemporaryDirectory(prefix="mwanda-shrink-")
        self._made = 0
        self.model: LanguageModel = model_of(folder)
        self.dense = self.loss(self.model)
        self._frequencies: np.ndarray | None = None
        self._uses: dict[int, experts.Use] | None = None

    def __enter__(self) -> "Bench":
        return self

    def __exit__(self, *error: object) -> None:
        self._scratch.cleanup()

    def scratch(self) -> Path:
        """A new empty folder."""
        self._made += 1
        found = Path(self._scratch.name) / str(self._made)
        found.mkdir()
        return found

    def loss(self, model: LanguageModel) -> dict[str, float]:
        """Bits per byte of the texts held back."""
        self.monitor.plan(float(len(self.held)))
        return bits_per_byte(model, self.held, self.monitor)

    def cost(self, model: LanguageModel) -> tuple[str, float]:
        """The language that loses most against the original model, and how much."""
        return worst(self.dense, self.loss(model))

    def tokenizer(self) -> Tokenizer:
        """The whole one."""
        return Tokenizer.from_file(str(self.folder.path / TOKENIZER))

    def frequencies(self, by_model: bool) -> np.ndarray:
        """f_l(t) for each language and the pseudo-language of code and numbers, [languages + 1, tokens]."""
        if self._frequencies is None:
            table = vocabulary.table_of(self.folder)
            self.monitor.plan(2.0 * len(self.texts))
            counted = count(self.tokenizer(), {**self.texts, COMMON: list(common_texts())}, table.size, self.monitor)
            if by_model:
                expected = np.stack([expectation(self.model, t, table.size, self.monitor) for t in self.texts.values()])
            else:
                expected = likeness.expected(table, self.texts, self._rivals)
            self._frequencies = with_common(counted, expected)
        return self._frequencies

    def chosen(self, by_model: bool, budget: int | None, coverage: float | None) -> Chosen:
        """The vocabulary of a size, or of a coverage."""
        table = vocabulary.table_of(self.folder)
        named = sorted(vocabulary.kept_ids(self.folder, table))
        steps = self.monitor.scaled(1 / 4096)
        steps.plan(float(budget or 0))
        return choose(table, self.frequencies(by_model), named, budget, coverage, steps)

    def trimmed(self, kept: Sequence[int]) -> tuple[ModelFolder, LanguageModel]:
        """The model with a smaller vocabulary."""
        target = self.scratch()
        vocabulary.trim(self.folder, kept, target, self.monitor)
        found = model_folder(target)
        return found, model_of(found)

    def reach(self, kept: Sequence[int], texts: Mapping[str, Sequence[str]]) -> tuple[vocabulary.Reach, ...]:
        """Coverage and lengths of texts in a smaller vocabulary."""
        table = vocabulary.table_of(self.folder)
        after = vocabulary.trimmed_tokenizer(table, kept)
        return vocabulary.reach(self.tokenizer(), after, kept, table.size, texts)

    def layers_gone(self, target: int) -> list[int]:
        """The blocks to leave out so that `target` stay, by measured loss."""

        def loss(gone: Sequence[int]) -> float:
            with ExitStack() as stack:
                layers.without(self.model, gone, stack)
                return self.cost(self.model)[1]

        config = self.folder.text_config
        return layers.choose(
            config.get("layer_types"),
            int(config["num_hidden_layers"]),
            target,
            loss,
            Monitor(is_cancelled=self.monitor.is_cancelled),
        )

    def experts_kept(self, count: int, method: str, tokens: int) -> tuple[dict[int, experts.Use], dict[int, list[int]]]:
        """What each language uses, and the experts that stay."""
        packed = calibration(self.model, self.corpus, tokens)
        if self._uses is None:
            self.monitor.plan(float(len(packed.ids)))
            self._uses = experts.uses(self.model, packed, self.monitor)
        return self._uses, experts.choose(self._uses, count, method)

    def experts_cost(self, kept: experts.Kept) -> tuple[str, float]:
        """Of leaving the others out."""
        with experts.without(self.model, experts.removed(kept, experts.count_of(self.folder))):
            return self.cost(self.model)

    def layers_cost(self, gone: Sequence[int]) -> tuple[str, float]:
        """Of leaving these blocks out."""
        with ExitStack() as stack:
            layers.without(self.model, gone, stack)
            return self.cost(self.model)


def with_common(counted: Counts, expected: np.ndarray) -> np.ndarray:
    """Languages smoothed; the pseudo-language exactly as its text shows it, which is all that it asks for."""
    parts = first_rows(counted, len(expected))
    found = smoothed(parts, expected)
    seen = counted.table[-1]
    return np.concatenate([found, (seen / seen.sum()).astype(np.float32)[None]])


def first_rows(counted: Counts, rows: int) -> Counts:
    """The counts of the first languages."""
    return Counts(counted.languages[:rows], counted.table[:rows], counted.bytes[:rows], counted.characters[:rows])


def calibration(model: LanguageModel, corpus: Corpus, tokens: int) -> Packed:
    """The corpus in the model's own tokens, for second moments."""
    return pack(corpus, model.encode, model.start, SEQUENCE, tokens)


def moments_of(
    model: LanguageModel, packed: Packed, monitor: Monitor, weights: Mapping[str, float] | None = None, name: str = DOWN
) -> tuple[Moments, ...]:
    """Second moments with every language counting the same, or by its weight."""
    monitor.plan(float(len(packed.ids)))
    return moments(model, packed, weights or equal_weights(packed.languages), monitor, name)


def narrowed(
    folder: ModelFolder, model: LanguageModel, found: Sequence[Moments], width: int, method: str, target: Path, monitor: Monitor
) -> None:
    """Write the model with fewer neurons, the others made up for by least squares, into an empty folder."""
    downs = [linear_of(block).weight for block in model.blocks]
    monitor.plan(float(len(downs)))
    kept = neurons.choose(downs, found, width, method, monitor)
    new = [neurons.compensated(w, one, numbers) for w, one, numbers in zip(downs, found, kept, strict=True)]
    neurons.cut(folder, kept, new, target, monitor)


@dataclasses.dataclass(frozen=True)
class InBlocks:
    """What stays of every block: heads in groups, neurons (None: all), how they are chosen, and what each language counts."""

    attention: heads.Attention | None
    width: int | None
    method: str
    weights: Mapping[str, float]

    def __bool__(self) -> bool:
        return self.attention is not None or self.width is not None

    @property
    def parts(self) -> tuple[str, ...]:
        """The linear layers whose inputs are cut, in the order in which a block uses them."""
        return (*((heads.OUT,) if self.attention is not None else ()), *((DOWN,) if self.width is not None else ()))


def cut_in_blocks(
    base: tuple[ModelFolder, LanguageModel], packed: Packed, wanted: InBlocks, scratch: Callable[[str], Path], monitor: Monitor
) -> tuple[ModelFolder, LanguageModel]:
    """The model with fewer heads, then with fewer neurons, those that stay made up for; `scratch` makes an empty folder for a step."""
    folder, model = base
    if wanted.attention is not None:
        found, target = moments_of(model, packed, monitor, wanted.weights, heads.OUT), scratch("heads")
        outs, before = [linear_of(block, heads.OUT).weight for block in model.blocks], heads.attention_of(folder)
        monitor.plan(float(len(outs)))
        kept = heads.choose(outs, found, before, wanted.attention, wanted.method, monitor)
        columns = [heads.columns_of(before, numbers) for numbers in kept]
        new = [neurons.compensated(w, one, numbers) for w, one, numbers in zip(outs, found, columns, strict=True)]
        heads.cut(folder, kept, new, target, monitor)
        folder = model_folder(target)
        model = model_of(folder)
    if wanted.width is not None:
        found, target = moments_of(model, packed, monitor, wanted.weights), scratch("neurons")
        narrowed(folder, model, found, wanted.width, wanted.method, target, monitor)
        folder = model_folder(target)
        model = model_of(folder)
    return folder, model
