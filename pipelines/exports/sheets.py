"""A workbook as an office hands it on: title, remark, native tables with frozen heads, A4. Knows no mart.

The same content gives the same bytes: the date of creation is given, never read from the clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import xlsxwriter
from xlsxwriter.format import Format

from pipelines.exports.cells import starts_formula

FIRST_ROW = 3
A4 = 9
WIDTHS = {
    "单位名称": 30,
    "理由": 48,
    "入选理由": 48,
    "内容": 78,
    "看到的情况": 60,
    "需要询问": 34,
    "可能的正常原因": 40,
    "涉及的行": 34,
    "检验方法": 22,
    "项目": 30,
    "同类组": 18,
    "单位代码": 13,
    "类别": 13,
    "单位类型": 13,
    "催办部门": 26,
    "自何时起": 12,
    "事项": 9,
    "处数": 7,
    "情况": 40,
}
DEFAULT_WIDTH = 10
PERCENTAGES = frozenset({"换权重仍入选"})


class Workbook:
    """An .xlsx under way; a context manager. `remark` and, where given, `warning` stand on every sheet."""

    def __init__(
        self, target: BinaryIO | Path, title: str, created: datetime, remark: str, warning: str | None
    ) -> None:
        self._book = xlsxwriter.Workbook(
            str(target) if isinstance(target, Path) else target, {"in_memory": True}
        )
        self._book.set_properties(
            {"title": title, "author": "三型", "comments": warning or "", "created": created}
        )
        self._remark, self._warning = remark, warning
        self._title = self._format(font_size=16, bold=True)
        self._small = self._format(font_color="#55606E")
        self._alert = self._format(bold=True, font_color="#8C1D18")
        self._head = self._format(bold=True, bg_color="#E8F0F8", border=1, text_wrap=True)
        cell = {"border": 1, "border_color": "#C5CCD6"}
        self._text = self._format(text_wrap=True, **cell)
        self._inert = self._format(text_wrap=True, quote_prefix=True, **cell)
        self._count = self._format(align="center", **cell)
        self._decimal = self._format(align="center", num_format="0.00", **cell)
        self._date = self._format(align="center", num_format="yyyy-mm-dd", **cell)
        self._percentage = self._format(align="center", num_format="0.0%", **cell)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._book.close()

    def sheet(
        self,
        name: str,
        title: str,
        header: Sequence[str],
        rows: Sequence[Sequence[object]],
        empty: str,
        foot: Sequence[object] = (),
    ) -> None:
        """A sheet with one table, and below it `foot`, a line that sorting and filters leave alone; without rows, the sentence `empty`."""
        sheet = self._book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&C第 &P 页 共 &N 页")
        sheet.set_row(0, 26)
        sheet.write_string(0, 0, title, self._title)
        sheet.write_string(1, 0, self._remark, self._small)
        if self._warning:
            sheet.write_string(2, 0, self._warning, self._alert)
            sheet.set_header(f"&R{self._warning}")
        if not rows:
            sheet.write_string(FIRST_ROW, 0, empty, self._text)
            return
        last_row, last_column = FIRST_ROW + len(rows), len(header) - 1
        columns = [{"header": heading, "header_format": self._head} for heading in header]
        sheet.add_table(
            FIRST_ROW, 0, last_row, last_column, {"columns": columns, "style": "Table Style Light 1"}
        )
        for column, heading in enumerate(header):
            sheet.set_column(column, column, WIDTHS.get(heading, DEFAULT_WIDTH))
        for line, row in enumerate([*rows, foot] if foot else rows, FIRST_ROW + 1):
            for column, value in enumerate(row):
                number = self._percentage if header[column] in PERCENTAGES else self._decimal
                self._write(sheet, line, column, value, number)
        sheet.freeze_panes(FIRST_ROW + 1, 0)
        sheet.repeat_rows(FIRST_ROW)
        sheet.print_area(0, 0, last_row + bool(foot), last_column)

    def _write(
        self, sheet: xlsxwriter.worksheet.Worksheet, line: int, column: int, value: object, number: Format
    ) -> None:
        """Text is always a string: what looks like a formula also carries Excel's own mark for text."""
        if isinstance(value, str):
            sheet.write_string(line, column, value, self._inert if starts_formula(value) else self._text)
        elif isinstance(value, date):
            sheet.write_datetime(line, column, value, self._date)
        elif isinstance(value, int | float):
            sheet.write_number(line, column, value, number if isinstance(value, float) else self._count)
        else:
            sheet.write_blank(line, column, None, self._text)

    def _format(self, **properties: object) -> Format:
        return self._book.add_format(
            {"font_name": "宋体", "font_size": 10.5, "valign": "vcenter", **properties}
        )
