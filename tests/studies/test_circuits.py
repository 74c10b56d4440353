"""Circuits: prompts that give nothing away, rankings against slow definitions, ablation laws, a planted circuit, the tables."""

import math
import random

import pytest
import tiny
import torch

from mwanda_core.engine.pruning import prune
from mwanda_core.errors import DoesNotFit, InputError, TextError, UnknownName
from mwanda_core.insight.heads import Heads, find_heads
from mwanda_core.insight.mlps import find_mlps
from mwanda_core.methods.recipes import recipe
from mwanda_core.models import memory
from mwanda_core.progress import Monitor
from mwanda_core.studies.circuits import Circuits
from mwanda_core.studies.circuits.ablation import areas, only_units, only_weights, smallest, top, top_flat
from mwanda_core.studies.circuits.components import downs, mean_activations, mlp_linears, summed, unit_scores, weight_scores
from mwanda_core.studies.circuits.find import check_memory, find, work
from mwanda_core.studies.circuits.prompts import Prompt, Question, from_task, margins, num_tokens, prompts_of
from mwanda_core.studies.circuits.sharing import iou
from mwanda_core.studies.circuits.templates import TEMPLATES, languages_of, questions
from mwanda_core.tasks import Item, Task

MODEL = tiny.language_model("gemma3_text")
MLPS, HEADS = find_mlps(MODEL), find_heads(MODEL)
COUNT = sum(mlp.neurons for mlp in MLPS)
PROMPTS = prompts_of(
    MODEL,
    [Question("t", "en", text, right, wrong) for text, right, wrong in (("ab", "c", "d"), ("abc", "x", "y"), ("bb", "e", "a"))],
)


@pytest.mark.parametrize("task", TEMPLATES)
def test_templates_give_equal_chances_in_at_least_eight_languages(task: str) -> None:
    known = languages_of(task)
    assert len(known) >= 8
    for code in known:
        found = questions(task, code, 24, seed=3)
        assert len({one.text for one in found}) == 24
        assert found == questions(task, code, 24, seed=3)
        for one in found:
            assert one.right != one.wrong
            if task in ("giving", "copying"):  # Both endings stand in the prompt: no preference for a word decides.
                assert one.right.strip() in one.text
                assert one.wrong.strip() in one.text
        if task == "giving":  # Both orders: who is named first must not decide.
            first = [one.text.index(one.right.strip()) < one.text.index(one.wrong.strip()) for one in found]
            assert 0.2 < sum(first) / len(first) < 0.8


def test_unknown_tasks_and_languages_are_refused_in_one_sentence() -> None:
    with pytest.raises(UnknownName, match="giving, agreement, capitals, copying"):
        languages_of("chess")
    with pytest.raises(InputError, match="has no templates in 'xh'"):
        questions("giving", "xh", 2)
    with pytest.raises(InputError, match="different questions"):
        questions("agreement", "en", 5000)


def test_a_prompt_ends_where_the_endings_part() -> None:
    (one,) = prompts_of(MODEL, [Question("t", "en", "say ", "cat", "car")])
    assert MODEL.tokenizer.decode(one.ids[1:]) == "say ca"
    assert (MODEL.tokenizer.decode([one.right]), MODEL.tokenizer.decode([one.wrong])) == ("t", "r")
    with pytest.raises(TextError, match="cannot be told apart"):
        prompts_of(MODEL, [Question("t", "en", "say ", "cat", "cats")])


def test_margins_are_the_models_own_logits() -> None:
    for prompt, found in zip(PROMPTS, margins(MODEL, PROMPTS), strict=True):
        logits = MODEL.hf(input_ids=torch.tensor([prompt.ids])).logits[0, -1]
        torch.testing.assert_close(found, logits[prompt.right] - logits[prompt.wrong], rtol=1e-4, atol=1e-5)


