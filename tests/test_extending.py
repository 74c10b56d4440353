"""What others add without forking is found wherever it must appear: each is made as docs/contributing.md says.

The example package is installed by pip. A made-up second one has a task, a study of runs, and entries that cannot be used. Everything
is asked in one fresh process, as a visitor's own would be.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "docs" / "example-plugin"

MADE_UP = '''
import dataclasses
from mwanda_core.parts.knobs import whole
from mwanda_core.studies.base import Beside, Study, TableSpec
from mwanda_core.tasks.adapter import Adapter
from mwanda_core.tasks.base import Item
from mwanda_core.tasks.hub import HubRows


def colours(row, code):
    yield Item(row["id"], code, row["text"], (" red", " blue"), row["answer"])


COLOURS = Adapter(
    "colours", "Colours of things", ("en", "sw"), 0.5, "CC0-1.0", "Red or blue?", HubRows("nobody/colours", "test", "{code}"),
    colours, ("{code}.jsonl",), kind="which colour", tokens=10,
)


@dataclasses.dataclass(frozen=True)
class Letters(Study, Beside):
    """How many letters the scored texts have."""

    times: int = whole(2, 1, 9, "Counted so often.")

    name, title, question = "letters", "Letters", "How many letters are there?"
    source, origin, cost = "a test", "own", "nothing"
    tables = (TableSpec("letters", "Letters of a language", {"language": "code", "letters": "how many"}, "bars", "language", value="letters"),)

    def check(self, settings):
        pass

    def estimate(self, settings, scale):
        return 1.0

    def start(self, subject, monitor):
        import pandas as pd

        counts = {code: sum(len(p.text) for p in passages) for code, passages in subject.passages.passages.items()}
        table = pd.DataFrame({"language": list(counts), "letters": [n * self.times for n in counts.values()]})
        return lambda result, losses: {"letters": table}


class Impostor(Letters):
    name = "another"
'''

ENTRIES = """
[mwanda_explorer]
task.colours = made_up:COLOURS
study.letters = made_up:Letters
study.impostor = made_up:Impostor
study.overlap = made_up:Letters
task.broken = made_up_broken:NOTHING
task.gone = made_up:GONE
method.wrong = made_up:COLOURS
"""

ASKED = """
import io, json, sys
from pathlib import Path
import mwanda_core.studies, mwanda_core.tasks.load
light = not {"torch", "pandas"} & {*sys.modules}
names = {"tasks": list(mwanda_core.tasks.load.TASKS), "studies": list(mwanda_core.studies.STUDIES)}
still_light = not {"torch", "pandas"} & {*sys.modules}
from typer.testing import CliRunner
from mwanda_core.cli.app import app
from mwanda_core.plugins import problems
import tiny
folder, runs = Path(sys.argv[1]) / "model", Path(sys.argv[1]) / "run"
tiny.language_model("llama").save(folder)

def mwanda(*arguments):
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == 0, done.output
    return done.stdout

quick = ("--languages", "en,sw", "--held-out", "none", "--tokens", "64", "--sequence-length", "32", "--eval-texts", "2")
mwanda("prune", str(folder), "--method", "cubed", "--studies", "letters:times=3", "--tasks", "colours", "--task-texts", sys.argv[2],
       "--out", str(runs), *quick)

