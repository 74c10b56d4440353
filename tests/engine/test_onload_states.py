"""Hidden states that wait: fetched one ahead, overwritten in place, in memory or in files; weights file by file."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from mwanda_core.engine.onload import Copier, HostCopier, Shelf, States
from mwanda_core.engine.onload.files import places, source_of, write_shard


class LoggingCopier(Copier):
    """A device far away: a copy is only there once it was taken, and the order of everything is noted."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.under_way: list[tuple[Tensor, Tensor]] = []

    def fetch(self, waiting: Tensor) -> Any:
        self.events.append(f"fetch {int(waiting[0])}")
        return waiting

    def take(self, ticket: Any) -> Tensor:
        self.events.append(f"take {int(ticket[0])}")
        return ticket.clone()

    def store(self, waiting: Tensor, value: Tensor) -> None:
        self.events.append("store")
        self.under_way.append((waiting, value))

    def finish(self) -> None:
        self.events.append("finish")
        for waiting, value in self.under_way:
            waiting.copy_(value)


def test_the_next_batch_is_on_its_way_before_this_one_is_used() -> None:
    copier = LoggingCopier()
    states = States([torch.tensor([float(i)]) for i in range(3)], copier)
    for index in range(3):
        value = states[index]
        copier.events.append(f"compute {int(value[0])}")
        states.put(index, value + 10)
    states.finish()
    assert copier.events == [
        "fetch 0", "fetch 1", "take 0", "compute 0", "store", "fetch 2", "take 1", "compute 1", "store",
        "take 2", "compute 2", "store", "finish",
    ]  # fmt: skip
    assert [float(states[i]) for i in range(3)] == [10.0, 11.0, 12.0]


def test_what_was_overwritten_is_fetched_anew() -> None:
    copier = LoggingCopier()
    states = States([torch.tensor([float(i)]) for i in range(2)], copier)
    _ = states[0]
    states.put(1, torch.tensor([7.0]))
    states.finish()
    assert float(states[1]) == 7.0
    assert float(states[-1]) == 7.0
    assert len(states[:1]) == 1
    with pytest.raises(IndexError):
        _ = states[2]


@pytest.mark.parametrize("disk", [True, False])
def test_memory_and_disk_hold_the_same(disk: bool, tmp_path: Path) -> None:
    shelf = Shelf(HostCopier(), tmp_path / "states" if disk else None)
    batches = [torch.randn(2, 3, 4).to(torch.bfloat16), torch.randn(1, 3, 4).to(torch.bfloat16)]
    states = shelf.keep(iter(batches), "x")
    assert all(torch.equal(states[i], batches[i]) for i in range(2))
    states.put(0, batches[0] * 2)
    assert torch.equal(states[0], batches[0] * 2)
    assert (tmp_path / "states").exists() == disk


def test_files_are_read_and_written_as_safetensors_does(tmp_path: Path) -> None:
    tensors = {
        "a": torch.randn(3, 5), "b.c": torch.randn(7).to(torch.bfloat16), "n": torch.arange(4), "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 3), "turned": torch.randn(4, 6).T,
    }  # fmt: skip
    save_file({k: v.contiguous() for k, v in tensors.items()}, tmp_path / "theirs.safetensors")
    read = {name: place.read() for name, place in places(tmp_path).items()}
    assert read.keys() == tensors.keys()
    assert all(torch.equal(read[name], tensors[name]) and read[name].dtype == tensors[name].dtype for name in tensors)
    write_shard(tmp_path / "ours.safetensors", {name: source_of(tensor) for name, tensor in tensors.items()})
    ours = load_file(tmp_path / "ours.safetensors")
    assert all(torch.equal(ours[name], tensors[name]) for name in tensors)
    with safe_open(tmp_path / "ours.safetensors", "pt") as stored:
        assert stored.metadata() == {"format": "pt"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ours.safetensors", "theirs.safetensors"]