def test_questions_of_a_benchmark_become_prompts() -> None:
    items = (Item("1", "en", "The keys", (" is", " are"), 1), Item("2", "en", "", ("a x", "b x"), 0, leads=("a", "b")))
    assert from_task(Task("pairs", "Pairs", items)) == (Question("pairs", "en", "The keys", " are", " is"),)


@pytest.mark.parametrize("method", ["attnlrp", "hybrid", "gradient"])
def test_a_neuron_is_as_relevant_as_its_outgoing_weights_together(method: str) -> None:
    neurons = unit_scores(MODEL, MLPS, PROMPTS, method)
    weights = weight_scores(MODEL, MLPS, PROMPTS, method)
    columns = torch.cat(
        [weights[MODEL.blocks[m.block].full_name(d)].sum(dim=0) for m, d in zip(MLPS, downs(MODEL, MLPS), strict=True)]
    )
    torch.testing.assert_close(neurons, columns, rtol=1e-3, atol=1e-5)


def test_the_gradient_is_the_slope_of_the_margin() -> None:
    """Finite differences: scaling one neuron by 1 +- e."""
    found, e, h = unit_scores(MODEL, MLPS, PROMPTS, "gradient"), 1e-2, 5
    values = []
    for factor in (1 + e, 1 - e):
        down = downs(MODEL, MLPS)[1].module
        handle = down.register_forward_pre_hook(
            lambda m, a, f=factor: (a[0] * torch.ones(a[0].shape[-1]).index_fill(0, torch.tensor(h), f),)
        )
        values.append(float(margins(MODEL, PROMPTS).mean()))
        handle.remove()
    assert float(found[MLPS[0].neurons + h]) == pytest.approx((values[0] - values[1]) / (2 * e), rel=0.05, abs=1e-4)


def test_keeping_all_is_the_model_and_keeping_none_leaves_it_so_afterwards() -> None:
    before, plain = tiny.all_bytes(MODEL), margins(MODEL, PROMPTS)
    means = mean_activations(MODEL, MLPS, PROMPTS)[0]
    with only_units(MODEL, MLPS, torch.ones(COUNT, dtype=torch.bool), means):
        assert torch.equal(margins(MODEL, PROMPTS), plain)
    none = torch.zeros(COUNT, dtype=torch.bool)
    with only_units(MODEL, MLPS, none):
        without = margins(MODEL, PROMPTS)
    assert not torch.equal(without, plain)
    scores = weight_scores(MODEL, MLPS, PROMPTS, "magnitude")
    with only_weights(MODEL, MLPS, scores, 1e-9):
        # One weight of all is left, of thousands.
        torch.testing.assert_close(margins(MODEL, PROMPTS), without, rtol=0.2, atol=0.2)
    with only_weights(MODEL, MLPS, scores, 1.0):
        assert torch.equal(margins(MODEL, PROMPTS), plain)
    assert torch.equal(margins(MODEL, PROMPTS), plain)
    assert tiny.all_bytes(MODEL) == before


def test_a_planted_circuit_is_found() -> None:
    """Every neuron but eight writes nothing: those eight are the whole circuit."""
    model = tiny.language_model("llama", seed=4)
    mlps, planted = find_mlps(model), random.Random(0).sample(range(48), 8)
    for mlp, down in zip(mlps, downs(model, mlps), strict=True):
        silent = [i for i in range(mlp.neurons) if not (mlp.block == 1 and i in planted)]
        down.weight[:, silent] = 0
    prompts = prompts_of(model, [one.question for one in PROMPTS])
    kept = top(unit_scores(model, mlps, prompts, "attnlrp").abs(), 8 / (3 * 48))
    assert set(kept.nonzero().flatten().tolist()) == {48 + i for i in planted}
    with only_units(model, mlps, kept):
        torch.testing.assert_close(margins(model, prompts), margins(model, prompts))