from mwanda_core.store.report import load_report
from mwanda_core.run import estimate
from mwanda_core.methods.composition import from_dict
from mwanda_core.run.settings import settings_from
report = load_report(runs)
settings = settings_from(report.facts["settings"])
steps = estimate.work(from_dict(report.facts["recipe"]), settings, estimate.sizes_of_run(report))
from components.i18n import words
from mwanda_core.methods.catalogue import by_purpose
print(json.dumps({
    "light": [light, still_light], **names, "problems": problems(),
    "parts": [entry for entry in json.loads(mwanda("parts", "--json")) if entry["name"] == "cubed"],
    "methods": mwanda("methods"), "listed": mwanda("studies") + mwanda("tasks"),
    "purposes": {found.name: purpose for purpose, found in by_purpose()},
    "alone": mwanda("study", "letters", "--model", str(folder), *quick),
    "recipe": report.facts["recipe"], "table": report.tables["letters"].to_dict("list"), "asked": sorted(set(report.tables["tasks"]["title"])),
    "steps": [step.name for step in steps], "settings": report.facts["settings"]["studies"],
    "page": [words.task_label("colours"), words.study_label("letters"), words.COST_STEPS["letters"], words.STUDY_TABLE_TITLES["letters"]],
}))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    here = tmp_path_factory.mktemp("extended")
    site, source = here / "site", here / "source"
    shutil.copytree(EXAMPLE, source)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--target",
        str(site),
    ]
    subprocess.run([*pip, str(source)], check=True, capture_output=True, timeout=120)
    (site / "made_up.py").write_text(MADE_UP, encoding="utf-8")
    (site / "made_up_broken.py").write_text("raise RuntimeError('not today')\n", encoding="utf-8")
    info = site / "made_up-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: made-up\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(ENTRIES, encoding="utf-8")
    items = here / "items"
    items.mkdir()
    for code in ("en", "sw"):
        rows = [{"id": f"{i}", "text": f"thing {i} is", "answer": i % 2} for i in range(4)]
        (items / f"{code}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    path = [str(site), str(ROOT), str(ROOT / "tests" / "helpers")]
    code = f"import sys; sys.path[:0] = {path!r}\n{ASKED}"
    done = subprocess.run(
        [sys.executable, "-c", code, str(here), str(items)], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout.splitlines()[-1])) | {"said": done.stderr}


def test_a_part_and_a_method_of_another_package_are_everywhere(told: dict[str, Any]) -> None:
    (part,) = told["parts"]
    assert (part["choice"], part["title"], part["knobs"][0]["name"]) == ("score", "Cubed", "power")
    assert "Cubed Wanda: Wanda with louder channels." in told["methods"]
    assert told["purposes"]["cubed"] == "other"
    assert told["recipe"]["score"] == {"name": "cubed", "power": 3.0}


def test_a_task_of_another_package_is_everywhere(told: dict[str, Any]) -> None:
    assert told["tasks"][-1] == "colours"
    assert "Colours of things: Red or blue?" in told["listed"]
    assert told["asked"] == ["Colours of things"]
    assert told["page"][0] == "Colours of things · which colour"
    assert "benchmarks" in told["steps"]


def test_a_study_of_another_package_is_everywhere(told: dict[str, Any]) -> None:
    assert told["studies"][-1] == "letters"
    assert "Letters: How many letters are there?" in told["listed"]
    assert "times=2 (1 to 9): Counted so often." in told["listed"]
    assert "Letters of a language (letters)" in told["alone"]
    assert told["settings"] == ["letters:times=3"]
    assert set(told["table"]["language"]) == {"en", "sw"}
    assert all(count % 3 == 0 for count in told["table"]["letters"])
    assert told["page"][1:] == ["Letters: How many letters are there? (nothing)", "Letters", "Letters of a language"]
    assert "letters" in told["steps"]


def test_listing_them_does_not_wait_for_torch(told: dict[str, Any]) -> None:
    assert told["light"] == [True, True]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("study.impostor", "ValueError: it calls itself 'another'"),
        ("study.overlap", "ValueError: the name 'overlap' is taken"),
        ("task.broken", "RuntimeError: not today"),
        ("task.gone", "has no attribute 'GONE'"),
        ("method.wrong", "TypeError: it is not a Recipe"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(told: dict[str, Any], name: str, reason: str) -> None:
    (sentence,) = [line for line in told["problems"] if repr(name) in line]
    assert reason in sentence
    assert sentence.startswith(f"The entry point {name!r} (made_up")
    assert told["said"].count(sentence) <= 1
