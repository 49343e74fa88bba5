-- Flags from when they were raised to when they closed by themselves. Grain: unit or branch, kind, indicator, first period.
-- `last_period`, level, reason and evidence are those of the newest row; `closed_in` is the first judged period without a cause, null while open.
with ordered as (
    select *, lead(period) over in_turn as next_period, lead(level) over in_turn as next_level, lead(closing) over in_turn as next_closing
    from flag_history
    window in_turn as (partition by unit_code, kind, indicator order by period)
),
last_rows as (
    select * from ordered where level is not null and next_level is null
),
-- a unit or branch that has left the registry is nobody's worry
left_in as (
    select u.unit_code, min(p.period) as period
    from dim_unit u
    join dim_period p on p.last_day > u.valid_to
    group by u.unit_code
),
runs as (
    select r.unit_code, r.kind, r.indicator, r.since, r.period as last_period, r.times, r.level, r.clause, r.reason, r.evidence,
           coalesce(r.next_period, l.period) as closed_in,
           case when r.next_period is not null then case when r.kind = 'quality' then r.closing else r.next_closing end
                when l.period is not null then 'left' end as closing
    from last_rows r
    left join left_in l using (unit_code)
),
-- found in one version and put right in a later one of the same quarter: raised and closed at once
versions as (
    select s.unit_code, s.period, s.version, s.n_block, s.n_explain, c.version as standing_version
    from submissions s
    join submissions c on c.unit_code = s.unit_code and c.period = s.period and c.counts and c.n_block = 0 and c.n_explain = 0
    join grades g on g.submission_id = c.submission_id and g.passes
    where s.state = 'superseded' and s.version < c.version and (s.n_block > 0 or s.n_explain > 0)
    qualify row_number() over (partition by s.unit_code, s.period order by s.version desc) = 1
)
select * from runs
union all by name
select v.unit_code, 'quality' as kind, null as indicator, v.period as since, v.period as last_period, 1 as times,
       case when v.n_block > 0 then r.to_correct else r.to_explain end as level, r.quality_clause as clause,
       u.name || p.label_zh || '报表第' || v.version || '版有'
           || case when v.n_block > 0 then v.n_block || '处必须改正' else '' end
           || case when v.n_block > 0 and v.n_explain > 0 then '、' else '' end
           || case when v.n_explain > 0 then v.n_explain || '处需要说明' else '' end || '，第' || v.standing_version || '版已改正或说明。' as reason,
       '第' || v.version || '版，强制' || v.n_block || '处，核实' || v.n_explain || '处' as evidence,
       v.period as closed_in, case when v.n_block > 0 then 'corrected' else 'explained' end as closing
from versions v
join flag_rules r using (period)
join dim_unit u using (unit_code)
join dim_period p using (period)
anti join runs c on c.unit_code = v.unit_code and c.kind = 'quality' and c.closed_in = v.period
