"""The gated MLP of a decoder block, down(act(gate x) * (up x)): where its three matrices are, in memory and on disk.

A neuron is a row of gate and of up and a column of down.
"""

from typing import Any

from mwanda_core.errors import ModelError
from mwanda_core.models import DecoderBlock, LanguageModel, PrunableLinear
from mwanda_core.shrink.folders import ModelFolder
from mwanda_core.shrink.tensors import read_tensor

FAMILIES = ("llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3_text", "smollm3", "olmo2")
GATE, UP, DOWN = "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"


def check(model_type: str) -> None:
    """Raises ModelError, naming the family, for one whose blocks are not known to be cut safely."""
    if model_type not in FAMILIES:
        raise ModelError(f"Blocks of {model_type or 'this family'} are not cut here: only those of {', '.join(FAMILIES)}.")


PRUNED = 0.2
"""Share of zeros in a matrix from which on it counts as pruned: weights expanded from four bits hold some by nature."""


def refuse_pruned(folder: ModelFolder) -> None:
    """Raises ModelError for a model whose matrices are full of zeros: what is fitted after a cut would fill them."""
    name = f"{path_of(folder)}0.{DOWN}.weight"
    if name in folder.tensors:
        share = float((read_tensor(folder.tensors[name]) == 0).float().mean())
        if share >= PRUNED:
            raise ModelError(
                f"This model is pruned ({share:.0%} of {name} are zeros), and fitting what stays would fill its zeros: make the original "
                "small, then prune what is left."
            )


def linear_of(block: DecoderBlock, name: str = DOWN) -> PrunableLinear:
    """One of the block's linear layers; its down projection."""
    return next(linear for linear in block.linears if linear.name == name)


def width(folder: ModelFolder) -> int:
    """Neurons of each block."""
    return int(folder.text_config["intermediate_size"])


def num_layers(folder: ModelFolder) -> int:
    """Decoder blocks."""
    return int(folder.text_config["num_hidden_layers"])


def path_of(folder: ModelFolder) -> str:
    """What stands before a block's number in the names of its tensors.

    Raises ModelError when no block is found.
    """
    for name in folder.tensors:
        head, found, _ = name.partition(".layers.0.")
        if found:
            return f"{head}.layers."
    raise ModelError(f"No decoder blocks were found in the weights of {str(folder.path)!r}.")


def with_text_config(folder: ModelFolder, **changes: Any) -> dict[str, Any]:
    """The configuration with some of the decoder's settings changed."""
    if folder.text_config is folder.config:
        return folder.config | changes
    return folder.config | {"text_config": folder.text_config | changes}


def model_of(folder: ModelFolder, dtype: str = "auto") -> LanguageModel:
    """The model, loaded."""
    from mwanda_core.models import load

    return load(str(folder.path), dtype=dtype)
