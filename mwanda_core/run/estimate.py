"""Before a run: would it be refused, how much work is it, how long does that take here, and how much memory?

    units           tokens through one decoder block, counted as the progress bar counts them (`plan.planned_work`)
    weight-tokens   units x weights of a block; for scoring, tokens x all parameters (the head is not small)
    seconds         weight-tokens / rate

The rate is measured on earlier runs of this machine where there are any, else a typical one; either way the seconds are an
estimate: solvers differ by a factor of about two in how well `effort` describes them.
"""

import dataclasses
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from mwanda_core.engine import gradients, plan
from mwanda_core.engine.check import check_protection, check_settings
from mwanda_core.engine.ledger import REPAIR_COST
from mwanda_core.engine.refit import MOST_FOLDS, SUMS_BYTES
from mwanda_core.errors import InputError
from mwanda_core.evaluation import shipped
from mwanda_core.files import read_whole
from mwanda_core.languages import language
from mwanda_core.methods.composition import Recipe, from_dict
from mwanda_core.methods.repair import BlockRepair, Training
from mwanda_core.models import EMBEDDED, LOSS_CHUNK_ELEMENTS, LanguageModel
from mwanda_core.models.memory import MemoryEstimate, ModelShape, estimate as memory_of
from mwanda_core.parts.needs import SUMS, Sample, Scope, Shapes
from mwanda_core.run.guarding import guard_sequences, guards_of, learning_tokens
from mwanda_core.run.settings import Settings, settings_from
from mwanda_core.store.report import RunReport
from mwanda_core.studies import studies_of
from mwanda_core.studies.base import Scale, sequences
from mwanda_core.studies.neurons import several_languages
from mwanda_core.studies.profile import TOKENS_PER_TEXT
from mwanda_core.tasks import HUB, TASKS
from mwanda_core.tasks.adapter import PAIR

TYPICAL_RATE: dict[str, float] = {"cpu": 6e10, "cuda": 5e12}
"""Weight-tokens a second by device, where nothing was measured: a laptop processor of a few cores, a current data-centre GPU."""

STAGES = ("statistics", "pruning", "measuring")
STUDYING = "studying"
"""Benchmarks and studies: a stage of its own, of which no speed is known but that of measuring."""
MOST_CONFIG = 2**20
"""Bytes of a config.json that is looked at."""
BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}


@dataclasses.dataclass(frozen=True)
class Sizes:
    """What the cost of a run depends on in a model. `inputs`: widths of the distinct linear inputs of one block."""

    parameters: int
    prunable: int
    blocks: int
    hidden: int
    inputs: tuple[int, ...]
    bytes_per_weight: int

    @property
    def block(self) -> float:
        """Prunable weights of a block, on average."""
        return self.prunable / self.blocks


@dataclasses.dataclass(frozen=True)
class Step:
    """Part of the work. `units`: tokens through one block; `passes`: the same in passes of all calibration tokens through
    all blocks; `stage`: where its time is counted."""

    name: str
    stage: str
    units: float
    passes: float


@dataclasses.dataclass(frozen=True)
class Rate:
    """Weight-tokens a second by stage, and on how many earlier runs they rest (0: typical). `same`: of this very method."""

    by_stage: Mapping[str, float]
    runs: int
    same: bool = False


@dataclasses.dataclass(frozen=True)
class Cost:
    """What a run is expected to take: seconds by stage, and bytes at the worst moment (0: unknown)."""

    steps: tuple[Step, ...]
    seconds: Mapping[str, float]
    peak: int
    rate: Rate

    @property
    def total(self) -> float:
        """All seconds, loading the model left out."""
        return sum(self.seconds.values())


def refuse(recipe: Recipe, settings: Settings) -> None:
    """Everything that can be refused without the model: what `check_settings` says, and language settings.

    Raises InputError in one sentence.
    """
    check_settings(_NoBlocks(), recipe, settings.sparsity, settings.mode, settings.allocation_share, settings.languages)
    refuse_more(recipe, settings)


def refuse_more(recipe: Recipe, settings: Settings) -> None:
    """Benchmarks, studies and spared neurons that these languages or this method cannot have.

    Raises InputError in one sentence.
    """
    codes = settings.languages
    if settings.task_items < 1:
        raise InputError(f"At least one question a language is needed; task_items was given as {settings.task_items}.")
    for name in settings.tasks:
        if name in TASKS and not task_languages(name, settings):
            has = ", ".join(language(code).name for code in TASKS[name].languages[:12])
            more = " and others" if len(TASKS[name].languages) > 12 else ""
            raise InputError(f"{TASKS[name].title} has none of the languages of this run; it has {has}{more}.")
    if settings.spare_neurons:
        check_protection(recipe)
        missing = [code for code in settings.spare_neurons if code not in codes]
        if missing:
            names = ", ".join(language(code).name for code in missing)
            raise InputError(
                f"Neurons of {names} cannot be spared, because they are found on calibration text: calibrate on it, too."
            )
        several_languages(settings)
    for study in studies_of(settings.studies):
        study.check(settings)


