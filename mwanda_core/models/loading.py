"""From a name, a folder or a file to a model that can be pruned. Safetensors only, no remote code."""

import contextlib
import dataclasses
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
import transformers
from accelerate import init_empty_weights
from huggingface_hub import errors as hub_errors
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForImageTextToText,
    AutoTokenizer,
    PreTrainedConfig,
    PreTrainedModel,
)
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES,
)
from transformers.utils import logging as transformers_logging
from transformers.utils.hub import cached_file
from transformers.utils.peft_utils import find_adapter_config_file

from mwanda_core.errors import Cancelled, InputError, ModelError
from mwanda_core.models import cache
from mwanda_core.models.anatomy import num_parameters, output_head, stacked_parameters
from mwanda_core.models.blocks import find_blocks
from mwanda_core.models.inspect import (
    PLAIN_QUANTISATION,
    check_folder,
    check_gguf,
    check_loaded,
    check_quantisation,
    check_sizes,
    check_tokenizer,
    check_types,
    header,
)
from mwanda_core.models.language_model import LanguageModel
from mwanda_core.models.memory import MemoryEstimate, ModelShape, estimate, require
from mwanda_core.models.reachable import check_reachable
from mwanda_core.models.watching import expanding

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def choose_device(device: str) -> torch.device:
    """ "auto" takes CUDA when there is one.

    Raises InputError for a device this machine does not have, or one without float64 (mps).
    """
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    kind = device.partition(":")[0]
    if kind not in ("cpu", "cuda"):
        raise InputError(f"The device must be auto, cpu, cuda or cuda:N; it was given {device!r}.")
    if kind == "cuda" and not torch.cuda.is_available():
        raise InputError(f"The device {device!r} was asked for, but this machine has no CUDA device: use cpu or auto.")
    try:
        found = torch.device(device)
    except RuntimeError as error:
        raise InputError(f"The device must be auto, cpu, cuda or cuda:N; it was given {device!r}.") from error
    if kind == "cuda" and (found.index or 0) >= torch.cuda.device_count():
        raise InputError(f"The device {device!r} was asked for, but this machine has {torch.cuda.device_count()} CUDA devices.")
    return found


def choose_dtype(dtype: str, device: torch.device) -> torch.dtype:
    """ "auto": bfloat16 where the hardware multiplies it natively, else float32 on a CPU and float16 on a GPU."""
    if dtype != "auto":
        if dtype not in DTYPES:
            raise InputError(f"The dtype must be auto, {', '.join(DTYPES)}; it was given {dtype!r}.")
        return DTYPES[dtype]
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    native = ("avx512_bf16", "amx_bf16", "amx_tile", "bf16")
    capabilities = torch.cpu.get_capabilities()
    return torch.bfloat16 if any(capabilities.get(name) for name in native) else torch.float32


def load(source: str, device: str = "auto", dtype: str = "auto") -> LanguageModel:
    """A causal language model with its tokenizer, ready to be pruned.

    source: "gemma-3-270m" (built in), a Hub id such as "Qwen/Qwen2.5-0.5B", a local folder, or a `.gguf` file.
    Raises ModelError (one sentence: gated, missing, not a causal language model, no safetensors) and DoesNotFit.
    """
    place = choose_device(device)
    kind = choose_dtype(dtype, place)
    with _said_plainly(source):
        folder = _folder(source)
        if source != cache.EMBEDDED and Path(folder).is_dir():
            check_tokenizer(source, Path(folder))
        config = _config(source, folder)
        _check_causal(source, config)
        _check_no_adapter(source, folder)
        quantised = check_quantisation(source, config)
        require(_weights_only(config, kind), place, source)
        loaded: Any = auto_class(config).from_pretrained(
            folder,
            dtype=kind,
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
            **_made_plain(quantised),
        )
        hf, info = loaded
        notes = check_loaded(source, info)
        _check_fetched(source, folder, config)
        _check_numbers(source, hf)
        if quantised:
            _forget_quantisation(hf)
            hf.to(kind)
            notes += (f"The weights were stored in {quantised} and made plain {str(kind).removeprefix('torch.')}.",)
        tokenizer = _own_tokenizer(Path(folder)) if source == cache.EMBEDDED else None
        tokenizer = tokenizer or AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    revision = str(getattr(config, "_commit_hash", None) or "")
    model = wrap(hf.to(place), tokenizer, source=source, revision=revision)
    return dataclasses.replace(model, skipped=(*model.skipped, *notes))


