"""Everything that is measured on a GPU, one after the other, within minutes.

    python -m benchmarks.gpu                    on a CUDA machine with 40 GB
    python -m benchmarks.gpu --only gpu_masks

Each part is a benchmark of its own that writes its own results; one that fails or takes too long is said and leaves the others to run.
"""

import argparse
import subprocess
import sys
import tempfile
import time

PARTS = {
    "gpu_7b": ("benchmarks.gpu_7b", "--rounds", "2"),
    "gpu_masks": ("benchmarks.gpu_masks",),
    "default_job": ("benchmarks.default_job", "--device", "cuda"),
    "gpu_7b_onload": ("benchmarks.gpu_7b", "--shape", "1b", "--onload", "FOLDER"),
    "abilities": ("benchmarks.replications_abilities", "--items", "8"),
    "sentences": ("benchmarks.replications_memory", "--what", "sentences"),
}
"""What to run, the most asked for first."""


def main() -> int:
    """See the module docstring. The number of parts that failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--seconds", type=float, default=480.0, help="for all parts together")
    given = parser.parse_args()
    failed, end = 0, time.monotonic() + given.seconds
    for name in given.only.split(","):
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            words = [folder if word == "FOLDER" else word for word in PARTS[name][1:]]
            try:
                code = subprocess.run(
                    [sys.executable, "-m", PARTS[name][0], *words], check=False, timeout=max(1.0, end - started)
                ).returncode
            except subprocess.TimeoutExpired:
                code = 124
        failed += code != 0
        print(f"{name}: {'done' if code == 0 else f'failed ({code})'} in {time.monotonic() - started:.0f} s", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
