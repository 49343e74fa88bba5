-- Each indicator's own value at a point in time, never what has added up before it: by quarter for units and branches; by month, and
-- by year where it is not judged as a year, for units. Grain: unit or branch, indicator, point; only where there is a value. Not published.
-- A quarter whose figures cannot speak (table barred) has no point, neither of its own nor in its year's limits.
with asked as (
    select * from point_sources where period in (select period from due)
),
-- units and branches of the period itself, as in the values that are judged
present as materialized (
    select u.unit_code as holder, p.period
    from dim_unit u
    join dim_period p on p.period in (select period from due) and u.valid_from <= p.last_day and (u.valid_to is null or u.valid_to >= p.last_day)
    anti join barred b on b.unit_code = u.unit_code and b.period = p.period
),
terms as (
    select a.period, a.indicator, a.grain, a.point, a.side, a.for_branches, a.denominator_is_one, c.unit_code, c.branch_code, c.lacking,
           term_part(a.operation, c.value, c.lacking) as part
    from cells c
    join asked a on a.question = c.question and a.source_period = c.period and (a.source_month is null or a.source_month = c.month)
    semi join present u on u.holder = c.unit_code and u.period = a.period
    semi join present b on b.holder = coalesce(c.branch_code, c.unit_code) and b.period = a.period
),
levelled as (
    select period, indicator, grain, point, side, denominator_is_one, lacking, part, unit_code from terms
    union all
    select period, indicator, grain, point, side, denominator_is_one, lacking, part, branch_code from terms where for_branches and branch_code is not null
),
summed as (
    select period, indicator, grain, point, unit_code,
           sum(part) filter (side = 'numerator')::decimal(18, 4) as numerator,
           sum(part) filter (side = 'denominator')::decimal(18, 4) as denominator,
           count(*) filter (lacking is not null) as lacking_cells, bool_and(denominator_is_one) as denominator_is_one
    from levelled
    group by period, indicator, grain, point, unit_code
),
complete as (
    select period, indicator, grain, point, unit_code, numerator, case when denominator_is_one then 1 else denominator end as denominator
    from summed
    where lacking_cells = 0
)
select unit_code, period, indicator, grain, point, numerator, denominator, (numerator / denominator)::double as value
from complete
where denominator > 0
union all by name
-- a year is what it is judged by at its end; a part of a year, of a unit that joined in it, is no year
select v.unit_code, v.period, v.indicator, 'year' as grain, p.year::varchar as point, v.numerator, v.denominator, v.value
from indicator_values v
join dim_period p using (period)
join indicator_periods i using (period, indicator)
join dim_unit u on u.unit_code = v.unit_code and u.kind <> 'branch'
anti join barred b on b.unit_code = v.unit_code and b.period = v.period
where p.period in (select period from due) and p.quarter = 4 and i.per = 'year' and v.value is not null and v.due_share = 1
