"""Mask and values: every bit comes back, the size is the formula's, and a damaged file is refused."""

import json
import struct
from pathlib import Path

import pytest
import torch
from hypothesis import given, strategies as st
from safetensors.torch import load_file, save_file

from mwanda_core.errors import InputError, ModelError
from mwanda_core.progress import Monitor
from mwanda_core.shrink.packing import KEY, pack_file, unpack_file

DTYPES = (torch.float32, torch.bfloat16, torch.float16, torch.int8)


def both(found: dict[str, torch.Tensor], folder: Path) -> tuple[dict[str, torch.Tensor], int, int]:
    save_file(found, folder / "a.safetensors", metadata={"format": "pt"})
    before, after = pack_file(folder / "a.safetensors", folder / "b.safetensors", Monitor())
    unpack_file(folder / "b.safetensors", folder / "c.safetensors", Monitor())
    return load_file(folder / "c.safetensors"), before, after


def same(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Bit for bit."""
    return (a.dtype, a.shape) == (b.dtype, b.shape) and torch.equal(
        a.flatten().view(torch.uint8), b.flatten().view(torch.uint8)
    )


@given(size=st.integers(0, 70), zeros=st.floats(0, 1), seed=st.integers(0, 99), dtype=st.sampled_from(DTYPES))
def test_every_bit_comes_back(
    size: int, zeros: float, seed: int, dtype: torch.dtype, tmp_path_factory: pytest.TempPathFactory
) -> None:
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(size, generator=generator).mul(50).to(dtype)
    values[torch.rand(size, generator=generator) < zeros] = 0
    found = {"w": values, "all": torch.ones(3, 5), "none": torch.zeros(3, 5, dtype=dtype)}
    back, _, _ = both(found, tmp_path_factory.mktemp("packed"))
    assert back.keys() == found.keys()
    assert all(same(found[name], back[name]) for name in found)


def test_signs_of_zero_and_numbers_that_are_none_stay(tmp_path: Path) -> None:
    odd = torch.tensor([0.0, -0.0, float("nan"), float("inf"), 0.0, 0.0, 0.0, 0.0, 0.0, 1.0] + [0.0] * 30)
    for dtype in (torch.float32, torch.bfloat16):
        folder = tmp_path / str(dtype)
        folder.mkdir()
        back, _, _ = both({"w": odd.to(dtype)}, folder)
        assert same(odd.to(dtype), back["w"])


def test_half_of_the_weights_is_0_5625_of_the_bytes(tmp_path: Path) -> None:
    weight = torch.ones(64, 1024, dtype=torch.bfloat16)
    weight[:, ::2] = 0
    _, before, after = both({"w": weight}, tmp_path)
    assert after - 600 <= 0.5625 * weight.numel() * 2 <= after
    assert after < 0.57 * before


def packed(tmp_path: Path) -> Path:
    weight = torch.ones(8, 8)
    weight[:, ::2] = 0
    save_file({"w": weight}, tmp_path / "a.safetensors")
    pack_file(tmp_path / "a.safetensors", tmp_path / "b.safetensors", Monitor())
    return tmp_path / "b.safetensors"


def test_damaged_files_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    file = packed(tmp_path)
    raw = file.read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    head = json.loads(raw[8 : 8 + length])

    def altered(change: dict[str, object], body: bytes = raw[8 + length :]) -> None:
        new = json.dumps(head | change).encode()
        file.write_bytes(struct.pack("<Q", len(new)) + new + body)

    target = tmp_path / "c.safetensors"
    bomb = {"__metadata__": {KEY: json.dumps({"format": 1, "shapes": {"w": [10**6, 10**6]}})}}
    for change, said in (
        (bomb, "one bit"),
        ({"__metadata__": {KEY: json.dumps({"format": 9, "shapes": {}})}}, "format 9"),
        ({"__metadata__": {}}, "no packed file"),
    ):
        altered(change)
        with pytest.raises(ModelError, match=said):
            unpack_file(file, target, Monitor())
    altered({}, b"\xff" * len(raw[8 + length :]))
    with pytest.raises(ModelError, match="disagree"):
        unpack_file(file, target, Monitor())
    file.write_bytes(raw[:-4])
    with pytest.raises(ModelError, match="cut off"):
        unpack_file(file, target, Monitor())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.safetensors", "b.safetensors"]


def test_files_that_are_there_are_left_alone(tmp_path: Path) -> None:
    file = packed(tmp_path)
    with pytest.raises(InputError, match="is there already"):
        unpack_file(file, tmp_path / "a.safetensors", Monitor())
    with pytest.raises(ModelError, match="packed already"):
        pack_file(file, tmp_path / "c.safetensors", Monitor())
