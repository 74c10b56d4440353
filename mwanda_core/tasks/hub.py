"""Rows of published sets through `datasets`: plain data files on the Hub or at a fixed commit, since loading scripts no
longer run in datasets 4 and later. A set is downloaded once and found in the datasets cache afterwards, also offline."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from mwanda_core.errors import TextError
from mwanda_core.tasks.files import Row


@dataclasses.dataclass(frozen=True)
class HubRows:
    """Where the rows of a language are. `config` and `files` may hold {code} (ISO 639-1) and {other} (`renamed`).

    repository: an id on the Hub, or "csv" / "json" with `files` as full addresses at a fixed commit.
    configs: several configurations that together make the set (the paradigms of BLiMP).
    """

    repository: str
    split: str
    config: str | None = None
    files: tuple[str, ...] = ()
    renamed: Mapping[str, str] = dataclasses.field(default_factory=dict)
    configs: tuple[str, ...] = ()
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def source(self) -> str:
        """What a table of tasks shows."""
        return self.repository if not self.files else self.files[0].split("{", 1)[0]

    def rows(self, code: str) -> Iterator[Row]:
        """The rows of a language, each with its number ("row") and configuration ("file").

        Raises TextError in one sentence when they cannot be had (no such language, gated, offline).
        """
        words = {"code": code, "other": self.renamed.get(code, code)}
        if self.files:
            # One by one: files of one set need not have the same columns.
            for name in self.files:
                address = name.format(**words)
                for number, row in enumerate(_load(self.repository, None, self.split, address, self.options)):
                    yield {"row": number, "file": address.rsplit("/", 1)[-1].split(".")[0]} | row
            return
        for config in self.configs or (None if self.config is None else self.config.format(**words),):
            for number, row in enumerate(_load(self.repository, config, self.split)):
                yield {"row": number, "file": config or ""} | row


def _load(repository: str, config: str | None, split: str, file: str = "", options: Mapping[str, Any] | None = None) -> Any:
    # datasets takes two seconds to import and is only needed here.
    from datasets import load_dataset

    try:
        if file:
            return load_dataset(repository, data_files=file, split=split, **(options or {}))
        return load_dataset(repository, config, split=split)
    except Exception as error:  # datasets raises many kinds; every one of them means: these rows cannot be had now.
        text = " ".join(str(error).split())
        where = f"The items of {file or repository}" + (f" ({config})" if config else "") + " cannot be had"
        if "gated" in text.lower() or "401" in text or "403" in text:
            raise TextError(f"{where}: the set is gated. Accept its terms on its Hub page and set HF_TOKEN.") from error
        if "BuilderConfig" in text:
            raise TextError(f"{where}: the set has no such language.") from error
        raise TextError(f"{where}: {text[:160]}. Check the connection, or give a local folder as the source.") from error
