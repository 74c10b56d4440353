"""What a model folder or file is, before anything of it is loaded: whole, plain, and one that can be pruned; else one sentence why not."""

import json
import re
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mwanda_core.errors import ModelError
from mwanda_core.files import open_regular, read_regular, read_whole

HEADER = 64 * 2**20
"""Most bytes that the header of a safetensors file may have: a million tensors need fewer."""

LARGEST = {
    "num_hidden_layers": 4096,
    "n_layer": 4096,
    "num_layers": 4096,
    "experts": 65_536,
    "heads": 65_536,
    "vocab_size": 2**26,
    "hidden_size": 2**20,
}
MOST = 2**40
"""Part of a name in a configuration -> the largest whole number that it may have; and that of any other name."""

PATIENCE = 60.0
_TRIED: set[tuple[Path, int, int]] = set()
_TRY = """
import json, pathlib, sys
from tokenizers import Tokenizer
one = Tokenizer.from_file(sys.argv[1])
for file in sorted(pathlib.Path(sys.argv[2]).glob("*.json")):
    one.encode(file.read_text("utf-8")[:4000])
for letter in "a1 .\\u0915":
    one.encode(letter * 2000 + "!")
"""

_PART = re.compile(r"-(\d{5})-of-(\d{5})$")

PLAIN_QUANTISATION = {"fp8": "FineGrainedFP8Config", "mxfp4": "Mxfp4Config"}
"""Methods whose weights transformers itself turns into plain bfloat16 as it loads them -> the setting that says so."""


def check_folder(path: Path) -> None:
    """Refuse a folder that holds no whole causal model in safetensors.

    Raises ModelError in one sentence.
    """
    names = {file.name for file in path.iterdir()}
    for file in sorted(path.iterdir()):
        if not file.is_dir():
            with open_regular(file, ModelError):  # A pipe in the place of any of them would never end.
                pass
    if "adapter_config.json" in names:
        what = "a LoRA adapter beside base weights" if "config.json" in names else "a LoRA adapter without its base model"
        raise ModelError(
            f"The folder {str(path)!r} holds {what}: merge the adapter into the model first (peft: merge_and_unload, then "
            "save_pretrained), and give that folder."
        )
    if "config.json" not in names:
        raise ModelError(f"The folder {str(path)!r} has no config.json: give a folder that save_pretrained wrote.")
    weights = sorted(name for name in names if name.endswith(".safetensors"))
    if not weights:
        raise ModelError(
            f"The folder {str(path)!r} has no safetensors weights; pickled weights (.bin, .pt) are never read. Convert "
            "them with save_pretrained first."
        )
    if weights == ["consolidated.safetensors"]:
        raise ModelError(
            f"The folder {str(path)!r} has only consolidated.safetensors, the original release's own naming, which transformers "
            "does not read: get the files named model*.safetensors as well."
        )
    try:
        check_sizes(str(path), json.loads(read_whole(path / "config.json", HEADER, ModelError)))
    except (ValueError, RecursionError) as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(f"config.json of {str(path)!r} cannot be read: get it again.") from error
    _check_index(path, names)
    for name in weights:
        _check_header(path / name)


def check_sizes(source: str, config: Any) -> None:
    """Refuse a configuration whose whole numbers no model has, before anything is built from them.

    Raises ModelError naming the first.
    """
    if isinstance(config, Mapping):
        for key, value in config.items():
            most = next((most for part, most in LARGEST.items() if part in str(key)), MOST)
            whole = type(value) is int or (isinstance(value, float) and value.is_integer())
            if whole and abs(value) > most:
                raise ModelError(
                    f"{key} of {source!r} may be at most {most} here, and its configuration asks for more: get the model again."
                )
            check_sizes(source, value)
    elif isinstance(config, list):
        for value in config:
            check_sizes(source, value)


def check_tokenizer(source: str, folder: Path) -> None:
    """Try a tokenizer.json in a process of its own, on every passage that is built in: a regular expression that never ends holds a whole
    process, and no other thread could stop it.

    Raises ModelError when it takes longer than `PATIENCE` seconds.
    """
    file = folder / "tokenizer.json"
    if not file.is_file() or (key := (file.resolve(), file.stat().st_mtime_ns, file.stat().st_size)) in _TRIED:
        return
    texts = Path(__file__).parent.parent / "corpora" / "texts"
    try:
        subprocess.run([sys.executable, "-c", _TRY, str(file), str(texts)], timeout=PATIENCE, capture_output=True, check=False)
    except subprocess.TimeoutExpired as error:
        raise ModelError(
            f"The tokenizer of {source!r} took longer than {PATIENCE:g} seconds to be read and tried on a few texts: get it again."
        ) from error
    _TRIED.add(key)


