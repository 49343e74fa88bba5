"""Whether a short series, such as yearly values, has a direction: Mann-Kendall's test and Sen's slope."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from pipelines.statistics.counts import BoolArray, FloatArray, plain
from pipelines.statistics.present import median, series

EXACT_BELOW = 10  # points: from here on the normal approximation serves
MINIMUM_POINTS = 5  # of four points none is significant at 5%: a rise without a break has p = 0.083


class Trend(NamedTuple):
    """s: rises less falls over all pairs; var: its variance under no trend, ties allowed for; z: with continuity correction.

    p: two-sided, exact under 10 points; slope: median change a step, in the values' unit. judged: there are MINIMUM_POINTS.
    """

    s: FloatArray
    var: FloatArray
    z: FloatArray
    p: FloatArray
    slope: FloatArray
    judged: BoolArray


def mann_kendall(values: ArrayLike) -> Trend:
    """The test and slope of each series along the last axis, at even steps; a missing value (NaN) keeps its place in time.

    The exact p counts the orders of the same values, ties included; z serves to compare even where p is exact. Under 2 values p
    and slope are NaN. Values tie only where they are equal to the last bit, as equal shares k / n are.
    Source: Mann 1945, Econometrica 13:245-259; Kendall 1975, Rank Correlation Methods; Sen 1968, JASA 63:1379-1389.
    """
    points = series(values)
    earlier, later = np.triu_indices(points.shape[-1], 1)
    changes = points[..., later] - points[..., earlier]
    n = (~np.isnan(points)).sum(-1)
    s = np.where(np.isnan(changes), 0.0, np.sign(changes)).sum(-1)
    # for each value, how many equal it: groups of ties without sorting
    tied = (points[..., :, None] == points[..., None, :]).sum(-1)
    correction = np.where(tied > 0, (tied - 1) * (2 * tied + 5), 0).sum(-1)
    var = (n * (n - 1) * (2 * n + 5) - correction) / 18
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(var > 0, (s - np.sign(s)) / np.sqrt(var), 0.0)
    z = np.where(n < 2, np.nan, z)
    p = np.where((n >= 2) & (n < EXACT_BELOW), _exact(s, tied), 2 * special.ndtr(-np.abs(z)))
    slope = median(changes / (later - earlier))
    return Trend(
        plain(s), plain(var), plain(z), plain(np.where(n < 2, np.nan, p)), plain(slope), n >= MINIMUM_POINTS
    )


def _exact(s: FloatArray, tied: NDArray[np.int_]) -> FloatArray:
    """The exact p of each series that is short enough; NaN for the others. Patterns of ties are few: each is worked out once."""
    scores = np.abs(s).reshape(-1).astype(int)
    p = np.full(scores.shape, np.nan)
    if not tied.size:
        return p.reshape(s.shape)
    patterns, which = np.unique(np.sort(tied, axis=-1).reshape(scores.size, -1), axis=0, return_inverse=True)
    for index, pattern in enumerate(patterns):
        present = pattern[pattern > 0]
        if 2 <= present.size < EXACT_BELOW:
            here = which.reshape(-1) == index
            p[here] = two_sided(_groups(present))[scores[here]]
    return p.reshape(s.shape)


def _groups(tied: NDArray[np.int_]) -> tuple[int, ...]:
    """The sizes of the groups of equal values: a group of t stands t times in `tied`."""
    sizes, times = np.unique(tied, return_counts=True)
    return tuple(np.repeat(sizes, times // sizes).tolist())


@cache
def two_sided(ties: tuple[int, ...]) -> FloatArray:
    """P(|S| >= s) for s = 0, 1, ... over all orders of values that fall into groups of these sizes (all 1: no ties).

    The inversions of a multiset are counted by the q-multinomial coefficient. Source: Kendall 1975; Stanley 2011, Enumerative
    Combinatorics 1, proposition 1.7.1.
    """
    ways, placed = [1], 0
    for size in ties:
        placed += size
        ways = _product(ways, _gaussian_binomial(placed, size))
    pairs = len(ways) - 1  # those that can be in either order
    extreme = [
        sum(count for falls, count in enumerate(ways) if abs(pairs - 2 * falls) >= s)
        for s in range(pairs + 1)
    ]
    return np.array(extreme) / sum(ways)


def _gaussian_binomial(n: int, k: int) -> list[int]:
    """Coefficients of the q-binomial [n over k]: ways to have so many inversions among k things and n - k others."""
    if k in (0, n):
        return [1]
    without, with_last = _gaussian_binomial(n - 1, k), [0] * (n - k) + _gaussian_binomial(n - 1, k - 1)
    width = max(len(without), len(with_last))
    return [a + b for a, b in zip(_padded(without, width), _padded(with_last, width), strict=True)]


def _padded(coefficients: Sequence[int], width: int) -> list[int]:
    return [*coefficients, *[0] * (width - len(coefficients))]


def _product(left: Sequence[int], right: Sequence[int]) -> list[int]:
    return [
        int(c) for c in np.convolve(np.array(left, dtype=np.int64), np.array(right, dtype=np.int64))
    ]  # under 9!
