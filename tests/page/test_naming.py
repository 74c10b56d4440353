"""Names of languages: the library's own in English, the CLDR's in the other languages of the page; files keep the English ones."""

import dataclasses
import functools
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest
from pages import drawn_page, everywhere, with_
from studied import studied

from components import figures
from components.app.page import Page
from components.figures import protection, weights
from components.form import again, choices, method_panel
from components.i18n import locale as speech, names as naming, words
from components.report.tables import run_files
from components.sections.compare import readable
from components.sections.overview import Overview
from components.sections.reasons import writing
from components.sections.sweeps import limits, plans, sweep_results, sweep_widgets
from components.sections.sweeps.protect import Protect
from components.sections.sweeps.sweep import Sweep
from components.sections.tables import Tables
from components.sections.weights import sentences
from components.store import RunStore
from mwanda_core.errors import InputError
from mwanda_core.languages import LANGUAGES, language
from mwanda_core.store.report import RunReport

OTHERS = [code for code in speech.NAMES if code != speech.ENGLISH]
MARK = "as stored: "
"""Begins every name in the tables of `marked`, so that a name which was not looked up anew is seen."""


@pytest.mark.parametrize(
    ("code", "interface", "name"),
    [
        ("de", "de", "Deutsch"),
        ("de", "fr", "Allemand"),
        ("de", "zh", "德语"),
        ("de", "sw", "Kijerumani"),
        ("ar", "ar", "العربية"),
        ("sw", "en", "Swahili"),
        ("bn", "en", "Bengali"),  # CLDR says "Bangla".
        ("ht", "fr", "Créole haïtien"),
        ("tl", "sw", "Tagalog"),  # CLDR has no name for it in Swahili.
        ("my-own", "de", "my-own"),
    ],
)
def test_a_language_has_a_name_in_the_language_of_the_page(code: str, interface: str, name: str) -> None:
    assert naming.named(code, interface) == name
    with speech.drawing(interface):
        assert naming.language_name(code) == name
        assert naming.language_names([code, code]) == [name, name]


def test_english_names_are_the_library_s_and_need_no_babel() -> None:
    assert [naming.named(code, "en") for code in LANGUAGES] == [language(code).name for code in LANGUAGES]
    asked = "import sys; from components.i18n import names; print(names.named('de', 'en'), 'babel' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["German", "False"]


@pytest.mark.parametrize("interface", OTHERS)
def test_names_are_those_of_the_cldr_and_all_distinct(interface: str) -> None:
    known = pytest.importorskip("babel").Locale.parse(interface).languages
    found = {code: naming.named(code, interface) for code in LANGUAGES}
    assert len({naming.alphabetical(name) for name in found.values()}) == len(LANGUAGES)
    missing = [code for code in LANGUAGES if code not in known]
    assert len(missing) <= 1
    for code, name in found.items():
        assert name.casefold() == (known[code] if code in known else language(code).name).casefold()
        assert name[0] == name[0].upper()


def test_a_table_is_renamed_by_its_codes() -> None:
    table = pd.DataFrame({"language": ["de", "sw"], "name": ["German", "Swahili"], "other": ["en", "de"], "block": [0, 1]})
    assert naming.renamed(table) is table
    with speech.drawing("de"):
        assert naming.renamed(table)["name"].to_list() == ["Deutsch", "Suaheli"]
        assert naming.renamed(table)["other"].to_list() == ["en", "de"]
        assert naming.renamed(table[["block"]]).columns.to_list() == ["block"]
    assert table["name"].to_list() == ["German", "Swahili"]


def test_menus_name_languages_twice_and_are_sorted_as_they_read() -> None:
    with speech.drawing("de"):
        assert choices.label("sw") == "Suaheli (Kiswahili)"
        assert choices.label("de") == "Deutsch"
        europe = [name for name, code in choices.language_choices(LANGUAGES) if LANGUAGES[code].region == "Europe"]
        assert [name.partition(" ")[0] for name in europe][:4] == ["Baskisch", "Bulgarisch", "Dänisch", "Deutsch"]
    with speech.drawing("fr"):
        assert choices.label("fr") == "Français"


def test_groups_are_read_in_every_language_and_known_by_one_name() -> None:
    codes = tuple(LANGUAGES)
    names = [name for _, name in choices.group_choices(codes)]
    assert [(name, name) for name in names] == choices.group_choices(codes)
    for interface in OTHERS:
        with speech.drawing(interface):
            menu = choices.group_choices(codes)
            assert [name for _, name in menu] == names == list(choices.groups(codes))
            if interface in ("ar", "zh"):
                assert not [line for line, _ in menu if any("a" <= letter.lower() <= "z" for letter in line)]
    with speech.drawing("de"):
        lines = [line for line, _ in choices.group_choices(codes)]
        assert "Region: Europa (27)" in lines
        assert "Schrift: Kyrillisch (4)" in lines
    known = {LANGUAGES[code].region for code in codes}
    assert set(words.REGIONS) == known


