"""Signs that figures were filled in rather than counted. Each result is a question to ask, with innocent answers, never a charge."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from pipelines.statistics.counts import BoolArray, FloatArray, k_of_n, plain, share, whole
from pipelines.statistics.evenness import exact_evenness
from pipelines.statistics.proportion import Exact, above_standard, least_meeting
from pipelines.statistics.tails import at_least

MINIMUM_PERIODS = 8  # for too_constant
MINIMUM_BESIDE = 8  # for bunching: of seven, all on one side has p = 0.008 at best
MINIMUM_DIGITS = 50  # five expected for each digit
_EXACT_UNDER = 0.01  # where chi-square already says «not remarkable», its p stands
_SMOOTH = (
    10  # a variance of persons from which on it is right for sizes that differ, and the exact way is long
)


class Bunching(NamedTuple):
    """over, under: how many units lie just at or over, and just under the standard.

    p_even: of so many over, if either side were equally likely. p: if chance put `expected` of them over. least_p: the p if all of these
    lay over, the least that it could have been. judged false: under MINIMUM_BESIDE units lie beside the standard.
    """

    over: int
    under: int
    p_even: float
    expected: float
    p: float
    least_p: float
    judged: bool


class Constancy(NamedTuple):
    """chi2 on df, their ratio, the chi-square tails p_low (too even) and p_high (too uneven), and p: exact where it matters.

    judged false: under MINIMUM_PERIODS periods, or all or none of everybody in each, so that nothing can vary; then NaN.
    """

    chi2: FloatArray
    df: FloatArray
    ratio: FloatArray
    p_low: FloatArray
    p_high: FloatArray
    p: FloatArray
    judged: BoolArray


class DigitPreference(NamedTuple):
    """counts: figures that end in 0 to 9; p: of digits as uneven. round_p: of so many ends in 0 or 5. judged: MINIMUM_DIGITS."""

    counts: tuple[int, ...]
    chi2: float
    p: float
    round_p: float
    judged: bool


def caliper(over: ArrayLike, under: ArrayLike, expected: float = 0.5) -> FloatArray:
    """P(at least `over` of over + under fall over) if each does with `expected`; NaN where there are none.

    Source: Gerber and Malhotra 2008, Q J Polit Sci 3:313-326 (caliper test), exact binomial.
    """
    above, beneath = whole(over, "over"), whole(under, "under")
    return above_standard(above, above + beneath, expected)


def bunching(
    k: ArrayLike, n: ArrayLike, standard: Exact, width: int = 1, rates: ArrayLike | None = None
) -> Bunching:
    """Whether units crowd just at or over a standard rather than just under it, in persons: k minus the least k that meets.

    Counted in [0, width) and [-width, 0), never on percentages, which crowd by themselves: under n = 10 the only share that
    meets 90% is 100%. `p_even` is the caliper test. Where most units are well above the standard it cries wolf, as far more lie
    just over than just under by chance (3 to 1 at n = 20, if each person attends 95% of the time: hundreds of honest branches
    have p_even under 0.01). So ask questions by `p`: the chance to lie over is worked out for each unit from the rate of all,
    and is never under a half; `rates` gives each unit's own, where units are known to differ. Innocent: people stop counting once
    the standard is met; a rule that fits the group's size.
    Source: as `caliper`; `p` is the exact tail of the Poisson-binomial distribution, the binomial's for equal chances.
    """
    if width < 1:
        raise ValueError("width is at least 1 person")
    attended, members = (part.reshape(-1) for part in k_of_n(k, n))
    known = ~np.isnan(members)
    attended, members = attended[known], members[known]
    least = least_meeting(members, standard).astype(np.float64)
    margin = attended - least
    beside = (margin >= -width) & (margin < width)
    over, total = int((margin[beside] >= 0).sum()), int(beside.sum())
    if not total:
        return Bunching(0, 0, np.nan, np.nan, np.nan, np.nan, False)
    rate = np.full(len(members), attended.sum() / members.sum())
    if rates is not None:
        rate = share(rates, "rates").reshape(-1)[known]
    chances = np.maximum(0.5, _chance_over(members[beside], least[beside], width, rate[beside]))
    tail = at_least(chances)
    p_even = float(caliper(over, total - over))
    expected = float(chances.mean())
    return Bunching(
        over, total - over, p_even, expected, float(tail[over]), float(tail[-1]), total >= MINIMUM_BESIDE
    )


def _chance_over(n: FloatArray, least: FloatArray, width: int, rate: FloatArray) -> FloatArray:
    """P(just over, given just over or just under) for binomial counts at each one's rate."""
    edges = np.clip(least + np.array([[-width], [0], [width]]), 0, n + 1)
    at_least = np.where(edges > n, 0.0, above_standard(np.minimum(edges, n), n, rate))
    under, over = at_least[0] - at_least[1], at_least[1] - at_least[2]
    with np.errstate(invalid="ignore"):
        return np.where(under + over > 0, over / (under + over), 0.5)


