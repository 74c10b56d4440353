"""How small Gemma 3 270M becomes for some languages, what each loses, and how fast it is: sizes, coverage, bits per byte, speed.

    python -m benchmarks.shrink [--sections vocabulary,laws,order,neurons,gguf] [--out benchmarks/results]

Tokens and neurons are chosen on the calibration half of the built-in passages and measured on the other half.  Every section's figures are written when it is done.
"""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

from benchmarks.common import provenance
from mwanda_core.corpora import builtin, builtin_languages
from mwanda_core.progress import Monitor
from mwanda_core.shrink import evidence, gated, gguf_export, neurons, vocabulary
from mwanda_core.shrink.costs import Bench, calibration, moments_of, texts_of
from mwanda_core.shrink.folders import ModelFolder, model_folder
from mwanda_core.shrink.job import rivals_of, source_folder
from mwanda_core.shrink.moments import equal_weights
from mwanda_core.shrink.perbyte import bits_per_byte, worst
from mwanda_core.shrink.repair import fit_downs

MODEL = "gemma-3-270m"
CASES = {
    "2 languages, 16k": (("en", "sw"), 16384),
    "4 languages, 32k": (("en", "de", "hi", "sw"), 32768),
    "25 languages, 64k": (tuple(builtin_languages()), 65536),
}
MIB = 2**20
TEXTS = 8
"""Evaluation passages per language that bits per byte are measured on."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sections", default="vocabulary,laws,order,neurons,gguf")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results"))
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    file = given.out / "shrink.json"
    found: dict[str, Any] = json.loads(file.read_text()) if file.is_file() else {}
    found["machine"] = f"{platform.machine()}, {given.threads} thread, torch {torch.__version__}"
    found["facts"] = provenance("python -m benchmarks.shrink", model=MODEL, threads=given.threads)
    folder = source_folder(MODEL)
    for name in given.sections.split(","):
        begin = time.perf_counter()
        for key, value in SECTIONS[name](folder):
            found.setdefault(name, {})[key] = value
            file.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
            print(name, key, json.dumps(value, ensure_ascii=False), f"{time.perf_counter() - begin:.0f} s", flush=True)
    (given.out / "shrink.md").write_text(report(found))


def bench_of(folder: ModelFolder, languages: tuple[str, ...]) -> Bench:
    """Calibration text of these languages."""
    return Bench(folder, builtin(languages).calibration, rivals_of(languages), Monitor())


def vocabulary_section(folder: ModelFolder) -> Any:
    """Size, coverage, length and loss of each case on the other half of the passages, and decoding speed beside the original."""
    for name, (languages, size) in CASES.items():
        with bench_of(folder, languages) as bench:
            kept = bench.chosen(True, size, None)
            trimmed, model = bench.trimmed(kept.ids)
            whole = texts_of(builtin(languages).evaluation)
            reached = bench.reach(kept.ids, whole)
            some = {
                code: items[:TEXTS] for code, items in whole.items() if len(languages) < 10 or code in ("en", "sw", "th", "ru")
            }
            before, after = bits_per_byte(bench.model, some), bits_per_byte(model, some)
            speed = evidence.decoding_speed({"original": bench.model, "small": model}, rounds=3, tokens=16)
            yield name, {
                "mib": trimmed.num_bytes / MIB, "tokenizer_mib": (trimmed.path / "tokenizer.json").stat().st_size / MIB,
                "closing": kept.closing, "estimated_coverage": min(kept.coverage[:-1]),
                "coverage": {r.language: round(r.coverage, 4) for r in reached},
                "longer": {r.language: round(r.longer, 4) for r in reached},
                "bits_before": before, "bits_after": after, "worst": worst(before, after),
                "decode_ratio": float(speed["ratio"].iloc[1]),
            }  # fmt: skip


def laws_section(folder: ModelFolder) -> Any:
    """Loss of covered sentences, which can only fall; and the time and memory that a trim takes, in a process of its own."""
    languages, size = CASES["4 languages, 32k"]
    with bench_of(folder, languages) as bench:
        kept = bench.chosen(True, size, None)
        _, model = bench.trimmed(kept.ids)
        inside = set(kept.ids)
        covered = {
            code: [s for p in items[:TEXTS] for s in p.sentences if set(bench.model.encode(s)) <= inside]
            for code, items in builtin(languages).evaluation.passages.items()
        }
        before, after = bits_per_byte(bench.model, covered), bits_per_byte(model, covered)
        yield (
            "covered",
            {
                "sentences": {code: len(items) for code, items in covered.items()},
                "change": {code: after[code] / before[code] - 1 for code in before},
            },
        )
        with tempfile.TemporaryDirectory() as scratch:
            ids = Path(scratch) / "ids.json"
            ids.write_text(json.dumps(kept.ids))
            code = (
                "import json,resource,sys,time;from pathlib import Path;from mwanda_core.progress import Monitor;"
                "from mwanda_core.shrink.folders import model_folder;from mwanda_core.shrink import vocabulary;"
                "a=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;t=time.perf_counter();"
                "vocabulary.trim(model_folder(Path(sys.argv[1])),json.loads(Path(sys.argv[2]).read_text()),Path(sys.argv[3]),Monitor());"
                "print(json.dumps([time.perf_counter()-t,a*1024,resource.getrusage(resource.RUSAGE_SELF).ru_maxrss*1024]))"
            )
            (Path(scratch) / "out").mkdir()
            done = subprocess.run(
                [sys.executable, "-c", code, str(folder.path), str(ids), str(Path(scratch) / "out")],
                capture_output=True,
                text=True,
                check=True,
            )
            seconds, start, peak = json.loads(done.stdout)
        embedding = sum(one.num_bytes for one in vocabulary.by_token(folder).values())
        yield "trim", {"seconds": seconds, "imports_mib": start / MIB, "peak_mib": peak / MIB, "embedding_mib": embedding / MIB}


def order_section(folder: ModelFolder) -> Any:
    """Who says what unseen text needs: the model, or letters and the table's order."""
    for name in ("2 languages, 16k", "4 languages, 32k"):
        languages, size = CASES[name]
        for by_model in (True, False):
            with bench_of(folder, languages) as bench:
                kept = bench.chosen(by_model, size, None)
                reached = bench.reach(kept.ids, texts_of(builtin(languages).evaluation))
                who = "the model" if by_model else "letters and order"
                yield f"{name}, {who}", {r.language: round(r.coverage, 4) for r in reached}


