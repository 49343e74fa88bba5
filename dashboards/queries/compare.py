"""Units side by side: who they are, their indicators of one dimension, and the peers of one indicator.

Units are asked for by their codes as the address has them, parted by commas; they keep that order.
"""

from __future__ import annotations

import polars as pl

from dashboards.queries.registry import indicators, judged_share
from pipelines.marts.published import PublishedRun

DIMENSIONS = ("learning", "service", "innovation", "leadership")


def _in_order(codes: str) -> pl.LazyFrame:
    """unit_code and seat: the place in the choice, from 0."""
    listed = [code for code in codes.split(",") if code]
    return pl.LazyFrame({"unit_code": listed}, {"unit_code": pl.String}).with_row_index("seat")


def _rows_of(run: PublishedRun, table: str, codes: str) -> pl.LazyFrame:
    """A mart's rows of the units, named one by one: the mart lies by unit, and all other row groups are passed over."""
    return run.scan(table).filter(pl.col("unit_code").is_in(codes.split(",")))


def _gate(run: PublishedRun, period: str) -> pl.LazyFrame:
    """unit_code and can_speak: false where the data of the period are under the quality gate and compare with nobody's."""
    return run.scan("grades").filter(pl.col("period") == period).select("unit_code", can_speak="passes")


def nearest(run: PublishedRun, code: str) -> list[str]:
    """The units most like this one, nearest first."""
    listed = run.scan("neighbours").filter(pl.col("unit_code") == code).sort("place")
    return listed.select("neighbour_code").collect()["neighbour_code"].to_list()


def members(run: PublishedRun, codes: str, period: str, dimension: str) -> pl.DataFrame:
    """The units: seat, unit_code, name, kind, category, city, members, peer_group, and of the dimension good and judged (standards), score,
    rank, rank_low, rank_high, peers, can_speak.
    """
    known = run.scan("dim_unit").select(
        "unit_code", "name", "kind", "category", "city", "members", "peer_group"
    )
    asked = indicators(run, period).filter(pl.col("dimension") == dimension).select("indicator")
    standing = (
        _rows_of(run, "indicator_values", codes)
        .filter(pl.col("period") == period)
        .join(asked, on="indicator", how="semi")
        .group_by("unit_code")
        .agg(judged_share())
    )
    scores = (
        _rows_of(run, "scores", codes)
        .filter(pl.col("period") == period, pl.col("dimension") == dimension)
        .select("unit_code", "score", "rank", "rank_low", "rank_high", "peers")
    )
    return (
        _in_order(codes)
        .join(known, on="unit_code")
        .join(standing, on="unit_code", how="left")
        .join(scores, on="unit_code", how="left")
        .join(_gate(run, period), on="unit_code", how="left")
        .with_columns(pl.col("good", "judged").fill_null(0), pl.col("can_speak").fill_null(value=True))
        .sort("seat")
        .collect()
    )


def values(run: PublishedRun, codes: str, period: str, dimension: str) -> pl.DataFrame:
    """Each indicator of the dimension in each of the units that is asked for it: in policy order, then in the order of the choice.

    The mart's columns with label_zh, clause, unit, compare and direction of the indicator, seat and name of the unit, and can_speak.
    """
    known = (
        indicators(run, period)
        .filter(pl.col("dimension") == dimension)
        .select("place", "indicator", "label_zh", "clause", "unit", "compare", "direction")
    )
    names = run.scan("dim_unit").select("unit_code", "name")
    return (
        _rows_of(run, "indicator_values", codes)
        .filter(pl.col("period") == period)
        .join(known, on="indicator")
        .join(_in_order(codes), on="unit_code")
        .join(names, on="unit_code")
        .join(_gate(run, period), on="unit_code", how="left")
        .with_columns(pl.col("can_speak").fill_null(value=True))
        .sort("place", "seat")
        .collect()
    )


def peers(run: PublishedRun, period: str, indicator: str, group: str, size: int) -> pl.DataFrame:
    """The units of a peer group that are judged among `size` peers: unit_code, name, numerator, denominator, value, peer_position.

    By code. Who was asked for another part of the year is compared among its own, as many as its `n_peers` says.
    """
    names = run.scan("dim_unit").filter(pl.col("peer_group") == group).select("unit_code", "name")
    return (
        run.scan("indicator_values")
        .filter(
            pl.col("period") == period,
            pl.col("indicator") == indicator,
            pl.col("peer_group") == group,
            pl.col("n_peers") == size,
            pl.col("peer_position").is_not_null(),
        )
        .select("unit_code", "numerator", "denominator", "value", "peer_position")
        .join(names, on="unit_code")
        .sort("unit_code")
        .collect()
    )
