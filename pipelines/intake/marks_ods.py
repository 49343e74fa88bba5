"""What the cells of an .ods show beside their values: told by the type that the file gives a cell, and by the text that it shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from xml.etree import ElementTree as ET

from pipelines.intake.bounds import MOST_COLUMNS, MOST_ROWS
from pipelines.intake.marks import Mark, Places, root_of

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_PARAGRAPH = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}p"
_TYPE_IN_LIBREOFFICE = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_ROW = f"{_TABLE}table-row"
_ROWS = {f"{_TABLE}{name}" for name in ("table-row-group", "table-header-rows", "table-rows")}
_CELLS = {f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"}
_ERROR = re.compile(r"#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!)|(?:Err|错误)[:：]\d{3}")
_TRUTH = {"TRUE", "FALSE"}
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,15})?")


def read_ods_marks(parts: dict[str, bytes]) -> Places:
    """Marks by sheet and place, from the XML parts of a package. Raises Refusal (damaged_file)."""
    spreadsheet = root_of(parts.get("content.xml", b"<none/>")).find(f"{_OFFICE}body/{_OFFICE}spreadsheet")
    tables = spreadsheet.findall(f"{_TABLE}table") if spreadsheet is not None else []
    return {table.get(f"{_TABLE}name", ""): dict(_marks_of(table)) for table in tables}


def _marks_of(table: ET.Element) -> Iterator[tuple[tuple[int, int], Mark]]:
    row = 0
    for element in _rows(table):
        below = row + _times(element, "number-rows-repeated")
        column = 0
        for cell in element:
            if cell.tag not in _CELLS:
                continue
            right = column + _times(cell, "number-columns-repeated")
            mark = _mark(cell)
            if mark is not None:
                for r in range(row, min(below, MOST_ROWS)):
                    yield from (((r, c), mark) for c in range(column, min(right, MOST_COLUMNS)))
            column = right
        row = below


def _rows(parent: ET.Element) -> Iterator[ET.Element]:
    """The rows of a table, those in groups in their place."""
    for element in parent:
        if element.tag == _ROW:
            yield element
        elif element.tag in _ROWS:
            yield from _rows(element)


def _times(element: ET.Element, name: str) -> int:
    given = element.get(f"{_TABLE}{name}", "1")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 1


def _mark(cell: ET.Element) -> Mark | None:
    kind = cell.get(f"{_OFFICE}value-type")
    has_formula = f"{_TABLE}formula" in cell.attrib
    if kind is None and not has_formula:
        return None
    shown = "".join("".join(part.itertext()) for part in cell.findall(_PARAGRAPH)).strip()
    if cell.get(_TYPE_IN_LIBREOFFICE) == "error" or (has_formula and _ERROR.fullmatch(shown)):
        return Mark.ERROR
    if kind is None and not shown:
        return Mark.UNCALCULATED
    if kind == "percentage":
        return Mark.PERCENT
    # The result of a formula is a number to LibreOffice also where it shows a truth value.
    if kind == "boolean" or (kind == "float" and shown in _TRUTH):
        return Mark.BOOLEAN
    return (
        _signed(cell.get(f"{_OFFICE}value", ""), shown) if kind == "float" and shown.endswith("%") else None
    )


def _signed(value: str, shown: str) -> Mark:
    """Whether a number that is shown with a percent sign is shown as itself or a hundred times as large."""
    digits = shown.removesuffix("%").replace(",", "")
    if not _NUMBER.fullmatch(digits) or not _NUMBER.fullmatch(value):
        return Mark.PERCENT_SIGN
    number, seen = Decimal(value), Decimal(digits)
    return Mark.PERCENT if abs(seen - number * 100) < abs(seen - number) else Mark.PERCENT_SIGN
