"""The tab 趋势 and the page 趋势 in a browser: an indicator and a grain are chosen, signals are named in words, the table can be taken along."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.reading import figures, go, rows, settled
from tests.e2e.server import Server
from tests.marts import publish

NOW = "2025Q4"
POINTS = [f"{year}Q{quarter}" for year in range(2022, 2026) for quarter in (1, 2, 3, 4)]
HOURS = {"unit_code": "S1", "indicator": "hours", "grain": "quarter"}


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One school: hours that fall for seven quarters with one quarter missing, two months of a share, four years."""
    home = tmp_path_factory.mktemp("trends")
    city = {"city_code": "320100", "city": "南京市"}
    limits = {"centre": 10.0, "lower": 8.0, "upper": 12.0, "peer_median": 10.5, "standard": 10.0}
    points = [
        {**HOURS, "point": point, "value": 10.0 if i < 9 else 9.6 - i / 10, "signal": "none" if i < 9 else "shift",
         "side": None if i < 9 else "low", **limits}
        for i, point in enumerate(POINTS) if point != "2023Q2"
    ]  # fmt: skip
    years = [
        {"unit_code": "S1", "indicator": "hours", "grain": "year", "point": str(year), "value": 50.0 - year + 2000, "signal": "too_few_points"}
        for year in range(2022, 2026)
    ]  # fmt: skip
    month = {
        "unit_code": "S1",
        "indicator": "share",
        "grain": "month",
        "signal": "too_few_points",
        "centre": 0.95,
    }
    shares = [{**month, "point": f"2025-{m}", "value": value} for m, value in (("11", 1.0), ("12", 0.9))]
    known = {"dimension": "learning", "clause": "L3.5", "direction": "higher", "grain": "unit", "per": "year"}
    tests = [
        {**HOURS, "points": 15, "first_point": POINTS[0], "last_point": NOW, "judged": True, "assurance": "inconsistent"},
        {**HOURS, "grain": "year", "points": 4, "first_point": "2022", "last_point": "2025"},
        {"unit_code": "S1", "indicator": "share", "grain": "month", "points": 2, "first_point": "2025-11", "last_point": "2025-12"},
    ]  # fmt: skip
    everywhere = [*({**HOURS, "point": point} for point in POINTS), *years, *shares]
    publish(
        home / "data" / "marts",
        {
            "dim_period": [{"period": NOW, "year": 2025, "quarter": 4, "label_zh": "2025年第四季度", "is_due": True}],
            "dim_city": [{"city_code": "320100", "name": "南京市", "short": "南京"}],
            "dim_unit": [{"unit_code": "S1", "name": "一小", "kind": "school", "category": "primary", "peer_group": "x", **city}],
            "dim_clause": [{"clause": "L3.5", "label_zh": "学时", "dimension": "learning"}],
            "dim_indicator": [
                {"indicator": "hours", "label_zh": "人均学时", "unit": "学时", "standard": 40, "compare": "at_least", **known},
                {"indicator": "share", "label_zh": "参学率", "unit": "%", **known},
            ],
            "dim_label": [
                {"enumeration": "time_grain", "code": code, "label_zh": zh} for code, zh in (("month", "月"), ("quarter", "季"), ("year", "年"))
            ],
            "trends": [*points, *years, *shares],
            "trend_tests": tests,
            "group_trends": [
                {key: value for key, value in row.items() if key in ("indicator", "grain", "point")}
                | {"group_kind": kind, "group_code": group, "signal": "none"}
                for kind, group in (("province", "province"), ("city", "320100"))
                for row in everywhere
            ],
            "group_trend_tests": [
                {**{key: value for key, value in row.items() if key != "unit_code"}, "group_kind": "city", "group_code": "320100", "assurance": None}
                for row in tests
            ],
            "flags": [
                {"unit_code": "S1", "period": NOW, "kind": "trend", "level": "watch", "indicator": "hours", "clause": "L3.5", "run_since": NOW,
                 "reason": "一小2025年第四季度“人均学时”按季看持续低于以往平均水平，请了解变化原因。"},
            ],
        },
    )  # fmt: skip
    with Server(home) as server:
        yield server


def opened(page: Page, dashboard: Server, query: str = "trend=hours") -> None:
    go(page, f"{dashboard.url}/unit?unit=S1&period={NOW}&{query}", "单位画像")
    expect(page.get_by_role("tab", name="趋势")).to_have_attribute("aria-selected", "true")