@pytest.mark.parametrize("method", ["attnlrp", "gradient", "wanda", "magnitude"])
def test_a_head_is_as_much_as_its_columns_together(method: str) -> None:
    """Against definitions written out head by head: relevance sums, norms are of all columns of a head."""
    found, expected = unit_scores(MODEL, HEADS, PROMPTS, method), []
    squares = mean_activations(MODEL, HEADS, PROMPTS)[1].split([head.units * head.width for head in HEADS])
    for head, down, square in zip(HEADS, downs(MODEL, HEADS), squares, strict=True):
        for i in range(head.units):
            mine = slice(i * head.width, (i + 1) * head.width)
            weight = down.weight[:, mine].float()
            expected.append(float((weight * (square[mine].sqrt() if method == "wanda" else 1.0)).norm()))
    if method in ("wanda", "magnitude"):
        assert found.tolist() == pytest.approx(expected, rel=1e-4)
    else:  # One number a head: what its neurons-to-be of width one give, summed.
        alone = tuple(Heads(head.block, head.units * head.width, 1, head.down) for head in HEADS)
        entries = unit_scores(MODEL, alone, PROMPTS, method)
        torch.testing.assert_close(found, summed(entries, HEADS))
        assert float(found.abs().max()) > 0


def test_leaving_heads_out_is_a_zero_in_the_output_matrix() -> None:
    plain = margins(MODEL, PROMPTS)
    count = sum(head.units for head in HEADS)
    with only_units(MODEL, HEADS, torch.ones(count, dtype=torch.bool), mean_activations(MODEL, HEADS, PROMPTS)[0]):
        assert torch.equal(margins(MODEL, PROMPTS), plain)
    kept = torch.ones(count, dtype=torch.bool)
    kept[5] = False  # Head 1 of block 1.
    with only_units(MODEL, HEADS, kept):
        without = margins(MODEL, PROMPTS)
    down, width = downs(MODEL, HEADS)[1], HEADS[1].width
    before = down.weight.clone()
    down.weight[:, width : 2 * width] = 0
    torch.testing.assert_close(margins(MODEL, PROMPTS), without, rtol=1e-4, atol=1e-5)
    down.weight.copy_(before)
    assert torch.equal(margins(MODEL, PROMPTS), plain)
    assert not torch.equal(without, plain)


