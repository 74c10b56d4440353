"""What a model folder or file is, before anything of it is loaded: whole, plain, and one that can be pruned; else one sentence why not."""

import json
import re
import struct
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from mwanda_core.errors import ModelError
from mwanda_core.files import LFS, open_regular, read_regular, read_whole, refuse_pointer, refuse_special_files

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

_CODED = re.compile(r"F[468]_|[IU][48]$")
"""Types of numbers in eight bits or fewer, as safetensors names them."""

INDEX = "model.safetensors.index.json"
_PART = re.compile(r"-(\d{5})-of-(\d{5})$")

PLAIN_QUANTISATION = {"fp8": "FineGrainedFP8Config", "mxfp4": "Mxfp4Config"}
"""Methods whose weights transformers itself turns into plain bfloat16 as it loads them -> the setting that says so."""


def check_folder(path: Path) -> None:
    """Refuse a folder that holds no whole causal model in safetensors.

    Raises ModelError in one sentence.
    """
    names = {file.name for file in path.iterdir()}
    refuse_special_files(path, ModelError)
    if any(name.startswith("adapter_") for name in names):
        what = "a LoRA adapter beside base weights" if "config.json" in names else "a LoRA adapter without its base model"
        raise ModelError(
            f"The folder {str(path)!r} holds {what}: merge the adapter into the model first (peft: merge_and_unload, then "
            "save_pretrained), and give that folder."
        )
    _check_capitals(path, names)
    gguf = sorted(name for name in names if name.lower().endswith(".gguf"))
    if gguf and not any(name.endswith(".safetensors") for name in names):
        raise ModelError(
            f"The folder {str(path)!r} holds {gguf[0]}, a GGUF file: give the file itself, {str(path / gguf[0])!r}."
        )
    if "config.json" not in names:
        raise ModelError(f"The folder {str(path)!r} has no config.json: give a folder that save_pretrained wrote.")
    weights = sorted(name for name in names if name.endswith(".safetensors"))
    if not weights:
        raise ModelError(
            f"The folder {str(path)!r} has no safetensors weights; pickled weights (.bin, .pt) are never read. Convert "
            "them with save_pretrained first."
        )
    _check_naming(path, names, weights)
    try:
        config = json.loads(read_whole(path / "config.json", HEADER, ModelError))
        check_sizes(str(path), config)
    except (ValueError, RecursionError) as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(f"config.json of {str(path)!r} cannot be read: get it again.") from error
    index = _index(path, names)
    headers = {name: header(path / name) for name in weights}
    _check_parts(path, index, headers)
    check_types(str(path), config, headers)


def _check_capitals(path: Path, names: set[str]) -> None:
    lower = {name.lower(): name for name in names}
    for wanted in ("config.json", "model.safetensors", INDEX):
        if wanted in lower and wanted not in names:
            raise ModelError(
                f"The folder {str(path)!r} has {lower[wanted]}, which transformers looks for as {wanted}: rename it."
            )


def _check_naming(path: Path, names: set[str], weights: Sequence[str]) -> None:
    """Refuse files of weights that transformers would not find."""
    if {"model.safetensors", INDEX} & names:
        return
    if all(name.startswith("consolidated") for name in weights):
        raise ModelError(
            f"The folder {str(path)!r} has only {weights[0]}, the original release's own naming, which transformers "
            "does not read: get the files named model*.safetensors as well."
        )
    if _PART.search(Path(weights[0]).stem):
        raise ModelError(
            f"The folder {str(path)!r} has {weights[0]}, a part of a model, without {INDEX}, which says what each part holds: get it "
            "as well."
        )
    raise ModelError(
        f"The folder {str(path)!r} has {weights[0]}, but neither model.safetensors nor {INDEX}: rename it if it holds the whole model."
    )


