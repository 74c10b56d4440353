"""What stands in this house itself is added as docs/contributing.md says: a method with a new need, a setting, a tab of one card and an
interface language, each put into a copy of the packages and looked for everywhere it must appear.

The lines below are all that each addition takes; everything else is drawn from them. Everything is asked in one fresh process.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]

LOUDEST = '''"""The weight times the loudest input of its channel: S_ij = |W_ij| max_t |x_tj|; shapes [out, in]. A test's own."""

import dataclasses
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from mwanda_core.methods.scores.base import Score
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.needs import Need


@dataclasses.dataclass(frozen=True)
class Loudest(Score):
    """Weights on channels that are loud once."""

    name: ClassVar[str] = "loudest"
    title: ClassVar[str] = "Loudest input"
    formula: ClassVar[str] = "S_ij = |W_ij| max_t |x_tj|"
    source: ClassVar[str] = "a test"
    origin: ClassVar = "own"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.LOUDEST})

    def __call__(self, evidence: LinearEvidence) -> Float[Tensor, "out in"]:
        return evidence.weight.float().abs() * evidence.need("loudest")
'''

METER = '''

class LoudestMeter(InputMeter):
    """The largest absolute value of every channel."""

    def __init__(self, width: int, device: torch.device, weights: Float[Tensor, " languages"] | None) -> None:
        super().__init__(width, device, weights)
        self._largest = torch.zeros(width, device=device)

    def add(self, x: Float[Tensor, "batch time in"], batch: TokenBatch) -> None:
        size = x.float().abs()
        if batch.keep is not None:
            size = size.masked_fill(~batch.keep[:, :, None], 0)
        self._largest = torch.maximum(self._largest, size.flatten(0, 1).amax(dim=0))

    def result(self) -> Float[Tensor, " in"]:
        return self._largest

    @staticmethod
    def add_up(mine: Tensor, rank: int, size: int, total: Total) -> Float[Tensor, " in"]:
        raise InputError("The loudest input is not measured in a group.")