def test_names_may_be_typed_as_they_are_shown() -> None:
    assert naming.typed_codes("German, sw") == ("de", "sw")
    with speech.drawing("fr"):
        assert naming.typed_codes("allemand,  German, Swahili, xx") == ("de", "sw", "xx")
        assert limits.limits_of((), None, "allemand: 20", ["de"]).keys() == {"de"}
        with pytest.raises(InputError, match="Swahili"):
            limits.limits_of((), None, "sw: 20", ["de"])
        form = {"texts": "built-in", "languages": ("en",)}
        assert plans.mixes_of("Allemand, anglais\nsw", form) == [("de", "en"), ("sw",)]


@functools.cache
def marked() -> RunReport:
    """A run whose tables hold names that nobody else would write."""
    made = studied(8, id="marked")
    tables = {}
    for name, table in made.tables.items():
        columns = [column for column in ("name", "other_name") if column in table]
        tables[name] = table.assign(**{column: MARK + table[column] for column in columns})
    return dataclasses.replace(made, tables=tables)


def text_of(value: Any) -> str:
    if isinstance(value, go.Figure):
        return str(value.to_json())
    if isinstance(value, pd.DataFrame):
        return str(value.to_csv())
    return " ".join(map(text_of, value.values())) if isinstance(value, dict) else str(value)


class Marked(RunStore):
    """A store that holds one run."""

    def load(self, run_id: str) -> RunReport:
        return marked()


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    made = drawn_page()
    yield with_(made, store=Marked(Path("nowhere")))
    made.close()


def test_a_page_in_german_shows_no_stored_name_and_its_files_do(page: Page) -> None:
    with speech.drawing("de"):
        updates = everywhere(page, "marked", 50)
        shown = " ".join(map(text_of, updates.values()))
        tables = [
            text_of(page.section(Tables).choose(marked(), name)[page.section(Tables).widgets["table-any"]])
            for name in marked().tables
        ]
    assert MARK not in shown
    assert not [table for table in tables if MARK in table]
    axis = updates[page.section(Overview).widgets["plot-overview"]].layout.yaxis.ticktext
    assert "Deutsch" in axis
    assert "German" not in axis
    csv = Path(run_files(page.context.scratch, marked())["languages"]).read_text("utf-8")
    assert f"{MARK}German" in csv
    assert "Deutsch" not in csv
    # In English the stored names are those that are shown.
    assert MARK in " ".join(map(text_of, everywhere(page, "marked", 50).values()))


def test_what_controls_redraw_is_german_too(page: Page) -> None:
    report = marked()
    with speech.drawing("de"):
        told = [
            figures.variance_heatmap(report, figures.inputs(report)[0], "rms"),
            figures.perplexity_dots(report, "both"),
            figures.accuracy_dots(report, "both"),
            figures.overlap_heatmap(report.tables["overlap"], "of_ceiling"),
            *(figures.predictor_scatter(report.tables["predictors"], name) for name in ("similarity", "cosine")),
            writing.texts(report, "de"),
            figures.effective_rank(report.tables["profile_layers"], "de"),
        ]
    assert not [part for part in map(text_of, told) if MARK in part]


RUNS = ["A: one", "B: two"]


def several() -> pd.DataFrame:
    columns = [
        "loss_difference",
        "loss_low",
        "loss_high",
        "accuracy_difference",
        "accuracy_low",
        "accuracy_high",
        "perplexity_quotient",
    ]
    rows = [{"language": "de", "name": f"{MARK}German", "run": run, "texts": 0, "items": 4} for run in RUNS]
    return pd.DataFrame(rows).assign(**dict.fromkeys(["increase", "increase_low", "increase_high", *columns], 0.5))


def test_comparisons_are_german() -> None:
    table = several()
    front = pd.DataFrame(
        {"run": RUNS, "mean": [1.0, 2.0], "worst": [2.0, 1.0], "worst_language": "sw", "worst_name": MARK, "front": True}
    )
    compared: Any = types.SimpleNamespace(languages=table, labels=RUNS, baseline=RUNS[0], front=front)
    with speech.drawing("de"):
        drawn = [figures.run_losses(table, RUNS), figures.run_differences(table, RUNS, RUNS[0]), figures.run_front(front, RUNS)]
        read = [
            of(compared)
            for of in (readable.losses, readable.differences, readable.accuracies, readable.front, readable.unpaired)
        ]
    told = [text_of(part) for part in (*drawn, *read)]
    assert not [part for part in told if MARK in part]
    assert all("Deutsch" in part or "Suaheli" in part for part in told)


