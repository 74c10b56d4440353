"""What pruning does, as digests: every recipe in every mode on tiny random models, and reports of whole runs.

A refactor must give the same bits. Floating point adds in another order on another processor and under another torch, so
digests belong to one torch and one set of vector instructions, and say nothing elsewhere (`comparable`). `scripts/golden.py`
makes and checks the files in tests/golden.
"""

import dataclasses
import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import tiny
import torch
from safetensors.torch import load_file
from torch import Tensor
from transformers import AutoModelForCausalLM

from mwanda_core.engine.distributed import Alone
from mwanda_core.engine.measure import BlockStats, measure_model
from mwanda_core.engine.onload import Onloaded, OnloadSettings, prune_onloading
from mwanda_core.engine.outcome import PruneResult
from mwanda_core.engine.pruning import prune
from mwanda_core.errors import InputError
from mwanda_core.methods.composition import Recipe
from mwanda_core.methods.recipes import RECIPES, recipe
from mwanda_core.methods.repair import Training
from mwanda_core.models import LanguageModel
from mwanda_core.parts.needs import SUMS
from mwanda_core.parts.patterns import NtoM
from mwanda_core.progress import Monitor
from mwanda_core.run.experiment import Settings, Workbench

FOLDER = Path(__file__).parents[1] / "golden"
MODES = ("sequential", "one-pass", "per-linear", "onloading", "alone sequential", "alone one-pass", "alone per-linear")
SPARSITY = 0.5

FAMILIES = ("llama", "gemma3_text", "gpt2")
"""A plain family, one whose blocks are called differently, one with biases and transposed weights."""

Digests = dict[str, Any]
Case = Callable[[], Digests]


def cases() -> dict[str, Case]:
    """Name -> what makes its digests."""
    found: dict[str, Case] = {}
    for family in FAMILIES:
        for name in RECIPES:
            for mode in MODES:
                found[f"{family} / {name} / {mode}"] = lambda f=family, n=name, m=mode: pruned(f, brief(recipe(n)), m)
    found |= dict(_variants())
    found |= dict(_reports())
    return found


def brief(found: Recipe) -> Recipe:
    """The recipe with few steps, where it takes hundreds."""
    return found.replace(steps=4, tokens=24) if isinstance(found.repair, Training) else found


QUICK = (
    "llama / m-wanda / sequential",
    "gpt2 / stade / per-linear",
    "gpt2 / stade / onloading",
    "llama / swaps / one-pass",
    "gemma3_text / m-wanda / alone sequential",
    "llama / wanda++ / sequential",
    "gemma3_text / gblm / one-pass",
    "llama / worst-swaps / sequential",
    "protected wanda / sequential",
    "mixed 2:4 m-wanda / per-linear",
    "global wanda / one-pass",
    "many m-wanda / per-linear",
    "report m-wanda / sequential",
)
"""Cases for every run of the tests; all others are for the script."""


def _variants() -> Iterator[tuple[str, Case]]:
    patterns = {
        "2:4 wanda": recipe("wanda", pattern=NtoM(2, 4)),
        "2:4 sparsegpt": recipe("sparsegpt", pattern=NtoM(2, 4)),
        "2:4 swaps": recipe("swaps", pattern=NtoM(2, 4)),
        "2:4 sparsefw": recipe("sparsefw", pattern=NtoM(2, 4)),
        "2:4 dsnot": recipe("dsnot", pattern=NtoM(2, 4)),
        "2:4 wanda++": recipe("wanda++", pattern=NtoM(2, 4)),
        "mixed 2:4 m-wanda": recipe("m-wanda", pattern=NtoM(2, 4, mixed=True)),
        "layer ria": recipe("ria", scope="layer"),
        "global wanda": recipe("wanda", scope="global"),
        "global gblm": recipe("gblm", scope="global"),
        "global stade": recipe("stade", scope="global"),
    }
    for name, found in patterns.items():
        for mode in MODES:
            yield f"{name} / {mode}", lambda r=found, m=mode: pruned("llama", r, m)
    for name in ("wanda", "m-wanda", "m-wanda-measured", "wanda++", "gblm", "swaps", "trim"):
        for mode in MODES[:3]:
            yield f"protected {name} / {mode}", lambda n=name, m=mode: pruned("llama", recipe(n), m, protects=True)
    for name in ("m-wanda", "owl", "wanda", "stade"):
        for mode in MODES[:3]:
            yield f"given {name} / {mode}", lambda n=name, m=mode: pruned("gpt2", recipe(n), m, given=True)
    for name in ("m-wanda", "sparsegpt", "wanda++"):
        for mode in MODES:
            yield f"many {name} / {mode}", lambda n=name, m=mode: pruned("smollm3", recipe(n), m, many=True)
        yield f"half precision {name} / sequential", lambda n=name: pruned("llama", recipe(n), "sequential", half=True)


def packed(many: bool) -> Any:
    """The calibration tokens: nine short sequences, or enough for several batches."""
    return tiny.packed(per_language=24, time=60) if many else tiny.packed()


