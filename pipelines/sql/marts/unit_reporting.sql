-- What each unit owed, when it came, what can be used of it, and what the unit still owes. Grain: unit, period.
-- A day begins at midnight of the calendar's time zone: a submission that is a minute late is a day late.
with owed as (
    select u.unit_code, p.period, p.due_at, p.is_due, p.time_zone
    from dim_unit u
    join dim_period p on u.valid_from <= p.last_day and (u.valid_to is null or u.valid_to >= p.last_day)
    where u.kind <> 'branch' and p.period in (select period from due)
),
sent as (
    select unit_code, period,
           min(received_at) filter (state <> 'refused') as first_received_at,
           coalesce(bool_or(on_time) filter (state <> 'refused'), false) as on_time,
           (count(*) filter (state <> 'refused'))::integer as n_versions,
           (count(*) filter (state = 'refused'))::integer as n_refused
    from submissions
    where period in (select period from due)
    group by unit_code, period
),
standing as (
    select submission_id, unit_code, period, state, received_at from submissions where counts and period in (select period from due)
),
-- a place is a cell, or a sheet where the finding is about the whole of it
to_mend as (
    select s.submission_id,
           (count(distinct row(f.sheet, f.cell)) filter (f.severity = 'block'))::integer as to_correct,
           (count(distinct row(f.sheet, f.cell)) filter (f.severity = 'explain'))::integer as to_explain
    from standing s
    join findings_found f using (submission_id)
    where f.severity = 'block' or (f.severity = 'explain' and not f.explained)
    group by s.submission_id
),
filled as (
    select unit_code, period, count(*)::integer as cells,
           (count(*) filter (lacking is null))::integer as usable,
           (count(*) filter (lacking = 'missing'))::integer as missing,
           (count(*) filter (lacking = 'blocked'))::integer as blocked,
           (count(*) filter (lacking = 'unexplained'))::integer as unexplained,
           (count(*) filter (lacking = 'not_reported'))::integer as not_reported
    from cells
    where period in (select period from due)
    group by unit_code, period
)
select o.unit_code, o.period, o.due_at, s.first_received_at,
       case
           when s.first_received_at is null then null
           when s.on_time then 0
           else greatest(1, (s.first_received_at at time zone 'UTC' at time zone o.time_zone)::date
                            - (o.due_at at time zone 'UTC' at time zone o.time_zone)::date)
       end::integer as days_late,
       coalesce(s.on_time, false) as on_time,
       coalesce(t.state, case when s.n_refused > 0 then 'refused' else 'not_reported' end) as state,
       t.submission_id, t.received_at as stands_since, coalesce(s.n_versions, 0) as n_versions, coalesce(s.n_refused, 0) as n_refused,
       coalesce(f.cells, 0) as cells, coalesce(f.usable, 0) as usable, coalesce(f.missing, 0) as missing, coalesce(f.blocked, 0) as blocked,
       coalesce(f.unexplained, 0) as unexplained, coalesce(f.not_reported, 0) as not_reported,
       f.usable / nullif(f.cells, 0) as completeness,
       coalesce(m.to_correct, 0) as to_correct, coalesce(m.to_explain, 0) as to_explain,
       case
           when t.submission_id is null and s.n_refused > 0 then 'replacement'
           when t.submission_id is null and o.is_due then 'report'
           when t.submission_id is null then 'not_due'
           when t.state = 'returned' then 'correction'
           when m.to_explain > 0 then 'explanation'
           else 'nothing'
       end as owes
from owed o
left join sent s using (unit_code, period)
left join standing t using (unit_code, period)
left join to_mend m on m.submission_id = t.submission_id
left join filled f using (unit_code, period)
