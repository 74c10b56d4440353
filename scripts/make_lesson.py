"""Make the data behind the Lesson tab, assets/lesson, and the handout for teachers, docs/lesson-handout.md and .html.

    python scripts/make_lesson.py --scratch FOLDER     measure (about 8 minutes of one core), then write data and handout
    python scripts/make_lesson.py --handout            write the handout again from the data that is there
    python scripts/make_lesson.py --small              read benchmarks/results/shrink.json again for step 8, then the same

Every figure comes from runs of the built-in model through `mwanda_core.run.experiment.Workbench` on the built-in texts. All
runs calibrate on the same number of tokens in all, shared equally between their languages, so that "more languages" never
means "more text". Runs that the scratch folder already holds are not made again.
"""

import argparse
import dataclasses
import datetime
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mwanda_core.store.format import REPORT_FILE
from mwanda_core.store.report import RunReport, load_report

if TYPE_CHECKING:
    import torch

    from mwanda_core.engine.measure import BlockStats
    from mwanda_core.models import LanguageModel

TARGET = Path(__file__).resolve().parent.parent / "assets" / "lesson"
HANDOUT = TARGET.parents[2] / "docs" / "lesson-handout.md"
SHRINK = TARGET.parents[2] / "benchmarks" / "results" / "shrink.json"
TRIMMED, TRIMMED_TOKENS = "4 languages, 32k", 32768
"""The case of `benchmarks.shrink` that step 8 shows: the languages that the lesson calibrates on."""
MOST_BYTES = 300_000
FORMAT = 1
COMMAND = "python scripts/make_lesson.py --scratch FOLDER"

MODEL, SEED = "gemma-3-270m", 0
FOUR = ("en", "de", "hi", "sw")
EIGHT = (*FOUR, "fr", "bn", "tr", "ta")
SCORED = (*EIGHT, "ar", "ja")
SWEEP = (0.3, 0.4, 0.5, 0.6, 0.7)
TOTAL_TOKENS, SEQUENCE, TEXTS = 1024, 128, 6
STATS_TOKENS = 512
BLOCK, MATRIX, INPUT = 9, "mlp.up_proj", "mlp.down_proj"
"""A block in the middle: its first feed-forward matrix for step 1, and the input of its last one for step 3."""
SHARES = tuple(range(0, 100, 5))
BINS = 61
"""Odd, so that weights that are exactly zero lie in the middle of a bar."""

CALIBRATIONS = {"english": ("en",), "german": ("de",), "hindi": ("hi",), "swahili": ("sw",), "four": FOUR, "eight": EIGHT}


@dataclasses.dataclass(frozen=True)
class Planned:
    """One run: what it is called, how it prunes, what it calibrates on."""

    method: str
    calibration: str
    sparsity: float

    @property
    def name(self) -> str:
        """Its folder in the scratch folder."""
        return f"{self.method}-{self.calibration}-{round(100 * self.sparsity)}"


def plan() -> tuple[Planned, ...]:
    """All runs of the lesson, the ones it needs most first."""
    found = [Planned("wanda", name, 0.5) for name in CALIBRATIONS]
    found += [Planned(method, "four", 0.5) for method in ("magnitude", "cwl", "measured")]
    found += [Planned("wanda", "four", sparsity) for sparsity in SWEEP if sparsity != 0.5]
    return tuple(found)


def method_of(name: str) -> str | dict[str, Any]:
    """A named recipe, or Wanda's score under another allocation."""
    from mwanda_core.methods.allocation import CWL, Sensitivity
    from mwanda_core.methods.recipes import recipe

    parts = {"cwl": CWL(), "measured": Sensitivity()}
    return recipe("wanda", allocation=parts[name]).to_dict() if name in parts else name


def measure(scratch: Path) -> dict[Planned, RunReport]:
    """Make the runs that are not in the scratch folder yet, and the statistics of all languages; read them all."""
    import torch

    from mwanda_core.run.experiment import Settings, Workbench

    torch.set_num_threads(1)
    bench = Workbench()
    common: dict[str, Any] = {"model": MODEL, "sequence_length": SEQUENCE, "seed": SEED, "choices": False}
    if not (scratch / "statistics" / REPORT_FILE).is_file():
        settings = Settings(languages=SCORED, method="wanda", tokens_per_language=STATS_TOKENS, eval_texts=0, **common)
        bench.run(settings).save(scratch / "statistics")
    for entry in plan():
        if (scratch / entry.name / REPORT_FILE).is_file():
            continue
        languages = CALIBRATIONS[entry.calibration]
        settings = Settings(
            languages=languages, held_out=tuple(code for code in SCORED if code not in languages), method=method_of(entry.method),
            sparsity=entry.sparsity, tokens_per_language=TOTAL_TOKENS // len(languages), eval_texts=TEXTS, **common,
        )  # fmt: skip
        report = bench.run(settings).report
        report.save(scratch / entry.name)
        print(
            f"{entry.name}: {report.facts['timings']['total']:.0f} s, mean {report.facts['summary']['mean_increase']:.3f}",
            flush=True,
        )
    return {entry: load_report(scratch / entry.name) for entry in plan()}


