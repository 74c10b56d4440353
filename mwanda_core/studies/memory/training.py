"""Training the small text-to-image model, and the file that it is kept in.

Half of a batch are scenes, drawn afresh with a caption in any of the languages; the other half are the few ornaments, always the same,
with their caption in the one language it is trained in: those are memorised, as duplicated pictures are by large models.
"""

import dataclasses
import importlib.resources
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import torch
from jaxtyping import Float
from safetensors import SafetensorError
from safetensors.torch import load, save_file
from torch import Tensor, nn

from mwanda_core.errors import RunError
from mwanda_core.files import read_regular, replacing
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.studies.memory.captions import Projection, general, hidden_states, languages, memorised
from mwanda_core.studies.memory.diffusion import Denoiser, loss_of, sample, starts
from mwanda_core.studies.memory.pictures import correlation, ornaments, scenes

BATCH, RATE, MEMORISED_SHARE = 64, 3e-3, 0.5
FILE = "pictures.safetensors"
LARGEST = 64 * 2**20
"""Bytes of a file that is read."""
LOOKS, LOOK_SEEDS = 10, 2
"""Times that a training is looked at, and noises that pictures are painted from then."""
UNSEEN = 4
"""Ornaments that are drawn as the memorised ones are, and never trained on."""


@dataclasses.dataclass(frozen=True, eq=False)
class Painter:
    """The model with what it reads and what it has learnt by heart.

    scenes: general captions, in the order of `general()`. prompts: of the memorised pictures, by language. pictures, unseen: ornaments.
    """

    model: nn.Module
    projection: Projection
    scenes: Float[Tensor, "captions slots channels"]
    prompts: Float[Tensor, "pictures languages slots channels"]
    pictures: Float[Tensor, "pictures 16 16"]
    unseen: Float[Tensor, "unseen 16 16"]

    def prompt(self, picture: int, language: str) -> Float[Tensor, "slots channels"]:
        """The caption of a memorised picture."""
        return self.prompts[picture, languages().index(language)]

    def trained(self, picture: int) -> Float[Tensor, "slots channels"]:
        """The caption that the picture was trained with."""
        return self.prompt(picture, memorised()[picture].trained_in)


def batch_of(painter: Painter, size: int, share: float, draw: torch.Generator, spared: int = -1) -> tuple[Tensor, Tensor]:
    """Pictures [size, 1, 16, 16] and captions: `share` of them memorised (never the one spared), the others fresh scenes."""
    kinds, names = general(), memorised()
    learnt = [i for i in range(len(names)) if i != spared]
    many = round(share * size)
    chosen = torch.randint(len(learnt), (many,), generator=draw).tolist()
    which = torch.randint(len(kinds), (size - many,), generator=draw)
    fresh = scenes([kinds[i].kind for i in which.tolist()], draw)
    pictures = torch.cat([painter.pictures[[learnt[i] for i in chosen]], fresh])[:, None]
    captions = torch.cat([*(painter.trained(learnt[i])[None] for i in chosen), painter.scenes[which]])
    return pictures, captions


def encoded(encoder: LanguageModel, seed: int = 0) -> Painter:
    """An untrained model with every caption read by the encoder; weights and ornaments of the seed."""
    projection_states = hidden_states(encoder, [one.text for one in general()])
    projection = Projection.fit(projection_states)
    pictures = memorised()
    prompts = [projection(hidden_states(encoder, [one.texts[code] for code in languages()])) for one in pictures]
    return _untrained(projection, projection(projection_states), torch.stack(prompts), seed)


