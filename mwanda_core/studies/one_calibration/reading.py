r"""Masks from UniPruning's states, at any sparsity, pattern and mix of languages: instantly, for nothing is measured.

    Gamma(w) = sum_l w_l Gamma_l             a mix of languages
    Gamma(max) = max_l Gamma_l / mean(Gamma_l)    protects what any one language needs most

Kept are the largest |Gamma| of each group of the pattern. Under one scope masks are nested: what 70 % sparsity keeps, 60 % keeps as
well, for both cut the same order. Under the global scope weights of the whole model are compared; S has mean 1 in every matrix, so
that is nearly the layer scope.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd
import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.engine.mirror import Mirror, fitting, mix_of as of_activation
from mwanda_core.errors import InputError
from mwanda_core.methods.activation import Maximum
from mwanda_core.methods.activation.worst_first import settled
from mwanda_core.methods.composition import Recipe
from mwanda_core.methods.scores.unipruning import shrunk
from mwanda_core.models import LanguageModel
from mwanda_core.parts.masks import num_pruned, pack, unpack
from mwanda_core.parts.patterns import NtoM, Pattern, Unstructured
from mwanda_core.studies.cutting import cut_to

Mix = Mapping[str, float] | str | None
"""Weights by language (those not named count nothing), "max", or None for all alike."""


def importance(mirror: Mirror, name: str, mix: Mix = None) -> Float[Tensor, "out in"]:
    """|Gamma| of one linear for a mix.

    Raises InputError for a language without a state, or weights that are negative or all 0.
    """
    if mix == "max":
        return mirror.most(name)
    return mirror.gamma(name, None if mix is None else weights_of(mirror, mix)).abs()


def mix_of(recipe: Recipe, mirror: Mirror) -> Mix:
    """The mix that a recipe's activation stands for (`engine.mirror.mix_of`)."""
    if mirror.languages == ("",):
        return None
    found = of_activation(recipe.activation, mirror.languages)
    return found if isinstance(found, str) else dict(zip(mirror.languages, found, strict=True))


def with_mix(recipe: Recipe, mirror: Mirror, mix: Mix) -> Recipe:
    """The recipe whose activation stands for a mix; None leaves it as it is.

    Raises InputError as `importance`.
    """
    if mix is None:
        return recipe
    if isinstance(mix, str):
        return recipe.replace(activation=Maximum())
    return recipe.replace(activation=settled(dict(zip(mirror.languages, weights_of(mirror, mix), strict=True))))


def look(mirror: Mirror, masks: Mapping[str, Tensor], blocks: Mapping[str, int], mix: Mix = None) -> dict[str, pd.DataFrame]:
    """What masks keep of the states, nothing of a model being read. blocks: full name of a linear -> its block.

    "blocks": block, sparsity (share removed), kept (share of sum |Gamma| of the mix that stays); "languages": language, kept (of its own
    sum |Gamma_l|), where there is a state for each.
    """
    removed, sizes = dict[int, float](), dict[int, int]()
    mixed: dict[int, list[float]] = {}
    own = {code: [0.0, 0.0] for code in mirror.languages}
    for name, mask in masks.items():
        block, shape = blocks[name], tuple(mirror.states[name].shape[1:])
        keep = unpack(mask, shape)
        removed[block] = removed.get(block, 0.0) + float((~keep).sum())
        sizes[block] = sizes.get(block, 0) + keep.numel()
        found = importance(mirror, name, mix)
        for total, size in [(mixed.setdefault(block, [0.0, 0.0]), found)] + [
            (own[code], shrunk(state, mirror.settings).abs())
            for code, state in zip(mirror.languages, mirror.states[name], strict=True)
            if code
        ]:
            total[0] += float(size[keep].sum(dtype=torch.float64))
            total[1] += float(size.sum(dtype=torch.float64))
    rows = [(b, removed[b] / sizes[b], mixed[b][0] / max(mixed[b][1], 1e-30)) for b in sorted(sizes)]
    each = [(code, stays / max(whole, 1e-30)) for code, (stays, whole) in own.items() if code]
    return {
        "blocks": pd.DataFrame(rows, columns=["block", "sparsity", "kept"]),
        "languages": pd.DataFrame(each, columns=["language", "kept"]),
    }


