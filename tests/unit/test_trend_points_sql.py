"""trend_points.sql on tiny tables: a point is the period's own, what is lacking is no point, months, branches and years."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import polars as pl
import pytest

from expectations import Catalogue, Period
from pipelines.warehouse import open_warehouse
from pipelines.windows import indicator_periods, point_sources

YEAR = Period.parse("2025Q1").to(Period.parse("2025Q4"))
NUMBER = pl.Decimal(18, 4)


class Cell(NamedTuple):
    """An answer that was due in a quarter of 2025."""

    quarter: int
    question: str
    value: str | None
    month: int | None = None
    branch: str | None = None
    lacking: str | None = None


class Judged(NamedTuple):
    """A row of indicator_values of the fourth quarter."""

    indicator: str
    value: float | None
    due_share: float = 1.0
    unit: str = "U"


def points(
    catalogue: Catalogue,
    cells: Sequence[Cell],
    judged: Sequence[Judged] = (),
    left: str | None = None,
    barred: Sequence[tuple[str, int]] = (),
) -> dict[tuple[str, str, str], float]:
    """(unit, indicator, point) → value. U is a school with the branches A and B; `left` has gone in May.

    barred: whose figures of which quarter cannot speak.
    """
    start = date(2020, 1, 1)
    registry = [("U", "school", start, None)]
    registry += [(b, "branch", start, date(2025, 5, 1) if b == left else None) for b in ("A", "B")]
    last = [p.last_day for p in YEAR]
    with open_warehouse(None) as warehouse:
        tables: dict[str, pl.DataFrame] = {
            "dim_unit": _frame(registry, unit_code=pl.String, kind=pl.String, valid_from=pl.Date, valid_to=pl.Date),
            "dim_period": pl.DataFrame(
                {"period": [str(p) for p in YEAR], "year": [2025] * 4, "quarter": [1, 2, 3, 4], "last_day": last}
            ),
            "cells": _frame(
                [("U", c.branch, f"2025Q{c.quarter}", c.question, c.month, _number(c.value), c.lacking) for c in cells],
                unit_code=pl.String, branch_code=pl.String, period=pl.String, question=pl.String, month=pl.Int32, value=NUMBER,
                lacking=pl.String,
            ),
            "indicator_values": _frame(
                [(j.unit, "2025Q4", j.indicator, _number("1"), _number("1"), j.value, j.due_share) for j in judged],
                unit_code=pl.String, period=pl.String, indicator=pl.String, numerator=NUMBER, denominator=NUMBER,
                value=pl.Float64, due_share=pl.Float64,
            ),
            "barred": _frame([(code, f"2025Q{quarter}") for code, quarter in barred], unit_code=pl.String, period=pl.String),
            "point_sources": point_sources(catalogue, YEAR),
            "indicator_periods": indicator_periods(catalogue, YEAR),
        }  # fmt: skip
        for name, frame in tables.items():
            warehouse.replace(name, frame)
        warehouse.set_due([str(p) for p in YEAR])
        warehouse.make("trend_points")
        rows = warehouse.run("trend_points", "select unit_code, indicator, point, value from trend_points")
    return {(unit, indicator, point): value for unit, indicator, point, value in rows}


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _frame(rows: Sequence[tuple[Any, ...]], **schema: Any) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema, orient="row")


def sessions(*values: str | None) -> list[Cell]:
    lacking = [None if value is not None else "missing" for value in values]
    return [
        Cell(q, "L3.1a", v, lacking=lack) for q, (v, lack) in enumerate(zip(values, lacking, strict=True), 1)
    ]


def test_a_quarter_has_its_own_sessions_and_not_the_years_so_far(catalogue: Catalogue) -> None:
    found = points(catalogue, sessions("2", "2", "1", "3"))
    assert found == {
        ("U", "centre_group_sessions", f"2025Q{q}"): v for q, v in enumerate((2.0, 2.0, 1.0, 3.0), 1)
    }


def test_what_is_lacking_is_no_point_and_takes_no_other_along(catalogue: Catalogue) -> None:
    found = points(catalogue, sessions("2", None, "1", "3"))
    assert [point for _, _, point in sorted(found)] == ["2025Q1", "2025Q3", "2025Q4"]


def study(quarter: int, month: int, attended: str, expected: str, branch: str) -> list[Cell]:
    return [Cell(quarter, "L3.7b", attended, month, branch), Cell(quarter, "L3.7a", expected, month, branch)]


def test_months_of_the_unit_quarters_of_both_and_the_years_ratio_of_sums(catalogue: Catalogue) -> None:
    cells = [*study(1, 1, "9", "10", "A"), *study(1, 2, "20", "20", "B"), *study(4, 12, "10", "20", "A")]
    found = {(u, p): v for (u, i, p), v in points(catalogue, cells).items() if i == "study_participation"}
    assert found == {
        ("U", "2025-01"): 0.9, ("U", "2025-02"): 1.0, ("U", "2025-12"): 0.5, ("U", "2025Q1"): 29 / 30, ("U", "2025Q4"): 0.5,
        ("A", "2025Q1"): 0.9, ("B", "2025Q1"): 1.0, ("A", "2025Q4"): 0.5, ("U", "2025"): 39 / 50,
    }  # fmt: skip


def test_a_branch_that_has_left_is_in_no_later_point(catalogue: Catalogue) -> None:
    """Its earlier quarters stay as they were."""
    cells = [*study(1, 1, "9", "10", "A"), *study(1, 1, "10", "10", "B"), *study(4, 12, "8", "10", "B")]
    found = points(catalogue, cells, left="A")
    assert found["U", "study_participation", "2025Q1"] == 19 / 20
    assert found["U", "study_participation", "2025"] == 18 / 20


def test_a_quarter_that_cannot_speak_has_no_point(catalogue: Catalogue) -> None:
    """Neither the unit's nor its branches'; the other quarters stay, and so does what the year's last one says of the year."""
    cells = [*study(1, 1, "9", "10", "A"), *study(2, 4, "2", "10", "A")]
    found = points(catalogue, cells, barred=[("U", 2), ("A", 2)])
    assert {(unit, point) for unit, _, point in found} == {
        ("U", "2025-01"),
        ("U", "2025Q1"),
        ("A", "2025Q1"),
        ("U", "2025"),
    }
    year = points(catalogue, [], [Judged("centre_group_sessions", 8.0)], barred=[("U", 4)])
    assert year == {}


def test_nothing_of_nothing_is_no_point(catalogue: Catalogue) -> None:
    assert points(catalogue, study(1, 1, "0", "0", "A")) == {}


@pytest.mark.parametrize(
    ("row", "is_point"),
    [
        (Judged("centre_group_sessions", 8.0), True),
        (
            Judged("centre_group_sessions", 5.0, due_share=0.75),
            False,
        ),  # joined in spring: three quarters are no year
        (Judged("centre_group_sessions", None), False),
        (Judged("centre_group_sessions", 8.0, unit="A"), False),  # years of branches are not charted
        (Judged("study_participation", 0.9), False),  # judged by the month: the year is made of the answers
    ],
)
def test_a_year_is_what_is_judged_at_its_end(row: Judged, is_point: bool, catalogue: Catalogue) -> None:
    found = points(catalogue, [], [row])
    assert found == ({("U", row.indicator, "2025"): row.value} if is_point else {})
