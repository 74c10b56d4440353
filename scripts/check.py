"""The whole test command: lint, format, types, tests. Stops at the first that fails.

Tests run on as many processor cores as there are, four at most; files of tests stay together.

python scripts/check.py            everything
python scripts/check.py tests/test_masks.py -k ties        other pytest arguments, after lint and types
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STEPS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("pytest", "-n", str(min(4, os.cpu_count() or 1)), "--dist", "loadfile"),
)


def main(arguments: list[str]) -> int:
    """Run every step in the repository's root; the exit code of the first failure, else 0."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "GRADIO_ANALYTICS_ENABLED": "False"}
    for step in STEPS:
        command = [sys.executable, "-m", *step, *(arguments if step[0] == "pytest" else ())]
        print(f"\n== {' '.join(command[2:])}", flush=True)
        code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
