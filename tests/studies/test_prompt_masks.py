"""Masks for this prompt: equal to offline pruning on that prompt, its laws, the prior's limits, and nothing left behind."""

import math
from typing import Any

import pytest
import tiny
import torch
from torch import Tensor
from torch.testing import assert_close

from mwanda_core.corpora import Packed
from mwanda_core.engine.measure import measure_model
from mwanda_core.engine.pruning import prune
from mwanda_core.errors import InputError
from mwanda_core.methods.recipes import recipe
from mwanda_core.models import LanguageModel
from mwanda_core.parts.masks import num_pruned, pack, unpack
from mwanda_core.parts.needs import Need
from mwanda_core.parts.patterns import NtoM, Unstructured
from mwanda_core.progress import Monitor
from mwanda_core.studies.prompts.masks import PromptMasks, mask_bytes, wina
from mwanda_core.studies.prompts.rules import PromptRule, ranks, wina_gate, with_prior

BOTH = frozenset({Need.MEAN, Need.POSITIVE})


def one(ids: Tensor) -> Packed:
    """A calibration set that is this one prompt."""
    return Packed("prompt", ("en",), ids, torch.zeros(len(ids), dtype=torch.long), tuple((str(i),) for i in range(len(ids))))


def logits(model: LanguageModel, ids: Tensor, keep: Tensor | None = None) -> Tensor:
    with model.head() as head, torch.no_grad():
        return torch.cat([head(row) for row in model.hidden(ids, keep)])


def masks_of(model: LanguageModel, rule: PromptRule, ids: Tensor, keep: Tensor | None = None) -> list[dict[str, Tensor]]:
    with PromptMasks(model, rule) as masks:
        masks.begin(keep, len(ids))
        model.hidden(ids, keep)
    return masks.masks


@pytest.mark.parametrize(
    ("family", "method"),
    [(family, "wanda") for family in tiny.FAMILIES] + [(f, m) for f in ("gemma3_text", "gpt2") for m in ("ria", "stade")],
)
def test_it_is_offline_pruning_linear_by_linear_on_that_prompt(family: str, method: str) -> None:
    """Masks are identical and the logits differ by exactly nothing."""
    model, ids = tiny.language_model(family), tiny.random_ids(1, 12)
    rule = PromptRule(0.5, recipe(method, **({"compensate": "none"} if method == "stade" else {})))
    before = tiny.all_bytes(model)
    with PromptMasks(model, rule) as masks:
        masks.begin()
        online = logits(model, ids)
    assert tiny.all_bytes(model) == before
    result = prune(model, one(ids), rule.recipe, 0.5, "per-linear")
    assert tiny.same(dict(result.masks), masks.masks[0])
    assert torch.equal(online, logits(model, ids))
    result.restore()


def test_every_row_keeps_exactly_its_share_and_n_of_m_as_well(llama: LanguageModel) -> None:
    ids = tiny.random_ids(1, 9)
    for rule, size in ((PromptRule(0.4), None), (PromptRule(0.5, recipe("wanda").replace(pattern=NtoM(2, 4))), 4)):
        found = masks_of(llama, rule, ids)[0]
        for block in llama.blocks:
            for linear in block.linears:
                keep = unpack(found[block.full_name(linear)], tuple(linear.weight.shape)).reshape(
                    -1, size or linear.weight.shape[1]
                )
                wanted = keep.shape[1] - num_pruned(keep.shape[1], rule.sparsity)
                assert (keep.sum(dim=1) == wanted).all()


def test_all_weights_active_is_the_dense_model(llama: LanguageModel) -> None:
    ids = tiny.random_ids(2, 9)
    dense = llama.hidden(ids)
    with PromptMasks(llama, PromptRule(1.0)) as masks:
        masks.begin(prompts=2)
        assert_close(llama.hidden(ids), dense, rtol=0, atol=1e-5)
    assert torch.equal(llama.hidden(ids), dense)


