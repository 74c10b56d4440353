r"""UniPruning's walk over calibration samples: the weights follow the task, a state per linear follows the saliency.

    for each sample:   loss, gradient g (objective: + d/dW rho/2 ||Gamma - S||^2);   clip |g| to 1;   AdamW on W
                       V_l <- V_l + k (S(W, X) - Gamma_l),    l the sample's language

With learning rate 0 there is no backward pass, and Gamma is a smoothed saliency: the control that says what the feedback is worth. One
state a language, if wanted: then Gamma is linear in the languages' saliencies (exactly, at threshold 0), and any mix of languages is a
weighted sum of states, without another forward pass. The dense weights come back bit for bit.

Memory a prunable weight: 4 bytes a language; with a learning rate 4 (weights in float32) + 8 (AdamW) + one gradient in the model's type,
and released 4 more (the gradient that accumulates). It is planned before the first sample (`plan_walk`): where it does not fit beside the
model, it lies in the machine's memory or in files and each linear's part is fetched in its turn (`engine.shelf`); where what a backward pass
remembers does not fit, blocks are run again on the way back (gradient checkpointing); what fits nowhere is refused. None of this changes a
bit of the result on a CPU. The loss is taken at some positions of each sample, for with a large vocabulary the head dominates.
"""

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping, Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from mwanda_core.corpora import Packed
from mwanda_core.engine.gradients import checkpointed, gradients_at_some
from mwanda_core.engine.shelf import ROOM, Shelf, place_for, shelf_at
from mwanda_core.engine.two_four import prox
from mwanda_core.engine.weights import DenseCopy
from mwanda_core.errors import DoesNotFit, InputError
from mwanda_core.methods.activation import Activation, Maximum, Weighted
from mwanda_core.methods.activation.weighted import parse_weights
from mwanda_core.methods.scores.unipruning import UniPruning, saliency, shrunk
from mwanda_core.models import LanguageModel, PrunableLinear
from mwanda_core.models.memory import available, gib
from mwanda_core.parts.statistics import InputStats
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

    def most(self, name: str) -> Float[Tensor, "out in"]:
        """max over languages of |Gamma_l| / mean |Gamma_l|: what any one language needs most."""
        each = [shrunk(state, self.settings).abs() for state in self.states[name]]
        return torch.stack([size / size.mean().clamp_min(1e-12) for size in each]).amax(dim=0)


class Gammas(Mapping[str, Tensor]):
    """Gamma of every linear for a mix of languages (None: all alike; "max": what any needs most), made on the model's device when it is
    asked for: the states alone are kept."""

    def __init__(self, mirror: Mirror, device: torch.device, mix: Sequence[float] | str | None = None) -> None:
        self.mirror, self.device, self.mix = mirror, device, mix

    def __getitem__(self, name: str) -> Tensor:
        found = self.mirror.most(name) if isinstance(self.mix, str) else self.mirror.gamma(name, self.mix)
        return found.to(self.device)

    def __iter__(self) -> Iterator[str]:
        return iter(self.mirror.states)

    def __len__(self) -> int:
        return len(self.mirror.states)


def mix_of(activation: Activation, languages: Sequence[str]) -> list[float] | str:
    """The mix of states that an activation stands for: "max" for the maximum over languages, else its weights, those of languages without a
    state (guards) left out."""
    if isinstance(activation, Maximum):
        return "max"
    named = parse_weights(activation.weights_by_language) if isinstance(activation, Weighted) else {}
    everyone = list(dict.fromkeys([*languages, *named]))
    nothing = torch.zeros(len(everyone), 1, dtype=torch.float64)
    stats = InputStats(tuple(everyone), nothing, nothing, nothing, torch.ones(len(everyone), dtype=torch.float64))
    found = activation.weights(stats)[: len(languages)].tolist()
    total = sum(found)
    return [weight / total if total else 1.0 / len(found) for weight in found]


def fitting(mirror: Mirror, model: LanguageModel, settings: UniPruning, languages: tuple[str, ...]) -> Mirror:
    """The states, if they are of this model, these settings and these languages.

    Raises InputError in one sentence.
    """
    if (mirror.settings, mirror.languages) != (settings, languages):
        raise InputError("The states given were made with other settings of UniPruning or of other languages: walk again.")
    for block in model.blocks:
        for linear in block.linears:
            name = block.full_name(linear)
            if name not in mirror.states or mirror.states[name].shape[1:] != linear.weight.shape:
                raise InputError(f"These states do not belong to {name}: calibrate on this model.")
    return mirror


