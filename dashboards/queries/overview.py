"""The overview of a period: reporting, standards, cities, flags, and where to look next."""

from __future__ import annotations

import polars as pl

from dashboards.queries.registry import GOOD, JUDGED, indicators, shown_flags
from pipelines.marts.published import PublishedRun

LEVELS = ("red", "amber", "watch")


def reporting(run: PublishedRun, period: str, group_kind: str) -> pl.DataFrame:
    """Reporting of each group of one kind (province, city, kind): the mart's columns."""
    return (
        run.scan("reporting")
        .filter(pl.col("period") == period, pl.col("group_kind") == group_kind)
        .sort("group_code")
        .collect()
    )


def cities(run: PublishedRun, period: str) -> pl.DataFrame:
    """One row a city, also those without units.

    Place on the tile map, reporting, and standards met (good / judged).
    """
    met = (
        run.scan("status_counts")
        .filter(pl.col("period") == period)
        .group_by("city_code")
        .agg(
            good=pl.col("items").filter(pl.col("status").is_in(GOOD)).sum(),
            judged=pl.col("items").filter(pl.col("status").is_in(JUDGED)).sum(),
        )
    )
    figures = (
        run.scan("reporting")
        .filter(pl.col("period") == period, pl.col("group_kind") == "city")
        .select("expected", "received", "on_time", "accepted", "completeness", city_code="group_code")
    )
    joined = (
        run.scan("dim_city").join(figures, on="city_code", how="left").join(met, on="city_code", how="left")
    )
    return joined.sort("city_code").collect()


def standards_by_dimension(run: PublishedRun, period: str) -> pl.DataFrame:
    """How the units' own indicators with a standard stand: dimension, status, count, in policy order.

    Branches apart.
    """
    in_order = indicators(run, period).group_by("dimension").agg(place=pl.col("place").min())
    return (
        run.scan("status_counts")
        .filter(pl.col("period") == period)
        .group_by("dimension", "status")
        .agg(count=pl.col("items").sum())
        .join(in_order, on="dimension", how="left")
        .sort("place", "status", nulls_last=True)
        .select("dimension", "status", "count")
        .collect()
    )


def missed_standards(run: PublishedRun, period: str, limit: int) -> pl.DataFrame:
    """The indicators that fewest units meet.

    Indicator, label_zh, clause, units, units_met, standard, unit, compare.
    """
    return (
        run.scan("group_values")
        .filter(
            pl.col("period") == period,
            pl.col("group_kind") == "province",
            pl.col("standard").is_not_null(),
            pl.col("units") > pl.col("units_met"),
        )
        .select("indicator", "units", "units_met", "standard")
        .join(
            indicators(run, period).select("indicator", "label_zh", "clause", "unit", "compare", "place"),
            on="indicator",
        )
        .sort(pl.col("units_met") / pl.col("units"), "place")
        .head(limit)
        .collect()
    )


def flags_by_kind(run: PublishedRun, period: str, review: bool = False) -> pl.DataFrame:
    """kind, level, count (flags), lasting (of these, in their second period running or later) and units (or branches) of the period."""
    return (
        shown_flags(run, period, review)
        .group_by("kind", "level")
        .agg(count=pl.len(), lasting=(pl.col("times") > 1).sum(), units=pl.col("unit_code").n_unique())
        .sort("kind", "level")
        .collect()
    )


def flagged_units(run: PublishedRun, period: str, limit: int, review: bool = False) -> pl.DataFrame:
    """The units and branches with the gravest flags.

    unit_code, name, is_branch, parent_code, parent, city, red, amber, watch; indicators (Chinese names of those flagged,
    gravest first), kinds (of the flags that are not about an indicator) and times (periods running, of the longest).
    """
    registry = run.scan("dim_unit").select(
        "unit_code", "name", "city", "parent_code", is_branch=pl.col("kind") == "branch"
    )
    above = run.scan("dim_unit").select(parent_code="unit_code", parent="name")
    named = indicators(run, period).select("indicator", "label_zh", "place")
    counts = [(pl.col("level") == level).sum().alias(level) for level in LEVELS]
    gravity = pl.col("level").replace_strict(
        {level: i for i, level in enumerate(LEVELS)}, default=len(LEVELS)
    )
    return (
        shown_flags(run, period, review)
        .join(named, on="indicator", how="left")
        .sort(gravity, "place", "kind", nulls_last=True)
        .group_by("unit_code")
        .agg(
            *counts,
            times=pl.col("times").max(),
            indicators=pl.col("label_zh").drop_nulls().unique(maintain_order=True),
            kinds=pl.col("kind").filter(pl.col("indicator").is_null()).unique(maintain_order=True),
        )
        .sort("red", "amber", "watch", "unit_code", descending=[True, True, True, False])
        .head(limit)
        .join(registry, on="unit_code", how="left", maintain_order="left")
        .join(above, on="parent_code", how="left", maintain_order="left")
        .collect()
    )


def outstanding(run: PublishedRun, period: str) -> pl.DataFrame:
    """Units whose latest version was returned.

    Unit_code, name, city, version, n_block, n_explain; most faults first.
    """
    registry = run.scan("dim_unit").select("unit_code", "name", "city")
    return (
        run.scan("submissions")
        .filter(pl.col("period") == period, pl.col("state") == "returned")
        .join(registry, on="unit_code", how="left")
        .select("unit_code", "name", "city", "version", "n_block", "n_explain")
        .sort("n_block", "n_explain", "unit_code", descending=[True, True, False])
        .collect()
    )
