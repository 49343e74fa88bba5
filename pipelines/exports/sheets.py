"""A workbook as an office hands it on: title, remark, native tables with frozen heads, A4. Knows no mart.

Rows are written as they come and never held, so a table of hundreds of thousands costs no memory. The same content gives the same
bytes: the date of creation is given, never read from the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Sized
from datetime import date, datetime
from math import ceil
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self
from unicodedata import east_asian_width

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from pipelines.exports.cells import fitting, legal, starts_formula

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
    "突出方面": 40,
    "主要差距": 40,
    "如何会改变结果": 44,
    "未列入原因": 44,
    "指标": 30,
    "条件": 16,
    "要求": 26,
    "实际情况": 34,
    "状态": 14,
}
DEFAULT_WIDTH = 10
LINE_HEIGHT, HIGHEST = 15.0, 409.0  # points; no row may be higher
SLACK = 1.1  # a line is seldom filled to its end
DECIMALS = "0.00"
NUMBERS = {
    "换计分办法仍入选": "0.0%",
    "优于同类": "0.0%",
    **dict.fromkeys(("分子", "分母", "标准", "应完成比例"), "General"),
    **dict.fromkeys(
        (
            "实际值",
            "达成度",
            "维度内权重",
            "占总分权重",
            "区间下限",
            "区间上限",
            "同类中位数",
            "数值",
            "中心线",
            "控制下限",
            "控制上限",
        ),
        "0.0000",
    ),
}


class StreamedSheet(Worksheet):  # type: ignore[misc]
    """A worksheet whose rows go to disk as they are written, with a native table nevertheless."""

    def declare_table(self, first_row: int, last_row: int, header: Sequence[str], head: Format) -> None:
        """A table whose head is the next row to write.

        xlsxwriter has none while it streams, because it writes the head and remembers every cell of the area. So the table is declared
        over head and first row, and its area set afterwards; the head is written again as a streamed row holds it.
        """
        last_column = len(header) - 1
        columns = [{"header": heading} for heading in header]
        self.constant_memory = False
        try:
            self.add_table(
                first_row,
                0,
                first_row + 1,
                last_column,
                {"columns": columns, "style": "Table Style Light 1"},
            )
        finally:
            self.constant_memory = True
        area = xl_range(first_row, 0, last_row, last_column)
        self.tables[-1].update(range=area, a_range=area, autofilter=area)
        for column, heading in enumerate(header):
            self.write_string(first_row, column, heading, head)


class Workbook:
    """An .xlsx under way; a context manager. `remark` and, where given, `warning` stand on every sheet.

    properties: more facts for the document's properties, by name.
    """

    def __init__(
        self,
        target: BinaryIO | Path,
        title: str,
        created: datetime,
        remark: str,
        warning: str | None,
        properties: Mapping[str, str] | None = None,
    ) -> None:
        self._book = xlsxwriter.Workbook(
            str(target) if isinstance(target, Path) else target, {"constant_memory": True}
        )
        self._book.set_properties(
            {"title": title, "author": "三型", "comments": warning or "", "created": created}
        )
        for name, value in (properties or {}).items():
            self._book.set_custom_property(name, value, "text")
        self._remark, self._warning = remark, warning
        self._title = self._format(font_size=16, bold=True)
        self._small = self._format(font_color="#55606E")
        self._alert = self._format(bold=True, font_color="#8C1D18")
        self._head = self._format(bold=True, bg_color="#E8F0F8", border=1, text_wrap=True)
        cell = {"border": 1, "border_color": "#C5CCD6"}
        self._text = self._format(text_wrap=True, **cell)
        self._inert = self._format(text_wrap=True, quote_prefix=True, **cell)
        self._count = self._format(align="center", **cell)
        self._date = self._format(align="center", num_format="yyyy-mm-dd", **cell)
        self._numbers = {
            form: self._format(align="center", num_format=form, **cell)
            for form in (DECIMALS, *dict.fromkeys(NUMBERS.values()))
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the file. A system that refuses is told as OSError; what went wrong before says more than a file left half."""
        try:
            self._book.close()
        except FileCreateError as refused:
            if error is None:
                raise refused.args[0] from refused

    def sheet(
        self,
        name: str,
        title: str,
        header: Sequence[str],
        rows: Iterable[Sequence[object]],
        empty: str,
        foot: Sequence[object] = (),
        *,
        printed: int | None = None,  # columns that go on paper, where not all do
        fitted: bool = False,  # rows as high as their texts need, which not every office program sees to
        count: int | None = None,
        widths: Mapping[str, int] | None = None,
    ) -> None:
        """A sheet with one table, and below it `foot`, a line that sorting and filters leave alone; without rows, the sentence `empty`.

        count: how many rows there are, where `rows` cannot tell. widths: of columns that need others than WIDTHS has, by heading.
        """
        if count is None:
            if not isinstance(rows, Sized):
                raise TypeError("rows that come as a stream need their count")
            count = len(rows)
        sheet: StreamedSheet = self._book.add_worksheet(name, StreamedSheet)
        self._page(sheet)
        known = {**WIDTHS, **(widths or {})}
        for column, heading in enumerate(header):
            sheet.set_column(column, column, known.get(heading, DEFAULT_WIDTH))
        self._heading(sheet, title)
        if not count:
            sheet.write_string(FIRST_ROW, 0, empty, self._text)
            return
        last_row = FIRST_ROW + count
        sheet.declare_table(FIRST_ROW, last_row, header, self._head)
        numbers = [self._numbers[NUMBERS.get(heading, DECIMALS)] for heading in header]
        line = FIRST_ROW
        wide = [known.get(heading, DEFAULT_WIDTH) for heading in header]
        for line, row in enumerate(rows, FIRST_ROW + 1):
            if fitted:
                sheet.set_row(line, min(HIGHEST, LINE_HEIGHT * _lines(row, wide)))
            self._row(sheet, line, row, numbers)
        if line != last_row:
            raise ValueError(f"{name}: {line - FIRST_ROW} rows came, {count} were announced")
        if foot:
            self._row(sheet, last_row + 1, foot, numbers)
        sheet.freeze_panes(FIRST_ROW + 1, 0)
        sheet.repeat_rows(FIRST_ROW)
        sheet.print_area(0, 0, last_row + bool(foot), (printed or len(header)) - 1)

    def _page(self, sheet: StreamedSheet) -> None:
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&C第 &P 页 共 &N 页")
        if self._warning:
            sheet.set_header(f"&R{self._warning}")

    def _heading(self, sheet: StreamedSheet, title: str) -> None:
        sheet.set_row(0, 26)
        sheet.write_string(0, 0, legal(title), self._title)
        sheet.write_string(1, 0, self._remark, self._small)
        if self._warning:
            sheet.write_string(2, 0, self._warning, self._alert)

    def _row(self, sheet: StreamedSheet, line: int, row: Sequence[object], numbers: Sequence[Format]) -> None:
        """Text is always a string: what looks like a formula also carries Excel's own mark for text."""
        for column, value in enumerate(row):
            if isinstance(value, str):
                text = fitting(legal(value))
                sheet.write_string(line, column, text, self._inert if starts_formula(text) else self._text)
            elif isinstance(value, date):
                sheet.write_datetime(line, column, value, self._date)
            elif isinstance(value, float):
                sheet.write_number(line, column, value, numbers[column])
            elif isinstance(value, int):
                sheet.write_number(line, column, value, self._count)
            else:
                sheet.write_blank(line, column, None, self._text)

    def _format(self, **properties: object) -> Format:
        return self._book.add_format(
            {"font_name": "宋体", "font_size": 10.5, "valign": "vcenter", **properties}
        )


def _lines(row: Sequence[object], widths: Sequence[float]) -> int:
    """How many lines the longest text of a row takes in columns of these widths (in figures; a Chinese character is two wide)."""
    lines = [
        ceil(sum(1 + (east_asian_width(letter) in "FWA") for letter in value) * SLACK / width)
        for value, width in zip(row, widths, strict=True)
        if isinstance(value, str)
    ]
    return max([1, *lines])
