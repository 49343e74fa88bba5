"""Limits and signals of series: which method for which measure, the season taken out, small numbers given their chance."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.statistics import control
from pipelines.statistics.counts import BoolArray, FloatArray
from pipelines.statistics.evidence import backed
from pipelines.trends.measure import Measure
from pipelines.trends.series import Series


class Charted(NamedTuple):
    """Arrays of series × points, in the values' unit; `judged` for each series.

    centre, lower and upper follow the season. assurance: what the limits promise about the standard; None where nothing.
    """

    centre: FloatArray
    lower: FloatArray
    upper: FloatArray
    signals: NDArray[np.str_]
    sides: NDArray[np.int8]
    judged: BoolArray
    assurance: NDArray[np.object_]


def charted(series: Series, measure: Measure, factors: FloatArray) -> Charted:
    """The chart of each series; `factors` are the season's, for each of its points.

    Shares: Laney's p' with the season on the odds. All else: XmR of the values divided by the season's factor. Signals of shares and
    counts stand only where chance of their size does not explain them. A share of which more is reported than there is is charted
    as an amount: it is no share.
    """
    k, n, values = (series.array(name) for name in ("numerator", "denominator", "value"))
    if measure.nature != "share":
        return _amounts(values, k, n, factors, measure, series.seasons)
    with np.errstate(invalid="ignore"):
        is_share = np.asarray(~((k > n) | (k < 0)).any(-1))
    if is_share.all():
        return _shares(k, n, factors, measure)
    rest, amount = ~is_share, replace(measure, nature="amount")
    even = np.ones((rest.sum(), len(series.points)))
    charts = (
        _shares(k[is_share], n[is_share], factors[is_share], measure),
        _amounts(values[rest], k[rest], n[rest], even, amount, series.seasons),
    )
    return Charted(*(_together(is_share, *cells) for cells in zip(*charts, strict=True)))


def _shares(k: FloatArray, n: FloatArray, factors: FloatArray, measure: Measure) -> Charted:
    chart = control.laney_p(k, n, factors)
    signals, sides = backed(chart.signals, chart.sides, k, chart.centre * n, n)
    promises = _promised(chart.lower, chart.upper, chart.judged, measure)
    return Charted(chart.centre, chart.lower, chart.upper, signals, sides, chart.judged, promises)


def _amounts(
    values: FloatArray, k: FloatArray, n: FloatArray, factors: FloatArray, measure: Measure, seasons: int
) -> Charted:
    chart = control.xmr(values / factors)
    middle, low, high = chart.centre[:, None], chart.lower[:, None], chart.upper[:, None]
    signals, sides = chart.signals, chart.sides
    if measure.nature == "count":
        signals, sides = backed(signals, sides, k, middle * factors * n)
    if measure.adds_up:
        # a year is the sum of its points, whose deviations add up as squares do; over the year the season's factors are 1
        reach = (high - middle) / np.sqrt(seasons)
        promises = _promised(middle - reach, middle + reach, chart.judged, measure, 1 / seasons)
    else:
        promises = _promised(low * factors, high * factors, chart.judged, measure)
    if measure.nature != "difference":
        low = np.maximum(low, 0.0)
    return Charted(middle * factors, low * factors, high * factors, signals, sides, chart.judged, promises)


def _promised(
    lower: FloatArray, upper: FloatArray, judged: BoolArray, measure: Measure, part: float = 1.0
) -> NDArray[np.object_]:
    """What the limits of all points together promise about the standard, or about the part of it that a point owes."""
    if measure.target is None:
        return np.full(len(judged), None, dtype=object)
    target = measure.target * part
    promises = control.assurance(lower, upper, target, measure.direction)
    if measure.compare != "above":
        promises = np.where((lower == target) & (upper == target), "consistent_pass", promises)
    unknown = np.asarray(promises == None, dtype=bool)  # noqa: E711 - element by element
    whole = np.full(len(judged), "inconsistent", dtype=object)
    for promise in ("consistent_pass", "consistent_fail"):
        whole[(unknown | (promises == promise)).all(-1)] = promise
    whole[unknown.all(-1) | ~judged] = None
    return whole


def _together(first: BoolArray, of_first: NDArray[Any], of_rest: NDArray[Any]) -> NDArray[Any]:
    """Rows that were charted apart, each in its place again."""
    whole = np.empty((len(first), *of_first.shape[1:]), np.result_type(of_first, of_rest))
    whole[first], whole[~first] = of_first, of_rest
    return whole
