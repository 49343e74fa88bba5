"""Which signals of a control chart of counts are more than chance at their size: exact tails, where limits take noise for normal."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from pipelines.statistics.control import ASTRONOMICAL, NONE
from pipelines.statistics.counts import BoolArray, FloatArray

THREE_SIGMA = 0.0013499  # one tail of the normal distribution beyond three standard deviations


def backed(
    signals: NDArray[np.int8],
    sides: NDArray[np.int8],
    k: ArrayLike,
    expected: ArrayLike,
    n: ArrayLike | None = None,
) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """The signals (codes of control.SIGNALS) and sides of a chart without those that chance alone explains; arrays of series × points, NaN where missing.

    k: what was counted; expected: what the chart's centre makes of it; n: trials behind a share, None for events. The points of one
    signal that follow each other (an astronomical one stands alone) are taken together: as few, or as many, in them must have a
    chance of less than THREE_SIGMA, by the binomial distribution of n trials or by Poisson's. Limits of moving ranges are too
    narrow for shares near 1 and for small counts: a branch of three that misses one month in twenty is no signal.
    """
    counted = np.asarray(k, dtype=np.float64)
    present = ~np.isnan(counted)
    kinds, towards = signals[present], sides[present]
    starts = _starts(kinds, towards, np.nonzero(present)[0])
    run = np.cumsum(starts) - 1
    found, due = _sums(run, counted[present]), _sums(run, np.asarray(expected, np.float64)[present])
    tried = None if n is None else _sums(run, np.asarray(n, np.float64)[present])
    chance = np.where(towards[starts] > 0, *_tails(found, due, tried))
    stands = (chance < THREE_SIGMA)[run]
    kept, kept_sides = signals.copy(), sides.copy()
    kept[present] = np.where(stands, kinds, NONE)
    kept_sides[present] = np.where(stands, towards, 0)
    return kept, kept_sides


def _sums(run: NDArray[np.intp], values: FloatArray) -> FloatArray:
    """The sum of each run's values."""
    return np.bincount(run, values).astype(np.float64)


def _starts(kinds: NDArray[np.int8], towards: NDArray[np.int8], rows: NDArray[Any]) -> BoolArray:
    """Where a run of one signal begins, among the present points in order."""
    starts = np.ones(len(kinds), dtype=bool)
    starts[1:] = (
        (kinds[1:] != kinds[:-1])
        | (towards[1:] != towards[:-1])
        | (rows[1:] != rows[:-1])
        | (kinds[1:] == ASTRONOMICAL)
    )
    return starts


def _tails(k: FloatArray, expected: FloatArray, n: FloatArray | None) -> tuple[FloatArray, FloatArray]:
    """P(as many and more), P(as few and fewer)."""
    if n is None:
        mean = np.maximum(expected, np.finfo(float).tiny)
        return np.where(k == 0, 1.0, special.gammainc(np.maximum(k, 1), mean)), special.gammaincc(k + 1, mean)
    share = np.clip(expected / n, 0, 1)
    more = np.where(k == 0, 1.0, special.betainc(np.maximum(k, 1), n - k + 1, share))
    return more, np.where(k >= n, 1.0, special.betaincc(k + 1, np.maximum(n - k, 1), share))
