"""What stands for the Hub, and a command as a shell takes it apart."""

import shlex
from typing import Any


class FakeHub:
    """Stands for `huggingface_hub.HfApi`; notes what it was asked, or refuses naming the token as a careless client may."""

    def __init__(self, refuse: bool = False) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.refuse = refuse

    def create_repo(self, **how: Any) -> None:
        self.asked.append(("create_repo", how))

    def upload_folder(self, **how: Any) -> None:
        self.asked.append(("upload_folder", how))
        if self.refuse:
            raise OSError(f"403 Forbidden\nAuthorization: Bearer {how['token']}")


def typed(line: str) -> list[str]:
    words = shlex.split(line)
    assert words[:2] == ["mwanda", "prune"]
    return words[1:]
