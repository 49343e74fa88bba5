"""What the tests of returned workbooks share: a good workbook, findings about it, and a look at what comes back."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import openpyxl
from openpyxl.workbook.workbook import Workbook

from expectations import load_catalogue
from pipelines.intake.reading import Reading, read_submission
from pipelines.registry.model import Registry
from pipelines.returned.edit import returned
from pipelines.returned.list_sheet import Head
from pipelines.returned.remarks import Remark
from pipelines.workbook import layout
from tests.workbooks import filled_form, workbook_bytes

CATALOGUE = load_catalogue()
FORM = filled_form("school", "2025Q4", CATALOGUE)
GOOD = workbook_bytes(FORM, CATALOGUE)
REGISTRY = Registry((FORM.unit, *FORM.branches), "r" * 64)
HEAD = Head("填报单位：示例小学（320100S1）")
LATER = datetime(2026, 1, 5, tzinfo=UTC)
FORM_SHEET = layout.DIMENSION_SHEETS["learning"]


def remark(
    sheet: str | None, cell: str | None, severity: str = "block", cause: str = "超出范围", **changes: object
) -> Remark:
    base = Remark(
        severity,
        cause,
        sheet,
        cell,
        "",
        "学习次数",
        "99",
        "0至30",
        "请核对",
        "填的是“99”，应为0至30。请核对。",
        False,
    )
    return base._replace(**changes)  # type: ignore[arg-type]


def read(content: bytes) -> Reading:
    return read_submission(content, CATALOGUE, REGISTRY, LATER)


def load(content: bytes) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def unmarked(content: bytes) -> bytes:
    """Given back with no findings: the marks of an earlier return are off, and the list is empty."""
    return returned(content, [], HEAD)


def look(content: bytes) -> dict[tuple[str, str], tuple[object, ...]]:
    """Value, look and comment of every cell but the list's."""
    return {
        (sheet.title, cell.coordinate): (
            cell.value, cell.fill.fill_type, cell.fill.fgColor.value if cell.fill.fill_type else None, cell.number_format,
            cell.font.name, cell.font.sz, cell.border.left.style, cell.alignment.horizontal, cell.protection.locked,
            cell.comment.text if cell.comment else None,
        )
        for sheet in load(content).worksheets
        if layout.is_read(sheet.title) or sheet.title == layout.NOTES
        for row in sheet.iter_rows()
        for cell in row
    }  # fmt: skip


MARKS = [
    remark(FORM_SHEET, "D5"),
    remark(layout.LEDGER, "E9", "explain"),
    remark(layout.COVER, "B7", "inform"),
]
