"""One cell to one answer: pure functions. What is ambiguous is never guessed: it is «not readable», and the rule `type` says so.

What is plain to any reader is taken and said: full-width digits, blanks, thousands separators, the question's own unit behind the
number, a number typed as text, √ and × for yes and no. `repair` holds what was done, for the finding that tells the clerk.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from expectations.models.question import Question
from pipelines.intake.grid import CellValue, as_text
from pipelines.intake.marks import Mark

LARGEST = Decimal(10) ** 13
LONGEST_RAW = 500
# Stands as the raw text of a cell whose formula has no usable result; a finding of the reader says which.
NO_RESULT = "（公式没有可用的计算结果）"
_FACTORS: dict[Mark | None, int] = {Mark.PERCENT: 100, Mark.PERCENT_SIGN: 1}
# Full-width forms are plain ones typed with another keyboard; 5² or ② are not numbers that anyone meant.
_FULL_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: 0x20}
_PLAIN = re.compile(r"[+-]?(?:[0-9]{1,20}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3}){1,6}(?:\.[0-9]{1,20})?")
_SIGNS = dict.fromkeys([*"√✓✔☑有", "Y", "YES", "TRUE"], "yes") | dict.fromkeys(
    [*"×✕✖✗✘☒无", "N", "NO", "FALSE"], "no"
)


class ParsedValue(NamedTuple):
    """An answer: a number (1 or 0 for yes-no and choices), a text (an option's code or free text), and what stood in the cell.

    raw is None for an empty cell; number and text are both None where the cell could not be read as the question's type.
    repair: what was done to read it, in Chinese; None where it was read as it stood.
    """

    number: Decimal | None
    text: str | None
    raw: str | None
    repair: str | None = None


_EMPTY = ParsedValue(None, None, None)


def parse_value(
    cell: CellValue, question: Question, mark: Mark | None = None, *, typed: bool = True
) -> ParsedValue:
    """Read a cell as the answer to a question. typed: whether the format tells numbers from texts (a .csv does not)."""
    if mark is Mark.UNCALCULATED or mark is Mark.ERROR:
        return ParsedValue(None, None, NO_RESULT)
    if mark is Mark.BOOLEAN:
        cell = bool(cell)
    if question.is_number and isinstance(cell, float | int) and not isinstance(cell, bool) and mark is None:
        return _plain_number(cell, _decimals(question))
    raw = _with_percent(cell, mark) if mark in _FACTORS else raw_text(cell)
    if raw is None:
        return _EMPTY
    if question.is_number:
        return _number(cell, raw, question, typed=typed)
    if question.choices:
        return _choice(raw, question)
    return ParsedValue(None, raw if len(raw) <= question.max_length else None, raw)


def raw_text(cell: CellValue) -> str | None:
    """What stands in the cell, bounded in length; None where it is empty or blank."""
    if cell == "":
        return None
    text = str(cell) if isinstance(cell, datetime | date | time | timedelta) else as_text(cell)
    return text[:LONGEST_RAW] or None


def code_text(cell: CellValue) -> str | None:
    """A code that stands in the cell, with full-width letters and digits as plain ones; None where it is empty."""
    raw = raw_text(cell)
    if raw is None or raw.isascii():
        return raw
    return unicodedata.normalize("NFKC", raw).strip()


def _with_percent(cell: CellValue, mark: Mark | None) -> str | None:
    """A number with a percent sign as the clerk sees it: 0.95 in a percentage format is «95%»."""
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return raw_text(cell)
    return f"{(Decimal(repr(cell)) * _FACTORS[mark]).normalize():f}%"


def _number(cell: CellValue, raw: str, question: Question, *, typed: bool) -> ParsedValue:
    """A number that does not stand as a plain number cell."""
    if isinstance(cell, date) and question.unit == "年":
        return ParsedValue(_rounded(cell.year, question), None, raw, "日期取年份")
    if not isinstance(cell, str) and not raw.endswith("%"):
        return ParsedValue(None, None, raw)
    text, repair = _undressed(raw, question)
    number = _rounded(text, question) if _PLAIN.fullmatch(text) else None
    is_repaired = number is not None and (typed or text != raw)
    return ParsedValue(number, None, raw, repair if is_repaired else None)


def _undressed(raw: str, question: Question) -> tuple[str, str]:
    """The digits of a text, without what stands around them and changes nothing, and what was taken away."""
    text = raw.translate(_FULL_WIDTH).strip()
    done = ["全角字符改为半角"] if text != raw else []
    unit = question.unit
    if unit and text.endswith(unit) and text != unit:
        text = text.removesuffix(unit).rstrip()
        done.append(f"去掉单位“{unit}”")
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
        done.append("去掉千位分隔符")
    return text, "、".join(done) or "文本改为数字"


def _rounded(given: float | str, question: Question) -> Decimal | None:
    """The exact decimal that was typed: a float's shortest form, a text's digits. None where it is no number of this type."""
    return _exact(given, _decimals(question))


def _decimals(question: Question) -> int | None:
    """How many decimals an answer may have; None for a count."""
    return None if question.type == "count" else question.decimals


@lru_cache(maxsize=10_000, typed=True)
def _plain_number(cell: float, decimals: int | None) -> ParsedValue:
    """A number cell. Most cells of a quarter hold one of a few hundred small numbers, so what was made of one is remembered."""
    return ParsedValue(_exact(cell, decimals), None, as_text(cell))


def _exact(given: float | str, decimals: int | None) -> Decimal | None:
    if isinstance(given, float) and not math.isfinite(given):
        return None
    number = Decimal(given if isinstance(given, str) else repr(given))
    if abs(number) >= LARGEST:
        return None
    rounded = round(number, decimals or 0)
    # A binary float that is a hair off its decimal (=0.1+0.2) is that decimal; a third of an hour is not.
    if abs(number - rounded) > Decimal("1e-9"):
        return None
    # Adding nothing takes the sign off a zero.
    return (rounded.quantize(Decimal(1)) if decimals is None else rounded) + 0


def _choice(raw: str, question: Question) -> ParsedValue:
    given = unicodedata.normalize("NFKC", raw).strip()
    option = next((option for option in question.choices if given in (option.label_zh, option.code)), None)
    if option is not None:
        repaired = given != raw or given != option.label_zh
        return ParsedValue(
            Decimal(int(option.counts)), option.code, raw, "改为规定的选项" if repaired else None
        )
    sign = _SIGNS.get(given.upper()) if question.type == "yes_no" else None
    meant = next((option for option in question.choices if option.code == sign), None)
    if meant is None:
        return ParsedValue(None, None, raw)
    return ParsedValue(Decimal(int(meant.counts)), meant.code, raw, f"符号改为“{meant.label_zh}”")
