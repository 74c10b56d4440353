"""What an unfinished job has done so far, so that it can be taken up again: one JSON file in the unfinished folder."""

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mwanda_core.corpora import Packed
from mwanda_core.engine.onload.files import write_text
from mwanda_core.engine.outcome import LayerAllocation, LinearOutcome
from mwanda_core.errors import RunError

JOURNAL = "unfinished.json"


def job_key(files: Sequence[Path], calibration: Packed, settings: dict[str, Any]) -> str:
    """A digest of everything that decides the result: the weight files (name, size, time), the tokens, the settings."""
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for file in files:
        found = file.stat()
        digest.update(f"{file.name} {found.st_size} {found.st_mtime_ns}".encode())
    digest.update(json.dumps(calibration.languages).encode())
    digest.update(calibration.ids.contiguous().numpy().tobytes() + calibration.rows.contiguous().numpy().tobytes())
    return digest.hexdigest()


@dataclasses.dataclass
class Journal:
    """`blocks[i]` holds the outcomes of block i once its shard is written."""

    folder: Path
    key: str
    allocation: LayerAllocation | None = None
    blocks: list[tuple[LinearOutcome, ...]] = dataclasses.field(default_factory=list)
    num_moved: int = 0
    lacking: dict[int, list[list[str]]] = dataclasses.field(default_factory=dict)

    def save(self) -> None:
        """Write it, whole or not at all."""
        data = {
            "key": self.key,
            "allocation": None if self.allocation is None else dataclasses.asdict(self.allocation),
            "blocks": [[dataclasses.asdict(outcome) for outcome in outcomes] for outcomes in self.blocks],
            "num_moved": self.num_moved,
            "lacking": list(self.lacking.items()),
        }
        write_text(self.folder / JOURNAL, json.dumps(data))


def open_journal(folder: Path, key: str) -> Journal:
    """The journal of an unfinished job, or a new one.

    Raises RunError when the folder holds an unfinished job with other settings, or a damaged journal.
    """
    file = folder / JOURNAL
    if not file.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        journal = Journal(folder, key)
        journal.save()
        return journal
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        stored, found = data["key"], data["allocation"]
        allocation = None if found is None else LayerAllocation(*(tuple(found[k]) for k in ("importance", "sizes", "sparsity")))
        blocks = [tuple(LinearOutcome(**outcome) for outcome in outcomes) for outcomes in data["blocks"]]
        moved, lacking = int(data["num_moved"]), dict(data.get("lacking", ()))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"The journal in {str(folder)!r} is damaged: delete this folder and begin again.") from error
    if stored != key:
        raise RunError(
            f"{str(folder)!r} holds an unfinished job with other settings, texts or weights: give the same ones to take it up "
            "again, or delete the folder."
        )
    return Journal(folder, key, allocation, blocks, moved, lacking)
