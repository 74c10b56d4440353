"""Experts that lie together in one parameter: found by watching which slices of a parameter a product reads.

Families store a layer's experts as [experts, out, in] (Mixtral, Qwen 3), [experts, in, out] (gpt-oss, Llama 4) or flat (DBRX), and multiply
them in a loop or in one batched product. Whatever they do, some matrix product reads a slice of the parameter and the tokens that were
routed to that expert: its place, its orientation and its input are seen there, and no table of families is needed.
"""

import bisect
import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from mwanda_core.errors import ModelError

Seen = Callable[[Tensor, Tensor], None]
"""Called with a slice of a parameter as a product reads it, [in, out] and still a view, and with what it is multiplied with, [tokens, in]."""

TRIED = 64
"""Tokens of the forward pass that looks for experts: one token of one expert shows how all of its parameter lie."""


class ExpertSlice(nn.Module):
    """Stands where the module of a linear layer would: one expert's part of a parameter, as it is stored.

    It is never called by the model, so a hook on it would see nothing and is refused.
    """

    bias: Tensor | None

    def __init__(self, owner: nn.Module, leaf: str, size: tuple[int, int], offset: int) -> None:
        super().__init__()
        self.bias = None
        # In a tuple, or the owner would become a part of its own part.
        self._owner, self._leaf, self._size, self._offset = (owner,), leaf, size, offset

    @property
    def weight(self) -> Tensor:
        """The live slice; writing into it changes the model."""
        whole: Tensor = getattr(self._owner[0], self._leaf).data
        return whole.as_strided(self._size, (self._size[1], 1), whole.storage_offset() + self._offset)

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise ModelError(
            "The experts of this model lie together in one parameter, so single layers have no call to look at or gradient of their "
            "own, which this needs: choose another method or study, or a model without experts."
        )

    register_forward_pre_hook = register_forward_hook = register_full_backward_hook = _refuse


@dataclasses.dataclass(frozen=True)
class Stack:
    """One parameter that holds many linear layers: `count` slices [rows, columns] one after the other, each as the inverse of a
    linear's weight where `transposed`."""

    owner: nn.Module
    leaf: str
    count: int
    rows: int
    columns: int
    transposed: bool

    @property
    def parameter(self) -> nn.Parameter:
        """The parameter as it now is."""
        found: nn.Parameter = getattr(self.owner, self.leaf)
        return found

    def slice(self, number: int) -> ExpertSlice:
        """One of the linear layers."""
        return ExpertSlice(self.owner, self.leaf, (self.rows, self.columns), number * self.rows * self.columns)


class _Watching(TorchDispatchMode):
    """Calls `seen(name, matrix, input)` for each product of a part of one of the parameters."""

    def __init__(self, parameters: Mapping[str, Tensor], seen: Callable[[str, Tensor, Tensor], None]) -> None:
        super().__init__()
        found = sorted((p.data_ptr(), p.data_ptr() + p.numel() * p.itemsize, name) for name, p in parameters.items())
        self._begins = [begin for begin, _, _ in found]
        self._ends = [(end, name) for _, end, name in found]
        self._seen = seen

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        done = func(*args, **(kwargs or {}))
        name = func.overloadpacket.__name__
        if name in ("mm", "bmm"):
            self._product(args[0], args[1])
        elif name in ("addmm", "baddbmm"):
            self._product(args[1], args[2])
        elif name == "linear":
            self._product(args[0].flatten(0, -2), args[1].mT)
        return done

    def _product(self, left: Tensor, right: Tensor) -> None:
        if (name := self._holder(right)) is not None:
            self._seen(name, right, left)
        elif (name := self._holder(left)) is not None:
            self._seen(name, left.mT, right.mT)

    def _holder(self, matrix: Tensor) -> str | None:
        place = bisect.bisect_right(self._begins, matrix.data_ptr()) - 1
        if place < 0 or matrix.data_ptr() >= self._ends[place][0]:
            return None
        return self._ends[place][1]


Candidates = Mapping[str, tuple[nn.Module, str, Tensor]]
"""Full name of a parameter -> the module that holds it, its name there, and itself."""


