"""How sure a figure is by itself: its interval, and how likely a unit that just meets the standard would do as badly."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipelines.statistics.counts import BoolArray, FloatArray, Interval
from pipelines.statistics.proportion import above_standard, below_standard, byar_interval, wilson_interval


def are_shares(k: FloatArray, n: FloatArray) -> BoolArray:
    """Where k of n are counts of a share: both whole, n above 0, k no more than n. NaN is not."""
    with np.errstate(invalid="ignore"):
        return np.asarray((n > 0) & (k >= 0) & (k <= n) & (k == np.floor(k)) & (n == np.floor(n)))


def intervals(k: FloatArray, n: FloatArray, is_share: BoolArray, is_count: BoolArray) -> Interval:
    """95% intervals: Wilson's of a share k / n, Byar's of a count k; NaN elsewhere, as of an amount, whose spread totals do not tell.

    is_share and is_count say what the indicator is; a figure that is neither a whole share nor a whole count has none.
    """
    low, high = np.full(k.shape, np.nan), np.full(k.shape, np.nan)
    shares = is_share & are_shares(k, n)
    low[shares], high[shares] = wilson_interval(k[shares], n[shares])
    with np.errstate(invalid="ignore"):
        counts = is_count & ~is_share & (k >= 0) & (k == np.floor(k))
    low[counts], high[counts] = byar_interval(k[counts])
    return Interval(low, high)


def p_at_standard(
    k: FloatArray, n: FloatArray, standard: FloatArray, lower_is_better: BoolArray, is_share: ArrayLike
) -> FloatArray:
    """The exact one-sided probability, at the standard, of a share as bad or worse; NaN where there is no standard or no share.

    Worse is lower, or higher where lower is better. Equal k, n and standard are worked out once.
    """
    p = np.full(k.shape, np.nan)
    with np.errstate(invalid="ignore"):
        judged = np.asarray(is_share) & are_shares(k, n) & (standard >= 0) & (standard <= 1)
    asked = np.column_stack([k[judged], n[judged], standard[judged], lower_is_better[judged]])
    if not asked.size:
        return p
    (k_, n_, at, lower), which = _distinct(asked)
    tails = np.where(lower > 0, above_standard(k_, n_, at), below_standard(k_, n_, at))
    p[judged] = tails[which]
    return p


def _distinct(rows: FloatArray) -> tuple[FloatArray, NDArray[np.int64]]:
    """The columns of the distinct rows, and for each row which of them it is."""
    order = np.lexsort(rows.T)
    ordered = rows[order]
    starts = np.concatenate([[True], (ordered[1:] != ordered[:-1]).any(axis=1)])
    which = np.empty(len(rows), dtype=np.int64)
    which[order] = np.cumsum(starts) - 1
    return np.asarray(ordered[starts].T), which
