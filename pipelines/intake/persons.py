"""Persons stay out: identity numbers, mobile numbers and columns of names. Where one is found, the cell is named and its value nowhere.

Source: design.md («no name, identity number, phone number or record of one member is accepted, stored or shown»);
identity numbers and their check digit: GB 11643-1999; mobile numbers: eleven digits from 13 to 19.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date
from functools import lru_cache

from pipelines.intake.grid import CSV_SHEET, CellValue, Grid, Workbook, address, squeezed
from pipelines.intake.refusal import Refusal
from pipelines.workbook import layout

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
# Eleven digits or more, whatever stands between them. \d takes full-width digits too.
_MANY_DIGITS = re.compile(r"(?:\d[\s\-－—–·.．]?){11}")
_IDENTITY = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_MOBILE = re.compile(r"(?<!\d)(?:(?:\+|00)?86)?(1[3-9]\d{9})(?!\d)")
_BETWEEN = re.compile(r"(?<=\d)[\s\-－—–·.．](?=[\dXx])")
_NAME_HEADS = re.compile(
    r"(?:党员|教师|职工|教职工|学生|干部|负责人|联系人|填报人|填表人|参学人员|人员|成员|书记|委员|本人|学员)?(?:姓名|名字|身份证|身份证号|身份证号码|公民身份号码"
    r"|手机|手机号|手机号码|移动电话|联系电话|联系方式|电话号码)(?:[（(].*[）)])?"
)

# Texts up to this length are mostly those of the form, the same in thousands of files: one that was looked at is remembered.
_REMEMBERED = 200


def find_persons(book: Workbook) -> Refusal | None:
    """The first cell or comment that holds an identity number or a mobile number, or heads a filled column of names (personal_data).

    A sheet with a name of its own is named by its place: the name could be a person's.
    """
    for note in book.notes:
        if what := person_number(note.text):
            return Refusal(
                "personal_data", f"{'批注' if note.cell else '文本框或页眉页脚'}中的{what}", cell=note.cell
            )
    for number, grid in enumerate(book.grids.values(), 1):
        found = (_numbers(grid) or _name_column(grid)) if _needs_a_look(grid) else None
        if found is not None:
            what, row, column = found
            sheet = grid.name if grid.name in (*layout.SHEETS, CSV_SHEET) else f"第{number}张"
            return Refusal("personal_data", what, sheet, address(row, column))
    return None


def _numbers(grid: Grid) -> tuple[str, int, int] | None:
    """The first cell with a number of a person: what it is, row and column."""
    for r, row in enumerate(grid.rows):
        for c, value in enumerate(row):
            if what := person_number(value):
                return what, r, c
    return None


def _needs_a_look(grid: Grid) -> bool:
    """Whether a sheet has a number of eleven digits or more, or a head such as «姓名», anywhere."""
    texts: set[str] = set()
    for row in grid.rows:
        for value in row:
            if value.__class__ is str:
                texts.add(value)
            elif value.__class__ in (float, int) and value >= 1e10:
                return True
    return any(map(_is_telling, texts))


def _is_telling(text: str) -> bool:
    return _tells(text) if len(text) <= _REMEMBERED else _tells.__wrapped__(text)


@lru_cache(maxsize=20_000)
def _tells(text: str) -> bool:
    return bool(_MANY_DIGITS.search(text)) or _is_name_head(text)


def person_number(value: CellValue) -> str | None:
    """«身份证号» or «手机号» where the cell holds one, however it is typed; None otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, int | float):
        return _of_number(value)
    text = _BETWEEN.sub("", unicodedata.normalize("NFKC", value))
    if any(is_identity_number(found) for found in _IDENTITY.findall(text)):
        return "身份证号"
    return "手机号" if _MOBILE.search(text) else None


def _of_number(value: float) -> str | None:
    """A number cell. Beyond 15 digits its last ones are lost, so the date inside an identity number must do for its check digit."""
    if not math.isfinite(value) or abs(value) >= 1e18 or value != int(value):
        return None
    digits = str(int(value))
    if len(digits) == 18 and _has_birth_date(digits):
        return "身份证号"
    return "手机号" if _MOBILE.fullmatch(digits) else None


def is_identity_number(text: str) -> bool:
    """Whether 18 characters are an identity number: a date of birth, and the check digit of GB 11643 (ISO 7064 MOD 11-2)."""
    if not _IDENTITY.fullmatch(text) or not _has_birth_date(text):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, text[:17], strict=True))
    return _CHECK_DIGITS[total % 11] == text[17].upper()


def _has_birth_date(digits: str) -> bool:
    try:
        born = date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return False
    return digits[0] in "123456789" and 1900 <= born.year <= 2100


def _name_column(grid: Grid) -> tuple[str, int, int] | None:
    """A head such as «姓名» with anything below it, or to the right of it as on a cover."""
    for r, c, text in grid.texts():
        if _is_name_head(text) and (_below(grid, r, c) or _right(grid, r, c)):
            return f"“{_head(text)}”栏", r, c
    return None


def _is_name_head(text: str) -> bool:
    head = _head(text)
    return len(head) <= 20 and _NAME_HEADS.fullmatch(head) is not None


def _head(text: str) -> str:
    return squeezed(text).rstrip("：:")


def _below(grid: Grid, row: int, column: int) -> bool:
    return any(grid.text_at(r, column) for r in range(row + 1, min(len(grid.rows), row + 200)))


def _right(grid: Grid, row: int, column: int) -> bool:
    return bool(grid.text_at(row, column + 1))
