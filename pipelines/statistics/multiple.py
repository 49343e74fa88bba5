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
