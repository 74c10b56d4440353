"""A run on disk: written whole or not at all, read back as it was, and refused in one sentence when damaged."""

import json
import math
import os
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mwanda_core.errors import RunError
from mwanda_core.store.format import MANIFEST, REPORT_FILE
from mwanda_core.store.report import FORMAT, RunReport, load_report, new_id, versions


def facts(**changes: Any) -> dict[str, Any]:
    return {
        "id": "20260101-000000-wanda-50-0000", "settings": {"sparsity": 0.5, "languages": ["en", "sw"]},
        "recipe": {"title": "Wanda"}, "model": {"source": "tiny"}, "summary": {"mean_increase": None}, "notes": ["नमस्ते"],
    } | changes  # fmt: skip


def report(**changes: Any) -> RunReport:
    tables = {
        "languages": pd.DataFrame({"language": ["en", "sw"], "increase": [0.1, math.nan], "items": [4, 4]}),
        "layers": pd.DataFrame({"block": [0, 1], "module": ["a.b", "c"], "achieved": [0.5, 0.25]}),
        "choices": pd.DataFrame({"correct": [True, False], "item": ["ä", "b"]}),
        "similarity": pd.DataFrame(columns=["language", "correlation"]),
    }
    return RunReport(facts(**changes), tables)


def sentence(folder: Path) -> str:
    with pytest.raises(RunError) as caught:
        load_report(folder)
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


def test_a_run_comes_back_as_it_was(tmp_path: Path) -> None:
    written = report()
    folder = written.save(tmp_path / "runs" / "one")
    found = load_report(folder)
    assert {key: found.facts[key] for key in written.facts} == dict(written.facts)
    assert found.facts["format"] == FORMAT
    assert (found.id, found.title) == ("20260101-000000-wanda-50-0000", "Wanda, 50%, tiny")
    assert found.tables.keys() == written.tables.keys()
    for name, table in written.tables.items():
        pd.testing.assert_frame_equal(found.tables[name], table, check_dtype=len(table) > 0)
    assert sorted(f.name for f in folder.iterdir()) == sorted(
        [REPORT_FILE, MANIFEST, *(f"{name}.parquet" for name in written.tables)]
    )
    assert [f.name for f in folder.parent.iterdir()] == ["one"]
    assert "नमस्ते" in (folder / REPORT_FILE).read_text(encoding="utf-8")


def test_a_second_save_replaces_the_first(tmp_path: Path) -> None:
    report().save(tmp_path / "one")
    (tmp_path / "one" / "activations.parquet").write_bytes(b"of an older run")
    report(notes=["second"]).save(tmp_path / "one")
    assert load_report(tmp_path / "one").facts["notes"] == ["second"]
    assert not (tmp_path / "one" / "activations.parquet").exists()
    empty = tmp_path / "empty"
    empty.mkdir()
    assert load_report(report().save(empty)).id


