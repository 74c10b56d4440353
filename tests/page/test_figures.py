"""Every figure, from the shipped example and from reports of 1, 2 and 30 languages: it draws, says what its axes are, and
shows the report's own numbers."""

import dataclasses
import json
import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from plotly.utils import PlotlyJSONEncoder
from studied import studied
from synthetic import report

from components import figures
from components.figures.base import neat_ticks, times_axis
from components.figures.languages import informative, labels_of, short, signed
from components.figures.neurons import verdict
from components.figures.sparsity import matrix_labels
from components.figures.worth import front, labels
from components.i18n import words
from components.report import study_tables, tables
from components.sections import tables as tables_tab
from components.store import EXAMPLE_FOLDER
from mwanda_core.store.report import RunReport, load_report

FIGURES: dict[str, Callable[[RunReport], go.Figure]] = {
    "variance": figures.variance_heatmap,
    "variance of one input": lambda r: figures.variance_heatmap(r, figures.inputs(r)[0]),
    "strength": lambda r: figures.variance_heatmap(r, figures.ALL_INPUTS, "rms"),
    "similarity": figures.similarity_matrix,
    "allocation": figures.allocation_lines,
    "allocation previewed": lambda r: figures.allocation_lines(r, [0.6] * len(r.tables["allocation"]), 0.6),
    "layers": figures.layers_heatmap,
    "layers allocated": lambda r: figures.layers_heatmap(r, "allocated"),
    "layers difference": lambda r: figures.layers_heatmap(r, "difference"),
    "perplexity": figures.perplexity_dots,
    "perplexity before and after": lambda r: figures.perplexity_dots(r, "both"),
    "accuracy": figures.accuracy_dots,
    "accuracy before and after": lambda r: figures.accuracy_dots(r, "both"),
    "summary": figures.summary_heatmap,
}
KNOWN_TRACES = {"heatmap", "scatter"}
"""What the plotly.js that Gradio bundles (3.x) is sure to draw."""

REPORTS: dict[str, Callable[[], RunReport]] = {
    "example": lambda: load_report(EXAMPLE_FOLDER),
    "one language": lambda: report(1),
    "two languages": lambda: report(2),
    "thirty languages": lambda: report(30, blocks=30),
    "without accuracy": lambda: report(4, accuracy=False),
}


@pytest.fixture(params=REPORTS, scope="module")
def run(request: pytest.FixtureRequest) -> RunReport:
    return REPORTS[request.param]()


@pytest.fixture(scope="module")
def example() -> RunReport:
    return load_report(EXAMPLE_FOLDER)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_draws_is_labelled_and_can_be_sent(run: RunReport, name: str) -> None:
    figure = FIGURES[name](run)
    sent = json.loads(json.dumps(figure.to_plotly_json(), cls=PlotlyJSONEncoder, allow_nan=False))
    layout = sent["layout"]
    assert layout["xaxis"]["title"]["text"]
    assert layout["yaxis"]["title"]["text"]
    assert "title" not in layout, "a title as well as a label would push the figure down"
    assert layout["height"] >= 180
    assert layout["paper_bgcolor"] == layout["plot_bgcolor"] == "rgba(0,0,0,0)"
    assert {trace["type"] for trace in sent["data"]} <= KNOWN_TRACES
    assert "bdata" not in json.dumps(sent), "plain lists: every plotly.js reads them, and so do people"
    assert sent["data"] or layout["annotations"][0]["text"], "either something is drawn or the figure says why not"


@pytest.mark.parametrize("name", FIGURES)
def test_languages_are_named_and_no_code_is_shown(run: RunReport, name: str) -> None:
    layout = FIGURES[name](run).to_plotly_json()["layout"]
    ticks = layout["yaxis"].get("ticktext", ())
    codes = set(run.tables["languages"]["language"])
    assert not codes & set(ticks)


