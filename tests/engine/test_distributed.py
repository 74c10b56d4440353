"""Several processes measure parts of the tokens and prune as one: laws in this process, and two real processes."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import tiny
import torch
from torch.testing import assert_close

from mwanda_core.corpora import Packed
from mwanda_core.engine.distributed import Alone, Group
from mwanda_core.engine.distributed.__main__ import main
from mwanda_core.engine.group import add_up, share_of
from mwanda_core.engine.measure import BlockPass, measure_block, measure_model
from mwanda_core.engine.meters import GramMeter, LastTokenMeter, Wants
from mwanda_core.engine.outcome import Mode
from mwanda_core.engine.pruning import prune
from mwanda_core.engine.streams import MEMORY, stream
from mwanda_core.errors import InputError
from mwanda_core.methods.recipes import recipe
from mwanda_core.parts.needs import SUMS, Need, Scope, within
from mwanda_core.progress import Monitor


class Part(Group):
    """One of several processes, for what needs no sum."""

    def __init__(self, rank: int, size: int) -> None:
        self.rank, self.size = rank, size

    def sum(self, values: torch.Tensor) -> torch.Tensor:
        raise AssertionError("no sum is taken here")


class Twin(Group):
    """Two processes that happen to have the same sequences."""

    rank, size = 0, 2

    def sum(self, values: torch.Tensor) -> torch.Tensor:
        return 2 * values


@pytest.mark.parametrize("size", [1, 2, 3, 9])
def test_every_sequence_has_one_process(size: int, calibration: Packed) -> None:
    parts = [share_of(calibration, Part(rank, size)) for rank in range(size)]
    ids = torch.cat([part.ids for part in parts])
    assert sorted(map(tuple, ids.tolist())) == sorted(map(tuple, calibration.ids.tolist()))
    assert sum(len(part.sources) for part in parts) == len(calibration.ids)
    assert max(len(part.ids) for part in parts) - min(len(part.ids) for part in parts) <= 1


def test_sums_of_the_parts_are_the_sum_of_the_whole(calibration: Packed) -> None:
    model = tiny.language_model("llama")
    whole = measure_model(model, calibration, SUMS, Monitor())
    halves = [measure_model(model, share_of(calibration, Part(rank, 2)), SUMS, Monitor()) for rank in range(2)]
    for one, other, wanted in zip(*halves, whole, strict=True):
        for name in wanted:
            both = one[name] + other[name]
            assert_close(both.sumsq, wanted[name].sumsq, rtol=1e-12, atol=0)
            assert torch.equal(both.positive, wanted[name].positive)
            assert torch.equal(both.tokens, wanted[name].tokens)


def test_adding_up_by_hand(calibration: Packed) -> None:
    stats = measure_model(tiny.language_model("llama"), calibration, SUMS, Monitor())[0]["self_attn.q_proj"]
    twice = add_up(stats, Twin())
    assert torch.equal(twice.sumsq, 2 * stats.sumsq)
    assert torch.equal(twice.total, 2 * stats.total)
    assert torch.equal(twice.positive, 2 * stats.positive)
    assert torch.equal(twice.tokens, 2 * stats.tokens)
    assert twice.modules == stats.modules
    assert twice.languages == stats.languages


@pytest.mark.parametrize("mode", ["sequential", "one-pass", "per-linear"])
@pytest.mark.parametrize("method", ["wanda", "m-wanda", "stade"])
def test_one_process_is_pruning_as_ever(mode: Mode, method: str, calibration: Packed) -> None:
    found = prune(tiny.language_model("gpt2"), calibration, recipe(method), 0.5, mode, group=Alone())
    model = tiny.language_model("gpt2")
    wanted = prune(model, calibration, recipe(method), 0.5, mode)
    assert tiny.same(found.masks, wanted.masks)
    assert found.updates.keys() == wanted.updates.keys()
    assert found.mode == mode
    assert found.notes == wanted.notes
    assert [o.module for o in found.linears] == [o.module for o in wanted.linears]


def test_what_cannot_be_shared_is_refused(calibration: Packed) -> None:
    model = tiny.language_model("llama")
    with pytest.raises(InputError, match="10 processes cannot share 9 sequences"):
        share_of(calibration, Part(0, 10))
    with pytest.raises(
        InputError, match=r"can only add up what each measures on its own tokens, and .* the gradient of the loss"
    ):
        prune(model, calibration, recipe("gblm"), 0.5, group=Twin())


def test_what_one_pass_measures_is_added_up_as_one_process_measures_it(calibration: Packed) -> None:
    """Both halves by hand: a Gram matrix is the sum, and the last tokens stand in the order of one process."""
    model, wants = (
        tiny.language_model("llama"),
        Wants(within(Scope.BLOCK), torch.full((3,), 1 / 3) / calibration.tokens_per_language),
    )

    def measured(packed: Packed) -> BlockPass:
        tokens = stream(model, packed, MEMORY)
        return measure_block(model, model.blocks[0], tokens.recordings, tokens.hidden, packed.languages, wants, Monitor())

    whole = measured(calibration)
    mine, other = (measured(share_of(calibration, Part(rank, 2))) for rank in range(2))
    for name, wanted in whole.measured[Need.GRAM].items():
        their_gram = other.measured[Need.GRAM][name].flatten()
        added = GramMeter.add_up(mine.measured[Need.GRAM][name], 0, 2, their_gram.add)
        assert_close(added, wanted, rtol=1e-4, atol=1e-6)
    for name, wanted in whole.measured[Need.SAMPLES].items():
        theirs = torch.zeros_like(wanted)
        theirs[:, 1::2] = other.measured[Need.SAMPLES][name]
        said = {1: torch.tensor([4.0]), wanted.numel(): theirs.flatten()}  # Their count, then their columns.
        added = LastTokenMeter.add_up(
            mine.measured[Need.SAMPLES][name], 0, 2, lambda values, said=said: values + said[len(values)]
        )
        assert_close(added, wanted, rtol=1e-5, atol=1e-6)


TWO = """
import json, sys
sys.path.insert(0, sys.argv[1])
import tiny, torch
from mwanda_core.engine.distributed import joined
from mwanda_core.engine.pruning import prune
from mwanda_core.methods.recipes import recipe

