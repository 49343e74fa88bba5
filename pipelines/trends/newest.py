"""What was said of each point when it was the newest of its series: what comes later takes no flag back, and raises none in hindsight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.statistics import control
from pipelines.statistics.counts import FloatArray
from pipelines.statistics.evidence import backed
from pipelines.trends.signals import TOO_FEW

FIRST = control.MINIMUM_POINTS - 1  # the place of the first point that is judged


class AsNewest(NamedTuple):
    """Arrays of series × points in the values' unit. signals: codes of signals.NAMES, TOO_FEW before the series is judged and where nothing is.

    A signal is one that is complete at the point: a shift at its seventh point, not at its first.
    """

    centre: FloatArray
    lower: FloatArray
    upper: FloatArray
    signals: NDArray[np.int8]
    sides: NDArray[np.int8]


def shares_as_newest(k: FloatArray, n: FloatArray, factors: FloatArray) -> AsNewest:
    """Of shares k / n, with the season's factors on the odds. The season is that of all years: it is no judgement."""
    n, order = control.packed(n)
    k, odds = (np.take_along_axis(cells, order, -1) for cells in (k, factors))
    told = _Told.nothing(order)
    for place, chart in enumerate(control.laney_p_so_far(k, n, odds), start=FIRST):
        window = slice(place + 1 - control.RUN, place + 1)
        trials = n[:, window]
        signals, sides = backed(chart.signals, chart.sides, k[:, window], chart.centre * trials, trials)
        told.put(place, chart._replace(signals=signals, sides=sides))
    return told.unpacked(order)


def amounts_as_newest(
    values: FloatArray, k: FloatArray, n: FloatArray, factors: FloatArray, *, is_count: bool
) -> AsNewest:
    """Of values k / n divided by the season's factors; is_count: whether chance at the size of k has to be excluded."""
    points, order = control.packed(values / factors)
    k, n, factors = (np.take_along_axis(cells, order, -1) for cells in (k, n, factors))
    told = _Told.nothing(order)
    for place, chart in enumerate(control.xmr_so_far(points), start=FIRST):
        window = slice(place + 1 - control.RUN, place + 1)
        scale = factors[:, window]
        centre, lower, upper = (cells * scale for cells in (chart.centre, chart.lower, chart.upper))
        signals, sides = chart.signals, chart.sides
        if is_count:
            signals, sides = backed(signals, sides, k[:, window], centre * n[:, window])
        told.put(place, control.Chart(centre, lower, upper, signals, sides, chart.judged))
    return told.unpacked(order)


class _Told(AsNewest):
    """The arrays while they are filled, packed."""

    @classmethod
    def nothing(cls, order: NDArray[np.intp]) -> _Told:
        centre, lower, upper = (np.full(order.shape, np.nan) for _ in range(3))
        return cls(
            centre, lower, upper, np.full(order.shape, TOO_FEW, np.int8), np.zeros(order.shape, dtype=np.int8)
        )

    def put(self, place: int, chart: control.Chart) -> None:
        """The last point of a chart, of the series that reach so far."""
        told: Sequence[NDArray[Any]] = self
        charted: Sequence[NDArray[Any]] = chart
        for cells, new in zip(told, charted[: len(told)], strict=True):
            cells[chart.judged, place] = new[chart.judged, -1]

    def unpacked(self, order: NDArray[np.intp]) -> AsNewest:
        return AsNewest(*(control.unpacked(cells, order) for cells in self))
