"""What is taken along: files downloaded by clicking hold what the marts hold."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page

from tests.conftest import Province
from tests.e2e.marts import Marts
from tests.e2e.reading import go
from tests.e2e.server import Server

HEAD = 4  # title, remark, warning, head


def download(page: Page, button: str, folder: Path) -> Path:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button).last.click()
    target = folder / waiting.value.suggested_filename
    waiting.value.save_as(target)
    return target


def test_the_shortlist_as_xlsx(page: Page, dashboard: Server, marts: Marts, tmp_path: Path) -> None:
    go(page, f"{dashboard.url}/shortlist?year=2025", "示范点")
    target = download(page, "下载名单（.xlsx）", tmp_path)
    assert target.name == "三型_示范点名单_2025.xlsx"
    book = openpyxl.load_workbook(target)
    assert book.sheetnames == [
        "名单",
        "理由",
        "接近入选",
        "评分明细",
        "维度得分",
        "资格条件",
        "联系点",
        "方法与参数",
        "核验信息",
    ]
    for sheet in book:
        assert "示例数据" in str(sheet["A3"].value)
    held = {
        row["unit_code"]: row
        for row in marts.dicts(
            "select s.*, u.name from shortlist s join dim_unit u using (unit_code) where s.year = 2025"
        )
    }
    chosen = {code for code, row in held.items() if row["selected"]}
    head, *listed = book["名单"].iter_rows(min_row=HEAD, values_only=True)
    by_column = [dict(zip(head, row, strict=True)) for row in listed]
    assert {row["单位代码"] for row in by_column} == chosen
    head, *candidates = book["理由"].iter_rows(min_row=HEAD, values_only=True)
    by_column = [dict(zip(head, row, strict=True)) for row in candidates]
    assert len(by_column) == len(held) > len(chosen) > 0
    for row in by_column:
        mart = held[str(row["单位代码"])]
        assert (row["单位名称"], row["得分"], row["名次"], row["理由"], row["如何会改变结果"]) == (
            mart["name"], mart["score"], mart["rank"], mart["reason"], mart["what_would_change"],
        )  # fmt: skip
        assert row["结果"] == ("入选" if mart["selected"] else "未入选")


@pytest.mark.parametrize(
    ("button", "name"),
    [
        ("下载名单（.xlsx）", "三型_示范点名单_2025.xlsx"),
        ("下载报告（.docx）", "三型_示范点名单_2025.docx"),
        ("下载全部候选（.csv）", "三型_示范点名单_2025.csv"),
        ("下载.csv的核验清单", "三型_示范点名单_2025.csv.manifest.json"),
    ],
)
def test_the_page_hands_on_what_the_command_writes(
    page: Page, dashboard: Server, province: Province, tmp_path: Path, button: str, name: str
) -> None:
    province.sanxing(
        "shortlist", "--year", "2025", "-o", tmp_path / "list" / name.removesuffix(".manifest.json")
    )
    go(page, f"{dashboard.url}/shortlist?year=2025", "示范点")
    target = download(page, button, tmp_path)
    assert target.name == name
    assert target.read_bytes() == (tmp_path / "list" / name).read_bytes()


def test_the_findings_as_csv(page: Page, dashboard: Server, marts: Marts, tmp_path: Path) -> None:
    go(page, f"{dashboard.url}/quality?period=2025Q3", "数据质量")
    target = tmp_path / "findings.csv"
    with page.expect_download() as waiting:
        page.locator(".st-key-download-findings-csv").get_by_role("button").click()
    assert waiting.value.suggested_filename == "三型_问题清单_2025Q3.csv"
    waiting.value.save_as(target)
    content = target.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    listed = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    severities = marts.labels("severity")
    held = Counter(
        (severities[severity], unit, sheet or "—", cell or "—", message)
        for severity, unit, sheet, cell, message in marts.rows(
            "select f.severity, u.name, f.sheet, f.cell, f.message from findings f join submissions s using (submission_id) "
            "join dim_unit u on u.unit_code = f.unit_code "
            "where f.period = '2025Q3' and s.state not in ('superseded', 'refused')"
        )
    )
    assert held
    assert held == Counter(
        (row["程度"], row["单位"], row["工作表"], row["单元格"], row["问题与改法"]) for row in listed
    )
