"""A pruned model to the Hub, with a token that is passed on and nowhere kept, and a base model's licence where it is known."""

import re
from pathlib import Path
from typing import Any

from mwanda_core.after.export import CARD
from mwanda_core.errors import InputError, RunError
from mwanda_core.models import EMBEDDED

_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")


def push_model(folder: Path, name: str, token: str, *, private: bool = True, api: Any = None) -> str:
    """Upload a folder that `export_model` wrote; the address of the model. `api`: an `HfApi`, one is made where none is given.

    The token goes to the Hub's client and nowhere else: it is not stored, and no error or log line of this library holds it.
    Raises RunError for a folder that is no exported model, InputError for a bad name, no token, or a Hub that refuses.
    """
    folder = Path(folder)
    if not (folder / "config.json").is_file() or not (folder / CARD).is_file() or not any(folder.glob("*.safetensors")):
        raise RunError(f"{str(folder)!r} holds no exported model: it needs config.json, {CARD} and safetensors.")
    check_upload(name, token)
    if api is None:
        from huggingface_hub import HfApi

        api = HfApi()
    try:
        api.create_repo(repo_id=name, token=token, private=private, exist_ok=True, repo_type="model")
        api.upload_folder(
            folder_path=str(folder), repo_id=name, token=token, repo_type="model", commit_message="Pruned model with its card"
        )
    except Exception as error:  # The client raises HTTP, value and OS errors, and some name the request with its headers.
        said = " ".join(str(error).replace(token, "***").replace(token.strip(), "***").split())[:300]
        # "from None": the chained error would carry the token into a traceback.
        raise InputError(f"The Hub did not take the model {name!r} ({type(error).__name__}): {said}") from None
    return f"https://huggingface.co/{name}"


def check_upload(name: str, token: str) -> None:
    """Raises InputError for a bad name or no token, so that a mistake is said before a model is loaded."""
    if not _NAME.fullmatch(name) or ".." in name or "--" in name:
        raise InputError(
            f"A model on the Hub is named owner/name with letters, digits, '.', '-' and '_'; it was given {name[:100]!r}."
        )
    if not token.strip():
        raise InputError("A token with the right to write is needed to upload a model: make one on the Hub's settings page.")


def licence_of(source: str) -> str:
    """The licence that a model's card names, from its folder or from what the Hub's client has on this machine; "" where it is
    not known. Nothing is downloaded."""
    if source == EMBEDDED:
        return "gemma"
    path = Path(source).expanduser()
    card: Any = path / CARD if source.strip() and path.is_dir() else None
    if card is None and _NAME.fullmatch(source):
        from huggingface_hub import try_to_load_from_cache

        card = try_to_load_from_cache(source, CARD)
    if not isinstance(card, str | Path) or not Path(card).is_file():
        return ""
    try:
        text = Path(card).read_text(encoding="utf-8")[:20_000]
    except (OSError, ValueError):
        return ""
    front = re.match(r"---\n(.*?)\n---", text, re.DOTALL)
    line = re.search(r"^license:\s*[\"']?([\w.-]{1,60})[\"']?\s*$", front.group(1), re.MULTILINE) if front else None
    return line.group(1) if line else ""
