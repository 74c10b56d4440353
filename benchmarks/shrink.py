"""How small Gemma 3 270M becomes for some languages, what each loses, and how fast it is: sizes, coverage, bits per byte, speed.

    python -m benchmarks.shrink [--sections vocabulary,neurons,...] [--calibrate FOLDER --evaluate FOLDER] [--out benchmarks/results]

Tokens, neurons, heads and experts are chosen on the calibration half of the built-in passages and measured on the other half, or chosen on
one folder of texts and measured on the opening lines of another. Every section's figures are written when it is done.
"""

import argparse
import dataclasses
import json
import math
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedTokenizerFast

from benchmarks.common import provenance
from mwanda_core.corpora import Corpus, Packed, builtin, builtin_languages, folder as folder_of
from mwanda_core.models import LanguageModel, wrap
from mwanda_core.progress import Monitor
from mwanda_core.shrink import evidence, experts, gated, gguf_export, heads, neurons, vocabulary
from mwanda_core.shrink.costs import Bench, calibration, moments_of, narrowed, texts_of
from mwanda_core.shrink.folders import ModelFolder, model_folder
from mwanda_core.shrink.job import rivals_of, source_folder
from mwanda_core.shrink.moments import equal_weights
from mwanda_core.shrink.perbyte import bits_per_byte, worst
from mwanda_core.shrink.repair import refitted

MODEL = "gemma-3-270m"
CASES = {
    "2 languages, 16k": (("en", "sw"), 16384),
    "4 languages, 32k": (("en", "de", "hi", "sw"), 32768),
    "25 languages, 64k": (tuple(builtin_languages()), 65536),
}
CUT = "4 languages, 32k"
MIB = 2**20
TEXTS, LINES = 8, 40
"""Evaluation passages, or lines of a folder, per language that bits per byte are measured on."""
TOKENS = 1280
"""Calibration tokens per language."""
EXPERTS = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sections", default=",".join(SECTIONS))
    parser.add_argument("--calibrate", default="", help="a folder of <code>.txt files; the built-in passages without it")
    parser.add_argument("--evaluate", default="", help="another one")
    parser.add_argument("--cases", default="", help="only these vocabularies, with semicolons between")
    parser.add_argument("--methods", default=",".join(neurons.SCORES), help="of choosing neurons and heads")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results"))
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    file = given.out / "shrink.json"
    found: dict[str, Any] = json.loads(file.read_text()) if file.is_file() else {}
    found["machine"] = f"{platform.machine()}, {given.threads} thread, torch {torch.__version__}"
    found["facts"] = provenance("python -m benchmarks.shrink", model=MODEL, threads=given.threads)
    folder = source_folder(MODEL)
    cases = tuple(case.strip() for case in given.cases.split(";") if case.strip())
    texts = Given(given.calibrate, given.evaluate, cases, tuple(given.methods.split(",")))
    for name in given.sections.split(","):
        begin = time.perf_counter()
        run = SECTIONS[name]
        place = (
            name
            if run in ALONE or not given.calibrate
            else f"{name}, {Path(given.calibrate).name} to {Path(given.evaluate).name}"
        )
        rows = run() if run in ALONE else run(folder, texts)
        for key, value in rows:
            found.setdefault(place, {})[key] = value
            found.setdefault("commits", {})[place] = found["facts"]["commit"]
            file.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
            print(name, key, json.dumps(value, ensure_ascii=False), f"{time.perf_counter() - begin:.0f} s", flush=True)
    (given.out / "shrink.md").write_text(report(found))


@dataclasses.dataclass(frozen=True)
class Given:
    """Names of the texts to choose on and to measure on ("": the halves of the built-in ones), of cases (none: those of a section) and of
    ways to choose neurons and heads."""

    calibrate: str
    evaluate: str
    cases: tuple[str, ...]
    methods: tuple[str, ...]

    @property
    def case(self) -> str:
        """The one that neurons and heads are cut from."""
        return self.cases[0] if self.cases else CUT

    def calibration(self, languages: Sequence[str]) -> Corpus:
        """Text in these languages."""
        return folder_of(self.calibrate, languages) if self.calibrate else builtin(languages).calibration

    def evaluation(self, languages: Sequence[str]) -> Corpus:
        """Likewise; passages, or lines of which several are as long as one."""
        return folder_of(self.evaluate, languages) if self.evaluate else builtin(languages).evaluation

    def scored(self, languages: Sequence[str]) -> dict[str, list[str]]:
        """What bits per byte are measured on."""
        return texts_of(self.evaluation(languages), LINES if self.evaluate else TEXTS)

    def bench(self, folder: ModelFolder, languages: tuple[str, ...]) -> Bench:
        """Ready to be cut."""
        return Bench(folder, self.calibration(languages), rivals_of(languages), Monitor())


