"""The ranks that alternative ways to score, and figures that could not be calculated, would allow a unit."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.selection.alternatives import Totals
from pipelines.selection.pool import Ints

CHUNK = 64  # alternatives at once
LOW, HIGH = 1, 2  # ends of a unit that lacks something; 0 is both ends of one that does not

Ranks = NDArray[np.int32]


class RankRange(NamedTuple):
    """For each unit the best and the worst of the ranks that are held."""

    low: Ints
    high: Ints


def rank_range(totals: Totals, rank: Ints, coverage: float) -> RankRange:
    """The middle `coverage` of each unit's ranks over the alternatives, widened by what is missing, and holding its official rank.

    In each alternative a unit's best rank leaves above it only those whose total, were all that they lack at 0, beats its own, were
    all that it lacks at 1; its worst rank the other way round. Where nothing is missing the two are the one rank. Equals share the
    better one. totals: alternatives × units of one group; rank: the official ranks.
    """
    if not len(rank):
        return RankRange(rank, rank)
    best, worst = ranks_allowed(totals)
    last, tail = len(best) - 1, (1 - coverage) / 2
    ends = int(np.floor(tail * last)), int(np.ceil((1 - tail) * last))
    low, high = _at(best, ends) if worst is best else (_at(best, ends[:1])[0], _at(worst, ends[1:])[0])
    return RankRange(np.minimum(low, rank), np.maximum(high, rank))


def ranks_allowed(totals: Totals) -> tuple[Ranks, Ranks]:
    """alternatives × units: the best and the worst rank of each unit in each alternative; one array where nothing is missing."""
    best = np.empty(totals.score.shape, dtype=np.int32)
    worst = best if not totals.lacking.size else np.empty_like(best)
    for start in range(0, len(best), CHUNK):
        rows = slice(start, start + CHUNK)
        _rank(
            totals._replace(score=totals.score[rows], low=totals.low[rows], high=totals.high[rows]),
            best[rows],
            worst[rows],
        )
    return best, worst


def _rank(totals: Totals, best: Ranks, worst: Ranks) -> None:
    """Fill in the ranks of a chunk of alternatives.

    All ends stand in one order from the top: a unit that lacks nothing is both of its ends, any other its low and its high one. What
    lies above an end is counted where its equals begin.
    """
    rows, units = totals.score.shape
    bits, sure = units.bit_length(), np.ones(units, dtype=bool)
    sure[totals.lacking] = False
    places = (np.flatnonzero(sure), totals.lacking, totals.lacking)
    ends = (totals.score[:, places[0]], totals.low, totals.high)
    keys = np.concatenate(
        # the higher first: -n, and below it the sort of end and the unit's place
        [(-end.astype(np.int64) << (bits + 2)) | (sort << bits) | place for sort, (end, place) in enumerate(zip(ends, places, strict=True))],
        axis=1,
    )  # fmt: skip
    keys.sort(axis=1)
    kind = (keys >> bits).astype(np.int8) & 3 if totals.lacking.size else None
    # flat places of the units in the result, and where among the ends each one's equals begin
    place = (keys & ((1 << bits) - 1)) + np.arange(rows)[:, None] * units
    keys >>= bits + 2
    begins = np.tile(np.arange(keys.shape[1], dtype=np.int32), (rows, 1))
    begins[:, 1:][keys[:, 1:] == keys[:, :-1]] = 0
    np.maximum.accumulate(begins, axis=1, out=begins)
    if not totals.lacking.size:
        best.reshape(-1)[place] = begins + 1
        return
    for ranks, asks, counted in ((best, kind != LOW, kind != HIGH), (worst, kind != HIGH, kind != LOW)):
        before = np.cumsum(counted, axis=1, dtype=np.int32) - counted
        found = np.take_along_axis(before, begins, axis=1)
        ranks.reshape(-1)[place[asks]] = found[asks] + 1
    # a unit's own high end is no other unit above it
    worst[:, totals.lacking] -= totals.high > totals.low


def _at(ranks: Ranks, places: tuple[int, ...]) -> list[Ints]:
    """Of each unit, the numbers that stand at these places among its ranks from the lowest."""
    by_unit = np.ascontiguousarray(ranks.T)
    by_unit.partition(places, axis=1)
    return [by_unit[:, place].astype(np.int64) for place in places]
