"""A model made small in a real browser: plan, deed, evidence, and the folder downloaded."""

import zipfile
from pathlib import Path

import pytest
import tiny
from test_browser import CHROMIUM, PATIENCE, Visitor, browser, phone, playwright, runs, server, visitor  # noqa: F401
from test_browser_take import fetched
from transformers import AutoModelForCausalLM

from components.i18n import words
from mwanda_core.shrink.folders import model_folder
from mwanda_core.shrink.sizes import sizes

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the path: apt-get install chromium"),
]


def half(folder: Path) -> float:
    """Megabytes of the served model with half of its neurons."""
    tiny.hf_model("llama", hidden_size=64, intermediate_size=128, num_hidden_layers=4).save_pretrained(folder)
    tiny.tokenizer().save_pretrained(folder)
    found = sizes(model_folder(folder))
    return found.total(found.tokens, found.layers, 64) * 1.01 / 10**6


def test_a_model_is_made_small_and_downloaded(visitor: Visitor, tmp_path: Path) -> None:  # noqa: F811
    page = visitor.open().page
    visitor.tab(words.TAB_SMALL)
    visitor.press("small-make")
    playwright.expect(page.locator("#small-status")).to_contain_text(words.SMALL_FIRST, timeout=PATIENCE)
    box = page.locator("#small-size input[type=number]")
    box.fill(f"{half(tmp_path / 'same'):.4f}")
    box.press("Enter")
    page.get_by_label(words.SMALL_TIMES["short"]).check()
    visitor.press("small-plan")
    playwright.expect(page.locator("#small-status")).to_contain_text("Planned in", timeout=PATIENCE)
    before, after = visitor.plot("small-steps")["data"][0]["x"]
    assert after < before
    visitor.press("small-make")
    playwright.expect(page.locator("#small-status")).to_contain_text("Done in", timeout=PATIENCE)
    with zipfile.ZipFile(fetched(visitor, "small-zip", tmp_path)) as archive:
        archive.extractall(tmp_path / "small")
    (folder,) = (tmp_path / "small").iterdir()
    assert AutoModelForCausalLM.from_pretrained(folder).config.intermediate_size == 64
    visitor.unfold("small-languages")
    playwright.expect(page.locator("#table-small-languages")).to_contain_text("Swahili", timeout=PATIENCE)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
