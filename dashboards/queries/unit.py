"""One unit or branch.

Scores, indicators, branches, history, submissions and findings; the cells behind a number are found by
pipelines/marts/behind.py.
"""

from __future__ import annotations

import polars as pl

from dashboards.queries.registry import DIMENSIONS, indicators, judged_share, shown_flags
from pipelines.marts.published import PublishedRun


def scores(run: PublishedRun, code: str, period: str) -> pl.DataFrame:
    """Scores of the unit by dimension, the total last: the mart's columns."""
    order = pl.col("dimension").replace_strict({name: i for i, name in enumerate(DIMENSIONS)}, default=9)
    return (
        run.scan("scores")
        .filter(pl.col("unit_code") == code, pl.col("period") == period)
        .sort(order)
        .collect()
    )


def nearest(run: PublishedRun, code: str, period: str) -> pl.DataFrame:
    """The unit itself (place 0) and those most like it, nearest first; the unit alone where it has no neighbours.

    place, distance, unit_code, name, category, is_private, city, members, branches, good and judged (standards), and the scores
    of each dimension and in total.
    """
    own = pl.DataFrame(
        {"unit_code": [code], "place": [0], "distance": [0.0]},
        {"unit_code": pl.String, "place": pl.Int32, "distance": pl.Float64},
    )
    near = (
        run.scan("neighbours")
        .filter(pl.col("unit_code") == code)
        .select("place", "distance", unit_code="neighbour_code")
        .collect()
    )
    listed = pl.concat([own, near], how="diagonal")
    theirs = pl.col("unit_code").is_in(listed["unit_code"].to_list())
    registry = run.scan("dim_unit")
    branches = (
        registry.filter(pl.col("kind") == "branch", pl.col("valid_to").is_null())
        .group_by(unit_code="parent_code")
        .agg(branches=pl.len())
    )
    judged = (
        run.scan("indicator_values")
        .filter(theirs, pl.col("period") == period)
        .group_by("unit_code")
        .agg(judged_share())
    )
    points = (
        run.scan("scores")
        .filter(theirs, pl.col("period") == period)
        .group_by("unit_code")
        .agg(pl.col("score").filter(pl.col("dimension") == name).first().alias(name) for name in DIMENSIONS)
    )
    known = registry.select("unit_code", "name", "category", "is_private", "city", "members")
    return (
        listed.lazy()
        .join(known, on="unit_code")
        .join(branches, on="unit_code", how="left")
        .join(judged, on="unit_code", how="left")
        .join(points, on="unit_code", how="left")
        .with_columns(pl.col("branches", "good", "judged").fill_null(0))
        .sort("place")
        .collect()
    )


def values(run: PublishedRun, code: str, period: str) -> pl.DataFrame:
    """The unit's indicators in policy order.

    The mart's columns with label_zh, dimension, clause, unit, compare, stated, direction, grain and per
    of the indicator.
    """
    known = indicators(run, period).select(
        "place",
        "indicator",
        "label_zh",
        "dimension",
        "clause",
        "unit",
        "compare",
        "stated",
        "direction",
        "grain",
        "per",
    )
    return (
        run.scan("indicator_values")
        .filter(pl.col("unit_code") == code, pl.col("period") == period)
        .join(known, on="indicator")
        .sort("place")
        .collect()
    )


def branches(run: PublishedRun, code: str, period: str, review: bool = False) -> pl.DataFrame:
    """The unit's branches.

    Unit_code, name, category, members, good, judged, missed, not_calculable, flags of the period, and how many periods running the
    longest of them has been raised (`times`, 0 without any).
    """
    registry = (
        run.scan("dim_unit")
        .filter(pl.col("kind") == "branch", pl.col("parent_code") == code)
        .select("unit_code", "name", "category", "members")
        .collect()
    )
    theirs = pl.col("unit_code").is_in(registry["unit_code"].to_list())
    judged = (
        run.scan("indicator_values")
        .filter(theirs, pl.col("period") == period, pl.col("status").is_not_null())
        .group_by("unit_code")
        .agg(*judged_share(), not_calculable=(pl.col("status") == "not_calculable").sum())
    )
    flagged = (
        shown_flags(run, period, review)
        .filter(theirs)
        .group_by("unit_code")
        .agg(flags=pl.len(), times=pl.col("times").max())
    )
    return (
        registry.lazy()
        .join(judged, on="unit_code", how="left")
        .join(flagged, on="unit_code", how="left")
        .with_columns(pl.col("good", "judged", "not_calculable", "flags", "times").fill_null(0))
        .with_columns(missed=pl.col("judged") - pl.col("good"))
        .sort("missed", "flags", "unit_code", descending=[True, True, False])
        .collect()
    )


def branch_values(run: PublishedRun, code: str, period: str, indicator: str) -> pl.DataFrame:
    """One indicator in all branches of the unit, by code: unit_code, name and the mart's figures."""
    registry = (
        run.scan("dim_unit")
        .filter(pl.col("kind") == "branch", pl.col("parent_code") == code)
        .select("unit_code", "name")
        .collect()
    )
    theirs = pl.col("unit_code").is_in(registry["unit_code"].to_list())
    return (
        run.scan("indicator_values")
        .filter(theirs, pl.col("period") == period, pl.col("indicator") == indicator)
        .join(registry.lazy(), on="unit_code")
        .sort("unit_code")
        .select("unit_code", "name", "numerator", "denominator", "value", "standard", "status", "reason")
        .collect()
    )


def history(run: PublishedRun, code: str, indicator: str) -> pl.DataFrame:
    """The indicator as it was judged in each period, where it has a value.

    Point (the period), numerator, denominator, value, standard, status; oldest first.
    """
    return (
        run.scan("indicator_values")
        .filter(pl.col("unit_code") == code, pl.col("indicator") == indicator, pl.col("value").is_not_null())
        .select("numerator", "denominator", "value", "standard", "status", point="period")
        .sort("point")
        .collect()
    )


def submissions(run: PublishedRun, code: str) -> pl.DataFrame:
    """Every version that the unit has sent, newest period and version first: the mart's columns."""
    return (
        run.scan("submissions")
        .filter(pl.col("unit_code") == code)
        .sort("period", "version", descending=True)
        .collect()
    )


def findings(run: PublishedRun, code: str, period: str, branch: str | None) -> pl.DataFrame:
    """Findings in the unit's latest version of the period, gravest first; only one branch's where it is
    given.
    """
    current = run.scan("submissions").filter(
        pl.col("unit_code") == code, pl.col("period") == period, pl.col("state") != "superseded"
    )
    gravity = pl.col("severity").replace_strict({"block": 0, "explain": 1, "inform": 2}, default=3)
    chosen = pl.lit(True) if branch is None else pl.col("branch_code") == branch
    return (
        run.scan("findings")
        .filter(pl.col("unit_code") == code, pl.col("period") == period, chosen)
        .join(current, on="submission_id", how="semi")
        .join(run.scan("dim_rule").select("rule", rule_zh="label_zh"), on="rule", how="left")
        .sort(gravity, "sheet", "cell", "finding_id")
        .collect()
    )


def outlier_coverage(run: PublishedRun, code: str, period: str) -> pl.DataFrame:
    """How much of the unit's answers could be held against its history and its peers: the mart's columns."""
    return (
        run.scan("outlier_coverage")
        .filter(pl.col("unit_code") == code, pl.col("period") == period)
        .sort("against")
        .collect()
    )
