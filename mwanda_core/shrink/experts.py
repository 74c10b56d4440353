"""Which experts of a mixture to remove, so that no language that is kept loses its own.

For expert j of a layer and the tokens T_l of a language l, with the router's weight g_j(x) and the expert's output f_j(x),

    mass_l(j) = sum over x in T_l routed to j of  g_j(x) ||f_j(x)||_2,      S_l(j) = mass_l(j) / sum_j mass_l(j)

which is REAP's saliency (Lasby et al. 2025, eq. 9) as a sum and not a mean, for each language. Experts are kept (all layers as many):

    fair        the greatest S_l of the language whose kept share sum_{j kept} S_l(j) is least at the moment, until every language has the
                floor; then the greatest max_l S_l(j).  A choice of this project.
    reap        the greatest mean of g_j ||f_j|| over the tokens routed there, languages pooled
    frequency   the greatest number of tokens routed there, languages pooled

Files are cut by the names of their tensors: single experts go and are numbered anew, tensors of all experts and the router's lose rows.
Merging (optional) puts each removed expert into the kept one whose row of the router is most like its own: neurons are matched (they come in
any order), then averaged by mass. REAP finds that merging loses to removing, for the router can no longer tell the two apart.
"""

import contextlib
import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from scipy.optimize import linear_sum_assignment
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from mwanda_core.corpora import Packed
from mwanda_core.errors import InputError, ModelError, UnknownName
from mwanda_core.models import LanguageModel
from mwanda_core.models.calls import replaced_forward
from mwanda_core.progress import Monitor
from mwanda_core.shrink import tensors
from mwanda_core.shrink.folders import ModelFolder
from mwanda_core.shrink.gated import path_of, with_text_config
from mwanda_core.shrink.moments import BATCH
from mwanda_core.shrink.vocabulary import copy_without_weights, write_weights

FAMILIES = ("mixtral", "qwen2_moe", "qwen3_moe", "olmoe", "glm4_moe", "deepseek_v3")
FLOOR = 0.9
"""Share of a language's mass that is kept for it before anything else is looked at."""

_COUNTS = ("num_experts", "num_local_experts", "n_routed_experts")
_SINGLE = re.compile(r"\.experts\.(\d+)\.")
_ROUTER = re.compile(r"\.(gate|router)\.(weight|bias|e_score_correction_bias)$")

Kept = Mapping[int, Sequence[int]]
"""Block -> the experts that stay there, ascending; blocks without experts are not in it."""


def check(folder: ModelFolder) -> None:
    """Raises ModelError for a model without experts, or whose experts are not known to be cut safely."""
    if folder.model_type not in FAMILIES:
        raise ModelError(
            f"Experts of {folder.model_type or 'this family'} are not cut here: only those of {', '.join(FAMILIES)}."
        )
    if int(folder.text_config.get("n_group") or 1) > 1:
        raise ModelError("This model's router chooses groups of experts first, and groups are not cut here.")


def count_of(folder: ModelFolder) -> int:
    """Experts of each layer that has any; 0 for a model without."""
    if folder.model_type not in FAMILIES:
        return 0
    return next((int(folder.text_config[key]) for key in _COUNTS if folder.text_config.get(key)), 0)


def at_once(folder: ModelFolder) -> int:
    """Experts that a token is sent to: no fewer can stay."""
    return int(folder.text_config["num_experts_per_tok"])


def num_bytes(folder: ModelFolder) -> float:
    """Bytes of one expert, with its rows of the routers, over all layers."""
    count = count_of(folder)
    return sum(one.num_bytes for name, one in folder.tensors.items() if _kind(name, one, count)) / max(1, count)


def _kind(name: str, one: tensors.Stored, count: int) -> str:
    """ "single" for a tensor of one expert, "rows" for one with a row or a matrix for each; "" for any other."""
    if _SINGLE.search(name):
        return "single"
    by_row = one.shape[:1] == (count,) and (".experts." in name or _ROUTER.search(name))
    return "rows" if by_row else ""


@dataclasses.dataclass(frozen=True, eq=False)
class Use:
    """Of one layer, by language: `mass` of the module's formula and tokens routed to each expert."""

    mass: Float[Tensor, "languages experts"]
    tokens: Float[Tensor, "languages experts"]

    @property
    def shares(self) -> Float[Tensor, "languages experts"]:
        """S_l(j); a language that no token of was seen in has equal ones."""
        total = self.mass.sum(dim=1, keepdim=True)
        return torch.where(total > 0, self.mass / total.clamp_min(1e-30), 1 / self.mass.shape[1])


def layers(model: LanguageModel) -> dict[int, tuple[nn.Module, nn.Module]]:
    """Block -> (router, experts) as modules.

    Raises ModelError for a model without any.
    """
    found = {}
    for block in model.blocks:
        for name, module in block.module.named_modules():
            if name.rpartition(".")[2] == "experts":
                count = next(p.shape[0] for p in module.parameters())
                parent = block.module.get_submodule(name.rpartition(".")[0])
                routers = [
                    m
                    for m in parent.children()
                    if m is not module and getattr(m, "weight", torch.ones(0)).shape[:1] == (count,)
                ]
                if len(routers) == 1:
                    found[block.index] = (routers[0], module)
    if not found:
        raise ModelError("No router and experts were found in this model's blocks: there are none to remove.")
    return found