def test_the_variance_map_holds_the_report_s_numbers(example: RunReport) -> None:
    kind = figures.inputs(example)[1]
    drawn = figures.variance_heatmap(example, kind).data[0]
    table = example.tables["activations"]
    rows = table[(table["input"] == kind) & (table["language"] == "hi")].sort_values("block")
    row = list(dict.fromkeys(table["name"])).index("Hindi")
    assert np.allclose(10 ** np.asarray(drawn.z)[row], rows["deviation"])
    # The last row is the mean over languages, which is what the report calls variance.
    assert np.allclose(10 ** np.asarray(drawn.z)[-1], rows["variance"])


def test_the_mean_over_inputs_is_the_mean(example: RunReport) -> None:
    everything = figures.selected(example)
    by_hand = example.tables["activations"].query("language == 'sw' and block == 3")["deviation"].mean()
    assert everything.query("language == 'sw' and block == 3")["deviation"].item() == pytest.approx(by_hand)


def test_one_language_says_that_there_is_nothing_to_compare() -> None:
    for draw in (figures.variance_heatmap, figures.similarity_matrix):
        assert draw(report(1)).layout.annotations[0].text == words.ONE_LANGUAGE


def test_the_diagonal_of_similarity_is_left_out(example: RunReport) -> None:
    z = figures.similarity_matrix(example).data[0].z
    assert all((z[i][j] is None) == (i == j) for i in range(len(z)) for j in range(len(z)))


def test_layers_show_achieved_sparsity_and_its_difference_from_uniform(example: RunReport) -> None:
    achieved = np.array(figures.layers_heatmap(example, "achieved").data[0].z, dtype=float)
    difference = np.array(figures.layers_heatmap(example, "difference").data[0].z, dtype=float)
    assert np.allclose(achieved - 50.0, difference)
    first = example.tables["layers"].query("block == 0")["achieved"].to_numpy()
    assert np.allclose(achieved[:, 0], 100 * first)


def test_matrices_with_one_name_keep_their_long_names() -> None:
    layers = report(1, blocks=1).tables["layers"].copy()
    layers.loc[0, "kind"] = "up_proj"
    assert matrix_labels(layers) == ["self_attn.q_proj", "k_proj", "o_proj", "mlp.up_proj", "down_proj"]


def test_achieved_by_block_is_weighted_by_size() -> None:
    run = report(1, blocks=2)
    layers = run.tables["layers"]
    layers.loc[0, ["weights", "pruned"]] = [1000, 900]
    # By hand: block 0 has 1000 + 4 * 100 weights, of which 900 + 4 * 50 are pruned.
    assert figures.achieved_by_block(run)["achieved"].to_list() == [pytest.approx(1100 / 1400), pytest.approx(0.5)]


def test_the_preview_is_drawn_only_away_from_the_run_s_own_sparsity(example: RunReport) -> None:
    own = [float(v) for v in example.tables["allocation"]["sparsity"]]
    assert len(figures.allocation_lines(example, own, 0.5).data) == 3
    away = figures.allocation_lines(example, [v + 0.1 for v in own], 0.6)
    assert len(away.data) == 4
    assert away.data[0].y[0] == pytest.approx(60.0)
    assert np.allclose(away.data[3].y, [100 * (v + 0.1) for v in own])


def test_the_worst_language_is_marked_and_held_out_ones_stand_apart(example: RunReport) -> None:
    table = figures.ordered(example)
    assert list(table["held"]) == sorted(table["held"])
    worst = example.facts["summary"]["worst_language"]
    marked = [i for i, label in enumerate(labels_of(table)) if words.WORST in label]
    assert [table["language"][i] for i in marked] == [worst]
    figure = figures.perplexity_dots(example)
    assert [trace.name for trace in figure.data] == list(words.ROLES.values())
    assert any(shape.y0 == int((~table["held"]).sum()) - 0.5 for shape in figure.layout.shapes)