def _check_no_adapter(source: str, folder: str) -> None:
    """Of a folder `check_folder` says it; on the Hub, base weights may have an adapter beside them, too."""
    if not Path(folder).is_dir():
        with contextlib.suppress(OSError):  # Loading says why the Hub cannot be asked.
            if find_adapter_config_file(folder) is not None:
                raise ModelError(
                    f"{source!r} holds a LoRA adapter: merge it into its base model first (peft: merge_and_unload, then save_pretrained), "
                    "and give that folder."
                )


def _check_fetched(source: str, folder: str, config: Any) -> None:
    """What `check_folder` says of a folder's files before they are read, of those that the Hub has sent."""
    if not Path(folder).is_dir():
        place = cached_file(folder, "config.json", local_files_only=True)
        files = sorted(Path(str(place)).parent.glob("*.safetensors"))
        check_types(source, config.to_dict(), {file.name: header(file) for file in files})


def _check_numbers(source: str, hf: PreTrainedModel) -> None:
    """Raises ModelError for weights that are no numbers."""
    for name, parameter in hf.named_parameters():
        # A sum shows any of them and needs no memory; it may overflow by itself, so it is not the last word.
        if not torch.isfinite(parameter.sum(dtype=torch.float32)) and not torch.isfinite(parameter).all():
            raise ModelError(f"{name} of {source!r} holds values that are no numbers (NaN or infinite): get the model again.")


def _own_tokenizer(folder: Path) -> Any:
    """The tokenizer of the built-in model from the file that this library wrote; None where transformers has other classes by now.

    transformers reads the 33 MB of JSON in Python and builds the same tokenizer from lists: 3.6 s of one thread, most of the time in which the model
    is loaded. The file is what results from that; read as it is, it takes 1.3 s.
    """
    settings = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    kind = getattr(transformers, str(settings.pop("tokenizer_class", "")), None)
    if not isinstance(kind, type) or not issubclass(kind, transformers.PreTrainedTokenizerFast):
        return None
    found = kind.__new__(kind)
    more = {name: value for name, value in settings.items() if name not in ("backend", "is_local", "local_files_only")}
    transformers.PreTrainedTokenizerFast.__init__(
        found, tokenizer_file=str(folder / "tokenizer.json"), name_or_path=str(folder), **more
    )
    return found


def _config(source: str, folder: str) -> Any:
    """The configuration, its numbers looked at before transformers builds lists of such lengths from them."""
    check_sizes(source, PreTrainedConfig.get_config_dict(folder)[0])
    return AutoConfig.from_pretrained(folder, trust_remote_code=False)


def _made_plain(quantised: str | None) -> dict[str, Any]:
    """The argument by which transformers makes quantised weights plain as it reads them."""
    if quantised is None:
        return {}
    return {"quantization_config": getattr(transformers, PLAIN_QUANTISATION[quantised])(dequantize=True)}


def _forget_quantisation(hf: Any) -> None:
    """Let a model whose weights are plain now be saved as what it is."""
    for config in (hf.config, hf.config.get_text_config()):
        if hasattr(config, "quantization_config"):
            del config.quantization_config
    hf.hf_quantizer = None
    hf.is_quantized = False
    # What undoes, while saving, what was done while loading: weights joined or split stay among it, quantisation must not.
    kept = [rule for rule in getattr(hf, "_weight_conversions", None) or [] if not _quantises(rule)]
    if hasattr(hf, "_weight_conversions"):
        hf._weight_conversions = kept


def _quantises(rule: Any) -> bool:
    return any(word in str(pattern) for pattern in rule.source_patterns for word in ("scale", "blocks"))


def wrap(hf: PreTrainedModel, tokenizer: Any, source: str = "in memory", revision: str = "") -> LanguageModel:
    """A model already in memory, made ready for pruning (evaluation mode, blocks found).

    Raises ModelError when it has no decoder blocks, or does not read a text alone.
    """
    hf.eval()
    hf.requires_grad_(False)
    blocks, skipped = find_blocks(hf)
    output_head(hf)
    _check_reads_text(hf)
    found = LanguageModel(hf, tokenizer, source, revision, blocks, skipped)
    if hf.device.type != "meta":
        # Found by a forward pass: now, before anyone watches or changes what passes through the model.
        _ = found.longest
    return found