def test_searches_and_weights_are_german() -> None:
    spans = {f"{side}{end}": [1.5] for side in ("before", "after") for end in ("", "_low", "_high")}
    cost = pd.DataFrame({"language": ["de"], "name": [MARK], "limit": [2.0], **spans})
    views = pd.DataFrame(
        {"language": ["de"], "name": [MARK], "rms": 1.0, "score": 1.0, "threshold": 0.5, "place": 1, "keeps": True}
    )
    with speech.drawing("de"):
        drawn = [protection.cost_by_language(cost), weights.language_bars(views), sentences.readable(views)]
    assert all(MARK not in text_of(part) and "Deutsch" in text_of(part) for part in drawn)


def test_a_sweep_is_german_and_its_file_is_not(page: Page) -> None:
    names = ["id", "method", "sparsity", "languages", "seed", "mean_increase", "worst_language", "worst_increase", "front"]
    runs = pd.DataFrame([("a", "A", 0.5, mix, 0, 1.0, "sw", 2.0, True) for mix in ("de", "en")], columns=names)
    rows = [("a", "A", 0.5, mix, 0, "sw", f"{MARK}Swahili", 2.0, 1.9, 2.1) for mix in ("de", "en")]
    long = ["id", "method", "sparsity", "mix", "seed", "language", "name", "increase", "increase_low", "increase_high"]
    kept: Any = types.SimpleNamespace(name="mine")
    results = sweep_results.Results(kept, runs, pd.DataFrame(rows, columns=long))
    tab = page.section(Sweep).widgets
    with speech.drawing("de"):
        updates = sweep_widgets.show_view(tab, results, page.context.scratch, "worst")
        menu = sweep_results.views(results)
        others = [sweep_results.multiples(results)[0], sweep_results.front(results), sweep_results.table(results)]
    shown = text_of(updates[tab.shown.curves.plot]) + text_of(updates[tab.shown.curves.table])
    csv = Path(updates[tab.shown.curves.download]["value"]).read_text("utf-8")
    assert ("Suaheli", "sw") in menu
    assert "Suaheli" in shown
    assert "Deutsch" in shown
    assert MARK not in shown
    assert all("Suaheli" in text_of(part) and MARK not in text_of(part) for part in others)
    assert f"{MARK}Swahili" in csv
    assert "German" in csv
    assert "Deutsch" not in csv


def standing(page: Page, **changed: Any) -> dict[Any, Any]:
    """What the widgets hold when the page opens, but for the menus of languages."""
    p, menus = page.context, again.menus(page.context.form)
    found = {widget: widget.value for widget in {*p.form.inputs, *menus, page.section(Protect).widgets.asked.languages}}
    return found | {
        p.form["languages"]: ["sw", "qu"], p.form["held_out"]: ["de"], p.form.group: "Region: Africa (8)",
        p.form["spare_neurons"]: ["sw", "en"], page.section(Protect).widgets.asked.languages: ["qu"], p.form["texts"]: "c4",
    }  # fmt: skip


def test_menus_that_were_filled_since_turn_with_the_page(page: Page) -> None:
    p, values = page.context, standing(page)
    with speech.drawing("de"):
        updates = again.menus_again(p.form, values) | page.section(Protect).menus_again(values)
    for widget, chosen in (
        (p.form["languages"], ["sw", "qu"]),
        (p.form["held_out"], ["de"]),
        (p.form["spare_neurons"], ["sw"]),
        (page.section(Protect).widgets.asked.languages, ["qu"]),
    ):
        menu = {code: line for line, code in updates[widget]["choices"]}
        assert updates[widget]["value"] == chosen
        assert set(chosen) <= set(menu)
        assert menu.get("sw", "Suaheli (Kiswahili)") == "Suaheli (Kiswahili)"
    assert ("Region: Afrika (8)", "Region: Africa (8)") in updates[p.form.group]["choices"]
    assert updates[p.form.group]["value"] == "Region: Africa (8)"


def test_the_method_stands_where_it_stood_when_the_page_turns(page: Page) -> None:
    method, values = page.context.form.method, standing(page)
    language = method.knobs["activation", "target", "language"]
    with speech.drawing("de"):
        first = method_panel.anew(method, values, values[page.context.form["languages"]] or ())
        values |= {method.drawn_for: first[method.drawn_for], language: "sw", method.pattern: "2:4"}
        values |= {menu: first[menu]["value"] for menu in method.parts.values()}
        later = method_panel.anew(method, values, values[page.context.form["languages"]] or ())
    lam = method.knobs["activation", "variance", "lam"]
    assert first[lam]["value"] == 0.5
    assert "value" not in later[lam]
    assert later[lam]["visible"]
    assert later[language]["choices"] == [("Suaheli (Kiswahili)", "sw"), ("Quechua (Runa Simi)", "qu")]
    assert later[language]["value"] == "sw"
    assert later[method.pattern_note]["value"]
    assert "M-Wanda · schnell: Sekunden" in dict(map(reversed, later[method.method]["choices"])).values()
