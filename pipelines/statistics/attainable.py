"""The least p that a test could have given, whatever had been reported: a test that cannot speak is not asked.

It hangs only on what the test is conditional on (sizes, sums, which figures lie beside the standard), never on what the test looks at, so
leaving such tests out of a list spoils no p. Source: Gilbert 2005, Applied Statistics 54:143-158 (false discovery rates for
discrete data); Tarone 1990, Biometrics 46:515-522.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln

from pipelines.statistics.counts import FloatArray, k_of_n, plain


def least_of_constancy(k: ArrayLike, n: ArrayLike) -> FloatArray:
    """For each series along the last axis: P(as even as can be), given its sum. NaN where nothing is known.

    Exact where all n are the same; else the chance of one of the most even spreads, so that it is rather too small: no
    series that could speak is left out.
    """
    attended, members = k_of_n(k, n)
    there = ~np.isnan(members)
    size = np.where(there, members, 0.0)
    total, people = np.nansum(attended, -1), size.sum(-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        ideal = size * (total / people)[..., None]
    whole = np.where(there, np.floor(np.nan_to_num(ideal) + 1e-9), 0.0)
    left = total - whole.sum(-1)
    # what is left over goes to the largest remainders, one each
    remainder = np.where(there & (whole < size), np.nan_to_num(ideal) - whole, -1.0)
    place = np.argsort(np.argsort(-remainder, axis=-1, kind="stable"), axis=-1, kind="stable")
    even = whole + (place < left[..., None])
    periods = there.sum(-1)
    equal = np.nanmax(np.where(there, size, -np.inf), -1) == np.nanmin(np.where(there, size, np.inf), -1)
    ways = np.where(equal, _log_choose(periods, left), 0.0)
    log_p = ways + _log_choose(size, even).sum(-1) - _log_choose(people, total)
    return plain(np.where(people > 0, np.minimum(np.exp(log_p), 1.0), np.nan))


def _log_choose(n: ArrayLike, k: ArrayLike) -> FloatArray:
    top, part = np.asarray(n, dtype=np.float64), np.asarray(k, dtype=np.float64)
    return np.asarray(gammaln(top + 1) - gammaln(part + 1) - gammaln(top - part + 1))