def _check_reads_text(hf: PreTrainedModel) -> None:
    if hf.device.type == "meta":
        return
    try:
        with torch.no_grad():
            hf(input_ids=torch.arange(4, device=hf.device)[None] % 4, use_cache=False)
    except (MemoryError, torch.OutOfMemoryError):
        raise
    except Exception as error:
        said = " ".join(str(error).split())[:160].rstrip(".")
        raise ModelError(
            f"{type(hf).__name__} cannot be pruned here: it does not run on a text alone ({said}). Choose a model that does."
        ) from error


def estimate_memory(source: str, tokens: int, num_languages: int, device: str = "auto", dtype: str = "auto") -> MemoryEstimate:
    """Bytes that a whole job on `source` needs, from its configuration alone; nothing is loaded.

    The embedded model and `.gguf` files are expanded into the cache first.
    """
    kind = choose_dtype(dtype, choose_device(device))
    with _said_plainly(source):
        config = _config(source, _folder(source))
    _check_causal(source, config)
    return estimate(_shape(config, kind), tokens, num_languages)


def _shape(config: Any, dtype: torch.dtype) -> ModelShape:
    empty = _empty(config)
    blocks, _ = find_blocks(empty)
    linears = [linear for block in blocks for linear in block.linears]
    return ModelShape(
        parameters=num_parameters(empty),
        prunable=sum(x.numel() for x in (*(linear.weight for linear in linears), *stacked_parameters(blocks).values())),
        hidden=config.get_text_config().hidden_size,
        input_width=sum(linear.weight.shape[1] for linear in linears),
        bytes_per_weight=dtype.itemsize,
    )


def _empty(config: Any) -> PreTrainedModel:
    """The model of a configuration, without weights.

    Raises ModelError in one sentence when transformers does not build it.
    """
    try:
        with init_empty_weights(include_buffers=True):
            built: PreTrainedModel = auto_class(config).from_config(config)
            return built
    except ImportError as error:
        package = re.search(r"requires the (\S+) library", str(error))
        what = (
            f"the package {package[1]}, which is not installed: install it"
            if package
            else f"more than is installed ({_short(error)}): add that"
        )
        raise ModelError(f"A model of the type {config.model_type!r} needs {what}, or choose another model.") from error
    except (MemoryError, torch.OutOfMemoryError, Cancelled):
        raise
    except Exception as error:
        raise ModelError(
            f"transformers {transformers.__version__} cannot build a model of the type {config.model_type!r} from this configuration "
            f"({_short(error)}): choose another model, or get its configuration again."
        ) from error


def _short(error: Exception) -> str:
    if "Unrecognized configuration class" in str(error):
        return "it has no model for it that writes text"
    said = " ".join(str(error).split()).rstrip(".")
    return said if len(said) <= 160 else f"{said[:160]}..."


def _weights_only(config: Any, dtype: torch.dtype) -> MemoryEstimate:
    shape = _shape(config, dtype)
    return MemoryEstimate(shape.parameters * shape.bytes_per_weight, 0, 0, 0, 0)


def _folder(source: str) -> str:
    """What transformers should read: a folder on disk, or a Hub id unchanged."""
    if source == cache.EMBEDDED:
        return str(cache.embedded_folder(_expand))
    path = Path(source).expanduser()
    if path.suffix.lower() == ".gguf":
        return str(cache.gguf_folder(check_gguf(path), _expand))
    if source.strip() and path.is_dir():  # Path("") is the working directory.
        check_folder(path)
        return str(path)
    if source.count("/") != 1 or source.startswith((".", "/", "~")) or not source.strip("/"):
        raise ModelError(
            f"{source!r} is neither the built-in {cache.EMBEDDED!r}, nor a Hub id such as 'Qwen/Qwen2.5-0.5B', nor a "
            "folder, nor a .gguf file on this machine."
        )
    return source


def auto_class(config: PreTrainedConfig) -> Any:
    """What of transformers builds a model that writes text: a causal language model, or one that also sees pictures, whose text part is
    the language model here."""
    named = set(getattr(config, "architectures", None) or [])
    of_text = named & set(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES.values()) or not named
    if of_text and config.model_type in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
        return AutoModelForCausalLM
    seeing = config.model_type in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES
    return AutoModelForImageTextToText if seeing else AutoModelForCausalLM


