"""Charts and yearly trends as rows of the marts. Numbers are rounded to ten decimals: no processor's last bit changes a table."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.statistics import control
from pipelines.statistics.counts import FloatArray
from pipelines.statistics.trend import Trend, mann_kendall
from pipelines.trends.chart import Charted
from pipelines.trends.measure import Measure
from pipelines.trends.series import Series
from pipelines.trends.signals import TOO_FEW, TREND, names, towards

Cell = TypeVar("Cell", bound=np.generic)

SIGNIFICANT = 0.05
DECIMALS = 10
POINTS_SCHEMA: dict[str, Any] = {
    "code": pl.String, "indicator": pl.String, "grain": pl.String, "point": pl.String, "value": pl.Float64, "centre": pl.Float64,
    "lower": pl.Float64, "upper": pl.Float64, "signal": pl.String, "side": pl.String,
}  # fmt: skip
# What was said of a point when it was the newest, for flags alone; not published.
AS_NEWEST: dict[str, Any] = {
    "then_centre": pl.Float64, "then_lower": pl.Float64, "then_upper": pl.Float64, "then_signal": pl.String, "then_side": pl.String,
}  # fmt: skip
TESTS_SCHEMA: dict[str, Any] = {
    "code": pl.String, "indicator": pl.String, "grain": pl.String, "points": pl.Int32, "first_point": pl.String, "last_point": pl.String,
    "centre": pl.Float64, "lower": pl.Float64, "upper": pl.Float64, "assurance": pl.String, "s": pl.Int32, "p": pl.Float64,
    "slope": pl.Float64, "judged": pl.Boolean,
}  # fmt: skip


def chart_rows(
    series: Series, chart: Charted, measure: Measure, grain: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Points (POINTS_SCHEMA, AS_NEWEST) and tests (TESTS_SCHEMA) of a control chart. Under 12 points a series has a centre and nothing else."""
    judged = np.broadcast_to(chart.judged[:, None], chart.signals.shape)
    signals = np.where(judged, chart.signals, np.int8(TOO_FEW))
    limits = {name: np.where(judged, getattr(chart, name), np.nan) for name in ("lower", "upper")}
    points = _points(series, measure, grain, chart.centre, signals, chart.sides * judged, **limits)
    then = chart.as_newest
    points = points.with_columns(
        then_centre=_numbers(series.lines(then.centre)), then_lower=_numbers(series.lines(then.lower)),
        then_upper=_numbers(series.lines(then.upper)), then_signal=names(series.lines(then.signals)),
        then_side=towards(series.lines(then.sides)),
    )  # fmt: skip
    last = _last(series)
    lines = np.arange(len(series.codes)), last
    tests = _tests(
        series, measure, grain, chart.judged, chart.centre[lines],
        lower=limits["lower"][lines], upper=limits["upper"][lines], assurance=chart.assurance,
    )  # fmt: skip
    return points, tests


def year_rows(series: Series, measure: Measure) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Points and tests of yearly values: no limits; from 5 years on a trend at 5% marks all its points with where it leads."""
    values = series.array("value")
    found = mann_kendall(values)
    marked = found.judged & (found.p < SIGNIFICANT)
    kinds = np.where(found.judged, np.where(marked, TREND, control.NONE), TOO_FEW).astype(np.int8)
    sides = np.where(marked, np.sign(found.s), 0).astype(np.int8)
    middle = np.nanmean(values, axis=-1)

    def wide(cells: NDArray[Cell]) -> NDArray[Cell]:
        return np.broadcast_to(cells[:, None], values.shape)

    points = _points(series, measure, "year", wide(middle), wide(kinds), wide(sides))
    points = points.with_columns(pl.lit(None, dtype=kind).alias(name) for name, kind in AS_NEWEST.items())
    return points, _tests(series, measure, "year", found.judged, middle, trend=found)


def _points(
    series: Series,
    measure: Measure,
    grain: str,
    centre: FloatArray,
    signals: NDArray[np.int8],
    sides: NDArray[np.int8],
    lower: FloatArray | None = None,
    upper: FloatArray | None = None,
) -> pl.DataFrame:
    return series.frame.select(
        "code", pl.lit(measure.indicator).alias("indicator"), pl.lit(grain).alias("grain"), "point", "value",
        centre=_numbers(series.lines(centre)),
        lower=_numbers(None if lower is None else series.lines(lower)),
        upper=_numbers(None if upper is None else series.lines(upper)),
        signal=names(series.lines(signals)),
        side=towards(series.lines(sides)),
    )  # fmt: skip


def _tests(
    series: Series,
    measure: Measure,
    grain: str,
    judged: NDArray[np.bool_],
    centre: FloatArray,
    lower: FloatArray | None = None,
    upper: FloatArray | None = None,
    assurance: NDArray[np.object_] | None = None,
    trend: Trend | None = None,
) -> pl.DataFrame:
    spans = series.frame.group_by("code", maintain_order=True).agg(
        points=pl.len().cast(pl.Int32), first_point=pl.col("point").first(), last_point=pl.col("point").last()
    )
    promises = [None] * len(spans) if assurance is None else assurance.tolist()
    columns = {
        "centre": _numbers(centre),
        "lower": _numbers(lower),
        "upper": _numbers(upper),
        "assurance": pl.Series(promises, dtype=pl.String),
        "s": None if trend is None else pl.Series(trend.s).cast(pl.Int32),
        "p": _numbers(None if trend is None else trend.p),
        "slope": _numbers(None if trend is None else trend.slope),
        "judged": pl.Series(judged),
    }
    made = spans.with_columns(indicator=pl.lit(measure.indicator), grain=pl.lit(grain), **columns)
    return made.select(pl.col(name).cast(kind) for name, kind in TESTS_SCHEMA.items())


def _numbers(values: FloatArray | None) -> Any:
    """A column of rounded numbers, null where there is none."""
    if values is None:
        return pl.lit(None, dtype=pl.Float64)
    return pl.Series(np.round(values, DECIMALS) + 0.0, nan_to_null=True)


def _last(series: Series) -> NDArray[np.intp]:
    """The column of each series' last point."""
    present = ~np.isnan(series.array("value"))
    return np.asarray(present.shape[1] - 1 - np.argmax(present[:, ::-1], axis=1))
