"""Made-up benchmarks and studies with the true columns: made by the library's own functions from made-up measurements."""

import numpy as np
import pandas as pd
import torch
from synthetic import report

from mwanda_core import insight
from mwanda_core.insight.neuron_damage import PrunedShares
from mwanda_core.insight.overlap import Overlap, Unit
from mwanda_core.languages import language
from mwanda_core.store.report import RunReport
from mwanda_core.tasks import PER_BYTE, RAW, TaskScores, compare_tasks

TEXTS = {"ar": "ذهب الولد إلى السوق", "he": "הילד הלך לשוק", "hi": "लड़का बाज़ार गया"}
NASTY = 'the <script>alert("x")</script> & end'


def studied(num_languages: int = 6, blocks: int = 4, id: str = "studied") -> RunReport:
    """A report with every table of `report.TABLES`."""
    made = report(num_languages, blocks, id=id)
    codes = list(made.tables["languages"]["language"])
    calibrated = list(made.facts["settings"]["languages"])
    losses = made.tables["languages"].assign(dense_loss=np.linspace(2.0, 4.0, len(codes)))
    found = dict(made.tables) | benchmarks(codes) | masks(calibrated, blocks) | neurons(calibrated, blocks)
    found |= writing(codes) | profile(codes, blocks) | abilities(codes)
    similarity = pd.DataFrame({"language": codes, "similarity": np.linspace(0.5, 0.99, len(codes)), "cosine": 0.9})
    damage = dict(zip(found["neurons"]["language"], found["neurons"]["column"], strict=True))
    found["predictors"] = insight.predictors(losses, similarity, {}, damage)
    found["correlations"] = insight.correlations(found["predictors"], permutations=99)
    return RunReport(made.facts, found)


def scores(task: str, codes: list[str], chances: list[float], seed: int, items: int = 60) -> TaskScores:
    """Answers that are right with a given chance by language; guessing is 0.5."""
    rng = np.random.default_rng(seed)
    rows = [
        (code, f"{task}-{i}", reading, 0.5, 0, int(not right), bool(right), 1.0 if right else -1.0)
        for code, chance in zip(codes, chances, strict=True)
        for i, right in enumerate(rng.random(items) < chance)
        for reading in (RAW, PER_BYTE)
    ]
    columns = ["language", "item", "reading", "chance", "answer", "picked", "correct", "margin"]
    return TaskScores(task, task.upper(), True, RAW, pd.DataFrame(), pd.DataFrame(rows, columns=columns))


def benchmarks(codes: list[str]) -> dict[str, pd.DataFrame]:
    """Two tasks: in the first, the second language is at chance and the last loses much; the second says nothing at all."""
    before = [0.5 if i == 1 else 0.95 for i in range(len(codes))]
    after = [0.3 if i == len(codes) - 1 else b for i, b in enumerate(before)]
    dense = [scores("pairs", codes, before, 1), scores("letters", codes, [0.5] * len(codes), 3)]
    pruned = [scores("pairs", codes, after, 2), scores("letters", codes, [0.5] * len(codes), 4)]
    found = compare_tasks(dense, pruned)
    return {"tasks": found.table, "task_means": found.means, "task_items": found.items}


def masks(codes: list[str], blocks: int) -> dict[str, pd.DataFrame]:
    """Overlap of halves: 60 of 100 weights shared by a language's halves, fewer by two languages the farther they are apart."""
    names = tuple(f"{code}#{half}" for code in codes for half in (1, 2))
    units = tuple(Unit(f"b{b}.{m}", b, m, 200) for b in range(blocks) for m in ("self_attn.q_proj", "mlp.down_proj"))
    apart = torch.arange(len(names)) // 2
    both = 90 - 3 * (apart[:, None] - apart[None, :]).abs().clamp(max=10)
    both = both.fill_diagonal_(100)
    stacked = torch.stack([torch.where(both < 100, both - unit.block, both) for unit in units])
    found = Overlap(names, units, stacked)
    return {
        "overlap": insight.between_halves(found),
        "overlap_modules": insight.between_halves(found, ("module",)),
        "overlap_blocks": insight.between_halves(found, ("block",)),
    }


