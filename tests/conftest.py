"""Fixtures. The environment is set before anything that reads it is imported: no network, no telemetry, a cache of our own."""

import os
import tempfile
from pathlib import Path

_SCRATCH = tempfile.TemporaryDirectory(prefix="mwanda-tests-")
# Workers of a parallel run inherit what the first process set.
if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["MWANDA_TESTS_REAL_CACHE"] = os.environ.pop("MWANDA_CACHE", "")
REAL_CACHE = os.environ.get("MWANDA_TESTS_REAL_CACHE") or None
os.environ["MWANDA_CACHE"] = str(Path(_SCRATCH.name) / "cache")
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["HF_DATASETS_OFFLINE"] = "1"
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"

import pytest  # noqa: E402
import tiny  # noqa: E402
import torch  # noqa: E402
from hypothesis import settings  # noqa: E402
from transformers.utils import logging as transformers_logging  # noqa: E402

from mwanda_core.corpora import Packed  # noqa: E402
from mwanda_core.models import LanguageModel  # noqa: E402

settings.register_profile("offline", deadline=None, max_examples=50, derandomize=True, database=None)
settings.load_profile("offline")
torch.set_num_threads(1)
transformers_logging.set_verbosity_error()
transformers_logging.disable_progress_bar()


@pytest.fixture(autouse=True)
def _fixed_seed() -> None:
    torch.manual_seed(0)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder for this test alone."""
    monkeypatch.setenv("MWANDA_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def real_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache folder that the program itself would use: converting the real model takes most of a minute."""
    if REAL_CACHE is None:
        monkeypatch.delenv("MWANDA_CACHE")
    else:
        monkeypatch.setenv("MWANDA_CACHE", REAL_CACHE)


@pytest.fixture
def make_model() -> tiny.Factory:
    """`make_model(family, seed=0, **config)`: a fresh tiny model; tests may change its weights."""
    return tiny.language_model


@pytest.fixture
def llama() -> LanguageModel:
    """A fresh tiny Llama."""
    return tiny.language_model("llama")


@pytest.fixture
def calibration() -> Packed:
    """Random tokens in three languages, nine sequences of twelve."""
    return tiny.packed()


@pytest.fixture(params=tiny.FAMILIES)
def family(request: pytest.FixtureRequest) -> str:
    """Each of the sixteen families."""
    return str(request.param)
