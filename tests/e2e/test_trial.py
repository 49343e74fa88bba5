"""Trying out other rules on the page 示范点: the list moves, the official one does not, and a reset brings it back; and the contact points."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.marts import Marts
from tests.e2e.reading import go, number, rows, settled
from tests.e2e.server import Server
from tests.e2e.test_files import download

TRIAL, CAPTION = "/shortlist?year=2025&view=trial", "试算与正式名单"


def fill(page: Page, label: str, value: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(value)
    field.press("Enter")
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    settled(page)


def chosen(page: Page, column: str) -> set[str]:
    return {row["单位"] for row in rows(page, CAPTION) if row[column] == "入选"}


def test_a_quota_moves_the_trial_and_a_reset_brings_it_back(
    page: Page, dashboard: Server, marts: Marts
) -> None:
    official = {name for (name,) in marts.rows("select u.name from shortlist join dim_unit u using (unit_code) where year = 2025 and selected")}  # fmt: skip
    schools = marts.one(
        "select count(*) as n from shortlist where year = 2025 and selected and kind = 'school'"
    )["n"]
    assert schools > 1
    go(page, dashboard.url + TRIAL, "示范点")
    assert chosen(page, "正式名单") == chosen(page, "试算名单") == official

    fill(page, "学校", str(schools - 1))
    expect(page.get_by_text(f"改为{schools - 1}个。结果：新入选0个，不再入选1个。")).to_be_visible()
    assert chosen(page, "正式名单") == official
    assert len(chosen(page, "试算名单")) == len(official) - 1
    (out,) = official - chosen(page, "试算名单")
    (row,) = [row for row in rows(page, CAPTION) if row["单位"] == out]
    assert row["变化"].endswith("不再入选")
    assert "名额已满" in row["试算理由"]

    page.get_by_role("button", name="恢复为现行规定").click()
    expect(page.get_by_text("尚未改动")).to_be_visible()
    assert chosen(page, "试算名单") == official


def test_a_trial_stands_in_the_address(page: Page, dashboard: Server) -> None:
    go(page, dashboard.url + TRIAL, "示范点")
    fill(page, "学校", "3")
    fill(page, "允许未按时的季度数", "")
    tried = re.compile("学校.*改为3个.*允许未按时的季度数.*不作要求")
    expect(page.get_by_text(tried)).to_be_visible()
    settled(page)
    moved = rows(page, CAPTION)
    other = page.context.new_page()
    go(other, page.url, "示范点")
    expect(other.get_by_label("学校", exact=True)).to_have_value("3")
    expect(other.get_by_label("允许未按时的季度数", exact=True)).to_have_value("")
    expect(other.get_by_text(tried)).to_be_visible()
    settled(other)
    assert rows(other, CAPTION) == moved
    go(other, f"{dashboard.url}{TRIAL}&try_2025=quotas.school%3Dmany%3Bnothing%3D1", "示范点")
    expect(other.get_by_text("网址中有2项改动无法识别，未予采用（其中：学校）。")).to_be_visible()
    expect(other.get_by_text("尚未改动")).to_be_visible()
    other.close()
    page.go_back()
    expect(page.get_by_label("允许未按时的季度数", exact=True)).not_to_have_value("")
    expect(page.get_by_label("学校", exact=True)).to_have_value("3")


def test_weights_that_do_not_add_up_are_scaled_in_the_open(page: Page, dashboard: Server) -> None:
    go(page, dashboard.url + TRIAL, "示范点")
    before = {row["单位"]: number(row["试算得分"]) for row in rows(page, CAPTION)}
    fill(page, "学习型", "50")
    expect(page.get_by_text("四项权重合计120%，已按比例折算为合计100%")).to_be_visible()
    after = {row["单位"]: number(row["试算得分"]) for row in rows(page, CAPTION)}
    assert any(after[name] != score for name, score in before.items() if name in after)
    assert {row["单位"]: number(row["正式得分"]) for row in rows(page, CAPTION) if row["单位"] in before} == {
        name: score for name, score in before.items() if name in after
    }


@pytest.mark.parametrize(
    ("label", "change"),
    [
        ("允许的红色绩效预警项数", "允许的红色绩效预警项数由0改为不作要求"),
        ("最低总分（分）", "最低总分由60分改为不作要求"),
    ],
)
def test_a_gate_that_is_cleared_is_not_asked(page: Page, dashboard: Server, label: str, change: str) -> None:
    go(page, dashboard.url + TRIAL, "示范点")
    fill(page, label, "")
    expect(page.get_by_text(f"改动：{change}。")).to_be_visible()
    field = page.get_by_label(label, exact=True)
    expect(field).to_have_value("")
    expect(field).to_have_attribute("placeholder", "不作要求")
    # 0 is a demand, and a cleared quota is one of 0
    fill(page, label, "0")
    expect(page.get_by_text("改为不作要求")).to_have_count(0)
    fill(page, "学校", "")
    expect(page.get_by_text("改为0个（不设名额）")).to_be_visible()
    assert "本类单位不设名额。" in {row["试算理由"].partition("，")[2] for row in rows(page, CAPTION)}


def test_every_number_has_a_bound_and_no_hint_is_in_english(page: Page, dashboard: Server) -> None:
    go(page, dashboard.url + TRIAL, "示范点")
    fields = page.locator('[data-testid="stNumberInput"] input')
    expect(fields).to_have_count(14)
    for field in fields.all():
        assert float(str(field.get_attribute("max"))) <= 9999
        assert float(str(field.get_attribute("min"))) >= 0
    gate = page.get_by_label("完整报送年度的最低数", exact=True)  # narrower fields get no hint
    gate.click()
    gate.press("9")
    hint = page.get_by_test_id("InputInstructions")
    expect(hint).to_have_count(1)
    expect(hint).to_be_hidden()
    expect(page.get_by_text("按回车键或点击别处后重新试算")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080)])
def test_reasons_have_room(browser: Browser, dashboard: Server, width: int, height: int) -> None:
    """A sentence that is squeezed into a few characters a line cannot be read."""
    page = browser.new_page(viewport={"width": width, "height": height}, locale="zh-CN")
    try:
        go(page, f"{dashboard.url}/shortlist?year=2025", "示范点")
        table = page.locator('.sx-scroll[aria-label="名单"]')
        for name, least in (("理由", 170), ("优势、不足和变化", 300)):
            box = table.get_by_role("columnheader", name=name, exact=True).bounding_box()
            assert box
            assert box["width"] >= least, name
        assert table.evaluate("region => region.scrollWidth <= region.clientWidth")
    finally:
        page.close()


def test_the_trials_list_says_that_it_is_one(page: Page, dashboard: Server, tmp_path: Path) -> None:
    go(page, dashboard.url + TRIAL, "示范点")
    fill(page, "每市入选上限", "1")
    target = download(page, "下载名单（.xlsx）", tmp_path)
    assert "试算" in target.name
    for sheet in openpyxl.load_workbook(target):
        assert any("试算" in str(cell.value) for row in sheet.iter_rows(max_row=3) for cell in row), (
            sheet.title
        )


def test_the_contact_points_are_those_of_the_mart(page: Page, dashboard: Server, marts: Marts) -> None:
    go(page, f"{dashboard.url}/shortlist?year=2025&view=contacts", "示范点")
    held = marts.dicts(
        "select c.*, u.name from contact_points c join dim_unit u using (unit_code) where year = 2025 and selected"
    )
    assert held
    assert {row["单位"]: row["理由"] for row in rows(page, "联系点")} == {
        row["name"]: row["reason"] for row in held
    }
