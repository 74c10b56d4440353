"""The lesson: its data is whole and what its file says, every step draws whatever its control says, the worked example is
arithmetic, Wanda is Wanda, every text can be filled, and every word that is explained is explained once."""

import dataclasses
import gzip
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
import torch
from safetensors.torch import save_file

from components.i18n import locale as speech
from components.pages.learn import glossary, handout, page, toy
from components.pages.learn.data import FILES, FOLDER, FORMAT, Loss, StoredRun, lesson
from components.pages.learn.glossary import gloss
from components.pages.learn.numbers import ALONE_OR_ALL, forgotten, joined, numbers, percent, times
from components.pages.learn.steps import Step, steps
from components.pages.learn.texts import FORMULAS, GLOSSARY, TEXTS, Term, places, say
from mwanda_core.errors import InputError, RunError
from mwanda_core.methods.activation import Pooled
from mwanda_core.methods.allocation import Sensitivity
from mwanda_core.methods.scores import Magnitude, Wanda
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.masks import keep_top
from mwanda_core.parts.statistics import InputStats
from mwanda_core.progress import Monitor
from mwanda_core.shrink.packing import pack_file
from mwanda_core.shrink.tensors import stored_in

ROOT = Path(__file__).resolve().parents[2]
LESSON = sorted((ROOT / "components" / "pages" / "learn").glob("*.py"))
DATA = lesson()
STEPS = steps(DATA)
FILLED_BY_CONTROL = {
    "progress": {"done", "all"}, "figure": {"step", "title"}, "losses.interval": {"low", "high"}, "1.reply": {"share", "threshold", "squares"}, "1.zeros": {"share"},
    "2.row": {"row"}, "2.reply": {"rows"}, "3.axis": {"language"}, "3.reply": {"far", "one", "other", "share"},
    "4.reply": {"choice", "mean", "worst", "worst_times"}, "5.reply": {"sparsity", "mean", "best", "best_times", "worst", "worst_times"},
    "6.reply": {"mean", "worst", "worst_times", "one", "one_times", "other", "other_times"},
    "7.reply": {"calibrated", "held", "worst", "worst_times"}, "8.reply": {"share"}, "handout.result": {"rows", "magnitude", "wanda"},
}  # fmt: skip


# --- Data -------------------------------------------------------------------------------------------------------------


def test_the_data_is_small_and_has_the_files_it_should() -> None:
    assert {file.stem for file in FOLDER.glob("*.json")} == set(FILES)
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) <= 300_000


def test_the_facts_say_what_was_run() -> None:
    facts = DATA.facts
    assert facts["format"] == FORMAT
    assert {"command", "date", "model", "settings", "corpus", "versions", "dense"} <= set(facts)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", facts["date"])
    assert facts["settings"]["seed"] == 0
    assert {"python", "torch", "transformers"} <= set(facts["versions"])
    assert (ROOT / facts["command"].split()[1]).is_file()
    assert set(facts["dense"]) == set(DATA.scored)
    assert all(entry["loss"] > 0 and entry["texts"] == facts["settings"]["eval_texts"] for entry in facts["dense"].values())


def test_every_run_is_whole_and_what_it_says() -> None:
    assert len({(r.method, r.calibration, r.sparsity) for r in DATA.runs}) == len(DATA.runs)
    for run in DATA.runs:
        assert tuple(run.languages) == DATA.scored
        assert run.calibration in DATA.calibrations
        # Rows are cut to whole weights, so a little less is removed than was asked for.
        assert run.sparsity - 0.002 < run.achieved <= run.sparsity + 1e-6
        assert all(loss.low <= loss.increase <= loss.high for loss in run.languages.values())


def test_runs_calibrate_on_equally_many_tokens() -> None:
    total = DATA.facts["settings"]["calibration_tokens"]
    assert all(total % (len(codes) * DATA.facts["settings"]["sequence_length"]) == 0 for codes in DATA.calibrations.values())


