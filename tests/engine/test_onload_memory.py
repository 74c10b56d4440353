"""A model three times as large as the memory that a process may have is pruned in it, and the estimate said how much it takes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from transformers import LlamaConfig

from mwanda_core.engine.onload.files import Source, write_shard

HIDDEN, WIDE, BLOCKS, VOCABULARY = 768, 3072, 9, 1000

SCRIPT = """
import json, resource, sys
from pathlib import Path
import psutil, torch
from mwanda_core.corpora import Packed
from mwanda_core.engine.onload import OnloadSettings, prune_onloading
from mwanda_core.methods.recipes import recipe

torch.set_num_threads(1)
small, large, out, allowed = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
out.mkdir()
ids = torch.randint(0, 1000, (4, 64), generator=torch.Generator().manual_seed(0))
texts = Packed("random", ("en", "de"), ids, torch.tensor([0, 0, 1, 1]), ((),) * 4)
prune_onloading(small, out / "small", texts, recipe("wanda"), 0.5, OnloadSettings("cpu", "float32"))  # Everything is imported now.

held = next(int(l.split()[1]) * 1024 for l in open("/proc/self/status") if l.startswith("VmData"))
resource.setrlimit(resource.RLIMIT_DATA, (held + allowed, held + allowed))
try:
    torch.empty(3 * allowed, dtype=torch.uint8)
    refused = False
except RuntimeError:
    refused = True
before = psutil.Process().memory_info().rss
found = prune_onloading(large, out / "large", texts, recipe("wanda"), 0.5, OnloadSettings("cpu", "float32"))
print(json.dumps({"refused": refused, "job": found.estimate.job, "model": found.estimate.model, "total": found.estimate.total,
    "used": found.peak - before, "peak": found.peak, "achieved": found.achieved}))
"""


def write_random_llama(folder: Path, blocks: int) -> None:
    """A Llama whose weights were never all in memory: each is made when it is written."""
    folder.mkdir()
    config = LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=HIDDEN, intermediate_size=WIDE, num_hidden_layers=blocks, num_attention_heads=8,
        num_key_value_heads=8, tie_word_embeddings=True, architectures=["LlamaForCausalLM"],
    )  # fmt: skip
    config.save_pretrained(str(folder))
    generator = torch.Generator().manual_seed(0)

    def weight(*shape: int) -> Source:
        return Source(torch.float32, shape, lambda: torch.randn(shape, generator=generator) * shape[-1] ** -0.5)

    outer = {"model.embed_tokens.weight": weight(VOCABULARY, HIDDEN), "model.norm.weight": weight(HIDDEN)}
    write_shard(folder / "model-0.safetensors", outer)
    places = dict.fromkeys(outer, "model-0.safetensors")
    for index in range(blocks):
        square = {f"self_attn.{kind}_proj.weight": weight(HIDDEN, HIDDEN) for kind in "qkvo"}
        gates = {f"mlp.{kind}_proj.weight": weight(WIDE, HIDDEN) for kind in ("gate", "up")}
        norms = {f"{kind}_layernorm.weight": weight(HIDDEN) for kind in ("input", "post_attention")}
        block = square | gates | norms | {"mlp.down_proj.weight": weight(HIDDEN, WIDE)}
        named = {f"model.layers.{index}.{name}": source for name, source in block.items()}
        write_shard(folder / f"model-{index + 1}.safetensors", named)
        places |= dict.fromkeys(named, f"model-{index + 1}.safetensors")
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": places}))


@pytest.mark.skipif(sys.platform != "linux", reason="a limit on a process's data, and its peak, are Linux's")
def test_three_times_the_memory(tmp_path: Path) -> None:
    write_random_llama(tmp_path / "small", 1)
    write_random_llama(tmp_path / "large", BLOCKS)
    size = sum(path.stat().st_size for path in (tmp_path / "large").iterdir())
    allowed = size // 3
    arguments = [tmp_path / "small", tmp_path / "large", tmp_path / "out", allowed]
    # The C library keeps freed pieces below 32 MiB for itself unless told otherwise; weights of real size are larger.
    environment = os.environ | {"MALLOC_MMAP_THRESHOLD_": "131072"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, arguments)],
        capture_output=True, text=True, check=False, timeout=300, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["refused"], "the limit did not hold"
    assert found["model"] > 2.9 * allowed
    assert found["achieved"] == pytest.approx(0.5)
    assert found["used"] < allowed
    assert found["total"] == pytest.approx(found["peak"], rel=0.2)
    assert found["job"] == pytest.approx(found["used"], rel=0.2), found
