-- Who owed, who sent, in time, accepted; by province, city and kind. Grain: group, period.
with owed as (
    select u.unit_code, u.kind, u.city_code, p.period
    from dim_unit u
    join dim_period p on u.valid_from <= p.last_day and (u.valid_to is null or u.valid_to >= p.last_day)
    where u.kind <> 'branch' and p.period in (select period from due)
),
sent as (
    select unit_code, period, bool_or(on_time) as on_time, bool_or(state = 'accepted') as accepted
    from submissions
    where state <> 'refused'
    group by unit_code, period
),
filled as (
    select unit_code, period, count(*) as cells, count(*) filter (lacking is null) as usable
    from cells
    where period in (select period from due)
    group by unit_code, period
),
units as (
    select o.*, s.unit_code is not null as received, coalesce(s.on_time, false) as on_time, coalesce(s.accepted, false) as accepted,
           coalesce(f.cells, 0) as cells, coalesce(f.usable, 0) as usable
    from owed o
    left join sent s using (unit_code, period)
    left join filled f using (unit_code, period)
),
grouped as (
    select 'province' as group_kind, 'province' as group_code, * from units
    union all
    select 'city', city_code, * from units
    union all
    select 'kind', kind, * from units
)
select group_kind, group_code, period, count(*)::integer as expected, count(*) filter (received)::integer as received,
       count(*) filter (on_time)::integer as on_time, count(*) filter (accepted)::integer as accepted,
       sum(usable) / nullif(sum(cells), 0) as completeness, count(*) filter (on_time) / count(*) as timeliness
from grouped
group by group_kind, group_code, period
