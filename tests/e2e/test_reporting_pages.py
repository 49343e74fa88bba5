"""报送情况 and 填报负担 in the browser: choose, filter, take the chase list along, and find in it what the marts hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.marts import Marts
from tests.e2e.reading import facts, figures, go, number, rows, settled, shows_share
from tests.e2e.server import Server
from tests.e2e.test_files import HEAD, download
from tests.marts import publish

NOW, NOW_ZH = "2025Q4", "2025年第四季度"
OWED = "select r.*, u.name, u.kind, u.city_code from unit_reporting r join dim_unit u using (unit_code) where r.period = ?"


def choose(page: Page, label: str, option: str) -> None:
    """Pick from a list as a reader does."""
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()
    settled(page)


def test_key_figures_and_questions_follow_the_filters(page: Page, dashboard: Server, marts: Marts) -> None:
    go(page, f"{dashboard.url}/reporting?period={NOW}", "报送情况")
    choose(page, "单位类型", "学校")
    expect(page).to_have_url(re.compile("kind=school"))
    (city,) = marts.rows(f"select city_code, c.name from ({OWED}) join dim_city c using (city_code) where kind = 'school' group by all order by count(*) desc, 1 limit 1", NOW)  # fmt: skip
    choose(page, "地区", city[1])
    held = marts.one(
        f"select count(*) as owed, count(*) filter (n_versions > 0) as received, count(*) filter (on_time) as on_time, "
        f"count(*) filter (state = 'accepted') as accepted, sum(cells) as cells, sum(usable) as usable "
        f"from ({OWED}) where kind = 'school' and city_code = ?", NOW, city[0],
    )  # fmt: skip
    # The page is drawn anew after a choice: its first figure says when.
    expect(page.locator("dl.sx-figures dd").first).to_contain_text(re.compile(rf"^\s*{held['owed']}\b"))
    shown = figures(page)
    for key, name in (
        ("owed", "应报单位"),
        ("received", "已报送"),
        ("on_time", "按时报送"),
        ("accepted", "已采用"),
    ):
        assert number(shown[name]) == held[key]
    assert shows_share(shown["完整率"], held["usable"], held["cells"])
    listed = rows(page, f"{NOW_ZH}各指标项的完整率")
    least = marts.dicts(
        "select question, sum(cells) as cells, sum(usable) as usable from question_reporting "
        "where period = ? and unit_kind = 'school' and city_code = ? group by all", NOW, city[0],
    )  # fmt: skip
    by_code = {row["question"]: row for row in least}
    assert len(listed) == min(20, len(least))
    for row in listed:
        held = by_code[row["代码"]]
        assert (int(row["应填答案"]), int(row["可用"])) == (held["cells"], held["usable"])
        assert shows_share(row["完整率"], held["usable"], held["cells"])


def test_the_heat_map_has_both_measures_and_its_table(page: Page, dashboard: Server, marts: Marts) -> None:
    go(page, f"{dashboard.url}/reporting?period={NOW}", "报送情况")
    page.get_by_role("radio", name="按时率").or_(page.get_by_role("button", name="按时率")).first.click()
    expect(page).to_have_url(re.compile("heat=timeliness"))
    settled(page)
    chart = page.locator(".js-plotly-plot").first
    expect(chart.locator(".textpoint").first).to_have_text(re.compile("%"))
    texts = chart.locator(".textpoint").all_text_contents()
    held = {
        (row["group_code"], row["period"]): row
        for row in marts.dicts(
            "select * from reporting where group_kind in ('city', 'province') and period <= ?", NOW
        )
    }
    assert len(texts) == len(held)
    page.get_by_text("数据表").first.click()
    names = dict(marts.rows("select short, city_code from dim_city")) | {"全省": "province"}
    table = rows(page, "各地区各季度完整率与按时率")
    for row in table:
        mart = held[names[row["地区"]], row["报告期"]]
        assert (int(row["应报单位"]), int(row["按时"])) == (mart["expected"], mart["on_time"])
        assert shows_share(row["按时率"], mart["on_time"], mart["expected"])
        assert shows_share(row["完整率"], mart["completeness"])


def test_the_chase_list_is_taken_along(page: Page, dashboard: Server, marts: Marts, tmp_path: Path) -> None:
    go(page, f"{dashboard.url}/reporting?period={NOW}", "报送情况")
    owed = marts.dicts(f"select * from ({OWED}) where owes not in ('nothing', 'not_due')", NOW)
    shown = rows(page, f"{NOW_ZH}需催报的单位")
    assert {row["单位"] for row in shown} == {row["name"] for row in owed}
    target = download(page, "下载催报单（.xlsx）", tmp_path)
    assert target.name == f"三型_催报单_{NOW}.xlsx"
    book = openpyxl.load_workbook(target)
    head, *body = book["催报清单"].iter_rows(min_row=HEAD, values_only=True)
    listed = {row[1]: dict(zip(head, row, strict=True)) for row in body}
    assert set(listed) == {row["unit_code"] for row in owed}
    labels = marts.labels("owes")
    assert {code: line["事项"] for code, line in listed.items()} == {
        row["unit_code"]: labels[row["owes"]] for row in owed
    }
    by_name = {row["单位"]: row for row in shown}
    for line in listed.values():
        on_page = by_name[line["单位名称"]]
        assert (str(line["自何时起"].date()), str(line["已过天数"]), line["情况"]) == (
            on_page["自何时起"],
            on_page["已过天数"],
            on_page["情况"],
        )
    assert "示例数据" in str(book["汇总"]["A3"].value)
    page.get_by_role("link", name=shown[0]["单位"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("单位画像")
    expect(page.get_by_text(re.compile("^报送记录（"))).to_be_visible()


def test_one_offices_list(page: Page, dashboard: Server, marts: Marts, tmp_path: Path) -> None:
    (office,) = marts.rows(
        f"select p.unit_code, p.name from ({OWED}) r join dim_unit u on u.unit_code = r.unit_code join dim_unit p on p.unit_code = u.parent_code "
        "where r.owes not in ('nothing', 'not_due') and r.kind = 'school' order by 1 limit 1", NOW,
    )  # fmt: skip
    go(page, f"{dashboard.url}/reporting?period={NOW}&office={office[0]}", "报送情况")
    book = openpyxl.load_workbook(download(page, "下载催报单（.xlsx）", tmp_path))
    assert {row[0] for row in book["催报清单"].iter_rows(min_row=HEAD + 1, values_only=True)} == {office[1]}


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A school that has not reported, in a locked quarter and in one that is open."""
    home = tmp_path_factory.mktemp("locked")
    quarters = (("2025Q3", 3, "2025年第三季度", None), (NOW, 4, NOW_ZH, date(2026, 2, 1)))
    unit = {
        "unit_code": "S1",
        "name": "一小",
        "kind": "school",
        "city_code": "320100",
        "city": "南京市",
        "parent_code": "C1",
    }
    publish(home / "data" / "marts", {
        "dim_period": [
            {"period": period, "year": 2025, "quarter": quarter, "label_zh": label, "is_due": True, "locked_on": day}
            for period, quarter, label, day in quarters
        ],
        "dim_city": [{"city_code": "320100", "name": "南京市", "short": "南京"}],
        "dim_unit": [unit, {**unit, "unit_code": "C1", "name": "南京市委教育工委", "kind": "city", "parent_code": None}],
        "unit_reporting": [{"unit_code": "S1", "period": period, "state": "not_reported", "owes": "report", "cells": 9, "not_reported": 9} for period, *_ in quarters],
    })  # fmt: skip
    with Server(home) as server:
        yield server