def test_intervals_are_the_report_s(example: RunReport) -> None:
    table = figures.ordered(example)
    for trace in figures.perplexity_dots(example).data:
        for x, y, above, below in zip(trace.x, trace.y, trace.error_x.array, trace.error_x.arrayminus, strict=True):
            row = table.loc[int(y)]
            assert (x + above, x - below) == (pytest.approx(row["ratio_high"]), pytest.approx(row["ratio_low"]))


def test_a_language_that_the_dense_model_only_guesses_is_drawn_hollow() -> None:
    run = report(3)
    run.tables["languages"].loc[0, ["dense_low", "chance"]] = [0.2, 0.25]
    run.tables["languages"].loc[1, ["dense_low", "chance"]] = [0.3, 0.25]
    table = figures.ordered(run)
    hollow = {
        table["language"][int(y)]: symbol.endswith("-open")
        for trace in figures.accuracy_dots(run).data
        for y, symbol in zip(trace.y, trace.marker.symbol, strict=True)
    }
    assert hollow == dict(zip(table["language"], ~informative(table), strict=True))
    assert hollow[run.tables["languages"]["language"][0]]


def test_a_run_without_accuracy_says_so() -> None:
    run = report(4, accuracy=False)
    assert figures.accuracy_dots(run).layout.annotations[0].text == words.ACCURACY_NONE
    assert len(figures.summary_heatmap(run).layout.xaxis.ticktext) == 3


def test_ticks_of_the_ratio_axis_keep_their_distance_and_hold_one() -> None:
    assert neat_ticks(0.9, 5.0)[0] == 1
    assert neat_ticks(0.9, 1.4) == [0.9, 1.0, 1.1, 1.2, 1.3]
    for high in (1.05, 2.0, 30.0, 1e5):
        ticks = neat_ticks(0.9, high)
        assert 1 in ticks
        gaps = np.diff(np.log10(ticks))
        assert (gaps >= np.log10(high / 0.9) / 12 - 1e-12).all()


def test_numbers_in_cells_are_short() -> None:
    assert [short(v) for v in (2.576, 61.04, 468.4, 12345.0)] == ["2.58", "61.0", "468", "1.2e+04"]
    assert [signed(v) for v in (-8.3, 0.2, -0.2, 16.7)] == ["-8", "0", "0", "+17"]


def test_tables_hold_what_the_figures_show(run: RunReport) -> None:
    loss = tables.loss(run)
    assert list(loss[words.COLUMNS["name"]]) == list(figures.ordered(run)["name"])
    assert len(tables.activations(figures.selected(run))) == len(figures.selected(run))
    count = len(set(run.tables["similarity"]["language"]))
    assert len(tables.similarity(run)) == count * (count - 1) // 2
    spread = [0.5] * len(run.tables["allocation"])
    assert len(tables.allocation(run, spread)) == len(spread)
    assert list(tables.layers(run)[words.COLUMNS["achieved"]]) == [
        pytest.approx(100 * v, abs=0.01) for v in run.tables["layers"]["achieved"]
    ]
    assert len(tables.accuracy(run)) == (len(loss) if figures.has_accuracy(run) else 0)


def test_every_shown_column_has_a_name_for_people(run: RunReport) -> None:
    shown = [
        tables.loss(run),
        tables.accuracy(run),
        tables.similarity(run),
        tables.layers(run),
        tables.activations(figures.selected(run)),
    ]
    for table in shown:
        assert set(table.columns) <= set(words.COLUMNS.values())


# --- The comparison of methods -----------------------------------------------------------------------------------------


