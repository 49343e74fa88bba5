"""Signals and their sides as columns of the marts; in arrays both are small whole numbers."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.statistics import control

NAMES = (*control.SIGNALS, "too_few_points")
TOO_FEW = len(control.SIGNALS)  # what is said of a point before its series is judged
TREND = control.SIGNALS.index("trend")
_SIDES = pl.Series(["low", None, "high"], dtype=pl.String)


def names(codes: NDArray[np.int8]) -> pl.Series:
    """The names of signals, by their places in NAMES."""
    return pl.Series(NAMES, dtype=pl.String).gather(pl.Series(codes))


def towards(sides: NDArray[np.int8]) -> pl.Series:
    """high for 1, low for -1, null for 0."""
    return _SIDES.gather(pl.Series(sides + np.int8(1)))
