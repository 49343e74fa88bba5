"""The declared ways to score that would be as right as the official one, and what each makes of every unit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from expectations.models.selection import Scoring
from pipelines.selection.pool import DIMENSIONS, Bools, Floats, Ints, Pool, dimension_weights
from pipelines.statistics.composite import draw_alternatives

CHUNK = 64  # alternatives at once: what a processor keeps near
STEPS = (
    1e9  # totals from 0 to 1 are compared as whole numbers of this part: the last bits of a sum say nothing
)

Steps = NDArray[np.int32]


class Ways(NamedTuple):
    """One alternative a row: weights of dimensions, weights of indicators inside them (0: left out), and whether the mean is geometric.

    Those with an arithmetic mean come first.
    """

    dimensions: Floats
    indicators: Floats
    geometric: Bools
    floor: float


class Totals(NamedTuple):
    """alternatives × units, in billionths of a full score; low and high of the units at the places `lacking` alone: were all that
    could not be calculated at 0, or at 1.

    An alternative that leaves nothing to score a unit by gives it the official score: it says nothing of that unit. A unit without
    a score may lie anywhere, and has -1 in `score`.
    """

    score: Steps
    low: Steps
    high: Steps
    lacking: Ints

    def of(self, units: Ints) -> Totals:
        """The units at these places, in this order."""
        place = np.full(self.score.shape[1], -1, dtype=np.int64)
        place[units] = np.arange(len(units))
        kept = place[self.lacking] >= 0
        return Totals(self.score[:, units], self.low[:, kept], self.high[:, kept], place[self.lacking][kept])


def draw_ways(indicators: int, scoring: Scoring) -> Ways:
    """The alternatives for so many indicators; the same seed draws the same ones, whoever the units are.

    Each weight is multiplied by a uniform of 1 -/+ weight_share. Source: Saisana, Saltelli and Tarantola 2005, JRSS A 168:307-323.
    """
    declared = scoring.alternatives
    share, draws = float(declared.weight_share), declared.draws
    inside = draw_alternatives(
        np.ones(indicators),
        share=share,
        methods=declared.methods,
        leave_out=declared.leave_out,
        draws=draws,
        seed=declared.seed,
    )
    between = draw_alternatives(
        dimension_weights(scoring.weights), share=share, leave_out=False, draws=draws, seed=declared.seed + 1
    )
    geometric = inside.methods == "geometric"
    order = np.argsort(geometric, kind="stable")
    return Ways(between.weights[order], inside.weights[order], geometric[order], float(declared.floor))


def totals(pool: Pool, ways: Ways, official: Floats) -> Totals:
    """What each alternative makes of each unit's total. official: the units' scores, 0 to 100."""
    unasked = np.full((len(pool.units), len(DIMENSIONS)), np.nan)
    return every_total(pool, ways, np.column_stack([unasked, official]))[-1]


def every_total(pool: Pool, ways: Ways, official: Floats) -> list[Totals]:
    """As `totals`, of each dimension and of the total. official: units × (dimensions and total)."""
    lacks = pool.due & ~pool.calculated
    lacking = [np.flatnonzero(lacks[:, pool.dimension == place].any(1)) for place in range(len(DIMENSIONS))]
    lacking.append(np.flatnonzero(lacks.any(1)))
    made = [_blank(len(ways.geometric), len(pool.units), mine) for mine in lacking]
    parts = [_Part.of(pool, place, lacking[-1]) for place in range(len(DIMENSIONS))]
    shares = official / 100
    for rows in _chunks(ways):
        _fill(made, parts, ways, rows, shares)
    return made


class _Sums(NamedTuple):
    """For each unit which of some indicators count: units that are alike are added up once.

    patterns: indicators × patterns, 0 or 1; of: each unit's pattern, all of them where there is one alone.
    """

    patterns: Floats
    of: Ints | slice

    @classmethod
    def over(cls, counts: Bools) -> _Sums:
        patterns, of = np.unique(counts, axis=0, return_inverse=True)
        return cls(
            patterns.T.astype(np.float64),
            slice(None) if len(patterns) == 1 else of.reshape(-1).astype(np.int64),
        )

    def under(self, shares: Floats) -> Floats:
        """alternatives × units, or one column for all."""
        return np.asarray((shares @ self.patterns)[:, self.of])


class _Part(NamedTuple):
    """One dimension of the pool. attained: indicators × units, 0 where not calculated; due: of the units that lack something anywhere."""

    indicators: Bools
    attained: Floats
    calculated: _Sums
    due: _Sums

    @classmethod
    def of(cls, pool: Pool, place: int, lacking: Ints) -> _Part:
        inside = pool.dimension == place
        attained = np.ascontiguousarray(np.nan_to_num(pool.attainment[:, inside]).T)
        return cls(
            inside, attained, _Sums.over(pool.calculated[:, inside]), _Sums.over(pool.due[lacking][:, inside])
        )


def _blank(draws: int, units: int, lacking: Ints) -> Totals:
    narrow = (draws, lacking.size)
    return Totals(
        np.empty((draws, units), np.int32), np.empty(narrow, np.int32), np.empty(narrow, np.int32), lacking
    )


def _chunks(ways: Ways) -> Iterator[slice]:
    """Rows of one method, so many at once."""
    change = int((~ways.geometric).sum())
    for start, stop in ((0, change), (change, len(ways.geometric))):
        for first in range(start, stop, CHUNK):
            yield slice(first, min(first + CHUNK, stop))


def _fill(made: list[Totals], parts: Sequence[_Part], ways: Ways, rows: slice, official: Floats) -> None:
    """One chunk of alternatives: the dimensions, then their mean. official: 0 to 1."""
    total = made[-1]
    some, is_geometric = total.lacking, bool(ways.geometric[rows][0])
    means = [_Mean(is_geometric, ways.floor, end[rows].shape) for end in (total.score, total.low, total.high)]
    for place, (part, settled) in enumerate(zip(parts, made, strict=False)):
        shares, weight = ways.indicators[rows][:, part.indicators], ways.dimensions[rows][:, place, None]
        attained, calculated, due = (
            shares @ part.attained, part.calculated.under(shares), part.due.under(shares),
        )  # fmt: skip
        with np.errstate(invalid="ignore"):
            score = attained / calculated
            known = np.broadcast_to(calculated, attained.shape)[:, some]
            low, high = attained[:, some] / due, (attained[:, some] + due - known) / due
        for mean, end in zip(means, (score, low, high), strict=True):
            mean.add(end, weight)
        here = np.searchsorted(some, settled.lacking)
        _settle(settled, rows, (score, low[:, here], high[:, here]), official[:, place])
    _settle(total, rows, tuple(mean.result() for mean in means), official[:, -1])


class _Mean:
    """A weighted mean over dimensions that are added one by one, of those that are there."""

    def __init__(self, is_geometric: bool, floor: float, shape: tuple[int, ...]) -> None:
        self._is_geometric, self._floor = is_geometric, floor
        self._sum, self._weight = np.zeros(shape), np.zeros((shape[0], 1))

    def add(self, values: Floats, weight: Floats) -> None:
        missing = np.isnan(values)
        scaled = np.log(np.maximum(values, self._floor)) if self._is_geometric else values
        if missing.any():
            self._sum += np.where(missing, 0.0, scaled * weight)
            self._weight = self._weight + np.where(missing, 0.0, weight)
        else:
            self._sum += scaled * weight
            self._weight = self._weight + weight  # one column while it is the same for all

    def result(self) -> Floats:
        with np.errstate(invalid="ignore"):
            mean = self._sum / self._weight
        return np.exp(mean) if self._is_geometric else mean


def _settle(totals: Totals, rows: slice, ends: Sequence[Floats], official: Floats) -> None:
    mine = official[totals.lacking]
    totals.score[rows] = _steps(ends[0], np.nan_to_num(official, nan=-1 / STEPS))
    totals.low[rows] = _steps(ends[1], np.nan_to_num(mine, nan=0.0))
    totals.high[rows] = _steps(ends[2], np.nan_to_num(mine, nan=1.0))


def _steps(scores: Floats, otherwise: Floats) -> Floats:
    missing = np.isnan(scores)
    return np.rint(np.where(missing, otherwise, scores) * STEPS if missing.any() else scores * STEPS)
