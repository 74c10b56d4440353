"""Why a weight was kept: by hand on six weights, by law for every weight of a tiny model, and against slow definitions."""

import dataclasses
import functools
import json
import shutil
from pathlib import Path
from typing import Any

import kept
import pytest
import tiny
import torch
from hypothesis import given, strategies as st
from torch import Tensor
from typer.testing import CliRunner

from mwanda_core.after.explain import dense_matrix, is_ready, read_matrix, statistics_of, weigh
from mwanda_core.cli.app import app
from mwanda_core.errors import InputError, ModelError, RunError
from mwanda_core.insight import patterns_seen, weight_story
from mwanda_core.methods.allocation import Uniform
from mwanda_core.methods.recipes import recipe
from mwanda_core.methods.scores import Magnitude
from mwanda_core.models import LanguageModel, load
from mwanda_core.models.stored import ready_folder, stored_folder
from mwanda_core.parts.masks import num_pruned, unpack
from mwanda_core.parts.patterns import NtoM, Unstructured
from mwanda_core.parts.statistics import InputStats
from mwanda_core.run.experiment import Run
from mwanda_core.store.archive import export_zip, import_zip
from mwanda_core.store.report import load_report
from mwanda_core.store.run_store import RunStore
from mwanda_core.store.statistics_file import load_input, load_stats, save_stats

BY_ROW, BY_LAYER, TWO_OF_FOUR = Unstructured(), Unstructured(scope="layer"), NtoM(2, 4)
METHODS: dict[str, Any] = {
    "wanda": recipe("wanda"),
    "m-wanda": recipe("m-wanda"),
    "ria": recipe("ria"),
    "magnitude": recipe("wanda").replace(score=Magnitude()),
    "layer": recipe("wanda").replace(pattern=BY_LAYER),
    "global": recipe("wanda").replace(pattern=Unstructured(scope="global")),
    "2:4": recipe("wanda").replace(pattern=TWO_OF_FOUR),
    "4:8": recipe("m-wanda").replace(allocation=Uniform(), pattern=NtoM(4, 8)),
}


def stats_by_hand() -> InputStats:
    """Channel strengths 1, 2, 4 in one language and 4, 2, 1 in another, four tokens each."""
    rms = torch.tensor([[1.0, 2.0, 4.0], [4.0, 2.0, 1.0]], dtype=torch.float64)
    nothing = torch.zeros(2, 3, dtype=torch.float64)
    return InputStats(("en", "sw"), 4 * rms.square(), nothing, nothing, torch.full((2,), 4.0, dtype=torch.float64), ("q",))


WEIGHT = torch.tensor([[3.0, -2.0, 1.0], [0.5, 1.0, -1.0]])


# --- By hand -----------------------------------------------------------------------------------------------------------


def test_six_weights_by_hand() -> None:
    """c = sqrt((1 + 16) / 2), 2, sqrt((16 + 1) / 2) = 2.915, 2, 2.915: scores 8.75, 4, 2.92 and 1.46, 2, 2.92."""
    wide = 8.5**0.5
    keep = BY_ROW.keep(WEIGHT.abs() * torch.tensor([wide, 2.0, wide]), 0.4)  # floor(3 * 0.4) = 1 of each row goes.
    assert keep.tolist() == [[True, True, False], [False, True, True]]
    found = weight_story.story(recipe("wanda"), WEIGHT, keep, stats_by_hand(), 0, 2)
    assert (found.weight, found.kept, found.scope, found.size, found.pruned) == (1.0, False, "row", 3, 1)
    assert found.agrees
    assert found.together is not None
    assert found.together.score == pytest.approx(wide)
    assert found.together.threshold == pytest.approx(4.0)
    assert (found.together.rank, found.place, found.goes_at) == (0, 3, pytest.approx(1 / 3))
    english, swahili = found.languages
    # English alone: 3 * 1, 2 * 2, 1 * 4: the first goes. Of the equal scores 4 and 4 the one with the lower index goes first.
    assert (english.language, english.rms, english.standing.score) == ("en", 4.0, 4.0)
    assert (english.standing.threshold, english.standing.rank, english.standing.kept) == (4.0, 2, True)
    assert (swahili.rms, swahili.standing.score, swahili.standing.threshold, swahili.standing.kept) == (1.0, 1.0, 4.0, False)