def test_the_chart_names_its_signals_and_the_table_says_what_they_mean(page: Page, dashboard: Server) -> None:
    opened(page, dashboard)
    expect(page.get_by_text("“连续7点偏低（变差）”，从2024Q2起")).to_be_visible()
    expect(page.get_by_text("不能保证全年达标")).to_be_visible()
    legend = page.locator(".js-plotly-plot .legendtext")
    for name in (
        "连续7点偏低（变差）",
        "中心线",
        "控制上限和下限",
        "标准（年度标准按季折算）",
        "同类中位数",
        "本单位",
    ):
        expect(legend.filter(has_text=name).first).to_be_visible()
    table = {row["时间"]: row for row in rows(page, "人均学时：按季的趋势")}
    assert list(table) == POINTS[::-1]
    assert (table["2023Q2"]["数值"], table["2023Q2"]["判断"]) == ("—", "没有数值")
    assert table["2025Q4"]["判断"] == "■连续7点偏低（变差）"
    page.get_by_text("数据表").last.click()
    hint = page.locator('.sx-table abbr[data-meaning*="水平已经整体变低"]').first
    expect(hint).to_be_visible()


def test_another_grain_and_indicator_stand_in_the_address(page: Page, dashboard: Server) -> None:
    opened(page, dashboard)
    page.get_by_role("radio", name="年").or_(page.get_by_role("button", name="年", exact=True)).first.click()
    expect(page.get_by_text("不足5年，怎样的升降都可能只是偶然。")).to_be_visible()
    settled(page)
    assert "grain=year" in page.url
    opened(page, dashboard, "trend=share&grain=month")
    expect(page.locator(".sx-reading").filter(has_text="还不足12个点，暂不判断")).to_be_visible()
    assert [row["数值"] for row in rows(page, "参学率：按月的趋势")] == ["90.0%", "100.0%"]


def test_the_table_can_be_taken_along(page: Page, dashboard: Server, tmp_path: Path) -> None:
    opened(page, dashboard)
    page.get_by_text("数据表").last.click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="下载表格（.csv）").filter(visible=True).last.click()
    assert waiting.value.suggested_filename == "三型_趋势_S1_人均学时_季_2025Q4.csv"
    waiting.value.save_as(tmp_path / "taken.csv")
    lines = list(csv.DictReader(io.StringIO((tmp_path / "taken.csv").read_text("utf-8-sig"))))
    assert [line["时间"] for line in lines] == POINTS[::-1]
    assert lines[0]["控制下限"] == "8学时"


def test_a_flagged_unit_of_a_city_leads_to_its_chart(page: Page, dashboard: Server) -> None:
    go(page, f"{dashboard.url}/trends?scope=city&city=320100&period={NOW}", "趋势")
    expect(page.get_by_text("南京市1个单位中，1个单位本级新出现趋势预警。")).to_be_visible()
    (flagged,) = rows(page, "南京市2025年第四季度新出现的趋势预警")
    assert flagged["单位、支部"] == "一小"
    assert "持续低于以往平均水平" in flagged["情况"]
    page.locator('.sx-scroll[aria-label^="南京市2025"] td a').click()
    expect(page.get_by_text("“连续7点偏低（变差）”，从2024Q2起")).to_be_visible()
    assert "unit=S1" in page.url
    assert figures(page) == {
        "变差的信号": "1", "变好的信号": "0", "正常波动": "0", "点数不足，暂不判断": "1",
    }  # fmt: skip
    (worse,) = rows(page, "一小各项指标的趋势")
    assert worse["判断"] == "■连续7点偏低（变差）"
    assert worse["各年升降"] == "只有4年，不足5年，暂不判断"


def test_where_a_group_has_no_points_the_page_says_so(page: Page, dashboard: Server) -> None:
    go(page, f"{dashboard.url}/trends?scope=kind&kind=university&period={NOW}", "趋势")
    expect(page.locator(".sx-empty")).to_contain_text("还没有可以画出趋势的数值")


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080)])
def test_nothing_runs_out_of_the_window(browser: Browser, dashboard: Server, width: int, height: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": height}, locale="zh-CN")
    try:
        opened(page, dashboard)
        expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
        wide = page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert wide
        for box in page.locator(".js-plotly-plot").all():
            place = box.bounding_box()
            assert place is None or place["x"] + place["width"] <= width
    finally:
        page.close()
