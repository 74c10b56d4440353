"""Every study describes itself, can be written as a text and read back, and what one found is kept whole or not at all."""

import dataclasses
import inspect
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from mwanda_core.errors import InputError, RunError, UnknownName
from mwanda_core.parts.knobs import knobs_of
from mwanda_core.run.settings import Settings
from mwanda_core.store.format import STUDY_FILE, TABLE_NAME
from mwanda_core.store.report import TABLES
from mwanda_core.studies import STUDIES, Alone, Beside, studies_of, study, tables_of, text_of
from mwanda_core.studies.base import Scale, describe
from mwanda_core.studies.result import StudyResult, load_study

SCALE = Scale(whole=1000.0, token=2.0, cut=0.15, languages=4, held_out=2)


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_describes_itself(name: str) -> None:
    cls = STUDIES[name]
    told = describe(cls)
    assert told.name == name
    assert all((told.title, told.source, told.cost))
    assert told.question.endswith("?")
    assert told.summary.endswith(".")
    assert told.origin in ("paper", "reconstruction", "own")
    assert told.beside or told.alone
    assert cls.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert not inspect.isabstract(cls)


@pytest.mark.parametrize("name", STUDIES)
def test_the_tables_of_a_study_say_how_they_are_drawn(name: str) -> None:
    for spec in STUDIES[name].tables:
        assert TABLE_NAME.fullmatch(spec.name)
        assert spec.title
        assert all(spec.columns.values())
        needed = {"heat-map": (spec.x, spec.y, spec.value), "table": ()}.get(spec.drawn, (spec.x, spec.value))
        assert all(needed), f"{spec.name}, drawn as {spec.drawn}, names no column"
        assert bool(spec.low) == bool(spec.high)


def test_tables_have_one_name_each() -> None:
    for cls in STUDIES.values():
        assert len({spec.name for spec in cls.tables}) == len(cls.tables), cls.name
    in_runs = [*TABLES, *(spec.name for cls in STUDIES.values() if issubclass(cls, Beside) for spec in cls.tables)]
    assert len(in_runs) == len(set(in_runs))
    assert set(tables_of()) == set(in_runs) - set(TABLES)


@pytest.mark.parametrize("name", STUDIES)
def test_more_languages_are_never_less_work(name: str) -> None:
    found = STUDIES[name]()
    few, many = (found.estimate(Settings(), dataclasses.replace(SCALE, languages=n, whole=250.0 * n)) for n in (2, 8))
    assert 0 < few <= many


def test_a_study_is_written_as_a_text_and_read_back() -> None:
    for name, cls in STUDIES.items():
        assert text_of(cls()) == name
        for knob in knobs_of(cls):
            free = "some: words, 100 %3A" if isinstance(knob.default, str) else knob.high
            value = knob.choices[-1] if knob.choices else free
            made = cls(**{knob.name: value})
            assert study(text_of(made)) == made
    assert [one.name for one in studies_of(["profile", "overlap"])] == ["overlap", "profile"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("astrology", "There is no study named 'astrology'. Choose one of: overlap"),
        ("profile:words=3", "has no setting 'words=3'. Its settings are: texts"),
        ("overlap:texts", "has no setting 'texts'. Its settings are: none"),
        ("profile:texts=0", "must lie between 1 and 64; it was given 0"),
    ],
)
def test_what_is_no_study_is_refused(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        study(text)
    with pytest.raises(UnknownName):
        study("")


def test_the_table_is_had_without_torch_or_pandas() -> None:
    code = "import sys, mwanda_core.studies as s; [c() for c in s.STUDIES.values()]; print({'torch','pandas','numpy'} & {*sys.modules})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_every_study_can_be_asked_in_one_way_at_least() -> None:
    assert all(issubclass(cls, Beside | Alone) for cls in STUDIES.values())


# --- Kept results --------------------------------------------------------------------------------------------------------

FOUND = StudyResult(
    {"colours": pd.DataFrame({"language": ["en", "sw"], "share": [0.5, 1.0]})}, {"study": "colours"}, ("A note.",)
)


def test_a_result_comes_back_as_it_was(tmp_path: Path) -> None:
    kept = load_study(FOUND.save(tmp_path / "one"))
    pd.testing.assert_frame_equal(kept.tables["colours"], FOUND.tables["colours"])
    assert kept.notes == FOUND.notes
    assert kept.facts["study"] == "colours"
    assert {path.name for path in (tmp_path / "one").iterdir()} == {STUDY_FILE, "colours.parquet", "manifest.json"}
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_a_result_replaces_one_and_nothing_else(tmp_path: Path) -> None:
    FOUND.save(tmp_path / "one")
    dataclasses.replace(FOUND, notes=()).save(tmp_path / "one")
    assert load_study(tmp_path / "one").notes == ()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("mine")
    with pytest.raises(RunError, match="holds no study: choose another folder"):
        FOUND.save(tmp_path / "other")


def test_a_damaged_result_is_refused(tmp_path: Path) -> None:
    folder = FOUND.save(tmp_path / "one")
    whole = (folder / "colours.parquet").read_bytes()
    (folder / "colours.parquet").write_bytes(whole[:-1] + b"x")
    with pytest.raises(RunError, match=r"'colours\.parquet' is not as it was written"):
        load_study(folder)
    data = json.loads((folder / STUDY_FILE).read_text())
    (folder / STUDY_FILE).write_text(json.dumps(data | {"format": 2}))
    with pytest.raises(RunError, match="has format 2; this version reads format 1"):
        load_study(folder)
    with pytest.raises(RunError, match="missing or damaged"):
        load_study(tmp_path / "nowhere")
