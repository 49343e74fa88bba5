"""趋势 in the browser: a city's chart against the marts of a real run, and what can be taken along."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.marts import Marts
from tests.e2e.reading import figures, go, number, rows, settled
from tests.e2e.server import Server
from tests.e2e.test_files import HEAD, download

NOW = "2025Q4"
INDICATOR, NAME = "training_hours_per_member", "党员人均集中培训学时"
POINTS = (
    "select point, value, centre, lower, upper, standard, signal from group_trends "
    "where group_kind = 'city' and group_code = ? and indicator = ? and grain = 'quarter' order by point desc"
)


def test_a_citys_indicator_is_read_and_taken_along(
    page: Page, dashboard: Server, marts: Marts, tmp_path: Path
) -> None:
    ((code, city),) = marts.rows(
        "select city_code, name from dim_city where city_code in (select group_code from group_trends where indicator = ?) order by 1 desc limit 1",
        INDICATOR,
    )
    go(page, f"{dashboard.url}/trends?period={NOW}", "趋势")
    page.get_by_role("radio", name="设区市").or_(
        page.get_by_role("button", name="设区市", exact=True)
    ).first.click()
    settled(page)
    choose(page, "设区市", city)
    choose(page, "指标", f"L3.4　{NAME}")
    expect(page).to_have_url(re.compile(f"trend={INDICATOR}"))
    query = parse_qs(urlsplit(page.url).query)
    assert (query["scope"], query["city"], query["trend"]) == (["city"], [code], [INDICATOR])

    held = marts.dicts(POINTS, code, INDICATOR)
    expect(page.locator(f'.sx-scroll[aria-label="{NAME}：按季的趋势"]')).to_have_count(1)
    shown = rows(page, f"{NAME}：按季的趋势")
    assert [row["时间"] for row in shown] == [row["point"] for row in held]
    for row, mart in zip(shown, held, strict=True):
        for column, name in (
            ("数值", "value"),
            ("中心线", "centre"),
            ("控制上限", "upper"),
            ("标准（年度标准按季折算）", "standard"),
        ):
            read = number(row[column])
            assert (read is None) == (mart[name] is None)
            assert read is None or float(read) == pytest.approx(mart[name], abs=0.051)
        assert (row["判断"] == "正常波动") == (mart["signal"] == "none")
    told = figures(page)
    assert sum(int(told[name]) for name in told) == len(
        marts.rows("select distinct indicator from group_trend_tests where group_code = ?", code)
    )

    file = download(page, "下载各点（.xlsx）", tmp_path)
    assert file.name == f"三型_趋势_{city}_{NAME}_季_{NOW}.xlsx"
    head, *body = openpyxl.load_workbook(file)["各点"].iter_rows(min_row=HEAD, values_only=True)
    taken = [dict(zip(head, row, strict=True)) for row in body]
    assert [row["时间"] for row in taken] == [row["point"] for row in held][::-1]
    for row, mart in zip(taken, held[::-1], strict=True):
        for column, name in (
            ("数值", "value"),
            ("中心线", "centre"),
            ("控制下限", "lower"),
            ("控制上限", "upper"),
            ("标准", "standard"),
        ):
            assert row[column] == (None if mart[name] is None else pytest.approx(mart[name]))


def test_a_picture_is_saved_by_keyboard_under_a_name_of_its_own(
    page: Page, dashboard: Server, tmp_path: Path
) -> None:
    go(page, f"{dashboard.url}/trends?period={NOW}&trend={INDICATOR}&grain=quarter", "趋势")
    buttons = page.locator(".js-plotly-plot .modebar-btn")
    expect(buttons).to_have_count(1)
    expect(buttons).to_have_attribute("aria-label", "下载图片（.png）")
    buttons.focus()
    expect(page.locator(".modebar-group")).to_have_css("opacity", "1")
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    assert waiting.value.suggested_filename == f"三型_趋势_全省_{NAME}_季_{NOW}.png"
    waiting.value.save_as(tmp_path / "picture.png")
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")


def choose(page: Page, label: str, option: str) -> None:
    field = page.get_by_role("combobox", name=label, exact=True)
    field.fill(option)
    page.get_by_role("option", name=option, exact=True).click()
    expect(field).to_have_value(option)
    settled(page)
