-- Each indicator over the province, each city and each kind of unit. Grain: group, period, indicator.
-- A group's value is the ratio of sums; its share that meets the standard is units_met / units. Units that cannot be calculated are left out.
with members as (
    select v.period, v.indicator, v.numerator, v.denominator, v.status, v.standard, u.city_code, u.kind
    from indicator_values v
    join dim_unit u using (unit_code)
    where u.kind <> 'branch' and v.period in (select period from due) and v.value is not null
),
grouped as (
    select 'province' as group_kind, 'province' as group_code, * from members
    union all
    select 'city', city_code, * from members
    union all
    select 'kind', kind, * from members
)
select group_kind, group_code, period, indicator,
       sum(numerator)::decimal(18, 4) as numerator, sum(denominator)::decimal(18, 4) as denominator,
       (sum(numerator) / nullif(sum(denominator), 0))::double as value,
       count(*)::integer as units,
       case when any_value(standard) is not null then count(*) filter (status in ('met', 'on_pace'))::integer end as units_met,
       any_value(standard) as standard
from grouped
group by group_kind, group_code, period, indicator
