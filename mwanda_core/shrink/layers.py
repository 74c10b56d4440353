"""Which decoder blocks to leave out: those whose loss, measured, is least missed.

Greedy: the block (or one local block of every group) whose absence raises the worst language's bits per byte least goes, again and again.
Measured, not guessed from the angle between a block's input and output (ShortGPT's score), since one evaluation is cheap.

Families that mix local and global attention (Gemma 2 and 3) state a layout, and runtimes expect it to be periodic: llama.cpp reads one
period, with the global block last. So one local block of each group goes at once, or whole groups.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from mwanda_core.errors import InputError
from mwanda_core.models import LanguageModel
from mwanda_core.models.calls import replaced_forward
from mwanda_core.progress import Monitor
from mwanda_core.shrink import tensors
from mwanda_core.shrink.folders import ModelFolder
from mwanda_core.shrink.gated import num_layers, path_of, with_text_config
from mwanda_core.shrink.vocabulary import copy_without_weights, write_weights

Loss = Callable[[Sequence[int]], float]
"""Blocks left out -> loss of the worst language."""


def period(layout: Sequence[str] | None) -> int:
    """Length of the group that repeats, local blocks and then a global one; 1 where all blocks are alike.

    Raises InputError for any other layout.
    """
    if not layout or len(set(layout)) == 1:
        return 1
    length = layout.index(next(kind for kind in layout if kind != layout[0])) + 1
    if len(layout) % length == 0 and list(layout) == list(layout[:length]) * (len(layout) // length):
        return length
    raise InputError(
        "This model's kinds of attention do not repeat, so no block can be left out without changing the others' kind."
    )


def depths(layout: Sequence[str] | None, count: int) -> tuple[int, ...]:
    """Numbers of blocks that a model can be cut to, from the most to the least."""
    length = period(layout)
    if length == 1:
        return tuple(range(count - 1, 0, -1))
    groups = count // length
    # One local block of each group and its global one stay at least.
    found = {groups * left for left in range(2, length)} | {length * left for left in range(1, groups)}
    return tuple(sorted(found, reverse=True))


def choose(layout: Sequence[str] | None, count: int, target: int, loss: Loss, monitor: Monitor) -> list[int]:
    """The blocks to leave out so that `target` stay. Units of progress: evaluations.

    Raises InputError for a depth that the layout does not allow.
    """
    possible = depths(layout, count)
    if target not in possible:
        near = ", ".join(map(str, possible[:8]))
        raise InputError(f"This model can be cut to {near} blocks without changing its layout; it was given {target}.")
    length = period(layout)
    if length == 1:
        return _greedy([[[block] for block in range(count)]] * (count - target), loss, monitor)
    groups = [list(range(start, start + length)) for start in range(0, count, length)]
    ways = []
    if target % length == 0:
        ways.append(_greedy([groups] * ((count - target) // length), loss, monitor))
    if target % len(groups) == 0 and target >= 2 * len(groups):
        # The last of a group is its global block.
        one_each = [[[block] for block in group[:-1]] for group in groups]
        ways.append(_greedy(one_each * (length - target // len(groups)), loss, monitor))
    return min(ways, key=loss) if len(ways) > 1 else ways[0]


def _greedy(places: Sequence[Sequence[Sequence[int]]], loss: Loss, monitor: Monitor) -> list[int]:
    """From each place one of its sets of blocks goes: the one whose absence, with those gone before, costs least."""
    gone: list[int] = []
    for place in places:
        losses: dict[tuple[int, ...], float] = {}
        for blocks in place:
            if not set(blocks) & set(gone):
                losses[tuple(blocks)] = loss([*gone, *blocks])
                monitor.advance(1.0)
        best = min(losses, key=lambda chosen: (losses[chosen], chosen))
        gone += best
    return sorted(gone)


def without(model: LanguageModel, blocks: Sequence[int], stack: ExitStack) -> None:
    """Until the stack is left, these blocks pass their input on."""
    form = model._block_form  # Found by a real forward, so before any block is replaced.

    def skip(*args: Any, **kwargs: Any) -> Any:
        hidden = args[0] if args else kwargs["hidden_states"]
        return form.dress(hidden)

    for block in blocks:
        stack.enter_context(replaced_forward(model.blocks[block].module, skip))


def cut(folder: ModelFolder, gone: Sequence[int], target: Path, monitor: Monitor) -> None:
    """Write the model without these blocks into an empty folder, the others renumbered.

    Raises InputError for blocks that the model does not have.
    """
    count = num_layers(folder)
    if not gone or len(set(gone)) != len(gone) or min(gone) < 0 or max(gone) >= count or len(gone) >= count:
        raise InputError(f"The blocks to leave out must be some of the model's {count}; they were given as {list(gone)[:20]}.")
    path = path_of(folder)
    numbers = {old: new for new, old in enumerate(b for b in range(count) if b not in set(gone))}
    pieces: dict[str, tensors.Piece] = {}
    for name, one in folder.tensors.items():
        head, found, rest = name.partition(path)
        if not found or head:
            pieces[name] = tensors.whole(one)
            continue
        number, _, tail = rest.partition(".")
        if int(number) in numbers:
            pieces[f"{path}{numbers[int(number)]}.{tail}"] = tensors.whole(one)
    changes: dict[str, Any] = {"num_hidden_layers": len(numbers)}
    changes |= _per_layer(folder.text_config, numbers, count)
    copy_without_weights(folder, target, with_text_config(folder, **changes))
    write_weights(folder, pieces, target, monitor)


def _per_layer(config: Mapping[str, Any], numbers: Mapping[int, int], count: int) -> dict[str, Any]:
    """Settings with an entry for each block, and the length of a layout's period."""
    found: dict[str, Any] = {k: [v[b] for b in numbers] for k, v in config.items() if isinstance(v, list) and len(v) == count}
    if found.get("layer_types"):
        length = period(found["layer_types"])
        found |= {k: length for k in ("_sliding_window_pattern", "sliding_window_pattern") if isinstance(config.get(k), int)}
    if isinstance(config.get("max_window_layers"), int):
        found["max_window_layers"] = min(config["max_window_layers"], len(numbers))
    return found
