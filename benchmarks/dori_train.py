"""Train the small text-to-image model of the study `memory` and write it where the package reads it.

python -m benchmarks.dori_train
python -m benchmarks.dori_train --steps 1000 --seed 1 --out mine.safetensors
"""

import argparse
import sys
import time
from pathlib import Path

import torch

import mwanda_core as mw
from benchmarks.common import ROOT
from mwanda_core.studies.memory.captions import languages, memorised
from mwanda_core.studies.memory.diffusion import sample, starts
from mwanda_core.studies.memory.pictures import correlation
from mwanda_core.studies.memory.training import FILE, Painter, encoded, save_painter, train

SEEDS = 8


def described(painter: Painter) -> str:
    """Mean correlation of what captions paint with the memorised picture, by language."""
    lines = []
    for number, picture in enumerate(memorised()):
        prompts = painter.prompts[number].repeat_interleave(SEEDS, dim=0)
        made = sample(painter.model, prompts, starts(SEEDS, 100).repeat(len(languages()), 1, 1, 1))[:, 0]
        found = correlation(made, painter.pictures[number]).view(len(languages()), SEEDS).mean(dim=1)
        lines.append(
            f"{picture.name:>8} ({picture.trained_in}): "
            + " ".join(f"{code} {value:.2f}" for code, value in zip(languages(), found.tolist(), strict=True))
        )
    return "\n".join(lines)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", default="gemma-3-270m")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=ROOT / "mwanda_core" / "studies" / "memory" / FILE)
    given = parser.parse_args()
    painter = encoded(mw.load(given.model), given.seed)
    started = time.process_time()
    losses = train(painter, given.steps, given.seed)
    save_painter(painter, given.out)
    parameters = sum(p.numel() for p in painter.model.parameters())
    last = torch.tensor(losses[-100:]).mean()
    sys.stderr.write(
        f"{parameters} parameters, {time.process_time() - started:.0f} CPU-seconds, loss {last:.3f}\n{described(painter)}\n"
    )


if __name__ == "__main__":
    main()
