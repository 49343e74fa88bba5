"""What axe finds of our own markup on each page: nothing that is serious or critical."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from dashboards.pages import PAGES
from tests.e2e.reading import settled
from tests.e2e.server import Server

GRAVE = {"serious", "critical"}
# Streamlit's own frame, widgets and charts are not ours to mend.
IS_OURS = "selector => !!document.querySelector(selector)?.closest('[data-testid=stHtml]')"
PATHS = [path for _, path, *_ in PAGES]


@pytest.mark.parametrize("path", PATHS)
def test_no_grave_finding_in_our_markup(page: Page, dashboard: Server, path: str) -> None:
    page.goto(f"{dashboard.url}/{'' if path == 'start' else path}")
    page.get_by_role("heading", level=1).wait_for()
    settled(page)
    found = Axe().run(page).response["violations"]
    ours = [
        (fault["id"], node["html"])
        for fault in found
        if fault["impact"] in GRAVE
        for node in fault["nodes"]
        if _is_ours(page, node)
    ]
    assert ours == []


def _is_ours(page: Page, node: dict[str, Any]) -> bool:
    selector = node["target"][-1]
    return isinstance(selector, str) and bool(page.evaluate(IS_OURS, selector))
