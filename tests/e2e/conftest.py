"""A browser, the dashboard over the province, and a page that refuses scripts' dialogs and errors."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, ViewportSize, expect, sync_playwright

from tests.conftest import Province
from tests.e2e.marts import Marts
from tests.e2e.server import Server

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LAPTOP = ViewportSize(width=1366, height=768)
PATIENCE_MILLISECONDS = 20_000


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = os.environ.get("SANXING_CHROMIUM") or shutil.which("chromium")
    assert chromium, "no Chromium: install Debian's chromium or set SANXING_CHROMIUM to its path"
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS, headless=True)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    """One visitor's browser, with its cache; each page that it opens is a session of its own to Streamlit."""
    context = browser.new_context(viewport=LAPTOP, locale="zh-CN", accept_downloads=True)
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    yield context
    context.close()


@pytest.fixture
def page(visitor: BrowserContext) -> Iterator[Page]:
    """A page. A script's dialog or an uncaught error in the browser fails the test."""
    page = visitor.new_page()
    faults: list[str] = []

    def refuse(dialog: Dialog) -> None:
        faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("dialog", refuse)
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    page.close()
    assert faults == []


@pytest.fixture(scope="session")
def dashboard(province: Province) -> Iterator[Server]:
    with Server(province.path) as server:
        yield server


@pytest.fixture(scope="session")
def marts(province: Province) -> Marts:
    return Marts.of(province.path)
