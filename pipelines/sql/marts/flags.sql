-- What needs attention, by unit and period. Grain: unit or branch, period, kind, indicator.
-- Reporting and quality come first: a value that cannot be calculated, or of a unit under the quality gate, never raises a performance flag.
with owed as (
    select u.unit_code, u.name, p.period, p.label_zh as period_zh, p.is_due, p.due_at, p.time_zone
    from dim_unit u
    join dim_period p on u.valid_from <= p.last_day and (u.valid_to is null or u.valid_to >= p.last_day)
    where u.kind <> 'branch'
),
sent as (
    select unit_code, period, count(*) filter (state <> 'refused') as readable, bool_or(on_time) filter (state <> 'refused') as on_time,
           min(received_at) filter (state <> 'refused') as first_at, count(*) filter (state = 'refused') as refused
    from submissions
    where unit_code is not null
    group by unit_code, period
),
reporting as (
    select o.unit_code, o.period, 'reporting' as kind,
           case when coalesce(s.readable, 0) = 0 then 'red' else 'amber' end as level,
           null::varchar as indicator, null::varchar as clause,
           case when coalesce(s.readable, 0) = 0 then o.name || o.period_zh || '报表至截止时间未报送。'
                else o.name || o.period_zh || '报表逾期报送。' end as reason,
           '截止' || strftime(o.due_at at time zone 'UTC' at time zone o.time_zone, '%Y-%m-%d')
               || coalesce('，首次收到' || strftime(s.first_at at time zone 'UTC' at time zone o.time_zone, '%Y-%m-%d'), '')
               || case when s.refused > 0 then '，另有' || s.refused || '个文件未能受理' else '' end as evidence,
           null::boolean as stated
    from owed o
    left join sent s using (unit_code, period)
    where o.is_due and (coalesce(s.readable, 0) = 0 or not s.on_time)
),
-- under the gate of expectations/quality.yaml: the unit and its branches
gated as (
    select unit_code, period from grades where not passes
    union all
    select b.unit_code, g.period
    from grades g
    join dim_unit b on b.parent_code = g.unit_code and b.kind = 'branch'
    where not g.passes
),
quality as (
    select s.unit_code, s.period, 'quality' as kind,
           case when s.state = 'returned' or not g.passes then 'red' else 'amber' end as level,
           null::varchar as indicator, null::varchar as clause,
           u.name || p.label_zh ||
               case when not g.passes then '报表数据质量为' || g.grade_zh || '（' || regexp_replace(regexp_replace(g.points::varchar, '0+$', ''), '[.]$', '') || '分，达到'
                    || regexp_replace(regexp_replace(g.gate_points::varchar, '0+$', ''), '[.]$', '') || '分方可作为依据），本期各项数据暂不能作为依据，不作绩效预警，也不作为示范点评选的依据。'
                    || g.reason || '请按问题清单改正或说明后重新报送。'
               else '报表有' ||
               case when s.n_block > 0 then s.n_block || '处必须改正' else '' end ||
               case when s.n_block > 0 and s.n_explain > 0 then '、' else '' end ||
               case when s.n_explain > 0 then s.n_explain || '处需要说明' else '' end || '，相关数据暂不采用。' end as reason,
           '第' || s.version || '版，强制' || s.n_block || '处，核实' || s.n_explain || '处' as evidence, null::boolean as stated
    from submissions s
    join dim_unit u using (unit_code)
    join dim_period p using (period)
    join grades g using (submission_id)
    where s.counts and (s.n_block > 0 or s.n_explain > 0 or not g.passes)
),
shown as (
    select v.*, i.label_zh, i.unit, i.clause,
           -- a percentage to one decimal, or to as many more as keep a failure from looking like a pass
           case when i.unit = '%' then
                    case when v.value * 100 = v.target or round(v.value * 100, 1) <> v.target then printf('%.1f%%', v.value * 100)
                         when round(v.value * 100, 2) <> v.target then printf('%.2f%%', v.value * 100)
                         else regexp_replace(printf('%.4f', v.value * 100), '0+$', '') || '%' end
                when v.value = round(v.value) then v.value::bigint::varchar || i.unit
                when round(v.value, 2) <> round((v.standard * v.due_share)::double, 6) then printf('%.2f', v.value) || i.unit
                else regexp_replace(printf('%.4f', v.value), '0+$', '') || i.unit end as value_zh,
           case when i.unit = '%' then regexp_replace(regexp_replace((v.standard * 100)::varchar, '0+$', ''), '[.]$', '') || '%'
                else regexp_replace(regexp_replace(v.standard::varchar, '0+$', ''), '[.]$', '') || i.unit end as standard_zh
    from (select *, round((standard * 100 * due_share)::double, 6) as target from indicator_values) v
    join indicator_periods i using (period, indicator)
    where v.status in ('not_met', 'behind')
      and not exists (from gated g where g.unit_code = v.unit_code and g.period = v.period)
),
performance as (
    select v.unit_code, v.period, 'performance' as kind,
           case when v.status = 'behind' then 'watch'
                when v.stated and u.kind <> 'branch' then 'red'
                when v.stated or u.kind <> 'branch' then 'amber'
                else 'watch' end as level,
           v.indicator, v.clause,
           u.name || p.label_zh || '“' || replace(replace(v.label_zh, '“', '‘'), '”', '’') || '”为' || v.value_zh || '，' ||
               case when v.status = 'behind' then '落后于全年' else '未达到' end ||
               case v.compare when 'at_least' then '不低于' when 'above' then '大于' else '不高于' end || v.standard_zh ||
               case when v.status = 'behind' then '的进度' else '的标准' end || case when v.stated then '（政策规定）。' else '（本系统参考标准）。' end as reason,
           regexp_replace(regexp_replace(v.numerator::varchar, '0+$', ''), '[.]$', '') || '÷'
               || regexp_replace(regexp_replace(v.denominator::varchar, '0+$', ''), '[.]$', '') as evidence,
           v.stated
    from shown v
    join dim_unit u using (unit_code)
    join dim_period p using (period)
),
-- Questions of reviewers about how figures came about: never a failing, shown only where the dashboard is opened for review.
pattern as (
    select s.unit_code, s.period, 'pattern' as kind, 'watch' as level, null::varchar as indicator, null::varchar as clause,
           any_value(u.name) || any_value(p.label_zh) || '有' || count(*) || '处填报数字需要向单位了解情况，请核对原始记录。' as reason,
           string_agg(distinct l.label_zh, '、' order by l.label_zh) as evidence, null::boolean as stated
    from signs s
    join dim_unit u using (unit_code)
    join dim_period p using (period)
    join dim_label l on l.enumeration = 'sign' and l.code = s.sign
    where s.unit_code is not null
    group by s.unit_code, s.period
),
raised as (
    select * from reporting
    union all
    select * from quality
    union all
    select * from performance
    union all
    select * from pattern
),
-- when each kind of flag could have been raised: an indicator at the periods where it was judged on data that pass, the others every period
chances as (
    select v.unit_code, 'performance' as kind, v.indicator, v.period
    from indicator_values v
    where v.status in ('met', 'not_met', 'on_pace', 'behind')
      and not exists (from gated g where g.unit_code = v.unit_code and g.period = v.period)
    union all
    select o.unit_code, k.kind, null, o.period
    from owed o, (values ('reporting'), ('quality'), ('pattern')) k (kind)
),
numbered as (
    select c.*, r.unit_code is not null as is_raised,
           row_number() over (partition by c.unit_code, c.kind, c.indicator order by c.period) as place
    from chances c
    left join raised r
      on r.unit_code = c.unit_code and r.kind = c.kind and r.indicator is not distinct from c.indicator and r.period = c.period
),
runs as (
    select unit_code, kind, indicator, period,
           min(period) over (partition by unit_code, kind, indicator, run) as since
    from (
        select *, place - row_number() over (partition by unit_code, kind, indicator order by period) as run
        from numbered
        where is_raised
    )
)
select r.unit_code, r.period, r.kind, r.level, r.indicator, r.clause, r.reason, r.evidence, n.since
from raised r
join runs n on n.unit_code = r.unit_code and n.kind = r.kind and n.indicator is not distinct from r.indicator and n.period = r.period
