-- Who owed, who sent, in time, accepted; by province, city and kind: sums of unit_reporting. Grain: group, period.
with units as (
    select r.*, u.city_code, u.kind
    from unit_reporting r
    join dim_unit u using (unit_code)
    where r.period in (select period from due)
),
grouped as (
    select 'province' as group_kind, 'province' as group_code, * from units
    union all
    select 'city', city_code, * from units
    union all
    select 'kind', kind, * from units
)
select group_kind, group_code, period, count(*)::integer as expected, count(*) filter (n_versions > 0)::integer as received,
       count(*) filter (on_time)::integer as on_time, count(*) filter (state = 'accepted')::integer as accepted,
       sum(usable) / nullif(sum(cells), 0) as completeness, count(*) filter (on_time) / count(*) as timeliness
from grouped
group by group_kind, group_code, period
