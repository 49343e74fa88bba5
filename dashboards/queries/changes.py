"""What changed since the quarter before: figures that can be compared, standards newly met and newly missed, and what has come in."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from dashboards.queries.registry import indicators, policy_order
from pipelines.marts.published import PublishedRun

# How a file that came in stands to the period: the first of it, another version, the same two of an earlier period, or unreadable.
ARRIVALS = ("first", "again", "late", "revised", "refused")


class Since(NamedTuple):
    """The quarter that a period is held against: its code, its Chinese name, and the two dates between which «since» lies (UTC, as text)."""

    period: str
    label_zh: str
    after: str
    until: str | None


def since(run: PublishedRun, period: str, before: str) -> Since:
    """From the due time of the quarter before to the period's own; of the newest period the run has, to the last receipt (until None)."""
    known = run.read("dim_period").sort("period")
    rows = {row["period"]: row for row in known.to_dicts()}
    is_newest = period == known["period"][-1]
    until = None if is_newest else rows[period]["due_at"].isoformat()
    return Since(before, rows[before]["label_zh"], rows[before]["due_at"].isoformat(), until)


def compared(run: PublishedRun, period: str) -> pl.DataFrame:
    """The rows of `quarter_changes` of the period: received, on_time, accepted, then met, in total and in the policy's order of dimensions."""
    order = {name: place for place, name in enumerate(("received", "on_time", "accepted", "met"))}
    by_dimension, _ = policy_order()
    return (
        run.scan("quarter_changes")
        .filter(pl.col("period") == period)
        .sort(
            pl.col("measure").replace_strict(order, default=len(order)),
            pl.col("dimension") != "total",
            by_dimension,
        )
        .collect()
    )


def moved(run: PublishedRun, period: str) -> pl.DataFrame:
    """Standards that units came to meet or to miss: the columns of `standing_changes`, `is_good`, and of the unit name, kind and city, of the
    indicator label_zh, clause, unit, compare; in the order of the policy, then of the units."""
    registry = run.scan("dim_unit").select("unit_code", "name", "city", kind="kind")
    known = indicators(run, period).select("indicator", "label_zh", "clause", "unit", "compare", "place")
    return (
        run.scan("standing_changes")
        .filter(pl.col("period") == period)
        .with_columns(is_good=pl.col("status").is_in(["met", "on_pace"]))
        .join(registry, on="unit_code", how="left")
        .join(known, on="indicator", how="left")
        .sort("place", "unit_code")
        .collect()
    )


def arrivals(run: PublishedRun, period: str, after: str, until: str | None) -> pl.DataFrame:
    """What was received after the one time and up to the other (UTC, as ISO text), the newest first; nothing of a later period.

    unit_code, name, city, period, version, received_at, state, arrival (one of ARRIVALS); unit and period null where they are unknown.
    """
    files = run.scan("submissions").filter(
        pl.col("received_at") > pl.lit(after).str.to_datetime(time_unit="us"),
        pl.col("period").is_null() | (pl.col("period") <= period),
    )
    if until is not None:
        files = files.filter(pl.col("received_at") <= pl.lit(until).str.to_datetime(time_unit="us"))
    registry = run.scan("dim_unit").select("unit_code", "name", "city")
    is_first = pl.col("version") == 1
    arrival = (
        pl.when(pl.col("state") == "refused")
        .then(pl.lit("refused"))
        .when(pl.col("period") == period)
        .then(pl.when(is_first).then(pl.lit("first")).otherwise(pl.lit("again")))
        .otherwise(pl.when(is_first).then(pl.lit("late")).otherwise(pl.lit("revised")))
    )
    return (
        files.select(
            "submission_id", "unit_code", "period", "version", "received_at", "state", arrival=arrival
        )
        .join(registry, on="unit_code", how="left")
        .sort("received_at", "submission_id", descending=[True, False])
        .drop("submission_id")
        .collect()
    )


def counted(came: pl.DataFrame) -> dict[str, tuple[int, int]]:
    """Files and units of each of ARRIVALS. came: as `arrivals` gives it."""
    sums = came.group_by("arrival").agg(files=pl.len(), units=pl.col("unit_code").drop_nulls().n_unique())
    known = {name: (files, units) for name, files, units in sums.rows()}
    return {name: known.get(name, (0, 0)) for name in ARRIVALS}


def new_and_closed(tally: pl.DataFrame) -> pl.DataFrame:
    """Flags newly raised and closed in the period: kind, level, standing (new, closed), count. tally: as queries.worklist.tally gives it."""
    return tally.filter(pl.col("standing").is_in(["new", "closed"]))
