"""Every table that a study declares is drawn as it says, with the table's own numbers, names in the visitor's language."""

import pandas as pd
import pytest
from studied import studied

from components import figures
from components.i18n import words
from mwanda_core.studies import tables_of
from mwanda_core.studies.base import TableSpec

RUN = studied(6, 4)
KNOWN_TRACES = {"heatmap", "scatter"}


@pytest.mark.parametrize("name", tables_of())
def test_every_declared_table_is_drawn(name: str) -> None:
    spec, table = tables_of()[name], RUN.tables[name]
    fig = figures.described(spec, table)
    assert {trace.type for trace in fig.data} <= KNOWN_TRACES
    # Without the optional identifier nobody can tell in which language a text is.
    assert bool(fig.data) == (spec.drawn != "table" and bool(table[spec.value].notna().any()))
    assert figures.described(spec, table[:0]).layout.annotations[0].text == words.PROFILE_NONE


def test_a_heat_map_has_the_tables_numbers() -> None:
    table = pd.DataFrame({"language": ["en", "en", "sw", "sw"], "block": [0, 1, 0, 1], "share": [0.1, 0.2, 0.3, 0.4]})
    fig = figures.described(TableSpec("t", "T", {}, "heat-map", "block", "language", "share"), table)
    assert [list(row) for row in fig.data[0].z] == [[0.1, 0.2], [0.3, 0.4]]
    assert list(fig.layout.yaxis.ticktext) == ["English", "Swahili"]
    assert list(fig.layout.xaxis.ticktext) == ["0", "1"] or list(fig.layout.xaxis.ticktext) == [0, 1]


def test_series_have_intervals_and_average_what_they_do_not_show() -> None:
    table = pd.DataFrame(
        {
            "k": [1, 1, 2, 2],
            "task": ["a", "a", "a", "a"],
            "v": [1.0, 3.0, 5.0, 7.0],
            "lo": [0.0, 2.0, 4.0, 6.0],
            "hi": [2.0, 4.0, 6.0, 8.0],
        }
    )
    fig = figures.described(TableSpec("t", "T", {}, "lines", "k", value="v", group="task", low="lo", high="hi"), table)
    (trace,) = fig.data
    assert (list(trace.x), list(trace.y)) == ([1, 2], [2.0, 6.0])
    assert list(trace.error_y.array) == list(trace.error_y.arrayminus) == [1.0, 1.0]
    points = figures.described(TableSpec("t", "T", {}, "points", "k", value="v", group="task"), table)
    assert len(points.data[0].x) == 4