def neurons_section(folder: ModelFolder) -> Any:
    """A quarter of the neurons, by four methods, with and without least squares, and repaired; from the 32k vocabulary."""
    languages, size = CASES["4 languages, 32k"]
    texts = {code: items[:TEXTS] for code, items in texts_of(builtin(languages).evaluation).items()}
    with bench_of(folder, languages) as bench:
        base, model = bench.trimmed(bench.chosen(True, size, None).ids)
        original, before = bits_per_byte(bench.model, texts), bits_per_byte(model, texts)
        packed = calibration(model, bench.corpus, 1280)
        found = moments_of(model, packed, Monitor())
        downs = [gated.down_of(block).weight for block in model.blocks]
        for method in neurons.SCORES:
            kept = neurons.choose(downs, found, 1536, method, Monitor())
            for fitted in (True, False):
                new = [neurons.compensated(w, m, n) if fitted else w[:, n] for w, m, n in zip(downs, found, kept, strict=True)]
                target = bench.scratch()
                neurons.cut(base, kept, new, target, Monitor())
                small = gated.model_of(model_folder(target))
                after = bits_per_byte(small, texts)
                yield f"{method}{', least squares' if fitted else ''}", change(original, before, after)
                if method == "obs" and fitted:
                    fit_downs(model, small, packed, equal_weights(languages), Monitor())
                    speed = evidence.decoding_speed({"original": bench.model, "small": small}, rounds=3, tokens=16)
                    yield "obs, least squares, repaired", {
                        **change(original, before, bits_per_byte(small, texts)), "mib": model_folder(target).num_bytes / MIB,
                        "decode_ratio": float(speed["ratio"].iloc[1]),
                    }  # fmt: skip


def change(original: dict[str, float], trimmed: dict[str, float], after: dict[str, float]) -> dict[str, Any]:
    """Of bits per byte, beside the original and beside the trimmed model alone."""
    return {
        "beside_original": {code: round(after[code] / original[code] - 1, 4) for code in after},
        "beside_trimmed": {code: round(after[code] / trimmed[code] - 1, 4) for code in after},
    }


def gguf_section(folder: ModelFolder) -> Any:
    """A Q8_0 file of the 32k model, with a quarter of the neurons gone and without."""
    languages, size = CASES["4 languages, 32k"]
    with bench_of(folder, languages) as bench:
        base, model = bench.trimmed(bench.chosen(True, size, None).ids)
        found = moments_of(model, calibration(model, bench.corpus, 512), Monitor())
        downs = [gated.down_of(block).weight for block in model.blocks]
        kept = neurons.choose(downs, found, 1536, "wanda-sp", Monitor())
        narrow = bench.scratch()
        neurons.cut(base, kept, [w[:, n] for w, n in zip(downs, kept, strict=True)], narrow, Monitor())
        for name, path in (("32k", base.path), ("32k, a quarter of the neurons gone", narrow)):
            file = gguf_export.export(model_folder(path), bench.scratch() / "m.gguf", "Q8_0", Monitor())
            errors = gguf_export.read_back(file, path)
            yield (
                name,
                {"mib": file.stat().st_size / MIB, "largest_error": max(one.error for one in errors), "tensors": len(errors)},
            )


SECTIONS = {
    "vocabulary": vocabulary_section,
    "laws": laws_section,
    "order": order_section,
    "neurons": neurons_section,
    "gguf": gguf_section,
}


def report(found: dict[str, Any]) -> str:
    """The figures as Markdown; everything in it was measured in the run."""
    lines = [
        "# Gemma 3 270M made small",
        "",
        f"`python -m benchmarks.shrink`, {found['machine']}. Original: 511 MiB of weights.",
        "",
    ]
    if "vocabulary" in found:
        lines += ["## Vocabulary", "", "Worst kept language on unseen passages. Bits per byte beside the original.", "",
                  "| | MiB | tokens kept | texts longer | bits per byte | decoding |", "|---|---:|---:|---:|---:|---:|"]  # fmt: skip
        for name, row in found["vocabulary"].items():
            low, long = min(row["coverage"].items(), key=lambda i: i[1]), max(row["longer"].items(), key=lambda i: i[1])
            lines.append(
                f"| {name} | {row['mib']:.0f} | {low[1]:.1%} ({low[0]}) | {long[1]:+.1%} ({long[0]}) | "
                f"{row['worst'][1]:+.1%} ({row['worst'][0]}) | {row['decode_ratio']:.2f} times |"
            )
        lines += [""]
    for name, title in (("laws", "Laws and costs"), ("order", "Who says what unseen text needs (share of unseen text's tokens kept)"),
                        ("neurons", "A quarter of the neurons (32k vocabulary; change of bits per byte)"), ("gguf", "GGUF, Q8_0")):  # fmt: skip
        if name in found:
            lines += [f"## {title}", "", *(f"- {key}: {_plain(value)}" for key, value in found[name].items()), ""]
    return "\n".join(lines)


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key} {_plain(item)}" for key, item in value.items())
    return f"{value:.4g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
