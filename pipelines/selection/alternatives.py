"""The declared ways to score that would be as right as the official one, and what each makes of every unit."""

from __future__ import annotations

from collections.abc import Iterator
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
    *_, total = parts(pool, ways)
    return _settled(total, official)


def every_total(pool: Pool, ways: Ways, official: Floats) -> list[Totals]:
    """As `totals`, of each dimension and of the total. official: units × (dimensions and total)."""
    return [_settled(part, official[:, place]) for place, part in enumerate(parts(pool, ways))]


class _Part(NamedTuple):
    """alternatives × units of a dimension or of the total; low and high only of the units that lack something."""

    score: Floats
    low: Floats
    high: Floats
    lacking: Ints


def parts(pool: Pool, ways: Ways) -> list[_Part]:
    """Each dimension, and the total, before the scores are settled; NaN where an alternative leaves nothing to score by."""
    lacks = pool.due & ~pool.calculated
    lacking = [np.flatnonzero(lacks[:, pool.dimension == place].any(1)) for place in range(len(DIMENSIONS))]
    lacking.append(np.flatnonzero(lacks.any(1)))
    draws = len(ways.geometric)
    made = [
        _Part(np.empty((draws, len(pool.units))), np.empty((draws, mine.size)), np.empty((draws, mine.size)), mine)
        for mine in lacking
    ]  # fmt: skip
    for rows in _chunks(ways):
        _fill(made, pool, ways, rows)
    return made


def _chunks(ways: Ways) -> Iterator[slice]:
    """Rows of one method, so many at once."""
    change = int((~ways.geometric).sum())
    for start, stop in ((0, change), (change, len(ways.geometric))):
        for first in range(start, stop, CHUNK):
            yield slice(first, min(first + CHUNK, stop))


def _fill(made: list[_Part], pool: Pool, ways: Ways, rows: slice) -> None:
    """One chunk of alternatives: the dimensions, then their mean."""
    total = made[-1]
    is_geometric = bool(ways.geometric[rows][0])
    sums = {
        name: _Mean(is_geometric, ways.floor, getattr(total, name)[rows].shape)
        for name in ("score", "low", "high")
    }
    for place, part in enumerate(made[:-1]):
        inside = pool.dimension == place
        if not inside.any():
            part.score[rows] = np.nan
            continue
        shares, weight = ways.indicators[rows][:, inside], ways.dimensions[rows][:, place, None]
        attained = shares @ np.nan_to_num(pool.attainment[:, inside]).T
        calculated = shares @ pool.calculated[:, inside].T.astype(np.float64)
        with np.errstate(invalid="ignore"):
            np.divide(attained, calculated, out=part.score[rows])
        sums["score"].add(part.score[rows], weight)
        # of those that lack something anywhere, in this dimension
        some = total.lacking
        due = shares @ pool.due[some][:, inside].T.astype(np.float64)
        with np.errstate(invalid="ignore"):
            low = attained[:, some] / due
            high = (attained[:, some] + due - calculated[:, some]) / due
        sums["low"].add(low, weight)
        sums["high"].add(high, weight)
        here = np.isin(some, part.lacking)
        part.low[rows], part.high[rows] = low[:, here], high[:, here]
    for name, mean in sums.items():
        getattr(total, name)[rows] = mean.result()


class _Mean:
    """A weighted mean over dimensions that are added one by one, of those that are there."""

    def __init__(self, is_geometric: bool, floor: float, shape: tuple[int, ...]) -> None:
        self._is_geometric, self._floor = is_geometric, floor
        self._sum, self._weight = np.zeros(shape), np.zeros(shape)

    def add(self, values: Floats, weight: Floats) -> None:
        missing = np.isnan(values)
        scaled = np.log(np.maximum(values, self._floor)) if self._is_geometric else values
        if missing.any():
            self._sum += np.where(missing, 0.0, scaled * weight)
            self._weight += np.where(missing, 0.0, weight)
        else:
            self._sum += scaled * weight
            self._weight += weight

    def result(self) -> Floats:
        with np.errstate(invalid="ignore"):
            mean = self._sum / self._weight
        return np.exp(mean) if self._is_geometric else mean


def _settled(part: _Part, official: Floats) -> Totals:
    share = official / 100
    mine = share[part.lacking]
    return Totals(
        _steps(part.score, np.nan_to_num(share, nan=-1 / STEPS)),
        _steps(part.low, np.nan_to_num(mine, nan=0.0)),
        _steps(part.high, np.nan_to_num(mine, nan=1.0)),
        part.lacking,
    )


def _steps(scores: Floats, otherwise: Floats) -> Steps:
    missing = np.isnan(scores)
    return np.rint(np.where(missing, otherwise, scores) * STEPS if missing.any() else scores * STEPS).astype(
        np.int32
    )