@torch.no_grad()
def uses(model: LanguageModel, packed: Packed, monitor: Monitor) -> dict[int, Use]:
    """Of every layer of experts, in one pass over the tokens, each expert's output calculated once more by itself. Units of progress:
    sequences."""
    found, now = {}, packed.rows[:0]
    with ExitStack() as stack:
        for index, (_, module) in layers(model).items():
            size = len(packed.languages), next(p.shape[0] for p in module.parameters())
            use = found[index] = Use(torch.zeros(size, dtype=torch.float64), torch.zeros(size, dtype=torch.float64))

            def note(module: Any, args: tuple[Any, ...], use: Use = use) -> None:
                hidden, chosen, weights = args[0].flatten(0, -2), args[1].flatten(0, -2), args[2].flatten(0, -2)
                rows = now.repeat_interleave(len(hidden) // len(now)).to(hidden.device)
                for expert in chosen.unique().tolist():
                    token, place = torch.where(chosen == expert)
                    alone = torch.full((len(token), 1), expert, device=chosen.device), torch.ones_like(weights[token, :1])
                    norm = module.forward(hidden[token], *alone).double().norm(dim=-1)
                    language = rows[token].cpu()
                    use.mass[:, expert].index_add_(0, language, (weights[token, place].double() * norm).cpu())
                    use.tokens[:, expert].index_add_(0, language, torch.ones(len(token), dtype=torch.float64))

            handle = module.register_forward_pre_hook(note)
            stack.callback(handle.remove)
        for start in range(0, len(packed.ids), BATCH):
            now = packed.rows[start : start + BATCH]
            model.hidden(packed.ids[start : start + BATCH])
            monitor.advance(float(len(now)))
    return found


def fair(use: Use, count: int) -> list[int]:
    """The worst language first, up to the floor; then whoever is of most use to any one language."""
    shares = use.shares
    kept: list[int] = []
    while len(kept) < count:
        have = shares[:, kept].sum(dim=1)
        score = shares[have.argmin()] if float(have.min()) < FLOOR else shares.amax(dim=0)
        kept.append(int(score.index_fill(0, torch.tensor(kept, dtype=torch.long), -1.0).argmax()))
    return kept


def _most(score: Callable[[Use], Tensor]) -> Callable[[Use, int], list[int]]:
    return lambda use, count: torch.argsort(score(use), descending=True, stable=True)[:count].tolist()


METHODS: Mapping[str, Callable[[Use, int], list[int]]] = {
    "fair": fair,
    "reap": _most(lambda use: use.mass.sum(dim=0) / use.tokens.sum(dim=0).clamp_min(1)),
    "frequency": _most(lambda use: use.tokens.sum(dim=0)),
}


def choose(found: Mapping[int, Use], count: int, method: str = "fair") -> dict[int, list[int]]:
    """The experts that stay in each layer, ascending.

    Raises UnknownName for a method that is not in `METHODS`.
    """
    if method not in METHODS:
        raise UnknownName("way to choose experts", method, METHODS)
    return {index: sorted(METHODS[method](use, count)) for index, use in found.items()}


def kept_share(found: Mapping[int, Use], kept: Kept, languages: Sequence[str]) -> tuple[float, str, int]:
    """The least share of its mass that a language keeps in any layer; which language, and in which block."""
    return min(
        (float(share), code, index)
        for index, use in found.items()
        for code, share in zip(languages, use.shares[:, list(kept[index])].sum(dim=1), strict=True)
    )


class _Closed(TorchFunctionMode):
    """Logits of some experts are minus infinity."""

    def __init__(self, gone: Sequence[int]) -> None:
        super().__init__()
        self._gone = list(gone)

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        if func is nn.functional.linear:
            found[..., self._gone] = -torch.inf
        return found


@contextlib.contextmanager
def without(model: LanguageModel, gone: Kept) -> Iterator[None]:
    """Inside, the routers of these blocks never choose these experts."""
    with ExitStack() as stack:
        for index, (router, _) in layers(model).items():
            numbers, forward = list(gone.get(index, ())), router.forward
            bias = getattr(router, "e_score_correction_bias", None)
            if bias is not None:
                before = bias.clone()
                stack.callback(bias.copy_, before)
                bias[numbers] = -torch.inf

            def closed(*args: Any, forward: Any = forward, numbers: list[int] = numbers, **kwargs: Any) -> Any:
                with _Closed(numbers):
                    return forward(*args, **kwargs)

            stack.enter_context(replaced_forward(router, closed))
        yield


def removed(kept: Kept, count: int) -> dict[int, list[int]]:
    """Block -> the experts that go."""
    return {index: sorted(set(range(count)) - set(numbers)) for index, numbers in kept.items()}


def check_count(folder: ModelFolder, count: int) -> None:
    """Raises InputError for a number of experts that the model cannot be cut to."""
    least, most = at_once(folder), count_of(folder)
    if not least <= count <= most:
        raise InputError(f"Of the {most} experts of each layer between {least} and {most} can stay; it was given {count}.")


def cut(
    folder: ModelFolder, kept: Kept, target: Path, monitor: Monitor, masses: Mapping[int, Sequence[float]] | None = None
) -> None:
    """Write the model with these experts into an empty folder; with `masses` (of every expert of each block) the others merged into them.

    Raises InputError for numbers that the model does not have, ModelError where layers would differ, or files cannot be merged.
    """
    check(folder)
    count, path = count_of(folder), path_of(folder)
    sizes = {len(set(numbers)) for numbers in kept.values()}
    if len(sizes) != 1 or any(list(n) != sorted(set(n)) or n[0] < 0 or n[-1] >= count for n in kept.values()):
        raise ModelError(f"Every layer must keep as many of its {count} experts, in order, each once.")
    left = sizes.pop()
    check_count(folder, left)
    pieces: dict[str, tensors.Piece] = {}
    for name, one in folder.tensors.items():
        kind = _kind(name, one, count)
        block = int(name.removeprefix(path).partition(".")[0]) if kind and name.startswith(path) else -1
        if kind and block not in kept:
            raise ModelError(f"{name} belongs to experts of which none was chosen: plan again.")
        if kind == "rows":
            pieces[name] = tensors.rows(one, kept[block])
        elif match := _SINGLE.search(name):
            if int(match[1]) in kept[block]:
                new = kept[block].index(int(match[1]))
                pieces[f"{name[: match.start(1)]}{new}{name[match.end(1) :]}"] = tensors.whole(one)
        else:
            pieces[name] = tensors.whole(one)
    if masses is not None:
        pieces |= _merged(folder, kept, masses)
    changes = {key: left for key in _COUNTS if folder.text_config.get(key)}
    copy_without_weights(folder, target, with_text_config(folder, **changes))
    write_weights(folder, pieces, target, monitor)


def _merged(folder: ModelFolder, kept: Kept, masses: Mapping[int, Sequence[float]]) -> dict[str, tensors.Piece]:
    """The tensors of kept experts that others are merged into, by their new names."""
    path = path_of(folder)
    found: dict[str, tensors.Piece] = {}
    for block, numbers in kept.items():
        head = f"{path}{block}."
        router = next(n for n in folder.tensors if n.startswith(head) and n.endswith((".gate.weight", ".router.weight")))
        rows = nn.functional.normalize(tensors.read_tensor(folder.tensors[router]).float(), dim=1)
        likeness = rows @ rows[list(numbers)].T
        for new, into in enumerate(numbers):
            others = [j for j in range(len(rows)) if j not in numbers and int(likeness[j].argmax()) == new]
            if not others:
                continue
            whole = _expert(folder, head, into)
            mean, total = {name: t.double() * masses[block][into] for name, t in whole.items()}, masses[block][into]
            for other in others:
                matched = _matched(whole, _expert(folder, head, other))
                mean = {name: t + masses[block][other] * matched[name].double() for name, t in mean.items()}
                total += masses[block][other]
            if total > 0:
                stem = next(n for n in folder.tensors if n.startswith(head) and f".experts.{into}." in n).partition(
                    f".experts.{into}."
                )[0]
                found |= {
                    f"{stem}.experts.{new}.{n}": tensors.piece_of((t / total).to(whole[n].dtype)) for n, t in mean.items()
                }
    return found


def _expert(folder: ModelFolder, head: str, number: int) -> dict[str, Tensor]:
    """The three matrices of an expert, by what stands after its number."""
    middle = f".experts.{number}."
    found = {
        name.partition(middle)[2]: tensors.read_tensor(one)
        for name, one in folder.tensors.items()
        if name.startswith(head) and middle in name
    }
    if not found:
        raise ModelError("The experts of these files lie together in one tensor, and are removed but not merged here.")
    return found


def _matched(like: Mapping[str, Tensor], other: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The neurons of an expert in the order in which they are most like another's: the assignment of greatest cosines."""

    def neurons(expert: Mapping[str, Tensor]) -> Tensor:
        wide = [t.float() if _inward(name) else t.float().T for name, t in sorted(expert.items())]
        return nn.functional.normalize(torch.cat(wide, dim=1), dim=1)

    order = torch.from_numpy(linear_sum_assignment(-(neurons(like) @ neurons(other).T).numpy())[1])
    return {name: t[order] if _inward(name) else t[:, order] for name, t in other.items()}


def _inward(name: str) -> bool:
    """Whether a matrix of an expert has a row, and not a column, for each neuron."""
    return not name.startswith(("down_proj", "w2"))
