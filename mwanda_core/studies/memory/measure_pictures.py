"""The tables of the memorised pictures: pruned, brought back, in other languages, overlap, fine-tuned."""

import itertools
import math
from collections.abc import Sequence

import pandas as pd
import torch
from torch import Tensor

from mwanda_core.progress import Monitor
from mwanda_core.studies.memory.attack import REMEDY_STEPS, SEEDS, attack, fine_tuned, similarity
from mwanda_core.studies.memory.captions import General, general, languages, memorised
from mwanda_core.studies.memory.diffusion import loss_of, starts
from mwanda_core.studies.memory.known import picture_names
from mwanda_core.studies.memory.localise import Masks, at_random, density, input_norms, masks_of, overlap, until, without
from mwanda_core.studies.memory.pictures import scenes
from mwanda_core.studies.memory.study import Memory
from mwanda_core.studies.memory.training import Painter

Rows = list[dict[str, object]]
Measured = tuple[dict[str, pd.DataFrame], tuple[str, ...]]
SCENES = 64
ITSELF, UNSEEN = "itself", "unseen"


def work(study: Memory, pictures: int) -> float:
    """Steps of searches, about."""
    searches = 3 * (len(study.ways) + 1) + 2
    remedy = study.epochs * (2 * 8 * REMEDY_STEPS + 30) + 8 * study.steps if study.epochs else 0.0
    return pictures * (searches * study.steps + remedy)


def measured(painter: Painter, study: Memory, monitor: Monitor | None = None) -> Measured:
    """All tables, and notes. One unit of progress is a step of a search.

    Raises Cancelled when stopped.
    """
    monitor, numbers = monitor or Monitor(), [picture_names().index(name) for name in study.chosen()]
    monitor.plan(work(study, len(numbers)))
    bench = _Bench(painter, study, monitor)
    for number in numbers:
        monitor.begin(f"The picture {memorised()[number].name!r}")
        bench.one(number)
    bench.overlaps(numbers)
    if study.epochs:
        monitor.begin("Fine-tuning against the search")
        bench.remedy(numbers[0])
    return {f"memory_{name}": pd.DataFrame(rows) for name, rows in bench.rows.items() if rows}, ()


