-- What scores are made of: each indicator due to a unit, with its attainment. Grain: unit, period, indicator. Not published.
-- An indicator with a standard: its distance to it, 1 where it is met; one without: its place among peers. Null where it could not be calculated,
-- or where a unit's figures cannot speak for it: bad data is neither a good nor a bad performance.
with known as (
    select v.unit_code, v.period, v.indicator, v.peer_group, v.standard, v.due_share, v.direction, v.stated, v.peer_percentile, v.status,
           case when b.unit_code is null then v.numerator end as numerator, case when b.unit_code is null then v.denominator end as denominator,
           case when b.unit_code is null then v.value end as value
    from indicator_values v
    left join barred b on b.unit_code = v.unit_code and b.period = v.period
    where v.period in (select period from due) and v.status <> 'not_due' and not (v.status = 'not_applicable' and v.value is null)
)
select v.unit_code, v.period, v.indicator, i.dimension, i.clause, v.peer_group, v.numerator, v.denominator, v.value, v.standard, v.due_share,
       v.direction, v.stated,
       case
           when v.value is null then null
           when v.standard is null then v.peer_percentile
           when v.status in ('met', 'on_pace') then 1.0
           when v.direction = 'higher' and v.standard > 0 then greatest(0, least(1.0, v.value / (v.standard * v.due_share)))
           when v.direction = 'lower' and v.standard > 0 then least(1.0, v.standard * v.due_share / v.value)
           else 0.0
       end as attainment
from known v
join indicator_periods i using (period, indicator)
join dim_unit u using (unit_code)
where u.kind <> 'branch'
  -- without a standard and without peers there is nothing to hold a value against
  and not (v.standard is null and v.value is not null and v.peer_percentile is null)
