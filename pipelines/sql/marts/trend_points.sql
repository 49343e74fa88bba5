-- Each indicator's own value at a point in time, never what has added up before it: by quarter for units and branches; by month, and
-- by year where it is not judged as a year, for units. Grain: unit or branch, indicator, point; only where there is a value. Not published.
with terms as (
    select s.period, s.indicator, s.grain, s.point, s.side, s.for_branches, s.denominator_is_one, c.unit_code, c.branch_code, c.lacking,
           term_part(s.operation, c.value, c.lacking) as part
    from point_sources s
    join cells c on c.question = s.question and c.period = s.source_period and (s.source_month is null or c.month = s.source_month)
    -- units and branches of the period itself, as in the values that are judged
    join dim_unit holder
      on holder.unit_code = coalesce(c.branch_code, c.unit_code)
     and holder.valid_from <= s.last_day and (holder.valid_to is null or holder.valid_to >= s.last_day)
    join dim_unit u on u.unit_code = c.unit_code and u.valid_from <= s.last_day and (u.valid_to is null or u.valid_to >= s.last_day)
    where s.period in (select period from due)
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
where p.period in (select period from due) and p.quarter = 4 and i.per = 'year' and v.value is not null and v.due_share = 1
