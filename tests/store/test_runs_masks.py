"""Masks of kept runs against each other: by hand, by law (the same mask, the order of runs), and what is refused."""

import dataclasses
import json
from pathlib import Path

import kept
import pandas as pd
import pytest
import torch
from safetensors.torch import save_file
from typer.testing import CliRunner

from mwanda_core.after.mask_comparison import compare_masks
from mwanda_core.cli.app import app
from mwanda_core.errors import Cancelled, InputError, RunError
from mwanda_core.parts.masks import pack
from mwanda_core.progress import Monitor, Progress
from mwanda_core.store.format import MASKS
from mwanda_core.store.report import RunReport

LAYERS = pd.DataFrame(
    {
        "block": [0, 0, 1], "module": ["a.q", "a.k", "a.q"], "kind": ["q", "k", "q"], "outputs": [2, 2, 2], "inputs": [2, 4, 2],
        "weights": [4, 8, 4], "achieved": [0.5, 0.5, 0.5], "pruned": [2, 4, 2],
    }
)  # fmt: skip
NAMES = ("m.0.a.q", "m.0.a.k", "m.1.a.q")


def save(folder: Path, id: str, bits: dict[str, list[int]] | None, **model: str) -> Path:
    """A run whose masks are typed in (1: kept); None: it was kept without masks."""
    plain = kept.report(id)
    facts = {**plain.facts, "model": {**plain.facts["model"], **model}}
    found = RunReport(facts, {**plain.tables, "layers": LAYERS})

    def more(path: Path) -> None:
        if bits is not None:
            save_file({name: pack(torch.tensor(bits[name]).bool()[None]) for name in bits}, path / MASKS)

    return found.save(folder / id, more)


LEFT = {"m.0.a.q": [1, 1, 0, 0], "m.0.a.k": [1, 1, 1, 1, 0, 0, 0, 0], "m.1.a.q": [1, 0, 1, 0]}
RIGHT = {"m.0.a.q": [1, 0, 1, 0], "m.0.a.k": [1, 1, 1, 0, 0, 0, 0, 1], "m.1.a.q": [0, 1, 0, 1]}


def test_by_hand(tmp_path: Path) -> None:
    runs = {"A": save(tmp_path, "a", LEFT), "B": save(tmp_path, "b", RIGHT)}
    table = compare_masks(runs).pairs(("block", "module")).set_index(["block", "module"])
    # Pruned in both: 1 of 3 that either prunes; by chance 1/3; so nothing beyond chance. Kept likewise.
    assert table.loc[(0, "a.q"), ["both", "iou", "kept_share"]].tolist() == pytest.approx([1, 1 / 3, 1 / 3])
    assert table.loc[(0, "a.q"), "corrected"] == pytest.approx(0.0)
    assert table.loc[(0, "a.k"), ["iou", "kept_share"]].tolist() == pytest.approx([3 / 5, 3 / 5])
    assert table.loc[(0, "a.k"), "corrected"] == pytest.approx((3 / 5 - 1 / 3) / (2 / 3))
    assert table.loc[(1, "a.q"), ["iou", "kept_share", "corrected"]].tolist() == pytest.approx([0.0, 0.0, -0.5])
    whole = compare_masks(runs).pairs().iloc[0]
    assert (whole["name"], whole["other"], whole["weights"], whole["both"]) == ("A", "B", 16, 4)
    assert whole["iou"] == pytest.approx(4 / 12)


def test_the_same_mask_and_the_order_of_runs(tmp_path: Path) -> None:
    runs = {"A": save(tmp_path, "a", LEFT), "B": save(tmp_path, "b", LEFT), "C": save(tmp_path, "c", RIGHT)}
    found = compare_masks(runs)
    matrix = found.matrix()
    assert matrix.loc["A", "B"] == matrix.loc["A", "A"] == pytest.approx(1.0)
    assert list(found.pairs()["kept_share"]) == pytest.approx([1.0, 1 / 3, 1 / 3])
    turned = compare_masks(dict(reversed(runs.items()))).matrix()
    pd.testing.assert_frame_equal(turned.loc[list("ABC"), list("ABC")], matrix)
    assert len(found.pairs()) == 3
    assert len(found.pairs(("block", "module"))) == 9