def test_a_planted_head_is_found() -> None:
    """All heads but one write nothing."""
    model = tiny.language_model("llama", seed=4)
    heads = find_heads(model)
    for head, down in zip(heads, downs(model, heads), strict=True):
        silent = [i for i in range(head.units * head.width) if not (head.block == 1 and i // head.width == 2)]
        down.weight[:, silent] = 0
    prompts = prompts_of(model, [one.question for one in PROMPTS])
    assert top(unit_scores(model, heads, prompts, "attnlrp").abs(), 1 / 12).nonzero().flatten().tolist() == [4 + 2]


def test_choosing_by_hand() -> None:
    scores = torch.tensor([3.0, 1.0, 3.0, 2.0])
    assert top(scores, 0.5).tolist() == [True, False, True, False]
    assert top(scores, 0.26).tolist() == [True, False, True, False]
    for share in (0.01, 0.25, 0.5, 0.75, 1.0):
        assert torch.equal(top(scores, share), top_flat(scores, share))
    assert smallest([0.1, 0.2, 0.5], [0.9, 0.7, 0.95], 0.8) == 0.5
    assert math.isnan(smallest([0.1, 0.2], [0.9, 0.7], 0.8))
    assert areas([0.01, 0.1, 1.0], [1.0, 1.0, 1.0]) == (1.0, 0.0)
    assert areas([0.01, 0.1, 1.0], [0.0, 1.0, 2.0]) == (pytest.approx(1.0), pytest.approx(0.5))
    same, chance, corrected = iou(torch.tensor([True, True, False, False]), torch.tensor([True, True, False, False]))
    assert (same, corrected) == (1.0, 1.0)
    assert chance == pytest.approx(1 / 3)


@pytest.mark.parametrize(("part", "tasks"), [("neurons", ("giving", "copying")), ("heads", ("copying",))])
def test_the_study_and_its_tables(part: str, tasks: tuple[str, ...]) -> None:
    study = Circuits(
        tasks=",".join(tasks),
        languages="en,sw,fi",
        methods="attnlrp,random",
        shares="0.1,0.5,1",
        prompts=4,
        part=part,
        size=0.1,
    )
    pairs = study.pairs()
    assert pairs == tuple((task, code) for task in tasks for code in ("en", "sw"))
    before, monitor = tiny.all_bytes(MODEL), Monitor()
    tables, finder = find(MODEL, study, pairs, monitor)
    assert tiny.all_bytes(MODEL) == before
    assert monitor.done == pytest.approx(monitor.total, rel=0.3)
    assert work(MODEL, study, pairs) > num_tokens([p for pair in pairs for p in prompts_of(MODEL, questions(*pair, 8))])
    declared = {spec.name: spec for spec in study.tables}
    for name, table in tables.items():
        assert set(declared[name].columns) <= set(table.columns), name
    whole = tables["circuits_curve"][tables["circuits_curve"]["kept"] == 1.0]
    assert whole["faithfulness"].dropna().to_numpy() == pytest.approx(1.0)
    sizes = tables["circuits_sizes"].groupby(["task", "language", "kept"])["units"].sum()
    count = sum(one.units for one in (MLPS if part == "neurons" else HEADS))
    assert (sizes.xs(0.1, level="kept") == math.ceil(0.1 * count)).all()
    at_size = tables["circuits_sizes"].query("kept == 0.1").drop(columns="kept").reset_index(drop=True)
    assert at_size.equals(tables["circuits_blocks"])
    overlap = tables["circuits_overlap"]
    assert set(overlap[overlap["ceiling"]]["language"]) == {"en", "sw"}
    result = prune(MODEL, tiny.packed(), recipe("wanda"), 0.5, "one-pass")
    rows = finder.under(result.masks, "wanda")
    result.restore()
    assert {(row["task"], row["language"]) for row in rows} == set(pairs)
    for row in rows:  # Wanda takes half of every row, so about half of any column.
        assert 0.2 < row["circuit_pruned"] < 0.8  # type: ignore[operator]
        assert 0.2 < row["others_pruned"] < 0.8  # type: ignore[operator]
        assert set(declared["circuits_pruned"].columns) == set(row)


def test_settings_that_cannot_be() -> None:
    for wrong, message in (
        ({"methods": "guess"}, "way to rank components"), ({"tasks": "chess"}, "circuit task"), ({"languages": "xh"}, "templates in 'xh'"),
        ({"shares": "0,2"}, "above 0"), ({"part": "weights", "methods": "integrated"}, "not single weights"),
    ):  # fmt: skip
        from mwanda_core.run.settings import Settings

        with pytest.raises(InputError, match=message):
            Circuits(**wrong).check(Settings())


def test_prompts_are_plain() -> None:
    assert Prompt(Question("t", "en", "a", "b", "c"), (1, 2), 3, 4).ids == (1, 2)


def test_no_backward_pass_without_room_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights need more than neurons; what does not fit is refused before anything is run."""
    needed: list[int] = []
    monkeypatch.setattr(memory, "available", lambda device: 2**62)
    monkeypatch.setattr(
        memory.MemoryEstimate, "total", property(lambda one: needed.append(one.statistics + one.activations) or 0)
    )
    for part in ("neurons", "weights"):
        check_memory(MODEL, Circuits(part=part, methods="attnlrp"))
    mlp = sum(linear.weight.numel() for linear in mlp_linears(MODEL, MLPS).values())
    assert needed[1] - needed[0] == 12 * mlp  # float32: a gradient, its sum, the scores.
    monkeypatch.undo()
    monkeypatch.setattr(memory, "available", lambda device: 1000)
    with pytest.raises(DoesNotFit, match="Relevance of every part of the model needs"):
        find(MODEL, Circuits(languages="en", prompts=4), (("giving", "en"),))
