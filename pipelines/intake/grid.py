"""A workbook as grids of cells with their addresses. Every parser quirk is kept in here."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, XmlError, ZipError

from pipelines.intake.bounds import MOST_COLUMNS, MOST_ROWS, MOST_SHEETS, check_size, inflate
from pipelines.intake.formats import Format, sniff
from pipelines.intake.long_table import table_rows
from pipelines.intake.marks import Mark, Marks, Places, read_marks
from pipelines.intake.notes import Note, find_notes
from pipelines.intake.refusal import Refusal

CellValue = int | float | str | bool | time | date | datetime | timedelta
CSV_SHEET = "CSV"
_BLANKS = re.compile(r"\s+")
# Texts up to this length are labels as thousands of forms have them: what was made of one is remembered.
_LABEL = 100


@lru_cache(maxsize=50_000)
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
    """One sheet: rows of cells from A1 on; an empty cell is ''. `marks` says what a cell shows beside its value."""

    name: str
    rows: list[list[CellValue]]
    marks: dict[str, Mark] = field(default_factory=dict)

    def at(self, row: int, column: int) -> CellValue:
        return self.rows[row][column] if row < len(self.rows) and column < len(self.rows[row]) else ""

    def text_at(self, row: int, column: int) -> str:
        return as_text(self.at(row, column))

    def find_row(self, *words: str) -> tuple[int, dict[str, int]] | None:
        """The first row that holds all these words, with the column of each text in it; None where there is none.

        Words are compared as a reader would: blanks, line breaks and full-width forms make no difference.
        """
        for index, row in enumerate(self.rows):
            columns: dict[str, int] = {}
            for column, value in enumerate(row):
                if isinstance(value, str) and value != "":
                    columns.setdefault(squeezed(value), column)
            if all(word in columns for word in words):
                return index, columns
        return None

    def texts(self) -> Iterator[tuple[int, int, str]]:
        """All non-empty text cells: row, column, text."""
        for r, row in enumerate(self.rows):
            for c, value in enumerate(row):
                if value.__class__ is str and (text := value.strip()):
                    yield r, c, text


@dataclass(frozen=True)
class Workbook:
    """An opened file: its format, its sheets by name, hidden ones too, and what of persons stands beside the cells."""

    format: Format
    grids: dict[str, Grid]
    notes: list[Note] = field(default_factory=list)


def as_text(value: CellValue) -> str:
    """A cell as the text that a reader sees: whole floats without the point, blanks stripped."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip()


def squeezed(text: str) -> str:
    """A head or label without blanks and with plain forms of full-width letters and digits: «本　期» is «本期»."""
    return _squeezed(text) if len(text) <= _LABEL else _squeezed.__wrapped__(text)


@lru_cache(maxsize=10_000)
def _squeezed(text: str) -> str:
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return _BLANKS.sub("", plain)


def open_workbook(content: bytes) -> Workbook:
    """Open a file of any readable format. Raises Refusal; never anything else for bad bytes."""
    check_size(content)
    form = sniff(content)
    if form is Format.CSV:
        return Workbook(form, {CSV_SHEET: Grid(CSV_SHEET, [list(row) for row in table_rows(content)])})
    parts = inflate(content, with_binary=form is Format.XLSB) if form.is_package else {}
    if form.is_sheet_xml:
        return Workbook(form, _grids(content, read_marks(parts)), find_notes(form, content, parts))
    marks = _marks(form, content, parts)
    grids = _grids(content, {})
    by_name = marks if isinstance(marks, dict) else _in_order(marks, list(grids))
    return Workbook(
        form,
        {name: replace(grid, marks=_by_address(by_name.get(name, {}))) for name, grid in grids.items()},
        find_notes(form, content, parts),
    )


def _marks(
    form: Format, content: bytes, parts: dict[str, bytes]
) -> Places | list[dict[tuple[int, int], Mark]]:
    """The marks of a format that few files come in; what reads them is imported for such a file only."""
    if form is Format.ODS:
        from pipelines.intake.marks_ods import read_ods_marks

        return read_ods_marks(parts)
    if form is Format.XLSB:
        from pipelines.intake.marks_xlsb import read_xlsb_marks

        return read_xlsb_marks(parts)
    from pipelines.intake.marks_xls import read_xls_marks

    return read_xls_marks(content)


def _in_order(marks: list[dict[tuple[int, int], Mark]], names: list[str]) -> Places:
    if len(marks) != len(names):
        raise Refusal("damaged_file", "文件已损坏或不完整")
    return dict(zip(names, marks, strict=True))


def _by_address(marks: dict[tuple[int, int], Mark]) -> dict[str, Mark]:
    return {address(*place): mark for place, mark in marks.items()}


def _grids(content: bytes, marks: Marks) -> dict[str, Grid]:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = workbook.sheet_names
        if len(names) > MOST_SHEETS:
            raise Refusal("over_limits", f"文件内含{len(names)}张工作表，超过{MOST_SHEETS}张")
        grids = {}
        for name in names:
            sheet = workbook.get_sheet_by_name(name)
            if sheet.total_height > MOST_ROWS or sheet.total_width > MOST_COLUMNS:
                raise Refusal("over_limits", f"表格超过{MOST_ROWS}行或{MOST_COLUMNS}列", name)
            grids[name] = Grid(name, sheet.to_python(skip_empty_area=False), marks.get(name, {}))
    except PasswordError:
        raise Refusal("encrypted_file", "文件设有打开密码") from None
    except (CalamineError, XmlError, ZipError, ValueError, OSError):
        raise Refusal("damaged_file", "文件已损坏或不完整") from None
    else:
        return grids
