"""From wishes to a plan: what each step saves and costs, measured on scratch copies before anything of the result is written."""

from collections.abc import Sequence

from mwanda_core.corpora import Corpus
from mwanda_core.errors import InputError
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.shrink import gated, neurons
from mwanda_core.shrink.budget import fit
from mwanda_core.shrink.choice import Chosen
from mwanda_core.shrink.costs import Bench, calibration, moments_of, narrowed
from mwanda_core.shrink.folders import ModelFolder, model_folder
from mwanda_core.shrink.plan import MB, Plan, Step, Wishes, digest_of
from mwanda_core.shrink.sizes import Sizes, sizes


def make_plan(
    source: str,
    folder: ModelFolder,
    wishes: Wishes,
    corpus: Corpus,
    rivals: Sequence[Sequence[str]],
    texts: str,
    monitor: Monitor,
) -> Plan:
    """Choose and price the steps. `corpus`: calibration text in the kept languages; `rivals`: texts of others.

    Raises InputError for wishes that cannot be, ModelError for a model that cannot be cut so.
    """
    check(folder, wishes)
    with Bench(folder, corpus, rivals, monitor) as bench:
        fitted = fit(bench, wishes) if wishes.at_most is not None else wishes
        return _priced(bench, source, fitted, texts)


def check(folder: ModelFolder, wishes: Wishes) -> None:
    """Raises InputError or ModelError before anything is loaded."""
    if not wishes.languages:
        raise InputError("Name the languages that the smaller model is for.")
    if wishes.vocabulary is not None and wishes.coverage is not None:
        raise InputError("A vocabulary is chosen by its size or by the coverage of the worst language: give one of the two.")
    for what, share in (("The coverage", wishes.coverage), ("The share of neurons to remove", wishes.neurons)):
        if share is not None and not 0.0 <= share <= 1.0:
            raise InputError(f"{what} is a share between 0 and 1; it was given as {share}.")
    if wishes.layers is not None and wishes.layers < 1:
        raise InputError(f"At least one decoder block has to stay; their number was given as {wishes.layers}.")
    if not any((wishes.vocabulary, wishes.coverage, wishes.neurons, wishes.layers, wishes.at_most)):
        raise InputError("Nothing to make smaller: give a size in all (at most), a vocabulary, neurons or layers.")
    if wishes.neurons or wishes.layers or wishes.at_most:
        gated.check(folder.model_type)
    if wishes.neurons:
        neurons.kept_width(gated.width(folder), wishes.neurons, wishes.step)
    if wishes.at_most is not None and wishes.at_most < 10**5:
        raise InputError(f"A model of at most {wishes.at_most} bytes is none: give a size such as 150MB.")


def _priced(bench: Bench, source: str, wishes: Wishes, texts: str) -> Plan:
    """The plan of settled wishes, each step with what it saves and costs."""
    found = sizes(bench.folder)
    rows: list[Step] = []
    tokens, depth, width = found.tokens, found.layers, found.width
    kept: tuple[int, ...] = ()
    folder, model = bench.folder, bench.model
    if wishes.vocabulary or wishes.coverage:
        chosen = bench.chosen(wishes.expected_by_model, wishes.vocabulary, wishes.coverage)
        kept, tokens = chosen.ids, len(chosen.ids)
        folder, model = bench.trimmed(kept)
        rows.append(_vocabulary_step(bench, chosen, model, found, (depth, width)))
    gone: tuple[int, ...] = ()
    if wishes.layers is not None and wishes.layers < found.layers:
        before = found.total(tokens, depth, width)
        gone, depth = tuple(bench.layers_gone(wishes.layers)), wishes.layers
        setting = f"{depth} of {found.layers} (without {', '.join(map(str, gone))})"
        rows.append(_step("layers", setting, before, found.total(tokens, depth, width), bench.layers_cost(gone)))
    if wishes.neurons:
        before, width = found.total(tokens, depth, width), neurons.kept_width(found.width, wishes.neurons, wishes.step)
        setting = f"{width} of {found.width} in each block ({wishes.method})"
        cost = _narrow_cost(bench, (folder, model), wishes, width)
        rows.append(_step("neurons", setting, before, found.total(tokens, depth, width), cost))
    narrower = width if width < found.width else None
    return Plan(
        source, digest_of(bench.folder), wishes.languages, texts, kept, gone, narrower, wishes.method, wishes.repair and narrower is not None,
        wishes.tokens, tuple(rows),
    )  # fmt: skip


def _narrow_cost(bench: Bench, base: tuple[ModelFolder, LanguageModel], wishes: Wishes, width: int) -> tuple[str, float]:
    """Of the neurons alone, beyond the vocabulary's."""
    folder, model = base
    start = bench.loss(model)
    target = bench.scratch()
    moments = moments_of(model, calibration(model, bench.corpus, wishes.tokens), bench.monitor)
    narrowed(folder, model, moments, width, wishes.method, target, bench.monitor)
    after = bench.loss(gated.model_of(model_folder(target)))
    code = max(start, key=lambda one: after[one] / start[one])
    return code, after[code] / start[code] - 1


def _vocabulary_step(bench: Bench, chosen: Chosen, model: LanguageModel, found: Sizes, rest: tuple[int, int]) -> Step:
    setting = f"{len(chosen.ids)} of {found.tokens} tokens ({chosen.closing} to build others)"
    before, after = found.total(found.tokens, *rest), found.total(len(chosen.ids), *rest)
    reached = bench.reach(chosen.ids, bench.held)
    coverage, longer = min(one.coverage for one in reached), max(one.longer for one in reached)
    return _step("vocabulary", setting, before, after, bench.cost(model), coverage, longer)


def _step(
    name: str,
    setting: str,
    before: float,
    after: float,
    cost: tuple[str, float],
    coverage: float | None = None,
    longer: float | None = None,
) -> Step:
    """A row; sizes in bytes."""
    return Step(name, setting, before / MB, after / MB, *cost, coverage, longer)