@pytest.mark.parametrize(("period", "is_locked"), [(NOW, True), ("2025Q3", False)])
def test_a_locked_quarter_says_so_on_the_page_and_in_the_list(
    page: Page, locked: Server, tmp_path: Path, period: str, is_locked: bool
) -> None:
    words = "本报告期已于2026-02-01锁定，补报须先批准例外"
    go(page, f"{locked.url}/reporting?period={period}", "报送情况")
    expect(page.get_by_text(words)).to_have_count(int(is_locked))
    book = openpyxl.load_workbook(download(page, "下载催报单（.xlsx）", tmp_path))
    assert (words in str(book["汇总"]["A2"].value)) == is_locked


def test_the_load_by_kind_and_form(page: Page, dashboard: Server, marts: Marts) -> None:
    go(page, f"{dashboard.url}/load?period={NOW}&kind=school&form=ledger", "填报负担")
    held = marts.one("select * from load where period = ? and unit_kind = 'school' and form = 'ledger'", NOW)
    shown = figures(page)
    for name, key in (
        ("每支部应填", "asked_each"),
        ("其中预填", "prefilled_each"),
        ("手工填写", "typed_each"),
    ):
        figure = number(shown[name])
        assert figure is not None
        assert abs(float(figure) - held[key]) <= 0.05
    proposed = {row["代码"] for row in rows(page, "建议研究取消的指标项")}
    assert proposed == {
        code for (code,) in marts.rows("select question from question_use where suggest_removal")
    }
    assert "O2.2b" in proposed


def test_who_owes_leads_to_where_it_hands_in(page: Page, dashboard: Server, marts: Marts) -> None:
    go(page, f"{dashboard.url}/reporting?period={NOW}", "报送情况")
    owed = marts.rows(f"select u.name, u.unit_code from ({OWED}) join dim_unit u using (unit_code) where owes = 'report' order by 1", NOW)  # fmt: skip
    lines = page.locator(f'.sx-scroll[aria-label="{NOW_ZH}需催报的单位"] tbody tr').filter(
        has=page.get_by_role("link", name="去报送", exact=True)
    )
    expect(lines).to_have_count(len(owed))
    name, code = owed[0]
    lines.filter(has_text=name).get_by_role("link", name="去报送", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("报送")
    settled(page)
    expect(page.get_by_label("单位（可输入名称或代码查找）")).to_have_value(f"{name}（{code}）")
    expect(page.get_by_label("报送哪个报告期")).to_have_value(NOW_ZH)
    assert facts(page, 0)["已收到"] == "0份"
