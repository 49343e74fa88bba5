"""The quarter as a value: what is read back is what was written, neighbours meet, and anything else is refused in Chinese."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations import Period

UNTIMED = settings(deadline=None)

periods = st.builds(Period, st.integers(1900, 2200), st.integers(1, 4))


@UNTIMED
@given(periods)
def test_what_is_written_is_read_back(period: Period) -> None:
    assert Period.parse(str(period)) == period


@UNTIMED
@given(periods, st.integers(-400, 400))
def test_there_and_back(period: Period, quarters: int) -> None:
    assert period.shift(quarters).shift(-quarters) == period
    assert period.shift(0) == period
    assert (period.shift(quarters) > period) == (quarters > 0)


@UNTIMED
@given(periods)
def test_quarters_meet_without_a_gap(period: Period) -> None:
    assert period.next().first_day == period.last_day + timedelta(days=1)
    assert period.previous().last_day == period.first_day - timedelta(days=1)
    assert period.previous().next() == period == period.next().previous()


@UNTIMED
@given(periods)
def test_days_and_months_are_those_of_the_quarter(period: Period) -> None:
    day, months = period.first_day, set()
    while day <= period.last_day:
        assert day.year == period.year
        months.add(day.month)
        day += timedelta(days=1)
    assert months == set(period.months)


@UNTIMED
@given(periods, st.integers(0, 60))
def test_a_span_holds_every_quarter_once(first: Period, length: int) -> None:
    span = first.to(first.shift(length))
    assert len(span) == length + 1
    assert span == sorted(set(span))
    assert (span[0], span[-1]) == (first, first.shift(length))


@UNTIMED
@given(periods, st.integers(1, 60))
def test_a_span_backwards_is_empty(first: Period, length: int) -> None:
    assert first.to(first.shift(-length)) == []


@UNTIMED
@given(st.lists(periods, max_size=12))
def test_texts_sort_as_quarters_do(some: list[Period]) -> None:
    """The SQL compares periods as text."""
    assert [str(period) for period in sorted(some)] == sorted(map(str, some))


@pytest.mark.parametrize(
    ("code", "months", "first", "last", "label"),
    [
        ("2025Q1", (1, 2, 3), date(2025, 1, 1), date(2025, 3, 31), "2025年第一季度"),
        ("2025Q2", (4, 5, 6), date(2025, 4, 1), date(2025, 6, 30), "2025年第二季度"),
        ("2025Q3", (7, 8, 9), date(2025, 7, 1), date(2025, 9, 30), "2025年第三季度"),
        ("2025Q4", (10, 11, 12), date(2025, 10, 1), date(2025, 12, 31), "2025年第四季度"),
        ("2024Q1", (1, 2, 3), date(2024, 1, 1), date(2024, 3, 31), "2024年第一季度"),
    ],
)
def test_months_days_and_names(
    code: str, months: tuple[int, ...], first: date, last: date, label: str
) -> None:
    period = Period.parse(code)
    assert (period.months, period.first_day, period.last_day, period.label_zh) == (months, first, last, label)


@pytest.mark.parametrize(
    ("code", "before", "after"), [("2025Q1", "2024Q4", "2025Q2"), ("2025Q4", "2025Q3", "2026Q1")]
)
def test_neighbours_over_new_year(code: str, before: str, after: str) -> None:
    assert (str(Period.parse(code).previous()), str(Period.parse(code).next())) == (before, after)


@pytest.mark.parametrize(
    "text",
    [
        "", "2025", "2025Q0", "2025Q5", "2025q3", "25Q3", "2025-Q3", " 2025Q3", "2025Q3 ", "2025Q3\n", "2025Q33", "Q3", "二〇二五Q3",
        # A year that no calendar has: its first day could not be named.
        "0000Q1",
    ],
)  # fmt: skip
def test_anything_else_is_refused_in_chinese(text: str) -> None:
    with pytest.raises(ValueError, match="不是报告期；应为年份加季度"):
        Period.parse(text)
