"""How an indicator of a unit, a branch or a group of units has gone: its points with limits, the peers' median and signals.

Who has the points (`holder_kind`, `code`) is a unit or branch (unit), a city, a kind of unit, or the province.
"""

from __future__ import annotations

import polars as pl

from dashboards.queries.overview import LEVELS
from dashboards.queries.registry import indicators
from expectations.period import Period
from pipelines.marts.published import PublishedRun

GRAINS = ("month", "quarter", "year")
UNIT = "unit"
HOLDERS = ("province", "city", "kind", UNIT)


def _of(run: PublishedRun, table: str, holder_kind: str, code: str) -> pl.LazyFrame:
    """A mart's rows of the holder: `trends` or `trend_tests` by unit, and the groups' marts of the same columns."""
    if holder_kind == UNIT:
        return run.scan(table).filter(pl.col("unit_code") == code)
    groups = run.scan({"trends": "group_trends", "trend_tests": "group_trend_tests"}[table])
    return groups.filter(pl.col("group_kind") == holder_kind, pl.col("group_code") == code)


def choices(run: PublishedRun, holder_kind: str, code: str) -> pl.DataFrame:
    """The indicators and grains in which the holder has points, in policy order.

    The columns of trend_tests with label_zh, clause, unit, direction, compare, rollup and full_standard (the newest) of the indicator;
    value, standard, signal and side of the last point; is_group; and `level` of the trend flag that is open on the indicator, null where there is none.
    """
    newest = run.read("dim_period")["period"].max()
    if newest is None:
        return run.read("trend_tests").clear()
    known = indicators(run, str(newest)).select(
        "place", "indicator", "label_zh", "clause", "unit", "direction", "compare", "rollup", full_standard="standard"
    )  # fmt: skip
    last = _of(run, "trends", holder_kind, code).select(
        "indicator", "grain", "value", "standard", "signal", "side", last_point="point"
    )
    flagged = (
        run.scan("flag_runs")
        .filter(pl.col("unit_code") == (code if holder_kind == UNIT else ""))  # groups have no flags
        .filter(pl.col("kind") == "trend", pl.col("closed_in").is_null())
        .select("indicator", "level")
    )
    return (
        _of(run, "trend_tests", holder_kind, code)
        .join(known, on="indicator")
        .join(flagged, on="indicator", how="left")
        .join(last, on=["indicator", "grain", "last_point"], how="left")
        .sort(
            "place", pl.col("grain").replace_strict({grain: i for i, grain in enumerate(GRAINS)}, default=9)
        )
        .drop("place")
        .with_columns(is_group=pl.lit(holder_kind != UNIT))
        .collect()
    )


def points(run: PublishedRun, holder_kind: str, code: str, indicator: str, grain: str) -> pl.DataFrame:
    """The mart's columns of the holder's points, oldest first; a group has no peers, and a `peer_median` of null.

    From its first point on a row for each point at which anybody in the province has a value: one that is missing keeps its place.
    """
    own = (
        _of(run, "trends", holder_kind, code)
        .filter(pl.col("indicator") == indicator, pl.col("grain") == grain)
        .collect()
    )
    if "peer_median" not in own.columns:
        own = own.with_columns(peer_median=pl.lit(None, dtype=pl.Float64))
    everywhere = run.scan("group_trends").filter(
        pl.col("group_kind") == "province", pl.col("indicator") == indicator, pl.col("grain") == grain
    )
    places = everywhere.select("point").collect()
    return (
        pl.concat([places, own.select("point")])
        .unique()
        .filter(pl.col("point") >= (own["point"].min() if own.height else ""))
        .join(own, on="point", how="left")
        .sort("point")
    )


def members(run: PublishedRun, holder_kind: str, code: str, period: str) -> int:
    """How many units a group has at the end of the period, branches not counted."""
    return int(_members(run, holder_kind, code, period).select(pl.len()).collect().item())


def newly_flagged(run: PublishedRun, holder_kind: str, code: str, period: str) -> pl.DataFrame:
    """The trend flags that began in the period, of a group's units and their branches; the gravest first, units before branches.

    unit_code (the unit's), branch_code (null for the unit itself), name, level, indicator, reason.
    """
    units = _members(run, holder_kind, code, period).select("unit_code", unit_name="name")
    registry = run.scan("dim_unit").select("unit_code", "name", "kind", "parent_code")
    branch = pl.col("kind") == "branch"
    gravity = pl.col("level").replace_strict({level: i for i, level in enumerate(LEVELS)}, default=9)
    return (
        run.scan("flags")
        .filter(pl.col("period") == period, pl.col("kind") == "trend", pl.col("run_since") == period)
        .select("unit_code", "level", "indicator", "reason")
        .join(registry, on="unit_code")
        .with_columns(
            branch_code=pl.when(branch).then("unit_code"),
            unit_code=pl.when(branch).then("parent_code").otherwise("unit_code"),
        )
        .join(units, on="unit_code")
        .with_columns(
            name=pl.when(branch).then(pl.col("unit_name") + "　" + pl.col("name")).otherwise("name")
        )
        .sort(gravity, branch, "unit_code", "branch_code", "indicator", nulls_last=True)
        .select("unit_code", "branch_code", "name", "level", "indicator", "reason")
        .collect()
    )


def _members(run: PublishedRun, holder_kind: str, code: str, period: str) -> pl.LazyFrame:
    last_day = Period.parse(period).last_day
    present = (pl.col("valid_from") <= last_day) & (
        pl.col("valid_to").is_null() | (pl.col("valid_to") >= last_day)
    )
    units = run.scan("dim_unit").filter(pl.col("kind") != "branch", present)
    return units if holder_kind == "province" else units.filter(pl.col(_MEMBERSHIP[holder_kind]) == code)


_MEMBERSHIP = {"city": "city_code", "kind": "kind"}