def write(scratch: Path, runs: Mapping[Planned, RunReport]) -> None:
    """The six files of assets/lesson."""
    from mwanda_core.models import load
    from mwanda_core.store.statistics_file import load_stats

    model = load(MODEL)
    statistics = load_report(scratch / "statistics")
    stats = load_stats(scratch / "statistics" / "statistics.safetensors", statistics.facts["model"]["fingerprint"])
    parts = {
        "facts": facts(runs, statistics),
        "runs": [row(entry, report) for entry, report in runs.items()],
        "weights": weights(model),
        "channels": channels(model, stats),
        "blocks": blocks(runs),
        "small": small(),
    }
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, part in parts.items():
        write_part(name, part)
    size = sum(file.stat().st_size for file in TARGET.glob("*.json"))
    if size > MOST_BYTES:
        raise SystemExit(f"{TARGET} has {size} bytes; the lesson must stay under {MOST_BYTES}.")
    print(f"{len(runs)} runs, {size / 1000:.0f} kB in {TARGET}")


def write_part(name: str, part: Any) -> None:
    """One file of assets/lesson."""
    text = json.dumps(part, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    (TARGET / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def facts(runs: Mapping[Planned, RunReport], statistics: RunReport) -> dict[str, Any]:
    """What was run, on what, with which versions, and the dense losses."""
    first = next(iter(runs.values()))
    dense = first.tables["languages"]
    settings = {key: value for key, value in first.facts["settings"].items() if key not in _VARIED}
    return {
        "format": FORMAT,
        "command": COMMAND,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "model": first.facts["model"],
        "settings": settings | {"calibration_tokens": TOTAL_TOKENS},
        "corpus": first.facts["calibration"]["corpus"],
        "statistics": {
            "tokens_per_language": statistics.facts["calibration"]["tokens_per_language"],
            "sequence_length": SEQUENCE,
        },
        "scored": list(SCORED),
        "calibrations": {name: list(codes) for name, codes in CALIBRATIONS.items()},
        "sweep": list(SWEEP),
        "dense": {
            code: {"loss": short(loss), "tokens": int(tokens), "texts": int(texts)}
            for code, loss, tokens, texts in zip(
                dense["language"], dense["dense_loss"], dense["tokens"], dense["texts"], strict=True
            )
        },
        "versions": first.facts["versions"],
    }


_VARIED = ("languages", "held_out", "method", "sparsity", "tokens_per_language")


def row(entry: Planned, report: RunReport) -> dict[str, Any]:
    """One run as the lesson keeps it: increase, low, high of every language, in the order of `SCORED`."""
    table = report.tables["languages"].set_index("language")
    return {
        "method": entry.method,
        "calibration": entry.calibration,
        "sparsity": entry.sparsity,
        "achieved": short(report.facts["summary"]["achieved_sparsity"], 6),
        "languages": {
            code: [short(table.loc[code, name]) for name in ("increase", "increase_low", "increase_high")] for code in SCORED
        },
    }


def weights(model: "LanguageModel") -> dict[str, Any]:
    """How the weights of one matrix are spread, and what goes at each share removed."""

    block = model.blocks[BLOCK]
    values = next(linear.weight for linear in block.linears if linear.name == MATRIX).detach().float().flatten()
    size, order = values.abs().sort(stable=True)
    squares = size.double().square().cumsum(0)
    reach = short(float(size[int(len(size) * 0.998)]), 3)
    gone = [int(len(size) * share / 100) for share in SHARES]
    return {
        "block": BLOCK,
        "matrix": MATRIX,
        "count": len(size),
        "zeros": int((size == 0).sum()),
        "edges": [short(-reach + 2 * reach * i / BINS, 5) for i in range(BINS + 1)],
        "counts": (counts := _histogram(values, reach)),
        "outside": len(size) - sum(counts),
        "gone": [_histogram(values[order[:n]], reach) for n in gone],
        "shares": list(SHARES),
        "thresholds": [short(float(size[n]) if n else 0.0) for n in gone],
        "squares": [short(float(squares[n - 1] / squares[-1]) if n else 0.0) for n in gone],
    }


def _histogram(values: "torch.Tensor", reach: float) -> list[int]:
    return [int(count) for count in values.histc(BINS, -reach, reach).tolist()]


def channels(model: "LanguageModel", stats: Sequence["BlockStats"]) -> dict[str, Any]:
    """Strength of every channel of one input by language, and on how many kept weights of the block two languages disagree."""
    from mwanda_core.methods.scores import Wanda
    from mwanda_core.parts.evidence import LinearEvidence
    from mwanda_core.parts.masks import keep_top, num_pruned

    sparsity = 0.5
    by_name, block = stats[BLOCK], model.blocks[BLOCK]
    found = by_name[INPUT]
    same, kept = dict.fromkeys(_pairs(SCORED), 0), 0
    for linear in block.linears:
        measured = by_name[linear.name]
        masks = {}
        for code in SCORED:
            evidence = LinearEvidence(linear.name, linear.weight.detach(), measured, measured.select([code]).rms()[0].float())
            masks[code] = keep_top(Wanda()(evidence), num_pruned(evidence.width, sparsity))
        kept += int(masks[SCORED[0]].sum())
        for pair in same:
            one, other = pair.split("|")
            same[pair] += int((masks[one] & masks[other]).sum())
    return {
        "block": BLOCK,
        "input": INPUT,
        "tokens": int(found.tokens[0]),
        "sparsity": sparsity,
        "rms": {
            code: [short(v, 3) for v in values] for code, values in zip(found.languages, found.rms().tolist(), strict=True)
        },
        "disagreement": {pair: short(1 - count / kept) for pair, count in same.items()},
    }


def _pairs(codes: Iterable[str]) -> list[str]:
    ordered = sorted(codes)
    return [f"{one}|{other}" for i, one in enumerate(ordered) for other in ordered[i + 1 :]]


def blocks(runs: Mapping[Planned, RunReport]) -> dict[str, Any]:
    """Sparsity of every block under three allocations, and the damage that the measured one was made from.

    The allocation's importance is ln(damage / weights), with damages below a tenth of the median raised to it.
    """
    tables = {name: runs[Planned(name, "four", 0.5)].tables["allocation"] for name in ("wanda", "cwl", "measured")}
    measured = tables["measured"]
    damage = [math.exp(i) * n for i, n in zip(measured["importance"], measured["weights"], strict=True)]
    return {
        "sparsity": 0.5,
        "tokens": SEQUENCE,
        "damage": [short(v) for v in damage],
        "allocations": {name: [short(v) for v in table["sparsity"]] for name, table in tables.items()},
    }


def small() -> dict[str, Any]:
    """Bytes of the model's weights, from its shapes, and of those of the trimmed one, from the committed benchmark."""
    from mwanda_core.shrink import vocabulary
    from mwanda_core.shrink.job import source_folder

    folder, found = source_folder(MODEL), json.loads(SHRINK.read_text(encoding="utf-8"))
    case, rows = found["vocabulary"][TRIMMED], vocabulary.num_rows(folder)
    tables = vocabulary.by_token(folder)
    counts = {name: math.prod(one.shape) for name, one in folder.tensors.items()}
    embedding = sum(counts[name] for name in tables)
    layers = sum(counts[name] for name, one in folder.tensors.items() if name not in tables and len(one.shape) == 2)
    other = sum(counts.values()) - embedding - layers
    rounded_embedding = eight_bits(embedding // rows * TRIMMED_TOKENS)
    return {
        "command": found["facts"]["command"],
        "date": found["facts"]["date"],
        "bits": 8 * folder.num_bytes // sum(counts.values()),
        "vocabulary": rows,
        "embedding": embedding,
        "layers": layers,
        "other": other,
        "languages": list(case["coverage"]),
        "tokens": TRIMMED_TOKENS,
        "trimmed": round(case["mib"] * 2**20),
        "rounded": rounded_embedding + eight_bits(layers) + 4 * other,
        "rounded_embedding": rounded_embedding,
        "worst": case["worst"][0],
        "increase": short(case["worst"][1]),
        "decode_ratio": short(case["decode_ratio"]),
    }


def eight_bits(weights: int) -> int:
    """Bytes of so many weights in Q8_0: of every 32, one byte each and two for their scale."""
    return weights // 32 * 34


def short(value: Any, digits: int = 4) -> float:
    """A finite number with few significant digits."""
    number = float(value)
    if not math.isfinite(number):
        raise SystemExit(f"A measured number is not finite: {number}.")
    return float(f"{number:.{digits}g}")


def write_handout() -> None:
    """docs/lesson-handout.md and the same to print."""
    from components.pages.learn import handout
    from components.pages.learn.data import lesson

    text = handout.markdown(lesson(TARGET))
    HANDOUT.write_text(text, encoding="utf-8")
    HANDOUT.with_suffix(".html").write_text(handout.page(text), encoding="utf-8")
    print(f"{HANDOUT} and the same as a page to print")


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--scratch", type=Path, help="folder that keeps the runs between calls")
    parser.add_argument("--handout", action="store_true", help="only write the handout again")
    parser.add_argument("--small", action="store_true", help="only read the sizes of step 8 and write the handout again")
    given = parser.parse_args()
    if given.small:
        write_part("small", small())
    elif not given.handout:
        if given.scratch is None:
            parser.error("name a folder for the runs with --scratch, or give --handout or --small")
        write(given.scratch, measure(given.scratch))
    write_handout()


if __name__ == "__main__":
    main()
