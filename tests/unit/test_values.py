"""One cell to one answer: the exact decimal that was typed, nothing guessed, and never an exception."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations import Catalogue, load_catalogue
from expectations.models.question import Question
from pipelines.intake.marks import Mark
from pipelines.intake.values import LARGEST, LONGEST_RAW, NO_RESULT, parse_value

UNTIMED = settings(deadline=None)

QUESTIONS = {question.code: question for question in load_catalogue().questions}
COUNT, HOURS, YES_NO, CHOICE, TEXT = (
    QUESTIONS[code] for code in ("L3.1a", "L3.4b", "L3.3a", "O2.2a", "O2.2b")
)
# Questions that the catalogue does not ask today and may tomorrow.
RATE = HOURS.model_copy(update={"unit": "%", "min": Decimal(0), "max": Decimal(100)})
YEAR = COUNT.model_copy(update={"unit": "年"})
cells = (
    st.integers() | st.floats() | st.text(max_size=40) | st.booleans() | st.dates() | st.datetimes() | st.times() | st.timedeltas()
    | st.decimals(allow_nan=True, allow_infinity=True).map(str) | st.from_regex(r"[-+０-９0-9.,eE_ ]{0,20}", fullmatch=True)
)  # fmt: skip
hundredths = st.integers(-99_999_999_999, 99_999_999_999).map(lambda number: Decimal(number) / 100)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (0, "0"), (6, "6"), (6.0, "6"), (-3, "-3"), ("6", "6"), (" 6 ", "6"), ("6.0", "6"), ("６", "6"), ("１２", "12"), ("\u30006\u3000", "6"),
        ("+6", "6"), ("-6", "-6"), ("1e2", None), (2.9999999999999996, "3"), (10**8, "100000000"), ("999999999", "999999999"),
        (1.5, None), ("1.5", None), ("六", None), ("6次", "6"), ("6 次", "6"), ("６次", "6"), ("次", None), ("6人", None), ("6次次", None), ("约6", None), ("6-7", None), ("1,234", "1234"), ("1，234", "1234"), ("-1,234,567", "-1234567"), ("1,23", None), ("12,34", None), (",123", None), ("1,234次", "1234"), ("0x10", None),
        ("1_000", None), ("½", None), ("5²", None), ("²", None), ("inf", None), ("-inf", None), ("nan", None), ("sNaN", None), ("Infinity", None),
        (float("inf"), None), (float("-inf"), None), (float("nan"), None), ("1e400", None), ("-1e400", None), (1e300, None), (10**13, None),
        (10**40, None), ("9" * 400, None), ("无", None), ("—", None), ("#REF!", None), ("TRUE", None), (True, None), (False, None),
        (date(2025, 3, 1), None), (datetime.fromisoformat("2025-03-01T08:00"), None), (time(8), None), (timedelta(hours=30), None), ("٦", None),
    ],
)  # fmt: skip
def test_counts(cell: Any, number: str | None) -> None:
    parsed = parse_value(cell, COUNT)
    assert parsed.number == (None if number is None else Decimal(number))
    assert parsed.text is None
    assert parsed.raw is not None, "what stood in the cell is kept for the clerk"
    assert number is None or parsed.number == parsed.number.to_integral_value()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (1.2, "1.2"), (0.1 + 0.2, "0.3"), (0.1, "0.1"), (24, "24"), (24.5, "24.5"), ("24.50", "24.5"), ("２４．５", "24.5"), (".5", "0.5"), ("5.", "5"),
        (19999.99, "19999.99"), (23.999999999999993, "24"), (1.005, None), (1 / 3, None), (2 / 3, None), ("1.234", None), ("1.2.3", None), ("1,5", None),
        ("1.5小时", None), ("120%", None), (1e-300, "0"), (-0.5, "-0.5"),
    ],
)  # fmt: skip
def test_decimals(cell: Any, number: str | None) -> None:
    assert parse_value(cell, HOURS).number == (None if number is None else Decimal(number))


@pytest.mark.parametrize("cell", ["", " ", "\t", "\n", "\u3000", "\u00a0", " \u3000\n"])
@pytest.mark.parametrize("question", [COUNT, HOURS, YES_NO, CHOICE, TEXT], ids=lambda question: question.code)
def test_blanks_are_blank_not_zero(cell: str, question: Question) -> None:
    parsed = parse_value(cell, question)
    assert parsed == (None, None, None, None)


@pytest.mark.parametrize(
    ("question", "cell", "number", "text"),
    [
        (YES_NO, "是", 1, "yes"), (YES_NO, "否", 0, "no"), (YES_NO, " 是 ", 1, "yes"), (YES_NO, "yes", 1, "yes"), (YES_NO, "no", 0, "no"),
        (YES_NO, "Yes", 1, "yes"), (YES_NO, "有", 1, "yes"), (YES_NO, "无", 0, "no"), (YES_NO, "是的", None, None), (YES_NO, "√", 1, "yes"), (YES_NO, "×", 0, "no"),
        (YES_NO, "Y", 1, "yes"), (YES_NO, True, 1, "yes"), (YES_NO, False, 0, "no"), (YES_NO, 1, None, None), (YES_NO, "1", None, None), (YES_NO, "x", None, None),
        (YES_NO, "√×", None, None), (YES_NO, "有无", None, None), (CHOICE, "√", None, None), (CHOICE, "有", None, None), (YES_NO, "是/否", None, None),
        (CHOICE, "已印发", 1, "issued"), (CHOICE, "起草中", 0, "drafting"), (CHOICE, "未制订", 0, "none"), (CHOICE, "issued", 1, "issued"),
        (CHOICE, "未制定", None, None), (CHOICE, "已印发、起草中", None, None), (CHOICE, 1, None, None),
        (TEXT, "苏教工〔2025〕7号", None, "苏教工〔2025〕7号"), (TEXT, 7.0, None, "7"), (TEXT, "字" * 40, None, "字" * 40),
        (TEXT, "字" * 41, None, None), (TEXT, "字" * 5000, None, None), (TEXT, "=1+1", None, "=1+1"),
    ],
)  # fmt: skip
def test_choices_and_texts(question: Question, cell: Any, number: int | None, text: str | None) -> None:
    parsed = parse_value(cell, question)
    assert (parsed.number, parsed.text) == (number, text)
    assert parsed.raw
    assert len(parsed.raw) <= LONGEST_RAW


@pytest.mark.parametrize(
    ("question", "cell", "repair"),
    [
        (COUNT, 6, None), (COUNT, 6.0, None), (COUNT, "6", "文本改为数字"), (COUNT, " 6 ", "文本改为数字"), (COUNT, "６", "全角字符改为半角"),
        (COUNT, "6次", "去掉单位“次”"), (COUNT, "1,234", "去掉千位分隔符"), (COUNT, "１，２３４次", "全角字符改为半角、去掉单位“次”、去掉千位分隔符"),
        (COUNT, "约6", None), (COUNT, "", None), (HOURS, "1.5人学时", "去掉单位“人学时”"), (HOURS, "1.5小时", None),
        (YES_NO, "是", None), (YES_NO, "√", "符号改为“是”"), (YES_NO, "无", "符号改为“否”"), (YES_NO, "yes", "改为规定的选项"), (CHOICE, "已印发", None),
        (TEXT, "苏教工（2025）7号", None),
    ],
)  # fmt: skip
def test_what_was_done_to_read_a_cell_is_said(question: Question, cell: Any, repair: str | None) -> None:
    assert parse_value(cell, question).repair == repair


@pytest.mark.parametrize(
    ("cell", "mark", "question", "number", "raw"),
    [
        (0.95, Mark.PERCENT, COUNT, None, "95%"), (0.95, Mark.PERCENT, HOURS, None, "95%"), (12.0, Mark.PERCENT, COUNT, None, "1200%"),
        (0.07, Mark.PERCENT, RATE, "7", "7%"), (0.955, Mark.PERCENT, RATE, "95.5", "95.5%"), ("95%", None, RATE, "95", "95%"), (95, None, RATE, "95", "95"),
        ("", Mark.UNCALCULATED, COUNT, None, NO_RESULT), ("", Mark.ERROR, COUNT, None, NO_RESULT), ("", Mark.ERROR, YES_NO, None, NO_RESULT),
        (5, Mark.PERCENT_SIGN, COUNT, None, "5%"), (5.5, Mark.PERCENT_SIGN, HOURS, None, "5.5%"), (5, Mark.PERCENT_SIGN, RATE, "5", "5%"),
        (1.0, Mark.BOOLEAN, COUNT, None, "TRUE"), (0.0, Mark.BOOLEAN, HOURS, None, "FALSE"), (1.0, Mark.BOOLEAN, YES_NO, "1", "TRUE"),
        (date(2021, 3, 1), None, COUNT, None, "2021-03-01"),
    ],
)  # fmt: skip
def test_a_cell_is_what_the_clerk_sees(
    cell: Any, mark: Mark | None, question: Question, number: str | None, raw: str
) -> None:
    """95% is never taken for 0.95, nor a formula without a result for a blank, nor a day for a number."""
    parsed = parse_value(cell, question, mark)
    assert (parsed.number, parsed.raw) == (None if number is None else Decimal(number), raw)


def test_a_date_is_a_year_where_a_year_is_asked(catalogue: Catalogue) -> None:
    """Ready for a question in years: the catalogue may ask one, and asks none today, so no file can show it."""
    assert "年" not in {question.unit for question in catalogue.questions}
    assert parse_value(date(2021, 3, 1), YEAR) == (2021, None, "2021-03-01", "日期取年份")
    assert parse_value(2021, YEAR) == (2021, None, "2021", None)


@pytest.mark.parametrize("question", [COUNT, HOURS])
@pytest.mark.parametrize("cell", ["-0", "－0", "-0.0", -0.0, -1e-12])
def test_nothing_has_no_sign(cell: str | float, question: Question) -> None:
    """A repair says «按“0”采用»."""
    assert f"{parse_value(cell, question).number:f}".startswith("0")


@pytest.mark.parametrize(
    ("cell", "repair"), [("6", None), ("6次", "去掉单位“次”"), ("６", "全角字符改为半角")]
)
def test_a_format_of_texts_alone_needs_no_repair_for_being_text(cell: str, repair: str | None) -> None:
    parsed = parse_value(cell, COUNT, typed=False)
    assert (parsed.number, parsed.repair) == (6, repair)


def test_every_option_is_read_by_its_label_and_by_its_code(catalogue: Catalogue) -> None:
    for question in catalogue.questions:
        for option in question.choices:
            expected = (Decimal(int(option.counts)), option.code)
            assert parse_value(option.label_zh, question)[:2] == expected
            assert parse_value(option.code, question)[:2] == expected


# Source: the published numbers in threshold_arithmetic.json, hours_24: a float sum of each falls short of 24 (but the last).
@pytest.mark.parametrize(("step", "times"), [(1.2, 20), (2.4, 10), (0.2, 120), (0.4, 60), (0.75, 32)])
def test_24_hours_are_24(step: float, times: int) -> None:
    parsed = parse_value(step, HOURS).number
    assert parsed is not None
    assert sum([parsed] * times) == 24


@UNTIMED
@given(hundredths)
def test_a_decimal_of_two_places_comes_back_exact(number: Decimal) -> None:
    """Typed as a number or as text, plain or full-width."""
    text = f"{number:f}"
    wide = text.translate({ord(a): ord(a) + 0xFEE0 for a in "0123456789.-"})
    for cell in (float(number), text, f" {text}", wide):
        assert parse_value(cell, HOURS).number == number


@UNTIMED
@given(st.integers(-999_999_999, 999_999_999))
def test_a_whole_number_comes_back_exact(number: int) -> None:
    for cell in (number, float(number), str(number)):
        assert parse_value(cell, COUNT).number == number
        assert parse_value(cell, HOURS).number == number


@UNTIMED
@given(st.decimals(-1000, 1000, places=5))
def test_more_places_than_asked_are_not_rounded_away(number: Decimal) -> None:
    is_short = number == round(number, 2)
    assert parse_value(str(number), HOURS).number == (number if is_short else None)


@UNTIMED
@given(cells, st.sampled_from([COUNT, HOURS, YES_NO, CHOICE, TEXT]))
def test_any_cell_is_read_without_an_exception(cell: Any, question: Question) -> None:
    """Whatever stands in a cell: blank, readable, or kept as it stands; a number fits the warehouse's DECIMAL(18,4)."""
    parsed = parse_value(cell, question)
    if parsed.raw is None:
        assert parsed == (None, None, None, None)
    if parsed.number is not None:
        assert parsed.number.is_finite()
        assert abs(parsed.number) < LARGEST
        assert parsed.number == round(parsed.number, 4)
    if question.is_number:
        assert parsed.text is None
