"""Each page for those who read it by ear or in Chinese alone: nothing serious or critical that axe finds in our own markup, and no English."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from dashboards.pages import PAGES, START
from tests.addresses import BEHIND
from tests.e2e.reading import settled
from tests.e2e.server import Server

GRAVE = {"serious", "critical"}
# Streamlit's own frame, widgets and charts are not ours to mend.
IS_OURS = "selector => !!document.querySelector(selector)?.closest('[data-testid=stHtml]')"
VIEWS = [*((path, dict[str, str]()) for _, path, *_ in PAGES), *BEHIND]
# What is seen or read out, Streamlit's frame included, but for names and places of files and products.
ENGLISH = """() => {
    const word = text => /[A-Za-z]{4,}/.test(text.replace(/submissions[/]\\S+|[.]?(xlsx|docx)|sanxing( run)?|Great Expectations|[0-9a-f]{16}/g, ''));
    const found = [];
    for (const element of document.querySelectorAll('body *')) {
        for (const name of ['aria-label', 'placeholder', 'alt', 'title']) {
            const text = element.getAttribute(name) || '';
            if (word(text)) found.push(`${name}: ${text}`);
        }
        const style = getComputedStyle(element);
        if (!element.checkVisibility() || style.fontSize === '0px' || element.closest('script, style, [data-testid=stIconMaterial]')) continue;
        for (const node of element.childNodes)
            if (node.nodeType === Node.TEXT_NODE && word(node.textContent)) found.push(node.textContent);
    }
    return found;
}"""


@pytest.mark.parametrize(("path", "choices"), VIEWS)
def test_no_grave_finding_in_our_markup_and_no_english(
    page: Page, dashboard: Server, path: str, choices: dict[str, str]
) -> None:
    page.goto(f"{dashboard.url}/{'' if path == START else path}?{urlencode(choices)}")
    page.get_by_role("heading", level=1).wait_for()
    settled(page)
    assert faults(page) == []
    assert page.evaluate("document.documentElement.lang") == "zh-CN"


def faults(page: Page) -> list[object]:
    """What axe finds grave in our markup, and what is English."""
    found = Axe().run(page).response["violations"]
    ours = [
        (fault["id"], node["html"])
        for fault in found
        if fault["impact"] in GRAVE
        for node in fault["nodes"]
        if _is_ours(page, node)
    ]
    return [*ours, *page.evaluate(ENGLISH)]


def _is_ours(page: Page, node: dict[str, Any]) -> bool:
    selector = node["target"][-1]
    return isinstance(selector, str) and bool(page.evaluate(IS_OURS, selector))