def _check_index(path: Path, names: set[str]) -> None:
    index = path / "model.safetensors.index.json"
    if index.name not in names:
        return
    try:
        files = set(json.loads(read_regular(index, HEADER, ModelError))["weight_map"].values())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError(f"{index.name} of {str(path)!r} cannot be read: get it again.") from error
    outside = [name for name in files if not isinstance(name, str) or Path(name).name != name]
    if outside:
        raise ModelError(f"{index.name} of {str(path)!r} names {outside[0]!r}, which is not a file of the folder itself.")
    missing = sorted(files - names)
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise ModelError(f"The folder {str(path)!r} is incomplete: {missing[0]}{more} named by {index.name} is not there.")


def _check_header(file: Path) -> None:
    head = read_regular(file, 1024, ModelError)
    if len(head) < 8 or struct.unpack("<Q", head[:8])[0] > min(HEADER, file.stat().st_size):
        raise ModelError(f"{file.name} is no safetensors file, or a part of one: get it again.")


def check_quantisation(source: str, config: Any) -> str | None:
    """The method by which weights are quantised that can be made plain; None for plain weights.

    Raises ModelError for methods that leave nothing to prune.
    """
    found = getattr(config, "quantization_config", None) or getattr(config.get_text_config(), "quantization_config", None)
    if not found:
        return None
    method = found.get("quant_method") if isinstance(found, Mapping) else getattr(found, "quant_method", None)
    name = str(getattr(method, "value", method))
    if name in PLAIN_QUANTISATION:
        return name
    raise ModelError(
        f"{source!r} holds weights quantised by {name}, in which single weights cannot be pruned: take the original model in "
        "bfloat16 or float16."
    )


def check_gguf(path: Path) -> Path:
    """The file itself, when it is a GGUF model in one piece.

    Raises ModelError for one of several parts, a git-lfs pointer, or another kind of file.
    """
    if not path.exists():
        raise ModelError(f"There is no file {str(path)!r}.")
    head = read_regular(path, 200, ModelError)
    if not head.startswith(b"GGUF"):
        raise ModelError(f"{path.name} is not a GGUF file: get it again.")
    part = _PART.search(path.stem)
    if part and int(part[2]) > 1:
        raise ModelError(
            f"{path.name} is part {int(part[1])} of {int(part[2])} of a model: join the parts first (llama.cpp: llama-gguf-split --merge) "
            "and give the joined file."
        )
    if part is None:
        _check_split(path)
    return path


def _check_split(path: Path) -> None:
    """A part that was renamed still says in its header that it is one."""
    try:
        from gguf import GGUFReader
    except ImportError:  # The conversion says so itself.
        return
    try:
        field = GGUFReader(str(path)).get_field("split.count")
    except Exception as error:  # The reader indexes into a file that may be cut off: any error means damaged.
        raise ModelError(f"{path.name} is damaged or incomplete: get it again.") from error
    count = 1 if field is None else int(field.contents())
    if count > 1:
        raise ModelError(
            f"{path.name} is one of {count} parts of a model: join the parts first (llama.cpp: llama-gguf-split --merge) and give the "
            "joined file."
        )


def check_loaded(source: str, info: Mapping[str, Any]) -> tuple[str, ...]:
    """What of a checkpoint is not in the model, one sentence for each part; transformers only logs a warning of such things.

    Raises ModelError for weights that are missing, and would be random, or of another shape.
    """
    missing, mismatched = sorted(info["missing_keys"]), sorted(str(key) for key in info["mismatched_keys"])
    if missing or mismatched:
        what = f"hold no {missing[0]}" if missing else f"hold {mismatched[0]} in another shape"
        rest = len(missing) + len(mismatched) - 1
        raise ModelError(
            f"{source!r} is incomplete: its weights {what}{f' and {rest} more' if rest else ''}. Get the whole model, or one whose "
            "configuration and weights belong together."
        )
    return _left_out(sorted(info["unexpected_keys"]))


def _left_out(keys: Sequence[str]) -> tuple[str, ...]:
    groups: dict[str, int] = {}
    for key in keys:
        name = ".".join(part for part in key.split(".")[:3] if not part.isdigit() and part not in ("weight", "bias"))
        groups[name] = groups.get(name, 0) + 1
    named = ", ".join(f"{name} ({count})" for name, count in list(groups.items())[:4])
    more = f" and {len(groups) - 4} other groups" if len(groups) > 4 else ""
    return (
        (f"{len(keys)} tensors of the files are no part of this text model and were left out: {named}{more}.",) if keys else ()
    )
