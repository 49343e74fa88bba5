"""Persons stay out: identity numbers, mobile numbers, columns of names. Where one is found, the cell is named and its value nowhere.

What a single text says is person_text.py; what stands beside the cells is notes.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

from pipelines.intake.grid import CSV_SHEET, Grid, Workbook, address
from pipelines.intake.person_text import (
    head_of,
    is_name_head,
    is_person_head,
    is_telling,
    looks_like_name,
    person_in,
)
from pipelines.intake.refusal import Refusal
from pipelines.workbook import layout

# A merged head reaches over a few columns.
_COLUMNS_RIGHT, _ROWS_BELOW = 4, 200
_ROW_END = re.compile(r"</(?:tr|p|div|li)\b[^>]*>|<br\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,1000}>")
_FIELD_END = re.compile(r"[\t,，;；|]")


def find_persons(book: Workbook) -> Refusal | None:
    """The first place that holds an identity number or a mobile number, names somebody, or heads names (personal_data).

    A sheet with a name of its own is named by its place: the name could be a person's.
    """
    for name in book.grids:
        if is_telling(name) and (what := person_in(name)):
            return Refusal("personal_data", f"工作表名称中的{what}", _shown(name, book))
    for note in book.notes:
        return Refusal("personal_data", f"{note.kind}中的{note.what}", _shown(note.sheet, book), note.cell)
    for grid in book.grids.values():
        if found := _in_grid(grid):
            what, row, column = found
            return Refusal("personal_data", what, _shown(grid.name, book), address(row, column))
    return None


def find_persons_in_text(text: str) -> Refusal | None:
    """The same for a text that is no form of ours: a note, a web page, a table with other separators. Names the line."""
    lines = unescape(_TAG.sub("\t", _ROW_END.sub("\n", text))).splitlines()
    for number, line in enumerate(lines, 1):
        if what := person_in(line):
            return Refusal("personal_data", f"第{number}行的{what}")
    found = _in_grid(Grid("", [_FIELD_END.split(line) for line in lines]))
    return Refusal("personal_data", f"第{found[1] + 1}行的{found[0]}") if found else None


def _shown(sheet: str | None, book: Workbook) -> str | None:
    """A sheet as it may be named here: our own names, and others by their place."""
    if sheet not in book.grids:
        return None
    return sheet if sheet in (*layout.SHEETS, CSV_SHEET) else f"第{list(book.grids).index(sheet) + 1}张"


def _in_grid(grid: Grid) -> tuple[str, int, int] | None:
    """The first cell of a sheet that is a person's or heads persons: what it is, row and column."""
    return (_person(grid) or _head(grid)) if _needs_a_look(grid) else None


def _person(grid: Grid) -> tuple[str, int, int] | None:
    for r, row in enumerate(grid.rows):
        for c, value in enumerate(row):
            if what := person_in(value):
                return what, r, c
    return None


def _needs_a_look(grid: Grid) -> bool:
    """Whether a sheet has a number of eleven digits or more, a name, or a head such as «姓名», anywhere."""
    texts: set[str] = set()
    for row in grid.rows:
        for value in row:
            if value.__class__ is str:
                texts.add(value)
            elif value.__class__ in (float, int) and value >= 1e10:
                return True
    return any(map(is_telling, texts))


def _head(grid: Grid) -> tuple[str, int, int] | None:
    """A head such as «姓名» with anything below it or to the right of it, or one such as «联系人» with what looks like a name there."""
    for r, c, text in grid.texts():
        if (is_name_head(text) and _beside(grid, r, c, bool)) or (
            is_person_head(text) and _beside(grid, r, c, looks_like_name)
        ):
            return f"“{head_of(text)}”栏", r, c
    return None


def _beside(grid: Grid, row: int, column: int, counts: Callable[[str], bool]) -> bool:
    """Whether the first filled cell to the right or below counts."""
    right = (grid.text_at(row, c) for c in range(column + 1, column + _COLUMNS_RIGHT))
    below = (grid.text_at(r, column) for r in range(row + 1, min(len(grid.rows), row + _ROWS_BELOW)))
    return any(counts(next(filter(None, texts), "")) for texts in (right, below))
