"""The ranks that alternative ways to score, and figures that could not be calculated, would allow a unit."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.selection.alternatives import Totals
from pipelines.selection.pool import Floats, Ints

STEPS = (
    1e9  # totals from 0 to 1 are compared as whole numbers of this part: the last bits of a sum say nothing
)


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
    low, high = _steps(totals.low), _steps(totals.high)
    best = above(low, high)
    worst = best if totals.low is totals.high else above(high, low) - (high > low)
    last, tail = len(best) - 1, (1 - coverage) / 2
    first_place, last_place = int(np.floor(tail * last)), int(np.ceil((1 - tail) * last))
    return RankRange(
        np.minimum(1 + _at(best, first_place), rank), np.maximum(1 + _at(worst, last_place), rank)
    )


def above(counted: Ints, asking: Ints) -> NDArray[np.int32]:
    """rows × units: in each row, how many of the counted numbers are greater than each asking one.

    Both kinds stand in one order from the top, equals asking first, so that one pass counts what lies above.
    """
    units = counted.shape[1]
    bits = units.bit_length()
    top = max(counted.max(initial=0), asking.max(initial=0))
    place = np.arange(units)
    keys = np.concatenate(
        [(top - asking) << (bits + 1) | place, (top - counted) << (bits + 1) | (1 << bits) | place], axis=1
    )
    keys.sort(axis=1)
    is_counted = (keys >> bits) & 1 == 1
    before = np.cumsum(is_counted, axis=1, dtype=np.int32)
    result = np.empty(counted.shape, dtype=np.int32)
    asked = keys[~is_counted].reshape(counted.shape) & ((1 << bits) - 1)
    np.put_along_axis(result, asked, before[~is_counted].reshape(counted.shape), axis=1)
    return result


def _steps(scores: Floats) -> Ints:
    return np.rint(scores * STEPS).astype(np.int64)


def _at(ranks: NDArray[np.int32], place: int) -> Ints:
    """Of each unit, the number that stands at this place among its ranks from the lowest."""
    by_unit = np.ascontiguousarray(ranks.T)
    return np.partition(by_unit, place, axis=1)[:, place].astype(np.int64)
