"""Limits and signals of series: which method for which measure, the season taken out, small numbers given their chance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.statistics import control
from pipelines.statistics.counts import BoolArray, FloatArray
from pipelines.statistics.evidence import backed
from pipelines.trends.measure import Measure
from pipelines.trends.newest import AsNewest, amounts_as_newest, shares_as_newest
from pipelines.trends.series import Series


class Charted(NamedTuple):
    """Arrays of series × points, in the values' unit; `judged` for each series.

    signals: codes of control.SIGNALS. centre, lower and upper follow the season. assurance: what the limits promise about the standard; None where nothing. as_newest:
    what was said of each point when it was the newest.
    """

    centre: FloatArray
    lower: FloatArray
    upper: FloatArray
    signals: NDArray[np.int8]
    sides: NDArray[np.int8]
    judged: BoolArray
    assurance: NDArray[np.object_]
    as_newest: AsNewest


def charted(series: Series, measure: Measure, factors: FloatArray) -> Charted:
    """The chart of each series; `factors` are the season's, for each of its points.

    Shares: Laney's p' with the season on the odds. All else: XmR of the values divided by the season's factor. Signals of shares and
    counts stand only where chance of their size does not explain them. A share of which more is reported than there is is charted
    as an amount: it is no share.
    """
    k, n, values = (series.array(name) for name in ("numerator", "denominator", "value"))
    if measure.nature != "share":
        return _amounts(values, k, n, factors, measure, series.points_a_year)
    with np.errstate(invalid="ignore"):
        is_share = np.asarray(~((k > n) | (k < 0)).any(-1))
    if is_share.all():
        return _shares(k, n, factors, measure)
    rest, amount = ~is_share, replace(measure, nature="amount")
    even = np.ones((rest.sum(), len(series.points)))
    charts = (
        _shares(k[is_share], n[is_share], factors[is_share], measure),
        _amounts(values[rest], k[rest], n[rest], even, amount, series.points_a_year),
    )
    first, second = charts
    told = AsNewest(*_merged(is_share, first.as_newest, second.as_newest))
    return Charted._make([*_merged(is_share, first[:-1], second[:-1]), told])


def _shares(k: FloatArray, n: FloatArray, factors: FloatArray, measure: Measure) -> Charted:
    chart = control.coded_laney_p(k, n, factors)
    signals, sides = backed(chart.signals, chart.sides, k, chart.centre * n, n)
    promises = _promised(chart.lower, chart.upper, chart.judged, measure)
    told = shares_as_newest(k, n, factors)
    return Charted(chart.centre, chart.lower, chart.upper, signals, sides, chart.judged, promises, told)


def _amounts(
    values: FloatArray,
    k: FloatArray,
    n: FloatArray,
    factors: FloatArray,
    measure: Measure,
    points_a_year: int,
) -> Charted:
    chart = control.coded_xmr(values / factors)
    middle, low, high = chart.centre[:, None], chart.lower[:, None], chart.upper[:, None]
    signals, sides = chart.signals, chart.sides
    if measure.nature == "count":
        signals, sides = backed(signals, sides, k, middle * factors * n)
    if measure.adds_up:
        # a year is the sum of its points, whose deviations add up as squares do; over the year the season's factors are 1
        reach = (high - middle) / np.sqrt(points_a_year)
        promises = _promised(middle - reach, middle + reach, chart.judged, measure, 1 / points_a_year)
    else:
        promises = _promised(low * factors, high * factors, chart.judged, measure)
    told = amounts_as_newest(values, k, n, factors, is_count=measure.nature == "count")
    if measure.nature != "difference":
        low, told = np.maximum(low, 0.0), told._replace(lower=np.maximum(told.lower, 0.0))
    return Charted(
        middle * factors, low * factors, high * factors, signals, sides, chart.judged, promises, told
    )


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


def _merged(first: BoolArray, of_first: Iterable[Any], of_rest: Iterable[Any]) -> Iterator[NDArray[Any]]:
    """Arrays of rows that were charted apart, each row in its place again."""
    for here, there in zip(of_first, of_rest, strict=True):
        whole = np.empty((len(first), *here.shape[1:]), np.result_type(here, there))
        whole[first], whole[~first] = here, there
        yield whole