def _check_parts(path: Path, index: Mapping[str, str], headers: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse parts that do not hold what the index says, and whole weights beside them."""
    if index and "model.safetensors" in headers and "model.safetensors" not in index.values():
        raise ModelError(f"The folder {str(path)!r} has both model.safetensors and {INDEX}: keep the weights that are meant.")
    for name, file in index.items():
        if name not in headers[file]:
            raise ModelError(
                f"The folder {str(path)!r} is incomplete: {file} holds no {name}, which {INDEX} says it does. Get it again."
            )
    for file in set(index.values()):
        twice = next((name for name in headers[file] if index.get(name, file) != file), None)
        if twice:
            raise ModelError(
                f"The folder {str(path)!r} holds {twice} in {file} and in {index[twice]}: get the parts of one model."
            )


def check_types(source: str, config: Any, headers: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse matrices in eight bits or fewer of which no configuration says what they stand for: as numbers they are none.

    config: as plain data. headers: file -> tensor -> its entry in the header. Raises ModelError naming the first.
    """
    parts = [config, *(part for part in config.values() if isinstance(part, Mapping))] if isinstance(config, Mapping) else []
    if any(part.get("quantization_config") for part in parts):
        return
    for file, tensors in headers.items():
        for name, entry in tensors.items():
            kind = str(entry.get("dtype", "")) if isinstance(entry, Mapping) else ""
            # Old checkpoints keep their causal mask beside the weights, a byte an entry.
            weighs = name.endswith("weight") or "experts" in name
            if weighs and _CODED.match(kind) and len(entry.get("shape", ())) > 1:
                raise ModelError(
                    f"{source!r} holds quantised weights ({name} of {file} is {kind}), and its configuration does not say how they "
                    "become numbers again: take the original model in bfloat16 or float16."
                )


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


def _index(path: Path, names: set[str]) -> dict[str, str]:
    """Tensor -> the file that holds it, as the index says; empty for weights in one file."""
    index = path / INDEX
    if index.name not in names:
        return {}
    try:
        found = dict(json.loads(read_regular(index, HEADER, ModelError))["weight_map"])
        files = set(found.values())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError(f"{index.name} of {str(path)!r} cannot be read: get it again.") from error
    outside = [name for name in files if not isinstance(name, str) or Path(name).name != name]
    if outside:
        raise ModelError(f"{index.name} of {str(path)!r} names {outside[0]!r}, which is not a file of the folder itself.")
    missing = sorted(files - names)
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise ModelError(f"The folder {str(path)!r} is incomplete: {missing[0]}{more} named by {index.name} is not there.")
    return found


def header(file: Path) -> dict[str, Any]:
    """The header of a safetensors file: tensor -> type, shape and place.

    Raises ModelError for another kind of file.
    """
    with open_regular(file, ModelError) as stream:
        head = stream.read(8)
        refuse_pointer(file, head + stream.read(len(LFS)), ModelError)
        stream.seek(8)
        size = struct.unpack("<Q", head)[0] if len(head) == 8 else HEADER + 1
        try:
            if size > min(HEADER, file.stat().st_size):
                raise ValueError("too long")
            found = dict(json.loads(stream.read(size)))
        except (ValueError, TypeError, RecursionError) as error:
            raise ModelError(f"{file.name} is no safetensors file, or a part of one: get it again.") from error
    return {name: entry for name, entry in found.items() if name != "__metadata__"}


def check_quantisation(source: str, config: Any) -> str | None:
    """The method by which weights are quantised that can be made plain; None for plain weights.

    Raises ModelError for methods that leave nothing to prune.
    """
    given = [getattr(part, "quantization_config", None) for part in (config, config.get_text_config())]
    found = next((one for one in given if one), None)
    if not found and any(one is not None for one in given):
        raise ModelError(
            f"The configuration of {source!r} has an empty quantization_config: take it out if the weights are plain."
        )
    if not found:
        return None
    if isinstance(found, Mapping) and any(found.get(name) for name in ("load_in_4bit", "load_in_8bit")):
        found = {"quant_method": "bitsandbytes"}
    method = found.get("quant_method") if isinstance(found, Mapping) else getattr(found, "quant_method", None)
    name = str(getattr(method, "value", method) or "a method without a name")
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
    _check_gguf_inside(path)
    return path


def _check_gguf_inside(path: Path) -> None:
    """A part that was renamed still says in its header that it is one; and transformers passes over tensors that it has no place for,
    without a word."""
    try:
        from gguf import GGUFReader
    except ImportError:  # The conversion says so itself.
        return
    try:
        reader = GGUFReader(str(path))
        field = reader.get_field("split.count")
        unread = _unread(reader)
    except Exception as error:  # The reader indexes into a file that may be cut off: any error means damaged.
        raise ModelError(f"{path.name} is damaged or incomplete: get it again.") from error
    count = 1 if field is None else int(field.contents())
    if count > 1:
        raise ModelError(
            f"{path.name} is one of {count} parts of a model: join the parts first (llama.cpp: llama-gguf-split --merge) and give the "
            "joined file."
        )
    if unread:
        more = f" and {len(unread) - 1} more" if len(unread) > 1 else ""
        raise ModelError(
            f"{path.name} holds {unread[0]}{more}, which transformers does not read, so that the model would be another one: take its "
            "safetensors."
        )


def _unread(reader: Any) -> list[str]:
    """Tensors that are none of the architecture's, or of more blocks than it has; and scaled rotary positions (Llama 3.1 and later)."""
    from gguf import MODEL_ARCH_NAMES, MODEL_TENSORS, TENSOR_NAMES

    kind = str(reader.get_field("general.architecture").contents())
    arch = next((arch for arch, name in MODEL_ARCH_NAMES.items() if name == kind), None)
    if arch is None:  # transformers says so.
        return []
    count = reader.get_field(f"{kind}.block_count")
    blocks = range(int(count.contents()) if count else 0)
    known = {TENSOR_NAMES[tensor].format(bid=block) for tensor in MODEL_TENSORS[arch] for block in (*blocks, 0)}
    scaled = {"rope_freqs", "rope_factors_long", "rope_factors_short"}
    names = [(tensor.name, tensor.name.rpartition(".")[0] or tensor.name) for tensor in reader.tensors]
    return [name for name, stem in names if stem in scaled or not {stem, name} & known]


def check_loaded(source: str, info: Mapping[str, Any]) -> tuple[str, ...]:
    """What of a checkpoint is not in the model, one sentence for each part; transformers only logs a warning of such things.

    Raises ModelError for weights that are missing, and would be random, or of another shape.
    """
    _refuse_coded(source, info["unexpected_keys"])
    missing, mismatched = sorted(info["missing_keys"]), sorted(str(key) for key in info["mismatched_keys"])
    if missing or mismatched:
        what = f"hold no {missing[0]}" if missing else f"hold {mismatched[0]} in another shape"
        rest = len(missing) + len(mismatched) - 1
        raise ModelError(
            f"{source!r} is incomplete: its weights {what}{f' and {rest} more' if rest else ''}. Get the whole model, or one whose "
            "configuration and weights belong together."
        )
    return _left_out(sorted(info["unexpected_keys"]))


def _refuse_coded(source: str, unexpected: Collection[str]) -> None:
    """Weights that are the half of something: quantised ones beside scales that were not read, base weights beside an adapter's."""
    for kind, what, advice in _HALVES:
        key = next((key for key in sorted(unexpected) if kind.search(key)), None)
        if key:
            raise ModelError(f"{source!r} holds {what} ({key}), which its configuration does not explain: {advice}.")


_HALVES = (
    (
        re.compile(
            r"(weight|input|proj|experts)_scale(_inv|_2)?$|[._](scales|qweight|qzeros|g_idx|absmax|SCB|weight_packed|blocks)$"
        ),
        "scales of quantised weights",
        "take the original model in bfloat16 or float16",
    ),
    (
        re.compile(r"[._]lora_(A|B|embedding|magnitude)|^base_model\.model\."),
        "an adapter beside the weights",
        "merge it into the model first (peft: merge_and_unload, then save_pretrained)",
    ),
)
"""Names of tensors, what they are, and what to do."""


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