def test_a_place_outside_the_matrix_is_one_sentence() -> None:
    keep = torch.ones(2, 3, dtype=torch.bool)
    for row, column, words in (
        (2, 0, "rows 0 to 1; the row was given as 2"),
        (0, -1, "columns 0 to 2; the column was given as -1"),
    ):
        with pytest.raises(InputError, match=words):
            weight_story.story(recipe("wanda"), WEIGHT, keep, None, row, column)


def test_without_statistics_only_the_mask_speaks() -> None:
    found = weight_story.story(recipe("wanda"), WEIGHT, torch.eye(2, 3, dtype=torch.bool), None, 1, 1)
    assert found.kept
    assert (found.together, found.goes_at, found.place, found.languages, found.agrees) == (None, None, None, (), False)


def test_nothing_kept_has_no_threshold() -> None:
    found = weight_story.standing(torch.tensor([1.0, 2.0]), 1, 2)
    assert found == weight_story.Standing(2.0, None, 1, False)


def test_what_no_run_keeps_is_named_and_wanda_stands_in() -> None:
    assert weight_story.basis(recipe("wanda")) == weight_story.Basis(recipe("wanda"))
    assert weight_story.basis(recipe("wanda")).by_score
    for name, missing in (("gblm", ("full_gradient",)), ("wanda++", ("regional_gradient", "repair"))):
        found = weight_story.basis(recipe(name))
        assert found.missing == missing
        assert found.recipe.score == recipe("wanda").score
        assert not found.by_score
    assert not weight_story.basis(recipe("sparsegpt")).by_score


def test_pictures_of_a_mask_by_hand() -> None:
    keep = torch.tensor([[1, 1, 0, 0], [1, 0, 1, 0], [1, 1, 1, 0]]).bool()
    assert patterns_seen.pruned_by_row(keep).tolist() == [0.5, 0.5, 0.25]
    assert patterns_seen.pruned_by_column(keep).tolist() == pytest.approx([0, 1 / 3, 1 / 3, 1])
    seen = patterns_seen.density(keep, 2)
    assert (seen.rows, seen.columns) == ((0, 1, 3), (0, 2, 4))
    assert seen.share.tolist() == [[0.0, 1.0], [0.25, 0.5]]
    assert patterns_seen.regular(keep) is None
    assert patterns_seen.regular(keep[:2]) == (2, 4)
    assert patterns_seen.regular(torch.ones(4, 4).bool()) is None
    assert patterns_seen.regular(torch.tensor([[1, 0, 0, 1]]).bool()) == (1, 2)
    assert [patterns_seen.corner(100, middle, 10) for middle in (0, 4, 50, 99)] == [0, 0, 45, 90]
    assert patterns_seen.corner(5, 3, 10) == 0


# --- By law ------------------------------------------------------------------------------------------------------------


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 12), st.integers(0, 3))
def test_the_picture_from_afar_counts_every_weight_once(rows: int, columns: int, cells: int, seed: int) -> None:
    keep = torch.rand(rows, columns, generator=torch.Generator().manual_seed(seed)) < 0.6
    seen = patterns_seen.density(keep, cells)
    assert max(seen.share.shape) <= cells
    sizes = torch.tensor(seen.rows).diff()[:, None] * torch.tensor(seen.columns).diff()
    assert int((seen.share * sizes).sum().round()) == int((~keep).sum())
    slow = [[float((~keep[a:b, c:d]).double().mean()) for c, d in zip(seen.columns, seen.columns[1:], strict=False)]
            for a, b in zip(seen.rows, seen.rows[1:], strict=False)]  # fmt: skip
    assert torch.allclose(seen.share, torch.tensor(slow, dtype=torch.float64))


