-- A unit's standards that can be held against the quarter before: judged in both on answers of their own, against the same standard, by figures
-- that can speak (barred). Branches have no part in it. Grain: unit, period, indicator.
-- What is judged by the year begins anew in January: a first quarter is not held against the year before it.
with judged as (
    select v.unit_code, v.period, v.indicator, v.status, v.numerator, v.denominator, v.standard, v.status in ('met', 'on_pace') as is_good,
           p.year, 4 * p.year + p.quarter as turn, i.per, i.dimension
    from indicator_values v
    join dim_unit u on u.unit_code = v.unit_code and u.kind <> 'branch'
    join dim_period p on p.period = v.period
    join indicator_periods i on i.period = v.period and i.indicator = v.indicator
    join indicator_evidence e on e.period = v.period and e.indicator = v.indicator and e.is_new
    anti join barred b on b.unit_code = v.unit_code and b.period = v.period
    where v.status in ('met', 'not_met', 'on_pace', 'behind')
)
select n.unit_code, n.period, n.indicator, n.dimension, b.period as before_period, b.status as before_status, n.status,
       b.numerator as before_numerator, b.denominator as before_denominator, n.numerator, n.denominator, n.standard, b.is_good as was_good, n.is_good
from judged n
join judged b on b.unit_code = n.unit_code and b.indicator = n.indicator and b.turn = n.turn - 1 and b.standard = n.standard
where n.period in (select period from due) and (n.per <> 'year' or n.year = b.year)
