"""Folders of models: what is in one, and a new one that is there whole or not at all."""

import contextlib
import dataclasses
import functools
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mwanda_core.errors import InputError, ModelError
from mwanda_core.files import refuse_special_files
from mwanda_core.holding import scratch_folder
from mwanda_core.shrink.tensors import Stored, stored_in

CONFIG, GENERATION, TOKENIZER, TOKENIZER_CONFIG = (
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
)
INDEX = "model.safetensors.index.json"
CARRIED = ("chat_template.jinja", "chat_template.json", "LICENSE", "LICENSE.txt", "NOTICE", "USE_POLICY.md", "preprocessor_config.json",
           "special_tokens_map.json")  # fmt: skip
"""Files that stay right whatever is cut. `tokenizer.model`, `vocab.json` and `merges.txt` are left behind on purpose: beside a trimmed
model they are stale, and converters that find them pair old pieces with new rows."""


@dataclasses.dataclass(frozen=True)
class ModelFolder:
    """An ordinary transformers folder with safetensors, read as files; nothing is loaded."""

    path: Path

    @functools.cached_property
    def config(self) -> dict[str, Any]:
        """config.json."""
        return self.json(CONFIG)

    @property
    def text_config(self) -> dict[str, Any]:
        """The part of the configuration that describes the decoder."""
        inner = self.config.get("text_config")
        return inner if isinstance(inner, dict) else self.config

    @property
    def model_type(self) -> str:
        """As the configuration names it."""
        return str(self.text_config.get("model_type", ""))

    @functools.cached_property
    def tensors(self) -> dict[str, Stored]:
        """Every tensor of every file by its name."""
        files = sorted(self.path.glob("*.safetensors"))
        if not files:
            raise ModelError(f"The folder {str(self.path)!r} has no safetensors weights: pickled weights are never read.")
        return {name: one for file in files for name, one in stored_in(file).items()}

    @property
    def num_bytes(self) -> int:
        """Of all weights."""
        return sum(one.num_bytes for one in self.tensors.values())

    def json(self, name: str) -> dict[str, Any]:
        """One of its JSON files; empty where there is none.

        Raises ModelError for one that is no JSON object.
        """
        file = self.path / name
        if not file.is_file():
            return {}
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            found = None
        if not isinstance(found, dict):
            raise ModelError(f"{name} of {str(self.path)!r} is no JSON object: get the file again.")
        return found


def model_folder(path: Path) -> ModelFolder:
    """A folder that can be made smaller.

    Raises ModelError when it holds no configuration, or quantised weights.
    """
    if Path(path).is_dir():
        refuse_special_files(Path(path), ModelError)
    found = ModelFolder(Path(path))
    if not found.config:
        raise ModelError(f"The folder {str(path)!r} has no config.json: give a folder that save_pretrained wrote.")
    if found.config.get("quantization_config"):
        method = found.config["quantization_config"].get("quant_method", "unknown")
        raise ModelError(f"{str(path)!r} is quantised ({method}): make the original small, then quantise that.")
    return found


@contextlib.contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A scratch folder that becomes `target` when all went well and vanishes otherwise: no half-written model is ever seen.

    Raises InputError when the target is there and not empty.
    """
    target = Path(target).expanduser()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError(f"{str(target)!r} is not empty: choose another folder for the smaller model.")
    with scratch_folder(target.parent, target.name) as scratch:
        built = scratch / "model"
        built.mkdir()
        yield built
        if target.exists():
            target.rmdir()
        built.rename(target)


def carry(source: ModelFolder, target: Path) -> None:
    """Copy the small files that no cut changes."""
    for name in CARRIED:
        if (source.path / name).is_file():
            shutil.copyfile(source.path / name, target / name)


def write_json(path: Path, data: Any) -> None:
    """As transformers writes its files."""
    path.write_text(json.dumps(data, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
