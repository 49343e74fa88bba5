"""What changed since the quarter before, on the overview: held against the marts, followed to the flags, and taken along."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import openpyxl
from playwright.sync_api import Page, expect

from tests.e2e.marts import Marts
from tests.e2e.reading import go, number, rows, settled, shows_share
from tests.e2e.server import Server
from tests.e2e.test_files import HEAD

NOW, NOW_ZH, BEFORE, BEFORE_ZH = "2025Q4", "2025年第四季度", "2025Q3", "2025年第三季度"
GOOD = "('met', 'on_pace')"
# From the values themselves, not from the marts made for this page.
PAIRS = f"""
    select n.unit_code, n.indicator, n.status in {GOOD} as good, b.status in {GOOD} as was_good
    from indicator_values n
    join indicator_values b using (unit_code, indicator)
    join dim_unit u using (unit_code)
    join grades g on g.unit_code = n.unit_code and g.period = n.period and g.passes
    join grades h on h.unit_code = b.unit_code and h.period = b.period and h.passes
    where n.period = '{NOW}' and b.period = '{BEFORE}' and u.kind <> 'branch' and n.standard = b.standard
      and n.status in ('met', 'not_met', 'on_pace', 'behind') and b.status in ('met', 'not_met', 'on_pace', 'behind')
      and exists (from indicator_sources s where s.indicator = n.indicator and s.period = n.period and s.source_period = n.period)
      and exists (from indicator_sources s where s.indicator = b.indicator and s.period = b.period and s.source_period = b.period)
"""


def test_what_changed_is_what_the_values_say(
    page: Page, dashboard: Server, marts: Marts, tmp_path: Path
) -> None:
    go(page, f"{dashboard.url}/?period={NOW}", "总览")
    shown = {row["项目"]: row for row in rows(page, f"{NOW_ZH}与{BEFORE_ZH}相比")}
    held = marts.one(f"select count(*) as items, count(distinct unit_code) as units, count(*) filter (good) as good, count(*) filter (was_good) as was from ({PAIRS})")  # fmt: skip
    met = shown["达标率"]
    assert met["可比范围"] == f"{held['units']}个单位 {held['items']}项次"
    assert shows_share(met["上季度"], held["was"], held["items"])
    assert shows_share(met["本季度"], held["good"], held["items"])
    change = Decimal(held["good"] - held["was"]) / held["items"] * 100
    told = number(met["变化（百分点）"].replace("−", "-"))
    assert told is not None
    assert abs(told - change) <= Decimal("0.05")
    owed = marts.one(
        "select count(*) as units, count(*) filter (n.n_versions > 0) as good, count(*) filter (b.n_versions > 0) as was from unit_reporting n "
        "join unit_reporting b using (unit_code) where n.period = ? and b.period = ?", NOW, BEFORE,
    )  # fmt: skip
    assert shown["报送率"]["可比范围"] == f"{owed['units']}个单位"
    assert shows_share(shown["报送率"]["本季度"], owed["good"], owed["units"])
    assert shows_share(shown["报送率"]["上季度"], owed["was"], owed["units"])

    for name, turned in (
        ("转为未达标或进度滞后", "was_good and not good"),
        ("转为达标或进度正常", "good and not was_good"),
    ):
        expected = marts.rows(f"select u.name, d.label_zh from ({PAIRS}) join dim_unit u using (unit_code) join (select indicator, any_value(label_zh) as label_zh from dim_indicator group by all) d using (indicator) where {turned}")  # fmt: skip
        page.get_by_role("tab", name=f"{name}（{len(expected)}项次）", exact=True).click()
        if expected:
            taken = listed(page, f"三型_{name}_{NOW}.xlsx", tmp_path)
            assert sorted((line["单位"], line["指标"]) for line in taken) == sorted(expected)


def listed(page: Page, name: str, folder: Path) -> list[dict[str, object]]:
    """The list under the open tab, as it is taken along under this name."""
    panel = page.get_by_role("tabpanel").filter(has=page.locator(".sx-scroll")).locator("visible=true")
    with page.expect_download() as started:
        panel.first.get_by_role("button", name="下载表格（.xlsx）").click()
    assert started.value.suggested_filename == name
    started.value.save_as(folder / name)
    head, *body = (
        openpyxl.load_workbook(folder / name).worksheets[0].iter_rows(min_row=HEAD, values_only=True)
    )
    return [dict(zip(map(str, head), line, strict=True)) for line in body]


def test_the_tab_of_what_came_in_counts_what_is_listed(
    page: Page, dashboard: Server, marts: Marts, tmp_path: Path
) -> None:
    go(page, f"{dashboard.url}/?period={NOW}", "总览")
    newest = marts.one("select max(period) as period from dim_period")["period"]
    came = marts.rows(
        "select s.period = $1 and s.version = 1 and s.state <> 'refused' from submissions s join dim_period n on n.period = $1 join dim_period b on b.period = $2 "
        "where s.received_at > b.due_at and (n.period = $3 or s.received_at <= n.due_at) and (s.period is null or s.period <= $1)", NOW, BEFORE, newest,
    )  # fmt: skip
    first = sum(is_first is True for (is_first,) in came)
    assert first
    assert len(came) > first
    page.get_by_role("tab", name=f"更正、补报和未能受理（{len(came) - first}份）", exact=True).click()
    expect(page.get_by_text(re.compile(f"收到本期首次报送{first}份（.*表中不列）"))).to_be_visible()
    assert len(listed(page, f"三型_更正、补报和未能受理_{NOW}.xlsx", tmp_path)) == len(came) - first


def test_new_and_closed_flags_lead_to_their_list(page: Page, dashboard: Server, marts: Marts) -> None:
    go(page, f"{dashboard.url}/?period={NOW}", "总览")
    caption = f"{NOW_ZH}新增和解除的预警（条）"
    kinds = marts.labels("flag_kind")
    new = dict(marts.rows("select kind, count(*) from flags where period = ? and times = 1 and kind <> 'pattern' group by all", NOW))  # fmt: skip
    closed = dict(marts.rows("select kind, count(*) from flag_runs where closed_in = ? and kind <> 'pattern' group by all", NOW))  # fmt: skip
    shown = {row["种类"]: row for row in rows(page, caption)}
    assert set(shown) == {kinds[kind] for kind in {*new, *closed}} | {"合计"}
    for kind, zh in kinds.items():
        if zh in shown:
            assert int(shown[zh]["新增合计"]) == new.get(kind, 0)
            assert int(shown[zh]["解除"]) == closed.get(kind, 0)
    kind = max(new, key=lambda name: (new[name], name))
    line = page.locator(f'.sx-scroll[aria-label="{caption}"] tbody tr').filter(has_text=kinds[kind])
    line.get_by_role("link", name=str(new[kind]), exact=True).last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("预警")
    settled(page)
    expect(page.get_by_text(re.compile(f"^本期新增、{kinds[kind]}预警：共{new[kind]}条预警"))).to_be_visible()


def test_the_first_quarter_says_why_there_is_nothing_to_compare(
    page: Page, dashboard: Server, marts: Marts
) -> None:
    first = marts.one("select period, label_zh from dim_period order by period limit 1")
    go(page, f"{dashboard.url}/?period={first['period']}", "总览")
    expect(
        page.get_by_text(f"{first['label_zh']}是系统中最早的报告期，没有上一季度可以比较。")
    ).to_be_visible()
