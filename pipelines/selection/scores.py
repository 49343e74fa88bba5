"""Scores of units by dimension and in total, their ranks among peers, and how sure these are. Columns of the mart `scores`."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl
from scipy.stats import rankdata

from expectations import Period
from expectations.models.selection import Scoring, Selection
from pipelines.selection.alternatives import Totals, Ways, draw_ways, every_total
from pipelines.selection.pool import DIMENSIONS, Bools, Floats, Ints, Pool
from pipelines.selection.rank_ranges import rank_range
from pipelines.selection.schemas import SCORES

TOTAL = "total"
THREADS = 2  # peer groups at once: each holds some 100 bytes a unit and alternative


def scores(terms: pl.DataFrame, selection: Selection) -> pl.DataFrame:
    """terms: the table score_terms (unit_code, period, indicator, dimension, peer_group, attainment)."""
    tables = [
        table
        for (period,), part in sorted(terms.partition_by("period", as_dict=True).items())
        for table in _period(
            part, str(period), selection.as_of(Period.parse(str(period))).scoring, selection.minimum_peers
        )
    ]
    return pl.concat(tables) if tables else pl.DataFrame(schema=SCORES)


def _period(terms: pl.DataFrame, period: str, scoring: Scoring, least: int) -> list[pl.DataFrame]:
    pool = Pool.of(terms)
    groups = terms.select("unit_code", "peer_group").unique().sort("unit_code")["peer_group"]
    ways = draw_ways(len(pool.indicators), scoring)

    def of_group(group: str) -> list[pl.DataFrame]:
        named = {"period": pl.lit(period), "peer_group": pl.lit(group)}
        return [
            lines.with_columns(**named).select(SCORES.names()).cast(SCORES)
            for lines in _group(pool.at((groups == group).to_numpy()), ways, scoring, least)
        ]

    # sorting and matrix work let other threads run; the order is that of the groups, whoever is done first
    with ThreadPoolExecutor(THREADS) as threads:
        return [lines for part in threads.map(of_group, groups.unique().sort()) for lines in part]


def _group(peers: Pool, ways: Ways, scoring: Scoring, least: int) -> Iterator[pl.DataFrame]:
    """The rows of a peer group: by dimension, and in total. Fewer than `least` with a score have scores and no ranks."""
    official = np.column_stack([peers.scores, peers.totals(scoring.weights)])
    coverage = float(scoring.alternatives.coverage)
    for place, drawn in enumerate(every_total(peers, ways, official)):
        is_total = place == len(DIMENSIONS)
        asked = np.full(len(peers.dimension), is_total) | (peers.dimension == place)
        lines = _lines(peers, asked, official[:, place], drawn, coverage, least)
        yield lines.with_columns(dimension=pl.lit(TOTAL if is_total else DIMENSIONS[place]))


def _lines(
    pool: Pool, asked: Bools, score: Floats, drawn: Totals, coverage: float, least: int
) -> pl.DataFrame:
    """The rows of one period, peer group, and dimension or total: of the units to which one of the indicators asked is due."""
    mine = np.flatnonzero(pool.due[:, asked].any(axis=1))
    score, scored = score[mine], ~np.isnan(score[mine])
    rank = ranks(score)
    spread = rank_range(drawn.of(mine), rank, coverage)
    ranked = pl.DataFrame({"rank": rank, "rank_low": spread.low, "rank_high": spread.high})
    part = pool.at(mine)
    return ranked.select(
        pl.when(pl.Series(scored & (scored.sum() >= least))).then(pl.all()),
        unit_code=pl.Series(part.units, dtype=pl.String),
        score=pl.Series(score, dtype=pl.Float64).fill_nan(None),
        peers=pl.lit(int(scored.sum())),
        coverage=pl.Series(part.covered(asked), dtype=pl.Float64),
    )


def ranks(score: Floats) -> Ints:
    """Ranks from the highest, equals sharing the better one; units without a score come last."""
    return np.asarray(rankdata(-np.nan_to_num(score, nan=-1.0), method="min"), dtype=np.int64)
