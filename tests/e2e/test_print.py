"""Every page on paper: what is read and what was chosen, nothing to press, nothing cut off at the edge of an A4 sheet."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import LAPTOP
from tests.e2e.marts import Marts
from tests.e2e.reading import go
from tests.e2e.server import Server

NOW, NOW_ZH = "2025Q4", "2025年第四季度"
MILLIMETRES = 96 / 25.4  # pixels of the page
PORTRAIT, LANDSCAPE = 186, 277  # millimetres between the margins of style.css
# address, heading, whether it is held across, choices that must be read
PAGES = [
    ("", "总览", False, ["报送率"]),
    ("flags", "预警", True, ["全部"]),
    ("trends", "趋势", False, ["全省"]),
    ("reporting", "报送情况", False, ["单位类型", "完整率"]),
    ("submit", "报送", False, ["报送哪个报告期"]),
    ("unit", "单位画像", False, ["单位本级"]),
    ("compare", "对比", True, []),
    ("quality", "数据质量", True, ["程度"]),
    ("versions", "版本差异", False, []),
    ("shortlist", "示范点", True, ["2025年度"]),
    ("load", "填报负担", False, ["单位类型"]),
    ("clauses", "条款与指标", True, []),
]
WITHOUT_PERIOD = {"报送", "示范点", "条款与指标"}
PRESSED = (
    '[data-testid="stSidebar"], [data-testid="stHeader"], button:not([role="radio"]):not([role="tab"]), summary [data-testid="stIconMaterial"], '
    '.modebar-container, [data-testid="stFileUploader"], [data-testid="stPagination"], [aria-checked="false"], [aria-selected="false"]'
)
# Widgets are drawn one after another, each in a step of its own.
READ = """choices => {
    const main = document.querySelector('[data-testid="stMainBlockContainer"]');
    const typed = [...main.querySelectorAll('input')].filter(input => input.getBoundingClientRect().width > 0).map(input => input.value);
    return choices.every(choice => (main.innerText + typed.join(' ')).includes(choice));
}"""
LAID_OUT = """([pressed, width]) => {
    const seen = element => element.checkVisibility() && element.getBoundingClientRect().width > 0;
    const main = document.querySelector('[data-testid="stMainBlockContainer"]');
    const typed = [...main.querySelectorAll('input')].filter(seen).map(input => input.value);
    const edge = element => Math.round(element.getBoundingClientRect().right);
    return {
        pressed: [...document.querySelectorAll(pressed)].filter(seen).map(element => element.outerHTML.slice(0, 120)),
        cut: [...main.querySelectorAll('.sx-table, .main-svg, .sx-figures, .sx-facts, .sx-reading')].filter(seen)
            .filter(element => edge(element) > width + 1).map(element => `${edge(element)}: ${element.closest('[aria-label]')?.ariaLabel ?? element.className}`),
        heads: [...main.querySelectorAll('.sx-table thead')].filter(seen).map(head => getComputedStyle(head).display),
        sheet: getComputedStyle(document.body).page,
        words: main.innerText + typed.join(' '),
    };
}"""

WIDTHS = "() => [...document.querySelectorAll('.stPlotlyChart .main-svg:first-child')].filter(e => e.checkVisibility()).map(e => e.width.baseVal.value)"


@pytest.fixture(scope="module")
def paper(browser: Browser) -> Any:
    """One visitor's page for all of them."""
    context = browser.new_context(viewport=LAPTOP, locale="zh-CN")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(("path", "title", "is_wide", "choices"), PAGES)
def test_a_page_prints_clean(
    paper: Page, dashboard: Server, marts: Marts, path: str, title: str, is_wide: bool, choices: list[str]
) -> None:
    paper.set_viewport_size(LAPTOP)
    paper.emulate_media(media="screen")
    go(paper, f"{dashboard.url}/{path}?period={NOW}", title)
    words = printed(paper, is_wide, choices)
    assert "示例数据" in words
    assert title in WITHOUT_PERIOD or NOW_ZH in words


@pytest.mark.parametrize(
    ("path", "title", "is_wide", "charts"), [("trends", "趋势", False, 1), ("compare", "对比", True, 3)]
)
def test_from_a_wide_screen_charts_are_drawn_anew_for_the_paper(
    paper: Page, dashboard: Server, path: str, title: str, is_wide: bool, charts: int
) -> None:
    """Scaled from a screen's width, their letters would be half as large as the text about them."""
    paper.set_viewport_size({"width": 1920, "height": 1080})
    paper.emulate_media(media="screen")
    go(paper, f"{dashboard.url}/{path}?period={NOW}", title)
    paper.wait_for_function(f"charts => ({WIDTHS})().length === charts", arg=charts)
    on_screen = paper.evaluate(WIDTHS)
    paper.evaluate(f"() => {{ window.print = () => {{ window.onPaper = ({WIDTHS})(); }}; }}")
    paper.keyboard.press("Control+p")
    paper.wait_for_function("() => window.onPaper")
    width = round((LANDSCAPE if is_wide else PORTRAIT) * MILLIMETRES)
    on_paper = paper.evaluate("window.onPaper")
    assert max(on_screen) > width * 1.3
    assert on_paper == pytest.approx([width] * charts, abs=2)
    paper.wait_for_function(
        f"() => JSON.stringify(({WIDTHS})()) === {json.dumps(json.dumps(on_screen, separators=(',', ':')))}"
    )


def printed(paper: Page, is_wide: bool, choices: list[str]) -> str:
    """The words of a page on paper, once it is seen to be clean and to hold these choices."""
    width = round((LANDSCAPE if is_wide else PORTRAIT) * MILLIMETRES)
    paper.evaluate("dispatchEvent(new Event('beforeprint'))")
    paper.emulate_media(media="print")
    paper.set_viewport_size({"width": width, "height": LAPTOP["height"]})
    paper.wait_for_function(READ, arg=choices)
    laid_out = paper.evaluate(LAID_OUT, [PRESSED, width])
    assert laid_out["pressed"] == []
    assert laid_out["cut"] == []
    assert set(laid_out["heads"]) <= {"table-header-group"}
    assert (laid_out["sheet"] == "wide") == is_wide
    return str(laid_out["words"])