@functools.cache
def run_of(name: str, mode: str = "one-pass", **changes: Any) -> tuple[LanguageModel, Run]:
    """A run of a tiny model, and the dense model."""
    model = tiny.language_model("llama")
    settings = dataclasses.replace(kept.SMALL, method=METHODS[name].to_dict(), mode=mode, **changes)
    return model, kept.bench_of(model).run(settings)


@pytest.fixture
def folder_of(tmp_path: Path) -> Any:
    def save(name: str, mode: str = "one-pass", **changes: Any) -> tuple[LanguageModel, Run, Path]:
        model, run = run_of(name, mode, **changes)
        return model, run, run.save(tmp_path / f"{name}-{mode}".replace(":", "-"))

    return save


@pytest.mark.parametrize(
    ("name", "mode"), [*((name, "one-pass") for name in METHODS), ("wanda", "sequential"), ("m-wanda", "per-linear")]
)
def test_a_weight_is_pruned_if_and_only_if_the_mask_says_so_and_its_score_agrees(name: str, mode: str, folder_of: Any) -> None:
    model, run, folder = folder_of(name, mode)
    report = load_report(folder)
    chosen = METHODS[name]
    checked = 0
    for block in model.blocks[1:]:
        for linear in block.linears:
            matrix = read_matrix(report, folder, block.index, linear.name)
            stats, walked = statistics_of(report, folder, block.index, linear.name)
            assert walked
            assert stats is not None
            keep = unpack(run.result.masks[matrix.name], tuple(linear.weight.shape))
            assert torch.equal(matrix.keep, keep)
            generator = torch.Generator().manual_seed(checked)
            places = torch.randint(linear.weight.numel(), (12,), generator=generator).tolist()
            for row, column in (divmod(place, keep.shape[1]) for place in places):
                found = weight_story.story(chosen, linear.weight, keep, stats, row, column)
                assert found.together is not None
                assert found.agrees
                assert found.kept == bool(keep[row, column]) == found.together.kept == (found.together.rank >= found.pruned)
                assert found.together.threshold is not None
                assert found.together.score >= found.together.threshold or not found.kept
                checked += 1
    assert checked > 100


@pytest.mark.parametrize("name", ["wanda", "m-wanda", "ria", "magnitude", "layer"])
def test_it_goes_at_just_the_sparsity_that_is_told(name: str) -> None:
    model, run = run_of(name)
    linear = model.blocks[0].linears[3]
    stats = run.stats[0][linear.name]
    keep = unpack(run.result.masks[model.blocks[0].full_name(linear)], tuple(linear.weight.shape))
    chosen = METHODS[name]
    score = chosen.score(weight_story.LinearEvidence("", linear.weight, stats, chosen.activation.channels(stats)))
    for place in range(0, linear.weight.numel(), 97):
        row, column = divmod(place, keep.shape[1])
        found = weight_story.story(chosen, linear.weight, keep, stats, row, column)
        assert found.goes_at is not None
        assert found.together is not None
        assert num_pruned(found.size, found.goes_at) == found.together.rank + 1
        near = 0.4 / found.size
        assert bool(chosen.pattern.keep(score, found.goes_at - near)[row, column])
        assert not bool(chosen.pattern.keep(score, min(1.0, found.goes_at + near))[row, column])


def test_its_place_among_neighbours_says_which_pattern_would_keep_it() -> None:
    model, run = run_of("2:4")
    linear = model.blocks[0].linears[0]
    stats, weight = run.stats[0][linear.name], linear.weight
    score = weight.abs() * METHODS["2:4"].activation.channels(stats)
    keep = TWO_OF_FOUR.keep(score, 0.5)
    assert patterns_seen.regular(keep) == (2, 4)
    for column in range(keep.shape[1]):
        found = weight_story.story(METHODS["2:4"], weight, keep, stats, 5, column)
        assert (found.scope, found.size, found.pruned) == ("n:m", 4, 2)
        assert found.place is not None
        for n in (1, 2, 3):
            assert bool(NtoM(n, 4).keep(score, 0.5)[5, column]) == (found.place <= n)


