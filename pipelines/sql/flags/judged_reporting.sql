-- Whether a unit reported what had fallen due, of units that ever failed to. Grain: unit, period. `level` is null where it did, in time.
-- What is missing can still come; that it came late is past, and closes with the next quarter in time.
with owed as (
    select u.unit_code, u.name, p.period, p.label_zh as period_zh, p.due_at, p.time_zone
    from dim_unit u
    join dim_period p on u.valid_from <= p.last_day and (u.valid_to is null or u.valid_to >= p.last_day)
    where u.kind <> 'branch' and p.is_due
),
sent as (
    select unit_code, period, count(*) filter (state <> 'refused') as readable, bool_or(on_time) filter (state <> 'refused') as on_time,
           min(received_at) filter (state <> 'refused') as first_at, count(*) filter (state = 'refused') as refused
    from submissions
    where unit_code is not null
    group by unit_code, period
),
judged as (
    select o.*, s.first_at, coalesce(s.refused, 0) as refused, r.reporting_clause,
           case when coalesce(s.readable, 0) = 0 then r.not_reported when not s.on_time then r.late end as level
    from owed o
    join flag_rules r using (period)
    left join sent s using (unit_code, period)
)
select unit_code, period, 'reporting' as kind, null::varchar as indicator, level,
       case when level is not null then reporting_clause end as clause,
       case when level is null then null
            when first_at is null then name || period_zh || '报表至截止时间未报送，请尽快补报。'
            else name || period_zh || '报表逾期报送，请今后按时报送。' end as reason,
       case when level is not null then
           '截止' || strftime(due_at at time zone 'UTC' at time zone time_zone, '%Y-%m-%d')
               || coalesce('，首次收到' || strftime(first_at at time zone 'UTC' at time zone time_zone, '%Y-%m-%d'), '')
               || case when refused > 0 then '，另有' || refused || '个文件未能受理' else '' end
       end as evidence,
       first_at is null as until_mended, 'submitted' as closing
from judged
qualify count(level) over (partition by unit_code) > 0
