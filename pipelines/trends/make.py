"""The marts of trends, made anew: indicator by indicator, so that memory holds one indicator's arrays at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import polars as pl

from expectations import Catalogue, Period
from expectations.models.calendar import Calendar
from expectations.models.indicator import Indicator
from pipelines.ahead import worked_ahead
from pipelines.trends.chart import charted
from pipelines.trends.measure import Measure, measure, standards
from pipelines.trends.season import Seasons
from pipelines.trends.series import Series
from pipelines.trends.tables import AS_NEWEST, POINTS_SCHEMA, TESTS_SCHEMA, chart_rows, year_rows
from pipelines.warehouse import Warehouse

TREND_TABLES = ("trends", "trend_tests", "group_trends", "group_trend_tests")
# Rows that wait for one insert: some 100 MiB.
_ROWS_AT_ONCE = 500_000
_CODE = {name: "group_code" if name.startswith("group") else "unit_code" for name in TREND_TABLES}
# Units and branches apart: another noise, another season. The peers' median is of those of the same group at the same point.
_HOLDERS = """
select t.grain, u.kind = 'branch' as is_branch, t.unit_code as code, t.point, t.numerator::double as numerator,
       t.denominator::double as denominator, t.value, u.peer_group,
       case when u.kind = 'branch' then parent.kind || '/' || u.category else u.kind end as season_group
from trend_points t
join dim_unit u using (unit_code)
left join dim_unit parent on parent.unit_code = u.parent_code
where t.indicator = ?
order by t.grain, is_branch, t.unit_code, t.point
"""
# Ratios of sums, also where units are otherwise counted by whether they meet: a part of a year meets nothing.
_GROUPS = """
with members as (
    select t.indicator, t.grain, t.point, t.numerator, t.denominator, u.city_code, u.kind
    from trend_points t
    join dim_unit u using (unit_code)
    where u.kind <> 'branch'
),
grouped as (
    select 'province' as group_kind, 'province' as code, * from members
    union all
    select 'city', city_code, * from members
    union all
    select 'kind', kind, * from members
)
select indicator, grain, group_kind, code, point, sum(numerator)::double as numerator, sum(denominator)::double as denominator,
       (sum(numerator) / sum(denominator))::double as value
from grouped
group by indicator, grain, group_kind, code, point
order by indicator, grain, group_kind, code, point
"""


class _Given(NamedTuple):
    """One indicator with the points of units and branches, and those of groups."""

    indicator: Indicator
    known: Measure
    holders: pl.DataFrame
    groups: pl.DataFrame


def make_trends(warehouse: Warehouse, catalogue: Catalogue) -> None:
    """Replace TREND_TABLES by what `trend_points` holds, each indicator held against the standard of the newest period."""
    for table, frame in _empty().items():
        warehouse.replace(table, frame)
    all_groups = warehouse.frame("group_trends", _GROUPS)
    groups = all_groups.partition_by("indicator", as_dict=True)
    waiting: dict[str, list[pl.DataFrame]] = {table: [] for table in TREND_TABLES}

    def given() -> Iterator[_Given]:
        for indicator, known in _measures(warehouse, catalogue):
            holders = warehouse.frame("trends", _HOLDERS, [known.indicator])
            # where only branches have points, there is no group
            yield _Given(indicator, known, holders, groups.get((known.indicator,), all_groups.clear()))

    with warehouse.transaction():
        for tables in worked_ahead(partial(_of_indicator, catalogue.calendar), given()):
            for table, frames in tables.items():
                waiting[table] += frames
            if sum(frame.height for frame in waiting["trends"]) >= _ROWS_AT_ONCE:
                _append(warehouse, waiting)
        _append(warehouse, waiting)


def _append(warehouse: Warehouse, waiting: dict[str, list[pl.DataFrame]]) -> None:
    """Put away what waits: one insert for each indicator costs a small province more than its trends."""
    for table, frames in waiting.items():
        if frames:
            warehouse.append(table, pl.concat(frames).rename({"code": _CODE[table]}))
            frames.clear()


def _measures(warehouse: Warehouse, catalogue: Catalogue) -> Iterator[tuple[Indicator, Measure]]:
    found = warehouse.run(
        "trend_points",
        "select indicator, (select max(period) from trend_points) from trend_points group by indicator order by indicator",
    )
    for code, newest in found:
        indicator = catalogue.indicator[code]
        yield indicator, measure(indicator, catalogue, Period.parse(newest))


def _of_indicator(calendar: Calendar, given: _Given) -> dict[str, list[pl.DataFrame]]:
    """Rows for each table. The groups take the season of the units: they are too few to tell one.

    A group is held against a standard only where the ratio of its sums is what it is judged by: that units reach one on the average does
    not say that each of them does.
    """
    indicator, known, holders, groups = given
    made: dict[str, list[pl.DataFrame]] = {table: [] for table in TREND_TABLES}
    of_units: dict[str, Seasons] = {}
    for (grain, is_branch), frame in holders.partition_by("grain", "is_branch", as_dict=True).items():
        series = Series.of(frame)
        names = frame.group_by("code", maintain_order=True).agg(pl.col("season_group").first())
        seasons = Seasons.learnt(series, known, names["season_group"].to_list())
        if not is_branch:
            of_units[grain] = seasons
        points, tests = _rows(series, known, grain, seasons, names["season_group"].to_list())
        limits = standards(indicator, series.points, known, calendar)
        asked = pl.col("point").replace_strict(limits, default=None, return_dtype=pl.Float64)
        made["trends"].append(points.with_columns(_peer_median(frame), standard=asked))
        made["trend_tests"].append(tests)
    kinds = dict(groups.select("code", "group_kind").iter_rows())
    group_kind = pl.col("code").replace_strict(kinds)
    of_groups = known if indicator.rollup == "ratio_of_sums" else replace(known, target=None, compare=None)
    for (grain,), frame in groups.partition_by("grain", as_dict=True).items():
        series = Series.of(frame)
        points, tests = _rows(series, of_groups, grain, of_units[grain], series.codes)
        limits = {} if of_groups.target is None else standards(indicator, series.points, of_groups, calendar)
        asked = pl.col("point").replace_strict(limits, default=None, return_dtype=pl.Float64)
        points = points.drop(AS_NEWEST).with_columns(standard=asked, group_kind=group_kind)
        made["group_trends"].append(points)
        made["group_trend_tests"].append(tests.with_columns(group_kind=group_kind))
    return made


def _rows(
    series: Series, known: Measure, grain: str, seasons: Seasons, groups: list[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    if grain == "year":
        return year_rows(series, known)
    return chart_rows(series, charted(series, known, seasons.factors(series, groups)), known, grain)


def _peer_median(frame: pl.DataFrame) -> pl.Series:
    """The median of the peer group at each point; null where a unit has no peer there."""
    peers = ("peer_group", "point")
    several = pl.len().over(peers) > 1
    return frame.select(
        peer_median=pl.when(several).then(pl.col("value").median().over(peers)).otherwise(None)
    )["peer_median"]


def _empty() -> dict[str, pl.DataFrame]:
    schemas = {
        "trends": {**POINTS_SCHEMA, **AS_NEWEST, "peer_median": pl.Float64, "standard": pl.Float64},
        "trend_tests": TESTS_SCHEMA,
        "group_trends": {**POINTS_SCHEMA, "standard": pl.Float64, "group_kind": pl.String},
        "group_trend_tests": {**TESTS_SCHEMA, "group_kind": pl.String},
    }
    return {
        table: pl.DataFrame(schema=schema).rename({"code": _CODE[table]}) for table, schema in schemas.items()
    }
