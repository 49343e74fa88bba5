"""The marts of trends, made anew: indicator by indicator, so that memory holds one indicator's arrays at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import polars as pl

from expectations import Catalogue, Period
from pipelines.trends.chart import charted
from pipelines.trends.measure import Measure, measure
from pipelines.trends.season import Seasons
from pipelines.trends.series import Series
from pipelines.trends.tables import POINTS_SCHEMA, TESTS_SCHEMA, chart_rows, year_rows
from pipelines.warehouse import Warehouse

TREND_TABLES = ("trends", "trend_tests", "group_trends")
_CODE = {"trends": "unit_code", "trend_tests": "unit_code", "group_trends": "group_code"}
# Units and branches apart: another noise, another season. The peers' median is of those of the same group at the same point.
_UNITS = """
select t.unit_code as code, t.point, t.numerator::double as numerator, t.denominator::double as denominator, t.value,
       u.peer_group, case when u.kind = 'branch' then parent.kind || '/' || u.category else u.kind end as season_group
from trend_points t
join dim_unit u using (unit_code)
left join dim_unit parent on parent.unit_code = u.parent_code
where t.indicator = ? and t.grain = ? and (u.kind = 'branch') = ?
order by t.unit_code, t.point
"""
# Ratios of sums, also where units are otherwise counted by whether they meet: a part of a year meets nothing.
_GROUPS = """
with members as (
    select t.point, t.numerator, t.denominator, u.city_code, u.kind
    from trend_points t
    join dim_unit u using (unit_code)
    where t.indicator = ? and t.grain = ? and u.kind <> 'branch'
),
grouped as (
    select 'province' as group_kind, 'province' as code, * from members
    union all
    select 'city', city_code, * from members
    union all
    select 'kind', kind, * from members
)
select group_kind, code, point, sum(numerator)::double as numerator, sum(denominator)::double as denominator,
       (sum(numerator) / sum(denominator))::double as value
from grouped
group by group_kind, code, point
order by group_kind, code, point
"""


class Task(NamedTuple):
    """One indicator at one grain."""

    measure: Measure
    grain: str


def make_trends(warehouse: Warehouse, catalogue: Catalogue) -> None:
    """Replace TREND_TABLES by what `trend_points` holds, each indicator held against the standard of the newest period."""
    for table, frame in _empty().items():
        warehouse.replace(table, frame)
    for task in _tasks(warehouse, catalogue):
        seasons: Seasons | None = None
        for branches in (False, True):
            frame = warehouse.frame("trend_points", _UNITS, [task.measure.indicator, task.grain, branches])
            if frame.is_empty():
                continue
            series = Series.of(frame)
            groups = frame.group_by("code", maintain_order=True).agg(pl.col("season_group").first())
            names = groups["season_group"].to_list()
            learnt = Seasons.learnt(series, task.measure, names)
            seasons = seasons or learnt
            points, tests = _rows(series, task, learnt, names)
            _append(warehouse, "trends", points.with_columns(_peer_median(frame)))
            _append(warehouse, "trend_tests", tests)
        groups_frame = warehouse.frame("trend_points", _GROUPS, [task.measure.indicator, task.grain])
        for (kind,), part in groups_frame.partition_by("group_kind", as_dict=True).items():
            series = Series.of(part)
            points, _ = _rows(series, task, seasons or Seasons({}, None), series.codes)
            _append(warehouse, "group_trends", points.with_columns(group_kind=pl.lit(kind)))


def _tasks(warehouse: Warehouse, catalogue: Catalogue) -> Iterator[Task]:
    found = warehouse.run(
        "trend_points",
        "select indicator, grain, (select max(period) from trend_points) from trend_points "
        "group by indicator, grain order by indicator, grain",
    )
    for indicator, grain, newest in found:
        yield Task(measure(catalogue.indicator[indicator], catalogue, Period.parse(newest)), grain)


def _rows(
    series: Series, task: Task, seasons: Seasons, groups: list[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    if task.grain == "year":
        return year_rows(series, task.measure)
    chart = charted(series, task.measure, seasons.factors(series, groups))
    return chart_rows(series, chart, task.measure, task.grain)


def _peer_median(frame: pl.DataFrame) -> pl.Series:
    """The median of the peer group at each point; null where a unit has no peer there."""
    peers = ("peer_group", "point")
    several = pl.len().over(peers) > 1
    return frame.select(
        peer_median=pl.when(several).then(pl.col("value").median().over(peers)).otherwise(None)
    )["peer_median"]


def _append(warehouse: Warehouse, table: str, frame: pl.DataFrame) -> None:
    warehouse.append(table, frame.rename({"code": _CODE[table]}))


def _empty() -> dict[str, pl.DataFrame]:
    schemas = {
        "trends": {**POINTS_SCHEMA, "peer_median": pl.Float64},
        "trend_tests": TESTS_SCHEMA,
        "group_trends": {"group_kind": pl.String, **POINTS_SCHEMA},
    }
    return {
        table: pl.DataFrame(schema=schema).rename({"code": _CODE[table]}) for table, schema in schemas.items()
    }