def too_constant(k: ArrayLike, n: ArrayLike) -> Constancy:
    """Whether shares k / n of successive periods, along the last axis, vary less than independent attendance would.

    chi2 = sum of (k - n p)^2 / (n p (1 - p)) about the pooled p, lower tail. Its p is wrong for small groups (nine of ten in
    each of twelve months gives 0, exactly 0.0001), so `p` is exact given the sum wherever p_low is under 0.01 and the
    groups are small or of one size: it is the one to ask questions by. Missing periods do not count. Innocent: a fixed group
    whose same members are absent each time.
    Source: Fisher 1950, Biometrics 6:17-24; R. A. Fisher 1936, Annals of Science 1:115-137 (figures too good to be true).
    """
    attended, members = k_of_n(k, n)
    if attended.ndim == 0:
        raise ValueError("a series is an array along its last axis")
    periods = (~np.isnan(members)).sum(-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = (np.nansum(attended, -1) / np.nansum(members, -1))[..., None]
        chi2 = np.nansum((attended - members * p) ** 2 / (members * p * (1 - p)), -1)
        judged = (periods >= MINIMUM_PERIODS) & (p[..., 0] > 0) & (p[..., 0] < 1)
        df = np.where(judged, periods - 1.0, np.nan)
        chi2 = np.where(judged, chi2, np.nan)
        low, high = special.gammainc(df / 2, chi2 / 2), special.gammaincc(df / 2, chi2 / 2)
    return Constancy(
        plain(chi2),
        plain(df),
        plain(chi2 / df),
        plain(low),
        plain(high),
        plain(_exact(attended, members, low)),
        judged,
    )


def _exact(attended: FloatArray, members: FloatArray, low: FloatArray) -> FloatArray:
    """The lower tail of each series, worked out exactly where chi-square finds it small and may be wrong."""
    p = np.array(low)
    for where in map(tuple, np.argwhere(low < _EXACT_UNDER)):
        there = ~np.isnan(members[where])
        k, n = attended[where][there].astype(int), members[where][there].astype(int)
        variance = n.mean() * k.sum() / n.sum() * (1 - k.sum() / n.sum())
        if variance < _SMOOTH or np.ptp(n) == 0:
            p[where] = exact_evenness(k.tolist(), n.tolist())
    return p


def digit_preference(values: ArrayLike, least: int = 100) -> DigitPreference:
    """Whether some last digits are preferred in whole figures of `least` and more; smaller ones and missing ones are left out.

    Last digits come near to equal frequency only where figures spread over several tens and are counted, not agreed: suits
    numbers of participants, not hours of a timetable. Innocent: figures rounded on purpose, groups of a fixed size.
    Source: Mosimann, Wiseman and Edelman 1995, Accountability in Research 4:31-55 (chi-square on 9); exact binomial for 0 and 5.
    """
    figures = whole(values, "values").reshape(-1)
    figures = figures[figures >= least]
    counts = np.bincount((figures % 10).astype(int), minlength=10)
    total = int(counts.sum())
    if total < MINIMUM_DIGITS:
        return DigitPreference(tuple(counts.tolist()), np.nan, np.nan, np.nan, False)
    chi2 = float(((counts - total / 10) ** 2 / (total / 10)).sum())
    round_p = float(above_standard(counts[0] + counts[5], total, 0.2))
    return DigitPreference(
        tuple(counts.tolist()), chi2, float(special.gammaincc(4.5, chi2 / 2)), round_p, True
    )
