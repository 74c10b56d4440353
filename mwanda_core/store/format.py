"""The files of a run folder, every name once.

    report.json              facts (`report`)                    study.json: of a study on its own (`studies.result`)
    <table>.parquet          tables
    masks.safetensors        bit-packed masks (`parts.masks.pack`)
    updates.safetensors      new weights, where a solver made some
    statistics.safetensors   dense statistics (`statistics_file`)
    walked.safetensors       statistics that the masks were cut from, of a walk that pruned as it went
    states.safetensors       UniPruning's states, which masks of any sparsity are read from (`studies.one_calibration.files`)
    manifest.json            size and SHA-256 of all the others

Beside the runs: `.<name>-<random>/` while one is written, with owner.json, run/ and before/ (`whole`); `.started/` with runs being
worked on (`journal`); index.sqlite, which can be made again from the folders (`index`); names.json, what people call them.
"""

import re

from mwanda_core.holding import ASIDE

REPORT_FILE, STUDY_FILE = "report.json", "study.json"
MANIFEST = "manifest.json"

MASKS, UPDATES = "masks.safetensors", "updates.safetensors"
STATISTICS, WALKED = "statistics.safetensors", "walked.safetensors"
STATES = "states.safetensors"
TENSOR_FILES = (MASKS, UPDATES, STATISTICS, WALKED, STATES)

BUILT, BEFORE = "run", ASIDE
"""In a scratch folder: the one that is being written, and the one that it replaces."""

STARTED, DELETED = ".started", ".deleted-"
INDEX_FILE, NAMES_FILE = "index.sqlite", "names.json"
EXAMPLE, BASELINE = "example", "example-baseline"
EXAMPLES = (EXAMPLE, BASELINE)
"""The names by which the page links the runs that ship with it; they lie elsewhere, and hold the masks of a few matrices only."""

TABLE_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
"""A table's name becomes a file's name: studies of others have tables, too, so any plain word may be one, and nothing else."""

_TABLE = ".parquet"


def table_file(name: str) -> str:
    """The file of a table."""
    return f"{name}{_TABLE}"


def is_table_file(name: str) -> bool:
    """Whether a file of this name may be a table's."""
    return name.endswith(_TABLE) and TABLE_NAME.fullmatch(name.removesuffix(_TABLE)) is not None
