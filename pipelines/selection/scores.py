"""Scores of units by dimension and in total, their ranks among peers, and how sure these are. Columns of the mart `scores`."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from itertools import chain

import numpy as np
import polars as pl
from scipy.stats import rankdata

from expectations import Period
from expectations.models.selection import Scoring, Selection
from pipelines.forked import forked
from pipelines.selection.alternatives import Totals, Ways, draw_ways, every_total
from pipelines.selection.pool import DIMENSIONS, Bools, Floats, Ints, Pool
from pipelines.selection.rank_ranges import rank_range
from pipelines.selection.schemas import SCORES

TOTAL = "total"
PROCESSES = 2  # each holds some 50 bytes a unit and alternative of the largest peer group
WORTH_PROCESSES = 100_000  # terms of a frame: fewer are scored before a process has started


def scores(terms: pl.DataFrame, selection: Selection) -> pl.DataFrame:
    """terms: the table score_terms (unit_code, period, indicator, dimension, peer_group, attainment)."""
    return _joined(
        table
        for part in _quarters(terms)
        for table in _period(
            part, selection.as_of(Period.parse(part["period"][0])).scoring, selection.minimum_peers
        )
    )


def scores_of_each(terms: Iterable[pl.DataFrame], selection: Selection) -> Iterator[pl.DataFrame]:
    """The scores of each frame of terms, which holds one or more whole quarters, in the order given.

    Where the frames are large, processes of their own share the quarters among them: the result is the same.
    """
    frames = iter(terms)
    first = next(frames, None)
    if first is None:
        return
    frames = chain((first,), frames)
    if first.height < WORTH_PROCESSES:
        yield from (scores(frame, selection) for frame in frames)
        return
    with forked(PROCESSES, __name__) as pool:
        waiting: deque[list[Future[pl.DataFrame]]] = deque()
        for frame in frames:
            waiting.append([pool.schedule(scores, args=[part, selection]) for part in _quarters(frame)])
            if sum(map(len, waiting)) > PROCESSES:
                yield _joined(future.result() for future in waiting.popleft())
        while waiting:
            yield _joined(future.result() for future in waiting.popleft())


def _quarters(terms: pl.DataFrame) -> list[pl.DataFrame]:
    return [part for _, part in sorted(terms.partition_by("period", as_dict=True).items())]


def _joined(tables: Iterable[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=SCORES), *tables])


def _period(terms: pl.DataFrame, scoring: Scoring, least: int) -> Iterator[pl.DataFrame]:
    pool = Pool.of(terms)
    groups = terms.select("unit_code", "peer_group").unique().sort("unit_code")["peer_group"]
    ways = draw_ways(len(pool.indicators), scoring)
    for group in groups.unique().sort():
        named = {"period": pl.lit(terms["period"][0]), "peer_group": pl.lit(group)}
        for lines in _group(pool.at((groups == group).to_numpy()), ways, scoring, least):
            yield lines.with_columns(**named).select(SCORES.names()).cast(SCORES)


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
