"""Counts that leave the unit that owns them: rounded or left out, so that nobody can be picked out of a small number."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from pipelines.statistics.counts import FloatArray, ObjectArray, plain, whole


def round_mid(count: ArrayLike, to: int = 6) -> FloatArray:
    """Each count as the middle of its band: with 6, 1 to 6 is 3 and 7 to 12 is 9; 0 stays 0, missing stays NaN.

    Round numerator and denominator, and divide then. Source: OpenSAFELY, midpoint rounding (roundmid_any).
    """
    if to < 1:
        raise ValueError("the width of a band is at least 1")
    counts = whole(count, "count")
    return plain(np.ceil(counts / to) * to - (to // 2) * (counts != 0))


def suppress(count: ArrayLike, least: int = 8, to: int = 5) -> ObjectArray:
    """Counts as text: 0 as it is, 1 to `least` - 1 as «*», others to the nearest multiple of `to` (half goes up); None if missing.

    Source: NHS England, suppression rules of the Data Quality Maturity Index.
    """
    if to < 1:
        raise ValueError("the multiple is at least 1")

    def text(value: float) -> str | None:
        if np.isnan(value):
            return None
        if 0 < value < least:
            return "*"
        return str(int((value + to / 2) // to) * to)

    return np.asarray(np.frompyfunc(text, 1, 1)(whole(count, "count")), dtype=object)
