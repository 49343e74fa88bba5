"""Control charts: which points of a series stand out from its own noise, and what its process can be relied on to reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray
from scipy import special

from pipelines.statistics.counts import BoolArray, FloatArray, k_of_n, plain
from pipelines.statistics.direction import Direction, sign
from pipelines.statistics.present import mean, rounding, series

MINIMUM_POINTS = 12  # limits of fewer points move with each new one: a page calls them provisional
RUN = 7  # points in a shift and in a trend
LIMIT = 2.66  # three standard deviations, in mean moving ranges
SCREEN = 3.267  # a moving range beyond this many means does not count towards the limits
_STEPS = 12  # of Newton's method, no longer than 1 in logits each: more than enough from the pooled share
_CLOSE = 1e-7  # a step this small squares to nothing in the next
SIGNALS = ("none", "astronomical", "trend", "two_of_three", "shift")
NONE, ASTRONOMICAL = 0, 1
D2 = 1.128  # the mean moving range of two points, in standard deviations


class Chart(NamedTuple):
    """A chart of each series. Series lie along the last axis; `judged` lacks it, and `centre` where it is the same at all points.

    signals: for each point none, astronomical (outside the limits), trend, two_of_three or shift; where a function says that it gives
    codes, their places in SIGNALS.
    sides: 1 high or rising, -1 low or falling, 0 where there is no signal. judged: there are MINIMUM_POINTS.
    """

    centre: FloatArray
    lower: FloatArray
    upper: FloatArray
    signals: NDArray[Any]
    sides: NDArray[np.int8]
    judged: BoolArray


def xmr(values: ArrayLike, screen: bool = True) -> Chart:
    """The individuals chart with the NHS rules, in the unit of the values; `lower` and `upper` lack the last axis.

    Limits: mean -/+ 2.66 mean moving ranges. `screen` leaves out, once, moving ranges of 3.267 means and more, unless nothing but
    zeros would be left. Missing values (NaN) have no signal and are passed over: their neighbours stand next to each other.
    A point has one signal, the first of astronomical, trend, two_of_three, shift. Under 2 points the limits are NaN.
    Source: NHS England, Making Data Count; NHSRplotthedots; Nelson 1982, J Qual Tech 14:172-173, for the screen.
    """
    return _named(coded_xmr(values, screen))


def coded_xmr(values: ArrayLike, screen: bool = True) -> Chart:
    """As `xmr`, with codes for signals: a province has millions of points."""
    points, order = packed(series(values))
    centre, reach = _individuals(points, screen)
    deviations = points - centre[..., None]
    signals, sides = _signals(points, deviations, np.broadcast_to(reach[..., None], points.shape))
    judged = np.isfinite(points).sum(-1) >= MINIMUM_POINTS
    lower, upper = centre - reach, centre + reach
    return Chart(
        plain(centre), plain(lower), plain(upper), unpacked(signals, order), unpacked(sides, order), judged
    )


def xmr_so_far(points: FloatArray, screen: bool = True) -> Iterator[Chart]:
    """The chart of the first MINIMUM_POINTS points, then of one point more, and so on to all, each cut to its last RUN points.

    So each point is seen as it was when it was the newest: what comes later moves neither its limits nor its signal. points: packed
    series. In each chart signals are codes, centre, lower and upper have a column for each of its points, and `judged` says which series
    reach so far.
    """
    for size in range(MINIMUM_POINTS, points.shape[-1] + 1):
        centre, reach = _individuals(points[..., :size], screen)
        newest = points[..., size - RUN : size]
        centre, reach = (np.broadcast_to(cells[..., None], newest.shape) for cells in (centre, reach))
        signals, sides = _signals(newest, newest - centre, reach)
        yield Chart(centre, centre - reach, centre + reach, signals, sides, np.isfinite(newest[..., -1]))


def _named(chart: Chart) -> Chart:
    """The chart with its signals by name."""
    return chart._replace(signals=np.array(SIGNALS)[chart.signals])


def _individuals(points: FloatArray, screen: bool) -> tuple[FloatArray, FloatArray]:
    """The centre of each series, and how far its limits are from it."""
    moving = np.abs(np.diff(points))
    range_ = mean(moving)
    if screen:
        screened = mean(np.where(moving < SCREEN * range_[..., None], moving, np.nan))
        range_ = np.where(screened > 0, screened, range_)
    return mean(points), LIMIT * range_


def laney_p(k: ArrayLike, n: ArrayLike, odds: ArrayLike | None = None) -> Chart:
    """The p' chart of shares k / n with varying n; `lower` and `upper` are as long as the series, within 0 and 1.

    Limits: p -/+ 3 sigma_i sigma_z, where sigma_i is the binomial error at n_i and sigma_z the mean moving range of the z-scores
    over 1.128: it widens the limits where the share varies more than the binomial, and narrows them where less. Rules as `xmr`;
    points without an n are passed over. With `odds` (a factor for each point, such as a season's) the share expected at a point
    has its odds multiplied by it, over all points as many are expected as were found, and `centre` is as long as the series.
    Source: Laney 2002, Quality Engineering 14:531-537.
    """
    return _named(coded_laney_p(k, n, odds))


def coded_laney_p(k: ArrayLike, n: ArrayLike, odds: ArrayLike | None = None) -> Chart:
    """As `laney_p`, with codes for signals."""
    k, n = k_of_n(k, n)
    if k.ndim == 0:
        raise ValueError("a series is an array along its last axis")
    sizes, order = packed(n)
    successes = np.take_along_axis(k, order, -1)
    factors = (
        None
        if odds is None
        else np.take_along_axis(np.broadcast_to(np.asarray(odds, np.float64), n.shape), order, -1)
    )
    base = _base(successes, sizes)
    if factors is not None:
        base = _fitted(base, successes, sizes, factors)
    centre, reach = _shares(successes, sizes, base, factors)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = successes / sizes
    deviations = shares - centre
    # what rises and falls is what is left of the season
    signals, sides = _signals(shares if odds is None else deviations, deviations, reach)
    lower, upper = np.clip(centre - reach, 0, 1), np.clip(centre + reach, 0, 1)
    judged = np.isfinite(shares).sum(-1) >= MINIMUM_POINTS
    lower, upper = unpacked(lower, order), unpacked(upper, order)
    middle = plain(special.expit(base)) if odds is None else unpacked(centre, order)
    return Chart(middle, lower, upper, unpacked(signals, order), unpacked(sides, order), judged)


def laney_p_so_far(k: FloatArray, n: FloatArray, odds: FloatArray) -> Iterator[Chart]:
    """As `xmr_so_far`, of shares k / n, with the odds of each point as in `laney_p`; all packed alike."""
    base = _base(k[..., : MINIMUM_POINTS - 1], n[..., : MINIMUM_POINTS - 1])
    for size in range(MINIMUM_POINTS, k.shape[-1] + 1):
        successes, sizes, factors = (cells[..., :size] for cells in (k, n, odds))
        # one point more moves the level of those before it by little
        base = _fitted(base, successes, sizes, factors)
        centre, reach = _shares(successes, sizes, base, factors)
        newest = slice(size - RUN, size)
        centre, reach = centre[..., newest], reach[..., newest]
        with np.errstate(invalid="ignore", divide="ignore"):
            deviations = k[..., newest] / n[..., newest] - centre
        signals, sides = _signals(deviations, deviations, reach)
        lower, upper = np.clip(centre - reach, 0, 1), np.clip(centre + reach, 0, 1)
        yield Chart(centre, lower, upper, signals, sides, np.isfinite(deviations[..., -1]))


def _base(k: FloatArray, n: FloatArray) -> FloatArray:
    """The pooled share of each series, as logit."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(special.logit(np.nansum(k, -1) / np.nansum(n, -1)))


def _fitted(start: FloatArray, k: FloatArray, n: FloatArray, odds: FloatArray) -> FloatArray:
    """The logit of each series at which as many are expected as were found, each point's odds multiplied by its own (Newton)."""
    found, pooled, lifts, sizes = np.nansum(k, -1), _base(k, n), np.log(odds), np.nan_to_num(n)
    base = np.where(np.isfinite(start), start, np.where(np.isfinite(pooled), pooled, 0.0))
    # none or all: the share expected is certain
    left = np.asarray(np.isfinite(pooled))
    for _ in range(_STEPS):
        step = _step(base[left], found[left], sizes[left], lifts[left])
        base[left] += step
        left[left] = np.abs(step) >= _CLOSE
        if not left.any():
            break
    return np.where(np.isfinite(pooled), base, pooled)


def _step(base: FloatArray, found: FloatArray, sizes: FloatArray, lifts: FloatArray) -> FloatArray:
    """Newton's next step of each series, no longer than 1."""
    share = special.expit(base[..., None] + lifts)
    expected = sizes * share
    slope = (expected * (1 - share)).sum(-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.clip(np.where(slope > 0, (found - expected.sum(-1)) / slope, 0.0), -1, 1)


def _shares(
    k: FloatArray, n: FloatArray, base: FloatArray, odds: FloatArray | None
) -> tuple[FloatArray, FloatArray]:
    """The share expected at each point, and how far its limits are from it."""
    lifts = np.zeros(n.shape) if odds is None else np.log(odds)
    centre = special.expit(base[..., None] + lifts)
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.sqrt(centre * (1 - centre) / n)
        # all or none everywhere: no error, and no deviation either
        z = np.where(error == 0, 0.0, (k / n - centre) / error)
    return centre, 3 * error * (mean(np.abs(np.diff(z))) / D2)[..., None]


def assurance(lower: ArrayLike, upper: ArrayLike, target: ArrayLike, direction: Direction) -> Any:
    """What the limits promise about a target: consistent_pass, consistent_fail or inconsistent; None where one is missing.

    A target on a limit is inconsistent. Source: NHS England, Making Data Count; NHSRplotthedots.
    """
    low, high, aim = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in (lower, upper, target)))
    beneath, beyond = ("consistent_pass", "consistent_fail")[:: sign(direction)]
    conditions = [np.isnan(low) | np.isnan(high) | np.isnan(aim), aim < low, aim > high]
    kinds = [np.array(kind, dtype=object) for kind in (None, beneath, beyond)]
    promises = np.select(conditions, kinds, default="inconsistent")
    return plain(promises)


