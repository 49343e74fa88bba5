-- Each indicator over the province, each city and each kind of unit. Grain: group, period, indicator.
-- Rolled up as the catalogue declares: the ratio of sums, or the share of units that meet. Units that cannot be calculated are left out.
with members as (
    select v.period, v.indicator, v.status, v.standard, u.city_code, u.kind,
           case i.rollup when 'share_meeting' then (v.status in ('met', 'on_pace'))::integer else v.numerator end as numerator,
           case i.rollup when 'share_meeting' then 1 else v.denominator end as denominator
    from indicator_values v
    join indicator_periods i using (period, indicator)
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
