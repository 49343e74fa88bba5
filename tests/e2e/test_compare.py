"""对比 in the browser: choose units, follow a number to its source, come back, and find in the workbook what the marts hold."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.marts import Marts
from tests.e2e.reading import go, number, rows, settled, shows_share
from tests.e2e.server import Server
from tests.e2e.test_files import HEAD, download

NOW = "2025Q4"
TABLE = "2025年第四季度学习型指标对比"
VALUES = (
    "select v.*, u.name, i.label_zh, i.unit from indicator_values v join dim_unit u using (unit_code) "
    "join (select distinct indicator, label_zh, unit, dimension from dim_indicator) i using (indicator) "
    "where i.dimension = 'learning' and v.period = ? and v.unit_code in (?, ?, ?)"
)


def test_three_units_are_chosen_followed_and_taken_along(
    page: Page, dashboard: Server, marts: Marts, tmp_path: Path
) -> None:
    chosen = marts.rows(
        "select unit_code, name from dim_unit where kind = 'school' order by unit_code limit 3"
    )
    codes = [code for code, _ in chosen]
    go(page, f"{dashboard.url}/compare?units={codes[0]},{codes[1]}&period={NOW}", "对比")
    field = page.get_by_role("combobox", name=re.compile("单位（选2至6个"))
    field.fill(codes[2])
    page.get_by_role("option", name=f"{chosen[2][1]}（{codes[2]}）").click()
    field.press("Escape")
    expect(page.locator(f'.sx-scroll[aria-label="{TABLE}"] thead th')).to_have_count(7)
    settled(page)
    assert parse_qs(urlsplit(page.url).query)["units"] == [",".join(codes)]

    held = {(row["label_zh"], row["unit_code"]): row for row in marts.dicts(VALUES, NOW, *codes)}
    shown = rows(page, TABLE)
    columns = [column for column in shown[0] if column[0] in "●■◆"]
    assert [column[2:] for column in columns] == [name for _, name in chosen]
    compared = 0
    for row in shown:
        for code, column in zip(codes, columns, strict=True):
            mart = held.get((row["指标"], code))
            if mart and mart["value"] is not None and mart["unit"] == "%" and mart["standard"] is None:
                assert shows_share(
                    re.split(r"优|质|同", row[column])[0].strip(), mart["numerator"], mart["denominator"]
                )
                compared += 1
            if mart and mart["peer_percentile"] is not None:
                place = row[column].split("优于同类")[1]
                assert shows_share(place, mart["peer_percentile"])
                compared += 1
    assert compared > len(shown)

    link = page.locator(f'.sx-scroll[aria-label="{TABLE}"] td a').first
    number_shown, target = link.inner_text(), parse_qs(urlsplit(link.get_attribute("href") or "").query)
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("单位画像")
    settled(page)
    expect(page.get_by_role("tab", name="数字来源")).to_have_attribute("aria-selected", "true")
    assert target["unit"] == [codes[0]]
    expect(page.locator("dl.sx-facts").nth(1)).to_contain_text(number_shown)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("对比")
    expect(page.locator(f'.sx-scroll[aria-label="{TABLE}"] thead th')).to_have_count(7)
    settled(page)

    file = download(page, "下载对比表（.xlsx）", tmp_path)
    assert file.name == f"三型_对比_学习型_{NOW}.xlsx"
    book = openpyxl.load_workbook(file)
    head, *body = book["明细"].iter_rows(min_row=HEAD, values_only=True)
    taken = [dict(zip(head, row, strict=True)) for row in body]
    assert len(taken) == len(held)
    for row in taken:
        mart = held[row["指标"], row["单位代码"]]
        for column, name in (
            ("分子", "numerator"), ("分母", "denominator"), ("实际值", "value"), ("标准", "standard"), ("区间下限", "ci_low"),
            ("区间上限", "ci_high"), ("同类中位数", "peer_median"), ("优于同类", "peer_percentile"), ("同类单位数", "n_peers"),
        ):  # fmt: skip
            expected = mart[name]
            assert row[column] == (None if expected is None else pytest.approx(float(expected)))


def test_the_funnel_says_how_many_peers_lie_outside(
    page: Page, dashboard: Server, marts: Marts, tmp_path: Path
) -> None:
    held = marts.one(
        "select indicator, peer_group, any_value(n_peers) as peers, min(unit_code) as unit, "
        "count(*) filter (peer_position like 'below%') as below, count(*) filter (peer_position like 'above%') as above "
        "from indicator_values join (select distinct indicator, dimension, unit from dim_indicator) using (indicator) "
        "where period = ? and peer_position is not null and peer_group like 'school%' and dimension = 'learning' and unit = '%' "
        "group by all order by below + above desc, indicator limit 1", NOW,
    )  # fmt: skip
    go(page, f"{dashboard.url}/compare?units={held['unit']}&period={NOW}&funnel={held['indicator']}", "对比")
    words = page.locator(".sx-reading").last.inner_text()
    assert f"{held['peers']}个可比单位" in words
    outside = {
        side: number(found.group(1)) if (found := re.search(rf"(\d+)个{side}95%界限", words)) else 0
        for side in ("低于", "高于")
    }
    assert outside == {"低于": held["below"], "高于": held["above"]}
    page.get_by_text("数据表").last.click()
    (label,) = marts.rows(
        "select label_zh from dim_indicator where indicator = ? limit 1", held["indicator"]
    )[0]
    listed = rows(page, f"{label}：所选单位和界限之外的同类单位")
    assert len([row for row in listed if row["同类位置"] != "与同类相当"]) == held["below"] + held["above"]
    content = download(page, f"下载同类组全部{held['peers']}个单位（CSV）", tmp_path).read_text("utf-8-sig")
    assert len(list(csv.DictReader(io.StringIO(content)))) == held["peers"]


def test_a_unit_found_by_its_initials_joins_the_others(page: Page, dashboard: Server, marts: Marts) -> None:
    """无锡市 is wxs. What is chosen already stays, whatever is searched for."""
    known = marts.rows("select unit_code, name from dim_unit where kind <> 'branch' order by unit_code")
    found = [(code, name) for code, name in known if name.startswith("无锡市")]
    one, other, *_ = [code for code, name in known if not name.startswith("无锡市")]
    go(page, f"{dashboard.url}/compare?units={one},{other}&period={NOW}", "对比")
    field = page.get_by_role("textbox", name="查找单位")
    field.fill("wxs")
    field.press("Enter")
    units = page.get_by_role("combobox", name=re.compile(f"找到{len(found)}个"))
    expect(units).to_be_visible()
    settled(page)
    units.click()
    options = page.get_by_role("option")
    expect(options).to_have_count(len(found))
    code, name = found[0]
    options.filter(has_text=f"{name}（{code}）").click()
    expect(page).to_have_url(re.compile(f"units={one}%2C{other}%2C{code}"))
    expect(page.locator('.sx-scroll[aria-label*="所选单位（"] tbody tr')).to_have_count(3)


def test_the_page_begins_with_the_unit_last_looked_at(page: Page, dashboard: Server, marts: Marts) -> None:
    ((unit, nearest),) = marts.rows(
        "select unit_code, list(neighbour_code order by place) from neighbours where unit_code like '%S%' group by 1 order by 1 desc limit 1"
    )
    go(page, f"{dashboard.url}/unit?unit={unit}&period={NOW}", "单位画像")
    expect(page.get_by_role("link", name="对比各项指标")).to_have_attribute(
        "href", re.compile("compare[?]units=" + "%2C".join([unit, *nearest[:5]]))
    )
    page.get_by_role("link", name="对比", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("对比")
    settled(page)
    assert parse_qs(urlsplit(page.url).query)["units"] == [",".join([unit, *nearest[:3]])]