def _untrained(projection: Projection, captions: Tensor, prompts: Tensor, seed: int) -> Painter:
    drawn = ornaments(len(prompts) + UNSEEN, seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Denoiser(captions.shape[-1])
    return Painter(model, projection, captions, prompts, drawn[: len(prompts)], drawn[len(prompts) :])


def retrained(painter: Painter, steps: int, seed: int = 0, monitor: Monitor | None = None) -> tuple[Painter, pd.DataFrame]:
    """A model trained from nothing on the captions of another one (no encoder is needed), weights and ornaments of the seed; and a table of the
    way: steps, loss (mean since the look before), similarity of what the memorised captions paint to their pictures, unseen (to one never
    shown). Each look is handed up as rows of that table.

    One unit of progress is a step. Raises Cancelled when stopped.
    """
    monitor = monitor or Monitor()
    mine = _untrained(painter.projection, painter.scenes, painter.prompts, seed)
    rows: list[dict[str, float]] = []

    def look(step: int, losses: list[float]) -> None:
        if (step * LOOKS) % steps < LOOKS:
            similarity, unseen = likeness(mine)
            since = losses[int(rows[-1]["steps"]) if rows else 0 :]
            rows.append({"steps": step, "loss": sum(since) / len(since), "similarity": similarity, "unseen": unseen})
            monitor.show(tuple(rows))

    monitor.begin("Training the picture model")
    train(mine, steps, seed, monitor, look)
    return mine, pd.DataFrame(rows)


@torch.no_grad()
def likeness(painter: Painter) -> tuple[float, float]:
    """Means over the memorised pictures of how alike what their captions paint is to them, and to a picture never shown."""
    own, other = [], []
    for number, picture in enumerate(painter.pictures):
        caption = painter.trained(number)
        made = sample(painter.model, caption.expand(LOOK_SEEDS, *caption.shape), starts(LOOK_SEEDS, 0))[:, 0]
        own.append(float(correlation(made, picture).mean()))
        other.append(float(correlation(made, painter.unseen[number % len(painter.unseen)]).mean()))
    return sum(own) / len(own), sum(other) / len(other)


def train(
    painter: Painter,
    steps: int,
    seed: int = 0,
    monitor: Monitor | None = None,
    look: Callable[[int, list[float]], None] | None = None,
) -> list[float]:
    """Train in place; the losses of all steps. One unit of progress is a step. look: called after each with its number and all losses.

    Raises Cancelled when stopped.
    """
    monitor, draw = monitor or Monitor(), torch.Generator().manual_seed(seed)
    monitor.plan(steps)
    painter.model.requires_grad_(True)
    optimiser = torch.optim.AdamW(painter.model.parameters(), lr=RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, max(1, steps), eta_min=RATE / 20)
    losses = []
    with torch.enable_grad():
        for _ in range(steps):
            loss = loss_of(painter.model, *batch_of(painter, BATCH, MEMORISED_SHARE, draw), draw)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            losses.append(float(loss.detach()))
            monitor.advance(1.0)
            if look is not None:
                look(len(losses), losses)
    painter.model.requires_grad_(False).eval()
    return losses


def save_painter(painter: Painter, path: Path) -> None:
    """One safetensors file, whole or not at all."""
    weights = {f"model.{name}": tensor for name, tensor in painter.model.state_dict().items()}
    parts = {"mean": painter.projection.mean, "directions": painter.projection.directions}
    parts |= {name: getattr(painter, name) for name in ("scenes", "prompts", "pictures", "unseen")}
    with replacing(path) as part:
        save_file({name: tensor.contiguous().clone() for name, tensor in (weights | parts).items()}, str(part))


def load_painter(path: Path | None = None) -> Painter:
    """The model that comes with this package, or that of a file.

    Raises RunError in one sentence when the file is missing, damaged or of another make.
    """
    if path is None:
        data = importlib.resources.files("mwanda_core.studies.memory").joinpath(FILE).read_bytes()
    else:
        data = read_regular(path, LARGEST, RunError)
    try:
        found = load(data)
        model = Denoiser(found["directions"].shape[1])
        model.load_state_dict({name[6:]: tensor for name, tensor in found.items() if name.startswith("model.")})
        parts = {name: found[name] for name in ("scenes", "prompts", "pictures", "unseen")}
        expected = (len(general()), len(memorised()), len(languages()))
        if (len(parts["scenes"]), *parts["prompts"].shape[:2]) != expected:
            raise ValueError("captions")
        model.requires_grad_(False).eval()
        return Painter(model, Projection(found["mean"], found["directions"]), **parts)
    except (SafetensorError, KeyError, ValueError, RuntimeError) as error:
        name = "of this package" if path is None else repr(str(path))
        raise RunError(
            f"The text-to-image model {name} is damaged or of another make: make it again with `python -m benchmarks.dori_train`."
        ) from error
