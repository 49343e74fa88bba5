"""What every sheet has in common: paper, margins, footer, protection, and the lines above the table."""

from __future__ import annotations

from xlsxwriter.worksheet import Worksheet

from expectations.catalogue import Catalogue
from pipelines.workbook.form import UnitForm
from pipelines.workbook.layout import PERIOD, SYNTHETIC

A4 = 9
# Without a password: protection guards against slips, and a clerk may still fit columns and rows to a long text.
PROTECTION = {"format_columns": True, "format_rows": True}
_LONGEST_NAME = 60


def period_line(form: UnitForm) -> str:
    return f"{PERIOD}：{form.period}（{form.period.label_zh}）"


def unit_line(form: UnitForm) -> str:
    return f"填报单位：{form.unit.name}（{form.unit.unit_code}）"


def synthetic_mark(form: UnitForm) -> str:
    """Empty for a real unit."""
    return f"{SYNTHETIC}：本表单位和数据均为演示用" if form.unit.is_synthetic else ""


def table_number(catalogue: Catalogue, dimension: str | None) -> str:
    """The official number of a table; None is the ledger, which comes last."""
    codes = [entry.code for entry in catalogue.kinds.dimensions]
    return f"三型{len(codes) + 1 if dimension is None else codes.index(dimension) + 1}表"


def set_up(sheet: Worksheet, form: UnitForm, *, landscape: bool, pages_wide: int = 1) -> None:
    """A4, fitted to the page's width, with page numbers and unit and period in the footer; protected."""
    sheet.set_paper(A4)
    if landscape:
        sheet.set_landscape()
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.center_horizontally()
    sheet.fit_to_pages(pages_wide, 0)
    name = form.unit.name[:_LONGEST_NAME].replace("&", "&&")
    sheet.set_footer(f"&L{name}&C第 &P 页 共 &N 页&R{form.period}")
    if form.unit.is_synthetic:
        sheet.set_header(f"&R{SYNTHETIC}")
    sheet.hide_gridlines(2)
    sheet.protect("", PROTECTION)