def worth_rows(count: int) -> pd.DataFrame:
    """Methods of which every second one is beaten by the one before it."""
    return pd.DataFrame(
        {
            "setting": "50%", "method": [f"Method {i}" for i in range(count)], "cpu_seconds": [10.0 ** (i // 2) + i % 2 for i in range(count)],
            "flores_mean_increase": [1.0 - 0.1 * (i // 2) + i % 2 for i in range(count)],
            "flores_worst_increase": [1.5 - 0.1 * (i // 2) + i % 2 for i in range(count)],
            "flores_worst_language": "sw", "peak_mib": 1800, "mean_se": 0.02,
        }
    )  # fmt: skip


@pytest.mark.parametrize("measure", ["mean", "worst"])
@pytest.mark.parametrize("count", [0, 1, 2, 12])
def test_the_comparison_draws_every_method_once(count: int, measure: str) -> None:
    rows = worth_rows(count)
    figure = figures.worth_scatter(rows, measure)
    sent = json.loads(json.dumps(figure.to_plotly_json(), cls=PlotlyJSONEncoder, allow_nan=False))
    assert sent["layout"]["xaxis"]["title"]["text"]
    assert sent["layout"]["yaxis"]["title"]["text"]
    assert "bdata" not in json.dumps(sent)
    if not count:
        assert sent["layout"]["annotations"][0]["text"] == words.WORTH_NOTHING
        return
    drawn = {
        text.split("<br>")[0]: y for trace in sent["data"] for text, y in zip(trace["customdata"], trace["y"], strict=True)
    }
    column = {"mean": "flores_mean_increase", "worst": "flores_worst_increase"}[measure]
    assert drawn == {row["method"]: pytest.approx(np.exp(row[column])) for row in rows.to_dict("records")}
    best = [text.split("<br>")[0] for text in sent["data"][1]["customdata"]]
    assert best == [f"Method {i}" for i in range(0, count, 2)]
    assert [text for text in sent["data"][1]["text"] if text and text not in best] == []
    assert sent["data"][1]["text"][-1] == best[-1]
    assert "Swahili" in sent["data"][1]["customdata"][0]


def test_points_without_room_go_unnamed() -> None:
    names, seconds, times = ["a", "b", "c", "d"], [1.0, 1.1, 50.0, 100.0], [3.0, 2.99, 2.0, 1.9]
    assert labels(names, seconds, times, np.log(100.0), np.log(10.0)) == ["a", "", "", "d"]
    assert labels(names, seconds, times, np.log(100.0), np.log(1.6)) == ["a", "", "c", "d"]
    assert labels(["a"], [1.0], [2.0], 0.0, 1.0) == ["a"]


def test_the_best_for_their_time_by_hand() -> None:
    assert front([1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 4.0, 4.0]) == [0, 2]
    assert front([2.0, 1.0], [1.0, 1.0]) == [1]
    assert front([], []) == []


# --- Benchmarks and studies --------------------------------------------------------------------------------------------


def of_task(run: RunReport, task: str = "pairs", reading: str = figures.CUSTOMARY) -> pd.DataFrame:
    return figures.ranked(run.tables["tasks"], task, reading, run.facts["settings"]["languages"])


STUDY_FIGURES: dict[str, Callable[[RunReport], go.Figure]] = {
    "text by text": lambda r: figures.text_panels(figures.ordered(r), r.tables["texts"]),
    "benchmark": lambda r: figures.task_dots(of_task(r)),
    "benchmark that says nothing": lambda r: figures.task_dots(of_task(r, "letters")),
    "all benchmarks": lambda r: figures.task_map(r.tables["tasks"], list(figures.ordered(r)["language"])),
    "overlap": lambda r: figures.overlap_heatmap(r.tables["overlap"]),
    "overlap of the ceiling": lambda r: figures.overlap_heatmap(r.tables["overlap"], "of_ceiling"),
    "overlap by block": lambda r: figures.overlap_by_block(r.tables["overlap_blocks"]),
    "neurons": lambda r: figures.neurons_by_block(r.tables["neuron_blocks"]),
    "neurons pruned": lambda r: figures.neurons_pruned(r.tables["neurons"]),
    "neurons drifted": lambda r: figures.neurons_drift(r.tables["neuron_drift"]),
    "predictor": lambda r: figures.predictor_scatter(r.tables["predictors"], "similarity"),
    "predictor not known": lambda r: figures.predictor_scatter(r.tables["predictors"], "mask_overlap"),
    "on language": lambda r: figures.on_language(r.tables["generated_languages"]),
    "repetition": lambda r: figures.repetition(r.tables["generated_languages"]),
    "rank": lambda r: figures.effective_rank(r.tables["profile_layers"]),
    "rank of one": lambda r: figures.effective_rank(r.tables["profile_layers"], str(r.tables["profile_layers"]["language"][0])),
    "order": lambda r: figures.order_kept(r.tables["profile_ranking"]),
    "energy": lambda r: figures.energy_shift(r.tables["profile_energy"]),
}


@pytest.fixture(params=[2, 12], scope="module")
def asked(request: pytest.FixtureRequest) -> RunReport:
    return studied(request.param)


@pytest.mark.parametrize("name", STUDY_FIGURES)
def test_a_study_s_figure_draws_is_labelled_and_can_be_sent(asked: RunReport, name: str) -> None:
    figure = STUDY_FIGURES[name](asked)
    sent = json.loads(json.dumps(figure.to_plotly_json(), cls=PlotlyJSONEncoder, allow_nan=False))
    layout = sent["layout"]
    # Small multiples name the axis of one panel, in the middle of the first column.
    for axis in ("yaxis",) if name == "text by text" else ("xaxis", "yaxis"):
        assert any(part.get("title", {}).get("text") for key, part in layout.items() if key.startswith(axis))
    assert "title" not in layout
    assert layout["paper_bgcolor"] == "rgba(0,0,0,0)"
    assert {trace["type"] for trace in sent["data"]} <= KNOWN_TRACES | {"bar"}
    assert "bdata" not in json.dumps(sent)
    assert sent["data"] or layout["annotations"][0]["text"]
    shown = json.dumps(sent)
    assert "{" not in "".join(text for trace in sent["data"] for text in flat(trace.get("customdata") or []))
    assert "NaN" not in shown


def flat(values: list[object]) -> list[str]:
    return [text for value in values for text in (flat(value) if isinstance(value, list) else [str(value)])]


def test_a_benchmark_is_ranked_and_what_says_nothing_stands_last_hollow_and_named() -> None:
    run = studied(6)
    rows = of_task(run)
    assert list(rows["place"]) == sorted(rows["place"])
    for _, group in rows.groupby("place"):
        assert list(group["change"]) == sorted(group["change"])
    silent = rows[rows["place"] == 2]
    assert list(silent["language"]) == [run.tables["languages"]["language"][1]]
    figure = figures.task_dots(rows)
    assert figure.layout.yaxis.ticktext[-1] == words.NOT_INFORMATIVE_TICK.format(name=silent["name"].iloc[0])
    hollow = [trace for trace in figure.data if trace.name == words.LEGEND_UNINFORMATIVE]
    assert [trace.marker.symbol for trace in hollow] == ["square-open", "circle-open"]
    assert all(round(y) == len(rows) - 1 for trace in hollow for y in trace.y)
    assert words.VERDICT_SENTENCES["uninformative"] in hollow[0].customdata[0]
    # No line leads from before to after where there is nothing to lose.
    lines = [trace for trace in figure.data if trace.name in (words.LEGEND_NOISE, words.LEGEND_BEYOND)]
    assert all(y is None or round(y) < len(rows) - 1 for trace in lines for y in trace.y)


def test_noise_is_dotted_and_a_difference_beyond_it_solid_with_its_points() -> None:
    run = studied(6)
    rows = of_task(run)
    figure = figures.task_dots(rows)
    drawn = {trace.name: trace for trace in figure.data}
    assert drawn[words.LEGEND_NOISE].line.dash == "dot"
    assert drawn[words.LEGEND_BEYOND].line.dash is None
    beyond = rows[rows["verdict"] == "worse"]
    assert list(beyond["language"]) == [run.tables["languages"]["language"].iloc[-1]]
    assert [v for v in drawn[words.LEGEND_BEYOND].x if v is not None] == [
        pytest.approx(100 * beyond[side].iloc[0]) for side in ("dense_accuracy", "pruned_accuracy")
    ]
    said = next(trace.text for trace in figure.data if trace.mode == "text")
    assert said[int(beyond.index[0])] == f"<b>{signed(100 * beyond['change'].iloc[0])}</b>"
    assert said[-1] == words.MAP_NONE
    assert {text[0] for text in said[:-1]} == {"(", "<"}
    held = [
        trace
        for trace in figure.data
        if trace.mode == "markers" and trace.name == f"{words.LEGEND_PRUNED}, {words.ROLES['held-out']}"
    ]
    assert [trace.marker.symbol for trace in held] == ["diamond"]


def test_the_reading_of_a_benchmark_can_be_chosen() -> None:
    run = studied(3)
    assert set(of_task(run)["reading"]) == {"raw"}
    assert set(of_task(run, reading="per byte")["reading"]) == {"per byte"}
    assert figures.task_dots(of_task(run, "not asked")).layout.annotations[0].text == words.TASKS_NOTHING


def test_the_map_colours_only_what_is_beyond_noise() -> None:
    run = studied(6)
    drawn, grey = figures.task_map(run.tables["tasks"], list(run.tables["languages"]["language"])).data
    verdicts = run.tables["tasks"].query("reading == 'raw'").pivot(index="language", columns="task", values="verdict")
    for i, code in enumerate(run.tables["languages"]["language"]):
        for j, task in enumerate(("pairs", "letters")):
            verdict, z, text = verdicts.loc[code, task], drawn.z[i][j], drawn.text[i][j] + grey.text[i][j]
            assert (z is None) == (grey.z[i][j] is not None) == (text == words.MAP_NONE) == (verdict == "uninformative")
            assert (z == 0.0) == text.startswith("(") == (verdict == "within noise")


def test_the_panels_hold_every_text_and_the_mean_weighs_by_bytes() -> None:
    run = report(1)
    texts = pd.DataFrame(
        {"language": run.tables["languages"]["language"][0], "text": ["a", "b"], "bytes": [100, 300], "nll_dense": [100.0, 100.0], "nll_pruned": [200.0, 400.0]}
    )  # fmt: skip
    lines, mean = figures.text_panels(figures.ordered(run), texts).data
    bits = 1 / np.log(2)
    assert [v for v in lines.y if v is not None] == pytest.approx([bits, 2 * bits, bits / 3, 4 * bits / 3])
    assert list(mean.y) == pytest.approx([bits / 2, 3 * bits / 2])
    assert figures.text_panels(figures.ordered(run), texts.iloc[:0]).layout.annotations[0].text == words.MULTIPLES_NONE


def test_the_diagonal_of_the_overlap_is_the_ceiling_and_framed() -> None:
    run = studied(6)
    table = run.tables["overlap"]
    figure = figures.overlap_heatmap(table)
    z = np.array(figure.data[0].z, dtype=float)
    ceilings = table[table["language"] == table["other"]]["corrected"]
    assert np.diag(z) == pytest.approx(list(ceilings))
    assert figure.data[0].zmin <= 0.0
    assert len(figure.layout.shapes) == len(z)
    assert np.diag(np.array(figures.overlap_heatmap(table, "of_ceiling").data[0].z, dtype=float)) == pytest.approx(1.0)
    one = table[(table["language"] == table["language"][0]) & (table["other"] == table["language"][0])]
    assert words.OVERLAP_ONE.split("{")[0] in figures.overlap_heatmap(one).layout.annotations[0].text


def test_neurons_stand_beside_their_random_control() -> None:
    run = studied(6)
    table = run.tables["neurons"]
    bar, own = figures.neurons_pruned(table).data
    assert own.x[0] == pytest.approx(90.0)
    assert words.NEURONS_ABOVE in own.customdata[0]
    assert bar.x[0] == pytest.approx(
        100 * table.set_index("language").loc[table.sort_values("column").iloc[-1]["language"], "random_low"]
    )
    assert [verdict(v, 0.4, 0.6) for v in (0.3, 0.5, 0.7)] == [words.NEURONS_BELOW, words.NEURONS_INSIDE, words.NEURONS_ABOVE]
    nobody = table.assign(column=np.nan)
    assert figures.neurons_pruned(nobody).layout.annotations[0].text == words.NEURONS_NONE
    assert (
        figures.neurons_by_block(run.tables["neuron_blocks"].assign(neurons=0)).layout.annotations[0].text == words.NEURONS_NONE
    )


def test_a_predictor_names_every_language_and_tells_the_roles_apart() -> None:
    run = studied(6)
    figure = figures.predictor_scatter(run.tables["predictors"], "similarity")
    assert [trace.name for trace in figure.data] == list(words.ROLES.values())
    assert {name for trace in figure.data for name in trace.text} == set(run.tables["languages"]["name"])
    assert "mask_overlap" not in figures.known_predictors(run.tables["predictors"])
    assert set(words.PREDICTORS) == set(words.PREDICTOR_AXES)


def test_the_tables_of_studies_hold_their_rows(asked: RunReport) -> None:
    t = asked.tables
    count = len(t["languages"])
    rows = study_tables.benchmark(of_task(asked))
    assert len(rows) == count
    assert (rows[words.TASK_COLUMNS["p"]] == "").sum() == 1
    calibrated = len(asked.facts["settings"]["languages"])
    assert len(study_tables.overlap(t["overlap"])) == calibrated * (calibrated + 1) // 2
    assert len(study_tables.overlap_blocks(t["overlap_blocks"])) == t["overlap_blocks"]["block"].nunique()
    assert len(study_tables.neurons(t["neurons"])) == len(study_tables.neuron_drift(t["neuron_drift"])) == calibrated
    assert len(study_tables.neuron_blocks(t["neuron_blocks"])) == (t["neuron_blocks"]["neurons"] > 0).sum()
    assert len(study_tables.written(t["generated_languages"])) == count
    for made in (
        study_tables.ranks(t["profile_layers"]),
        study_tables.order(t["profile_ranking"]),
        study_tables.energy(t["profile_energy"]),
    ):
        assert sorted(made[words.COLUMNS["name"]]) == sorted(t["languages"]["name"])
        assert len(made) == count
    assert len(study_tables.correlations(t["correlations"])) == len(t["correlations"])
    for name in t:
        assert not tables_tab.rounded(asked, name).select_dtypes("boolean").isna().to_numpy().any()


def test_the_map_of_experts_holds_the_shares_and_begins_with_the_block_that_parts_languages(example: RunReport) -> None:
    rows = [
        {"block": block, "expert": expert, "language": code, "tokens": int(100 * share), "share": share}
        for block, shares in ((0, {"en": (0.5, 0.5), "sw": (0.6, 0.4)}), (1, {"en": (0.9, 0.1), "sw": (0.2, 0.8)}))
        for code, pair in shares.items()
        for expert, share in enumerate(pair)
    ]
    report = dataclasses.replace(example, tables=example.tables | {"experts": pd.DataFrame(rows)})
    assert figures.blocks_with_experts(report) == [1, 0]
    drawn = figures.expert_heatmap(report, 1).data[0]
    assert [list(row) for row in drawn.z] == [[90.0, 10.0], [20.0, 80.0]]
    assert list(drawn.x) == [0, 1]
    assert figures.blocks_with_experts(example) == []


@pytest.mark.parametrize(
    "values", [[0.0, 0.8, 2.4], [-0.03, 0.02], [0.001, math.nan, -0.002], [3.0], [math.nan], [-50.0, 700.0]]
)
def test_an_axis_of_losses_says_how_many_times_the_perplexity(values: list[float]) -> None:
    found = times_axis("title", values)
    low, high = found["range"]
    known = [value for value in values if math.isfinite(value)]
    assert all(low < value < high for value in known)
    assert 1 <= len(found["tickvals"]) <= 13
    for tick, text in zip(found["tickvals"], found["ticktext"], strict=True):
        assert low <= tick <= high
        assert math.exp(tick) == pytest.approx(float(text), rel=1e-3)