# --- By reference ------------------------------------------------------------------------------------------------------


def slowly(weight: Tensor, stats: InputStats, code: str, keep: Tensor, row: int, column: int) -> tuple[float, bool]:
    """Wanda's score of one weight for one language, and whether it is among the highest of its row, in plain Python."""
    index = stats.languages.index(code)
    strengths = [(float(stats.sumsq[index, j]) / float(stats.tokens[index])) ** 0.5 for j in range(weight.shape[1])]
    scores = [abs(float(weight[row, j])) * strengths[j] for j in range(weight.shape[1])]
    order = sorted(range(len(scores)), key=lambda j: (scores[j], j))
    return scores[column], order.index(column) >= int((~keep[row]).sum())


@pytest.mark.parametrize("name", ["wanda", "m-wanda"])
def test_each_language_alone_against_plain_python(name: str) -> None:
    """With one language there is no spread, so M-Wanda's score for it is Wanda's."""
    model, run = run_of(name)
    linear = model.blocks[1].linears[-1]
    stats = run.stats[1][linear.name]
    keep = unpack(run.result.masks[model.blocks[1].full_name(linear)], tuple(linear.weight.shape))
    differ = 0
    for column in range(keep.shape[1]):
        found = weight_story.story(METHODS[name], linear.weight, keep, stats, 7, column)
        for view in found.languages:
            score, stays = slowly(linear.weight, stats, view.language, keep, 7, column)
            assert view.standing.score == pytest.approx(score, rel=1e-5)
            assert view.standing.kept == stays
        differ += len({view.standing.kept for view in found.languages}) > 1
    assert differ


# --- The files of a run ------------------------------------------------------------------------------------------------


def test_a_walk_keeps_what_its_masks_were_cut_from(folder_of: Any, tmp_path: Path) -> None:
    _, run, folder = folder_of("wanda", "sequential")
    assert (folder / "walked.safetensors").is_file()
    fingerprint = run.report.facts["model"]["fingerprint"]
    again = load_stats(folder / "walked.safetensors", fingerprint)
    for block, (old, new) in enumerate(zip(run.result.stats, again, strict=True)):
        for name, found in old.items():
            alone = load_input(folder / "walked.safetensors", fingerprint, block, name)
            for part in ("sumsq", "total", "positive", "tokens"):
                assert torch.equal(getattr(new[name], part), getattr(found, part))
                assert torch.equal(getattr(alone, part), getattr(found, part))
            assert alone.modules == found.modules
    _, _, plain = folder_of("wanda")
    assert not (plain / "walked.safetensors").exists()
    # Exported with the run, unless statistics are left out.
    here, there = RunStore(folder.parent), RunStore(tmp_path / "other")
    id = run.report.id
    folder.rename(here.path(id))
    for tensors in (True, False):
        taken = there.path(import_zip(there, export_zip(here, id, tmp_path / "run.zip", tensors)))
        assert (taken / "walked.safetensors").is_file() == tensors
        there.delete(id)


def test_statistics_of_one_input_are_read_as_carefully_as_all(tmp_path: Path) -> None:
    _, run = run_of("wanda")
    path = tmp_path / "s.safetensors"
    save_stats(path, run.stats, "abc")
    assert load_input(path, "abc", 2, "mlp.down_proj").width == 48
    for block, module in ((9, "mlp.down_proj"), (0, "mlp.none")):
        with pytest.raises(RunError, match="missing or damaged"):
            load_input(path, "abc", block, module)
    with pytest.raises(RunError, match="another model"):
        load_input(path, "def", 0, "mlp.down_proj")
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(RunError, match="missing or damaged"):
        load_input(path, "abc", 0, "mlp.down_proj")


