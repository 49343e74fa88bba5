-- What the lists choose from: each unit that owed a quarter of a year whose last quarter has fallen due. Grain: unit, year.
with last_periods as (
    select year, period from dim_period where quarter = 4 and is_due
),
owed as (
    select u.unit_code, u.kind, u.category, u.city_code, u.members, p.year, p.quarter, p.period, p.locked_on, l.period is not null and p.quarter = 4 as is_last
    from dim_unit u
    join dim_period p on u.valid_from <= p.last_day and (u.valid_to is null or u.valid_to >= p.last_day)
    left join last_periods l on l.year = p.year
    where u.kind <> 'branch'
),
years as (
    select o.unit_code, o.year, any_value(o.kind) as kind, any_value(o.category) as category, any_value(o.city_code) as city_code,
           any_value(o.members) as members, count(*) as owed, count(s.submission_id) as accepted, count(*) filter (t.on_time) as on_time,
           bool_or(o.is_last) as in_registry, count(s.submission_id) = 4 as is_full,
           string_agg(o.period, ',' order by o.period) filter (s.submission_id is null) as missing_periods,
           string_agg(o.period, ',' order by o.period) filter (o.locked_on is not null) as locked_periods
    from owed o
    left join submissions s on s.unit_code = o.unit_code and s.period = o.period and s.counts and s.state = 'accepted'
    left join (select unit_code, period, bool_or(on_time) as on_time from submissions where state <> 'refused' group by all) t
      on t.unit_code = o.unit_code and t.period = o.period
    group by o.unit_code, o.year
),
records as (
    select *, (count(*) filter (is_full) over (partition by unit_code order by year rows unbounded preceding))::integer as full_years
    from years
),
-- a standard for the month or the semester must have been met all the year through
red as (
    select f.unit_code, p.year, count(distinct f.indicator) as flags, string_agg(distinct quoted(i.label_zh), '、' order by quoted(i.label_zh)) as labels
    from flags f
    join dim_period p using (period)
    join indicator_periods i using (period, indicator)
    where f.kind = 'performance' and f.level = 'red' and (p.quarter = 4 or i.per <> 'year')
    group by f.unit_code, p.year
),
-- under the quality gate: figures that cannot speak for the unit
gated as (
    select g.unit_code, p.year, string_agg(g.period || '=' || g.grade_zh, ',' order by g.period) as low_quality
    from grades g
    join dim_period p using (period)
    where not g.passes
    group by g.unit_code, p.year
),
scored as (
    select s.unit_code, l.year, s.coverage
    from scores s
    join last_periods l using (period)
    where s.dimension = 'total'
)
select y.year, y.unit_code, y.kind, y.category, y.city_code, y.members, y.owed, y.accepted, y.on_time, y.in_registry, y.full_years,
       coalesce(r.flags, 0) as red_flags, r.labels as red_indicators, g.low_quality, y.missing_periods, y.locked_periods, coalesce(s.coverage, 0) as coverage
from records y
join last_periods l using (year)
left join scored s on s.unit_code = y.unit_code and s.year = y.year
left join red r on r.unit_code = y.unit_code and r.year = y.year
left join gated g on g.unit_code = y.unit_code and g.year = y.year
order by y.year, y.unit_code