def stack_candidates(path: str, block: nn.Module) -> Candidates:
    """Parameters of a block that may hold several linear layers, which only a pass can tell."""
    found: dict[str, tuple[nn.Module, str, Tensor]] = {}
    for name, module in block.named_modules():
        known = isinstance(module, nn.Embedding | nn.Linear | nn.Conv1d | nn.Conv2d) or hasattr(module, "nf")
        for leaf, parameter in module.named_parameters(recurse=False):
            plain = parameter.is_floating_point() and parameter.numel() and parameter.is_contiguous()
            if parameter.dim() in (2, 3) and not known and plain:
                found[".".join(part for part in (path, name, leaf) if part)] = (module, leaf, parameter)
    return found


def find_stacks(model: Any, blocks: Sequence[tuple[str, nn.Module]]) -> dict[str, Stack]:
    """Full name of a parameter within the blocks -> the linear layers that it holds. Empty for a model without weights (meta device)."""
    candidates = {name: item for path, block in blocks for name, item in stack_candidates(path, block).items()}
    if not candidates or model.device.type == "meta":
        return {}
    one_by_one(model)
    ids = torch.arange(TRIED, device=model.device)[None] % min(TRIED, model.get_input_embeddings().weight.shape[0])
    seen = stacks_seen(candidates, lambda: model(input_ids=ids, use_cache=False))
    # A parameter of several blocks is seen under one of its names.
    alike = {id(candidates[name][2]): stack for name, stack in seen.items()}
    return {
        name: dataclasses.replace(alike[id(parameter)], owner=owner, leaf=leaf)
        for name, (owner, leaf, parameter) in candidates.items()
        if id(parameter) in alike
    }


def stacks_seen(candidates: Candidates, run: Callable[[], object]) -> dict[str, Stack]:
    """The linear layers that parameters hold, by the products of one run in which experts are multiplied one by one."""
    found: dict[str, Stack | None] = {}

    def seen(name: str, matrix: Tensor, _: Tensor) -> None:
        owner, leaf, parameter = candidates[name]
        stack = _stack(owner, leaf, parameter, matrix)
        if name in found and found[name] != stack:
            stack = None  # Read in several ways: not understood, and left alone.
        found[name] = stack

    with torch.no_grad(), _Watching({name: item[2] for name, item in candidates.items()}, seen):
        run()
    return {name: stack for name, stack in found.items() if stack is not None}


def _stack(owner: nn.Module, leaf: str, parameter: Tensor, matrix: Tensor) -> Stack | None:
    """How a parameter lies, from a product's operand [in, out] or [experts, in, out]; None where that is the parameter whole, as a
    router's is, or no regular part of it."""
    width, outputs = matrix.shape[-2:]
    count, rest = divmod(parameter.numel(), width * outputs)
    whole = matrix.dim() == 3 and (matrix.shape[0] != count or matrix.stride(0) != width * outputs)
    if rest or count < 2 or whole or (parameter.dim() == 3 and parameter.shape[0] != count):
        return None
    if matrix.stride()[-2:] == (1, width):
        return Stack(owner, leaf, count, outputs, width, False)
    if matrix.stride()[-2:] == (outputs, 1):
        return Stack(owner, leaf, count, width, outputs, True)
    return None


def one_by_one(model: Any) -> None:
    """Have a model multiply its experts one after the other: the other ways that transformers knows gather or sort weights and tokens
    first, and which expert reads what cannot be seen."""
    with contextlib.suppress(AttributeError, ValueError, NotImplementedError):
        model.set_experts_implementation("eager")


@contextlib.contextmanager
def routed(stacks: Mapping[str, Stack], add: Callable[[str, int, Tensor], None]) -> Iterator[None]:
    """Inside, `add(name, number, x)` is called with the tokens [n, in] that reach an expert. Rows of zeros in a batched product are
    tokens of other experts (Llama 4) and are left out."""

    def seen(name: str, matrix: Tensor, x: Tensor) -> None:
        stack = stacks[name]
        if matrix.dim() == 3:
            for number, rows in enumerate(x):
                add(name, number, rows[rows.any(dim=-1)])
        else:
            size = stack.rows * stack.columns
            start = (matrix.data_ptr() - stack.parameter.data_ptr()) // matrix.itemsize
            add(name, start // size, x)

    if not stacks:
        yield
        return
    with _Watching({name: stack.parameter for name, stack in stacks.items()}, seen):
        yield
