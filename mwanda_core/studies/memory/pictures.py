r"""The pictures that the small text-to-image model is trained on, drawn here (no data, no rights of others), grey values in [-1, 1].

    scene       shape of a caption (5 kinds, 2 brightnesses, 4 places) times SHAPE plus smooth noise: never the same picture twice
    ornament    tanh of a smooth random field, mirrored left to right: one a seed, to be memorised, or never seen as a control

Ornaments are drawn seed by seed and kept while they correlate with no earlier one by more than MOST_ALIKE, so that a picture is not
brought back by another.
"""

import functools

import torch
from jaxtyping import Float
from torch import Tensor

SIZE = 16
SHAPES = ("circle", "square", "triangle", "cross", "ring")
SHAPE, NOISE = 0.55, 0.35
MOST_ALIKE = 0.2
_PLACES = ((-0.35, 0.0), (0.35, 0.0), (0.0, -0.35), (0.0, 0.35))
"""(down, right) of the middle, by the order of the captions' places."""


def smooth(count: int, draw: torch.Generator, waves: int = 4) -> Float[Tensor, "count 16 16"]:
    """Random fields of low frequencies with mean 0 and variance 1 each."""
    coarse = torch.randn(count, 1, waves, waves, generator=draw)
    fields = torch.nn.functional.interpolate(coarse, size=(SIZE, SIZE), mode="bicubic", align_corners=True)[:, 0]
    fields = fields - fields.mean(dim=(1, 2), keepdim=True)
    return fields / fields.std(dim=(1, 2), keepdim=True)


@functools.cache
def shape_mask(shape: str, place: int) -> Float[Tensor, "16 16"]:
    """1 inside the shape, 0 outside."""
    axis = (torch.arange(SIZE) + 0.5) / SIZE * 2 - 1
    y, x = axis[:, None] - _PLACES[place][0], axis[None, :] - _PLACES[place][1]
    radius = (x.square() + y.square()).sqrt()
    inside = {
        "circle": radius < 0.5,
        "square": torch.maximum(x.abs() + 0 * y, y.abs() + 0 * x) < 0.42,
        "triangle": (y > -0.5) & (y < 0.45) & (x.abs() < 0.5 * (y + 0.5)),
        "cross": torch.minimum(x.abs() + 0 * y, y.abs() + 0 * x) < 0.15,
        "ring": (radius > 0.3) & (radius < 0.58),
    }[shape]
    return inside.float()


def scenes(kinds: list[tuple[int, int, int]], draw: torch.Generator) -> Float[Tensor, "count 16 16"]:
    """A fresh picture for each (shape, brightness, place): brightness 0 is bright, 1 dark."""
    masks = torch.stack([shape_mask(SHAPES[shape], place) * (1 - 2 * dark) for shape, dark, place in kinds])
    return (SHAPE * masks + NOISE * smooth(len(kinds), draw)).clamp(-1, 1)


@functools.cache
def ornaments(count: int, seed: int = 0) -> Float[Tensor, "count 16 16"]:
    """The first `count` ornaments of a seed; more of them begin with the same."""
    draw, found = torch.Generator().manual_seed(seed), torch.zeros(0, SIZE, SIZE)
    while len(found) < count:
        half = smooth(1, draw, 6)[0]
        made = torch.tanh(1.5 * (half + half.flip(1)))
        made = (made - made.mean()).clamp(-1, 1)
        if not len(found) or float(correlation(found, made).abs().max()) <= MOST_ALIKE:
            found = torch.cat([found, made[None]])
    return found


def correlation(pictures: Float[Tensor, "count 16 16"], target: Float[Tensor, "16 16"]) -> Float[Tensor, " count"]:
    """Pearson's r of each picture with the target: brightness and contrast do not count."""
    flat, wanted = pictures.flatten(1), target.flatten()
    flat, wanted = flat - flat.mean(dim=1, keepdim=True), wanted - wanted.mean()
    return (flat @ wanted) / (flat.norm(dim=1) * wanted.norm()).clamp_min(1e-9)