class _Bench:
    def __init__(self, painter: Painter, study: Memory, monitor: Monitor) -> None:
        self.painter, self.study, self.monitor = painter, study, monitor
        self.rows: dict[str, Rows] = {name: [] for name in ("pruned", "curve", "languages", "overlap", "remedy")}
        self.shares: dict[str, float] = {}
        """What the last picture took; for the overlap of all, too."""
        self.noise = starts(SEEDS, study.seed + 500)
        self.triggers: dict[int, list[Tensor]] = {}
        english = [i for i, one in enumerate(general()) if one.language == "en"]
        draw = torch.Generator().manual_seed(study.seed)
        self.base = painter.scenes[torch.tensor(english)[torch.randperm(len(english), generator=draw)]]

    def masks(self, method: str, caption: Tensor, base: Tensor | None = None) -> Masks:
        general = self.base if base is None else base
        return masks_of(method, self.painter.model, caption, general, self.noise, self.shares[method])

    def until_gone(self, method: str, number: int) -> Masks:
        study, prompt = self.study, self.painter.trained(number)
        share = {"nemo": 0.0, "wanda": study.wanda_share}.get(method, study.share)
        masks, self.shares[method] = until(
            method,
            self.painter.model,
            prompt,
            self.base,
            self.noise,
            share,
            lambda: self.mean(self.painter, number) < study.until,
        )
        return masks

    def scene_loss(self, painter: Painter) -> float:
        """On fresh scenes of captions in all languages, the same for every model."""
        draw, kinds = torch.Generator().manual_seed(self.study.seed + 1), general()
        which = torch.randint(len(kinds), (SCENES,), generator=draw)
        chosen: list[General] = [kinds[i] for i in which.tolist()]
        shown = scenes([one.kind for one in chosen], draw)[:, None]
        with torch.no_grad():
            return float(loss_of(painter.model, shown, painter.scenes[which], draw))

    def mean(self, painter: Painter, number: int, caption: Tensor | None = None) -> float:
        found = painter.trained(number) if caption is None else caption
        return float(similarity(painter.model, found, painter.pictures[number]).mean())

    def others(self, painter: Painter, number: int) -> float:
        found = [self.mean(painter, other) for other in range(len(painter.pictures)) if other != number]
        return sum(found) / len(found)

    def one(self, number: int) -> None:
        """One picture: every method, the search and its control, and every language."""
        picture, painter = memorised()[number], self.painter
        prompt = painter.trained(number)
        removed: dict[str, Masks] = {"dense": {}} | {method: self.until_gone(method, number) for method in self.study.ways}
        removed["random"] = at_random(removed[self.study.ways[-1]], self.study.seed)
        dense = {code: self.mean(painter, number, painter.prompt(number, code)) for code in languages()}
        at: dict[str, object] = {"name": picture.name}
        for method, masks in removed.items():
            with without(painter.model, masks):
                self.rows["pruned"].append({
                    **at, "method": method, "trained_in": picture.trained_in, "density": density(masks) if masks else 0.0,
                    "similarity": self.mean(painter, number), "others": self.others(painter, number), "scene_loss": self.scene_loss(painter),
                })  # fmt: skip
                found = self.curves(number, method, prompt) if method != "random" else prompt
                if method != "dense":
                    asked = {code: self.mean(painter, number, painter.prompt(number, code)) for code in languages()}
            if method == "dense":
                continue
            for code in languages():
                caption = painter.prompt(number, code)
                same = method == "random"
                shared = math.nan if same else overlap(masks, self.masks(method, caption))[0]
                self.rows["languages"].append({
                    **at, "method": method, "trained_in": picture.trained_in, "language": code, "similarity": asked[code], "dense": dense[code],
                    "iou": shared, "distance": math.nan if same else float((found - caption).norm()), "series": f"{picture.name}, {method}",
                })  # fmt: skip

    def curves(self, number: int, method: str, prompt: Tensor) -> Tensor:
        """The search from the prompt and from chance, and the same for a picture never seen; the caption found from the prompt."""
        study, painter = self.study, self.painter
        chance = torch.randn(prompt.shape, generator=torch.Generator().manual_seed(study.seed + 7))
        runs = (
            (ITSELF, "prompt", painter.pictures[number], prompt), (ITSELF, "chance", painter.pictures[number], chance),
            (UNSEEN, "prompt", painter.unseen[number % len(painter.unseen)], prompt),
        )  # fmt: skip
        captions = []
        for target, start, picture, caption in runs:
            found = attack(painter.model, picture, caption, study.steps, study.seed, study.rate, study.bar, self.monitor)
            captions.append(found.caption)
            self.rows["curve"] += [
                {
                    "name": memorised()[number].name, "method": method, "target": target, "start": start, "steps": point.steps,
                    "similarity": point.similarity, "replicated": point.replicated, "series": f"{method}, {target}",
                }
                for point in found.curve
            ]  # fmt: skip
        if method == "dense":
            self.triggers[number] = captions[:2]
        return captions[0]

    def overlaps(self, numbers: Sequence[int]) -> None:
        """Masks from triggers of one picture, of its translations, of different pictures, and from other general captions (the ceiling)."""
        painter, other = self.painter, self.base[SEEDS:]
        prompts = {i: painter.trained(i) for i in range(len(painter.pictures))}
        by_pair: dict[str, list[tuple[Tensor, Tensor, Tensor | None]]] = {
            "two searches": [(self.triggers[i][0], self.triggers[i][1], None) for i in numbers],
            "prompt and search": [(prompts[i], self.triggers[i][0], None) for i in numbers],
            "prompt and translation": [
                (prompts[i], painter.prompt(i, code), None) for i in numbers for code in languages() if code != memorised()[i].trained_in
            ],
            "different pictures": [(prompts[i], prompts[j], None) for i, j in itertools.combinations(prompts, 2)],
            "ceiling: other base": [(prompts[i], prompts[i], other) for i in numbers],
        }  # fmt: skip
        seen: dict[tuple[str, int, int], Masks] = {}

        def masks(method: str, caption: Tensor, base: Tensor | None) -> Masks:
            key = (method, hash(caption.numpy().tobytes()), id(base))
            if key not in seen:
                seen[key] = self.masks(method, caption, base)
            return seen[key]

        distances = {
            pair: [self.apart(a, b) if a is not b else 0.0 for a, b, _ in captions] for pair, captions in by_pair.items()
        }
        for method in self.study.ways:
            for pair, captions in by_pair.items():
                found = [overlap(masks(method, a, None), masks(method, b, base)) for a, b, base in captions]
                iou, expected = (sum(values) / len(values) for values in zip(*found, strict=True))
                self.rows["overlap"].append({
                    "method": method, "pair": pair, "pairs": len(found), "iou": iou, "expected": expected, "corrected": (iou - expected) / (1 - expected),
                    "spread": sum(float((a - b).norm()) for a, b, _ in captions) / len(captions),
                    "activations": sum(distances[pair]) / len(captions),
                })  # fmt: skip

    def apart(self, one: Tensor, other: Tensor) -> float:
        """Distance of the norms that two captions send into the MLPs, from the same noises."""
        norms = [input_norms(self.painter.model, caption.expand(SEEDS, *caption.shape), self.noise) for caption in (one, other)]
        return float(torch.cat([(norms[0][name] - norms[1][name]).flatten() for name in norms[0]]).norm())

    def remedy(self, number: int) -> None:
        """Taught with the prompt alone, and with adversarial captions."""
        study, prompt = self.study, self.painter.trained(number)
        chance = torch.randn(prompt.shape, generator=torch.Generator().manual_seed(study.seed + 8))
        for taught in ("prompt", "adversarial"):
            mine = fine_tuned(self.painter, number, study.epochs, study.seed, taught == "adversarial", self.monitor)
            unseen = self.painter.unseen[number % len(self.painter.unseen)]
            for start, caption in (("prompt", prompt), ("chance", chance)):
                found, control = (
                    attack(mine.model, picture, caption, study.steps, study.seed + 9, study.rate, study.bar, self.monitor).curve
                    for picture in (self.painter.pictures[number], unseen)
                )
                self.rows["remedy"].append({
                    "name": memorised()[number].name, "taught": taught, "epochs": study.epochs, "start": start, "before": found[0].similarity,
                    "after": found[-1].similarity, "unseen": control[-1].similarity, "others": self.others(mine, number),
                    "scene_loss": self.scene_loss(mine),
                })  # fmt: skip