def pruned(
    family: str,
    entry: Recipe,
    mode: str,
    protects: bool = False,
    given: bool = False,
    many: bool = False,
    half: bool = False,
) -> Digests:
    """Digests of one prune; only "refused" where it is refused."""
    # A part of the tokens for the allocation, so that both passes are different where there are two.
    share = 0.5 if many else 1.0
    try:
        if mode == "onloading":
            return _onloaded(family, entry, many, share)
        model = tiny.language_model(family)
        if half:
            model = tiny.wrap(tiny.hf_model(family).bfloat16(), tiny.tokenizer())
        if mode.startswith("alone "):
            done = prune(
                model, packed(many), entry, SPARSITY, mode.removeprefix("alone "), group=Alone(), allocation_share=share
            )
        else:
            stats = measure_model(model, packed(many), SUMS, Monitor()) if given else None
            protect = _protected(model) if protects else None
            done = prune(model, packed(many), entry, SPARSITY, mode, stats=stats, allocation_share=share, protect=protect)
    except InputError:
        return {"refused": True}
    return _digests(done, done.masks) | {
        "updates": _tensors(done.updates),
        "statistics": _statistics(done.stats),
        "weights": _tensors(model.hf.state_dict()),
    }


def _onloaded(family: str, entry: Recipe, many: bool, share: float) -> Digests:
    with tempfile.TemporaryDirectory() as scratch:
        source, target = Path(scratch) / "source", Path(scratch) / "target"
        tiny.hf_model(family).save_pretrained(str(source))
        tiny.tokenizer().save_pretrained(str(source))
        settings = OnloadSettings("cpu", "float32", "disk" if many else "memory", share)
        done = prune_onloading(source, target, packed(many), entry, SPARSITY, settings)
        masks: dict[str, Tensor] = {}
        for file in (target / "masks").iterdir():
            masks |= load_file(file)
        weights = AutoModelForCausalLM.from_pretrained(str(target), dtype=torch.float32).state_dict()
        return _digests(done, masks) | {"weights": _tensors(weights)}


def _protected(model: LanguageModel) -> dict[str, Tensor]:
    """A third of the weights of every other linear."""
    generator = torch.Generator().manual_seed(7)
    return {
        block.full_name(linear): torch.rand(linear.weight.shape, generator=generator) < 1 / 3
        for block in model.blocks
        for linear in block.linears[::2]
    }


def _reports() -> Iterator[tuple[str, Case]]:
    for name, mode in (("m-wanda", "sequential"), ("wanda", "one-pass"), ("m-ria", "per-linear"), ("wanda++", "sequential")):
        yield f"report {name} / {mode}", lambda n=name, m=mode: _report(n, m)


def _report(method: str, mode: str) -> Digests:
    bench = Workbench()
    bench.adopt(tiny.language_model("llama"), "tiny")
    settings = Settings(
        model="tiny",
        languages=("en", "el"),
        held_out=("sw",),
        tokens_per_language=256,
        sequence_length=64,
        eval_texts=2,
        method=method,
        mode=mode,
    )
    done = bench.run(settings)
    return {name: _text(table.to_csv(index=False)) for name, table in sorted(done.report.tables.items())}


def _digests(done: PruneResult | Onloaded, masks: Mapping[str, Tensor]) -> Digests:
    return {
        "masks": _tensors(masks),
        "allocation": _text(repr(dataclasses.astuple(done.allocation))),
        "linears": _text(repr([dataclasses.astuple(outcome) for outcome in done.linears])),
        "notes": _text(repr([str(note) for note in done.notes])),
    }


def _tensors(tensors: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().contiguous().flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()[:16]


def _statistics(stats: tuple[BlockStats, ...]) -> str:
    return _tensors(
        {
            f"{index} {name} {found.modules} {part}": getattr(found, part)
            for index, by_name in enumerate(stats)
            for name, found in by_name.items()
            for part in ("sumsq", "total", "positive", "tokens")
        }
    )


def _text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def machine() -> dict[str, str]:
    """What the digests belong to."""
    return {"torch": torch.__version__, "capability": torch.backends.cpu.get_cpu_capability()}


def comparable(stored: Mapping[str, Any]) -> str:
    """Why stored digests say nothing here; "" where they do."""
    differing = [f"{key} {stored[key]}, here {value}" for key, value in machine().items() if stored[key] != value]
    return f"made with {'; '.join(differing)}" if differing else ""


def load() -> dict[str, Any]:
    """The stored digests: torch, capability, and the cases by name."""
    found: dict[str, Any] = json.loads((FOLDER / "pruning.json").read_text(encoding="utf-8"))
    return found


def store(found: Mapping[str, Digests]) -> None:
    """Write the digests, a case a line."""
    lines = ",\n".join(f"    {json.dumps(name)}: {json.dumps(value)}" for name, value in sorted(found.items()))
    head = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in machine().items())
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "pruning.json").write_text(f'{{\n{head},\n  "cases": {{\n{lines}\n  }}\n}}\n', encoding="utf-8")
