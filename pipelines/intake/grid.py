"""A workbook as grids of cells with their addresses. Every parser quirk is kept in here."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, XmlError, ZipError

from pipelines.intake.bounds import NotAWorkbook, check_bounds

CellValue = int | float | str | bool | time | date | datetime | timedelta


def address(row: int, column: int) -> str:
    """`D7` for row 6, column 3 (both from 0)."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


@dataclass(frozen=True)
class Grid:
    """One sheet: rows of cells from A1 on; an empty cell is ''."""

    name: str
    rows: list[list[CellValue]]

    def at(self, row: int, column: int) -> CellValue:
        return self.rows[row][column] if row < len(self.rows) and column < len(self.rows[row]) else ""

    def text_at(self, row: int, column: int) -> str:
        return as_text(self.at(row, column))

    def find_row(self, *words: str) -> tuple[int, dict[str, int]] | None:
        """The first row that holds all these words, with the column of each text in it; None where there is none."""
        for index, row in enumerate(self.rows):
            columns: dict[str, int] = {}
            for column, value in enumerate(row):
                if isinstance(value, str) and value != "":
                    columns.setdefault(as_text(value), column)
            if all(word in columns for word in words):
                return index, columns
        return None

    def texts(self) -> Iterator[tuple[int, int, str]]:
        """All non-empty text cells: row, column, text."""
        for r, row in enumerate(self.rows):
            for c, value in enumerate(row):
                if isinstance(value, str) and value.strip():
                    yield r, c, as_text(value)


def as_text(value: CellValue) -> str:
    """A cell as the text that a reader sees: whole floats without the point, blanks stripped."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip()


def open_grids(content: bytes) -> dict[str, Grid]:
    """The visible and hidden sheets by name. Raises OutOfBounds or NotAWorkbook; never anything else for bad bytes."""
    check_bounds(content)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return {
            name: Grid(name, workbook.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for name in workbook.sheet_names
        }
    except (CalamineError, PasswordError, XmlError, ZipError, ValueError, OSError) as error:
        raise NotAWorkbook("文件已损坏或已加密，无法读取") from error
