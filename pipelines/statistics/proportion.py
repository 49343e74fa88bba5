"""k of n against a standard: what it is (exact arithmetic), how sure that is (intervals), and what it proves (exact tail)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from operator import ge, gt, le
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from pipelines.statistics.counts import (
    FloatArray,
    Interval,
    ObjectArray,
    k_of_n,
    plain,
    share,
    strictly_between,
    whole,
)

Compare = Literal["at_least", "above", "at_most"]
Exact = int | Fraction | Decimal

_COMPARISONS: dict[Compare, Callable[[Any, Any], Any]] = {"at_least": ge, "above": gt, "at_most": le}


def wilson_interval(k: ArrayLike, n: ArrayLike, confidence: float = 0.95) -> Interval:
    """The score interval of a proportion, without continuity correction; NaN where n is 0.

    For display only: its upper end below a standard flags small units too often (8.1% instead of 2.5% at n = 5).
    Source: Wilson 1927, JASA 22:209-212.
    """
    k, n = k_of_n(k, n)
    z = special.ndtri((1 + strictly_between(confidence, "confidence")) / 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        half = z * np.sqrt(k * (n - k) / n + z**2 / 4)
        low, high = (k + z**2 / 2 - half) / (n + z**2), (k + z**2 / 2 + half) / (n + z**2)
    # the ends that are known without rounding
    return Interval(plain(np.where(k == 0, 0.0, low)), plain(np.where(k == n, 1.0, high)))


def byar_interval(count: ArrayLike, confidence: float = 0.95) -> Interval:
    """The interval of a count of events (Poisson), in events; low is 0 for none.

    Within 1% of the exact one at 95% from 10 events up, within 2% at 99.8%; divide both ends by
    what was expected for the interval of a ratio.
    Source: Byar's approximation, in Breslow and Day 1987, Statistical Methods in Cancer Research II, p. 69.
    """
    count = whole(count, "count")
    z = special.ndtri((1 + strictly_between(confidence, "confidence")) / 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        low = count * (1 - 1 / (9 * count) - z / (3 * np.sqrt(count))) ** 3
    after = count + 1
    high = after * (1 - 1 / (9 * after) + z / (3 * np.sqrt(after))) ** 3
    return Interval(plain(np.where(count == 0, 0.0, np.maximum(low, 0.0))), plain(high))


def below_standard(k: ArrayLike, n: ArrayLike, standard: Exact | ArrayLike) -> FloatArray:
    """P(at most k of n) if the true share were the standard: the exact one-sided p that a unit lies below it.

    NaN where n is 0. Source: the binomial distribution, as R's binom.test(alternative = "less").
    """
    k, n, p = np.broadcast_arrays(*k_of_n(k, n), share(standard, "standard"))  # type: ignore[arg-type]
    return plain(np.where(k == n, 1.0, special.betaincc(k + 1, np.maximum(n - k, 1), p)))


def above_standard(k: ArrayLike, n: ArrayLike, standard: Exact | ArrayLike) -> FloatArray:
    """P(at least k of n) if the true share were the standard: the mirror of `below_standard`, for standards at most."""
    k, n, p = np.broadcast_arrays(*k_of_n(k, n), share(standard, "standard"))  # type: ignore[arg-type]
    return plain(np.where(k == 0, 1.0, special.betainc(np.maximum(k, 1), n - k + 1, p)))


def meets(
    k: Exact | ArrayLike, n: int | ArrayLike, standard: Exact | ArrayLike, compare: Compare = "at_least"
) -> Any:
    """Whether k / n keeps the standard, judged on exact numbers: True, False, or None where n is 0 or a value is missing.

    k may be a Decimal or a Fraction too (hours); an array gives an array of objects, so that None is never taken for False
    by an array of booleans. TypeError for a standard that is a binary float (0.9 is not nine tenths); ValueError for a k or n
    that is a float and not whole. Source: design.md, Rules of arithmetic; 2249/2500 shows as 90.0% and fails 0.9.
    """
    if compare not in _COMPARISONS:
        raise ValueError(f"compare is one of {', '.join(_COMPARISONS)}, not {compare!r}")
    parts = np.broadcast_arrays(_exact(k, "k"), _exact(n, "n"), _exact(standard, "standard"))
    missing = np.any([part == None for part in parts], axis=0)  # noqa: E711 - element by element
    numerator, denominator, required = (np.where(missing, 0, part) for part in parts)
    if (numerator < 0).any() or (denominator < 0).any():
        raise ValueError("k and n must not be negative")
    met = _COMPARISONS[compare](numerator, required * denominator)
    return plain(np.where(missing | (denominator == 0), np.array(None), met))


def least_meeting(n: int | ArrayLike, standard: Exact) -> ObjectArray:
    """The smallest whole k with k / n at or above the standard: ceil(standard * n), exactly, as Python integers; 0 for n = 0.

    For n under 10 and a standard of 0.9 that is n itself: the rule then means that nobody is absent.
    """
    required = Fraction(_exact(standard, "standard").item())
    least = np.frompyfunc(lambda size: None if size is None else -(-size * required // 1), 1, 1)
    return least(_exact(n, "n"))  # type: ignore[no-any-return]


def _exact(values: Any, name: str) -> ObjectArray:
    """Python integers and Fractions, None where missing: arithmetic on these has no rounding and no overflow."""
    array = np.asarray(values)
    if array.dtype.kind in "iu":
        return array.astype(object)
    return np.asarray(np.frompyfunc(lambda value: _exact_number(value, name), 1, 1)(array), dtype=object)


def _exact_number(value: Any, name: str) -> int | Fraction | None:
    if value is None or value != value:  # noqa: PLR0124 - NaN, of whatever type
        return None
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, (Fraction, Decimal)):
        return Fraction(value)
    if name == "standard" or not isinstance(value, (float, np.floating)):
        raise TypeError(f"{name} must be whole numbers, Fractions or Decimals, not {value!r}")
    if not float(value).is_integer():
        raise ValueError(f"{name} is a float that is not whole ({value!r}): give a Decimal or a Fraction")
    return int(value)  # a column with nulls comes as floats