@dataclasses.dataclass(frozen=True)
class WalkPlan:
    """How a walk fits: where its state lies (of `engine.shelf`), whether blocks are run again on the way back, and its bytes."""

    place: str
    again: bool
    bytes: int


def plan_walk(model: LanguageModel, settings: UniPruning, languages: int, tokens: int) -> WalkPlan:
    """The first way in which a walk over samples of so many tokens fits.

    Raises DoesNotFit in one sentence where there is none.
    """
    needed, size = mirror_bytes(model, settings, languages), model.shape.bytes_per_weight
    largest = max(linear.weight.numel() for block in model.blocks for linear in block.linears)
    # Of one linear at a time: state, weights, averages, gradients and what the formulas make of them.
    left = largest * (32 + size) if settings.learning_rate else 4 * largest
    free = ROOM * available(model.device)
    place = place_for(needed, left, model.device, free)
    if not place:
        raise DoesNotFit(
            f"UniPruning's state needs {gib(needed)} beside the model; {model.device.type} has {gib(available(model.device))} free. "
            "Choose learning rate 0, one state for all languages, or a smaller model."
        )
    # About four tensors of the width of every linear's input are remembered for the way back.
    remembered = 4 * tokens * model.shape.input_width * size if settings.learning_rate else 0
    taken = needed if place == "device" else left
    return WalkPlan(place, remembered > free - taken, needed)


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
    if settings.learning_rate and settings.two_four:
        _check_width(model)
    plan = plan_walk(model, settings, count, packed.ids.shape[1])
    with model.head():  # Asks the model, once, by a forward pass: which must not be taken for a sample's.
        pass
    dense, losses, order = DenseCopy(), [], in_turn(packed)
    with contextlib.ExitStack() as stack:
        shelf = stack.enter_context(shelf_at(plan.place, model.device))
        if plan.again:
            stack.enter_context(checkpointed(model))
        work = _Descent(model, settings, count, seed, shelf)
        if settings.learning_rate:
            stack.callback(dense.restore)
            for name, linear in work.linears.items():
                dense.save(name, linear, shelf.place != "device")
        for place, index in enumerate(order):
            monitor.begin(f"Sample {place + 1} of {len(order)}")
            row = int(packed.rows[index]) if by_language else 0
            losses.append(work.step(packed.ids[index : index + 1].to(model.device), row, rate_at(place, len(order))))
            monitor.advance(mirror_work(model, packed, settings) / len(order))
    names = packed.languages if by_language else ("",)
    return Mirror(settings, names, work.states, tuple(losses))


def _check_width(model: LanguageModel) -> None:
    """Raises InputError where four neighbours in a row are not groups."""
    for block in model.blocks:
        for linear in block.linears:
            if linear.weight.shape[1] % 4:
                raise InputError(
                    f"The pull towards 2:4 takes four neighbours in a row, and {block.full_name(linear)} has {linear.weight.shape[1]} "
                    "inputs: choose two_four=0."
                )


def in_turn(packed: Packed) -> list[int]:
    """Places of the sequences, one of every language after the other."""
    by_row = [(packed.rows == row).nonzero().flatten().tolist() for row in range(len(packed.languages))]
    return [places[turn] for turn in range(max(map(len, by_row))) for places in by_row if turn < len(places)]


def rate_at(place: int, count: int) -> float:
    """The learning rate's share at a sample: up over the first tenth, then down to 0."""
    rise = max(1.0, WARM_UP * count)
    return min((place + 1) / rise, (count - place) / max(1.0, count - rise), 1.0)


