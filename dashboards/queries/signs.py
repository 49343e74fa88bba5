"""Signs of form-filling in a period, for reviewers: what was raised, and how many tests were made."""

from __future__ import annotations

import polars as pl

from pipelines.marts.published import PublishedRun


def signs(run: PublishedRun, period: str) -> pl.DataFrame:
    """The signs of the period, the least adjusted p first.

    The mart's columns with the names of unit, branch and city, and of the unit and branch of the row that is the same.
    """
    registry = run.scan("dim_unit")
    named = {
        "unit_name": ("unit_code", "unit_code"),
        "branch": ("branch_code", "branch_code"),
        "other_unit": ("other_unit_code", "other_unit_code"),
        "other_branch": ("other_branch_code", "other_branch_code"),
    }
    found = run.scan("signs").filter(pl.col("period") == period)
    for name, (left, key) in named.items():
        names = registry.select(pl.col("unit_code").alias(key), pl.col("name").alias(name))
        found = found.join(names, on=left, how="left")
    cities = run.scan("dim_city").select("city_code", city="name")
    asked = pl.col("message").str.strip_suffix(pl.col("asks"))
    return (
        found.join(cities, on="city_code", how="left")
        .with_columns(facts=asked)
        .sort("p_adjusted", "p", "sign", "scope_code", "test")
        .collect()
    )


def tests(run: PublishedRun, period: str) -> pl.DataFrame:
    """sign, tests, judged, too_few, raised, false_discovery_rate of the period."""
    return run.scan("sign_tests").filter(pl.col("period") == period).sort("sign").collect()


def narrowed(frame: pl.DataFrame, sign: str | None, city: str | None, unit: str | None) -> pl.DataFrame:
    """The signs of one kind, city and unit."""
    for column, wanted in (("sign", sign), ("city_code", city), ("unit_code", unit)):
        if wanted:
            frame = frame.filter(pl.col(column) == wanted)
    return frame
