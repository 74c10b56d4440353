"""Runs side by side in a real browser: choosing, a link, masks on demand, files, and the settings of a run in the form."""

import zipfile
from pathlib import Path

import pytest
import several
from several import IDS
from test_browser import CHROMIUM, PATIENCE, PHONE, Visitor, browser, phone, playwright, server, visitor  # noqa: F401

from components.i18n import words

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the path: apt-get install chromium"),
]

PLOTS = ("losses", "differences", "accuracies", "blocks", "front")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server of this file keeps its runs: several are there when it starts."""
    folder = tmp_path_factory.mktemp("runs")
    several.save_all(folder)
    return folder


def test_runs_are_chosen_compared_and_their_link_opens_them_again(visitor: Visitor) -> None:  # noqa: F811
    visitor.open(f"?run={IDS[0]}")
    visitor.expect_banner(IDS[0])
    visitor.tab(words.TAB_COMPARE)
    page, told = visitor.page, visitor.page.locator("#compare-told")
    playwright.expect(told).to_contain_text("Choose two runs", timeout=PATIENCE)
    visitor.press("compare-add-shown")
    playwright.expect(told).to_contain_text(words.COMPARE_ONE, timeout=PATIENCE)
    visitor.choose("compare-runs", "M-Wanda")
    assert len(visitor.plot("compare-losses")["data"]) == 2
    page.locator("#compare-runs input").first.press("Escape")
    page.locator("#compare-paste input, #compare-paste textarea").first.fill(f"{visitor.url}?run={IDS[2]}")
    visitor.press("compare-add")
    page.wait_for_function("document.querySelector('#plot-compare-losses .js-plotly-plot').data.length === 3")
    visitor.choose("compare-baseline", "C: ")
    heading = page.locator("#compare-difference-heading")
    playwright.expect(heading).to_contain_text("Difference from Wanda 60%", timeout=PATIENCE)
    field = page.locator("#compare-link input, #compare-link textarea").first
    address = field.input_value()
    assert address == f"{visitor.url}explore?compare={','.join(IDS)}&baseline={IDS[2]}"
    visitor.go(address)
    playwright.expect(heading).to_contain_text("Difference from Wanda 60%", timeout=PATIENCE)
    assert len(visitor.plot("compare-losses")["data"]) == 3


@pytest.mark.parametrize(("size", "theme"), [("visitor", "light"), ("phone", "dark")])
def test_every_figure_is_readable_and_masks_come_on_demand(size: str, theme: str, request: pytest.FixtureRequest) -> None:
    who: Visitor = request.getfixturevalue(size)
    who.go(f"{who.url}?compare={','.join(IDS)}&__theme={theme}")
    width = who.page.viewport_size["width"]
    for name in PLOTS:
        drawn = who.plot(f"compare-{name}")
        assert drawn["data"]
        assert drawn["x"]
        assert drawn["y"]
        assert 0 <= drawn["left"] < drawn["right"] <= width + 1
    who.press("compare-masks")
    playwright.expect(who.page.locator("#compare-masks-status")).to_contain_text("masks of 3 runs", timeout=PATIENCE)
    assert len(who.plot("compare-masks")["data"][0]["z"]) == 7
    matrix = who.plot("compare-matrix")["data"][0]["z"]
    assert [matrix[i][i] for i in range(3)] == [1, 1, 1]
    playwright.expect(who.page.locator("#compare-masks-stop")).to_be_disabled()
    assert who.page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_comparison_is_downloaded_and_a_run_s_settings_come_into_the_form(
    visitor: Visitor,  # noqa: F811
    tmp_path: Path,
) -> None:
    visitor.go(f"{visitor.url}?compare={IDS[2]},{IDS[1]}")
    visitor.plot("compare-front")
    playwright.expect(visitor.page.locator("#cost")).not_to_contain_text(words.COST_WAITING, timeout=PATIENCE)
    with visitor.page.expect_download() as download:
        visitor.press("compare-zip")
    download.value.save_as(tmp_path / "all.zip")
    assert "parquet/languages.parquet" in zipfile.ZipFile(tmp_path / "all.zip").namelist()
    visitor.press("clone-use")
    playwright.expect(visitor.page.locator("#clone-told")).to_contain_text("The form holds the settings", timeout=PATIENCE)
    assert visitor.page.locator("#sparsity input[type=number]").input_value() == "60"
    assert visitor.page.locator("#method input").input_value().startswith("Wanda")
    visitor.advanced()  # What is folded away is not in the page.
    for name, language in (("languages", "Greek"), ("held-out", "Swahili")):
        playwright.expect(visitor.page.locator(f"#{name}")).to_contain_text(language, timeout=PATIENCE)
    # And they stay: what follows the languages has been answered when the cost is told anew.
    playwright.expect(visitor.page.locator("#cost")).to_contain_text("not known", timeout=PATIENCE)
    assert "French" not in visitor.page.locator("#held-out").inner_text()


def test_a_link_to_nothing_says_so_and_the_page_stays_usable(visitor: Visitor) -> None:  # noqa: F811
    visitor.go(f"{visitor.url}?compare=no-such-run,{IDS[0]}")
    told = visitor.page.locator("#compare-told")
    playwright.expect(told).to_contain_text(words.COMPARE_UNREADABLE.format(name="no-such-run"), timeout=PATIENCE)
    visitor.choose("compare-runs", "M-Wanda")
    assert len(visitor.plot("compare-losses")["data"]) == 2


def test_a_figure_in_a_closed_tab_is_drawn_and_fits_when_it_is_opened(phone: Visitor) -> None:  # noqa: F811
    phone.open()
    phone.expect_banner("Example")
    plot = "document.querySelector('#plot-overview .js-plotly-plot')"
    before = phone.plot("overview")["data"][0]["x"]
    phone.tab(words.TAB_COMPARE)
    phone.page.locator("#earlier input").click()
    phone.page.get_by_role("option").nth(1).click()  # Another run than the one that the closed tab's figure shows.
    phone.tab(words.TAB_OVERVIEW)
    drawn = f"JSON.stringify([...({plot}?.data?.[0]?.x ?? [])]) !== JSON.stringify({list(before)})"
    phone.page.wait_for_function(f"{drawn} && {plot}._fullLayout.width < {PHONE['width']}", timeout=PATIENCE)
