"""Last digits: figures that end in 0 or 5 oftener than they should, beside what the sizes of groups and all the others lead one to expect."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special
from scipy.stats import hypergeom

from pipelines.statistics.counts import FloatArray, k_of_n, share, whole

ROUND = 5
_ENDS = [0, 5]
_DEVIATIONS = 8  # beyond which a binomial count is not looked for
_STEPS = 60  # of halving the range of a factor between 1 and _MOST
_MOST = 1e6


class Beside(NamedTuple):
    """p: that digits as different as these come from one field (chi-square, 9 degrees). round_p: that so many more end in 0 or 5."""

    p: FloatArray
    round_p: FloatArray


def beside_others(counts: ArrayLike, others: ArrayLike) -> Beside:
    """counts, others: figures that end in 0 to 9, along the last axis; of a group, and of the groups that it is compared with.

    What the whole field does is no sign of one group. Both sides vary, so a small field of others makes p larger. NaN where either
    side has none. Source: Pearson's chi-square of homogeneity; Fisher's exact test (hypergeometric upper tail).
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
    rounded = here[..., _ENDS].sum(-1)
    round_p = hypergeom.sf(rounded - 1, n + m, both[..., _ENDS].sum(-1), n)
    known = (n > 0) & (m > 0)
    return Beside(np.where(known, p, np.nan), np.where(known, round_p, np.nan))


def chance_of_round(n: ArrayLike, rate: ArrayLike, least: int = 0) -> FloatArray:
    """P(a binomial count of n at `rate` is a multiple of 5), given that it is `least` or more and not n itself.

    NaN where no such count can be, or the rate is 1. A group of 20 of which nearly all come gives 20 by itself; where somebody was missing,
    what a group's size makes of its last digit is worked out and not taken for a habit. The rate is to come from all counts, chosen or not.
    """
    size, share_of = np.broadcast_arrays(whole(n, "n"), share(rate, "rate"))
    known = (size > max(least, 0)) & (share_of < 1)
    size, p = np.where(known, size, least + 1.0), np.where(known, np.clip(share_of, 1e-9, 1 - 1e-9), 0.5)
    spread = np.sqrt(size * p * (1 - p))
    likeliest = np.clip(np.floor(size * p), least, size - 1)
    lowest = np.maximum(likeliest - np.ceil(_DEVIATIONS * spread) - ROUND, least)
    highest = np.minimum(likeliest + np.ceil(_DEVIATIONS * spread) + ROUND, size - 1)
    rounded, possible, scale = np.zeros(size.shape), np.zeros(size.shape), _log_mass(likeliest, size, p)
    for step in range(int(np.max(highest - lowest, initial=-1)) + 1):
        k = lowest + step
        mass = np.where(k <= highest, np.exp(_log_mass(np.minimum(k, highest), size, p) - scale), 0.0)
        possible += mass
        rounded += np.where(k % ROUND == 0, mass, 0.0)
    return np.where(known, rounded / np.where(known, possible, 1.0), np.nan)


def raised_to(chances: ArrayLike, seen: int) -> FloatArray:
    """The chances with one factor on all odds, so that they add up to what was seen; unchanged where fewer were seen than expected."""
    given = share(chances, "chances")
    low, high = 1.0, _MOST
    if given.sum() >= seen:
        return given
    for _ in range(_STEPS):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if _moved(given, middle).sum() < seen else (low, middle)
    return _moved(given, high)


def _moved(chances: FloatArray, factor: float) -> FloatArray:
    return np.asarray(factor * chances / (1 - chances + factor * chances))


def _log_mass(k: FloatArray, n: FloatArray, p: FloatArray) -> FloatArray:
    ways = special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
    return np.asarray(ways + k * np.log(p) + (n - k) * np.log1p(-p))


def is_round(k: ArrayLike, n: ArrayLike) -> FloatArray:
    """1 where k of n is a multiple of 5, 0 where it is not; NaN where it is n itself or missing."""
    counts, sizes = k_of_n(k, n)
    return np.where(counts < sizes, (counts % ROUND == 0).astype(np.float64), np.nan)
