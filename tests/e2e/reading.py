"""What a reader sees on a page, as data: tables by their caption, key figures, facts. Knows Streamlit's page, not ours behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from playwright.sync_api import Page, expect

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
Row = dict[str, str]

ROWS_OF_TABLE = """region => {
    const text = cell => cell.textContent;
    const head = [...region.querySelectorAll('thead th')].map(text);
    const body = [...region.querySelectorAll('tbody tr:not(.sx-group)')];
    return body.map(row => Object.fromEntries([...row.cells].map((cell, i) => [head[i], text(cell)])));
}"""
PAIRS_OF_LIST = """list => Object.fromEntries([...list.querySelectorAll('div')].map(
    item => [item.querySelector('dt').textContent, item.querySelector('dd').firstChild.textContent]))"""


def settled(page: Page) -> None:
    """Wait until the page is drawn to its end, and refuse one that shows a fault."""
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-connection-state", "CONNECTED")
    expect(app).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_text("Traceback")).to_have_count(0)


def go(page: Page, url: str, title: str) -> None:
    """Open an address and wait until its page, under this heading, is drawn."""
    page.goto(url)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    settled(page)


def rows(page: Page, caption: str) -> list[Row]:
    """The table with this caption, as rows of column → text; also where it is folded away."""
    region = page.locator(f'.sx-scroll[aria-label="{caption}"]')
    expect(region).to_have_count(1)
    read: list[Row] = region.evaluate(ROWS_OF_TABLE)
    return read


def figures(page: Page) -> dict[str, str]:
    """The page's key figures."""
    read: dict[str, str] = page.locator("dl.sx-figures").evaluate(PAIRS_OF_LIST)
    return read


def facts(page: Page, place: int) -> dict[str, str]:
    """A line of facts; the first of a unit's page says who it is."""
    read: dict[str, str] = page.locator("dl.sx-facts").nth(place).evaluate(PAIRS_OF_LIST)
    return read


def number(text: str) -> Decimal | None:
    """The first number in what is shown; None for a dash."""
    found = NUMBER.search(text)
    return Decimal(found.group()) if found else None


def shows_share(text: str, part: float | Decimal, whole: float | Decimal = 1) -> bool:
    """Whether a percentage says what part of the whole it is: within half a tenth, and whole only where it is whole."""
    shown, share = number(text), Decimal(part) / Decimal(whole) * 100
    if shown is None or not text.endswith("%"):
        return False
    return abs(shown - share) <= Decimal("0.05") and (shown == 100) == (share == 100)


def counted(names: Mapping[str, str], row: Row) -> dict[str, int]:
    """The counts of a row under other names; `names` is name → column."""
    return {name: int(row[column]) for name, column in names.items()}
