-- What the shortlist chooses from: each unit in the last quarter of each year that has fallen due. Grain: unit, year. Not published.
with last_periods as (
    select year, period from dim_period where quarter = 4 and is_due
),
owed as (
    select u.unit_code, u.kind, u.category, u.city_code, p.year, p.period, p.period = l.period as is_last
    from dim_unit u
    join dim_period p on u.valid_from <= p.last_day and (u.valid_to is null or u.valid_to >= p.last_day)
    join last_periods l on l.year = p.year
    where u.kind <> 'branch'
),
years as (
    select o.unit_code, o.year, any_value(o.kind) as kind, any_value(o.category) as category, any_value(o.city_code) as city_code,
           count(*) as owed, count(s.submission_id) as accepted, count(*) filter (t.on_time) as on_time, bool_or(o.is_last) as in_last
    from owed o
    left join submissions s on s.unit_code = o.unit_code and s.period = o.period and s.counts and s.state = 'accepted'
    left join (select unit_code, period, bool_or(on_time) as on_time from submissions where state <> 'refused' group by all) t
      on t.unit_code = o.unit_code and t.period = o.period
    group by o.unit_code, o.year
),
-- a standard for the month or the semester must have been met all the year through
red as (
    select f.unit_code, p.year, count(distinct f.indicator) as flags
    from flags f
    join dim_period p using (period)
    join indicator_periods i using (period, indicator)
    where f.kind = 'performance' and f.level = 'red' and (p.quarter = 4 or i.per <> 'year')
    group by f.unit_code, p.year
),
-- under the quality gate: figures that cannot speak for the unit
gated as (
    select g.unit_code, p.year, list(g.period order by g.period) as periods, list(g.grade_zh order by g.period) as grades
    from grades g
    join dim_period p using (period)
    where not g.passes
    group by g.unit_code, p.year
),
scored as (
    select s.unit_code, l.year, s.dimension, s.score, s.coverage
    from scores s
    join last_periods l using (period)
)
select y.year, y.unit_code, y.kind, y.category, y.city_code,
       list(s.dimension order by s.dimension) filter (s.dimension <> 'total' and s.score is not null) as dimensions,
       list(s.score order by s.dimension) filter (s.dimension <> 'total' and s.score is not null) as points,
       y.owed, y.accepted, y.on_time, y.in_last, coalesce(r.flags, 0) as red_flags,
       coalesce(g.periods, []) as gated_periods, coalesce(g.grades, []) as gated_grades,
       coalesce(max(s.coverage) filter (s.dimension = 'total'), 0) as coverage
from years y
left join scored s on s.unit_code = y.unit_code and s.year = y.year
left join red r on r.unit_code = y.unit_code and r.year = y.year
left join gated g on g.unit_code = y.unit_code and g.year = y.year
group by all
order by y.year, y.unit_code
