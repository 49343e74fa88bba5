"""A term's meaning is one hover away, and one press of Tab, on whichever page it stands."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from dashboards import glossary
from tests.e2e.reading import go
from tests.e2e.server import Server

# The words that stand in the bubble beside the term; "none" while there is no bubble.
SHOWN = "term => getComputedStyle(term, '::after').content.replaceAll('\"', '')"
PLACES = [
    ("", "总览", "可计算单位"),
    ("flags", "预警", "级别"),
    ("trends", "趋势", "曼-肯德尔法"),
    ("reporting", "报送情况", "完整率"),
    ("unit", "单位画像", "同类位置"),
    ("compare", "对比", "漏斗图"),
    ("quality", "数据质量", "采信要求"),
    ("versions", "版本差异", "用于计算"),
    ("shortlist", "示范点", "名次区间"),
    ("load", "填报负担", "预填"),
    ("clauses", "条款与指标", "标准依据"),
]


@pytest.mark.parametrize(("path", "title", "name"), PLACES)
def test_a_term_is_explained_to_mouse_and_keyboard(
    page: Page, dashboard: Server, path: str, title: str, name: str
) -> None:
    go(page, f"{dashboard.url}/{path}", title)
    term = page.locator(".sx-term").filter(has_text=name).filter(visible=True).first
    expect(term).to_be_visible()
    assert term.evaluate(SHOWN) == "none"
    meaning = glossary.meaning(name)
    term.hover()
    assert term.evaluate(SHOWN) == meaning
    page.mouse.move(0, 0)
    assert term.evaluate(SHOWN) == "none"
    _reach_by_keyboard(page, term)
    assert term.evaluate(SHOWN) == meaning


def _reach_by_keyboard(page: Page, term: Locator) -> None:
    """Back to the term from what follows it, as a reader with no mouse comes to it."""
    term.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    expect(term).to_be_focused()
