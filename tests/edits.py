"""Changing a workbook's bytes: through another library as a clerk would, and part by part."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping

import openpyxl
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

Edit = Callable[[Workbook], object]


def edited(edit: Edit, content: bytes) -> bytes:
    """The workbook after `edit`, saved by openpyxl."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    edit(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def row_of(sheet: Worksheet, code: str) -> int:
    """The row whose first cell holds this code."""
    return next(cell.row for cell in sheet["A"] if cell.value == code)


def column_of(sheet: Worksheet, code: str) -> int:
    """The first column that holds this code."""
    return next(cell.column for row in sheet.iter_rows() for cell in row if cell.value == code)


def unmerged(sheet: Worksheet) -> Worksheet:
    """Merged heads stand in the way of inserted rows in openpyxl; the reader does not look at them."""
    for merged in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(str(merged))
    return sheet


def reverse_rows(sheet: Worksheet, first: int) -> None:
    """Turn the order of all rows from `first` on."""
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=first)]
    for number, values in enumerate(reversed(rows), first):
        for column, value in enumerate(values, 1):
            sheet.cell(number, column).value = value  # type: ignore[union-attr]


def parts_of(content: bytes) -> dict[str, bytes]:
    """The parts of a package by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def package_of(parts: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A package of these parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as package:
        for name, part in parts.items():
            package.writestr(name, part)
    return target.getvalue()


def ole(*streams: str) -> bytes:
    """The beginning of an OLE file with streams of these names."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    return head + b"".join(stream.encode("utf-16-le") + bytes(64) for stream in streams)
