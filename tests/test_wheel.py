"""The wheel brings everything that the page shows before anything was computed: built, installed elsewhere without a network, and asked."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from components.i18n import locale

ROOT = Path(__file__).resolve().parents[1]
LOOK = """
import json
import components
from components.i18n import locale, words
from components.pages.landing.page import landing_page
from components.pages.learn.page import learn_page
from components.sections.methods.table import METHODS_FILE, read
from components.store import RunStore
from mwanda_core.corpora import builtin_languages
store = RunStore()
titles = {}
for code in locale.NAMES:
    with locale.drawing(code):
        titles[code] = words.PRUNE
print(json.dumps({
    "place": components.__file__, "titles": titles, "first": [landing_page(code).html.decode() for code in locale.NAMES],
    "lesson": learn_page("de").html.decode(), "methods": len(read(METHODS_FILE)[1]), "languages": len(builtin_languages()),
    "examples": {name: sorted(store.load(name).tables) for name in store.examples()},
    "masks": [(store.path(name) / "masks.safetensors").is_file() for name in store.examples()],
}))
"""


def run(folder: Path, *command: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, timeout=300, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the wheel of a copy of this tree was installed: building in the tree itself would leave folders there."""
    if importlib.util.find_spec("setuptools") is None:
        pytest.skip("setuptools, which builds the wheel, is not installed")
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("mwanda_core", "components", "assets"):
        shutil.copytree(ROOT / name, folder / "source" / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / "source")
    quiet = ("--no-deps", "--disable-pip-version-check", "--quiet")
    run(folder, "-m", "pip", "wheel", *quiet, "--no-build-isolation", "--wheel-dir", str(folder), str(folder / "source"))
    (wheel,) = folder.glob("*.whl")
    assert wheel.stat().st_size < 8_000_000
    run(folder, "-m", "pip", "install", *quiet, "--no-index", "--no-compile", "--target", str(folder / "there"), str(wheel))
    return folder / "there"


def test_everything_that_is_shown_at_second_0_is_there(installed: Path, tmp_path: Path) -> None:
    found: dict[str, Any] = json.loads(run(tmp_path, "-c", LOOK, PYTHONPATH=str(installed), MWANDA_RUNS=str(tmp_path / "runs")))
    assert Path(found["place"]).is_relative_to(installed)
    assert len(set(found["titles"].values())) >= len(locale.NAMES) - 1, "catalogues are missing"
    assert all('id="figure"' in html for html in found["first"])
    assert found["lesson"].count("<section ") == 8
    assert found["methods"] > 50
    assert found["languages"] > 20
    assert len(found["examples"]) == 2
    assert all("languages" in tables for tables in found["examples"].values())
    assert all(found["masks"])


def test_the_command_starts_from_there(installed: Path, tmp_path: Path) -> None:
    assert "Open the page in a browser." in run(tmp_path, "-m", "mwanda_core", "app", "--help", PYTHONPATH=str(installed))
    script = next(installed.glob("mwanda_explorer-*.dist-info")) / "entry_points.txt"
    assert "mwanda = mwanda_core.cli.app:main" in script.read_text("utf-8")