METERS: dict[Need, type[InputMeter]] = {Need.LOUDEST: LoudestMeter, '''

TAB = '''"""How loud the blocks are."""

import plotly.graph_objects as go

from components.cards.section import CardSection
from components.cards.spec import Card, Control, Heading


def drawn(report, view):
    table = report.tables["allocation"]
    return go.Figure(go.Bar(x=table["block"], y=table["sparsity"] if view == "a" else table["importance"]))


class Loud(CardSection):
    """A tab of one card."""

    id, title = "loud", "TAB_LOUD"
    items = (
        Heading(("LOUD_HEADING",)),
        Control("loud-view", "LOUD_VIEW", "LOUD_VIEWS", "a"),
        Card("loud", "LOUD_HEADING", drawn, lambda report: report.tables["allocation"], csv="allocation", reads=("loud-view",),
             needs=("allocation",)),
    )
'''

WORDS = '''"""Texts of a test's own."""

TAB_LOUD = "Loudness"
LOUD_HEADING = "How loud the blocks are"
LOUD_VIEW = "What is shown"
LOUD_VIEWS = {"a": "Sparsity", "b": "Importance"}
MOTTO = "Motto of the run"
'''

ADDED: dict[str, dict[str, str]] = {
    # A method with a new need: its file and line; the need, its field, its meter.
    "method": {
        "mwanda_core/methods/scores/loudest.py": LOUDEST,
        "mwanda_core/methods/scores/__init__.py|_OWN: dict[str, type[Score]] = {": (
            "from mwanda_core.methods.scores.loudest import Loudest  # noqa: E402\n\n"
            '_OWN: dict[str, type[Score]] = {"loudest": Loudest,'
        ),
        "mwanda_core/parts/needs.py|    SAMPLES = (": (
            '    LOUDEST = "loudest", Measured(scope=Scope.BLOCK, field="loudest", words="how loud each channel gets")\n    SAMPLES = ('
        ),
        "mwanda_core/parts/evidence.py|    gram: Float": '    loudest: Float[Tensor, " in"] | None = None\n    gram: Float',
        "mwanda_core/engine/meters.py|METERS: dict[Need, type[InputMeter]] = {": (
            "from mwanda_core.errors import InputError  # noqa: E402\n" + METER
        ),
    },
    "setting": {
        "mwanda_core/run/settings.py|    sparsity: float = number(": (
            '    motto: str = text("none", "Words that stand beside the run.", group="advanced", empty="EMPTY_MODEL")\n'
            "    sparsity: float = number("
        ),
    },
    "tab": {
        "components/sections/loud.py": TAB,
        "components/i18n/words/loud.py": WORDS,
        "components/app/sections.py|(Overview, Languages": "(Loud, Overview, Languages",
        "components/app/sections.py|from components.sections.labs": "from components.sections.loud import Loud\nfrom components.sections.labs",
    },
    "language": {'components/i18n/locale.py|    "fr": ': '    "it": "Italiano",\n    "fr": '},
}

ASKED = """
import asyncio, json, sys
from pathlib import Path
from typer.testing import CliRunner
import tiny
import texts
from components.app.page import build
from components.app import api
from components.form import cloning
from components.form.form import make_request, to_settings
from components.i18n import words
from components.i18n.locale import drawing
from components.store import RunStore
from components.cards import export
from components.app.sections import cards
from mwanda_core.after.repeat import command
from mwanda_core.cli.app import app
from mwanda_core.run.settings import Settings, settings_from
from mwanda_core.run.settings_list import settings_page
from mwanda_core.store.report import load_report

folder, run = Path(sys.argv[1]) / "model", Path(sys.argv[1]) / "run"
tiny.language_model("llama").save(folder)

def mwanda(*arguments):
    done = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200"})
    return done.exit_code, done.output

quick = ("--languages", "en,sw", "--held-out", "none", "--tokens", "64", "--sequence-length", "32", "--eval-texts", "2")
loud = ("--method", "wanda", "--score", "loudest")
pruned = mwanda("prune", str(folder), *loud, "--mode", "sequential", "--motto", "onwards", "--out", str(run), *quick)
one_pass = mwanda("prune", str(folder), *loud, "--mode", "one-pass", "--out", str(run) + "-2", *quick)
assert pruned[0] == 0, pruned[1]
report = load_report(run)
settings = settings_from(report.facts["settings"])
form, notes = cloning.form_from_settings(settings)

async def drawn(code):
    with drawing(code):
        page = build(store=RunStore(Path("nowhere")))
    listed = {entry["name"]: entry for entry in api.Endpoints(page.context).list_settings()}
    return listed, [widget.label for widget in page.context.form.inputs]

listed, labels = asyncio.run(drawn("en"))
italian = asyncio.run(drawn("it"))
print(json.dumps({
    "pruned": pruned, "one pass": one_pass, "recipe": report.facts["recipe"], "parts": mwanda("parts"),
    "need": [str(need) for need in __import__("mwanda_core.parts.needs").parts.needs.Need],
    "settings": report.facts["settings"], "help": mwanda("prune", "--help")[1], "api": listed["motto"], "repeat": command(settings),
    "cloned": [to_settings(make_request(form)).motto, list(notes)], "docs": settings_page(), "labels": labels,
    "figures": [[name, title, len(figure.data)] for name, title, figure in export.of_run(report, cards()) if "loud" in name],
    "tabs": [section.title for section in __import__("components.app.sections").app.sections.SECTIONS],
    "italian": italian[1], "untranslated": texts.check(("it",)),
}))
"""


def edit(root: Path, place: str, text: str) -> None:
    name, _, before = place.partition("|")
    file = root / name
    if not before:
        assert not file.exists()
        file.write_text(text, encoding="utf-8")
        return
    source = file.read_text(encoding="utf-8")
    assert source.count(before) == 1, place
    file.write_text(source.replace(before, text), encoding="utf-8")


def python(house: Path, *arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], cwd=house, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packages with everything added, and the catalogue of the new language begun."""
    house = tmp_path_factory.mktemp("house")
    for name in ("mwanda_core", "components", "scripts"):
        shutil.copytree(ROOT / name, house / name, ignore=shutil.ignore_patterns("__pycache__"))
    for lines in ADDED.values():
        for place, text in lines.items():
            edit(house, place, text)
    python(house, "scripts/texts.py", "update", "--language", "it")
    catalogue = house / "components/i18n/catalogues/it/LC_MESSAGES/page.po"
    source = catalogue.read_text(encoding="utf-8")
    for english, italian in (("Motto of the run", "Motto della prova"), ("Loudness", "Rumore")):
        before = f'msgid "{english}"\nmsgstr ""'
        assert source.count(before) == 1
        source = source.replace(before, before[:-1] + italian + '"')
    catalogue.write_text(source, encoding="utf-8")
    return house


@pytest.fixture(scope="module")
def answers(house: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    here = tmp_path_factory.mktemp("asked")
    path = [str(house), str(house / "scripts"), str(ROOT / "tests" / "helpers")]
    return dict(json.loads(python(here, "-c", f"import sys; sys.path[:0] = {path!r}\n{ASKED}", str(here)).splitlines()[-1]))


def test_no_addition_takes_more_files_than_contributing_says() -> None:
    files = {what: len({place.partition("|")[0] for place in lines}) for what, lines in ADDED.items()}
    assert files == {"method": 5, "setting": 1, "tab": 3, "language": 1}


def test_a_method_with_a_new_need_prunes_in_every_walk(answers: dict[str, Any]) -> None:
    code, shown = answers["pruned"]
    assert code == 0, shown
    assert answers["recipe"]["score"]["name"] == "loudest"
    assert "Loudest input" in answers["parts"][1]
    assert "loudest" in answers["need"]
    # Every walk measures it: the member says where.
    code, shown = answers["one pass"]
    assert code == 0, shown


def test_a_setting_is_everywhere(answers: dict[str, Any]) -> None:
    assert answers["settings"]["motto"] == "onwards"
    assert "--motto" in answers["help"]
    assert "Words that stand beside the run." in answers["help"]
    assert (answers["api"]["default"], answers["api"]["help"]) == ("none", "Words that stand beside the run.")
    assert "--motto onwards" in answers["repeat"]
    assert answers["cloned"] == ["onwards", []]
    assert "motto" in answers["docs"]
    assert "Motto of the run" in answers["labels"]


def test_a_tab_of_one_card_is_drawn_and_exported(answers: dict[str, Any]) -> None:
    assert answers["tabs"][0] == "TAB_LOUD"
    assert answers["figures"] == [["loud", "How loud the blocks are", 1]]


def test_a_language_is_two_catalogues(answers: dict[str, Any]) -> None:
    assert "Motto della prova" in answers["italian"]
    assert "Motto della prova" not in answers["labels"]
    assert "it/page: not translated: 'How loud the blocks are'" in answers["untranslated"]
    assert not any("'Loudness'" in sentence for sentence in answers["untranslated"])