def task_languages(name: str, settings: Settings) -> tuple[str, ...]:
    """The run's languages that a benchmark has: as published, or in the folder named (of which nothing is read here)."""
    adapter = TASKS[name]
    apart = adapter.local_only if settings.task_texts == HUB else ()
    everyone = (*settings.languages, *settings.held_out)
    return tuple(code for code in everyone if code in adapter.languages and code not in apart)


class _NoBlocks(LanguageModel):
    """A model without blocks: of the rules, only those remain that hold for every model."""

    def __init__(self) -> None:
        object.__setattr__(self, "blocks", ())


def work(recipe: Recipe, settings: Settings, sizes: Sizes) -> tuple[Step, ...]:
    """The steps of a run with something to do, in order."""
    languages, blocks, length = len(settings.languages), sizes.blocks, settings.sequence_length
    each = sequences(settings)
    tokens = each * languages * length
    whole = float(tokens * blocks)
    guards = len(guards_of(settings)) * guard_sequences(settings) * length * blocks
    everyone = whole + guards
    sequential = settings.mode == "sequential"
    share = settings.allocation_share if sequential else 1.0
    todo = plan.passes(recipe, settings.mode, share == 1.0)
    few = part(each, few_share(settings)) * languages
    units = {
        "statistics": whole,
        "guards": float(guards),
        "allocation statistics": (
            part(each, share) * languages + part(guard_sequences(settings), share) * len(guards_of(settings))
        )
        * length
        * blocks
        * todo.dense_stats,
        **_before(recipe, settings, blocks),
        "own walk": everyone * todo.own_walk,
        "pruned walk": everyone * sequential * (blocks - 1) / blocks,
    }
    if recipe.needs & plan.SINGLE:
        units["sequences"] = float(few * length * (blocks - 1))
        units |= {need.step: need.passes(blocks) * few * length for need in recipe.needs & plan.SINGLE if need.step}
        if isinstance(recipe.repair, BlockRepair):
            units["repair"] = REPAIR_COST * recipe.repair.steps(few) * length * blocks
    if recipe.repair.refit is not None:
        units["repair"] = everyone * (plan.REFIT_PASSES + recipe.repair.refit.effort)
    if isinstance(recipe.repair, Training):
        head = (sizes.parameters - sizes.prunable) / sizes.block
        units["distillation"] = recipe.repair.passes(learning_tokens(settings), blocks, head)
    units["halves"] = everyone * recipe.allocation.steady
    units["solver"] = recipe.solver.effort * everyone
    before = ("statistics", "guards")
    found = [Step(name, "statistics" if name in before else "pruning", u, u / whole) for name, u in units.items()]
    # Scoring is counted in parameters, not in weights of a block: put into units by their ratio.
    scored = sides(settings) * scored_tokens(settings) * sizes.parameters / sizes.block
    found.append(Step("scoring", "measuring", scored, scored / whole))
    found += [Step(name, STUDYING, u, u / whole) for name, u in _studying(recipe, settings, sizes, whole).items()]
    return tuple(step for step in found if step.units > 0)


def _studying(recipe: Recipe, settings: Settings, sizes: Sizes, whole: float) -> dict[str, float]:
    """Units of benchmarks and studies, of both models; roughly, for texts differ in length."""
    full = sizes.parameters / sizes.block
    asked = sum(
        (TASKS[name].tokens * len(task_languages(name, settings)) if name in TASKS else PAIR) * settings.task_items
        for name in settings.tasks
    )
    scale = scale_of(recipe, settings, sizes)
    units = {"benchmarks": 2.0 * asked * full}
    units |= {study.name: study.estimate(settings, scale) for study in studies_of(settings.studies)}
    return units | {"spared": whole * bool(settings.spare_neurons)}


def scale_of(recipe: Recipe, settings: Settings, sizes: Sizes) -> Scale:
    """What the estimates of studies are made of."""
    whole = float(sequences(settings) * len(settings.languages) * settings.sequence_length * sizes.blocks)
    full = sizes.parameters / sizes.block
    return Scale(whole, full, _cut_effort(recipe), len(settings.languages), len(settings.held_out))