def neurons(codes: list[str], blocks: int) -> dict[str, pd.DataFrame]:
    """Some neurons of each language in each block; the first language's lose more than others. One language has none: two are
    made of it."""
    width, names = 40, tuple(codes)
    member = torch.zeros(len(names), blocks * width, dtype=torch.bool)
    for row in range(len(names)):
        member[row, [block * width + row % 8 for block in range(blocks)]] = True
    sizes = (width,) * blocks
    entropy = torch.zeros(blocks * width)
    before = insight.LanguageNeurons(names, tuple(range(blocks)), sizes, entropy, member)
    after = insight.LanguageNeurons(names, tuple(range(blocks)), sizes, entropy, member.roll(width // 2, dims=1) | member)
    column = torch.linspace(0.4, 0.6, blocks * width, dtype=torch.float64)
    column[member[0]] = 0.9
    shares = PrunedShares(torch.full_like(column, 0.5), column, column)
    return {
        "neurons": insight.pruned_table(before, shares, draws=20),
        "neuron_blocks": before.by_block(),
        "neuron_drift": insight.drift(before, after),
    }


def writing(codes: list[str]) -> dict[str, pd.DataFrame]:
    """Two openings a language; the first language's pruned text holds markup, the last one's is empty."""
    settings = insight.GenerationSettings(max_new_tokens=8)
    dense, pruned = [], []
    for place, code in enumerate(codes):
        for number in range(2):
            text = TEXTS.get(code, language(code).endonym)
            prompt = insight.Prompt(code, f"p{number}", text)
            worse = NASTY if place == 0 else "" if place == len(codes) - 1 else f" {text} {text}"
            dense.append(insight.Continuation(prompt, (1, 2, 3, 4, 5, 6), f" {text}", False))
            pruned.append(insight.Continuation(prompt, (1, 2, 1, 2, 1, 2) if worse else (), worse, number == 1))
    found = insight.compare_generations(
        insight.Generations(settings, tuple(dense)), insight.Generations(settings, tuple(pruned)), identify=False
    )
    return {"generated_texts": found["texts"], "generated_languages": found["languages"]}


def profile(codes: list[str], blocks: int) -> dict[str, pd.DataFrame]:
    """Two texts a language; the pruned model's ranks are lower, and its order of words is half turned."""
    draw = torch.Generator().manual_seed(0)

    def texts(side: float) -> tuple[insight.TextProfile, ...]:
        return tuple(
            insight.TextProfile(
                code, f"t{i}", side * torch.linspace(4.0, 9.0, blocks + 1, dtype=torch.float64) + i, torch.arange(20).expand(5, 20).int(),
                torch.linspace(5.0, 1.0, 20).expand(5, 20) + side * torch.rand(5, 20, generator=draw),
                torch.full((5, 2), -10.0 * side) + torch.rand(5, 2, generator=draw), torch.full((5, 2), -9.0),
            )
            for code in codes for i in range(2)
        )  # fmt: skip

    compared = insight.compare_profiles(insight.Profile("d", texts(1.0)), insight.Profile("d", texts(0.8)))
    return {f"profile_{name}": table for name, table in compared.items()}


def abilities(codes: list[str]) -> dict[str, pd.DataFrame]:
    """Two abilities, as benchmarks are made up; the first item of each holds markup, and its answer changed."""
    named = {"pairs": "workflow", "letters": "world"}
    made = {name: table.assign(task=table["task"].map(named)) for name, table in benchmarks(codes).items()}
    items = [
        {
            "task": task, "language": code, "item": str(i), "context": f"{NASTY} {i}\n{TEXTS.get(code, code)}:", "choice_0": " a, b.", "choice_1": " b, a.",
            "choice_2": "", "choice_3": "", "dense_choice": 0, "pruned_choice": int(i == 1), "dense_role": "keeps every rule",
            "pruned_role": "breaks one", "dense_correct": True, "pruned_correct": i != 1,
        }
        for task in named.values() for code in codes for i in range(8)
    ]  # fmt: skip
    needle = [
        {"language": code, "haystack": other, "length": 256, "depth": depth, "items": 8, "dense_accuracy": 1.0, "pruned_accuracy": 1 - depth / 2}
        for code, other in zip(codes, codes[1:] + codes[:1], strict=True) for depth in (0.0, 0.5, 1.0)
    ]  # fmt: skip
    argument = [
        {
            "language": code,
            "name": code,
            "items": 8,
            "dense": 0.5,
            "pruned": 0.2,
            "shift": -0.3,
            "shift_low": -0.5,
            "shift_high": -0.1,
        }
        for code in codes
    ]
    steps = [
        {"measure": measure, "language": code, "name": code, "items": 8, "dense": 0.7, "pruned": 0.5, "change": -0.2, "change_low": -0.3,
         "change_high": -0.1}
        for measure in ("nodes", "edges") for code in codes
    ]  # fmt: skip
    return {
        "abilities": made["tasks"],
        "abilities_means": made["task_means"],
        "abilities_needle": pd.DataFrame(needle),
        "abilities_argument": pd.DataFrame(argument),
        "abilities_steps": pd.DataFrame(steps),
        "abilities_items": pd.DataFrame(items),
    }
