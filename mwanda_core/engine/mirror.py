r"""UniPruning's walk over calibration samples: the weights follow the task, a state per linear follows the saliency.

    for each sample:   loss, gradient g (objective: + d/dW rho/2 ||Gamma - S||^2);   clip |g| to 1;   AdamW on W
                       V_l <- V_l + k (S(W, X) - Gamma_l),    l the sample's language

With learning rate 0 there is no backward pass, and Gamma is a smoothed saliency: the control that says what the feedback is worth. One
state a language, if wanted: then Gamma is linear in the languages' saliencies (exactly, at threshold 0), and any mix of languages is a
weighted sum of states, without another forward pass. The dense weights come back bit for bit.

Memory a prunable weight: 4 bytes a language; with a learning rate 4 (weights in float32) + 8 (AdamW) + one gradient in the model's type,
and released 4 more (the gradient that accumulates). It is planned before the first sample and refused if it does not fit. The loss is taken
at some positions of each sample, for with a large vocabulary the head dominates.
"""

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping, Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from mwanda_core.corpora import Packed
from mwanda_core.engine.gradients import wanting_gradients
from mwanda_core.engine.weights import DenseCopy
from mwanda_core.errors import DoesNotFit
from mwanda_core.methods.scores.unipruning import UniPruning, saliency, shrunk
from mwanda_core.models import LanguageModel, PrunableLinear
from mwanda_core.models.memory import available, gib
from mwanda_core.progress import Monitor

POSITIONS = 64
"""Positions of a sample whose loss is taken."""

BETAS, EPSILON, CLIP, WARM_UP = (0.9, 0.999), 1e-10, 1.0, 0.1
"""Of AdamW, of the norm of all gradients together, and the share of samples over which the learning rate rises before it falls."""


@dataclasses.dataclass(frozen=True)
class Mirror:
    """The states after the last sample, by full name: V [languages, out, in], float32. One row named "" where languages share it."""

    settings: UniPruning
    languages: tuple[str, ...]
    states: Mapping[str, Float[Tensor, "languages out in"]]
    losses: tuple[float, ...] = ()

    def gamma(self, name: str, weights: Sequence[float] | None = None) -> Float[Tensor, "out in"]:
        """Gamma of one linear for a mix of languages (None: all alike)."""
        state = self.states[name]
        mix = [1.0 / len(state)] * len(state) if weights is None else weights
        found = torch.zeros_like(state[0])
        for weight, one in zip(mix, state, strict=True):
            if weight:
                found += weight * shrunk(one, self.settings)
        return found


class Gammas(Mapping[str, Tensor]):
    """Gamma of every linear for all languages alike, made when it is asked for: the states alone are kept."""

    def __init__(self, mirror: Mirror) -> None:
        self.mirror = mirror

    def __getitem__(self, name: str) -> Tensor:
        return self.mirror.gamma(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.mirror.states)

    def __len__(self) -> int:
        return len(self.mirror.states)


def mirror_bytes(model: LanguageModel, settings: UniPruning, languages: int = 1) -> int:
    """Memory of a descent beside the model itself, before it starts."""
    prunable, size = model.shape.prunable, model.shape.bytes_per_weight
    each = 4 * languages
    if settings.learning_rate:
        each += size + 4 + 8 + size + 4 * (settings.mode == "released")
    return prunable * each


def mirror_work(model: LanguageModel, packed: Packed, settings: UniPruning) -> float:
    """Units of work (tokens through one block) that `descend` reports: a backward pass costs twice a forward one."""
    return packed.num_tokens * len(model.blocks) * (3.0 if settings.learning_rate else 1.0)


def descend(
    model: LanguageModel,
    packed: Packed,
    settings: UniPruning,
    monitor: Monitor,
    *,
    by_language: bool = False,
    seed: int = 0,
) -> Mirror:
    """Walk the samples, languages in turn; the model's weights are as they were afterwards, whatever happens.

    Raises DoesNotFit in one sentence before anything is done, Cancelled when stopped.
    """
    count = len(packed.languages) if by_language else 1
    needed = mirror_bytes(model, settings, count)
    if needed > available(model.device):
        raise DoesNotFit(
            f"UniPruning's state needs {gib(needed)} beside the model; {model.device.type} has {gib(available(model.device))} free. "
            "Choose learning rate 0, one state for all languages, or a smaller model."
        )
    with model.head():  # Asks the model, once, by a forward pass: which must not be taken for a sample's.
        pass
    work, dense = _Descent(model, settings, count, seed), DenseCopy()
    for name, linear in work.linears.items():
        dense.save(name, linear)
    losses = []
    order = _in_turn(packed)
    try:
        for place, index in enumerate(order):
            monitor.begin(f"Sample {place + 1} of {len(order)}")
            row = int(packed.rows[index]) if by_language else 0
            losses.append(work.step(packed.ids[index : index + 1].to(model.device), row, _rate(place, len(order))))
            monitor.advance(mirror_work(model, packed, settings) / len(order))
    finally:
        if settings.learning_rate:
            dense.restore()
    names = packed.languages if by_language else ("",)
    return Mirror(settings, names, work.states, tuple(losses))


def _in_turn(packed: Packed) -> list[int]:
    """Places of the sequences, one of every language after the other."""
    by_row = [(packed.rows == row).nonzero().flatten().tolist() for row in range(len(packed.languages))]
    return [places[turn] for turn in range(max(map(len, by_row))) for places in by_row if turn < len(places)]


def _rate(place: int, count: int) -> float:
    """The learning rate's share at a sample: up over the first tenth, then down to 0."""
    rise = max(1.0, WARM_UP * count)
    return min((place + 1) / rise, (count - place) / max(1.0, count - rise), 1.0)


