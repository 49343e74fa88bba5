"""Comparison with peers: a funnel about a target, exact at any size, widened where units differ more than chance explains."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special
from scipy.stats import binom

from pipelines.statistics.counts import FloatArray, Interval, k_of_n, plain, share, strictly_between, whole
from pipelines.statistics.proportion import above_standard, below_standard

POSITIONS = ("below_998", "below_95", "inside", "above_95", "above_998")


class Overdispersion(NamedTuple):
    """phi: mean squared winsorised z, 1 where chance explains all. tau2: variance between units beyond chance, 0 or more."""

    phi: float
    tau2: float


def limits(n: ArrayLike, target: ArrayLike, level: float = 0.95) -> Interval:
    """Exact binomial limits of a share about a target, interpolated between counts; NaN where n is 0.

    For drawing. `position` judges, and it does not follow the upper line: at n = 5 and a target of 0.9 that line is 0.99, yet
    59% of such units reach 5 of 5. At a target of 0 or 1 both limits are the target.
    Source: Spiegelhalter 2005, Stat Med 24:1185-1202, appendix A.1.1; limit = (r - alpha) / n.
    """
    n, target = np.broadcast_arrays(whole(n, "n"), share(target, "target"))
    sizes = np.where(n > 0, n, np.nan)
    tail = (1 - strictly_between(level, "level")) / 2
    return Interval(_quantile(tail, sizes, target), _quantile(1 - tail, sizes, target))


def _quantile(p: float, n: FloatArray, target: FloatArray) -> FloatArray:
    """The interpolated quantile of a binomial share: r is the least count with F(r) >= p."""
    r = binom.ppf(p, n, target)
    with np.errstate(invalid="ignore", divide="ignore"):
        alpha = (binom.cdf(r, n, target) - p) / binom.pmf(r, n, target)
        limit = np.clip((r - alpha) / n, 0.0, 1.0)
    certain = ((target == 0) | (target == 1)) & ~np.isnan(n)
    return plain(np.where(certain, target, limit))


def count_limits(expected: ArrayLike, level: float = 0.95) -> Interval:
    """Exact Poisson limits of observed / expected about 1, for counts of events; NaN where nothing is expected.

    Source: Spiegelhalter 2005; Garwood 1936, Biometrika 28:437-442, at the expected count.
    """
    expected = np.asarray(expected, dtype=np.float64)
    if (expected < 0).any():
        raise ValueError("expected must not be negative")
    expected = np.where(expected > 0, expected, np.nan)
    tail = (1 - strictly_between(level, "level")) / 2
    low, high = special.gammaincinv(expected, tail), special.gammaincinv(expected + 1, 1 - tail)
    return Interval(plain(low / expected), plain(high / expected))


def count_tails(expected: ArrayLike, level: float = 0.95) -> Interval:
    """The counts at which the exact Poisson tails reach (1 - level) / 2, interpolated between whole counts; NaN where nothing is expected.

    A count is as low as its tail asks where it is not above `low`, as high where it is not below `high`: lines for what is judged by its
    tails, from which the published ones (count_limits) are up to some cases off. 0 where even none is not few enough.
    """
    expected = np.asarray(expected, dtype=np.float64)
    if (expected < 0).any():
        raise ValueError("expected must not be negative")
    mean = np.where(expected > 0, expected, np.nan)
    tail = (1 - strictly_between(level, "level")) / 2
    return Interval(plain(special.pdtrik(tail, mean)), plain(special.pdtrik(1 - tail, mean) + 1))


def overdispersion(k: ArrayLike, n: ArrayLike, winsorise: float = 0.1) -> Overdispersion:
    """How much more units differ than chance explains, about their pooled share; units without an n are left out.

    z is on the arcsine scale: (asin(sqrt(k/n)) - asin(sqrt(K/N))) * 2 * sqrt(n). Under two units phi is NaN and tau2 is 0.
    Source: Spiegelhalter et al. 2012, JRSS A 175:1-47; the variance of DerSimonian and Laird 1986.
    """
    k, n = k_of_n(k, n)
    known = ~np.isnan(n)
    k, n = k[known], n[known]
    pooled = np.arcsin(np.sqrt(k.sum() / max(n.sum(), 1)))
    error = 1 / (2 * np.sqrt(n))
    return dispersion((np.arcsin(np.sqrt(k / n)) - pooled) / error, error, winsorise)


def dispersion(z: ArrayLike, error: ArrayLike, winsorise: float = 0.1) -> Overdispersion:
    """phi and tau2 of z-scores whose standard errors are `error`, for any measure; tau2 is in the square of its unit.

    `winsorise`: the share of each end that is drawn in to its quantile first, so that the units that one looks for do not hide
    themselves. Missing scores are left out. Source: as `overdispersion`.
    """
    if not 0 <= winsorise < 0.5:
        raise ValueError("winsorise must be at least 0 and under 0.5")
    scores, errors = np.broadcast_arrays(np.asarray(z, dtype=np.float64), np.asarray(error, dtype=np.float64))
    known = ~(np.isnan(scores) | np.isnan(errors))
    scores, weights = scores[known], 1 / errors[known] ** 2
    units = scores.size
    if units < 2:
        return Overdispersion(np.nan, 0.0)
    phi = float(np.mean(np.clip(scores, *np.quantile(scores, [winsorise, 1 - winsorise])) ** 2))
    excess = units * phi - (units - 1)
    return Overdispersion(phi, float(max(0.0, excess / (weights.sum() - (weights**2).sum() / weights.sum()))))


def adjusted_limits(n: ArrayLike, target: ArrayLike, tau2: float, level: float = 0.95) -> Interval:
    """Limits of a share about a target, widened by tau2 (of `overdispersion`); NaN where n is 0.

    sin(asin(sqrt(target)) -/+ z * sqrt(1/(4n) + tau2))^2, with the angle held to a quarter turn: beyond it the square of the
    sine would turn back. Approximate at small n even where tau2 is 0; `limits` is exact. Source: as `overdispersion`.
    """
    z = special.ndtri((1 + strictly_between(level, "level")) / 2)
    n, target = np.broadcast_arrays(whole(n, "n"), share(target, "target"))
    reach = z * _spread(n, tau2)
    angle = np.arcsin(np.sqrt(target))
    return Interval(_share_at(angle - reach), _share_at(angle + reach))


def adjusted_count_limits(expected: ArrayLike, tau2: float, level: float = 0.95) -> Interval:
    """Limits of a count about what is expected of it, widened by tau2 (of `dispersion` of the roots); NaN where nothing is expected.

    (sqrt(expected + 3/8) -/+ z / 2 * sqrt(1 + tau2))^2 - 3/8, held to 0 and more. In counts, not in parts of what is expected.
    Source: Anscombe 1948, Biometrika 35:246-254, for the root, whose error is a half; the widening as `adjusted_limits`.
    """
    expected = np.asarray(expected, dtype=np.float64)
    if (expected < 0).any() or not tau2 >= 0:
        raise ValueError("expected and tau2 must not be negative")
    z = special.ndtri((1 + strictly_between(level, "level")) / 2)
    root = np.sqrt(np.where(expected > 0, expected, np.nan) + 3 / 8)
    reach = z / 2 * np.sqrt(1 + tau2)
    low, high = (np.maximum(np.maximum(end, 0.0) ** 2 - 3 / 8, 0.0) for end in (root - reach, root + reach))
    return Interval(plain(low), plain(high))


def position(k: ArrayLike, n: ArrayLike, target: ArrayLike, tau2: float = 0.0) -> Any:
    """Where a unit lies about the target: one of POSITIONS, None where n is 0; an array of objects for arrays.

    Outside at 95% (99.8%) where the exact tail of k is at most 0.025 (0.001), so that no small unit is outside by chance more
    often than that; with tau2 above 0, where it lies outside the adjusted limits as well: allowing for overdispersion never
    brings a unit out. Source: Spiegelhalter 2005 for the levels, the binomial tail and the arcsine z for the judgement.
    """
    k, n = k_of_n(k, n)
    k, n, target = np.broadcast_arrays(k, n, share(target, "target"))
    with np.errstate(invalid="ignore", divide="ignore"):
        z = (np.arcsin(np.sqrt(k / n)) - np.arcsin(np.sqrt(target))) / _spread(n, tau2)
    allowed = special.ndtr(-np.abs(z)) if tau2 > 0 else np.zeros(n.shape)
    below = np.maximum(below_standard(k, n, target), np.where(z < 0, allowed, 1.0) if tau2 > 0 else 0.0)
    above = np.maximum(above_standard(k, n, target), np.where(z > 0, allowed, 1.0) if tau2 > 0 else 0.0)
    unknown = np.isnan(n) | np.isnan(target)
    conditions = [unknown, below <= 0.001, below <= 0.025, above <= 0.001, above <= 0.025]
    names = [None, "below_998", "below_95", "above_998", "above_95"]
    places = np.select(conditions, [np.array(name, dtype=object) for name in names], default="inside")
    return plain(places)


def _spread(n: FloatArray, tau2: float) -> FloatArray:
    """The standard deviation of a unit's arcsine: chance and what lies between units. NaN where n is 0."""
    if not tau2 >= 0:
        raise ValueError("tau2 must be 0 or more")
    return np.sqrt(1 / (4 * np.where(n > 0, n, np.nan)) + tau2)


def _share_at(angle: FloatArray) -> FloatArray:
    return np.sin(np.clip(angle, 0.0, np.pi / 2)) ** 2
