"""The quality grades of submissions: how many of each, who is under the gate, and a unit's own over time. Of data, not of performance."""

from __future__ import annotations

import polars as pl

from pipelines.marts.published import PublishedRun


def distribution(run: PublishedRun, period: str) -> pl.DataFrame:
    """Submissions of the period by kind of unit and grade: unit_kind, grade, count, under (how many do not pass)."""
    return (
        run.scan("grades")
        .filter(pl.col("period") == period)
        .join(run.scan("dim_unit").select("unit_code", unit_kind="kind"), on="unit_code")
        .group_by("unit_kind", "grade")
        .agg(count=pl.len(), under=pl.col("passes").not_().sum())
        .sort("unit_kind", "grade")
        .collect()
    )


def under_gate(run: PublishedRun, period: str) -> pl.DataFrame:
    """Units of the period whose data do not pass, fewest points first: the mart's columns with name and city."""
    return (
        run.scan("grades")
        .filter(pl.col("period") == period, pl.col("passes").not_())
        .join(run.scan("dim_unit").select("unit_code", "name", "city"), on="unit_code")
        .sort("points", "unit_code")
        .collect()
    )


def of_unit(run: PublishedRun, code: str) -> pl.DataFrame:
    """A unit's grades, newest period first: the mart's columns."""
    return run.scan("grades").filter(pl.col("unit_code") == code).sort("period", descending=True).collect()


def formula(run: PublishedRun, period: str) -> list[tuple[str, int]]:
    """The parts of the period's formula with the points that each can cost, in its order."""
    parts = run.scan("quality_parts").filter(pl.col("period") == period).sort("place")
    return [(label, weight) for label, weight in parts.select("label_zh", "weight").collect().rows()]
