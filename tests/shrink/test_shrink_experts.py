"""Experts left out of a mixture: removed equals never chosen, each language keeps its own, and English text alone would lose the others'."""

import json
from pathlib import Path
from typing import Any

import pytest
import tiny
import torch
import trimming
from test_structure import logits
from transformers import AutoModelForCausalLM
from typer.testing import CliRunner

from mwanda_core.cli.app import app
from mwanda_core.corpora import Packed, builtin
from mwanda_core.errors import InputError, ModelError, UnknownName
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.shrink import Wishes, experts, gated, plan_from, plan_job, read_plan
from mwanda_core.shrink.deed import carry_out
from mwanda_core.shrink.experts import Use
from mwanda_core.shrink.folders import ModelFolder, model_folder

SIGMOID = {
    "n_routed_experts": 4,
    "n_group": 1,
    "topk_group": 1,
    "first_k_dense_replace": 1,
    "num_hidden_layers": 3,
    "n_shared_experts": 1,
}
FAMILIES: dict[str, dict[str, Any]] = {
    "mixtral": {}, "qwen2_moe": {"shared_expert_intermediate_size": 24}, "qwen3_moe": {"norm_topk_prob": True}, "olmoe": {},
    "glm4_moe": SIGMOID,
    "deepseek_v3": SIGMOID | {"q_lora_rank": 8, "kv_lora_rank": 8, "qk_rope_head_dim": 4, "qk_nope_head_dim": 4, "v_head_dim": 8, "head_dim": 4},
}  # fmt: skip


def made(family: str, tmp_path: Path, **changes: Any) -> tuple[ModelFolder, LanguageModel]:
    size = {k: v for k, v in tiny.MIXTURE.items() if not k.endswith(("token_id", "vocab_size"))}
    folder = model_folder(
        trimming.saved(trimming.BYTES, tmp_path / "before", family, **{**size, **FAMILIES[family], **changes})
    )
    return folder, gated.model_of(folder, "float32")


