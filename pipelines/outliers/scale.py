"""The scale on which numbers are compared, and back."""

from __future__ import annotations

from typing import Literal

import numpy as np

from pipelines.statistics.counts import FloatArray

Scale = Literal["as_is", "square_root", "log"]
# A processor's last bit must decide nothing: the logarithm's differs between makes.
_DECIMALS = 6


def on_scale(numbers: FloatArray, scale: Scale) -> FloatArray:
    """Numbers as they are compared, to six decimals; NaN where missing, and for what the scale has no place for (log of 0)."""
    points: FloatArray = numbers
    if scale == "log":
        points = np.log(np.where(numbers > 0, numbers, np.nan))
    elif scale == "square_root":
        points = np.sqrt(numbers)
    return np.round(points, _DECIMALS)


def off_scale(points: FloatArray, scale: Scale) -> FloatArray:
    """Points of the scale as numbers again."""
    if scale == "log":
        return np.exp(points)
    return np.square(np.maximum(points, 0.0)) if scale == "square_root" else points