def _signals(
    points: FloatArray, deviations: FloatArray, reach: FloatArray
) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """The NHS rules on packed series, as codes and sides: reach is the distance of the limits from the centre."""
    tolerance = rounding(points)[..., None]
    high, low = deviations > tolerance, deviations < -tolerance
    outside = np.abs(deviations) > reach + tolerance
    near = ~outside & (np.abs(deviations) > reach * 2 / 3 + tolerance)

    steps = np.diff(points)
    rising = _spread(_all(_windows(steps > 0, RUN - 1)), RUN, points.shape)
    falling = _spread(_all(_windows(steps < 0, RUN - 1)), RUN, points.shape)
    shifted = _spread(_all(_windows(high, RUN)) | _all(_windows(low, RUN)), RUN, points.shape)
    one_side = _all(_windows(high, 3)) | _all(_windows(low, 3))
    pairs = near & _spread(one_side & (_windows(near, 3).sum(-1) >= 2), 3, points.shape)

    side = high.astype(np.int8) - low.astype(np.int8)
    slope = np.where(
        rising, np.int8(1), np.int8(-1)
    )  # the point between a rise and a fall counts as the end of the rise
    rules = [outside, rising | falling, pairs, shifted]
    signals = np.select(rules, [np.int8(code) for code in range(1, len(SIGNALS))], default=np.int8(NONE))
    return signals, np.select(rules, [side, slope, side, side], default=np.int8(0))


def _all(windows: BoolArray) -> BoolArray:
    return np.asarray(windows.all(axis=-1))


def _windows(flags: BoolArray, width: int) -> BoolArray:
    """Each run of `width` neighbours along a new last axis; no run where the series is shorter."""
    if flags.shape[-1] < width:
        return np.zeros((*flags.shape[:-1], 0, width), dtype=bool)
    return sliding_window_view(flags, width, axis=-1)


def _spread(starts: BoolArray, width: int, shape: tuple[int, ...]) -> BoolArray:
    """All points that are in a window of `width` that begins at one of the starts."""
    members = np.zeros(shape, dtype=bool)
    for offset in range(width):
        members[..., offset : offset + starts.shape[-1]] |= starts
    return members


def packed(values: FloatArray) -> tuple[FloatArray, NDArray[np.intp]]:
    """The present values moved to the front of each series, in order, and the order that did it."""
    order = np.argsort(np.isnan(values), axis=-1, kind="stable")
    return np.take_along_axis(values, order, -1), order


def unpacked(points: NDArray[Any], order: NDArray[np.intp]) -> NDArray[Any]:
    spread = np.empty_like(points)
    np.put_along_axis(spread, order, points, -1)
    return spread