def test_an_older_run_of_a_walk_says_that_it_has_dense_statistics_only(folder_of: Any) -> None:
    model, _, folder = folder_of("wanda", "sequential")
    (folder / "walked.safetensors").unlink()
    report = load_report(folder)
    matrix = read_matrix(report, folder, 2, "mlp.down_proj")
    dense = model.blocks[2].linears[-1].weight
    assert not weigh(report, folder, matrix, dense, 0, 0).walked
    (folder / "statistics.safetensors").unlink()
    assert weigh(report, folder, matrix, dense, 0, 0).story.together is None


def test_runs_that_cannot_tell_say_why_in_one_sentence(folder_of: Any) -> None:
    _, _, folder = folder_of("wanda")
    report = load_report(folder)
    with pytest.raises(RunError, match=r"no matrix 'mlp.nothing' in block 0: its blocks are 0 to 2"):
        read_matrix(report, folder, 0, "mlp.nothing")
    with pytest.raises(RunError, match=r"in block 3"):
        read_matrix(report, folder, 3, "mlp.down_proj")
    whole = (folder / "masks.safetensors").read_bytes()
    (folder / "masks.safetensors").write_bytes(whole[:-9])
    with pytest.raises(RunError, match="missing or damaged"):
        read_matrix(report, folder, 0, "mlp.down_proj")
    (folder / "masks.safetensors").unlink()
    with pytest.raises(RunError, match="kept without its masks"):
        read_matrix(report, folder, 0, "mlp.down_proj")


# --- The dense matrix alone --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", ["llama", "gpt2", "gemma3_text", "opt", "bloom"])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_one_matrix_is_read_bit_for_bit_as_loading_the_model_gives_it(family: str, dtype: str, tmp_path: Path) -> None:
    tiny.language_model(family).save(tmp_path / "model")
    model = load(str(tmp_path / "model"), "cpu", dtype)
    bench = kept.bench_of(model)
    bench.adopt(model, str(tmp_path / "model"), dtype=dtype)
    run = bench.run(dataclasses.replace(kept.SMALL, model=str(tmp_path / "model"), method="wanda", dtype=dtype))
    report, folder = run.report, run.save(tmp_path / "run")
    assert is_ready(report)
    before = tiny.all_bytes(model)
    for block in model.blocks:
        for linear in block.linears:
            matrix = read_matrix(report, folder, block.index, linear.name)
            assert matrix.name == block.full_name(linear)
            dense = dense_matrix(report, matrix)
            assert dense.dtype == model.dtype
            assert torch.equal(dense, linear.weight)
    assert tiny.all_bytes(model) == before


@pytest.mark.parametrize("family", ["qwen3_moe", "gpt_oss"])
def test_one_expert_s_matrix_is_read_as_it_lies_with_the_others(family: str, tmp_path: Path) -> None:
    tiny.language_model(family, **tiny.MIXTURE).save(tmp_path / "model")
    model = load(str(tmp_path / "model"), "cpu", "float32")
    bench = kept.bench_of(model)
    bench.adopt(model, str(tmp_path / "model"), dtype="float32")
    run = bench.run(dataclasses.replace(kept.SMALL, model=str(tmp_path / "model"), method="wanda", dtype="float32"))
    report, folder = run.report, run.save(tmp_path / "run")
    for linear in model.blocks[1].linears[-6:]:
        assert torch.equal(dense_matrix(report, read_matrix(report, folder, 1, linear.name)), linear.weight)


def test_a_model_that_is_gone_or_another_one_is_one_sentence(folder_of: Any, tmp_path: Path) -> None:
    _, _, folder = folder_of("wanda")
    report = load_report(folder)
    matrix = read_matrix(report, folder, 0, "mlp.down_proj")
    with pytest.raises(ModelError, match="neither the built-in"):
        dense_matrix(report, matrix)
    with pytest.raises(ModelError, match="no file"):
        ready_folder(str(tmp_path / "none.gguf"))
    tiny.language_model("llama", hidden_size=64).save(tmp_path / "other")
    with pytest.raises(ModelError, match="another model"):
        dense_matrix(report, matrix, str(tmp_path / "other"))
    assert ready_folder("someone/nothing-here") is None
    with pytest.raises(ModelError):
        stored_folder("someone/nothing-here")