def test_prompts_of_a_batch_have_the_masks_they_have_alone_and_padding_counts_for_nothing(family: str) -> None:
    model = tiny.language_model(family)
    batch = tiny.padded_batch()
    assert batch.keep is not None
    together = masks_of(model, PromptRule(0.6), batch.ids, batch.keep)
    for index, length in enumerate(batch.keep.sum(dim=1).tolist()):
        alone = masks_of(model, PromptRule(0.6), batch.ids[index : index + 1, :length])[0]
        first = f"{model.blocks[0].path}.{model.blocks[0].linears[0].name}"
        # The first linear reads the very same numbers; behind it a batched product may round otherwise.
        assert torch.equal(together[index][first], alone[first])
        differing = sum(
            int((unpack(together[index][name], (8 * m.numel(),)) ^ unpack(m, (8 * m.numel(),))).sum())
            for name, m in alone.items()
        )
        assert differing <= 8


def test_left_padding_counts_for_nothing_either(llama: LanguageModel) -> None:
    ids = tiny.random_ids(1, 8)
    padded = torch.cat([torch.full((1, 4), tiny.PAD), ids], dim=1)
    keep = torch.arange(12)[None] >= 4
    first = f"{llama.blocks[0].path}.{llama.blocks[0].linears[0].name}"
    assert torch.equal(masks_of(llama, PromptRule(), padded, keep)[0][first], masks_of(llama, PromptRule(), ids)[0][first])


def test_the_masks_stay_until_a_new_prompt_begins(llama: LanguageModel) -> None:
    first, second = tiny.random_ids(1, 8, seed=1), tiny.random_ids(1, 8, seed=2)
    with PromptMasks(llama, PromptRule()) as masks:
        masks.begin()
        llama.hidden(first)
        mine = dict(masks.masks[0])
        llama.hidden(second)
        assert tiny.same(mine, masks.masks[0])
        with pytest.raises(InputError, match=r"Masks were made for 1 prompts, and 2 go through: call begin\(\)"):
            llama.hidden(torch.cat([first, second]))
        masks.begin()
        llama.hidden(second)
        assert not tiny.same(mine, masks.masks[0])
        assert masks.num_bytes == mask_bytes(llama, 1)


def test_a_refresh_is_the_mask_of_all_tokens_so_far() -> None:
    """One linear that reads the embedding itself: tokens one by one, then cut anew, as if read at once."""
    model, ids = tiny.language_model("llama"), tiny.random_ids(1, 8)
    first = f"{model.blocks[0].path}.{model.blocks[0].linears[0].name}"
    with PromptMasks(model, PromptRule(refresh=4)) as masks:
        masks.begin()
        model.hidden(ids[:, :4])
        early = masks.masks[0][first].clone()
        for place in range(4, 8):
            assert torch.equal(masks.masks[0][first], early)
            model.hidden(ids[:, place : place + 1])
    assert torch.equal(masks.masks[0][first], masks_of(model, PromptRule(), ids)[0][first])
    assert not torch.equal(masks.masks[0][first], early)


def test_the_priors_limits_are_the_prompt_alone_and_the_language_alone(llama: LanguageModel, calibration: Packed) -> None:
    ids, german = tiny.random_ids(1, 12), calibration.only(["de"])
    stats = measure_model(llama, german, BOTH, Monitor())
    without = masks_of(llama, PromptRule(0.5), ids)[0]

    def masks(**settings: Any) -> dict[str, Tensor]:
        with PromptMasks(llama, PromptRule(0.5, **settings), stats, "de") as found:
            found.begin()
            llama.hidden(ids)
        return found.masks[0]

    assert tiny.same(masks(prior_tokens=0.0), without)
    assert tiny.same(masks(rank_weight=0.0), without)
    offline = prune(llama, german, recipe("wanda"), 0.5, "one-pass", stats=stats)
    offline.restore()
    assert tiny.same(masks(prior_tokens=math.inf), dict(offline.masks))
    assert tiny.same(masks(rank_weight=1.0), dict(offline.masks))
    assert not tiny.same(masks(prior_tokens=12.0), without)
    assert not tiny.same(masks(prior_tokens=12.0), dict(offline.masks))