def weights_of(mirror: Mirror, mix: Mapping[str, float] | str) -> list[float]:
    """The mix as weights in the order of the states, summing to 1.

    Raises InputError as `importance`.
    """
    if isinstance(mix, str):
        raise InputError(f"A mix is weights by language, or 'max'; it was given {mix!r}.")
    unknown = [code for code in mix if code not in mirror.languages]
    if unknown:
        known = ", ".join(mirror.languages) if mirror.languages != ("",) else "none: it is one state for all languages"
        raise InputError(f"There is no state of {', '.join(unknown)}; there are states of {known}.")
    found = [float(mix.get(code, 0.0)) for code in mirror.languages]
    if min(found) < 0.0 or not sum(found) > 0.0:
        raise InputError(f"Weights of languages must be 0 or more, and one above 0; they were given as {dict(mix)}.")
    return [weight / sum(found) for weight in found]


def masks_at(mirror: Mirror, sparsity: float, pattern: Pattern | None = None, mix: Mix = None) -> dict[str, Tensor]:
    """Packed masks by full name. N:M sets the sparsity itself.

    Raises InputError as `importance`, and for a width that the pattern cannot divide.
    """
    pattern = pattern or Unstructured("layer")
    if isinstance(pattern, Unstructured) and pattern.scope == "global":
        return _global(mirror, sparsity, mix)
    return {name: pack(pattern.keep(importance(mirror, name, mix), sparsity)).cpu() for name in mirror.states}


def _global(mirror: Mirror, sparsity: float, mix: Mix) -> dict[str, Tensor]:
    """One threshold for the whole model; the count is exact, ties go by the order of linears and places."""
    found = {name: importance(mirror, name, mix).cpu() for name in mirror.states}
    flat = torch.cat([score.flatten() for score in found.values()])
    keep = torch.ones(len(flat), dtype=torch.bool)
    keep[flat.argsort(stable=True)[: num_pruned(len(flat), sparsity)]] = False
    parts = keep.split([score.numel() for score in found.values()])
    return {name: pack(part.view(score.shape)) for (name, score), part in zip(found.items(), parts, strict=True)}


@contextlib.contextmanager
def cut_at(
    model: LanguageModel, mirror: Mirror, sparsity: float, pattern: Pattern | None = None, mix: Mix = None
) -> Iterator[dict[str, Tensor]]:
    """Inside, the model is cut; afterwards it is dense again. Gives the masks."""
    check_model(model, mirror)
    masks = masks_at(mirror, sparsity, pattern, mix)
    with cut_to(model, masks):
        yield masks


def check_model(model: LanguageModel, mirror: Mirror) -> None:
    """Refuse states of another model.

    Raises InputError in one sentence.
    """
    fitting(mirror, model, mirror.settings, mirror.languages)


def nested(mirror: Mirror, sparsities: Sequence[float], pattern: Pattern | None = None, mix: Mix = None) -> pd.DataFrame:
    """For each pair of neighbouring sparsities: how many kept weights of the sparser mask the denser one keeps too (1: all)."""
    order = sorted(sparsities)
    masks = [masks_at(mirror, sparsity, pattern, mix) for sparsity in order]
    rows = []
    for place in range(1, len(order)):
        inside = total = 0
        for name, mask in masks[place].items():
            sparse, denser = (unpack(found, (8 * mask.numel(),)) for found in (mask, masks[place - 1][name]))
            inside, total = inside + int((sparse & denser).sum()), total + int(sparse.sum())
        rows.append((order[place - 1], order[place], inside / max(1, total)))
    return pd.DataFrame(rows, columns=["sparsity", "sparser", "share_inside"])


def pattern_name(pattern: Pattern) -> str:
    """As the command line says it."""
    return f"{pattern.n}:{pattern.m}" if isinstance(pattern, NtoM) else getattr(pattern, "scope", pattern.title)
