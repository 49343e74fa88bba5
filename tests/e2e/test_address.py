"""What is chosen stands in the address: it changes the figures, holds on other pages, and a link opens the same view."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.marts import Marts
from tests.e2e.reading import facts, figures, go, settled
from tests.e2e.server import Server

RECEIVED = "select received from reporting where group_kind = 'province' and period = ?"


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label).click()
    page.get_by_role("option", name=option).click()


def test_the_period_changes_figures_and_address_and_holds_on_other_pages(
    page: Page, dashboard: Server, marts: Marts
) -> None:
    go(page, dashboard.url, "总览")
    period = page.locator(".sx-aside").first
    expect(period).to_contain_text("2025年第四季度")
    before = page.locator("dl.sx-figures").inner_text()

    choose(page, "报告期", "2025年第一季度")
    expect(period).to_contain_text("2025年第一季度")
    settled(page)
    assert "period=2025Q1" in page.url
    assert page.locator("dl.sx-figures").inner_text() != before
    assert int(figures(page)["已报送"]) == marts.one(RECEIVED, "2025Q1")["received"]

    page.get_by_role("link", name="数据质量").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("数据质量")
    expect(period).to_contain_text("2025年第一季度")
    expect(page).to_have_url(re.compile("quality.*period=2025Q1"))


def test_back_returns_to_the_period_before(page: Page, dashboard: Server) -> None:
    go(page, f"{dashboard.url}/?period=2025Q4", "总览")
    period = page.locator(".sx-aside").first
    choose(page, "报告期", "2025年第二季度")
    expect(period).to_contain_text("2025年第二季度")
    page.go_back()
    expect(period).to_contain_text("2025年第四季度")


def test_a_link_with_period_and_unit_opens_that_view(page: Page, dashboard: Server, marts: Marts) -> None:
    (unit, name), *_ = marts.rows(
        "select unit_code, name from dim_unit where kind = 'university' order by unit_code desc"
    )
    go(page, f"{dashboard.url}/unit?unit={unit}&period=2025Q2", "单位画像")
    expect(page.locator(".sx-aside").first).to_contain_text("2025年第二季度")
    expect(page.get_by_label("单位（可输入名称或代码查找）")).to_have_value(f"{name}（{unit}）")
    assert facts(page, 0)["代码"] == unit
    assert f"unit={unit}" in page.url
    assert "period=2025Q2" in page.url


def test_a_unit_is_found_by_typing_its_code(page: Page, dashboard: Server, marts: Marts) -> None:
    (unit, name), *_ = marts.rows(
        "select unit_code, name from dim_unit where kind = 'school' order by unit_code desc"
    )
    go(page, f"{dashboard.url}/unit", "单位画像")
    field = page.get_by_label("单位（可输入名称或代码查找）")
    field.fill(unit)
    page.get_by_role("option", name=f"{name}（{unit}）").click()
    expect(page).to_have_url(re.compile(f"unit={unit}"))
    expect(page.locator("dl.sx-facts").first).to_contain_text(unit)


def test_a_flagged_unit_is_followed_from_the_overview_to_its_profile(page: Page, dashboard: Server) -> None:
    go(page, f"{dashboard.url}/?period=2025Q3", "总览")
    link = page.locator('.sx-scroll[aria-label="2025年第三季度重点预警单位和支部"] a').first
    target = link.get_attribute("href") or ""
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("单位画像")
    settled(page)
    code = re.search(r"(?:branch|unit)=([^&]+)(?:&period=2025Q3)?$", target)
    assert code
    assert facts(page, 0)["代码"] == code.group(1)
    expect(page.locator(".sx-aside").first).to_contain_text("2025年第三季度")


def test_an_unknown_unit_in_the_address_is_said_to_be_unknown(page: Page, dashboard: Server) -> None:
    go(page, f"{dashboard.url}/unit?unit=nobody", "单位画像")
    expect(page.get_by_text("名册中没有代码为“nobody”的单位")).to_be_visible()
