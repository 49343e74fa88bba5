"""One cell to one answer: pure functions. What is ambiguous is never guessed: it is «not readable», and the rule `type` says so."""

from __future__ import annotations

import math
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from expectations.models.question import Question
from pipelines.intake.grid import CellValue, as_text

LARGEST = Decimal(10) ** 13
LONGEST_RAW = 500
# Full-width forms are plain ones typed with another keyboard; 5² or ② are not numbers that anyone meant.
_FULL_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: 0x20}


class ParsedValue(NamedTuple):
    """An answer: a number (1 or 0 for yes-no and choices), a text (an option's code or free text), and what stood in the cell.

    raw is None for an empty cell; number and text are both None where the cell could not be read as the question's type.
    """

    number: Decimal | None
    text: str | None
    raw: str | None

    @property
    def is_blank(self) -> bool:
        return self.raw is None

    @property
    def is_readable(self) -> bool:
        return self.number is not None or self.text is not None


def parse_value(cell: CellValue, question: Question) -> ParsedValue:
    """Read a cell as the answer to a question."""
    raw = raw_text(cell)
    if raw is None:
        return ParsedValue(None, None, None)
    if question.is_number:
        return ParsedValue(_number(cell, question), None, raw)
    if question.choices:
        return _choice(raw, question)
    return ParsedValue(None, raw if len(raw) <= question.max_length else None, raw)


def raw_text(cell: CellValue) -> str | None:
    """What stands in the cell, bounded in length; None where it is empty or blank."""
    text = str(cell) if isinstance(cell, datetime | date | time | timedelta) else as_text(cell)
    return text[:LONGEST_RAW] or None


def code_text(cell: CellValue) -> str | None:
    """A code that stands in the cell, with full-width letters and digits as plain ones; None where it is empty."""
    raw = raw_text(cell)
    return None if raw is None else unicodedata.normalize("NFKC", raw).strip()


def _number(cell: CellValue, question: Question) -> Decimal | None:
    """The exact decimal that was typed: a float's shortest form, a text's digits. None where it is no number of this type."""
    number: Decimal
    if isinstance(cell, bool) or not isinstance(cell, int | float | str):
        return None
    if isinstance(cell, float) and not math.isfinite(cell):
        return None
    text = cell.translate(_FULL_WIDTH).strip() if isinstance(cell, str) else repr(cell)
    if not text.isascii() or "_" in text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) >= LARGEST:
        return None
    places = 0 if question.type == "count" else question.decimals
    rounded = round(number, places)
    # A binary float that is a hair off its decimal (=0.1+0.2) is that decimal; a third of an hour is not.
    if abs(number - rounded) > Decimal("1e-9"):
        return None
    return rounded.quantize(Decimal(1)) if question.type == "count" else rounded


def _choice(raw: str, question: Question) -> ParsedValue:
    given = unicodedata.normalize("NFKC", raw).strip()
    option = next((option for option in question.choices if given in (option.label_zh, option.code)), None)
    if option is None:
        return ParsedValue(None, None, raw)
    return ParsedValue(Decimal(int(option.counts)), option.code, raw)
