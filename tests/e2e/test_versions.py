"""From a unit's submissions to what a version changed, and where there is nothing to compare, why."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Province
from tests.e2e.marts import Marts
from tests.e2e.reading import go, rows, settled
from tests.e2e.server import Server
from tests.e2e.test_files import HEAD, download


@pytest.fixture(scope="module")
def corrected(province: Province) -> dict[str, Any]:
    """A planted correction: the returned file's cell, which the second version fills."""
    faults: list[dict[str, Any]] = province.truth["faults"]
    return next(fault for fault in faults if fault["class"] == "resubmitted")


def test_from_the_units_submissions_to_the_changed_cell(
    page: Page, dashboard: Server, marts: Marts, corrected: dict[str, Any], tmp_path: Path
) -> None:
    unit, period = corrected["unit_code"], corrected["period"]
    go(page, f"{dashboard.url}/unit?unit={unit}&period={period}", "单位画像")
    page.get_by_role("tab", name="报送与问题").click()
    page.get_by_role("link", name="与第1版比较").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("版本差异")
    expect(page).to_have_url(re.compile(f"versions.*unit={unit}.*period={period}.*from=1.*to=2"))
    settled(page)
    place = f"{corrected['sheet']}!{corrected['cell']}"
    listed = [row for row in rows(page, "两版报送的差别") if row["新单元格"] == place]
    second = marts.one(
        "select a.value, a.raw, a.question from answers a join submissions s using (submission_id) "
        "where s.unit_code = ? and s.period = ? and s.version = 2 and a.sheet = ? and a.cell = ?",
        unit, period, corrected["sheet"], corrected["cell"],
    )  # fmt: skip
    assert [(row["代码"], row["新答案"]) for row in listed] == [(second["question"], second["raw"])]
    assert listed[0]["原答案"] != listed[0]["新答案"]
    book = openpyxl.load_workbook(download(page, "下载差别（.xlsx）", tmp_path))
    head, *written = book["版本差异"].iter_rows(min_row=HEAD, values_only=True)
    taken = [dict(zip(head, row, strict=True)) for row in written]
    assert place in {row["新单元格"] for row in taken}
    assert len(taken) == len(rows(page, "两版报送的差别"))


def test_the_choice_of_versions_stands_in_the_address(
    page: Page, dashboard: Server, corrected: dict[str, Any]
) -> None:
    address = f"versions?unit={corrected['unit_code']}&period={corrected['period']}"
    go(page, f"{dashboard.url}/{address}&from=2&to=2", "版本差异")
    expect(page.get_by_text("第2版与第2版相比，没有差别。")).to_be_visible()
    expect(page.get_by_label("原版本")).to_have_value("第2版")
    go(page, f"{dashboard.url}/{address}&from=9", "版本差异")
    expect(page.get_by_text("第2版与第1版相比")).to_be_visible()


def test_where_there_is_nothing_to_compare_it_says_why(page: Page, dashboard: Server, marts: Marts) -> None:
    sent_once = "select unit_code from submissions where period = '2025Q3' group by 1 having max(version) = 1"
    (unit,), *_ = marts.rows(f"{sent_once} order by 1")
    go(page, f"{dashboard.url}/versions?unit={unit}&period=2025Q3", "版本差异")
    expect(page.get_by_text("第1版是收到的第一版，没有更早的版本可以比较。")).to_be_visible()
    never = "select unit_code, period from unit_reporting where state = 'not_reported' and n_refused = 0"
    (unit, period), *_ = marts.rows(f"{never} order by 1, 2")
    go(page, f"{dashboard.url}/versions?unit={unit}&period={period}", "版本差异")
    expect(page.get_by_text("没有收到该单位的报送，没有可以比较的版本。")).to_be_visible()
