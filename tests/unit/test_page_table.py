"""A page's table as a workbook: what is read there, openable everywhere, and nothing that runs."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.exports.page_table import headings, sheet_name, write_page_table
from pipelines.marts.published import PublishedRun

RUN = PublishedRun(Path("nowhere"), {"run": "abc", "synthetic": True, "clock": "2026-01-20T00:00:00+00:00"})


def written(caption: str, header: list[str], rows: list[list[str]]) -> openpyxl.worksheet.worksheet.Worksheet:
    target = io.BytesIO()
    write_page_table(RUN, caption, header, rows, target)
    return openpyxl.load_workbook(target).active


def test_a_table_says_what_the_page_says() -> None:
    sheet = written(
        "本期指标", ["指标", "实际值", "单位数"], [["学习参与率", "89.96%", "12"], ["=1+1", "—", "007"]]
    )
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)] == [
        ["指标", "实际值", "单位数"],
        ["学习参与率", "89.96%", 12],
        ["=1+1", "—", "007"],
    ]
    assert sheet["A6"].data_type == "s"
    assert sheet["A6"].quotePrefix
    assert "示例数据" in sheet["A3"].value
    assert sheet.tables.popitem()[1].ref == "A4:C6"


def test_without_rows_it_says_so() -> None:
    assert written("空表", ["指标"], [])["A4"].value == "没有可以列出的内容。"


@pytest.mark.parametrize(
    ("titles", "names"),
    [
        (["指标", "指标"], ["指标", "指标（2）"]),
        (["", "名称", ""], ["列1", "名称", "列3"]),
        (["A", "a", "A（2）"], ["A", "a（2）", "A（2）（2）"]),
    ],
)
def test_no_two_columns_have_one_name(titles: list[str], names: list[str]) -> None:
    assert headings(titles) == names


@given(st.text(max_size=60))
def test_any_caption_names_a_sheet(caption: str) -> None:
    name = sheet_name(caption)
    assert 0 < len(name) <= 31
    assert not set(name) & set("[]:*?/\\'")
