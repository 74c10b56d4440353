"""benchmarks.recommend: cells and their order, what cells share, and intervals against Wanda by hand."""

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats as scipy_stats
from tiny import all_bytes, language_model

from benchmarks import recommend
from benchmarks.recommend import Bench, Cell, Text, all_cells, built_in_text, measure, summary
from mwanda_core.corpora import Corpus, Passage
from mwanda_core.engine.measure import measure_model
from mwanda_core.parts.needs import SUMS
from mwanda_core.progress import Monitor

CODES = ("en", "sw", "de", "hi")


def tiny_text() -> Text:
    """Six passages of 300 bytes in four languages, of which one is never calibrated on."""
    passages = {
        code: tuple(Passage(f"{i}", code, (f"{code}{i} " * 70,)) for i in range(6)) for code in CODES
    }  # fmt: skip
    corpus = Corpus("tiny", passages, parallel=True)
    return Text("tiny", corpus, corpus, (CODES[:3],), CODES[3:], fresh=False)


def test_languages_of_a_cell_are_nested_drawn_by_seed_and_never_both_seen_and_unseen() -> None:
    text = built_in_text()
    assert text.languages(2, 0)[0] == ("en", "sw")
    for seed in recommend.SEEDS:
        last: tuple[str, ...] = ()
        for count in sorted(recommend.LANGUAGES):
            seen, unseen = text.languages(count, seed)
            assert len(set(seen)) == count
            assert seen[: len(last)] == last
            assert not set(seen) & set(unseen)
            assert len(unseen) == min(recommend.MOST_UNSEEN, 25 - count)
            last = seen
    assert text.languages(4, 1) != text.languages(4, 2)


def test_a_run_that_is_stopped_has_seen_all_numbers_of_languages_first() -> None:
    cells = all_cells(["news", "built-in"])
    first = cells[: 2 * len(recommend.LANGUAGES)]
    assert {cell.languages for cell in first} == set(recommend.LANGUAGES)
    assert {cell.text for cell in first} == {
        "news",
        "built-in",
    }
    assert {(cell.tokens, cell.seed, cell.setting) for cell in first} == {(1280, 0, "50%")}
    assert len(cells) == len(set(cells)) == 2 * 8 * 3 * 3 * 4
    assert len(all_cells(["news"], "languages=2,4 settings=2:4")) == 2 * 3 * 3
    with pytest.raises(SystemExit, match="method=wanda"):
        all_cells(["news"], "method=wanda")


def test_rows_are_kept_resumed_and_paired_and_the_model_stays_dense(tmp_path: Path) -> None:
    model, kept = language_model(), tmp_path / "rows.partial.jsonl"
    before, said = all_bytes(model), []
    bench = Bench(model, [tiny_text()], count=2)
    cells = [Cell("tiny", 1, 256, 0, "50%"), Cell("tiny", 3, 256, 1, "2:4"), Cell("tiny", 1, 10**5, 0, "50%")]
    rows = measure(bench, cells, ["wanda", "m-wanda"], kept, 10, said.append)
    assert all_bytes(model) == before
    assert [row["method"] for row in rows] == ["wanda", "m-wanda"] * 2
    assert "left out" in said[-1]
    assert rows[0]["increase"] == rows[1]["increase"], "with one language M-Wanda is Wanda"
    assert set(rows[2]["increase"]) == set(CODES)
    assert rows[2]["achieved"] == 0.5
    assert any(any(values) for values in rows[0]["increase"].values())
    again = measure(bench, cells[:2], ["wanda", "m-wanda", "magnitude"], kept, 10, said.append)
    assert [row["method"] for row in again] == ["wanda", "m-wanda"] * 2 + ["magnitude"] * 2
    assert not measure(bench, cells, ["ria"], tmp_path / "none.jsonl", 0, said.append)[1:]


def test_statistics_of_languages_measured_apart_are_those_measured_together() -> None:
    model = language_model()
    bench = Bench(model, [tiny_text()], count=1)
    two, three = (Cell("tiny", count, 256, 0, "50%") for count in (2, 3))
    bench.stats(two, bench.packed(two, CODES[:2]))
    packed = bench.packed(three, CODES[:3])
    for found, wanted in zip(bench.stats(three, packed), measure_model(model, packed, SUMS, Monitor()), strict=True):
        assert {id(found[name]) for name in found} == {id(entry) for entry in found.values()}
        assert len({id(entry) for entry in found.values()}) == len({id(entry) for entry in wanted.values()})
        for name in found:
            assert found[name].languages == CODES[:3]
            torch.testing.assert_close(found[name].sumsq, wanted[name].sumsq)
            torch.testing.assert_close(found[name].positive, wanted[name].positive)


def row(method: str, seed: int, en: list[float], hi: list[float]) -> dict[str, object]:
    """A row of one cell."""
    cell = {"text": "news", "languages": 1, "tokens": 256, "seed": seed, "setting": "50%"}
    return cell | {
        "method": method,
        "seen": ["en"],
        "unseen": ["hi"],
        "fresh": True,
        "increase": {"en": en, "hi": hi},
        "seconds": 1.0,
    }


def test_the_interval_against_wanda_by_hand() -> None:
    rows = [row("wanda", 0, [1.0, 2.0], [2.0, 2.0]), row("wanda", 1, [1.0, 4.0], [2.0, 2.0])]
    rows += [row("ours", 0, [0.9, 1.9], [2.2, 2.1]), row("ours", 1, [0.9, 3.5], [2.2, 2.1])]
    [line] = summary(rows).to_dict("records")
    change = np.array([-0.1, -0.1, -0.1, -0.5])
    reach = scipy_stats.t.ppf(0.975, 3) * change.std(ddof=1) / 2
    assert line["seeds"] == 2
    assert line["wanda_seen"] == 2.0
    assert line["seen"] == pytest.approx(100 * change.mean() / 2)
    assert (line["seen_low"], line["seen_high"]) == pytest.approx((50 * (change.mean() - reach), 50 * (change.mean() + reach)))
    # Worst: hi in seed 0 (2 of Wanda's 2), en in seed 1 (2.2 against 2.5).
    assert line["worst"] == pytest.approx(100 * ((2.15 + 2.2) / (2.0 + 2.5) - 1))
    assert not line["seen_worse"]
    assert line["unseen_worse"]
    assert line["unseen_surely"]
    assert "**surely worse**" in recommend.markdown(summary(rows))