class _Descent:
    """Everything that moves: weights in float32, AdamW's averages, the states, each on the shelf."""

    def __init__(self, model: LanguageModel, settings: UniPruning, languages: int, seed: int, shelf: Shelf) -> None:
        self.model, self.settings, self.shelf = model, settings, shelf
        self.linears = {b.full_name(linear): linear for b in model.blocks for linear in b.linears}
        self.draws = torch.Generator().manual_seed(seed)
        shapes = {name: linear.weight.shape for name, linear in self.linears.items()}
        self.states = {name: shelf.zeros(languages, *shape) for name, shape in shapes.items()}
        self.num_steps = 0
        moving = self.linears if settings.learning_rate else {}
        self.master = {name: shelf.copy(linear.weight) for name, linear in moving.items()}
        self.first = {name: shelf.zeros(*shapes[name]) for name in moving}
        self.second = {name: shelf.zeros(*shapes[name]) for name in moving}
        self.summed: dict[str, Tensor] = {}

    def step(self, ids: Int[Tensor, "1 time"], row: int, rate: float) -> float:
        """One sample: its loss (NaN where none is taken)."""
        self.num_steps += 1
        with mean_squares(self.linears) as squares:
            loss, grads = float("nan"), dict[str, Tensor]()
            if self.settings.learning_rate:
                shelf = None if self.shelf.place == "device" else self.shelf
                loss, grads = gradients_at_some(self.model, self.linears, ids, POSITIONS, self.draws, shelf)
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
        settings, shelf, stored = self.settings, self.shelf, self.states[name][row]
        state = shelf.here(stored)
        gamma = shrunk(state, settings)
        coupled = name in grads and settings.mode == "objective" and settings.coupling > 0.0
        live = shelf.here(self.master[name]) if name in self.master else linear.weight.float()
        weight = live.detach().requires_grad_(coupled)
        with torch.enable_grad() if coupled else torch.no_grad():
            score = saliency(weight, square, settings, self.draws)
            if coupled:
                distance = settings.coupling / 2 * (gamma - score).square().sum()
                gradient = shelf.here(grads[name]).float() + torch.autograd.grad(distance, weight)[0]
                grads[name] = gradient if shelf.place == "device" else grads[name].copy_(gradient)
        state += settings.step * (score.detach() - gamma)
        shelf.back(stored, state)

    @torch.no_grad()
    def _move(self, grads: dict[str, Tensor], rate: float) -> None:
        """AdamW without decay, on the clipped gradients (released: on their sum so far, clipped each time), then the pull towards 2:4."""
        shelf, released = self.shelf, self.settings.mode == "released"
        if released:
            for name, gradient in grads.items():
                self.summed[name] = self.summed[name].add_(gradient) if name in self.summed else shelf.copy(gradient)
            grads = self.summed
        norm = torch.stack([shelf.here(gradient).float().norm() for gradient in grads.values()]).norm()
        scale = float(min(1.0, CLIP / (float(norm) + 1e-6)))
        one, two = BETAS
        for name, gradient in grads.items():
            # The released code clips the gradients that it goes on adding to.
            scaled = shelf.here(gradient.mul_(scale)) if released else shelf.here(gradient).float() * scale
            first, second, master = (shelf.here(kept[name]) for kept in (self.first, self.second, self.master))
            first.lerp_(scaled, 1 - one)
            second.mul_(two).addcmul_(scaled, scaled, value=1 - two)
            deviation = (second / (1 - two**self.num_steps)).sqrt_().add_(EPSILON)
            master.addcdiv_(first, deviation, value=-self.settings.learning_rate * rate / (1 - one**self.num_steps))
            if self.settings.two_four:
                master.copy_(prox(master, self.settings.two_four))
            self.linears[name].weight.copy_(master)
            for kept, worked in ((self.first, first), (self.second, second), (self.master, master)):
                shelf.back(kept[name], worked)


@contextlib.contextmanager
def mean_squares(linears: Mapping[str, PrunableLinear]) -> Iterator[dict[str, Tensor]]:
    """Inside, every linear notes the mean square of each of its inputs over the tokens it reads, in all of its calls."""
    found: dict[str, Tensor] = {}
    calls: dict[str, int] = {}
    last: list[tuple[Tensor, Tensor]] = []

    def note(name: str, x: Tensor) -> None:
        x = x.detach()
        # q, k and v read one tensor: it is summed once.
        if not (last and last[0][0].data_ptr() == x.data_ptr() and last[0][0].shape == x.shape):
            last[:] = [(x, x.float().square().flatten(0, -2).mean(dim=0))]
        calls[name] = calls.get(name, 0) + 1
        found[name] = last[0][1] if calls[name] == 1 else found[name] + (last[0][1] - found[name]) / calls[name]

    def forth(name: str, x: Tensor) -> None:
        if torch._C._current_graph_task_id() == -1:  # A block that is run again on the way back reads nothing new.
            note(name, x)

    handles = [
        module.register_forward_pre_hook(lambda module, args, name=name: forth(name, args[0]))
        for name, linear in linears.items()
        for module in linear.everywhere
    ]
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()
