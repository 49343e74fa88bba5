"""What is chosen stands in the address: it changes the figures, holds on other pages, and a link opens the same view."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
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


def test_back_and_forward_go_through_the_choices_one_by_one(page: Page, dashboard: Server) -> None:
    go(page, f"{dashboard.url}/?period=2025Q4&measure=received", "总览")
    page.get_by_role("link", name="预警", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("预警")
    settled(page)
    steps = [r"/flags\?period=2025Q4$"]
    for label, option, name in (("单位类型", "学校", "kind=school"), ("级别", "红色", "level=red")):
        page.get_by_role("combobox", name=label).click()
        page.get_by_role("option", name=option, exact=True).click()
        expect(page).to_have_url(re.compile(f"{name}$"))
        settled(page)
        steps.append(f"{name}$")
    kind, level = (page.get_by_role("combobox", name=label) for label in ("单位类型", "级别"))
    page.go_back()
    expect(level).to_have_value("全部")
    expect(kind).to_have_value("学校")
    page.go_back()
    expect(kind).to_have_value("全部")
    expect(page).to_have_url(re.compile(steps[0]))
    settled(page)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("总览")
    settled(page)
    page.go_back()  # to where the visit began: the menu has left one entry, not two
    expect(page).to_have_url("about:blank")
    page.go_forward()
    expect(page.get_by_role("heading", level=1)).to_have_text("总览")
    settled(page)
    for shown in steps:
        page.go_forward()
        expect(page).to_have_url(re.compile(shown))
    expect(level).to_have_value("红色")


def test_the_page_of_a_long_table_stands_in_the_address(page: Page, dashboard: Server, marts: Marts) -> None:
    go(page, f"{dashboard.url}/flags?period=2025Q4", "预警")
    said = page.get_by_text(re.compile("^共[0-9]+行，本页为第"))
    expect(said).to_contain_text("本页为第1至50行")
    first = page.locator(".sx-table tbody").first.inner_text()
    page.get_by_test_id("stPagination").get_by_text("2", exact=True).click()
    expect(page).to_have_url(re.compile("page_list=2"))
    expect(said).to_contain_text("本页为第51至")
    settled(page)
    second = page.locator(".sx-table tbody").first.inner_text()
    assert second != first

    other = page.context.new_page()
    go(other, page.url, "预警")  # a link opens the same page of the table
    expect(other.get_by_text(re.compile("本页为第51至"))).to_be_visible()
    assert other.locator(".sx-table tbody").first.inner_text() == second
    go(other, page.url.replace("page_list=2", "page_list=999"), "预警")  # beyond the last, the last
    expect(other.get_by_text(re.compile("^共([0-9]+)行，本页为第[0-9]+至\\1行"))).to_be_visible()
    other.close()

    page.go_back()
    expect(said).to_contain_text("本页为第1至50行")
    page.go_forward()
    expect(said).to_contain_text("本页为第51至")
    choose(page, "级别", "橙色")  # what is narrowed is read from its first page
    expect(page).to_have_url(re.compile("level=amber$"))
    settled(page)
    assert "page_list" not in page.url


def test_a_link_opens_within_the_page_that_stands(page: Page, dashboard: Server, marts: Marts) -> None:
    go(page, f"{dashboard.url}/?period=2025Q3", "总览")
    link = page.locator('.sx-scroll[aria-label="2025年第三季度重点预警单位和支部"] a[href*="unit="]').first
    target = link.get_attribute("href") or ""
    page.evaluate("window.stood = true")
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("单位画像")
    settled(page)
    assert page.evaluate("window.stood")
    assert page.url.endswith(target)
    assert parse_qs(urlsplit(target).query).get("branch", parse_qs(urlsplit(target).query)["unit"]) == [
        facts(page, 0)["代码"]
    ]
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("总览")
    settled(page)
    with page.context.expect_page() as opened:
        link.click(modifiers=["ControlOrMeta"])
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("单位画像")
    expect(page.get_by_role("heading", level=1)).to_have_text("总览")


def test_the_open_tab_stands_in_the_address(page: Page, dashboard: Server, marts: Marts) -> None:
    (unit, *_), *_ = marts.rows("select unit_code from dim_unit where kind = 'school' order by unit_code")
    go(page, f"{dashboard.url}/unit?unit={unit}&period=2025Q4", "单位画像")
    values, branches = (page.get_by_role("tab", name=name) for name in ("指标", "支部"))
    expect(values).to_have_attribute("aria-selected", "true")
    branches.click()
    expect(page).to_have_url(re.compile(f"unit={unit}.*&tab=branches$"))
    expect(page.locator('.sx-scroll[aria-label$="各支部情况"]')).to_be_visible()
    settled(page)
    other = page.context.new_page()
    go(other, page.url, "单位画像")
    expect(other.get_by_role("tab", name="支部")).to_have_attribute("aria-selected", "true")
    other.close()
    page.go_back()
    expect(values).to_have_attribute("aria-selected", "true")
    page.go_forward()
    expect(branches).to_have_attribute("aria-selected", "true")


@pytest.mark.parametrize(
    ("path", "title", "chosen", "other", "role", "field", "value"),
    [
        ("reporting", "报送情况", "kind=school", "填报负担", "combobox", "单位类型", "学校"),
        ("unit", "单位画像", "find=wxs", "对比", "textbox", "查找单位", "wxs"),
    ],
)
def test_what_is_carried_to_another_page_shows_in_its_fields_too(
    page: Page,
    dashboard: Server,
    path: str,
    title: str,
    chosen: str,
    other: str,
    role: Any,
    field: str,
    value: str,
) -> None:
    go(page, f"{dashboard.url}/{path}?period=2025Q4&{chosen}", title)
    shown = page.get_by_role(role, name=field)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=other, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(other)
    expect(page).to_have_url(re.compile(chosen))
    expect(shown).to_have_value(value)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page).to_have_url(re.compile(chosen))
    expect(shown).to_have_value(value)


def test_a_search_by_initials_stands_in_the_address(page: Page, dashboard: Server, marts: Marts) -> None:
    (unit, name), *_ = marts.rows(
        "select unit_code, name from dim_unit where kind = 'city' order by unit_code"
    )
    go(page, f"{dashboard.url}/unit?period=2025Q4", "单位画像")
    page.get_by_label("查找单位").fill(unit)
    page.get_by_label("查找单位").press("Enter")
    field = page.get_by_label(re.compile("^单位（找到"))
    expect(field).to_have_value(f"{name}（{unit}）")
    expect(page).to_have_url(re.compile(f"find={unit}"))
    go(page, page.url, "单位画像")
    expect(field).to_have_value(f"{name}（{unit}）")
    expect(page.get_by_label("查找单位")).to_have_value(unit)


def test_a_link_pressed_from_a_field_that_is_being_filled_opens_its_unit(
    page: Page, dashboard: Server
) -> None:
    go(page, f"{dashboard.url}/flags?period=2025Q4", "预警")
    link = page.locator('.sx-scroll[aria-label$="预警清单"] tbody a').first
    wanted = parse_qs(urlsplit(link.get_attribute("href") or "").query)
    page.get_by_label("查找").press_sequentially("一")  # not handed in: leaving the field does that
    link.click(delay=60)
    expect(page.get_by_role("heading", level=1)).to_have_text("单位画像")
    settled(page)
    assert facts(page, 0)["代码"] == wanted.get("branch", wanted["unit"])[0]
    assert parse_qs(urlsplit(page.url).query)["unit"] == wanted["unit"]
    assert "q=" not in page.url


def test_a_link_to_a_unit_shows_it_whatever_is_searched_for(
    page: Page, dashboard: Server, marts: Marts
) -> None:
    first, other, *_ = marts.rows(
        "select unit_code, name from dim_unit where kind = 'school' order by unit_code"
    )
    go(page, f"{dashboard.url}/unit?unit={first[0]}&period=2025Q4&find={other[0]}", "单位画像")
    assert facts(page, 0)["代码"] == first[0]
    page.get_by_label("查找单位").fill(f"{other[0]} ")
    page.get_by_label("查找单位").press("Enter")  # a new search chooses anew
    expect(page).to_have_url(re.compile(f"unit={other[0]}"))
    settled(page)
    assert facts(page, 0)["代码"] == other[0]


def test_reading_goes_on_at_the_top_of_the_page_that_a_link_opens(page: Page, dashboard: Server) -> None:
    go(page, f"{dashboard.url}/flags?period=2025Q4", "预警")
    expect(page).to_have_title("预警 · 三型 · 党组织建设统计")
    page.locator('.sx-scroll[aria-label$="预警清单"] tbody a').first.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("单位画像")
    expect(page).to_have_title("单位画像 · 三型 · 党组织建设统计")
    expect(page.get_by_test_id("stMain")).to_be_focused()
