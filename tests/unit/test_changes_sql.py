"""What can be held against the quarter before (judged_twice.sql), and what is counted of it (quarter_changes.sql, standing_changes.sql)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from pipelines.warehouse import open_warehouse

NOW, BEFORE, YEAR_AGO = "2025Q4", "2025Q3", "2024Q4"
NUMBER = pl.Decimal(18, 4)
PERIODS = (YEAR_AGO, "2025Q1", BEFORE, NOW)
Value = tuple[str, str, str, str]  # unit, period, indicator, status


def made(
    values: Sequence[Value],
    *,
    reported: Sequence[tuple[str, str, int, bool, str]] = (),
    barred: Sequence[tuple[str, str]] = (),
    standards: dict[tuple[str, str], str] | None = None,
    stale: Sequence[tuple[str, str]] = (),
    due: Sequence[str] = PERIODS,
) -> dict[str, list[dict[str, Any]]]:
    """The rows of the three tables. reported: unit, period, n_versions, on_time, state; standards: of indicator and period; stale: the same,
    judged again on older answers. Indicator `m` is judged by the month, `y` by the year; unit X-1 is a branch."""
    rows = [
        {"unit_code": u, "period": p, "indicator": i, "status": s, "numerator": Decimal(1), "denominator": Decimal(2),
         "standard": Decimal((standards or {}).get((i, p), "0.9"))}
        for u, p, i, s in values
    ]  # fmt: skip
    indicators = [
        {"period": p, "indicator": i, "per": per, "dimension": dimension, "is_new": (i, p) not in stale}
        for p in PERIODS
        for i, per, dimension in (("m", "month", "learning"), ("y", "year", "service"))
    ]
    units = [
        {"unit_code": u, "kind": "branch" if "-" in u else "school"} for u in ("A", "B", "C", "D", "X-1")
    ]
    with open_warehouse(None) as warehouse:
        number = dict.fromkeys(("numerator", "denominator", "standard"), NUMBER)
        text = dict.fromkeys(("unit_code", "period", "indicator", "status"), pl.String)
        warehouse.replace("indicator_values", pl.DataFrame(rows, schema={**text, **number}))
        known = pl.DataFrame(indicators)
        warehouse.replace("indicator_periods", known)
        warehouse.replace("indicator_evidence", known.select("period", "indicator", "is_new"))
        warehouse.replace("dim_unit", pl.DataFrame(units))
        quarters = [{"period": p, "year": int(p[:4]), "quarter": int(p[-1])} for p in PERIODS]
        warehouse.replace("dim_period", pl.DataFrame(quarters))
        pairs = {"unit_code": pl.String, "period": pl.String}
        warehouse.replace("barred", pl.DataFrame(list(barred), schema=pairs, orient="row"))
        owed = {**pairs, "n_versions": pl.Int32, "on_time": pl.Boolean, "state": pl.String}
        warehouse.replace("unit_reporting", pl.DataFrame(list(reported), schema=owed, orient="row"))
        warehouse.set_due(due)
        tables = ("judged_twice", "standing_changes", "quarter_changes")
        for table in tables:
            warehouse.remake_periods(table)
        return {
            table: warehouse.frame(table, f"select * from {table} order by all").to_dicts()
            for table in tables
        }


BOTH: list[Value] = [("A", BEFORE, "m", "met"), ("A", NOW, "m", "not_met")]


@pytest.mark.parametrize(
    ("values", "held_against", "facts"),
    [
        (BOTH, [(NOW, BEFORE)], {}),
        ([("A", BEFORE, "y", "behind"), ("A", NOW, "y", "not_met")], [(NOW, BEFORE)], {}),
        ([("A", "2025Q1", "y", "on_pace"), ("A", YEAR_AGO, "y", "met")], [], {}),  # begins anew in January
        ([("A", "2025Q1", "m", "met"), ("A", YEAR_AGO, "m", "met")], [("2025Q1", YEAR_AGO)], {}),
        ([("A", "2025Q1", "m", "met"), ("A", BEFORE, "m", "met")], [], {}),  # a quarter lies between
        ([("A", BEFORE, "m", "not_calculable"), ("A", NOW, "m", "met")], [], {}),
        ([("A", BEFORE, "m", "met"), ("A", NOW, "y", "met")], [], {}),
        ([("X-1", BEFORE, "m", "met"), ("X-1", NOW, "m", "not_met")], [], {}),  # a branch
        (BOTH, [], {"barred": [("A", BEFORE)]}),
        (BOTH, [], {"barred": [("A", NOW)]}),
        (BOTH, [], {"standards": {("m", BEFORE): "0.8"}}),  # another standard
        (BOTH, [], {"stale": [("m", NOW)]}),  # judged again on older answers
        (BOTH, [], {"due": [BEFORE]}),
    ],
)
def test_only_like_is_held_against_like(
    values: list[Value], held_against: list[tuple[str, str]], facts: dict[str, Any]
) -> None:
    found = made(values, **facts)["judged_twice"]
    assert [(row["period"], row["before_period"]) for row in found] == held_against


TURNS: list[Value] = [
    *BOTH,
    ("A", BEFORE, "y", "on_pace"), ("A", NOW, "y", "met"),
    ("B", BEFORE, "m", "not_met"), ("B", NOW, "m", "met"),
    ("C", BEFORE, "m", "met"), ("C", NOW, "m", "met"),
    ("C", BEFORE, "y", "behind"), ("C", NOW, "y", "not_met"),
    ("D", NOW, "m", "met"),
]  # fmt: skip


def test_turns_are_listed_and_counted_by_dimension() -> None:
    tables = made(TURNS)
    assert [(row["unit_code"], row["indicator"], row["before_status"], row["status"]) for row in tables["standing_changes"]] == [
        ("A", "m", "met", "not_met"),
        ("B", "m", "not_met", "met"),
    ]  # fmt: skip
    columns = ("dimension", "units", "items", "good_before", "good", "units_up", "units_down")
    counted = {
        row["dimension"]: tuple(row[name] for name in columns[1:])
        for row in tables["quarter_changes"]
        if (row["measure"], row["period"]) == ("met", NOW)
    }
    assert counted == {
        "total": (3, 5, 3, 3, 1, 1),
        "learning": (3, 3, 2, 2, 1, 1),
        "service": (2, 2, 1, 1, 0, 0),
    }


def test_reporting_is_held_against_by_units_that_owed_both() -> None:
    reported = [
        ("A", BEFORE, 0, False, "not_reported"), ("A", NOW, 1, True, "accepted"),
        ("B", BEFORE, 2, True, "accepted"), ("B", NOW, 1, False, "returned"),
        ("C", NOW, 0, False, "not_reported"),
        ("D", BEFORE, 1, True, "accepted"),
    ]  # fmt: skip
    found = {row["measure"]: row for row in made((), reported=reported)["quarter_changes"]}
    counts = ("units", "good_before", "good", "units_up", "units_down")
    assert {name: tuple(row[count] for count in counts) for name, row in found.items()} == {
        "received": (2, 1, 2, 1, 0),
        "on_time": (2, 1, 1, 1, 1),
        "accepted": (2, 1, 1, 1, 1),
    }
    assert {row["before_period"] for row in found.values()} == {BEFORE}