def test_the_weights_of_the_matrix_add_up() -> None:
    found = DATA.weights
    assert sum(found.counts) + found.outside == found.count
    assert len(found.edges) == len(found.counts) + 1
    assert found.edges[0] == -found.edges[-1]
    for share, gone, threshold in zip(found.shares, found.gone, found.thresholds, strict=True):
        assert len(gone) == len(found.counts)
        assert all(g <= c for g, c in zip(gone, found.counts, strict=True))
        if threshold < found.edges[-1]:
            assert sum(gone) == found.count * share // 100
    assert list(found.thresholds) == sorted(found.thresholds)
    assert list(found.squares) == sorted(found.squares)


def test_channels_and_blocks_fit_the_model() -> None:
    channels, blocks = DATA.channels, DATA.blocks
    assert tuple(channels.rms) == DATA.scored
    assert len({len(values) for values in channels.rms.values()}) == 1
    assert all(v >= 0 for values in channels.rms.values() for v in values)
    count = len(DATA.scored)
    assert len(channels.disagreement) == count * (count - 1) // 2
    assert all(0 < share < 1 for share in channels.disagreement.values())
    assert channels.disagree("en", "de") == channels.disagree("de", "en")
    assert channels.disagree("en", "en") == 0
    assert len(blocks.damage) == DATA.facts["model"]["blocks"]
    for spread in blocks.allocations.values():
        assert np.mean(spread) == pytest.approx(blocks.sparsity, abs=2e-4)
        assert len(spread) == len(blocks.damage)


def test_the_measured_allocation_follows_from_the_stored_damage() -> None:
    damage = torch.tensor(DATA.blocks.damage, dtype=torch.float64)
    spread = Sensitivity().spread(damage.log(), torch.ones_like(damage), DATA.blocks.sparsity)
    assert spread.tolist() == pytest.approx(DATA.blocks.allocations["measured"], abs=2e-3)


def test_missing_and_damaged_data_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"is missing or damaged \(FileNotFoundError\)"):
        lesson(tmp_path)
    for file in FOLDER.glob("*.json"):
        (tmp_path / file.name).write_text(file.read_text("utf-8"), "utf-8")
    facts = json.loads((tmp_path / "facts.json").read_text("utf-8"))
    (tmp_path / "facts.json").write_text(json.dumps(facts | {"format": FORMAT + 1}), "utf-8")
    with pytest.raises(RunError, match="this version reads format"):
        lesson(tmp_path)


def test_an_unknown_run_is_named() -> None:
    with pytest.raises(RunError, match="no run of wanda on martian at 50%"):
        DATA.run("wanda", "martian", 0.5)


def test_mean_and_worst_by_hand() -> None:
    run = StoredRun("wanda", "four", 0.5, 0.5, {"en": Loss(0.0, 0.0, 0.0), "sw": Loss(np.log(4), 1.0, 2.0)})
    assert run.worst == "sw"
    assert np.exp(run.mean) == pytest.approx(2.0)
    assert run.mean_of(["sw"]) == pytest.approx(np.log(4))
    assert run.languages["sw"].ratio == pytest.approx(4.0)


def test_the_sizes_are_those_of_the_committed_benchmark() -> None:
    found, small = json.loads((ROOT / "benchmarks" / "results" / "shrink.json").read_text("utf-8")), DATA.small
    case = next(case for case in found["vocabulary"].values() if list(case["coverage"]) == list(small.languages))
    assert small.trimmed == round(case["mib"] * 2**20)
    assert small.worst == max(case["bits_before"], key=lambda code: case["bits_after"][code] / case["bits_before"][code])
    assert small.increase == pytest.approx(case["bits_after"][small.worst] / case["bits_before"][small.worst] - 1, abs=1e-4)
    assert small.decode_ratio == pytest.approx(case["decode_ratio"], abs=1e-3)
    assert (small.command, small.date) == (found["facts"]["command"], found["facts"]["date"])
    assert set(small.languages) == set(DATA.calibrations["four"])