def test_others_can_read_what_one_person_saved(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        assert report().save(tmp_path / "one").stat().st_mode & 0o777 == 0o755
    finally:
        os.umask(before)


def test_what_is_not_a_run_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(RunError, match="is not empty and holds no run: choose another folder"):
        report().save(tmp_path)
    with pytest.raises(RunError, match="holds no run"):
        report().save(tmp_path / "thesis.txt")
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
    assert [f.name for f in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_save_that_fails_leaves_the_old_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report(notes=["first"]).save(tmp_path / "one")
    broken = RunReport(facts(), dict(report().tables) | {"texts": pd.DataFrame({"a": [object()]})})
    with pytest.raises(Exception, match=r"(?i)object"):
        broken.save(tmp_path / "one")
    with pytest.raises(TypeError, match="JSON"):
        report(notes=[object()]).save(tmp_path / "one")
    rename = Path.rename
    monkeypatch.setattr(Path, "rename", lambda self, to: _refuse() if self.name == "run" else rename(self, to))
    with pytest.raises(OSError, match="disk is gone"):
        report().save(tmp_path / "one")
    assert load_report(tmp_path / "one").facts["notes"] == ["first"]
    assert [f.name for f in tmp_path.iterdir()] == ["one"]


def _refuse() -> None:
    raise OSError("disk is gone")


def test_a_missing_run(tmp_path: Path) -> None:
    assert "is missing or damaged" in sentence(tmp_path / "nothing")
    assert "is missing or damaged" in sentence(tmp_path)


DAMAGES = [
    "", "{", "[]", "null", "3", '"text"', "{}", '{"format": 1}', '{"format": 1, "tables": 5}', '{"format": 1, "tables": []}',
    '{"format": 1, "tables": ["languages", "layers"], "id": "a"}',
    '{"format": 1, "tables": ["languages", "layers"], "id": "a", "settings": 1, "recipe": 2, "model": 3}',
    '{"format": 1, "tables": ["languages", "layers"], "id": "a", "settings": {"sparsity": "x"}, "recipe": {"title": 1}, "model": {"source": 1}}',
    '{"format": 1, "tables": ["languages", "layers"], "id": "a", "settings": null, "recipe": [], "model": "x"}',
]  # fmt: skip


@pytest.mark.parametrize("text", DAMAGES)
def test_a_damaged_description(tmp_path: Path, text: str) -> None:
    folder = report().save(tmp_path / "one")
    (folder / REPORT_FILE).write_text(text)
    assert "is missing or damaged and cannot be read" in sentence(folder)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    folder = report().save(tmp_path / "one")
    (folder / REPORT_FILE).write_bytes(b"\xff\xfe\x00{")
    assert "damaged" in sentence(folder)


@pytest.mark.parametrize("part", [0.0, 0.3, 0.9])
def test_half_a_table(tmp_path: Path, part: float) -> None:
    folder = report().save(tmp_path / "one")
    whole = (folder / "layers.parquet").read_bytes()
    (folder / "layers.parquet").write_bytes(whole[: int(len(whole) * part)])
    assert "damaged" in sentence(folder)


def test_a_missing_table(tmp_path: Path) -> None:
    folder = report().save(tmp_path / "one")
    (folder / "choices.parquet").unlink()
    assert "damaged" in sentence(folder)


def test_a_run_of_a_newer_format(tmp_path: Path) -> None:
    folder = report().save(tmp_path / "one")
    data = json.loads((folder / REPORT_FILE).read_text())
    (folder / REPORT_FILE).write_text(json.dumps(data | {"format": FORMAT + 1}))
    assert f"has format {FORMAT + 1}; this version reads format {FORMAT}" in sentence(folder)


def test_names_in_a_file_never_become_paths(tmp_path: Path) -> None:
    pd.DataFrame({"secret": [1]}).to_parquet(tmp_path / "secret.parquet")
    folder = report().save(tmp_path / "one")
    data = json.loads((folder / REPORT_FILE).read_text())
    before = set(data["tables"])
    data["tables"] += ["../secret", "/etc/passwd", "..", "a/b", "Secret", "x\n"]
    (folder / REPORT_FILE).write_text(json.dumps(data))
    (folder / MANIFEST).unlink()
    assert set(load_report(folder).tables) == before
    data["tables"] += ["unknown"]
    (folder / REPORT_FILE).write_text(json.dumps(data))
    assert "'unknown.parquet'" in sentence(folder)


def test_ids_are_plain_folder_names_in_order_of_time() -> None:
    assert re.fullmatch(r"\d{8}-\d{6}-m-wanda-50-[0-9a-f]{16}", new_id("m-wanda-50"))
    wild = new_id("../../Ünï code/<b>$(x)" + "y" * 500)
    assert re.fullmatch(r"[a-z0-9-]+", wild)
    assert len(wild) < 100
    assert len({new_id("a") for _ in range(20)}) > 15


def test_versions_name_what_decides_the_figures() -> None:
    assert {"python", "torch", "transformers", "numpy", "pandas"} <= set(versions())
