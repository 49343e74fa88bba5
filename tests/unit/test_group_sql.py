"""How units roll up to a group (group_values.sql): a ratio of sums, or the share of units that meet, as the catalogue declares."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from pipelines.warehouse import open_warehouse

PERIOD = "2025Q4"
NUMBER = pl.Decimal(18, 4)
# unit, kind, numerator, denominator, status; C is a branch, D cannot be calculated.
VALUES = [
    ("A", "school", "1", "10", "not_met"),
    ("B", "school", "90", "90", "met"),
    ("E", "university", "0", "50", "on_pace"),
    ("C", "branch", "5", "5", "met"),
    ("D", "school", None, None, "not_calculable"),
]


def grouped(rollup: str, standard: str | None) -> dict[tuple[str, str], dict[str, Any]]:
    """The rows of group_values by group."""
    values = [
        {
            "unit_code": code, "period": PERIOD, "indicator": "i", "status": status, "standard": standard and Decimal(standard),
            "numerator": n and Decimal(n), "denominator": d and Decimal(d), "value": float(n) / float(d) if n and d else None,
        }
        for code, _, n, d, status in VALUES
    ]  # fmt: skip
    with open_warehouse(None) as warehouse:
        kinds = {"numerator": NUMBER, "denominator": NUMBER, "standard": NUMBER}
        warehouse.replace("indicator_values", pl.DataFrame(values, schema_overrides=kinds))
        units = [{"unit_code": code, "kind": kind, "city_code": "320100"} for code, kind, *_ in VALUES]
        warehouse.replace("dim_unit", pl.DataFrame(units))
        periods = [{"period": PERIOD, "indicator": "i", "rollup": rollup}]
        warehouse.replace("indicator_periods", pl.DataFrame(periods))
        warehouse.set_due([PERIOD])
        warehouse.remake_periods("group_values")
        rows = warehouse.frame("group_values", "select * from group_values").to_dicts()
    return {(row["group_kind"], row["group_code"]): row for row in rows}


@pytest.mark.parametrize(
    ("rollup", "group", "numerator", "denominator"),
    [
        ("ratio_of_sums", ("province", "province"), 91, 150),
        ("ratio_of_sums", ("kind", "school"), 91, 100),
        ("ratio_of_sums", ("kind", "university"), 0, 50),
        ("share_meeting", ("province", "province"), 2, 3),
        ("share_meeting", ("city", "320100"), 2, 3),
        ("share_meeting", ("kind", "school"), 1, 2),
    ],
)
def test_a_group_is_never_a_mean_of_ratios(
    rollup: str, group: tuple[str, str], numerator: int, denominator: int
) -> None:
    row = grouped(rollup, "0.9")[group]
    assert (row["numerator"], row["denominator"]) == (numerator, denominator)
    assert row["value"] == pytest.approx(numerator / denominator, rel=1e-12)


def test_units_that_meet_are_counted_beside_any_value() -> None:
    row = grouped("ratio_of_sums", "0.9")["province", "province"]
    assert (row["units"], row["units_met"]) == (3, 2)


def test_without_a_standard_nobody_meets_it() -> None:
    assert grouped("ratio_of_sums", None)["province", "province"]["units_met"] is None


def test_statuses_are_counted_of_units_alone_and_where_there_is_a_standard() -> None:
    values = [
        ("A", "i", "met", PERIOD), ("B", "i", "met", PERIOD), ("B", "j", "not_calculable", PERIOD), ("E", "i", "met", PERIOD),
        ("A", "k", None, PERIOD), ("C", "i", "met", PERIOD), ("A", "i", "not_met", "2025Q3"),
    ]  # fmt: skip
    cities = {"A": "320100", "B": "320100", "E": "320500", "C": "320100"}
    with open_warehouse(None) as warehouse:
        columns = ("unit_code", "indicator", "status", "period")
        warehouse.replace("indicator_values", pl.DataFrame(values, schema=columns, orient="row"))
        units = [
            {"unit_code": code, "kind": kind, "city_code": cities.get(code)} for code, kind, *_ in VALUES
        ]
        warehouse.replace("dim_unit", pl.DataFrame(units))
        known = [
            {"period": PERIOD, "indicator": indicator, "dimension": dimension}
            for indicator, dimension in (("i", "learning"), ("j", "learning"), ("k", "innovation"))
        ]
        warehouse.replace("indicator_periods", pl.DataFrame(known))
        warehouse.set_due([PERIOD])
        warehouse.remake_periods("status_counts")
        rows = warehouse.run("status_counts", "select * from status_counts order by all")
    assert rows == [
        (PERIOD, "320100", "learning", "met", 2),
        (PERIOD, "320100", "learning", "not_calculable", 1),
        (PERIOD, "320500", "learning", "met", 1),
    ]
