"""States in a folder: `states.safetensors` and, in its metadata, the settings, languages and the model's fingerprint."""

import dataclasses
import json
import math
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from mwanda_core.engine.mirror import Mirror
from mwanda_core.errors import InputError, RunError
from mwanda_core.methods.scores.unipruning import UniPruning
from mwanda_core.store.format import STATES


def save_states(folder: Path, mirror: Mirror, fingerprint: str) -> Path:
    """Write the states; about 4 bytes a prunable weight and language."""
    folder.mkdir(parents=True, exist_ok=True)
    told = {
        "settings": dataclasses.asdict(mirror.settings),
        "languages": list(mirror.languages),
        "losses": [None if math.isnan(loss) else loss for loss in mirror.losses],
        "fingerprint": fingerprint,
    }
    tensors = {name: state.cpu().contiguous() for name, state in mirror.states.items()}
    save_file(tensors, folder / STATES, metadata={"mwanda": json.dumps(told)})
    return folder / STATES


def load_states(folder: Path, fingerprint: str) -> Mirror:
    """States that `save_states` wrote for the model with this fingerprint.

    Raises RunError in one sentence when the file is missing, damaged, or of another model.
    """
    path = folder / STATES
    try:
        with safe_open(path, framework="pt") as stored:
            told = json.loads((stored.metadata() or {})["mwanda"])
            settings = UniPruning(**told["settings"])
            losses = tuple(float("nan") if loss is None else float(loss) for loss in told["losses"])
            mirror = Mirror(
                settings, tuple(told["languages"]), {name: stored.get_tensor(name) for name in list(stored.keys())}, losses
            )
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, InputError) as error:
        raise RunError(f"The states in {str(path)!r} are missing or damaged: calibrate again.") from error
    if told["fingerprint"] != fingerprint:
        raise RunError(
            f"The states in {str(path)!r} belong to another model, or to other weights of it: calibrate on this one."
        )
    return mirror
