"""How an indicator of one unit or branch has gone: its points with limits, the peers' median and signals."""

from __future__ import annotations

import polars as pl

from dashboards.queries.registry import indicators
from pipelines.marts.published import PublishedRun

GRAINS = ("month", "quarter", "year")


def choices(run: PublishedRun, code: str) -> pl.DataFrame:
    """The indicators and grains in which the unit has points, in policy order.

    The columns of trend_tests with label_zh, clause, unit, direction and full_standard (the newest) of the indicator, `signal` and
    `side` of the last point, and `level` of the trend flag that is open on the indicator, null where there is none.
    """
    newest = run.read("dim_period")["period"].max()
    if newest is None:
        return run.read("trend_tests").clear()
    known = indicators(run, str(newest)).select(
        "place", "indicator", "label_zh", "clause", "unit", "direction", full_standard="standard"
    )
    last = (
        run.scan("trends")
        .filter(pl.col("unit_code") == code)
        .select("indicator", "grain", "signal", "side", last_point="point")
    )
    flagged = (
        run.scan("flag_runs")
        .filter(pl.col("unit_code") == code, pl.col("kind") == "trend", pl.col("closed_in").is_null())
        .select("indicator", "level")
    )
    return (
        run.scan("trend_tests")
        .filter(pl.col("unit_code") == code)
        .join(known, on="indicator")
        .join(flagged, on="indicator", how="left")
        .join(last, on=["indicator", "grain", "last_point"], how="left")
        .sort(
            "place", pl.col("grain").replace_strict({grain: i for i, grain in enumerate(GRAINS)}, default=9)
        )
        .drop("place")
        .collect()
    )


def points(run: PublishedRun, code: str, indicator: str, grain: str) -> pl.DataFrame:
    """The mart's columns of the unit's points, oldest first.

    From its first point on a row for each point at which anybody in the province has a value: one that is missing keeps its place.
    """
    own = (
        run.scan("trends")
        .filter(pl.col("unit_code") == code, pl.col("indicator") == indicator, pl.col("grain") == grain)
        .collect()
    )
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
