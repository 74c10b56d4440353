"""Prune one model with the processes that torchrun started; process 0 saves it.

torchrun --nproc-per-node 4 -m mwanda_core.engine.distributed --model Qwen/Qwen2.5-0.5B --languages en,de,sw --out pruned
"""

import argparse
import sys
from pathlib import Path

from mwanda_core.corpora import builtin, folder, hub, pack
from mwanda_core.corpora.hub import SOURCES
from mwanda_core.engine.distributed.group import joined
from mwanda_core.engine.pruning import prune
from mwanda_core.errors import InputError
from mwanda_core.methods.recipes import RECIPES, recipe
from mwanda_core.models import load


def parser() -> argparse.ArgumentParser:
    """The command line."""
    found = argparse.ArgumentParser(
        prog="python -m mwanda_core.engine.distributed", description=(__doc__ or "").splitlines()[0]
    )
    found.add_argument("--model", default="gemma-3-270m", help="built-in name, Hub id, folder or .gguf file")
    found.add_argument("--texts", default="built-in", help="built-in, a source on the Hub, or a folder of <code>.txt files")
    found.add_argument("--languages", default="en,de,hi,sw", help="calibration languages, separated by commas")
    found.add_argument("--tokens", type=int, default=1280, help="tokens per language, over all processes")
    found.add_argument("--length", type=int, default=128, help="tokens per sequence")
    found.add_argument("--method", default="m-wanda", choices=sorted(RECIPES))
    found.add_argument("--sparsity", type=float, default=0.5)
    found.add_argument("--mode", default="sequential", choices=("sequential", "one-pass", "per-linear"))
    found.add_argument("--device", default="cpu", help="cpu, or cuda (a GPU for each process)")
    found.add_argument("--out", type=Path, required=True, help="folder for the pruned model; it must not exist")
    return found


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0, or 2 with one sentence for what cannot be done."""
    given = parser().parse_args(arguments)
    try:
        if given.out.exists():
            raise InputError(f"{str(given.out)!r} exists already: give a folder that does not.")
        with joined(given.device) as group:
            model = load(given.model, "cuda:" + str(group.rank % _gpus()) if given.device == "cuda" else given.device)
            texts = _texts(given.texts, tuple(given.languages.split(",")))
            packed = pack(texts, model.encode, model.start, given.length, given.tokens)
            result = prune(model, packed, recipe(given.method), given.sparsity, given.mode, group=group)
            if group.rank == 0:
                model.save(given.out)
                sys.stdout.write(
                    f"{result.achieved:.4f} pruned in {result.seconds:.1f} s by {group.size} process(es): {given.out}\n"
                )
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _gpus() -> int:
    import torch

    return max(1, torch.cuda.device_count())


def _texts(source: str, languages: tuple[str, ...]):  # type: ignore[no-untyped-def]
    if source == "built-in":
        return builtin(languages).calibration
    return hub(source, languages) if source in SOURCES else folder(source, languages)


if __name__ == "__main__":
    raise SystemExit(main())
