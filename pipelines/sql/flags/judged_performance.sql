-- Each judgement of a standard, of units and branches that ever missed it and whose data can speak. Grain: unit or branch, period, indicator.
-- `level` is null where the standard is met or on pace. Judged again on the answers of an earlier quarter is not judged anew and not here.
-- What proves a miss: pipelines/flagging.py. Exact binomial tails are `p_below` of indicator_values, amounts exact products.
with missed_ever as (
    select distinct unit_code, indicator from indicator_values where status in ('not_met', 'behind')
),
judged as (
    select v.unit_code, v.period, v.indicator, v.status, v.numerator, v.denominator, v.value, v.standard, v.due_share, v.compare, v.stated, v.p_below,
           e.evidence, e.window_start, v.status in ('not_met', 'behind') as is_missed
    from indicator_values v
    semi join missed_ever m on m.unit_code = v.unit_code and m.indicator = v.indicator
    anti join barred b on b.unit_code = v.unit_code and b.period = v.period
    join indicator_evidence e using (period, indicator)
    where e.is_new
      -- a standard that holds no longer is missed by nobody
      and (v.status in ('met', 'not_met', 'on_pace', 'behind') or (v.standard is null and v.value is not null))
),
-- What each window came to (of a standard for the year: the year), and how many windows running have missed.
windows as (
    select unit_code, indicator, window_start, arg_max(is_missed, period) as is_missed
    from judged
    where status in ('met', 'not_met')
    group by unit_code, indicator, window_start
),
streaks as (
    select *, count(*) filter (not is_missed) over (partition by unit_code, indicator order by window_start) as streak
    from windows
),
counted as (
    select unit_code, indicator, window_start,
           count(*) filter (is_missed) over (partition by unit_code, indicator, streak order by window_start) as missed_so_far
    from streaks
),
before as (
    select unit_code, indicator, window_start,
           lag(missed_so_far, 1, 0) over (partition by unit_code, indicator order by window_start) as missed_before
    from counted
),
weighed as (
    select j.*, r.misses, coalesce(w.missed_before, 0) + 1 as windows_missed, r.heads,
           case evidence
               when 'share' then coalesce(p_below <= r.evidence_p, false)
               -- so many heads fewer would not have been enough either
               when 'per_head' then
                   case when compare = 'at_most' then numerator > standard * (denominator + r.heads) else numerator < standard * (denominator - r.heads) end
               else true
           end as is_evident
    from judged j
    join flag_rules r using (period)
    left join before w using (unit_code, indicator, window_start)
    where is_missed
),
levelled as (
    select w.*, i.label_zh, i.unit, i.clause, u.name as holder, parent.name as parent, p.label_zh as period_zh,
           case when status = 'behind' then r.behind
                when is_evident or windows_missed >= w.misses then m.level
                else r.doubtful end as level,
           case when status = 'behind' then 'behind'
                when windows_missed >= w.misses then 'repeated'
                when is_evident then evidence
                else 'doubtful_' || evidence end as basis,
           round((w.standard * 100 * w.due_share)::double, 6) as target
    from weighed w
    join flag_rules r using (period)
    join indicator_periods i using (period, indicator)
    join dim_unit u using (unit_code)
    left join dim_unit parent on parent.unit_code = u.parent_code and u.kind = 'branch'
    join dim_period p using (period)
    join miss_levels m on m.period = w.period and m.is_branch = (u.kind = 'branch') and m.stated = w.stated
),
worded as (
    select *, coalesce(case when not starts_with(holder, parent) then parent end, '') || holder || period_zh as who,
           quoted(label_zh) as what,
           -- a percentage to one decimal, or to as many more as keep a failure from looking like a pass
           case when unit = '%' then
                    case when value * 100 = target or round(value * 100, 1) <> target then printf('%.1f%%', value * 100)
                         when round(value * 100, 2) <> target then printf('%.2f%%', value * 100)
                         else regexp_replace(printf('%.4f', value * 100), '0+$', '') || '%' end
                when value = round(value) then value::bigint::varchar || unit
                when round(value, 2) <> round((standard * due_share)::double, 6) then printf('%.2f', value) || unit
                else regexp_replace(printf('%.4f', value), '0+$', '') || unit end as value_zh,
           case compare when 'at_least' then '不低于' when 'above' then '大于' else '不高于' end
               || case when unit = '%' then plain(standard * 100) || '%' else plain(standard) || unit end as standard_zh,
           case when stated then '（政策规定）' else '（本系统参考标准）' end as whose,
           plain(numerator) || '÷' || plain(denominator) as fraction,
           case when p_below < 0.001 then '不到0.1%' else printf('%.1f%%', p_below * 100) end as chance
    from levelled
)
select j.unit_code, j.period, 'performance' as kind, j.indicator, w.level, case when w.level is not null then w.clause end as clause,
       w.who || w.what || '为' || w.value_zh || '，' ||
           case when w.basis = 'behind' then '落后于全年' || w.standard_zh || '的进度' || w.whose || '，先予关注。'
                when w.basis = 'repeated' then '已连续' || w.windows_missed || '次评价未达到' || w.standard_zh || '的标准' || w.whose || '，请查明原因并改进。'
                when w.basis = 'doubtful_share' then '未达到' || w.standard_zh || '的标准' || w.whose || '，差距尚在偶然波动的范围内，先予关注。'
                when w.basis = 'doubtful_per_head' then '未达到' || w.standard_zh || '的标准' || w.whose || '，差距不超过' || w.heads || '人的量，先予关注。'
                else '未达到' || w.standard_zh || '的标准' || w.whose || '，请查明原因并改进。' end as reason,
       w.fraction || case when w.p_below > 0 and w.evidence = 'share' then '；恰好达标的单位出现同样或更差结果的可能性为' || w.chance else '' end as evidence,
       case when j.status = 'met' then 'met' when j.status = 'on_pace' then 'on_pace' else 'no_standard' end as closing
from judged j
left join worded w using (unit_code, period, indicator)
