-- Flags from when they were raised to when they closed by themselves. Grain: unit or branch, kind, indicator, first period.
-- `last_period`, level, reason and evidence are those of the newest row; `closed_in` is null while open.
-- What its own quarter must mend closes with nothing that a later quarter shows: it is mended (a later version counts and is clean, or what was
-- missing came, and judged anew there is no such flag), or the quarter is locked. All else closes in the first judged period without a cause.
with runs as (
    select unit_code, kind, indicator, run_since as since, spell, until_mended, max(period) as last_period, count(*)::integer as times,
           arg_max(level, period) as level, arg_max(clause, period) as clause, arg_max(reason, period) as reason,
           arg_max(evidence, period) as evidence
    from flag_history
    where level is not null
    group by unit_code, kind, indicator, run_since, spell, until_mended
),
-- a spell begins with the judgement that found no cause
over as (
    select unit_code, kind, indicator, spell, min(period) as period, arg_min(closing, period) as closing
    from flag_history
    where spell > 0
    group by unit_code, kind, indicator, spell
),
-- a day is counted to the quarter that had ended last: whose reports were due or coming in
locked_in as (
    select l.period as locked, max(p.period) as period
    from dim_period l
    join dim_period p on p.last_day < l.locked_on
    group by l.period
),
-- a unit or branch that has left the registry is nobody's worry
left_in as (
    select u.unit_code, min(p.period) as period
    from dim_unit u
    join dim_period p on p.last_day > u.valid_to
    group by u.unit_code
),
closed as (
    select r.*, least(o.period, k.period, l.period) as closed_in,
           case least(o.period, k.period, l.period) when o.period then o.closing when l.period then 'left' when k.period then 'locked' end as closing
    from runs r
    left join over o
      on not r.until_mended and o.unit_code = r.unit_code and o.kind = r.kind and o.indicator is not distinct from r.indicator
     and o.spell = r.spell + 1
    left join locked_in k on r.until_mended and k.locked = r.since
    left join left_in l on l.unit_code = r.unit_code
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
select unit_code, kind, indicator, since, last_period, times, level, clause, reason, evidence, closed_in, closing
from closed
union all by name
select v.unit_code, 'quality' as kind, null as indicator, v.period as since, v.period as last_period, 1 as times,
       case when v.n_block > 0 then r.to_correct else r.to_explain end as level, r.quality_clause as clause,
       u.name || p.label_zh || '报表第' || v.version || '版有'
           || case when v.n_block > 0 then v.n_block || '处必须改正' else '' end
           || case when v.n_block > 0 and v.n_explain > 0 then '、' else '' end
           || case when v.n_explain > 0 then v.n_explain || '处需要说明' else '' end || '，已于第' || v.standing_version || '版'
           || case when v.n_block > 0 then '改正' else '' end
           || case when v.n_block > 0 and v.n_explain > 0 then '、' else '' end
           || case when v.n_explain > 0 then '说明' else '' end || '。' as reason,
       '第' || v.version || '版，强制' || v.n_block || '处，核实' || v.n_explain || '处' as evidence,
       v.period as closed_in, case when v.n_block > 0 then 'corrected' else 'explained' end as closing
from versions v
join flag_rules r using (period)
join dim_unit u using (unit_code)
join dim_period p using (period)
