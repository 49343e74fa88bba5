"""Where units stand among the peers of one group: median, percentile, and the funnel about what the group has in common."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from scipy import special
from scipy.stats import rankdata

from pipelines.comparison.evidence import are_shares
from pipelines.statistics import funnel
from pipelines.statistics.counts import FloatArray, Interval, ObjectArray

Measure = Literal["share", "count", "amount"]


class Centre(NamedTuple):
    """What a group has in common: target (its pooled share, or the count of a unit asked for its whole part), and tau2, the variance
    between its units beyond chance (of the arcsine of a share, of the root of a count)."""

    target: float
    tau2: float


def percentiles(values: FloatArray, *, lower_is_better: bool) -> FloatArray:
    """Of each unit the share of its peers that do worse, ties counted half; NaN without a value, and for a unit alone."""
    known = ~np.isnan(values)
    places = np.full(values.shape, np.nan)
    peers = int(known.sum())
    if peers > 1:
        below = (rankdata(values[known]) - 1) / (peers - 1)
        places[known] = 1 - below if lower_is_better else below
    return places


def positions(
    measure: Measure, k: FloatArray, n: FloatArray, expected: FloatArray, least: int
) -> ObjectArray:
    """One of funnel.POSITIONS for each unit of a group, of the value whatever the direction; None where it is not judged.

    share: k of n about the pooled share. count: k about the group's rate, in proportion to `expected` (the part of a year that the
    unit was asked for). Both are widened for what units differ by beyond chance. An amount over heads is not judged: totals do not
    tell how much its units would differ by chance. Nor is a group of fewer than `least` units with a figure.
    """
    with np.errstate(invalid="ignore"):
        known = are_shares(k, n) if measure == "share" else (k >= 0) & (k == np.floor(k)) & (expected > 0)
    places = np.full(k.shape, None, dtype=object)
    if measure == "amount" or known.sum() < least:
        return places
    if measure == "share":
        places[known] = _shares(k[known], n[known])
    else:
        places[known] = _counts(k[known], expected[known])
    return places


def centre(measure: Measure, k: FloatArray, n: FloatArray) -> Centre:
    """What the funnel of a group is drawn and judged about. n: the denominators of shares, the parts of a year that counts were asked for."""
    target = float(k.sum() / n.sum())
    tau2 = funnel.overdispersion(k, n).tau2 if measure == "share" else _root_dispersion(k, n * target)
    return Centre(target, tau2)


def limits(measure: Measure, n: FloatArray, about: Centre, level: float) -> Interval:
    """The lines of the funnel at these sizes, for drawing: of a share, or of a count. `positions` judges by the exact tails themselves.

    A unit is outside only where chance and what units differ by anyhow both leave it out: so each line is the outer one of the exact
    limits and the widened ones.
    """
    if measure == "share":
        exact = funnel.limits(n, about.target, level)
        if about.tau2 == 0:
            return exact
        wide = funnel.adjusted_limits(n, about.target, about.tau2, level)
    else:
        expected = n * about.target
        exact = funnel.count_tails(expected, level)
        if about.tau2 == 0:
            return exact
        wide = funnel.adjusted_count_limits(expected, about.tau2, level)
    return Interval(np.minimum(exact.low, wide.low), np.maximum(exact.high, wide.high))


def _shares(k: FloatArray, n: FloatArray) -> ObjectArray:
    target, tau2 = centre("share", k, n)
    pairs, which = np.unique(k + 1j * n, return_inverse=True)  # as one number: pairs are judged once
    judged = funnel.position(pairs.real, pairs.imag, target, tau2)
    return np.asarray(judged, dtype=object)[which]


def _counts(k: FloatArray, part: FloatArray) -> ObjectArray:
    """Poisson tails about the group's rate, and z on the square root's scale, whose error is a half whatever the count.

    Source: as funnel.position; Spiegelhalter et al. 2012 for the scale; Anscombe 1948, Biometrika 35:246-254, for the root.
    """
    target, tau2 = centre("count", k, part)
    expected = part * target
    root = _roots(k, expected)
    allowed = special.ndtr(-np.abs(root) / np.sqrt(1 + tau2)) if tau2 > 0 else np.zeros(root.shape)
    below = np.maximum(special.pdtr(k, expected), np.where(root < 0, allowed, 1.0) if tau2 > 0 else 0.0)
    tail = np.where(k > 0, special.pdtrc(np.maximum(k - 1, 0), expected), 1.0)
    above = np.maximum(tail, np.where(root > 0, allowed, 1.0) if tau2 > 0 else 0.0)
    names = [np.array(name, dtype=object) for name in ("below_998", "below_95", "above_998", "above_95")]
    return np.select(
        [below <= 0.001, below <= 0.025, above <= 0.001, above <= 0.025],
        names,
        default=np.array("inside", dtype=object),
    )


def _roots(k: FloatArray, expected: FloatArray) -> FloatArray:
    """How far each count is from what is expected of it, in standard errors."""
    return np.asarray(2 * (np.sqrt(k + 3 / 8) - np.sqrt(expected + 3 / 8)))


def _root_dispersion(k: FloatArray, expected: FloatArray) -> float:
    roots = _roots(k, expected)
    return funnel.dispersion(roots, np.ones(roots.shape)).tau2
