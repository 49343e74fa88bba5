"""Series along the last axis in which values may be missing (NaN): their mean and median over what is there, without a warning."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from pipelines.statistics.counts import FloatArray

ROUNDING = 1e-12  # of the largest value: a difference under it is the arithmetic's, not the data's


def series(values: ArrayLike) -> FloatArray:
    """One series or many, as floats. ValueError for a single number or an infinite one."""
    given = np.asarray(values, dtype=np.float64)
    if given.ndim == 0 or np.isinf(given).any():
        raise ValueError("a series is an array of finite values along its last axis")
    return given


def mean(values: FloatArray) -> FloatArray:
    """The mean of each series; NaN where nothing is there."""
    present = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.where(present, values, 0.0).sum(-1) / present.sum(-1)  # type: ignore[no-any-return]


def median(values: FloatArray) -> FloatArray:
    """The median of each series; NaN where nothing is there."""
    if values.shape[-1] == 0:
        return np.full(values.shape[:-1], np.nan)
    n = (~np.isnan(values)).sum(-1)
    ordered = np.sort(values, axis=-1)  # missing values come last
    below, above = (
        np.take_along_axis(ordered, np.maximum(at, 0)[..., None], -1)[..., 0] for at in ((n - 1) // 2, n // 2)
    )
    return np.where(n > 0, (below + above) / 2, np.nan)


def rounding(values: FloatArray) -> FloatArray:
    """How large a difference within each series must be to be more than rounding."""
    sizes = np.where(np.isnan(values), 0.0, np.abs(values))
    return np.asarray(ROUNDING * sizes.max(-1, initial=0.0))
