"""From wishes to a plan: what each step saves and costs, measured on scratch copies before anything of the result is written."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from mwanda_core.corpora import Corpus
from mwanda_core.errors import InputError
from mwanda_core.methods.activation import WorstFirst
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.shrink import experts, gated, heads, neurons
from mwanda_core.shrink.budget import fit
from mwanda_core.shrink.costs import Bench, InBlocks, calibration, cut_in_blocks
from mwanda_core.shrink.folders import ModelFolder
from mwanda_core.shrink.moments import equal_weights
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
    for what, count in (
        ("decoder block", wishes.layers),
        ("head", wishes.heads),
        ("group of heads", wishes.groups),
        ("expert", wishes.experts),
    ):
        if count is not None and count < 1:
            raise InputError(f"At least one {what} has to stay; their number was given as {count}.")
    if not 1 <= wishes.rounds <= 20:
        raise InputError(f"Languages are weighed in 1 to 20 rounds; it was given {wishes.rounds}.")
    in_blocks = wishes.neurons or wishes.layers or wishes.heads or wishes.groups
    if not any((wishes.vocabulary, wishes.coverage, in_blocks, wishes.experts, wishes.at_most)):
        raise InputError(
            "Nothing to make smaller: give a size in all (at most), a vocabulary, neurons, heads, layers or experts."
        )
    if wishes.experts:
        experts.check(folder)
        experts.check_count(folder, wishes.experts)
    if in_blocks or (wishes.at_most and not experts.count_of(folder)):
        gated.check(folder.model_type)
        gated.refuse_pruned(folder)
    if wishes.neurons:
        neurons.kept_width(gated.width(folder), wishes.neurons, wishes.step)
    heads.left(folder, wishes.heads, wishes.groups)
    if wishes.at_most is not None and wishes.at_most < 10**5:
        raise InputError(f"A model of at most {wishes.at_most} bytes is none: give a size such as 150MB.")


def _priced(bench: Bench, source: str, wishes: Wishes, texts: str) -> Plan:
    """The plan of settled wishes, each step with what it saves and costs."""
    found, rows, notes = sizes(bench.folder), _Rows(sizes(bench.folder)), []
    kept: tuple[int, ...] = ()
    base = bench.folder, bench.model
    if wishes.vocabulary or wishes.coverage:
        chosen = bench.chosen(wishes.expected_by_model, wishes.vocabulary, wishes.coverage)
        kept = chosen.ids
        base = bench.trimmed(kept)
        reached = bench.reach(kept, bench.held)
        coverage, longer = min(one.coverage for one in reached), max(one.longer for one in reached)
        setting = f"{len(kept)} of {found.tokens} tokens ({chosen.closing} to build others)"
        rows.add("vocabulary", setting, bench.cost(base[1]), coverage, longer, tokens=len(kept))
    stay: dict[int, list[int]] = {}
    masses: dict[int, tuple[float, ...]] = {}
    if wishes.experts is not None and wishes.experts < found.experts:
        uses, stay = bench.experts_kept(wishes.experts, wishes.expert_method, wishes.tokens)
        share, code, block = experts.kept_share(uses, stay, wishes.languages)
        notes.append(f"Of what experts do for a language, the least that stays is {share:.0%} ({code}, block {block}).")
        masses = {i: tuple(use.shares.mean(dim=0).tolist()) for i, use in uses.items()} if wishes.merge else {}
        setting = (
            f"{wishes.experts} of {found.experts} in each layer ({wishes.expert_method}{', others merged' if masses else ''})"
        )
        rows.add("experts", setting, bench.experts_cost(stay), num_experts=wishes.experts)
    gone: tuple[int, ...] = ()
    if wishes.layers is not None and wishes.layers < found.layers:
        gone = tuple(bench.layers_gone(wishes.layers))
        setting = f"{wishes.layers} of {found.layers} (without {', '.join(map(str, gone))})"
        rows.add("layers", setting, bench.layers_cost(gone), num_layers=wishes.layers)
    left = heads.left(bench.folder, wishes.heads, wishes.groups)
    width = neurons.kept_width(found.width, wishes.neurons, wishes.step) if wishes.neurons else found.width
    wanted = InBlocks(left, width if width < found.width else None, wishes.method, equal_weights(wishes.languages))
    if wanted:
        wanted, costs = _weighed(bench, base, wanted, wishes)
    if left is not None:
        setting = f"{left.heads} of {found.attention.heads} heads in {left.groups} of {found.attention.groups} groups ({wishes.method})"
        rows.add("heads", setting, costs[heads.OUT], attention=left)
    if wanted.width is not None:
        rows.add("neurons", f"{width} of {found.width} in each block ({wishes.method})", costs[gated.DOWN], width=width)
    return Plan(
        source, digest_of(bench.folder), wishes.languages, texts, kept, gone, wanted.width, wishes.method, wishes.repair and bool(wanted),
        wishes.tokens, tuple(rows.steps), tuple(notes), None if left is None else left.heads, None if left is None else left.groups,
        {block: tuple(numbers) for block, numbers in stay.items()}, masses, tuple(wanted.weights[code] for code in wishes.languages) if wanted else (),
    )  # fmt: skip


class _Rows:
    """Steps, each beginning at the size that the one before it left."""

    def __init__(self, found: Sizes) -> None:
        self.steps: list[Step] = []
        self._found = found
        self._now: dict[str, Any] = {"tokens": found.tokens, "num_layers": found.layers, "width": found.width}

    def add(
        self,
        name: str,
        setting: str,
        cost: tuple[str, float],
        coverage: float | None = None,
        longer: float | None = None,
        **now: Any,
    ) -> None:
        """`now`: what is different from here on, as `Sizes.total` names it."""
        before = self._found.total(**self._now)
        self._now |= now
        self.steps.append(Step(name, setting, before / MB, self._found.total(**self._now) / MB, *cost, coverage, longer))


Costs = dict[str, tuple[str, float]]
"""Of heads alone and of neurons alone, beyond the vocabulary's, by the linear layer whose inputs go: who loses most, and how much."""


def _weighed(bench: Bench, base: tuple[ModelFolder, LanguageModel], wanted: InBlocks, wishes: Wishes) -> tuple[InBlocks, Costs]:
    """The weights of languages at which the worst-off of them loses least, of a few rounds (`methods.activation.worst_first`), and costs."""
    packed, start = calibration(base[1], bench.corpus, wishes.tokens), bench.loss(base[1])

    def cost(tried: InBlocks) -> dict[str, float]:
        after = bench.loss(cut_in_blocks(base, packed, tried, lambda _: bench.scratch(), bench.monitor)[1])
        return {code: after[code] / start[code] - 1 for code in start}

    best, least = wanted, cost(wanted)
    lost = least
    for _ in range(wishes.rounds - 1 if len(wishes.languages) > 1 else 0):
        wanted = dataclasses.replace(wanted, weights=WorstFirst().step(wanted.weights, lost))
        lost = cost(wanted)
        if max(lost.values()) < max(least.values()):
            best, least = wanted, lost
    alone = {heads.OUT: dataclasses.replace(best, width=None), gated.DOWN: dataclasses.replace(best, attention=None)}
    each = {part: least if alone[part] == best else cost(alone[part]) for part in best.parts}
    return best, {part: max(one.items(), key=lambda item: item[1]) for part, one in each.items()}