class _Descent:
    """Everything that moves: weights in float32, AdamW's averages, the states."""

    def __init__(self, model: LanguageModel, settings: UniPruning, languages: int, seed: int) -> None:
        self.model, self.settings = model, settings
        self.linears = {b.full_name(linear): linear for b in model.blocks for linear in b.linears}
        self.draws = torch.Generator().manual_seed(seed)
        shapes = {name: linear.weight.shape for name, linear in self.linears.items()}
        self.states = {name: torch.zeros(languages, *shape, device=model.device) for name, shape in shapes.items()}
        self.num_steps = 0
        moving = self.linears if settings.learning_rate else {}
        self.master = {name: linear.weight.float().clone() for name, linear in moving.items()}
        self.first = {name: torch.zeros_like(weight) for name, weight in self.master.items()}
        self.second = {name: torch.zeros_like(weight) for name, weight in self.master.items()}
        self.summed: dict[str, Tensor] = {}

    def step(self, ids: Int[Tensor, "1 time"], row: int, rate: float) -> float:
        """One sample: its loss (NaN where none is taken)."""
        self.num_steps += 1
        with _mean_squares(self.linears) as squares:
            loss, grads = float("nan"), dict[str, Tensor]()
            if self.settings.learning_rate:
                loss, grads = self._gradients(ids)
            else:
                self.model.hidden(ids)
        for name, linear in self.linears.items():
            # A linear that no token reached (an expert that was not chosen) keeps its state.
            if name in squares:
                self._follow(name, linear, squares[name], row, grads)
        if grads:
            self._move(grads, rate)
        return loss

    def _follow(
        self, name: str, linear: PrunableLinear, square: Float[Tensor, " in"], row: int, grads: dict[str, Tensor]
    ) -> None:
        """The state follows the saliency; in the objective's mode the coupling's gradient is added to the weight's."""
        settings, state = self.settings, self.states[name][row]
        gamma = shrunk(state, settings)
        coupled = bool(grads) and settings.mode == "objective" and settings.coupling > 0.0
        live = self.master[name] if name in self.master else linear.weight.float()
        weight = live.detach().requires_grad_(coupled)
        with torch.enable_grad() if coupled else torch.no_grad():
            score = saliency(weight, square, settings, self.draws)
            if coupled:
                distance = settings.coupling / 2 * (gamma - score).square().sum()
                grads[name] = grads[name].float() + torch.autograd.grad(distance, weight)[0]
        state += settings.step * (score.detach() - gamma)

    def _gradients(self, ids: Int[Tensor, "1 time"]) -> tuple[float, dict[str, Tensor]]:
        """Loss at some positions, and its gradient in every weight, oriented as the weights."""
        length = ids.shape[1]
        places = torch.randperm(length - 1, generator=self.draws)[:POSITIONS].sort().values.to(ids.device)
        with wanting_gradients(list(self.linears.values())) as weights:
            with torch.enable_grad():
                states = self.model.states(ids)
            cut = states.detach()[0, places].requires_grad_(True)
            with self.model.head() as head, torch.enable_grad():
                loss = torch.nn.functional.cross_entropy(head(cut).float(), ids[0, places + 1])
            (outer,) = torch.autograd.grad(loss, cut)
            whole = torch.zeros_like(states)
            whole[0, places] = outer
            # An expert that no token reached has no gradient.
            found = torch.autograd.grad(states, weights, grad_outputs=whole, allow_unused=True)
        pairs = zip(self.linears.items(), found, strict=True)
        known = {name: (linear, gradient) for (name, linear), gradient in pairs if gradient is not None}
        return float(loss.detach()), {name: g.T if linear.transposed else g for name, (linear, g) in known.items()}

    @torch.no_grad()
    def _move(self, grads: dict[str, Tensor], rate: float) -> None:
        """AdamW without decay, on the clipped gradients (released: on their sum so far, clipped each time)."""
        if self.settings.mode == "released":
            for name, gradient in grads.items():
                self.summed[name] = self.summed[name].add_(gradient) if name in self.summed else gradient.float().clone()
            grads = self.summed
        norm = torch.stack([gradient.float().norm() for gradient in grads.values()]).norm()
        scale = float(min(1.0, CLIP / (float(norm) + 1e-6)))
        one, two = BETAS
        for name, gradient in grads.items():
            # The released code clips the gradients that it goes on adding to.
            scaled = gradient.mul_(scale) if self.settings.mode == "released" else gradient.float() * scale
            first, second = (
                self.first[name].lerp_(scaled, 1 - one),
                self.second[name].mul_(two).addcmul_(scaled, scaled, value=1 - two),
            )
            deviation = (second / (1 - two**self.num_steps)).sqrt_().add_(EPSILON)
            self.master[name].addcdiv_(first, deviation, value=-self.settings.learning_rate * rate / (1 - one**self.num_steps))
            self.linears[name].weight.copy_(self.master[name])


@contextlib.contextmanager
def _mean_squares(linears: Mapping[str, PrunableLinear]) -> Iterator[dict[str, Tensor]]:
    """Inside, every linear notes the mean square of each of its inputs over the tokens it reads."""
    found: dict[str, Tensor] = {}
    last: list[tuple[Tensor, Tensor]] = []

    def note(name: str, x: Tensor) -> None:
        x = x.detach()
        # q, k and v read one tensor: it is summed once.
        if not (last and last[0][0].data_ptr() == x.data_ptr() and last[0][0].shape == x.shape):
            last[:] = [(x, x.float().square().flatten(0, -2).mean(dim=0))]
        found[name] = last[0][1]

    handles = [
        linear.module.register_forward_pre_hook(lambda module, args, name=name: note(name, args[0]))
        for name, linear in linears.items()
    ]
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()
