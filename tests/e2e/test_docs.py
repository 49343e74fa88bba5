"""Data Docs in a real browser, led to from the dashboard: whole, with nothing asked of any other host and no fault told."""

from __future__ import annotations

from urllib.parse import urlsplit

import polars as pl
import pytest
from playwright.sync_api import ConsoleMessage, Page, Request, Route, expect

from tests.conftest import Province
from tests.e2e.reading import go, number, rows
from tests.e2e.server import Server

PERIOD = "2025Q4"


class Watched:
    """A page whose every request to another host is stopped and noted, and whose console's complaints are noted."""

    def __init__(self, page: Page, host: str) -> None:
        self.foreign: list[str] = []
        self.failed: list[str] = []
        self.complaints: list[str] = []
        self._host = host
        page.route("**/*", self._let)
        page.on("console", self._heard)
        page.on("requestfailed", lambda request: self.failed.append(request.url))

    def _let(self, route: Route, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme == "data" or address.netloc == self._host:
            route.continue_()
        else:
            self.foreign.append(request.url)
            route.abort()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


@pytest.fixture
def address(page: Page, dashboard: Server) -> str:
    """Where the quality page leads to."""
    go(page, f"{dashboard.url}/quality?period={PERIOD}", "数据质量")
    found = page.get_by_role("link", name="打开2025年第四季度校验文档").get_attribute("href")
    assert found is not None
    assert found.startswith("http://127.0.0.1:")
    return found


def test_the_documents_are_whole_on_a_closed_network(page: Page, address: str) -> None:
    page.goto("about:blank")
    watched = Watched(page, urlsplit(address).netloc)
    page.goto(address)
    links = page.locator("table a[href$='.html']")
    expect(links).to_have_count(4)
    names = [link.get_attribute("href") for link in links.all()]
    for name in names:
        page.goto(f"{address}{name}")
        # The library's scripts have run: tables are drawn by them, and styled by what lies beside the page.
        expect(page.locator(".bootstrap-table").first).to_be_visible()
        assert (
            page.locator(".card").first.evaluate("card => getComputedStyle(card).borderTopStyle") == "solid"
        )
        assert page.evaluate("jQuery.fn.modal.Constructor.VERSION") == "4.3.1"
    assert (watched.foreign, watched.failed, watched.complaints) == ([], [], [])


def test_only_failed_rules_can_be_shown(page: Page, address: str, province: Province) -> None:
    broken = (
        province.read("findings")
        .filter(pl.col("period") == PERIOD, pl.col("rule").is_in(["bounds", "type"]))
        .join(province.read("dim_unit"), on="unit_code")
        .sort("finding_id")
    )
    kind, branch = broken.select("kind", "branch_code").row(0)
    page.goto(f"{address}{'ledger' if branch else kind}-q4.html")
    passed = page.locator("td.hide-succeeded-validation-target-child")
    expect(passed.first).to_be_visible()
    page.get_by_text("只看未通过").click()
    expect(passed.locator("visible=true")).to_have_count(0)
    expect(page.get_by_text("处不符合").locator("visible=true").first).to_be_visible()


def test_the_quality_page_shows_grades_and_who_is_under_the_gate(
    page: Page, dashboard: Server, province: Province
) -> None:
    go(page, f"{dashboard.url}/quality?period={PERIOD}", "数据质量")
    grades = province.read("grades").filter(period=PERIOD)
    shown = rows(page, "2025年第四季度数据质量等级")
    assert sum(int(row["未达到采信要求"]) for row in shown) == grades["passes"].not_().sum()
    under = rows(page, "2025年第四季度未达到采信要求的单位")
    points = grades.filter(~grades["passes"]).sort("points", "unit_code")["points"].to_list()
    assert [number(row["得分"]) for row in under] == points
    expect(page.get_by_text("等级只说明数据是否可靠，不评价工作好坏")).to_be_visible()


def test_a_units_page_shows_its_grade_of_each_quarter(
    page: Page, dashboard: Server, province: Province
) -> None:
    low = province.read("grades").filter(passes=False).sort("period", "unit_code").row(0, named=True)
    go(page, f"{dashboard.url}/unit?unit={low['unit_code']}&period={low['period']}", "单位画像")
    page.get_by_role("tab", name="报送与问题").click()
    shown = {row["报告期"]: row for row in rows(page, "各期数据质量等级")}
    graded = province.read("grades").filter(unit_code=low["unit_code"])
    assert set(shown) == set(graded["period"])
    row = shown[low["period"]]
    assert "丁级" in row["等级"]
    assert number(row["得分"]) == low["points"]
    assert row["完整性"] == f"{low['completeness_good']} / {low['completeness_whole']}"
