"""预警 in the browser: narrow the list, follow a flag to the cells behind it, take the list along, and find in it what the marts hold."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import openpyxl
from playwright.sync_api import Page, expect

from tests.e2e.marts import Marts
from tests.e2e.reading import figures, go, number, rows, settled
from tests.e2e.server import Server
from tests.e2e.test_files import HEAD, download
from tests.e2e.test_reporting_pages import choose

NOW, NOW_ZH = "2025Q4", "2025年第四季度"
LIST = f"{NOW_ZH}预警清单"
# The newest row of each run up to the period that had not closed by its end.
OPEN = """
    select f.*, coalesce(p.kind, u.kind) as unit_kind, u.kind = 'branch' as is_branch, u.name, u.city
    from flags f
    join flag_runs r on r.unit_code = f.unit_code and r.kind = f.kind and r.indicator is not distinct from f.indicator
                    and r.since = f.run_since and (r.closed_in is null or r.closed_in > $period)
    join dim_unit u on u.unit_code = f.unit_code
    left join dim_unit p on u.kind = 'branch' and p.unit_code = u.parent_code
    where f.period <= $period and f.kind <> 'pattern'
    qualify row_number() over (partition by f.unit_code, f.kind, f.indicator, f.run_since order by f.period desc) = 1
""".replace("$period", f"'{NOW}'")


def test_red_performance_flags_of_schools_are_followed_to_their_cells_and_taken_along(
    page: Page, dashboard: Server, marts: Marts, tmp_path: Path
) -> None:
    go(page, f"{dashboard.url}/flags?period={NOW}", "预警")
    total = marts.one(f"select count(*) as n, count(*) filter (level = 'red') as red from ({OPEN})")
    assert number(figures(page)["红色预警"]) == total["red"]
    for label, option in (("级别", "红色"), ("种类", "绩效"), ("单位类型", "学校")):
        choose(page, label, option)
    expect(page).to_have_url(re.compile(r"(?=.*level=red)(?=.*flag=performance)(?=.*kind=school)"))
    held = marts.dicts(
        f"select * from ({OPEN}) where level = 'red' and kind = 'performance' and unit_kind = 'school'"
    )
    assert 0 < len(held) < total["n"]
    expect(page.get_by_text(f"未解除、红色、绩效预警、学校：共{len(held)}条预警")).to_be_visible()

    target = download(page, "下载预警清单（.xlsx）", tmp_path)
    assert target.name == f"三型_预警清单_{NOW}.xlsx"
    sheet = openpyxl.load_workbook(target)["预警清单"]
    assert "红色、绩效预警、学校" in str(sheet["A2"].value)
    assert marts.manifest["run"] in str(sheet["A2"].value)
    assert "示例数据" in str(sheet["A3"].value)
    head, *body = sheet.iter_rows(min_row=HEAD, values_only=True)
    taken = [dict(zip(head, row, strict=True)) for row in body]
    assert sorted(
        (row["支部代码"] or row["单位代码"], row["原因"], row["依据"], row["自何期起"], row["持续期数"], row["最近评价期"]) for row in taken
    ) == sorted((row["unit_code"], row["reason"], row["evidence"], row["since"], row["times"], row["period"]) for row in held)  # fmt: skip
    assert [row["持续期数"] for row in taken] == sorted((row["times"] for row in held), reverse=True)

    shown = rows(page, LIST)
    assert [row["原因"] for row in shown] == [row["原因"] for row in taken][: len(shown)]
    link = page.locator(f'.sx-scroll[aria-label="{LIST}"] tbody tr').first.locator("a").last
    asked = {
        key: value for key, (value,) in parse_qs(urlparse(str(link.get_attribute("href"))).query).items()
    }
    flag = next(row for row in held if row["reason"] == shown[0]["原因"])
    assert (asked["unit"], asked["indicator"], asked["period"]) == (
        flag["unit_code"],
        flag["indicator"],
        flag["period"],
    )
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("单位画像")
    settled(page)
    expect(page.get_by_role("tab", name="数字来源")).to_have_attribute("aria-selected", "true")
    cells = page.locator(".sx-scroll").filter(has=page.get_by_role("columnheader", name="单元格")).first
    expect(cells).to_be_visible()
    expect(cells.locator("tbody tr").first).to_contain_text(re.compile(r"[A-Z]+\d+"))


def test_nothing_found_is_said_and_undone_by_a_button(page: Page, dashboard: Server, marts: Marts) -> None:
    go(page, f"{dashboard.url}/flags?period={NOW}&level=watch&q=nobodyatall", "预警")
    expect(page.get_by_text("含“nobodyatall”：没有符合条件的预警。")).to_be_visible()
    page.get_by_role("button", name="清除筛选条件").click()
    expect(page).not_to_have_url(re.compile("level=|q="))
    total = marts.one(f"select count(*) as n from ({OPEN})")["n"]
    expect(page.get_by_text(f"未解除：共{total}条预警")).to_be_visible()


def test_a_unit_is_found_by_the_initials_of_its_name(page: Page, dashboard: Server, marts: Marts) -> None:
    """无锡市 is wxs; what is typed stands in the address, too."""
    go(page, f"{dashboard.url}/flags?period={NOW}", "预警")
    held = marts.rows(f"select unit_code from ({OPEN}) where name like '无锡市%' or city = '无锡市'")
    field = page.get_by_role("textbox", name="查找")
    field.fill("wxs")
    field.press("Enter")
    expect(page).to_have_url(re.compile("q=wxs"))
    settled(page)
    expect(page.get_by_text(re.compile("^未解除、含“wxs”：共"))).to_be_visible()
    names = {row["单位或支部"] for row in rows(page, LIST)}
    assert names
    assert all("无锡市" in name for name in names)
    assert len(rows(page, LIST)) <= len(held)

    go(page, f"{dashboard.url}/unit?period={NOW}", "单位画像")
    field = page.get_by_role("textbox", name="查找单位")
    field.fill("wxs")
    field.press("Enter")
    expect(page).to_have_url(re.compile("unit=3202"))
