"""Golden digests of what pruning does: made once, and compared after a change that must not change a bit.

python scripts/golden.py make [TEXT]      written to tests/golden, only where a change of results is meant
python scripts/golden.py check [TEXT]     exit code 1 where one differs

All cases, or those whose name holds TEXT.
"""

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "helpers")]

import golden  # noqa: E402
import torch  # noqa: E402
from transformers.utils import logging  # noqa: E402


def main() -> int:
    """0 where all is as stored, 1 where something differs, 2 where nothing can be compared."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", choices=("make", "check"))
    parser.add_argument("text", nargs="?", default="", help="only cases whose name holds this")
    given = parser.parse_args()
    torch.set_num_threads(1)  # The order of sums follows the number of threads.
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    cases = {name: case for name, case in golden.cases().items() if given.text in name}
    started = time.perf_counter()
    if given.what == "make":
        stored = golden.load()["cases"] if given.text else {}
        golden.store(stored | {name: case() for name, case in cases.items()})
        print(f"{len(cases)} cases stored in {time.perf_counter() - started:.0f} s")
        return 0
    stored = golden.load()
    if reason := golden.comparable(stored):
        print(f"nothing to compare: {reason}")
        return 2
    differing = 0
    for name, case in cases.items():
        found, wanted = case(), stored["cases"].get(name, {})
        if found != wanted:
            differing += 1
            keys = [key for key in {**wanted, **found} if wanted.get(key) != found.get(key)]
            print(f"{name}: {', '.join(keys)}")
    print(f"{len(cases)} cases, {differing} differ, {time.perf_counter() - started:.0f} s")
    return int(bool(differing))


if __name__ == "__main__":
    raise SystemExit(main())
