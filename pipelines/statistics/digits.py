"""Last digits of one group's figures beside those of all the others: what the whole field does is no sign of one group."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special
from scipy.stats import hypergeom

from pipelines.statistics.counts import FloatArray, whole

_ROUND = [0, 5]


class Beside(NamedTuple):
    """p: that digits as different as these come from one field (chi-square, 9 degrees). round_p: that so many more end in 0 or 5."""

    p: FloatArray
    round_p: FloatArray


def beside_others(counts: ArrayLike, others: ArrayLike) -> Beside:
    """counts, others: figures that end in 0 to 9, along the last axis; of a group, and of the groups that it is compared with.

    Both sides vary, so a small field of others makes p larger. NaN where either side has none.
    Source: Pearson's chi-square of homogeneity; Fisher's exact test (hypergeometric upper tail).
    """
    here, there = np.broadcast_arrays(whole(counts, "counts"), whole(others, "others"))
    n, m = here.sum(-1), there.sum(-1)
    both = here + there
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = both * (n / (n + m))[..., None]
        rest = both * (m / (n + m))[..., None]
        parts = np.where(both > 0, (here - expected) ** 2 / expected + (there - rest) ** 2 / rest, 0.0)
    free = np.maximum((both > 0).sum(-1) - 1, 1)
    p = special.gammaincc(free / 2, parts.sum(-1) / 2)
    rounded = here[..., _ROUND].sum(-1)
    round_p = hypergeom.sf(rounded - 1, n + m, both[..., _ROUND].sum(-1), n)
    known = (n > 0) & (m > 0)
    return Beside(np.where(known, p, np.nan), np.where(known, round_p, np.nan))
