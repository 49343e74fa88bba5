-- Each unit's indicators over time with natural process limits. Grain: unit, indicator, point.
-- XmR: mean ± 2.66 × mean moving range, from 12 points on (NHS Making Data Count); below that no limits and no signal.
with points as (
    select v.unit_code, v.indicator, v.period as point, v.value,
           abs(v.value - lag(v.value) over (partition by v.unit_code, v.indicator order by v.period)) as moving_range
    from indicator_values v
    join dim_unit u using (unit_code)
    where v.value is not null and u.kind <> 'branch'
),
limits as (
    select unit_code, indicator, count(*) as n, round(avg(value), 9) as centre, 2.66 * round(avg(moving_range), 9) as width
    from points
    group by unit_code, indicator
)
select p.unit_code, p.indicator, p.point, p.value, l.centre,
       case when l.n >= 12 then l.centre - l.width end as lower,
       case when l.n >= 12 then l.centre + l.width end as upper,
       case when l.n < 12 then 'too_few_points'
            when p.value > l.centre + l.width or p.value < l.centre - l.width then 'astronomical'
            else 'none' end as signal
from points p
join limits l using (unit_code, indicator)