def test_progress_counts_every_weight_of_every_run_and_a_cancel_stops_it(tmp_path: Path) -> None:
    runs = {"A": save(tmp_path, "a", LEFT), "B": save(tmp_path, "b", RIGHT)}
    seen: list[Progress] = []
    compare_masks(runs, Monitor(on_progress=seen.append))
    assert seen[-1].fraction == 1.0
    # Checking types while testing looks at masks of its own, so that how often a name comes is not fixed.
    assert {report.detail for report in seen if report.detail} == set(NAMES)
    assert [report.fraction for report in seen] == sorted(report.fraction for report in seen)
    heard = len(seen)
    with pytest.raises(Cancelled):
        compare_masks(runs, Monitor(on_progress=seen.append, is_cancelled=lambda: len(seen) >= heard + 3))
    assert len(seen) == heard + 3


def test_runs_without_masks_are_left_out_and_two_must_remain(tmp_path: Path) -> None:
    runs = {"A": save(tmp_path, "a", LEFT), "B": save(tmp_path, "b", RIGHT), "C": save(tmp_path, "c", None)}
    found = compare_masks(runs)
    assert (found.names, found.without) == (("A", "B"), ("C",))
    with pytest.raises(RunError, match="Two runs with masks are needed, and 1 of these 2"):
        compare_masks({"A": runs["A"], "C": runs["C"]})
    for few in ({"A": runs["A"]}, dict.fromkeys("ABCDEFG", runs["A"])):
        with pytest.raises(InputError, match="two to six runs"):
            compare_masks(few)


def test_other_models_and_other_shapes_are_refused(tmp_path: Path) -> None:
    left = save(tmp_path, "a", LEFT)
    other = save(tmp_path, "b", RIGHT, source="another", fingerprint="def")
    with pytest.raises(RunError, match=r"'A' \(tiny\) and 'B' \(another\) belong to different models"):
        compare_masks({"A": left, "B": other})
    again = save(tmp_path, "c", RIGHT, fingerprint="def", dtype="bfloat16")
    assert "two revisions or number types" in compare_masks({"A": left, "C": again}).notes[0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"{__name__}.LAYERS", LAYERS.assign(inputs=[4, 2, 2], outputs=[1, 4, 2]))
        shaped = save(tmp_path, "d", RIGHT)
    with pytest.raises(RunError, match="'A' and 'D' have different shapes"):
        compare_masks({"A": left, "D": shaped})


@pytest.mark.parametrize("damage", ["bytes", "names", "sizes", "report", "columns"])
def test_a_damaged_run_is_one_sentence_without_a_path(tmp_path: Path, damage: str) -> None:
    left = save(tmp_path, "a", LEFT)
    bits = {"names": {"m.0.a.q": [1, 0, 1, 0]}, "sizes": {**RIGHT, "m.1.a.q": [1] * 9}}.get(damage, RIGHT)
    with pytest.MonkeyPatch.context() as patch:
        if damage == "columns":
            patch.setattr(f"{__name__}.LAYERS", LAYERS.drop(columns="outputs"))
        right = save(tmp_path, "b", bits)
    if damage == "bytes":
        content = (right / MASKS).read_bytes()
        (right / MASKS).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    if damage == "report":
        (right / "report.json").write_text("{")
    with pytest.raises(RunError) as caught:
        compare_masks({"A": left, "B": right})
    assert "B" in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_on_the_command_line(tmp_path: Path) -> None:
    for name, method, changes in (("a", "wanda", {}), ("b", "magnitude", {}), ("c", "wanda", {"sparsity": 0.6})):
        run, _ = kept.run_of(method, **changes)
        dataclasses.replace(run, report=RunReport({**run.report.facts, "id": name}, run.report.tables)).save(tmp_path / name)
    arguments = ["runs", "compare", "a", "b", "c", "--masks", "--store", str(tmp_path)]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert "1 and 2: of the weights that one keeps" in done.stdout
    assert done.stdout.count("self_attn.q_proj") == 3
    found = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout, parse_constant=pytest.fail)["masks"]
    matrix = compare_masks({name: tmp_path / name for name in "abc"}).matrix().to_numpy()
    assert found["matrix"] == [pytest.approx(row) for row in matrix.tolist()]
    assert matrix[0][2] > matrix[0][1]  # The same method at another sparsity agrees more than another method.
    assert len(found["layers"]) == 3 * 21
    assert "masks" not in json.loads(CliRunner().invoke(app, [*arguments[:5], "--store", str(tmp_path), "--json"]).stdout)
    (tmp_path / "a" / MASKS).unlink()
    (tmp_path / "c" / MASKS).unlink()
    done = CliRunner().invoke(app, arguments)
    assert (done.exit_code, "Two runs with masks are needed" in done.stderr) == (2, True)
