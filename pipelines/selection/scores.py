"""Scores of units by dimension and in total, their ranks among peers, and how sure these are. Columns of the mart `scores`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from scipy.stats import rankdata

from expectations import Period
from expectations.models.selection import Scoring, Selection
from pipelines.selection.alternatives import Totals, Ways, draw_ways, totals
from pipelines.selection.pool import DIMENSIONS, Bools, Floats, Ints, Pool
from pipelines.selection.rank_ranges import rank_range
from pipelines.selection.schemas import SCORES

TOTAL = "total"


def scores(terms: pl.DataFrame, selection: Selection) -> pl.DataFrame:
    """terms: the table score_terms (unit_code, period, indicator, dimension, peer_group, attainment)."""
    tables = [
        table
        for (period,), part in sorted(terms.partition_by("period", as_dict=True).items())
        for table in _period(part, str(period), selection.as_of(Period.parse(str(period))).scoring)
    ]
    return pl.concat(tables) if tables else pl.DataFrame(schema=SCORES)


def _period(terms: pl.DataFrame, period: str, scoring: Scoring) -> Iterator[pl.DataFrame]:
    pool = Pool.of(terms)
    groups = terms.select("unit_code", "peer_group").unique().sort("unit_code")["peer_group"]
    ways = draw_ways(len(pool.indicators), scoring)
    for group in groups.unique().sort():
        peers = pool.at((groups == group).to_numpy())
        for dimension in range(len(DIMENSIONS)):
            inside = _part(peers, ways, peers.dimension == dimension)
            yield _lines(
                *inside, inside[0].scores[:, dimension], scoring, (period, DIMENSIONS[dimension], str(group))
            )
        yield _lines(peers, ways, peers.totals(scoring.weights), scoring, (period, TOTAL, str(group)))


def _part(pool: Pool, ways: Ways, indicators: Bools) -> tuple[Pool, Ways]:
    """What concerns some of the indicators, of the units to which one of them is due."""
    names = tuple(name for name, kept in zip(pool.indicators, indicators, strict=True) if kept)
    among = pool.at(np.flatnonzero(pool.due[:, indicators].any(axis=1)))
    part = Pool(
        among.units,
        names,
        pool.dimension[indicators],
        among.attainment[:, indicators],
        among.due[:, indicators],
    )
    return part, ways._replace(indicators=ways.indicators[:, indicators])


def _lines(
    pool: Pool, ways: Ways, score: Floats, scoring: Scoring, names: tuple[str, str, str]
) -> pl.DataFrame:
    """The rows of one period, dimension and peer group."""
    period, dimension, group = names
    scored = ~np.isnan(score)
    rank = ranks(score)
    spread = rank_range(filled(totals(pool, ways), score), rank, float(scoring.alternatives.coverage))
    return pl.DataFrame(
        {
            "unit_code": pl.Series(pool.units, dtype=pl.String), "score": score, "rank": rank, "rank_low": spread.low,
            "rank_high": spread.high, "coverage": pool.coverage,
        }
    ).select(
        "unit_code", pl.lit(period).alias("period"), pl.lit(dimension).alias("dimension"), pl.col("score").fill_nan(None),
        pl.when(pl.Series(scored)).then(pl.col("rank", "rank_low", "rank_high")), pl.lit(group).alias("peer_group"),
        pl.lit(int(scored.sum())).alias("peers"), "coverage",
    ).cast(SCORES)  # fmt: skip


def ranks(score: Floats) -> Ints:
    """Ranks from the highest, equals sharing the better one; units without a score come last."""
    return np.asarray(rankdata(-np.nan_to_num(score, nan=-1.0), method="min"), dtype=np.int64)


def filled(drawn: Totals, score: Floats) -> Totals:
    """With the official score in alternatives that leave a unit nothing to be scored by; one without a score may lie anywhere."""
    if not any(np.isnan(total).any() for total in drawn):
        return drawn
    official = score / 100
    low = np.where(np.isnan(drawn.low), np.nan_to_num(official, nan=0.0), drawn.low)
    high = np.where(np.isnan(drawn.high), np.nan_to_num(official, nan=1.0), drawn.high)
    return Totals(np.where(np.isnan(drawn.score), official, drawn.score), low, high)
