"""Where an answer stands in a written workbook: read back from its own codes, so that the truth names the cell that is really there."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import NamedTuple

from python_calamine import CalamineWorkbook

from expectations.forms import LedgerColumn
from pipelines.workbook import layout
from pipelines.workbook.form import Slot


class Address(NamedTuple):
    """A sheet and a cell of it, `D7`."""

    sheet: str
    cell: str


def answer_addresses(content: bytes, columns: Iterable[LedgerColumn]) -> dict[Slot, Address]:
    """The cell of every answer, on the own form and on the ledger."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    found: dict[Slot, Address] = {}
    for name in book.sheet_names:
        rows = [
            [str(value).strip() for value in row]
            for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        ]
        if name in layout.DIMENSION_SHEETS.values():
            found |= _form_addresses(name, rows)
        elif name == layout.LEDGER:
            found |= _ledger_addresses(name, rows, columns)
    return found


def cover_address(content: bytes, label: str) -> Address:
    """The cell of the cover's value for a label: the first one right of it that is not empty. Raises KeyError where it is not."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    for r, row in enumerate(book.get_sheet_by_name(layout.COVER).to_python(skip_empty_area=False)):
        if label in row:
            start = row.index(label) + 1
            return Address(layout.COVER, a1(r, next(c for c in range(start, len(row)) if row[c] != "")))
    raise KeyError(label)


def a1(row: int, column: int) -> str:
    """`D7` for row 6, column 3."""
    letters, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row + 1}"


def _form_addresses(sheet: str, rows: list[list[str]]) -> dict[Slot, Address]:
    head = next(r for r, row in enumerate(rows) if layout.CODE in row and layout.CURRENT in row)
    code, current = rows[head].index(layout.CODE), rows[head].index(layout.CURRENT)
    return {
        Slot(row[code]): Address(sheet, a1(r, current))
        for r, row in enumerate(rows[head + 1 :], head + 1)
        if row[code]
    }


def _ledger_addresses(
    sheet: str, rows: list[list[str]], columns: Iterable[LedgerColumn]
) -> dict[Slot, Address]:
    head = next(r for r, row in enumerate(rows) if layout.BRANCH_CODE in row)
    branch = rows[head].index(layout.BRANCH_CODE)
    places = [(entry, rows[head].index(entry.code)) for entry in columns]
    return {
        Slot(entry.question.code, row[branch], entry.month): Address(sheet, a1(r, column))
        for r, row in enumerate(rows[head + 1 :], head + 1)
        if row[branch]
        for entry, column in places
    }