@pytest.mark.parametrize("family", FAMILIES)
@torch.no_grad()
def test_removed_equals_never_chosen(family: str, tmp_path: Path) -> None:
    folder, model = made(family, tmp_path)
    for router, _ in experts.layers(model).values():
        if hasattr(router, "e_score_correction_bias"):
            router.e_score_correction_bias.copy_(torch.tensor([0.3, -0.2, 0.1, 0.0]))
    model.hf.save_pretrained(folder.path)
    folder = model_folder(folder.path)
    kept = dict(zip(experts.layers(model), ([0, 1, 3], [1, 2, 3]), strict=True))
    (tmp_path / "after").mkdir()
    experts.cut(folder, kept, tmp_path / "after", Monitor())
    small, info = AutoModelForCausalLM.from_pretrained(tmp_path / "after", output_loading_info=True)
    assert not any(info[kind] for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    assert experts.count_of(model_folder(tmp_path / "after")) == 3
    ids = tiny.random_ids(2, 16)
    before = logits(model, ids)
    with experts.without(model, experts.removed(kept, 4)):
        closed = logits(model, ids)
    torch.testing.assert_close(small.eval()(input_ids=ids).logits, closed)
    assert not torch.allclose(closed, before)
    assert torch.equal(logits(model, ids), before), "routers are open again"


@torch.no_grad()
def test_use_is_its_definition(tmp_path: Path) -> None:
    _, model = made("qwen3_moe", tmp_path)
    packed = tiny.packed(per_language=3)
    found = experts.uses(model, packed, Monitor())
    module, seen = model.blocks[0].module.mlp, []
    handle = module.register_forward_pre_hook(lambda m, args: seen.append(args[0]))
    model.hidden(packed.ids)
    handle.remove()
    mass, tokens = torch.zeros(3, 4, dtype=torch.float64), torch.zeros(3, 4, dtype=torch.float64)
    for row, states in zip(packed.rows.tolist(), torch.cat(seen), strict=True):
        for x in states:
            probability, chosen = (module.gate.weight @ x).softmax(0).topk(2)
            for g, j in zip(probability / probability.sum(), chosen.tolist(), strict=True):
                gate, up = (module.experts.gate_up_proj[j] @ x).chunk(2)
                mass[row, j] += float(g * (module.experts.down_proj[j] @ (torch.nn.functional.silu(gate) * up)).norm())
                tokens[row, j] += 1
    torch.testing.assert_close(found[0].mass, mass, rtol=1e-4, atol=1e-6)
    assert torch.equal(found[0].tokens, tokens)
    torch.testing.assert_close(found[0].shares.sum(dim=1), torch.ones(3, dtype=torch.float64))


def test_choices_by_hand() -> None:
    """English uses expert 0 most, and much of it; Swahili lives on expert 3; expert 1 is met often and does little."""
    mass = torch.tensor([[80.0, 1, 15, 4], [0.5, 0.3, 0.4, 8.8]])
    use = Use(mass, torch.tensor([[40.0, 50, 20, 2], [10.0, 20, 5, 5]]))
    assert experts.fair(use, 2) == [0, 3], "each language's own first"
    assert sorted(experts.fair(use, 3)) == [0, 2, 3], "English is still below the floor"
    assert experts.choose({0: use}, 2, "frequency") == {0: [0, 1]}
    assert experts.choose({0: use}, 2, "reap") == {0: [0, 3]}
    english = Use(mass[:1], use.tokens[:1])
    assert experts.choose({0: english}, 2, "reap") == {0: [0, 3]}
    assert experts.choose({5: english}, 2) == {5: [0, 2]}
    share, code, block = experts.kept_share({0: use}, {0: [0, 2]}, ("en", "sw"))
    assert (code, block) == ("sw", 0)
    assert share == pytest.approx(0.09)


def planted(tmp_path: Path) -> tuple[ModelFolder, LanguageModel, Packed]:
    """Each of three languages has an expert that it is sent to and another that it hardly hears; its tokens say which language they are."""
    folder, model = made("qwen3_moe", tmp_path, num_experts=6, num_local_experts=6)
    packed = tiny.packed(per_language=6, time=24)
    with torch.no_grad():
        embedding = model.hf.get_input_embeddings().weight
        for row in range(3):
            embedding[packed.ids[packed.rows == row].unique(), row] += 8.0
        for router, _ in experts.layers(model).values():
            router.weight.mul_(0.1)
            for row in range(3):
                router.weight[2 * row, row], router.weight[2 * row + 1, row] = 3.0, 2.0
    model.hf.save_pretrained(folder.path)
    return model_folder(folder.path), model, packed


def drift(model: LanguageModel, packed: Packed, kept: experts.Kept) -> dict[str, float]:
    """Divergence from the whole model's predictions, by language, nats a token."""
    found = {}
    for row, code in enumerate(packed.languages):
        ids = packed.ids[packed.rows == row]
        whole = logits(model, ids).log_softmax(-1)
        with experts.without(model, experts.removed(kept, 6)):
            found[code] = float((whole.exp() * (whole - logits(model, ids).log_softmax(-1))).sum(-1).mean())
    return found


def test_english_text_alone_costs_the_other_languages_their_experts(tmp_path: Path) -> None:
    _, model, packed = planted(tmp_path)
    everyone = experts.uses(model, packed, Monitor())
    english = {block: Use(use.mass[:1], use.tokens[:1]) for block, use in everyone.items()}
    by_english = drift(model, packed, experts.choose(english, 3, "reap"))
    fair = drift(model, packed, experts.choose(everyone, 3))
    assert by_english["en"] < 1e-6, "English keeps everything it uses"
    assert max(by_english.values()) > 3 * max(fair.values()), (by_english, fair)


def test_a_duplicate_is_merged_into_its_twin_whatever_the_order_of_its_neurons(tmp_path: Path) -> None:
    folder, model = made("qwen3_moe", tmp_path)
    with torch.no_grad():
        for router, module in experts.layers(model).values():
            order = torch.randperm(24, generator=torch.Generator().manual_seed(0))
            gate, up = module.gate_up_proj[1].chunk(2)
            module.gate_up_proj[3] = torch.cat([gate[order], up[order]])
            module.down_proj[3] = module.down_proj[1][:, order]
            router.weight[3] = 0.9 * router.weight[1]
    model.hf.save_pretrained(folder.path)
    kept, masses = {0: [0, 1, 2], 1: [0, 1, 2]}, {0: [0.2, 0.3, 0.3, 0.2], 1: [0.1, 0.2, 0.3, 0.4]}
    (tmp_path / "after").mkdir()
    experts.cut(model_folder(folder.path), kept, tmp_path / "after", Monitor(), masses)
    small = AutoModelForCausalLM.from_pretrained(tmp_path / "after")
    for block, (_, module) in zip(small.model.layers, experts.layers(model).values(), strict=True):
        torch.testing.assert_close(block.mlp.experts.gate_up_proj, module.gate_up_proj[:3])
        torch.testing.assert_close(block.mlp.experts.down_proj, module.down_proj[:3])


def test_a_plan_with_experts_from_the_command_to_the_folder(tmp_path: Path) -> None:
    folder, _, _ = planted(tmp_path)
    quick = ("--languages", "en,de", "--experts", "4", "--merge", "--no-ask-model", "--tokens", "128")
    shown = CliRunner().invoke(app, ["shrink", str(folder.path), *quick, "--save-plan", str(tmp_path / "plan.json"), "--json"])
    assert shown.exit_code == 0, shown.output
    (step,) = json.loads(shown.output)["plan"]["steps"]
    assert step["step"] == "experts"
    assert step["megabytes_after"] < step["megabytes_before"]
    plan = read_plan(tmp_path / "plan.json")
    assert plan == plan_from(json.loads(json.dumps(plan.to_dict())))
    assert "least that stays is" in plan.notes[0]
    out = carry_out(plan, folder, builtin(plan.languages).calibration, tmp_path / "out", Monitor())
    small = model_folder(out)
    assert experts.count_of(small) == 4
    assert small.num_bytes + (folder.path / "tokenizer.json").stat().st_size == pytest.approx(step["megabytes_after"] * 10**6)


def test_a_size_budget_is_met_by_experts_and_words(tmp_path: Path) -> None:
    folder, _, _ = planted(tmp_path)
    whole = folder.num_bytes + (folder.path / "tokenizer.json").stat().st_size
    wishes = Wishes(("en", "de"), at_most=round(0.85 * whole), tokens=128, expected_by_model=False)
    plan = plan_job(str(folder.path), wishes, builtin(wishes.languages), "built-in", Monitor())
    assert plan.steps[-1].step == "experts"
    assert plan.megabytes <= 0.85 * whole / 10**6
    with pytest.raises(InputError, match="the smallest here has"):
        plan_job(str(folder.path), Wishes(("en",), at_most=10**5, tokens=128), builtin(("en",)), "built-in", Monitor())


def test_what_cannot_be_cut_is_refused(tmp_path: Path) -> None:
    folder, _ = made("qwen3_moe", tmp_path)
    with pytest.raises(InputError, match="between 2 and 4"):
        experts.check_count(folder, 1)
    with pytest.raises(ModelError, match="as many"):
        experts.cut(folder, {0: [0, 1], 1: [0, 1, 2]}, tmp_path, Monitor())
    with pytest.raises(ModelError, match="none was chosen"):
        experts.cut(folder, {0: [0, 1]}, tmp_path, Monitor())
    with pytest.raises(UnknownName, match="by-age"):
        experts.choose({}, 2, "by-age")
    with pytest.raises(ModelError, match="llama are not cut"):
        experts.check(model_folder(trimming.saved(trimming.BYTES, tmp_path / "dense")))
