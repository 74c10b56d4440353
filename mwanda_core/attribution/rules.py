r"""Layer-wise relevance propagation (LRP) as a changed backward pass; forward values stay bit for bit.

Relevance of any tensor t (a weight, an activation) for an output f is  R_t = t * df/dt  with df/dt taken under these rules:

    linear          unchanged       R_ij = z_ij / z_j R_j with z_ij = x_i W_ij: gradient times input is LRP-0
    norm            x * s, s = 1 / rms(x) taken as a constant                                  identity rule
    activation f    x * (f(x) / x), f(x) / x taken as a constant                               identity rule
    product a * b   both factors receive half                                                  uniform rule
    attention A V   "cp", "hybrid": A taken as a constant; "attnlrp": A and V half each, then Q and K half each

    hybrid     attention weights constant, gates uniform: conserves relevance exactly and reaches every MLP weight
    attnlrp    Achtibat et al. 2024 (AttnLRP): relevance reaches queries and keys, through a softmax that does not conserve
    cp         Ali et al. 2022 (CP-LRP): attention weights and gates constant, so neither receives any
    gradient   no rule: the plain gradient

Where no bias takes a share, sum_i x_i df/dx_i = f for hybrid and cp: the law that the tests check on every family. The epsilon of
LRP-eps (1e-6) only guards against division by zero, which gradient times input does not do; the ratio f(x) / x is guarded instead.

How: torch's own hook for functions (`TorchFunctionMode`) sees every call that the model's code makes while it is inside, so no
family needs a patch of its own, and nothing is left behind afterwards. Activations that are modules made of several operations (the
tanh approximation of GELU) are taken as one function. Attention kernels that torch does not see (flash attention as an extension)
are not covered.

Rules: Bach et al. 2015; Achtibat et al. 2024 (arXiv 2402.05602). Written from the published equations. LRP is patented; the
authors allow personal and scientific use.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from mwanda_core.errors import UnknownName
from mwanda_core.models import LanguageModel
from mwanda_core.models.calls import replaced_forward

RULES = ("hybrid", "attnlrp", "cp", "gradient")

TINY = 1e-10
"""Added to the magnitude of x in f(x) / x; f(0) = 0 for every activation in use, so the ratio is 0 there."""

_GATE, _WEIGHTS = "_lrp_gate", "_lrp_attention"
"""Attributes on tensors: made by an activation; made by a softmax."""

Call = Callable[..., Any]


@contextlib.contextmanager
def lrp(model: LanguageModel, rule: str = "hybrid") -> Iterator[None]:
    """Inside, gradients through the model follow a rule of `RULES`. Forward passes under `no_grad` are not touched.

    Raises UnknownName for a rule that there is not.
    """
    if rule not in RULES:
        raise UnknownName("relevance rule", rule, RULES)
    if rule == "gradient":
        yield
        return
    with contextlib.ExitStack() as stack:
        for module in _activations(model):
            stack.enter_context(replaced_forward(module, _one_function(module.forward)))
        stack.enter_context(_Rules(rule))
        yield


def _activations(model: LanguageModel) -> Iterator[nn.Module]:
    """Modules inside the blocks without parameters or parts: activations, beside dropouts and the like, which are told apart by
    what they are called with."""
    for block in model.blocks:
        for module in block.module.modules():
            plain = not any(True for _ in module.parameters()) and not any(True for _ in module.children())
            if plain and not isinstance(module, nn.Dropout | nn.Identity) and "norm" not in type(module).__name__.lower():
                yield module


def _one_function(work: Call) -> Call:
    def forward(*args: Any, **kwargs: Any) -> Any:
        if len(args) != 1 or kwargs or not _carries(args[0]):
            return work(*args, **kwargs)
        with torch.no_grad():
            value = work(args[0])
        if not isinstance(value, Tensor) or value.shape != args[0].shape:
            return work(args[0])
        return _identity(value, args[0])

    return forward


def _carries(value: Any) -> bool:
    return isinstance(value, Tensor) and value.requires_grad and torch.is_grad_enabled()


class _Instead(torch.autograd.Function):
    """The first argument's value with the second one's gradient: forward passes stay bit for bit."""

    @staticmethod
    def forward(ctx: Any, value: Tensor, stand_in: Tensor) -> Tensor:
        return value.view_as(value)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[None, Tensor]:
        return None, grads[0]


def _instead(value: Tensor, stand_in: Tensor) -> Tensor:
    found: Tensor = _Instead.apply(value.detach(), stand_in)
    return found


def _identity(value: Float[Tensor, "..."], x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """f(x) with the gradient f(x) / x. The ratio is taken in float32: in 16 bits a small x has few digits."""
    wide = x.detach().float()
    ratio = value.detach().float() / (wide + torch.where(wide < 0, -TINY, TINY))
    found = _instead(value, x * ratio.to(x.dtype))
    setattr(found, _GATE, True)
    return found


def _scaled(x: Any, factor: float) -> Any:
    return _instead(x, x * factor) if _carries(x) else x


class _Rules(TorchFunctionMode):
    """Sees every function of torch that Python calls, and gives those of a rule another gradient."""

    def __init__(self, rule: str) -> None:
        super().__init__()
        self.rule = rule

    def __torch_function__(self, func: Call, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None) -> Any:
        # Inside this method the mode is off, so that what a handler calls is torch itself.
        handler = _HANDLERS.get(func)
        if handler is None or not torch.is_grad_enabled():
            return func(*args, **(kwargs or {}))
        return handler(self.rule, func, args, kwargs or {})


def _constant(rule: str, func: Call, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """1 / rms(x), however it is written."""
    return func(*args, **kwargs).detach()


def _power(rule: str, func: Call, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    exponent = args[1] if len(args) > 1 else kwargs.get("exponent")
    found = func(*args, **kwargs)
    return found.detach() if isinstance(exponent, float) and exponent == -0.5 else found


def _activation(rule: str, func: Call, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    if not args or not _carries(args[0]):
        return func(*args, **kwargs)
    with torch.no_grad():
        value = func(*args, **kwargs)
    return _identity(value, args[0])


def _product(rule: str, func: Call, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    if len(args) != 2 or not (_carries(args[0]) and _carries(args[1])):
        return func(*args, **kwargs)
    if rule == "cp" and any(getattr(factor, _GATE, False) for factor in args):
        return func(*(factor.detach() if getattr(factor, _GATE, False) else factor for factor in args), **kwargs)
    return _scaled(func(*args, **kwargs), 0.5)


def _layer_norm(rule: str, func: Call, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """The mean is linear in x and passes relevance as it is; the standard deviation is a constant."""
    value = func(*args, **kwargs)
    if not _carries(value):
        return value
    told = dict(zip(("input", "normalized_shape", "weight", "bias", "eps"), args, strict=False)) | dict(kwargs)
    x: Tensor = told["input"].float()
    over = tuple(range(-len(told["normalized_shape"]), 0))
    centred = x - x.mean(dim=over, keepdim=True)
    scale = (centred.square().mean(dim=over, keepdim=True) + told.get("eps", 1e-5)).rsqrt().detach()
    return _instead(value, (centred * scale * _or_one(told.get("weight"))).to(value.dtype))


def _rms_norm(rule: str, func: Call, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    value = func(*args, **kwargs)
    if not _carries(value):
        return value
    told = dict(zip(("input", "normalized_shape", "weight", "eps"), args, strict=False)) | dict(kwargs)
    x: Tensor = told["input"].float()
    over = tuple(range(-len(told["normalized_shape"]), 0))
    eps = told.get("eps")
    mean = x.square().mean(dim=over, keepdim=True) + (torch.finfo(value.dtype).eps if eps is None else eps)
    return _instead(value, (x * mean.rsqrt().detach() * _or_one(told.get("weight"))).to(value.dtype))


def _or_one(weight: Tensor | None) -> Tensor | float:
    return 1.0 if weight is None else weight.float()


def _softmax(rule: str, func: Call, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    if rule != "attnlrp":
        return func(*args, **kwargs).detach()
    # The half is that of the product Q K, whose factors cannot be told from here.
    found = func(_scaled(args[0], 0.5), *args[1:], **kwargs)
    setattr(found, _WEIGHTS, True)
    return found


def _handed_on(rule: str, func: Call, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """Dropout, a change of type or of shape: still attention weights."""
    found = func(*args, **kwargs)
    if args and getattr(args[0], _WEIGHTS, False) and isinstance(found, Tensor):
        setattr(found, _WEIGHTS, True)
    return found


def _matmul(rule: str, func: Call, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    found = func(*args, **kwargs)
    return _scaled(found, 0.5) if args and getattr(args[0], _WEIGHTS, False) else found


def _attention(rule: str, func: Call, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """The fused kernel: query, key and value are its first three arguments."""
    names = ("query", "key", "value")
    told = dict(zip(names, args, strict=False)) | {name: kwargs[name] for name in names if name in kwargs}
    if rule == "attnlrp":
        told = {"query": _scaled(told["query"], 0.25), "key": _scaled(told["key"], 0.25), "value": _scaled(told["value"], 0.5)}
    else:
        told |= {"query": told["query"].detach(), "key": told["key"].detach()}
    rest = {name: value for name, value in kwargs.items() if name not in names}
    return func(told["query"], told["key"], told["value"], *args[3:], **rest)


_functions = nn.functional
_HANDLERS: dict[Any, Callable[[str, Call, tuple[Any, ...], Mapping[str, Any]], Any]] = {
    **dict.fromkeys((torch.rsqrt, Tensor.rsqrt), _constant),
    **dict.fromkeys((torch.pow, Tensor.pow, Tensor.__pow__), _power),
    **dict.fromkeys(
        (_functions.silu, _functions.gelu, _functions.relu, torch.relu, Tensor.relu, torch.tanh, Tensor.tanh), _activation
    ),
    **dict.fromkeys((torch.mul, Tensor.mul, Tensor.__mul__, Tensor.__rmul__, torch.multiply, Tensor.multiply), _product),
    **dict.fromkeys((_functions.layer_norm, torch.layer_norm), _layer_norm),
    **dict.fromkeys((_functions.rms_norm, torch.rms_norm), _rms_norm),
    **dict.fromkeys((_functions.softmax, torch.softmax, Tensor.softmax), _softmax),
    **dict.fromkeys(
        (_functions.dropout, torch.dropout, Tensor.to, Tensor.type, Tensor.type_as, Tensor.float, Tensor.view, Tensor.reshape),
        _handed_on,
    ),
    **dict.fromkeys((torch.matmul, Tensor.matmul, Tensor.__matmul__, torch.bmm, Tensor.bmm), _matmul),
    _functions.scaled_dot_product_attention: _attention,
}
"""Function of torch -> its rule."""