def _cut_effort(recipe: Recipe) -> float:
    """Work of one cut of masks beside a pass: the method's solver, or keep-top where masks are not cut from statistics alone."""
    return recipe.solver.effort if recipe.needs <= SUMS else 0.15


def part(each: int, share: float) -> int:
    """Sequences per language that `Packed.part` takes."""
    return max(1, round(each * min(1.0, share)))


def _before(recipe: Recipe, settings: Settings, blocks: int) -> dict[str, float]:
    """Units of what is measured on the dense model before the first cut."""
    each = sequences(settings)
    opening = plan.OPENING_TOKENS / (each * settings.sequence_length)
    share = {Sample.ALL: 1.0, Sample.FEW: few_share(settings), Sample.OPENING: opening}
    count = len(settings.languages)
    languages = {Sample.ALL: count, Sample.FEW: count, Sample.OPENING: count + min(plan.MOST_GUARDS, len(guards_of(settings)))}
    tokens = {name: part(each, s) * languages[name] * settings.sequence_length for name, s in share.items()}
    return {need.step: need.passes(blocks) * tokens[need.sample] for need in recipe.needs if need.scope is Scope.MODEL}


def few_share(settings: Settings) -> float:
    """The share of every language's sequences that `gradients.spread_sequences` takes."""
    return max(1, gradients.NUM_SEQUENCES // len(settings.languages)) / sequences(settings)


def scored_tokens(settings: Settings) -> float:
    """Tokens scored once: texts, and about as many again for the choices."""
    texts = (len(settings.languages) + len(settings.held_out)) * settings.eval_texts
    return float(texts * TOKENS_PER_TEXT * (2 if settings.choices else 1))


def sides(settings: Settings) -> float:
    """Models to be scored: the pruned one alone where the dense one's scores come with the package."""
    everyone = (*settings.languages, *settings.held_out)
    come = settings.model == EMBEDDED and (settings.evaluation_texts or settings.texts) == "built-in" and settings.seed == 0
    return 1.0 if come and all(shipped.has(code, settings.eval_texts) for code in everyone) else 2.0


def peak_memory(recipe: Recipe, settings: Settings, sizes: Sizes) -> int:
    """Bytes at the worst moment: the whole job's estimate, and what the method measures beside it."""
    count = len(settings.languages) + len(guards_of(settings))
    tokens = (
        sequences(settings) * len(settings.languages) + guard_sequences(settings) * len(guards_of(settings))
    ) * settings.sequence_length
    shape = ModelShape(sizes.parameters, sizes.prunable, sizes.hidden, sum(sizes.inputs) * sizes.blocks, sizes.bytes_per_weight)
    base: MemoryEstimate = memory_of(shape, tokens, count)
    shapes = Shapes(sizes.inputs, sizes.block, sizes.prunable, sizes.bytes_per_weight)
    more = sum(round(need.memory(shapes)) for need in recipe.needs)
    more += 8 * sizes.prunable * plan.is_global(recipe)
    if isinstance(recipe.repair, Training):
        # Adam's two float32 sums, gradients, the best weights so far, float32 copies of shorter ones; outputs of the dense model; logits of both.
        more += sizes.prunable * (12 + sizes.bytes_per_weight + 4 * (sizes.bytes_per_weight < 4))
        more += learning_tokens(settings) * sizes.hidden * sizes.bytes_per_weight + 12 * LOSS_CHUNK_ELEMENTS
    if recipe.repair.refit is not None:
        # What a block's linears read of all tokens in the dense model; two matrices a language or a fold, and one more a fold, at one input.
        square = 4 * max(sizes.inputs) ** 2
        more += tokens * sum(sizes.inputs) * sizes.bytes_per_weight + (3 * MOST_FOLDS + 2) * square
        more += min(2 * len(settings.languages) * square, SUMS_BYTES)
    return base.total + more


def cost(recipe: Recipe, settings: Settings, sizes: Sizes, rate: Rate) -> Cost:
    """What a run is expected to take."""
    steps = work(recipe, settings, sizes)
    seconds = dict.fromkeys(STAGES, 0.0)
    for step in steps:
        speed = rate.by_stage["measuring" if step.stage == STUDYING else step.stage]
        seconds[step.stage] = seconds.get(step.stage, 0.0) + step.units * sizes.block / speed
    return Cost(steps, seconds, peak_memory(recipe, settings, sizes), rate)


TIMINGS = {"statistics": "statistics", "pruning": "pruning", "measuring": "pruned scores"}
"""Stage -> its entry in a run's timings. Dense scores are often cached, so the pruned ones stand for both."""


UNLIKE = 16.0
"""Between the weights of two models' blocks."""


def rate_of(runs: Iterable[RunReport], recipe: Recipe, device: str, sizes: Sizes | None = None) -> Rate:
    """Rates measured on earlier runs on this kind of device, the same method's where there are any; else typical ones.

    sizes: of the model; runs of one that is `UNLIKE` times smaller or larger say nothing, for steps of their own take their time.
    """
    measured: list[tuple[bool, dict[str, float]]] = []
    for run in runs:
        if run.facts["model"].get("device") != device:
            continue
        try:
            known = from_dict(run.facts["recipe"])
            settings = settings_from({**run.facts["settings"], "method": run.facts["recipe"]})
            ran = sizes_of_run(run)
            if sizes is not None and not 1 / UNLIKE < ran.block / sizes.block < UNLIKE:
                continue
            steps = work(known, settings, ran)
            measured.append((_kinds(known) == _kinds(recipe), _measured(run, settings, steps)))
        except (InputError, KeyError, TypeError, ValueError):
            continue  # A run of another version.
    same = [rates for is_same, rates in measured if is_same]
    typical = TYPICAL_RATE.get(device, TYPICAL_RATE["cpu"])
    found = {}
    for stage in STAGES:
        pool = same if stage == "pruning" and same else [rates for _, rates in measured]
        found[stage] = median([rates[stage] for rates in pool if stage in rates] or [typical])
    return Rate(found, len(same) if same else len(measured), bool(same))


def _kinds(recipe: Recipe) -> tuple[str, ...]:
    """The parts that decide how long pruning takes, without their knobs."""
    return tuple(type(p).__name__ for p in (recipe.score, recipe.allocation, recipe.rows, recipe.repair, recipe.solver))


def _measured(run: RunReport, settings: Settings, steps: Sequence[Step]) -> dict[str, float]:
    """Weight-tokens a second of each stage that took long enough to be measured."""
    sizes, found = sizes_of_run(run), {}
    for stage in STAGES:
        units = sum(step.units for step in steps if step.stage == stage)
        if stage == "measuring":  # The pruned model's half, and of that what was scored before it was enough.
            units *= float(run.facts.get("scoring", {}).get("share", 1.0)) / sides(settings)
        seconds = float(run.facts["timings"].get(TIMINGS[stage], 0.0))
        if seconds > 0.05 and units > 0:  # Statistics at hand from the run before take no time.
            found[stage] = units * sizes.block / seconds
    return found


def sizes_of_run(run: RunReport) -> Sizes:
    """The sizes of the model that a run was made on.

    Raises KeyError for a report without them.
    """
    model, layers = run.facts["model"], run.tables["layers"]
    first = layers[layers["block"] == layers["block"].iloc[0]]
    widths = [int(width) for width in first["inputs"]]
    return Sizes(
        int(model["parameters"]),
        int(model["prunable"]),
        int(model["blocks"]),
        widths[0],
        distinct(widths),
        BYTES.get(str(model["dtype"]), 4),
    )


def sizes_of_model(model: LanguageModel) -> Sizes:
    """The sizes of a model in memory."""
    shape = model.shape
    widths = [linear.weight.shape[1] for linear in model.blocks[0].linears]
    return Sizes(shape.parameters, shape.prunable, len(model.blocks), shape.hidden, distinct(widths), shape.bytes_per_weight)


def distinct(widths: Sequence[int]) -> tuple[int, ...]:
    """Widths with neighbours of the same width counted once: q, k, v share an input, gate and up share one."""
    return tuple(width for i, width in enumerate(widths) if i == 0 or width != widths[i - 1])


def sizes_of_folder(folder: Path, bytes_per_weight: int) -> Sizes | None:
    """The sizes of a model that `save_pretrained` wrote, from its config.json alone; None where that does not tell.

    Biases and norms are left out, and a feed-forward part is taken to have three matrices as in Llama: a few per cent off
    for most models, more for older families.
    """
    try:
        config: Any = json.loads(read_whole(folder / "config.json", MOST_CONFIG))
        config = config.get("text_config", config)
        hidden, blocks, inner = (int(config[key]) for key in ("hidden_size", "num_hidden_layers", "intermediate_size"))
        heads = int(config["num_attention_heads"])
        groups, head = int(config.get("num_key_value_heads") or heads), int(config.get("head_dim") or hidden // heads)
        embedding = int(config["vocab_size"]) * hidden * (1 if config.get("tie_word_embeddings", True) else 2)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    block = 2 * hidden * head * (heads + groups) + 3 * hidden * inner
    if min(hidden, blocks, inner, heads) < 1 or not math.isfinite(block):
        return None
    return Sizes(
        embedding + blocks * block, blocks * block, blocks, hidden, (hidden, heads * head, hidden, inner), bytes_per_weight
    )
