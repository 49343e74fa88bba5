"""Many tests at once: p-values adjusted so that a list of questions holds few that chance alone put there."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import false_discovery_control

from pipelines.statistics.counts import FloatArray, plain, share


def benjamini_hochberg(p: ArrayLike) -> FloatArray:
    """Adjusted p of each test, in the shape of p: those at or under q are a list with a false discovery rate of at most q.

    Missing p (NaN: could not be judged) stay missing and are no tests. ValueError outside 0 to 1.
    Source: Benjamini and Hochberg 1995, JRSS B 57:289-300; holds for independent or positively dependent tests.
    """
    tests = share(p, "p")
    adjusted = np.full(tests.shape, np.nan)
    known = ~np.isnan(tests)
    if known.any():
        adjusted[known] = false_discovery_control(tests[known])
    return plain(adjusted)


def benjamini_hochberg_of_groups(p: ArrayLike, group: ArrayLike) -> FloatArray:
    """Adjusted p of each row, where the rows of a group are one test by the least of their p, which must already allow for the choice.

    p, group: one a row; group is any label. So a group counts once however many of its rows hold, and cannot make room for others. A row is at
    or under q where its p is at or under the bar that the groups set at q. Missing p stay missing.
    """
    rows = share(p, "p").reshape(-1)
    _, code = np.unique(np.asarray(group), return_inverse=True)
    known = ~np.isnan(rows)
    if not known.any():
        return np.full(rows.shape, np.nan)
    least = np.full(int(code.max()) + 1, np.inf)
    np.minimum.at(least, code[known], rows[known])
    tests = np.sort(least[np.isfinite(least)])
    adjusted = np.asarray(benjamini_hochberg(tests)).reshape(-1)
    # at q, k tests hold from adjusted[k - 1] on, and the bar is then q * k / tests: a row is under it from max(adjusted, p * tests / k) on,
    # of which the first grows with k and the second falls, so that the least lies where they cross
    bar = np.arange(1, len(tests) + 1) / len(tests)
    result, x = np.full(rows.shape, np.nan), rows[known]
    crossing = np.searchsorted(adjusted * bar, x)
    after = np.append(adjusted, np.inf)[crossing]
    with np.errstate(divide="ignore", invalid="ignore"):
        before = np.where(crossing > 0, x / np.append(0.0, bar)[crossing], np.inf)
    result[known] = np.minimum(after, before)
    return result
