"""What a number could be without being far: a range about the past, about the peers, or about the last time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pipelines.outliers.scale import Scale, off_scale
from pipelines.statistics.counts import BoolArray, FloatArray
from pipelines.statistics.outliers import modified_z


class Limits(NamedTuple):
    """Far in numbers: what `Far` of expectations/models/outliers.py declares."""

    threshold: float
    points: int
    times: float
    difference: float


class Centre(NamedTuple):
    """On the scale: the middle, and what lies just within the threshold; NaN where it cannot be judged."""

    middle: FloatArray
    lower: FloatArray
    upper: FloatArray

    def shifted(self, by: FloatArray) -> Centre:
        return Centre(self.middle + by, self.lower + by, self.upper + by)


class Range(NamedTuple):
    """In the question's own unit, to four decimals: what is outside is far. NaN where it cannot be judged."""

    low: FloatArray
    high: FloatArray

    def excludes(self, numbers: FloatArray) -> BoolArray:
        return (numbers < self.low) | (numbers > self.high)


def centre(series: FloatArray, limits: Limits) -> Centre:
    """Of each series along the last axis (NaN: missing), by the modified z; NaN with fewer points than the limits ask.

    The number that is judged is not in the series. Where all points are equal, lower and upper are the middle itself.
    """
    score = modified_z(series, limits.threshold, limits.points)
    return Centre(np.where(score.judged, score.median, np.nan), score.lower, score.upper)


def last_of(series: FloatArray) -> FloatArray:
    """The last point of each series along the last axis that is not missing; NaN where all are."""
    present = ~np.isnan(series)
    if not series.shape[-1]:
        return np.full(series.shape[:-1], np.nan)
    at = series.shape[-1] - 1 - np.argmax(present[..., ::-1], axis=-1)
    return np.take_along_axis(series, at[..., None], -1)[..., 0]


def around(middle: Centre, per: FloatArray, scale: Scale, limits: Limits) -> Range:
    """The range of numbers that are not far: beyond it, threshold, times and difference all say «far».

    per: what the numbers were divided by, in the same order.
    """
    at = off_scale(middle.middle, scale)
    apart = limits.difference / per
    low = np.minimum(off_scale(middle.lower, scale), np.minimum(at / limits.times, at - apart))
    high = np.maximum(off_scale(middle.upper, scale), np.maximum(at * limits.times, at + apart))
    return Range(np.round(low * per, 4), np.round(high * per, 4))
