"""k of n as arrays: what cannot be a count is refused here, for all of the package. No method belongs in this module."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
ObjectArray = NDArray[np.object_]
Array = TypeVar("Array", bound=NDArray[Any])


class Interval(NamedTuple):
    """The ends of an interval, or of a pair of limits."""

    low: FloatArray
    high: FloatArray


def plain(values: Array) -> Array:
    """A number (typed as the array that it behaves like) instead of an array without axes; any other array as it is."""
    return cast(Array, values[()])


def whole(values: ArrayLike, name: str) -> FloatArray:
    """Counts as floats, NaN where missing. ValueError where one is negative or not whole."""
    counts = np.asarray(values, dtype=np.float64)
    present = counts[~np.isnan(counts)]
    if (present < 0).any() or (present != np.floor(present)).any() or np.isinf(present).any():
        raise ValueError(f"{name} must be whole numbers from 0 up")
    return counts


def k_of_n(k: ArrayLike, n: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """k and n broadcast against each other; both NaN where either is missing or n is 0. ValueError where k > n."""
    successes, sizes = np.broadcast_arrays(whole(k, "k"), whole(n, "n"))
    if (successes > sizes).any():
        raise ValueError("k must not be above n")
    unknown = np.isnan(successes) | np.isnan(sizes) | (sizes == 0)
    return np.where(unknown, np.nan, successes), np.where(unknown, np.nan, sizes)


def share(value: ArrayLike, name: str) -> FloatArray:
    """A probability or proportion as floats (Fraction and Decimal too), NaN where missing. ValueError outside 0 to 1."""
    shares = np.asarray(value, dtype=np.float64)
    if ((shares < 0) | (shares > 1)).any():
        raise ValueError(f"{name} must lie between 0 and 1")
    return shares


def strictly_between(value: float, name: str) -> float:
    """A confidence or a level. ValueError unless above 0 and below 1: 95 is not 0.95."""
    if not 0 < value < 1:
        raise ValueError(f"{name} must lie between 0 and 1, and be neither: {value}")
    return float(value)