torch.set_num_threads(1)
MODES = {"sequential": "m-wanda", "one-pass": "m-wanda", "per-linear": "m-wanda", "sequential gram": "swaps", "sequential samples": "trim"}
with joined() as group:
    found = {}
    for mode, method in MODES.items():
        result = prune(tiny.language_model("gemma3_text"), tiny.packed(), recipe(method), 0.5, mode.split()[0], group=group)
        found[mode] = {name: mask.tolist() for name, mask in result.masks.items()}
    print(json.dumps({"rank": group.rank, "size": group.size, "masks": found}))
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_two_processes_cut_the_masks_of_one() -> None:
    port = str(free_port())
    processes = []
    for rank in range(2):
        settings = {
            "MASTER_ADDR": "127.0.0.1",
            "MASTER_PORT": port,
            "RANK": str(rank),
            "LOCAL_RANK": str(rank),
            "WORLD_SIZE": "2",
        }
        command = [sys.executable, "-c", TWO, str(Path(__file__).parents[1] / "helpers")]
        pipe = subprocess.PIPE
        processes.append(subprocess.Popen(command, env=os.environ | settings, stdout=pipe, stderr=pipe, text=True))
    answers = []
    for process in processes:
        out, said = process.communicate(timeout=300)
        assert process.returncode == 0, said
        answers.append(json.loads(out.splitlines()[-1]))
    assert sorted((answer["rank"], answer["size"]) for answer in answers) == [(0, 2), (1, 2)]
    assert answers[0]["masks"] == answers[1]["masks"]
    for mode, masks in answers[0]["masks"].items():
        method = {"sequential gram": "swaps", "sequential samples": "trim"}.get(mode, "m-wanda")
        alone = prune(tiny.language_model("gemma3_text"), tiny.packed(), recipe(method), 0.5, mode.split()[0])
        assert masks == {name: mask.tolist() for name, mask in alone.masks.items()}, mode


def test_the_command_says_what_it_did_and_what_it_cannot_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tiny.hf_model("llama").save_pretrained(str(tmp_path / "dense"))
    tiny.tokenizer().save_pretrained(str(tmp_path / "dense"))
    arguments = ["--model", str(tmp_path / "dense"), "--languages", "en,de", "--tokens", "64", "--length", "32"]
    out = tmp_path / "pruned"
    assert main([*arguments, "--mode", "per-linear", "--out", str(out)]) == 0
    assert "pruned in" in capsys.readouterr().out
    assert (out / "model.safetensors").is_file()
    assert main([*arguments, "--out", str(out)]) == 2
    assert "exists already" in capsys.readouterr().err