# --- The command -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["one-pass", "sequential"])
def test_the_command_tells_what_the_library_tells(mode: str, folder_of: Any, tmp_path: Path) -> None:
    model, _, folder = folder_of("m-wanda", mode)
    model.save(tmp_path / "model")
    words = ["runs", "weight", str(folder), "1", "mlp.up_proj", "3", "5", "--model", str(tmp_path / "model")]
    done = CliRunner().invoke(app, [*words, "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    linear = next(linear for linear in model.blocks[1].linears if linear.name == "mlp.up_proj")
    report = load_report(folder)
    found = weigh(report, folder, read_matrix(report, folder, 1, "mlp.up_proj"), linear.weight, 3, 5)
    assert told["weight"] == pytest.approx(found.story.weight)
    assert told["kept"] == found.story.kept
    assert told["goes_at"] == pytest.approx(found.story.goes_at)
    assert [view["language"] for view in told["languages"]] == ["en", "el"]
    plain = CliRunner().invoke(app, words)
    assert plain.exit_code == 0, plain.output
    assert ("kept" if found.story.kept else "pruned") in plain.output.splitlines()[0]
    assert "en " in plain.output
    wrong = CliRunner().invoke(app, [*words[:5], "99", *words[6:]])
    assert wrong.exit_code == 2
    assert "rows 0 to 47" in wrong.output


def test_the_command_says_what_is_missing(folder_of: Any, tmp_path: Path) -> None:
    model, _, folder = folder_of("wanda", "sequential")
    model.save(tmp_path / "model")
    words = ["runs", "weight", str(folder), "2", "mlp.up_proj", "0", "0", "--model", str(tmp_path / "model")]
    (folder / "walked.safetensors").unlink()
    assert "statistics are those of the dense model" in CliRunner().invoke(app, words).output
    (folder / "statistics.safetensors").unlink()
    assert "no score can be computed" in CliRunner().invoke(app, words).output
    shutil.rmtree(tmp_path / "model")
    assert CliRunner().invoke(app, words).exit_code == 2


def test_a_run_made_by_gradients_shows_wandas_score_and_says_so(tmp_path: Path) -> None:
    model = tiny.language_model("llama")
    run = kept.bench_of(model).run(dataclasses.replace(kept.SMALL, method="gblm"))
    folder = run.save(tmp_path / "run")
    report = load_report(folder)
    linear = model.blocks[0].linears[0]
    found = weigh(report, folder, read_matrix(report, folder, 0, linear.name), linear.weight, 0, 0)
    assert found.missing == ("full_gradient",)
    stats = run.stats[0][linear.name]
    wanted = linear.weight.abs() * recipe("gblm").activation.channels(stats)
    assert found.story.together is not None
    assert found.story.together.score == pytest.approx(float(wanted[0, 0]))


def test_new_weights_of_a_solver_are_told_beside_the_old_ones(tmp_path: Path) -> None:
    model = tiny.language_model("llama")
    run = kept.bench_of(model).run(dataclasses.replace(kept.SMALL, method="sparsegpt"))
    folder = run.save(tmp_path / "run")
    report = load_report(folder)
    linear = model.blocks[0].linears[0]
    matrix = read_matrix(report, folder, 0, linear.name)
    values = run.result.updates[matrix.name]
    row, column = divmod(int(matrix.keep.flatten().nonzero()[3]), matrix.keep.shape[1])
    found = weigh(report, folder, matrix, linear.weight, row, column)
    assert found.new == pytest.approx(float(values[row, column]))
    assert found.new != found.story.weight