def test_the_prior_by_hand() -> None:
    """Two prompt tokens of mean square 4, two pseudo-tokens of a language whose mean square is 1: the mean is 2.5."""
    model = tiny.language_model("llama")
    prompt = measure_model(model, one(tiny.random_ids(1, 2)), BOTH, Monitor())[0][model.blocks[0].linears[0].name]
    prompt = type(prompt)(
        ("prompt",), torch.tensor([[8.0]]).double(), *(torch.zeros(1, 1).double(),) * 2, torch.tensor([2.0]).double()
    )
    german = type(prompt)(
        ("prompt",), torch.tensor([[10.0]]).double(), *(torch.zeros(1, 1).double(),) * 2, torch.tensor([10.0]).double()
    )
    assert with_prior(prompt, german, 2.0).rms().square().item() == pytest.approx(2.5)


def test_ranks_by_hand() -> None:
    assert ranks(torch.tensor([[3.0, 1.0, 2.0], [5.0, 5.0, 0.0]])).tolist() == [[2.0, 0.0, 1.0], [1.0, 2.0, 0.0]]


def test_the_order_of_the_tokens_and_the_scale_of_a_text_do_not_matter(llama: LanguageModel) -> None:
    """At the first linear, whose input does not depend on the order."""
    ids = tiny.random_ids(1, 10)
    first = f"{llama.blocks[0].path}.{llama.blocks[0].linears[0].name}"
    assert torch.equal(masks_of(llama, PromptRule(), ids)[0][first], masks_of(llama, PromptRule(), ids.flip(1))[0][first])


def test_wina_by_hand() -> None:
    weight = torch.tensor([[3.0, 0.0, 1.0], [4.0, 1.0, 0.0]])  # Column norms 5, 1, 1.
    x = torch.tensor([[1.0, 2.0, -3.0], [0.1, 1.0, -2.0]])
    assert wina_gate(x, weight, 1 / 3).tolist() == [[1.0, 0.0, 0.0], [0.0, 0.0, -2.0]]


def test_wina_leaves_the_model_as_it_was(llama: LanguageModel) -> None:
    ids = tiny.random_ids(1, 8)
    dense = llama.hidden(ids)
    with wina(llama, 0.5):
        assert not torch.equal(llama.hidden(ids), dense)
    with wina(llama, 1.0):
        assert torch.equal(llama.hidden(ids), dense)
    assert torch.equal(llama.hidden(ids), dense)


def test_a_failure_leaves_the_model_as_it_was(llama: LanguageModel) -> None:
    before, ids = tiny.all_bytes(llama), tiny.random_ids(1, 8)
    dense = llama.hidden(ids)

    def fail() -> None:
        with PromptMasks(llama, PromptRule()) as masks:
            masks.begin()
            llama.hidden(ids)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert tiny.all_bytes(llama) == before
    assert torch.equal(llama.hidden(ids), dense)


REFUSED = [
    ({"active": 0.0}, "between 0.01 and 1"),
    ({"prior_tokens": -1.0}, "0 or more pseudo-tokens"),
    ({"rank_weight": 1.5}, "between 0 and 1"),
    ({"refresh": -1}, "0 for never"),
    ({"recipe": recipe("gblm")}, "also needs full_gradient"),
    ({"recipe": recipe("sparsegpt")}, "also needs gram"),
    ({"recipe": recipe("owl")}, "without 'OWL'"),
    ({"recipe": recipe("wanda").replace(pattern=Unstructured("global"))}, "whole model cannot be compared"),
]


@pytest.mark.parametrize(("settings", "words"), REFUSED)
def test_what_a_prompt_cannot_do_is_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        PromptRule(**settings)


def test_a_prior_that_is_missing_or_of_another_model_is_refused(llama: LanguageModel, calibration: Packed) -> None:
    with pytest.raises(InputError, match="none were given"):
        PromptMasks(llama, PromptRule(prior_tokens=8.0))
    other = measure_model(tiny.language_model("gpt2"), calibration, BOTH, Monitor())
    with pytest.raises(InputError, match="does not belong to"):
        PromptMasks(llama, PromptRule(prior_tokens=8.0), other, "en")
    with pytest.raises(InputError, match="A prior is of one language"):
        PromptMasks(llama, PromptRule(prior_tokens=8.0), measure_model(llama, calibration, BOTH, Monitor()))


def test_packed_masks_are_one_bit_a_weight() -> None:
    assert pack(torch.ones(3, 8, dtype=torch.bool)).numel() == 3