def _check_causal(source: str, config: Any) -> None:
    named = getattr(config, "architectures", None) or []
    seeing = MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES
    known = {*MODEL_FOR_CAUSAL_LM_MAPPING_NAMES.values(), *seeing.values()}
    causal = [
        name for name in named if name in known or "CausalLM" in name or "LMHead" in name or "ConditionalGeneration" in name
    ]
    of_a_kind = config.model_type in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES or config.model_type in seeing
    translates = config.is_encoder_decoder or config.get_text_config(decoder=True).is_encoder_decoder
    if not of_a_kind and causal and not translates:
        raise ModelError(
            f"{source!r} is a {', '.join(named)}, but transformers does not say what loads the type {config.model_type!r}: give the whole "
            "model that it is a part of."
        )
    if not of_a_kind or translates or (named and not causal):
        what = ", ".join(named) or config.model_type
        raise ModelError(f"{source!r} is not a causal language model but {what}: choose a decoder-only model.")


@contextlib.contextmanager
def _said_plainly(source: str) -> Iterator[None]:
    """Turn the ways in which a model cannot be had into one sentence each."""
    try:
        yield
    except hub_errors.GatedRepoError as error:
        raise ModelError(
            f"{source!r} is gated: accept its terms on its Hub page and set HF_TOKEN (or run `hf auth login`), then load again."
        ) from error
    except hub_errors.RepositoryNotFoundError as error:
        raise ModelError(
            f"There is no public model {source!r} on the Hub: check the spelling, or set HF_TOKEN if it is private."
        ) from error
    except (InputError, Cancelled):
        raise
    except (
        BaseException
    ) as error:  # Damaged files fail in every way: struct, safetensors, JSON, shapes, missing keys, panics of Rust.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise ModelError(_plain_words(source, str(error))) from error


def _plain_words(source: str, text: str) -> str:
    if "gated repo" in text:
        return (
            f"{source!r} is gated: accept its terms on its Hub page and set HF_TOKEN (or run `hf auth login`), then load again."
        )
    if "safetensors" in text and ("does not appear" in text or "no file named" in text.lower()):
        return f"{source!r} has no safetensors weights; pickled weights are never read. Choose a model with safetensors."
    if "trust_remote_code" in text or "custom code" in text:
        return (
            f"{source!r} needs code from its own repository, which is never run here: choose a model that transformers knows."
        )
    if "not a valid model identifier" in text or "is not a local folder" in text:
        return f"There is no public model {source!r} on the Hub: check the spelling, or set HF_TOKEN if it is private."
    if "offline" in text.lower() or "couldn't connect" in text.lower() or "cached files" in text:
        return f"{source!r} is not on this machine and the Hub cannot be reached: check the connection, or give a local folder."
    if "ignore_mismatched_sizes" in text:
        return f"{source!r} could not be read: its weights have other shapes than its configuration says. Get the files of one model."
    said = " ".join(text.split())
    said = f"{said[:300]}..." if len(said) > 300 else f"{said.rstrip('.')}."
    return f"{source!r} could not be read: {said}"


def _expand(gguf: Path, target: Path) -> None:
    """Convert a GGUF file to bfloat16 safetensors plus tokenizer."""
    with _quiet(), expanding():
        tokenizer = AutoTokenizer.from_pretrained(str(gguf.parent), gguf_file=gguf.name)
        check_reachable(gguf.name, tokenizer)
        loaded: Any = AutoModelForCausalLM.from_pretrained(
            str(gguf.parent), gguf_file=gguf.name, dtype=torch.bfloat16, output_loading_info=True
        )
        model, info = loaded
        # Before anything is kept: what the file lacks would be random.
        check_loaded(gguf.name, info)
        # The weights are expanded now, but transformers still calls them quantized and would refuse to save them.
        _forget_quantisation(model)
        model.save_pretrained(str(target))
        tokenizer.save_pretrained(str(target))
    config = json.loads((target / "config.json").read_text())
    config["architectures"] = [type(model).__name__]
    (target / "config.json").write_text(json.dumps(config, indent=2))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """No progress bars and no advice about GGUF kernels while expanding."""
    before = transformers_logging.get_verbosity()
    bars, shown = os.environ.get("TQDM_DISABLE"), transformers_logging.is_progress_bar_enabled()
    os.environ["TQDM_DISABLE"] = "1"
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(before)
        if shown:
            transformers_logging.enable_progress_bar()
        if bars is None:
            del os.environ["TQDM_DISABLE"]
        else:
            os.environ["TQDM_DISABLE"] = bars