def vocabulary_section(folder: ModelFolder, given: Given) -> Any:
    """Size, coverage, length and loss of each case on text that nothing was chosen on, and decoding speed beside the original."""
    for name in given.cases or CASES:
        languages, size = CASES[name]
        with given.bench(folder, languages) as bench:
            kept = bench.chosen(True, size, None)
            trimmed, model = bench.trimmed(kept.ids)
            reached = bench.reach(kept.ids, texts_of(given.evaluation(languages)))
            some = {
                code: items
                for code, items in given.scored(languages).items()
                if len(languages) < 10 or code in ("en", "sw", "th", "ru")
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


def laws_section(folder: ModelFolder, given: Given) -> Any:
    """Loss of covered sentences, which can only fall; and the time and memory that a trim takes, in a process of its own."""
    languages, size = CASES["4 languages, 32k"]
    with given.bench(folder, languages) as bench:
        kept = bench.chosen(True, size, None)
        _, model = bench.trimmed(kept.ids)
        inside = set(kept.ids)
        covered = {
            code: [s for p in items[:TEXTS] for s in p.sentences if set(bench.model.encode(s)) <= inside]
            for code, items in given.evaluation(languages).passages.items()
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


def order_section(folder: ModelFolder, given: Given) -> Any:
    """Who says what unseen text needs: the model, or letters and the table's order."""
    for name in ("2 languages, 16k", "4 languages, 32k"):
        languages, size = CASES[name]
        for by_model in (True, False):
            with given.bench(folder, languages) as bench:
                kept = bench.chosen(by_model, size, None)
                reached = bench.reach(kept.ids, texts_of(given.evaluation(languages)))
                who = "the model" if by_model else "letters and order"
                yield f"{name}, {who}", {r.language: round(r.coverage, 4) for r in reached}


def neurons_section(folder: ModelFolder, given: Given) -> Any:
    """A quarter of the neurons, by four methods, with and without least squares, and repaired; from the 32k vocabulary."""
    yield from _cut_section(folder, given, gated.DOWN)


def heads_section(folder: ModelFolder, given: Given) -> Any:
    """Half of the attention heads likewise."""
    yield from _cut_section(folder, given, heads.OUT)


def _cut_section(folder: ModelFolder, given: Given, part: str) -> Any:
    languages, size = CASES[given.case]
    case = "" if given.case == CUT else f"{given.case}: "
    texts = given.scored(languages)
    with given.bench(folder, languages) as bench:
        base, model = bench.trimmed(bench.chosen(True, size, None).ids)
        original, before = bits_per_byte(bench.model, texts), bits_per_byte(model, texts)
        packed = calibration(model, bench.corpus, TOKENS)
        found = moments_of(model, packed, Monitor(), name=part)
        weights, shape = [gated.linear_of(block, part).weight for block in model.blocks], heads.attention_of(base)
        for method in given.methods:
            if part == heads.OUT:
                left = heads.settled(shape, base.text_config["hidden_size"], shape.heads // 2, None)
                kept = heads.choose(weights, found, shape, left, method, Monitor())
                columns = [heads.columns_of(shape, numbers) for numbers in kept]
            else:
                columns = kept = neurons.choose(weights, found, 1536, method, Monitor())
            for fitted in (True, False):
                new = [
                    neurons.compensated(w, m, n) if fitted else w[:, n] for w, m, n in zip(weights, found, columns, strict=True)
                ]
                target = bench.scratch()
                (heads if part == heads.OUT else neurons).cut(base, kept, new, target, Monitor())
                small = gated.model_of(model_folder(target))
                yield (
                    f"{case}{method}{', least squares' if fitted else ''}",
                    change(original, before, bits_per_byte(small, texts)),
                )
                if method == "obs" and fitted:
                    refitted(model, small, packed, equal_weights(languages), Monitor(), (part,))
                    speed = evidence.decoding_speed({"original": bench.model, "small": small}, rounds=3, tokens=16)
                    yield f"{case}obs, least squares, repaired", {
                        **change(original, before, bits_per_byte(small, texts)), "mib": model_folder(target).num_bytes / MIB,
                        "decode_ratio": float(speed["ratio"].iloc[1]),
                    }  # fmt: skip


def change(original: dict[str, float], trimmed: dict[str, float], after: dict[str, float]) -> dict[str, Any]:
    """Of bits per byte, beside the original and beside the trimmed model alone."""
    return {
        "beside_original": {code: round(after[code] / original[code] - 1, 4) for code in after},
        "beside_trimmed": {code: round(after[code] / trimmed[code] - 1, 4) for code in after},
    }


def gguf_section(folder: ModelFolder, given: Given) -> Any:
    """Files of a 32k model in eight and in four bits, read back. (Which tokens it has matters for neither.)"""
    languages, size = CASES[CUT]
    with given.bench(folder, languages) as bench:
        base, model = bench.trimmed(bench.chosen(False, size, None).ids)
        found = moments_of(model, calibration(model, bench.corpus, 512), Monitor())
        narrow = bench.scratch()
        narrowed(base, model, found, 1536, "wanda-sp", narrow, Monitor())
        for name, path in (("32k", base.path), ("32k, a quarter of the neurons gone", narrow)):
            for kind in ("Q8_0", "Q4_0"):
                file = gguf_export.export(model_folder(path), bench.scratch() / "m.gguf", kind, Monitor())
                errors = gguf_export.read_back(file, path)
                largest = max(one.error for one in errors)
                yield f"{name}, {kind}", {"mib": file.stat().st_size / MIB, "largest_error": largest, "tensors": len(errors)}


def bits_section(folder: ModelFolder, given: Given) -> Any:
    """What four bits cost a trimmed model, beside what they cost the original: bits per byte."""
    languages, size = CASES[given.cases[0] if given.cases else "2 languages, 16k"]
    texts = given.scored(languages)
    with given.bench(folder, languages) as bench:
        _, model = bench.trimmed(bench.chosen(True, size, None).ids)
        for name, one in (("original", bench.model), (f"{size // 1024}k", model)):
            before = bits_per_byte(one, texts)
            rounded(one)
            after = bits_per_byte(one, texts)
            yield name, {code: round(after[code] / before[code] - 1, 4) for code in after}


@torch.no_grad()
def rounded(model: LanguageModel) -> None:
    """The weights as a Q4_0 file holds them, embedding and head in eight bits as there."""
    from gguf import GGMLQuantizationType, quants

    for name, parameter in model.hf.named_parameters():
        if parameter.dim() == 2 and parameter.shape[1] % gguf_export.BLOCK == 0:
            kind = GGMLQuantizationType["Q8_0" if "embed_tokens" in name or "lm_head" in name else "Q4_0"]
            parameter.copy_(torch.from_numpy(quants.dequantize(quants.quantize(parameter.float().numpy(), kind), kind)))


def experts_section() -> Any:
    """A small mixture, trained here on bytes of five languages: half of its experts go, chosen on English alone or on all languages."""
    languages = ("en", "sw", "hi", "th", "ru")
    halves, model = builtin(languages), mixture()
    train(model, calibration(model, halves.calibration, 6000))
    texts = texts_of(halves.evaluation, TEXTS)
    before = bits_per_byte(model, texts)
    yield "bits per byte of the whole", before
    every = {"all languages": languages, "English alone": ("en",)}
    for who, some in every.items():
        use = experts.uses(model, calibration(model, halves.calibration.select(some), 3000), Monitor())
        for method in experts.METHODS:
            kept = experts.choose(use, EXPERTS // 2, method)
            with experts.without(model, experts.removed(kept, EXPERTS)):
                after = bits_per_byte(model, texts)
            yield f"{method}, {who}", {code: round(after[code] / before[code] - 1, 4) for code in after}


def mixture() -> LanguageModel:
    """Random, in two blocks of `EXPERTS` experts, of which a byte is sent to two."""
    torch.manual_seed(0)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    backend = Tokenizer(models.BPE(vocab={byte: number for number, byte in enumerate(["<bos>", *alphabet])}, merges=[]))
    backend.pre_tokenizer, backend.decoder = (
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        decoders.ByteLevel(),
    )
    backend.post_processor = processors.TemplateProcessing(single="<bos> $A", special_tokens=[("<bos>", 0)])
    config = AutoConfig.for_model(
        "qwen3_moe", vocab_size=257, hidden_size=96, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, head_dim=24,
        num_experts=EXPERTS, num_local_experts=EXPERTS, num_experts_per_tok=2, moe_intermediate_size=96, norm_topk_prob=True,
        bos_token_id=0, eos_token_id=None, pad_token_id=None,
    )  # fmt: skip
    return wrap(
        AutoModelForCausalLM.from_config(config),
        PreTrainedTokenizerFast(tokenizer_object=backend, bos_token="<bos>"),
        source="a small mixture",
    )


def train(model: LanguageModel, packed: Packed, steps: int = 300, rows: int = 12) -> None:
    """Next bytes, with AdamW; every step reads all languages alike."""
    parameters = [parameter.requires_grad_(True) for parameter in model.hf.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=3e-3)
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = 3e-3 * (1 - step / steps)
        ids = packed.ids[torch.randint(len(packed.ids), (rows,))]
        with torch.enable_grad():
            model.hf(input_ids=ids, labels=ids).loss.backward()
        optimiser.step()
        optimiser.zero_grad()
    for parameter in parameters:
        parameter.requires_grad_(False)


def large_section() -> Any:
    """A Llama of seven billion weights and 262,144 tokens is trimmed from disk in a process that may not have more than 4 GiB. Embedding and
    head are random; its blocks, which are copied as they are, are zeros."""
    source = source_folder(MODEL)
    with tempfile.TemporaryDirectory() as scratch:
        folder, out = Path(scratch) / "llama", Path(scratch) / "out"
        folder.mkdir()
        out.mkdir()
        shutil.copyfile(source.path / "tokenizer.json", folder / "tokenizer.json")
        before = _large(folder, 262144)
        code = (
            "import json,resource,sys,time;from pathlib import Path;limit=4*2**30;resource.setrlimit(resource.RLIMIT_AS,(limit,limit));"
            "from tokenizers import Tokenizer;from mwanda_core.corpora import builtin;from mwanda_core.progress import Monitor;"
            "from mwanda_core.shrink import likeness,vocabulary;from mwanda_core.shrink.choice import choose;"
            "from mwanda_core.shrink.counts import count,smoothed;from mwanda_core.shrink.folders import model_folder;"
            "t=time.perf_counter();folder=model_folder(Path(sys.argv[1]));table=vocabulary.table_of(folder);"
            "texts={c:[p.text for p in v] for c,v in builtin(('en','sw')).calibration.passages.items()};"
            "counts=count(Tokenizer.from_file(str(folder.path/'tokenizer.json')),texts,table.size);"
            "frequencies=smoothed(counts,likeness.expected(table,texts,[]));"
            "kept=choose(table,frequencies,sorted(vocabulary.kept_ids(folder,table)),budget=32768);u=time.perf_counter();"
            "vocabulary.trim(folder,kept.ids,Path(sys.argv[2]),Monitor());"
            "print(json.dumps([u-t,time.perf_counter()-u,resource.getrusage(resource.RUSAGE_SELF).ru_maxrss*1024]))"
        )
        done = subprocess.run([sys.executable, "-c", code, str(folder), str(out)], capture_output=True, text=True, check=True)
        choosing, trimming, peak = json.loads(done.stdout)
        after = sum(file.stat().st_size for file in out.glob("*.safetensors"))
        yield "Llama of 7B, 262k to 32k tokens", {
            "gib_before": before / 2**30, "gib_after": after / 2**30, "seconds_to_choose": choosing, "seconds_to_trim": trimming,
            "limit_gib": 4, "peak_gib": peak / 2**30,
        }  # fmt: skip


def _large(folder: Path, tokens: int, hidden: int = 4096, inner: int = 11008, blocks: int = 32) -> int:
    """Write configuration and weights of a Llama of 7B in files of up to two blocks, holes for zeros; bytes of the weights."""
    config = {
        "model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": tokens, "hidden_size": hidden, "intermediate_size": inner,
        "num_hidden_layers": blocks, "num_attention_heads": 32, "num_key_value_heads": 32, "bos_token_id": 2, "eos_token_id": 1,
        "tie_word_embeddings": False, "torch_dtype": "bfloat16",
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))
    block = {f"self_attn.{p}_proj.weight": (hidden, hidden) for p in "qkvo"}
    block |= {f"mlp.{p}_proj.weight": (inner, hidden) for p in ("gate", "up")} | {"mlp.down_proj.weight": (hidden, inner)}
    block |= {f"{p}_layernorm.weight": (hidden,) for p in ("input", "post_attention")}
    files = [
        {"model.embed_tokens.weight": (tokens, hidden)},
        {"lm_head.weight": (tokens, hidden), "model.norm.weight": (hidden,)},
    ]
    files += [{f"model.layers.{n}.{name}": shape for name, shape in block.items()} for n in range(blocks)]
    total, homes = 0, {}
    for number, shapes in enumerate(files):
        file, entries, offset = folder / f"model-{number:05}.safetensors", {}, 0
        for name, shape in shapes.items():
            size = 2 * math.prod(shape)
            entries[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [offset, offset + size]}
            offset, homes[name] = offset + size, file.name
        head = json.dumps(entries).encode()
        with file.open("wb") as stream:
            stream.write(len(head).to_bytes(8, "little") + head)
            if number < 2:
                some = np.random.default_rng(number).bytes(2**23)
                for _ in range(2 * tokens * hidden // len(some)):
                    stream.write(some)
            stream.truncate(8 + len(head) + offset)
        total += offset
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {"total_size": total}, "weight_map": homes}))
    return total


SECTIONS = {
    "vocabulary": vocabulary_section,
    "laws": laws_section,
    "order": order_section,
    "neurons": neurons_section,
    "heads": heads_section,
    "gguf": gguf_section,
    "bits": bits_section,
    "experts": experts_section,
    "large": large_section,
}
ALONE = (experts_section, large_section)
"""Sections of models of their own."""


TITLES = {
    "vocabulary": "Vocabulary", "laws": "Laws and costs", "order": "Who says what unseen text needs (share of unseen text's tokens kept)",
    "neurons": "A quarter of the neurons (32k vocabulary; change of bits per byte)",
    "heads": "Half of the attention heads (32k vocabulary; change of bits per byte)", "gguf": "GGUF",
    "bits": "From 16 bits to Q4_0 (change of bits per byte)",
    "experts": "Half of the experts of a small mixture, trained here (change of bits per byte)", "large": "A large model from disk",
}  # fmt: skip


def report(found: dict[str, Any]) -> str:
    """The figures as Markdown; everything in it was measured by this program."""
    lines = [
        "# Gemma 3 270M made small", "",
        f"`python -m benchmarks.shrink`, {found['machine']}. Original: 511 MiB of weights. Where texts are named, tokens, neurons and heads were "
        "chosen on the first and all was measured on the second; else on the two halves of the built-in passages. Sections were made at different "
        "times; `commits` in the JSON file says by which code.", "",
    ]  # fmt: skip
    for key, rows in found.items():
        name, _, texts = key.partition(", ")
        if name not in TITLES:
            continue
        lines += [f"## {TITLES[name]}{f': {texts}' if texts else ''}", ""]
        if name == "vocabulary":
            lines += ["Worst kept language on unseen text. Bits per byte beside the original.", "",
                      "| | MiB | tokens kept | texts longer | bits per byte | decoding |", "|---|---:|---:|---:|---:|---:|"]  # fmt: skip
            for case, row in rows.items():
                low, long = min(row["coverage"].items(), key=lambda i: i[1]), max(row["longer"].items(), key=lambda i: i[1])
                lines.append(
                    f"| {case} | {row['mib']:.0f} | {low[1]:.1%} ({low[0]}) | {long[1]:+.1%} ({long[0]}) | "
                    f"{row['worst'][1]:+.1%} ({row['worst'][0]}) | {row['decode_ratio']:.2f} times |"
                )
        else:
            lines += [f"- {case}: {_plain(value)}" for case, value in rows.items()]
        lines += [""]
    return "\n".join(lines)


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key} {_plain(item)}" for key, item in value.items())
    return f"{value:.4g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