def test_the_shapes_add_up() -> None:
    """The trimmed model, which was measured, has the weights of the whole one less the rows of the tokens that went."""
    small, model = DATA.small, DATA.facts["model"]
    assert small.embedding + small.layers + small.other == model["parameters"]
    assert small.layers == model["prunable"]
    table, rest = small.sizes(0.5)["trimmed"]
    assert (table + rest) * 8 == small.bits * (small.embedding // small.vocabulary * small.tokens + small.layers + small.other)
    assert rest == small.sizes(0.5)["dense"][1]


def test_eight_bits_are_what_gguf_makes_of_them() -> None:
    quants = pytest.importorskip("gguf", reason="needs the extra for GGUF").quants
    kind = pytest.importorskip("gguf").GGMLQuantizationType.Q8_0
    small, few = DATA.small, quants.quantize(np.zeros((3, 64), dtype=np.float32), kind).nbytes
    width = small.embedding // small.vocabulary
    assert small.rounded_embedding == small.tokens * width * few / (3 * 64)
    assert small.rounded == small.rounded_embedding + small.layers * few / (3 * 64) + 4 * small.other


# --- What the texts claim about the data --------------------------------------------------------------------------------


def test_what_the_answers_say_is_true_of_the_data() -> None:
    """Numbers fill themselves in; these are the sentences around them."""
    wanda = {which: DATA.run("wanda", which, 0.5) for which in DATA.calibrations}
    # 1 and 2: a small share of squares, a large loss; Wanda loses much less.
    assert DATA.weights.squares[DATA.weights.shares.index(50)] < 0.1
    assert DATA.run("magnitude", "four", 0.5).mean > 2 * wanda["four"].mean
    # 3: any two languages agree on most weights.
    assert max(DATA.channels.disagreement.values()) < 0.25
    # 4: sparing blocks that hurt helps on average, and not in English.
    measured = DATA.run("measured", "four", 0.5)
    assert measured.mean < wanda["four"].mean
    assert measured.languages["en"].increase > wanda["four"].languages["en"].increase
    # 5: the last ten points cost more than the first.
    mean = {s: DATA.run("wanda", "four", s).mean for s in DATA.sweep}
    assert mean[0.7] - mean[0.6] > mean[0.4] - mean[0.3] > 0
    # 6: two calibrations with nearly the same mean and different losers.
    facts = numbers(DATA)
    assert abs(float(facts["first_mean"]) / float(facts["second_mean"]) - 1) < 0.05
    assert float(facts["winner_second"]) > 1.1 * float(facts["winner_first"])
    assert float(facts["loser_first"]) > 1.1 * float(facts["loser_second"])
    # 7: more languages help those outside, cost English a little, and 30% is milder than 50%.
    outside = [wanda[which].mean_of(forgotten(DATA)) for which in ("english", "four", "eight")]
    assert outside == sorted(outside, reverse=True)
    english = [wanda[which].languages["en"].increase for which in ("english", "four", "eight")]
    assert english == sorted(english)
    assert english[-1] - english[0] < 0.15
    mild = DATA.run("wanda", "four", 0.3)
    assert mild.languages[mild.worst].increase < wanda["four"].languages[wanda["four"].worst].increase
    # 8: the table of tokens is more than half of the model, decoding became faster, and the worst language paid.
    assert DATA.small.embedding > DATA.small.layers + DATA.small.other
    assert DATA.small.decode_ratio > 1.2
    assert DATA.small.increase > 0.01


def test_numbers_as_people_read_them() -> None:
    assert [times(np.log(v)) for v in (1.234, 20.55, 1234.4)] == ["1.23", "20.6", "1,234"]
    assert [percent(v) for v in (0.0, 0.05, 0.0604, 0.1145)] == ["0", "5", "6", "11"]
    assert [joined(names) for names in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a and b", "a, b and c"]
    assert set(ALONE_OR_ALL) <= set(DATA.calibrations)


# --- Figures ------------------------------------------------------------------------------------------------------------


def arrays(fig: go.Figure) -> Iterator[np.ndarray]:
    """All numbers that a figure draws."""
    for trace in fig.data:
        for field in (trace.x, trace.y, getattr(trace, "z", None)):
            if field is not None and len(field) and not (len(field) == 1 and field[0] is None):
                yield np.array(field, dtype=np.float64)
        if getattr(trace, "error_x", None) is not None and trace.error_x.array is not None:
            yield np.array([*trace.error_x.array, *trace.error_x.arrayminus], dtype=np.float64)


def test_there_are_eight_steps_with_one_control_and_one_question_each() -> None:
    assert [step.key for step in STEPS] == list("12345678")
    for step in STEPS:
        assert step.start() in step.all_values()
        assert "?" in step.question(DATA)
        assert len(step.answer(DATA)) > 80


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.key)
def test_every_value_of_a_control_draws_and_answers(step: Step) -> None:
    seen = set()
    for values in step.all_values():
        fig, text = step.show(DATA, *values)
        assert fig.data
        assert all(np.isfinite(drawn).all() for drawn in arrays(fig))
        assert fig.layout.height >= 200
        assert "{" not in text
        assert "nan" not in text.lower().split()
        seen.add(text)
    # Only a language and itself, and strengths at which the two tables differ in the same rows, say the same.
    assert len(seen) == {"2": 5, "3": 91}.get(step.key, len(step.all_values()))


def test_step_1_shows_all_weights_and_removes_the_share() -> None:
    for share in (0, 50, 95):
        fig, _ = STEPS[0].show(DATA, share)
        gone, kept = (1000 * np.array(trace.y) for trace in fig.data)
        assert (gone + kept).sum() == pytest.approx(sum(DATA.weights.counts))
        assert gone.sum() / DATA.weights.count == pytest.approx(share / 100, abs=0.003)


@pytest.mark.parametrize("strength", [values[0] for values in STEPS[1].all_values()])
def test_step_2_is_the_library_s_wanda(strength: float) -> None:
    """The picture of step 2 against `mwanda_core`, at every place of the slider."""
    weight = torch.tensor(toy.WEIGHTS)
    # One language, one token: its sum of squares is the square of the input.
    norms = torch.tensor(toy.norms(strength), dtype=torch.float64)
    stats = InputStats(
        ("xx",), norms.square()[None], norms[None], (norms[None] > 0).double(), torch.ones(1, dtype=torch.float64)
    )
    evidence = LinearEvidence("toy", weight, stats, Pooled().channels(stats))
    pruned = weight.shape[1] - toy.KEPT
    fig, _ = STEPS[1].show(DATA, strength)
    for trace, score in zip(fig.data, (Magnitude()(evidence), Wanda()(evidence)), strict=True):
        assert np.array(trace.z).astype(bool).tolist() == keep_top(score.float(), pruned).tolist()
        shown = [[float(re.sub(r"<.*?>", "", cell)) for cell in row] for row in trace.text]
        assert np.array(shown) == pytest.approx(score.numpy(), rel=0.05, abs=1e-6)
    frames = len(fig.layout.shapes)
    assert frames == int((np.array(fig.data[0].z) != np.array(fig.data[1].z)).sum())


def test_step_2_by_hand() -> None:
    assert toy.keep(toy.magnitude()) == (
        (True, False, False, True), (False, True, False, True), (False, True, True, False), (True, False, True, False),
    )  # fmt: skip
    assert toy.keep(toy.wanda((1.0, 1.0, 3.0, 1.0))) == (
        (True, False, True, False), (False, True, True, False), (False, True, True, False), (True, False, True, False),
    )  # fmt: skip
    assert toy.keep(((1.0, 1.0, 1.0, 1.0),)) == ((False, False, True, True),)
    silent = toy.keep(toy.wanda(toy.norms(0.0)))
    assert not any(row[toy.MOVED] for row in silent)
    assert toy.changed(toy.keep(toy.magnitude()), silent) == (2, 3)


def test_step_3_counts_the_dots_it_colours() -> None:
    fig, text = STEPS[2].show(DATA, "en", "ta")
    near, far = fig.data[0], fig.data[1]
    width = len(DATA.channels.rms["en"])
    assert len(near.x) + len(far.x) == width
    assert f"**{len(far.x):,} of {width:,} channels" in text
    assert len(STEPS[2].show(DATA, "sw", "sw")[0].data[1].x) == 0


def test_step_4_draws_damage_and_allocation() -> None:
    fig, text = STEPS[3].show(DATA, "measured")
    assert list(fig.data[0].y) == list(DATA.blocks.damage)
    assert np.mean(fig.data[1].y) == pytest.approx(50, abs=0.05)
    assert times(DATA.run("measured", "four", 0.5).mean) in text


def test_the_axis_of_a_step_stays_while_its_dots_move() -> None:
    for step in STEPS[4:7]:
        drawn = [step.show(DATA, *values)[0] for values in step.all_values()]
        assert len({fig.layout.xaxis.range for fig in drawn}) == 1
        low, high = (10**v for v in drawn[0].layout.xaxis.range)
        for fig in drawn:
            for trace in fig.data:
                if trace.mode == "markers":
                    x = np.array(trace.x)
                    assert (x - np.array(trace.error_x.arrayminus) >= low).all()
                    assert (x + np.array(trace.error_x.array) <= high).all()


def test_step_6_marks_the_worst_language_and_step_7_those_left_out() -> None:
    fig, text = STEPS[5].show(DATA, "english")
    worst = DATA.run("wanda", "english", 0.5).worst
    assert [DATA.scored[int(y)] for y in fig.data[1].y] == [worst]
    assert say("losses.worst") == fig.data[1].name
    fig, text = STEPS[6].show(DATA, "four")
    assert {DATA.scored[int(y)] for y in fig.data[0].y} == set(DATA.calibrations["four"])
    assert len(fig.data[0].y) + len(fig.data[1].y) == len(DATA.scored)
    assert times(DATA.run("wanda", "four", 0.5).mean_of(DATA.calibrations["four"])) in text


def test_step_8_zeros_save_nothing_and_fewer_numbers_do() -> None:
    totals = {}
    for share in (0, 50, 90):
        fig, text = STEPS[7].show(DATA, share)
        table, rest, labels = fig.data
        totals[share] = np.array(table.x) + np.array(rest.x)
        assert labels.x == pytest.approx(totals[share])
        assert fig.layout.xaxis.range == STEPS[7].show(DATA, 10)[0].layout.xaxis.range
        assert f"{totals[share][2]:,.0f} MB" in text
        dense, zeros, _, trimmed, rounded = totals[share]
        assert zeros == dense > trimmed > rounded
    assert totals[0][2] == totals[0][0]
    assert totals[0][2] > totals[50][2] > totals[90][2]
    assert [list(totals[share][[0, 1, 3, 4]]) for share in (50, 90)] == [list(totals[0][[0, 1, 3, 4]])] * 2


@pytest.mark.parametrize("zeros", [0.0, 0.05, 0.5, 0.9])
def test_step_8_is_the_library_s_mask_and_values(zeros: float, tmp_path: Path) -> None:
    """A matrix as pack_file stores it, beside the lesson's formula."""
    weight = torch.ones(64, 160, dtype=torch.bfloat16).flatten()
    weight[: round(zeros * len(weight))] = 0
    save_file({"w": weight.reshape(64, 160)}, tmp_path / "w.safetensors")
    pack_file(tmp_path / "w.safetensors", tmp_path / "packed.safetensors", Monitor())
    found = dataclasses.replace(DATA.small, embedding=0, layers=len(weight), other=0).sizes(zeros)["packed"]
    assert sum(found) == sum(one.num_bytes for one in stored_in(tmp_path / "packed.safetensors").values())


# --- Texts, glossary, handout ---------------------------------------------------------------------------------------------


def test_every_place_in_every_text_is_known() -> None:
    known = set(numbers(DATA))
    for key, text in TEXTS.items():
        assert places(text) <= known | FILLED_BY_CONTROL.get(key, set()), key


def test_texts_are_used_and_used_texts_are_there() -> None:
    """Names are made of a step's number and a word, so the words are looked for."""
    source = "\n".join(file.read_text("utf-8") for file in LESSON if file.name != "texts.py")
    values = {value for step in STEPS for chosen in step.all_values() for value in chosen if isinstance(value, str)}
    for key in TEXTS:
        last = re.sub(r"\d$", "", key.split(".", 1)[-1])
        assert last in source or last in values, key
    assert set(FORMULAS) <= {step.key for step in STEPS}
    assert all(text.count("<mrow>") == text.count("</mrow>") for text in FORMULAS.values())


def test_the_glossary_is_a_list_of_plain_single_sentences() -> None:
    forms = [form.lower() for term in GLOSSARY for form in (term.word, *term.also)]
    assert len(forms) == len(set(forms))
    for term in GLOSSARY:
        assert term.meaning[0].isupper() or not term.meaning[0].isalpha()
        assert term.meaning.endswith(".")
        assert ". " not in term.meaning
    found = glossary.glossary_list()
    assert found.count("<dt>") == found.count("<dd>") == len(GLOSSARY)


def test_the_glossary_covers_the_lesson() -> None:
    known = {form.lower() for term in GLOSSARY for form in (term.word, *term.also)}
    for word in (
        "weight", "sparsity", "calibration", "activation", "channel", "block", "perplexity", "nat", "mask", "held-out language",
        "2:4", "one-pass", "allocation", "magnitude", "Wanda", "M-Wanda", "token", "loss", "matrix", "score", "seed", "95% interval",
    ):  # fmt: skip
        assert word.lower() in known
    # Every step explains at least two words where they stand.
    assert all(gloss(step.text(DATA)).count("<dfn") >= 2 for step in STEPS)


TERMS = (
    Term("loss", "How wrong.", ("losses",)),
    Term("held-out language", 'Not <b>"seen"</b>.', ("held-out",)),
    Term("2:4", "Two of four."),
)


def words_of(text: str) -> list[str]:
    return re.findall(r'<dfn[^>]*>(.*?)<span class="mw-tip"', text)


def test_gloss_marks_the_first_use_of_each_term() -> None:
    found = gloss("Loss here, loss there, and losses; held-out languages? A held-out language, 2:4 and 12:45.", TERMS)
    assert words_of(found) == ["Loss", "held-out", "2:4"]
    assert 'tabindex="0"' in found
    assert (
        re.sub(r"<span.*?</span>|</?dfn[^>]*>", "", found)
        == "Loss here, loss there, and losses; held-out languages? A held-out language, 2:4 and 12:45."
    )


def test_gloss_takes_the_longest_term_and_escapes_its_meaning() -> None:
    found = gloss("The held-out language", TERMS)
    assert words_of(found) == ["held-out language"]
    assert html.escape('Not <b>"seen"</b>.') in found
    assert "<b>" not in found


@pytest.mark.parametrize(
    "text",
    [
        "<math><mtext>loss</mtext></math>",
        "`loss`",
        "[loss](x)",
        "# loss",
        '<span title="loss">',
        "lossless",
        "```\nloss\n```",
        "un-loss",
        "<dfn>loss</dfn>",
    ],
)
def test_gloss_leaves_formulas_code_links_headings_and_html_alone(text: str) -> None:
    assert gloss(text, TERMS) == text


def test_gloss_twice_is_gloss_once_and_ids_are_the_text_s_own() -> None:
    once = gloss("A loss.", TERMS)
    assert gloss(once, TERMS) == once
    ids = [re.findall(r'id="(.*?)"', gloss(text, TERMS)) for text in ("A loss.", "Another loss.")]
    assert ids[0] != ids[1]
    described = re.findall(r'aria-describedby="(.*?)"', once)
    assert described == ids[0]
    assert gloss("nothing", ()) == "nothing"


def test_the_exercise_by_hand() -> None:
    """Outputs with inputs 1, 1, 3, 1, added up on paper."""
    assert handout.outputs() == pytest.approx((1.5, 0.6, 0.6, -3.6))
    assert handout.outputs(toy.keep(toy.magnitude())) == pytest.approx((0.2, 1.9, 0.9, -4.3))
    assert handout.outputs(toy.keep(toy.wanda(toy.norms(3.0)))) == pytest.approx((2.4, 0.2, 0.9, -4.3))
    assert handout.distance(toy.keep(toy.magnitude())) == pytest.approx(3.6)
    assert handout.distance(toy.keep(toy.wanda(toy.norms(3.0)))) == pytest.approx(2.3)
    assert handout.STRENGTH == toy.START == STEPS[1].start()[0]


def test_the_handout_is_the_one_the_data_and_texts_make() -> None:
    text = handout.markdown(DATA)
    assert (ROOT / "docs" / "lesson-handout.md").read_text("utf-8") == text
    page = (ROOT / "docs" / "lesson-handout.html").read_text("utf-8")
    assert page.count("<table>") == 3
    assert 'class="page"' in page
    for step in STEPS:
        assert step.question(DATA) in text
        assert step.answer(DATA) in text
    assert "{" not in text
    for line in (
        "| row 1 | 0.9 | −0.2 | 0.5 | −0.7 |",
        "| row 1 | 0.9; −0.7 | 0.9; 0.2; 1.5; 0.7 | 0.9; 0.5 | 1.5; 0.2; 2.4 |",
    ):
        assert line in text


# --- The page -----------------------------------------------------------------------------------------------------------


def test_the_page_holds_every_step_and_its_controls_answer() -> None:
    html = page.learn_page("en").html.decode()
    assert html.count("<section ") == html.count('<details class="answer">') == 8
    assert html.count('<input type="range"') == 4
    assert html.count("<math ") == len(FORMULAS)
    data = json.loads(re.findall(r'id="data">(.*?)</script>', html, re.DOTALL)[0])
    assert list(data["figures"]) == [step.key for step in STEPS]
    assert len(data["counts"]) == 9
    found = json.loads(page.shown("en", "5", 4))
    fig, text = STEPS[4].show(DATA, 70)
    assert found["figure"]["data"] == json.loads(fig.to_json())["data"]
    assert "70%" in found["reply"]
    assert re.sub("<[^>]+>", "", page.markdown(text)) == re.sub("<[^>]+>", "", found["reply"])
    for key, at in (("9", 0), ("", 0), ("5", 5), ("5", -1)):
        with pytest.raises(InputError, match="no such step"):
            page.shown("en", key, at)


@pytest.mark.parametrize("code", sorted(set(speech.NAMES) - {"en"}))
def test_the_page_and_the_sheet_speak_every_language(code: str) -> None:
    for made in (page.learn_page(code), page.handout_page(code)):
        html = made.html.decode()
        assert f'lang="{code}" dir="{"rtl" if code == "ar" else "ltr"}"' in html
        assert gzip.decompress(made.packed) == made.html
    with speech.drawing(code):
        assert STEPS[0].title() in html or steps(DATA)[0].title() in html
        assert html.count("<table>") == 3


def test_the_page_opens_without_the_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(page, "lesson", lambda: lesson(tmp_path))
    html = page.learn_page.__wrapped__("en").html.decode()
    assert "is missing or damaged" in html
    assert "make_lesson.py" in html


def test_nothing_of_the_lesson_waits_for_torch() -> None:
    for file in LESSON:
        text = file.read_text("utf-8")
        assert not re.search(r"^\s*(import|from) torch", text, re.MULTILINE), file.name
        named = set(re.findall(r"from (mwanda_core[\w.]*)", text))
        assert named <= {"mwanda_core.languages", "mwanda_core.errors"}, file.name
