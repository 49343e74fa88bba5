"""Reporting of a period: who owed, who sent and when, how much of it can be used; by city and quarter, by question, by unit.

`kind` and `city` narrow every query to one kind of unit and one city; None leaves them all in. Counts are summed before they are divided.
"""

from __future__ import annotations

import polars as pl

from dashboards.queries.registry import policy_order
from pipelines.marts.published import PublishedRun

LACKING = ("not_reported", "missing", "blocked", "unexplained")
QUARTERS_SHOWN = 12


def _units(run: PublishedRun, kind: str | None, city: str | None) -> pl.LazyFrame:
    """`unit_reporting` with name, kind and city of the unit."""
    registry = run.scan("dim_unit").select("unit_code", "name", "kind", "city_code", "city")
    rows = run.scan("unit_reporting").join(registry, on="unit_code")
    if kind:
        rows = rows.filter(pl.col("kind") == kind)
    return rows.filter(pl.col("city_code") == city) if city else rows


def _sums() -> list[pl.Expr]:
    """Of a group of units: owed, received, on_time, accepted (units), cells and usable (answers)."""
    return [
        pl.len().alias("owed"),
        (pl.col("n_versions") > 0).sum().alias("received"),
        pl.col("on_time").sum(),
        (pl.col("state") == "accepted").sum().alias("accepted"),
        pl.col("cells").sum(),
        pl.col("usable").sum(),
    ]


def totals(run: PublishedRun, period: str, kind: str | None, city: str | None) -> dict[str, int]:
    """owed, received, on_time, accepted, cells and usable of a period."""
    frame = _units(run, kind, city).filter(pl.col("period") == period).select(*_sums()).collect()
    return {name: int(value or 0) for name, value in frame.row(0, named=True).items()}


def city_quarters(run: PublishedRun, last: str, kind: str | None, city: str | None) -> pl.DataFrame:
    """The whole province and each city in each of the quarters up to `last`, at most QUARTERS_SHOWN.

    group (name), city_code (null for the province), period, and the sums; groups by code, the province first.
    """
    known = run.scan("dim_period").filter(pl.col("period") <= last).select("period").sort("period")
    rows = _units(run, kind, None).join(known.tail(QUARTERS_SHOWN), on="period", how="semi")
    whole = (
        rows.group_by("period")
        .agg(*_sums())
        .with_columns(city_code=pl.lit(None, dtype=pl.String), group=pl.lit("全省"))
    )
    cities = run.scan("dim_city").select("city_code", group="short")
    by_city = rows.group_by("period", "city_code").agg(*_sums()).join(cities, on="city_code")
    if city:
        by_city = by_city.filter(pl.col("city_code") == city)
    both = pl.concat([whole, by_city], how="diagonal")
    return both.sort("city_code", "period", nulls_last=False).collect()


def late(run: PublishedRun, period: str, kind: str | None, city: str | None) -> pl.DataFrame:
    """Units whose first submission came late, the latest first: unit_code, name, city, first_received_at, days_late, state."""
    return (
        _units(run, kind, city)
        .filter(pl.col("period") == period, pl.col("days_late") > 0)
        .sort("days_late", "unit_code", descending=[True, False])
        .select("unit_code", "name", "city", "first_received_at", "days_late", "state")
        .collect()
    )


def questions(run: PublishedRun, period: str, kind: str | None, city: str | None) -> pl.DataFrame:
    """Each question asked: question, label_zh, clause, who, cells, usable and why the rest cannot be used; least usable first."""
    rows = run.scan("question_reporting").filter(pl.col("period") == period)
    if kind:
        rows = rows.filter(pl.col("unit_kind") == kind)
    if city:
        rows = rows.filter(pl.col("city_code") == city)
    named = run.scan("dim_question").select("question", "label_zh", "clause", "who")
    dimension = run.scan("dim_clause").select("clause", "dimension")
    return (
        rows.group_by("question")
        .agg(pl.col("cells", "usable", *LACKING).sum())
        .join(named, on="question", how="left")
        .join(dimension, on="clause", how="left")
        .sort(pl.col("usable") / pl.col("cells"), *policy_order(), "question")
        .collect()
    )


def record(run: PublishedRun, unit: str) -> pl.DataFrame:
    """A unit's own record, newest period first: the columns of `unit_reporting`."""
    return (
        run.scan("unit_reporting")
        .filter(pl.col("unit_code") == unit)
        .sort("period", descending=True)
        .collect()
    )
