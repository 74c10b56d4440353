"""A run as one zip file, out and in. A zip comes from anyone: names never become paths, sizes are bounded before and while
unpacking, and nothing is kept unless it reads as a run with matching hashes."""

import json
import stat
import zipfile
from pathlib import Path

from mwanda_core.errors import RunError
from mwanda_core.files import open_regular, replacing
from mwanda_core.holding import scratch_folder
from mwanda_core.store.format import MANIFEST, REPORT_FILE, STATES, STATISTICS, TENSOR_FILES, WALKED, is_table_file, table_file
from mwanda_core.store.integrity import check_files, manifest
from mwanda_core.store.report import load_report
from mwanda_core.store.run_store import RunStore
from mwanda_core.store.tensors import read_header

LARGEST_RUN = 8 * 2**30
"""Bytes of an unpacked run that is taken in: masks of a model with 40 billion weights have 5 GB."""

LARGEST_RATIO = 1100
"""Deflate packs at most 1032 to 1."""

_KNOWN = frozenset({REPORT_FILE, MANIFEST, *TENSOR_FILES})
_CHUNK = 2**20


def export_zip(store: RunStore, id: str, target: Path, tensors: bool = True) -> Path:
    """Write a run into a zip file; `tensors` False leaves the statistics out (masks and new weights always go).

    Raises RunError when the run is missing or damaged.
    """
    folder = store.path(id)
    load_report(folder)
    known = manifest(folder)
    names = sorted(known) if known is not None else sorted(file.name for file in folder.iterdir() if _known(file.name))
    names = [name for name in names if _known(name) and (tensors or name not in (STATISTICS, WALKED, STATES))]
    check_files(folder, names)
    target = Path(target)
    with replacing(target) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.write(folder / name, f"{id}/{name}")
        if known is not None:
            kept = {name: list(known[name]) for name in names}
            archive.writestr(f"{id}/{MANIFEST}", json.dumps({"format": 1, "files": kept}, indent=1))
    return target


def _known(name: str) -> bool:
    """Whether a run may have a file of this name."""
    return name in _KNOWN or is_table_file(name)


def import_zip(store: RunStore, source: Path, largest: int = LARGEST_RUN) -> str:
    """Take a run from a zip file into the store; its id. A run that is already there is left as it is.

    Raises RunError in one sentence for anything that is not a whole run.
    """
    source = Path(source)
    with scratch_folder(store.folder, "import") as scratch:
        built = scratch / "run"
        built.mkdir()
        _unpack(source, built, largest)
        return _adopt(store, built, source.name)


def _unpack(source: Path, built: Path, largest: int) -> None:
    try:
        with open_regular(source, RunError) as stream, zipfile.ZipFile(stream) as archive:
            members = _members(archive, source.name, largest)
            for name, member in members.items():
                left = member.file_size
                with archive.open(member) as packed, (built / name).open("wb") as written:
                    while chunk := packed.read(min(_CHUNK, left + 1)):
                        left -= len(chunk)
                        if left < 0:
                            raise RunError(f"{source.name!r} is damaged: {name!r} is larger than it says.")
                        written.write(chunk)
    except RunError:
        raise
    except Exception as error:  # zipfile fails on damaged files in every way: its own error, zlib's, struct's, EOFError, ...
        raise RunError(f"{source.name!r} is not a zip file of a run, or it is damaged ({type(error).__name__}).") from error


def _members(archive: zipfile.ZipFile, source: str, largest: int) -> dict[str, zipfile.ZipInfo]:
    """File name -> member, for an archive that holds the files of one run and nothing else."""
    found: dict[str, zipfile.ZipInfo] = {}
    total, tops = 0, set()
    for member in archive.infolist():
        if member.is_dir():
            continue
        top, _, name = member.filename.rpartition("/")
        kind = stat.S_IFMT(member.external_attr >> 16)
        if "/" in top or top in (".", "..") or not _known(name) or name in found or kind not in (0, stat.S_IFREG):
            raise RunError(f"{source!r} is not a run: it holds {member.filename[:80]!r}, which no run has.")
        if member.flag_bits & 0x1 or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise RunError(f"{source!r} is encrypted or packed in a way that is not read here: pack it as a plain zip file.")
        total += member.file_size
        if member.file_size > LARGEST_RATIO * max(1, member.compress_size) or total > largest:
            raise RunError(
                f"{source!r} would unpack to {total} bytes or more, which no run of this size has; it was not unpacked."
            )
        tops.add(top)
        found[name] = member
    if len(tops) != 1 or REPORT_FILE not in found or MANIFEST not in found:
        raise RunError(f"{source!r} is not a run: it needs {REPORT_FILE} and {MANIFEST}, in one folder.")
    return found


def _adopt(store: RunStore, built: Path, source: str) -> str:
    names = sorted(file.name for file in built.iterdir() if file.name != MANIFEST)
    check_files(built, names)
    missing = sorted(set(manifest(built) or {}) - set(names))
    if missing:
        raise RunError(f"{source!r} is damaged: {missing[0]!r} is missing.")
    for name in names:
        if name in TENSOR_FILES:
            read_header(built / name)
    report = load_report(built)
    beside = sorted({name for name in names if is_table_file(name)} - {table_file(name) for name in report.tables})
    if beside:
        raise RunError(f"{source!r} is not a run: it holds {beside[0]!r}, of which its {REPORT_FILE} says nothing.")
    id = report.id
    target = store.path(id)
    if target.exists():
        if (manifest(target) or {}).get(REPORT_FILE) == (manifest(built) or {}).get(REPORT_FILE):
            return id
        raise RunError(f"There is another run named {id!r} here already: delete it first.")
    built.rename(target)
    return id
